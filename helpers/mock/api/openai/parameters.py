"""The bodies of requests to OpenAI's models: the parameters of their own API, closed, with its ranges.

Sources: Azure OpenAI's reference (ranges), its quotas and limits page (the most messages and tools), and what programs
were recorded to send (`functions`, the role `function`, `prediction`: Azure/azure-sdk-assets, 2023-12 to 2025-04).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from ..parameters import (
    AnyEmbeddingsOptions,
    AudioPart,
    ChatCompletionsOptions,
    ExtraOptions,
    FunctionDefinition,
    ImagePart,
    JsonObjectFormat,
    NamedFunction,
    Number,
    Part,
    Some,
    TextFormat,
    TextPart,
    as_list,
)
from ..parameters import AssistantMessage as AnyAssistantMessage

Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")]
Text = Annotated[str, Field(min_length=1)]
Token = Annotated[int, Field(ge=0, lt=2**31)]


class RefusalPart(Part):
    type: Literal["refusal"]
    refusal: str


Texts = str | Some[TextPart]
UserPart = Annotated[TextPart | ImagePart | AudioPart, Field(discriminator="type")]
AssistantPart = Annotated[TextPart | RefusalPart, Field(discriminator="type")]


class _Turn(Part):
    name: str | None = None


class SystemMessage(_Turn):
    role: Literal["system"]
    content: Texts


class DeveloperMessage(_Turn):
    role: Literal["developer"]
    content: Texts


class UserMessage(_Turn):
    role: Literal["user"]
    content: str | Some[UserPart]


class FunctionCall(Part):
    name: Name
    arguments: str


class ToolCall(Part):
    """A call as it was answered, streamed or not: with the index of its pieces it is taken too."""

    id: str
    type: Literal["function"] = "function"
    function: FunctionCall
    index: int | None = None


class AssistantMessage(AnyAssistantMessage, _Turn):
    """An earlier answer, with all that answers have."""

    content: str | Some[AssistantPart] | None = None  # pyright: ignore[reportIncompatibleVariableOverride]
    tool_calls: Some[ToolCall] | None = None  # pyright: ignore[reportIncompatibleVariableOverride]
    function_call: FunctionCall | None = None
    refusal: str | None = None
    annotations: list[Any] | None = None


class FunctionMessage(Part):
    """What a function of `functions` gave back, from before there were tools."""

    role: Literal["function"]
    name: Name | None = None  # that there has to be one is a rule of the order of messages
    content: str | None


class ToolMessage(_Turn):
    role: Literal["tool"]
    content: Texts
    tool_call_id: str


Message = Annotated[
    SystemMessage | AssistantMessage | UserMessage | FunctionMessage | ToolMessage | DeveloperMessage,
    Field(discriminator="role"),
]


class Function(FunctionDefinition):
    name: Name
    strict: bool | None = None


class Tool(Part):
    type: Literal["function"]
    function: Function


class NamedTool(Part):
    type: Literal["function"]
    function: NamedFunction


class JsonSchema(Part):
    name: Name
    json_schema: dict[str, Any] = Field(alias="schema")
    description: str | None = None
    strict: bool | None = None


class JsonSchemaFormat(Part):
    type: Literal["json_schema"]
    json_schema: JsonSchema


class StreamOptions(Part):
    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class OpenAIOptions(ChatCompletionsOptions, ExtraOptions):
    """All parameters. Which of them a model does not know is its card's business: see `unknown`."""

    model_config = ChatCompletionsOptions.model_config

    messages: Annotated[Some[Message], Field(max_length=2048)]  # pyright: ignore[reportIncompatibleVariableOverride]
    temperature: Annotated[Number, Field(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    stop: Annotated[Text | Annotated[Some[Text], Field(max_length=4)], AfterValidator(as_list)] | None = None  # pyright: ignore[reportIncompatibleVariableOverride]
    tools: Annotated[Some[Tool], Field(max_length=128)] | None = None  # pyright: ignore[reportIncompatibleVariableOverride]
    tool_choice: Literal["none", "auto", "required"] | NamedTool | None = None  # pyright: ignore[reportIncompatibleVariableOverride]
    response_format: (  # pyright: ignore[reportIncompatibleVariableOverride]
        Annotated[TextFormat | JsonObjectFormat | JsonSchemaFormat, Field(discriminator="type")] | None
    ) = None
    functions: Annotated[Some[Function], Field(max_length=128)] | None = None  # pyright: ignore[reportIncompatibleVariableOverride]
    stream_options: StreamOptions | None = None  # pyright: ignore[reportIncompatibleVariableOverride]
    reasoning_effort: str | None = None  # pyright: ignore[reportIncompatibleVariableOverride]
    verbosity: Literal["low", "medium", "high"] | None = None


_OF_SOME_MODELS = {"safe_prompt", "reasoning_effort", "verbosity"}
_KNOWN = frozenset(OpenAIOptions.model_fields) - _OF_SOME_MODELS


def unknown(body: dict[str, Any], extras: tuple[str, ...]) -> list[str]:
    """The parameters that a model does not know; `extras` are those that its card names."""
    return [name for name in body if name not in _KNOWN and name not in extras]


class OpenAIEmbeddingsOptions(AnyEmbeddingsOptions):
    """The parameters of embeddings. An input may also be a list of token ids."""

    input: Annotated[Text | Some[Text] | Some[Token] | Some[Some[Token]], AfterValidator(as_list)]
    encoding_format: Any = None
    input_type: Any = None
    user: str | None = None
