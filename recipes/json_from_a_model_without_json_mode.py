"""Get JSON from a model without JSON mode (Phi, Llama): ask in words, check what comes, show the model its mistake."""

import json
import os
import re
from typing import Any

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import AssistantMessage, ChatRequestMessage, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

EMAIL = "Dear Ms Okafor, your booking TX-48213: you fly from Lisbon to Tallinn on 14 May 2026."
FORM = {"passenger": "name", "booking_reference": "text", "destination_city": "city"}
ATTEMPTS = 3

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "Phi-3.5-vision-instruct"),
    temperature=0,
)


def parsed(text: str) -> dict[str, Any]:
    """The object inside an answer, with or without a fence around it. Raises ValueError when there is none."""
    found = re.search(r"\{.*\}", text, re.DOTALL)
    if not found:
        raise ValueError("no JSON object")
    value = json.loads(found[0])
    if missing := FORM.keys() - value.keys():
        raise ValueError(f"missing: {', '.join(sorted(missing))}")
    return value


task = f"Extract the booking from the e-mail. Answer with JSON of this form: {json.dumps(FORM)}"
messages: list[ChatRequestMessage] = [SystemMessage(task), UserMessage(EMAIL)]
for attempt in range(1, ATTEMPTS + 1):
    answer = client.complete(messages=messages).choices[0].message.content or ""
    try:
        print(f"Attempt {attempt}: {parsed(answer)}")
        break
    except ValueError as error:  # json.JSONDecodeError is one
        print(f"Attempt {attempt}: {error}")
        messages += [AssistantMessage(answer), UserMessage(f"That cannot be used ({error}). Only the JSON object.")]
else:
    raise SystemExit(f"No usable JSON in {ATTEMPTS} attempts.")
