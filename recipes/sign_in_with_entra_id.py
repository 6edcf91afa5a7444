"""Sign in with Entra ID and no key: on a machine with a managed identity, or after `az login`. Needs azure-identity."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.identity import DefaultAzureCredential

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],  # https only: a token is not sent over http
    credential=DefaultAzureCredential(),
    credential_scopes=[
        "https://cognitiveservices.azure.com/.default"
    ],  # without it, a token for ml.azure.com is fetched
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

response = client.complete(messages=[UserMessage("How many metres is 3 km?")])
print(response.choices[0].message.content)
