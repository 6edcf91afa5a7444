"""A chat in the terminal that streams, remembers and calls tools: the whole, to build on."""

import json
import os
from contextlib import suppress

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import (
    AssistantMessage,
    ChatCompletionsToolCall,
    ChatCompletionsToolDefinition,
    ChatRequestMessage,
    FunctionCall,
    FunctionDefinition,
    ToolMessage,
    UserMessage,
)
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError

ROUNDS = 4  # of tool calls for one question
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"Vienna": "sunny, 19 °C", "Split": "clear, 24 °C"}
TOOL = ChatCompletionsToolDefinition(
    function=FunctionDefinition(name="get_weather", description="Today's weather in a city", parameters=CITY)
)

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)


def get_weather(city: str) -> str:
    return f"The weather in {city}: {WEATHER.get(city, 'unknown')}."


def streamed(messages: list[ChatRequestMessage]) -> AssistantMessage:
    """The model's next message, its words printed while they come, its tool calls put together."""
    text, calls = "", list[ChatCompletionsToolCall]()
    for update in client.complete(messages=messages, tools=[TOOL], stream=True):
        for delta in (choice.delta for choice in update.choices if choice.delta):
            print(delta.content or "", end="", flush=True)
            text += delta.content or ""
            for piece in delta.tool_calls or []:
                if piece.id:
                    function = FunctionCall(name=piece.function.name, arguments="")
                    calls.append(ChatCompletionsToolCall(id=piece.id, function=function))
                calls[-1].function.arguments += piece.function.arguments or ""
    return AssistantMessage(tool_calls=calls) if calls else AssistantMessage(text)


def turn(messages: list[ChatRequestMessage]) -> None:
    """Add to the conversation until the model has answered in words."""
    for _ in range(ROUNDS):
        message = streamed(messages)
        messages.append(message)
        for call in message.tool_calls or []:
            result = get_weather(**json.loads(call.function.arguments))
            messages.append(ToolMessage(json.dumps({"info": result}), tool_call_id=call.id))
        if not message.tool_calls:
            return print()
    raise RuntimeError(f"no answer in {ROUNDS} rounds")


conversation: list[ChatRequestMessage] = []
with suppress(EOFError, KeyboardInterrupt):  # Ctrl-D and Ctrl-C end it, and so does an empty line
    while question := input("> ").strip():
        messages = [*conversation, UserMessage(question)]
        try:
            turn(messages)
        except HttpResponseError as error:  # a filtered prompt, a limit: the conversation goes on without this turn
            print(f"[{error.status_code}: {error.message.partition(chr(10))[0]}]")
        else:
            conversation = messages
