"""Set a timeout: how long to wait for a connection, and for an answer. The SDK's own patience is five minutes each."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ServiceRequestError, ServiceResponseError

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    connection_timeout=5,
    read_timeout=30,  # between two parts of an answer, so a stream may take longer
)

try:
    response = client.complete(messages=[UserMessage("How many metres is 3 km?")], read_timeout=10)  # this call only
    print(response.choices[0].message.content)
except ServiceRequestError:
    print("No connection: nothing was asked, and it can be tried again.")
except ServiceResponseError:
    print("No answer in time: the model may have worked all the same, and a second try is paid for twice.")
