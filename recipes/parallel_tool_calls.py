"""Run parallel tool calls: a model may ask for several at once, and every one of them has to be answered, by its id."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import (
    ChatCompletionsToolCall,
    ChatCompletionsToolDefinition,
    ChatRequestMessage,
    FunctionDefinition,
    ToolMessage,
    UserMessage,
)
from azure.core.credentials import AzureKeyCredential

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = ChatCompletionsToolDefinition(
    function=FunctionDefinition(name="get_weather", description="Today's weather in a city", parameters=CITY)
)
WEATHER = {"Vienna": "sunny, 19 °C", "Trieste": "windy, 16 °C", "Split": "clear, 24 °C"}


def answer(call: ChatCompletionsToolCall) -> ToolMessage:
    city = json.loads(call.function.arguments)["city"]
    info = f"The weather in {city}: {WEATHER.get(city, 'unknown')}."
    return ToolMessage(json.dumps({"info": info}), tool_call_id=call.id)


client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

messages: list[ChatRequestMessage] = [UserMessage("How is the weather in Trieste and in Split?")]
message = client.complete(messages=messages, tools=[TOOL]).choices[0].message
calls = message.tool_calls or []
with ThreadPoolExecutor() as pool:  # as slow as the slowest of them, not as their sum
    messages += [message, *pool.map(answer, calls)]
print(len(calls), "calls")
print(client.complete(messages=messages, tools=[TOOL]).choices[0].message.content)
