"""Pass a parameter that the SDK does not know (model_extras): for whatever is a model's own, such as `safe_prompt`."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "mistral-large-2407"),
)

response = client.complete(
    messages=[UserMessage("How many metres is 3 km?")],
    model_extras={"safe_prompt": True},  # goes into the body as it is, with the header `extra-parameters: pass-through`
)
print(response.choices[0].message.content)
