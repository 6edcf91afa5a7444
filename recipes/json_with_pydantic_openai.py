"""Get a checked Python object with the OpenAI package: `parse` makes the schema of the class, and the object."""

import os
from datetime import date

from openai import OpenAI
from pydantic import BaseModel, Field

EMAIL = "Dear Ms Okafor, thank you for your booking TX-48213. You fly from Lisbon to Tallinn on 14 May 2026."


class Booking(BaseModel):
    booking_reference: str = Field(description="Letters and digits, as in AB-123")
    passenger: str
    destination_city: str
    departure_date: date


client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY

response = client.chat.completions.parse(  # raises LengthFinishReasonError for half an answer
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    messages=[{"role": "system", "content": "Extract the booking."}, {"role": "user", "content": EMAIL}],
    response_format=Booking,
    temperature=0,
)
message = response.choices[0].message
if message.parsed is None:
    raise SystemExit(f"The model refused: {message.refusal}")
booking = message.parsed
print(f"{booking.passenger} leaves for {booking.destination_city} on a {booking.departure_date:%A}.")
