# Cut from 04-json-mode.ipynb, which explains it: change it there.
"""Read a booking out of an email, as a checked Python object, with the best format that the model offers.

Needs: pip install azure-ai-inference pydantic, and AZURE_INFERENCE_ENDPOINT and AZURE_INFERENCE_CREDENTIAL.
"""

import json
import os
import re
import sys
from datetime import date

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import JsonSchemaFormat, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, HttpResponseError
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

MODELS = [os.environ.get("AZURE_INFERENCE_MODEL", "mistral-large-2407"), "Phi-3.5-vision-instruct"]
EMAIL = """Dear Mr Adeyemi,
thank you for your booking QV-7719. You fly from Accra to Hamburg on 3 July 2026
and return on 17 July 2026. The tickets are for 3 guests."""


class Booking(BaseModel):
    model_config = ConfigDict(extra="forbid")
    booking_reference: str
    passenger: str
    origin_city: str
    destination_city: str
    departure_date: date
    return_date: date | None
    guests: int

    @model_validator(mode="after")
    def sensible(self):
        if self.return_date and self.return_date < self.departure_date:
            raise ValueError("the return is before the departure")
        if self.guests < 1:
            raise ValueError("somebody has to travel")
        return self


SCHEMA = Booking.model_json_schema()
FORM = json.dumps({name: part.get("type", "string or null") for name, part in SCHEMA["properties"].items()})
FORMATS = [JsonSchemaFormat(name="Booking", schema=SCHEMA, strict=True), "json_object"]


def complete(client, model, messages):
    """A reply in the best format that the model takes."""
    for wanted in FORMATS:
        try:
            return client.complete(messages=messages, model=model, response_format=wanted)
        except HttpResponseError as error:
            if error.status_code not in (400, 422):  # with these two it may have been the format
                raise
    return client.complete(messages=messages, model=model)


def extract(client, model, text, attempts=2):
    """A Booking. Raises ValueError when no attempt gave a valid one."""
    wish = f"Extract the booking from the email. Answer with JSON of this form: {FORM}"
    found = "nothing was tried"
    for _ in range(attempts):
        reply = complete(client, model, [SystemMessage(wish), UserMessage(text)])
        choice = reply.choices[0]
        if choice.finish_reason != "stop":
            raise ValueError(f"the answer is incomplete: {choice.get('finish_reason')}")
        if refusal := choice.message.get("refusal"):
            raise ValueError(f"the model declined: {refusal}")
        content = choice.message.content or ""
        fenced = re.search(r"```(?:json)?\s*(.*?)```", content, re.DOTALL)
        try:
            return Booking.model_validate_json(fenced[1] if fenced else content)
        except ValidationError as error:
            found = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            wish += f" Last time was wrong: {found}"
    raise ValueError(found)


def main():
    with ChatCompletionsClient(
        endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
        credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
        temperature=0,
    ) as client:
        failed = []
        for model in MODELS:
            try:
                print(model, extract(client, model, EMAIL).model_dump_json(indent=2))
            except ValueError as error:
                failed.append(f"{model}: no valid booking: {error}")
            except AzureError as error:
                failed.append(f"{model}: no answer: {error}")
    if failed:
        sys.exit("\n".join(failed))


main()
