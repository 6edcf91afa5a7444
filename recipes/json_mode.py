"""Get a JSON object (JSON mode): when a schema would be too much. The prompt has to say JSON as well."""

import json
import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

EMAIL = "Dear Ms Okafor, thank you for your booking TX-48213. You fly from Lisbon to Tallinn on 14 May 2026."

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    temperature=0,
)

response = client.complete(
    messages=[
        SystemMessage('Extract the booking as JSON: { "passenger": "name", "destination_city": "city" }'),
        UserMessage(EMAIL),
    ],
    response_format="json_object",
)
choice = response.choices[0]
if choice.finish_reason != "stop":
    raise SystemExit(f"Half a JSON object is no JSON: {choice['finish_reason']}")
booking = json.loads(choice.message.content)  # valid JSON; whether your keys are in it is for you to check
print(booking["passenger"], "flies to", booking["destination_city"])
