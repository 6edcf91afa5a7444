"""Let the model call a tool (function calling), one round: it asks, your function answers, it says so in words."""

import json
import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import (
    ChatCompletionsToolDefinition,
    ChatRequestMessage,
    FunctionDefinition,
    ToolMessage,
    UserMessage,
)
from azure.core.credentials import AzureKeyCredential

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"Vienna": "sunny, 19 °C", "Split": "clear, 24 °C"}
TOOL = ChatCompletionsToolDefinition(
    function=FunctionDefinition(name="get_weather", description="Today's weather in a city", parameters=CITY)
)


def get_weather(city: str) -> str:
    return f"The weather in {city}: {WEATHER.get(city, 'unknown')}."


client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

messages: list[ChatRequestMessage] = [UserMessage("How is the weather in Vienna?")]
message = client.complete(messages=messages, tools=[TOOL]).choices[0].message
if message.tool_calls:
    call = message.tool_calls[0]
    result = get_weather(**json.loads(call.function.arguments))
    messages += [message, ToolMessage(json.dumps({"info": result}), tool_call_id=call.id)]
    message = client.complete(messages=messages, tools=[TOOL]).choices[0].message
print(message.content)
