"""Ask a chat model one question: the smallest program there is, to see whether endpoint and key work."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

client = ChatCompletionsClient(
    # https://NAME.services.ai.azure.com/models, or https://NAME.openai.azure.com/openai/deployments/DEPLOYMENT
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

response = client.complete(messages=[UserMessage("How many languages are in the world?")])
print(response.choices[0].message.content)
