"""Loop until the model needs no more tools with the OpenAI package (an agent): with a limit of rounds."""

import json
import os
from collections.abc import Callable
from typing import cast

from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

MODEL = os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o")
ROUNDS = 4
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"Vienna": "sunny, 19 °C", "Split": "clear, 24 °C"}


def get_weather(city: str) -> str:
    return f"The weather in {city}: {WEATHER[city]}."


FUNCTIONS: dict[str, Callable[..., str]] = {"get_weather": get_weather}  # nothing else can be called
TOOL: ChatCompletionToolParam = {
    "type": "function",
    "function": {"name": "get_weather", "description": "Today's weather in a city", "parameters": CITY},
}

client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY


def run(name: str, arguments: str) -> str:
    """What to tell the model: the result, or what went wrong. Never raises, since every call has to be answered."""
    try:
        return json.dumps({"info": FUNCTIONS[name](**json.loads(arguments))})
    except (KeyError, TypeError, ValueError) as error:
        return json.dumps({"error": f"{type(error).__name__}: {error}"})


def ask(question: str) -> str:
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": question}]
    for _ in range(ROUNDS):
        message = client.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL]).choices[0].message
        if not message.tool_calls:
            return message.content or ""
        messages.append(cast(ChatCompletionMessageParam, message.to_dict()))
        for call in message.tool_calls:
            if call.type == "function":
                result = run(call.function.name, call.function.arguments)
                messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    raise RuntimeError(f"no answer in {ROUNDS} rounds")


for question in ("How is the weather in Vienna?", "How is the weather in Atlantis?"):
    print(ask(question))
