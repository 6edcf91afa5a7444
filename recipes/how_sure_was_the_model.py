"""Ask how sure the model was of each token (logprobs): to find the weak spots of an answer. Not every model tells."""

import math
import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

response = client.complete(
    messages=[UserMessage("What is the capital of Austria?")],
    temperature=0,
    model_extras={"logprobs": True},  # the SDK has no parameter of that name
)
logprobs = response.choices[0].get("logprobs") or {}
for token in logprobs.get("content", []):
    print(f"{math.exp(token['logprob']):6.1%} {token['token']!r}")
