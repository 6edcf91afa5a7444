"""Loop until the model needs no more tools (an agent), with a limit of rounds: so that no loop runs all night."""

import json
import os
from collections.abc import Callable

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import (
    AssistantMessage,
    ChatCompletionsToolDefinition,
    ChatRequestMessage,
    FunctionDefinition,
    ToolMessage,
    UserMessage,
)
from azure.core.credentials import AzureKeyCredential

ROUNDS = 4
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"Vienna": "sunny, 19 °C", "Split": "clear, 24 °C"}


def get_weather(city: str) -> str:
    return f"The weather in {city}: {WEATHER[city]}."


FUNCTIONS: dict[str, Callable[..., str]] = {"get_weather": get_weather}  # nothing else can be called
TOOLS = [
    ChatCompletionsToolDefinition(
        function=FunctionDefinition(name="get_weather", description="Today's weather in a city", parameters=CITY)
    )
]

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)


def run(name: str, arguments: str) -> str:
    """What to tell the model: the result, or what went wrong. Never raises, since every call has to be answered."""
    try:
        return json.dumps({"info": FUNCTIONS[name](**json.loads(arguments))})
    except (KeyError, TypeError, ValueError) as error:
        return json.dumps({"error": f"{type(error).__name__}: {error}"})


def ask(question: str) -> str:
    messages: list[ChatRequestMessage] = [UserMessage(question)]
    for _ in range(ROUNDS):
        message = client.complete(messages=messages, tools=TOOLS).choices[0].message
        if not message.tool_calls:
            return message.content or ""
        messages.append(AssistantMessage(tool_calls=message.tool_calls))
        for call in message.tool_calls:
            result = run(call.function.name, call.function.arguments)
            messages.append(ToolMessage(result, tool_call_id=call.id))
    raise RuntimeError(f"no answer in {ROUNDS} rounds")


for question in ("How is the weather in Vienna?", "How is the weather in Atlantis?"):
    print(ask(question))
