"""Log requests and answers: to see what goes over the wire. Keys and unknown headers are redacted."""

import logging
import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

logging.basicConfig(level=logging.WARNING)  # to the standard error
logging.getLogger("azure").setLevel(
    logging.INFO
)  # DEBUG with logging_enable=True adds bodies, and the key: never in production

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

response = client.complete(messages=[UserMessage("How many metres is 3 km?")])
print(response.choices[0].message.content)
