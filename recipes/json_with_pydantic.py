"""Get a checked Python object (structured output with pydantic): the model's class is the schema, and the check."""

import os
from datetime import date

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import JsonSchemaFormat, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from pydantic import BaseModel, ConfigDict, Field

EMAIL = "Dear Ms Okafor, thank you for your booking TX-48213. You fly from Lisbon to Tallinn on 14 May 2026."


class Booking(BaseModel):
    model_config = ConfigDict(extra="forbid")  # becomes "additionalProperties": false
    booking_reference: str = Field(description="Letters and digits, as in AB-123")
    passenger: str
    destination_city: str
    departure_date: date


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
    response_format=JsonSchemaFormat(name="Booking", schema=Booking.model_json_schema(), strict=True),
)
choice = response.choices[0]
if choice.finish_reason != "stop":
    raise SystemExit(f"The answer is not whole: {choice['finish_reason']}")
booking = Booking.model_validate_json(choice.message.content)  # raises ValidationError, and says what is wrong
print(f"{booking.passenger} leaves for {booking.destination_city} on a {booking.departure_date:%A}.")
