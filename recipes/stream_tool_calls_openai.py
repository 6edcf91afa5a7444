"""Stream tool calls with the OpenAI package: put the pieces of each call together by their index."""

import json
import os

from openai import OpenAI
from openai.types.chat import ChatCompletionToolParam

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL: ChatCompletionToolParam = {
    "type": "function",
    "function": {"name": "get_weather", "description": "Today's weather in a city", "parameters": CITY},
}

client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY

names: dict[int, str] = {}
arguments: dict[int, str] = {}
for chunk in client.chat.completions.create(
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    messages=[{"role": "user", "content": "How is the weather in Vienna, and how is it in Split?"}],
    tools=[TOOL],
    stream=True,
):
    for choice in chunk.choices:
        print(choice.delta.content or "", end="", flush=True)
        for piece in choice.delta.tool_calls or []:
            if piece.function:
                names[piece.index] = names.get(piece.index, "") + (piece.function.name or "")
                arguments[piece.index] = arguments.get(piece.index, "") + (piece.function.arguments or "")

for index, name in names.items():  # complete now: safe to parse, and to run
    print(name, json.loads(arguments[index]))
