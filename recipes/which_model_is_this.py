"""Ask which model answers at an endpoint that holds one: its name, kind and maker, where the endpoint tells them."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ResourceNotFoundError

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

try:
    info = client.get_model_info()
    print(info.model_name, info.model_type, info.model_provider_name)
except ResourceNotFoundError:
    print("This endpoint does not tell: it has no /info.")
