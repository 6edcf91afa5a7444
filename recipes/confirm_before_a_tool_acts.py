"""Ask a person before a tool acts (human in the loop): for everything that sends, pays, books or deletes."""

import json
import os

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

ORDER = {"type": "object", "properties": {"order_number": {"type": "string"}}, "required": ["order_number"]}
TOOL = ChatCompletionsToolDefinition(
    function=FunctionDefinition(name="cancel_order", description="Cancels an order of the shop", parameters=ORDER)
)


def cancel_order(order_number: str) -> str:
    return f"Order {order_number} is cancelled."


client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

messages: list[ChatRequestMessage] = [UserMessage("Please cancel order 4711.")]
message = client.complete(messages=messages, tools=[TOOL]).choices[0].message
if message.tool_calls:
    messages.append(AssistantMessage(tool_calls=message.tool_calls))
    for call in message.tool_calls:
        arguments = json.loads(call.function.arguments)
        print(f"The model wants to call {call.function.name} with {arguments}.")  # what will happen, not what it says
        if input("Allow it? [y/N] ").strip().lower() == "y":
            result = cancel_order(**arguments)
        else:
            result = "The user did not allow this."  # an answer too: without one, the next call is refused
        messages.append(ToolMessage(json.dumps({"info": result}), tool_call_id=call.id))
    message = client.complete(messages=messages, tools=[TOOL]).choices[0].message
print(message.content)
