"""Stream JSON and use it before it is whole: a page that fills its fields while the answer is written."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from pydantic_core import from_json

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    temperature=0,
)

messages = [
    SystemMessage(
        'Extract the booking as JSON: { "passenger": "name", "origin_city": "city", "destination_city": "city" }'
    ),
    UserMessage("Dear Ms Okafor, thank you for your booking TX-48213. You fly from Lisbon to Tallinn."),
]
text = ""
shown: set[str] = set()
for update in client.complete(messages=messages, response_format="json_object", stream=True):
    for choice in update.choices:
        if choice.delta and choice.delta.content:
            text += choice.delta.content
    fields = from_json(text, allow_partial=True) if text.strip() else {}  # a string that has not ended is left out
    for name in fields.keys() - shown:
        shown.add(name)
        print(f"{name}: {fields[name]}")
