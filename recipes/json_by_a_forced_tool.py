"""Get JSON by a forced tool call: for models that take tools but no schema. The tool is never run."""

import json
import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import (
    ChatCompletionsNamedToolChoice,
    ChatCompletionsNamedToolChoiceFunction,
    ChatCompletionsToolDefinition,
    FunctionDefinition,
    UserMessage,
)
from azure.core.credentials import AzureKeyCredential

EMAIL = "Dear Ms Okafor, thank you for your booking TX-48213. You fly from Lisbon to Tallinn on 14 May 2026."
FORM = {
    "type": "object",
    "properties": {"passenger": {"type": "string"}, "destination_city": {"type": "string"}},
    "required": ["passenger", "destination_city"],
}
SAVE = ChatCompletionsToolDefinition(
    function=FunctionDefinition(name="save_booking", description="Saves a booking from an e-mail", parameters=FORM)
)
FORCED = ChatCompletionsNamedToolChoice(function=ChatCompletionsNamedToolChoiceFunction(name="save_booking"))

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "Mistral-small-2503"),
    temperature=0,
)

response = client.complete(messages=[UserMessage(EMAIL)], tools=[SAVE], tool_choice=FORCED)
calls = response.choices[0].message.tool_calls or []
if not calls:
    raise SystemExit(f"No call: {response.choices[0].message.content}")
booking = json.loads(calls[0].function.arguments)  # a model may err here as anywhere: check it before you use it
print(booking["passenger"], "flies to", booking["destination_city"])
