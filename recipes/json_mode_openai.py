"""Get a JSON object with the OpenAI package (JSON mode): the format is a dictionary there."""

import json
import os

from openai import OpenAI

EMAIL = "Dear Ms Okafor, thank you for your booking TX-48213. You fly from Lisbon to Tallinn on 14 May 2026."

client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY

response = client.chat.completions.create(
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    messages=[
        {
            "role": "system",
            "content": 'Extract the booking as JSON: { "passenger": "name", "destination_city": "city" }',
        },
        {"role": "user", "content": EMAIL},
    ],
    response_format={"type": "json_object"},
    temperature=0,
)
choice = response.choices[0]
if choice.finish_reason != "stop":
    raise SystemExit(f"Half a JSON object is no JSON: {choice.finish_reason}")
booking = json.loads(choice.message.content or "")
print(booking["passenger"], "flies to", booking["destination_city"])
