"""Let the SDK retry: enough for one caller. It repeats 500, 503, 504, and whatever comes with Retry-After."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    retry_total=5,
    retry_status=5,  # how often for a status, 3 without this
    retry_backoff_factor=0.8,  # seconds, doubled each time, and without a random part
    retry_backoff_max=30,
)

try:
    response = client.complete(messages=[UserMessage("How many metres is 3 km?")])
    print(response.choices[0].message.content)
except HttpResponseError as error:
    print(f"Still refused after all retries: {error.status_code}")
