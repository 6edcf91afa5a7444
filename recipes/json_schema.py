"""Get JSON of exactly your form (structured output): a strict JSON schema, for a program that relies on the keys."""

import json
import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import JsonSchemaFormat, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

EMAIL = "Dear Ms Okafor, thank you for your booking TX-48213. You fly from Lisbon to Tallinn on 14 May 2026."
SCHEMA = {
    "type": "object",
    "properties": {
        "passenger": {"type": "string"},
        "destination_city": {"type": "string"},
        "departure_date": {"type": "string", "description": "ISO 8601"},
        "return_date": {"type": ["string", "null"], "description": "ISO 8601; null if the text does not say"},
    },
    "required": ["passenger", "destination_city", "departure_date", "return_date"],  # strict: all; null is the way out
    "additionalProperties": False,  # strict: said in every object
}

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "mistral-large-2407"),
    # OpenAI's models take a schema from 2024-08-01-preview on; at /models, set 2025-04-01 for them.
    api_version=os.environ.get("AZURE_INFERENCE_API_VERSION", "2024-05-01-preview"),
    temperature=0,
)

response = client.complete(
    messages=[SystemMessage("Extract the booking."), UserMessage(EMAIL)],
    response_format=JsonSchemaFormat(name="booking", schema=SCHEMA, strict=True),
)
choice = response.choices[0]
if choice.finish_reason != "stop":
    raise SystemExit(f"The answer is not whole: {choice['finish_reason']}")
print(json.loads(choice.message.content))
