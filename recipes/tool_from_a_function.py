"""Make a tool definition from a Python function: one source for its name, types and description. Needs pydantic."""

import inspect
import json
import os
from collections.abc import Callable
from typing import Annotated, Any

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import ChatCompletionsToolDefinition, FunctionDefinition, UserMessage
from azure.core.credentials import AzureKeyCredential
from pydantic import Field, TypeAdapter, validate_call

WEATHER = {"Vienna": "sunny, 19 °C", "Split": "clear, 24 °C"}


@validate_call  # raises ValidationError for arguments that do not fit: the model's are a stranger's
def get_weather(city: Annotated[str, Field(description="The name of a city", min_length=1)]) -> str:
    """Today's weather in a city."""
    return f"The weather in {city}: {WEATHER.get(city, 'unknown')}."


def define(function: Callable[..., Any]) -> ChatCompletionsToolDefinition:
    """The tool definition of a function with type hints and a docstring."""
    return ChatCompletionsToolDefinition(
        function=FunctionDefinition(
            name=function.__name__,
            description=inspect.getdoc(function),
            parameters=TypeAdapter(function).json_schema(),  # pyright: ignore[reportArgumentType]  # it takes functions too
        )
    )


client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

tool = define(get_weather)
print(json.dumps(tool.function.parameters))
reply = client.complete(messages=[UserMessage("How is the weather in Split?")], tools=[tool])
for call in reply.choices[0].message.tool_calls or []:
    print(call.function.name, get_weather(**json.loads(call.function.arguments)))
