"""Stream tool calls: they arrive in pieces, so put the pieces of each call together before you run it."""

import json
import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import (
    ChatCompletionsToolCall,
    ChatCompletionsToolDefinition,
    FunctionCall,
    FunctionDefinition,
    UserMessage,
)
from azure.core.credentials import AzureKeyCredential

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = ChatCompletionsToolDefinition(
    function=FunctionDefinition(name="get_weather", description="Today's weather in a city", parameters=CITY)
)

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

calls: list[ChatCompletionsToolCall] = []
question = UserMessage("How is the weather in Vienna, and how is it in Split?")
for update in client.complete(messages=[question], tools=[TOOL], stream=True):
    for choice in update.choices:
        print((choice.delta and choice.delta.content) or "", end="", flush=True)
        for piece in (choice.delta and choice.delta.tool_calls) or []:
            if piece.id:  # a new call begins; what follows without an id belongs to it
                function = FunctionCall(name=piece.function.name, arguments="")
                calls.append(ChatCompletionsToolCall(id=piece.id, function=function))
            calls[-1].function.arguments += piece.function.arguments or ""

for call in calls:  # complete now: safe to parse, and to run
    print(call.function.name, json.loads(call.function.arguments))
