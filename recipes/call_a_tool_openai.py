"""Let the model call a tool with the OpenAI package (function calling): definitions and answers are dictionaries."""

import json
import os
from typing import cast

from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

MODEL = os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o")
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"Vienna": "sunny, 19 °C", "Split": "clear, 24 °C"}
TOOL: ChatCompletionToolParam = {
    "type": "function",
    "function": {"name": "get_weather", "description": "Today's weather in a city", "parameters": CITY},
}


def get_weather(city: str) -> str:
    return f"The weather in {city}: {WEATHER.get(city, 'unknown')}."


client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY

messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "How is the weather in Vienna?"}]
message = client.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL]).choices[0].message
if message.tool_calls:
    messages.append(cast(ChatCompletionMessageParam, message.to_dict()))
    for call in message.tool_calls:
        if call.type == "function":
            result = get_weather(**json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": json.dumps({"info": result})})
    message = client.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL]).choices[0].message
print(message.content)
