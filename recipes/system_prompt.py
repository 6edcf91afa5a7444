"""Give the model its role and its manners in a system prompt: for whatever should hold for every answer."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

SYSTEM_PROMPT = "Answer in one sentence."

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

response = client.complete(
    messages=[
        SystemMessage(SYSTEM_PROMPT),  # first, and only once
        UserMessage("How many languages are in the world?"),
    ]
)
print(response.choices[0].message.content)
