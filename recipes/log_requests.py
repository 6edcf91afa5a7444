"""Log requests and answers, without their texts: status, headers and ids, for every day. Keys are redacted."""

import logging
import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

logging.basicConfig(level=logging.WARNING)  # to the standard error
# DEBUG, with logging_enable=True for the client, adds the bodies, and the key as well: never in production.
logging.getLogger("azure").setLevel(logging.INFO)

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

response = client.complete(messages=[UserMessage("How many metres is 3 km?")])
print(response.choices[0].message.content)
