"""The body of a request: which parameters there are, of which type and in which range.

The classes follow ChatCompletionsOptions, EmbeddingsOptions and ImageEmbeddingsOptions of the OpenAPI document
2024-05-01-preview, and pydantic's own words are the service's: its model servers answer a wrong value with pydantic's
list of errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from ..errors import ApiError, echo
from .usual import NOTHING

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
_Item = TypeVar("_Item")
_Options = TypeVar("_Options", bound=BaseModel)

# Of a list, the first wrong item is told: the faults of a million items would take a gigabyte.
Items = Annotated[list[_Item], Field(fail_fast=True)]
Some = Annotated[list[_Item], Field(min_length=1, fail_fast=True)]

# Built when they are first used: a request needs one of the largest, never the parts by themselves.
_TAKING_MORE = ConfigDict(extra="allow", strict=True, defer_build=True)


class Part(BaseModel):
    """An object in a body; members that nobody knows are kept."""

    model_config = _TAKING_MORE


class FunctionCall(Part):
    name: str
    arguments: str


class ToolCall(Part):
    id: str
    type: Literal["function"] = "function"
    function: FunctionCall


class TextPart(Part):
    type: Literal["text"]
    text: str


class Address(Part):
    url: str
    detail: Literal["auto", "low", "high"] | None = None


class ImagePart(Part):
    type: Literal["image_url"]
    image_url: Address


class AudioAddressPart(Part):
    type: Literal["audio_url"]
    audio_url: Address


class AudioData(Part):
    data: str
    format: Literal["wav", "mp3"]


class AudioPart(Part):
    type: Literal["input_audio"]
    input_audio: AudioData


ContentPart = Annotated[TextPart | ImagePart | AudioAddressPart | AudioPart, Field(discriminator="type")]
Parts = Some[ContentPart]


class _Turn(Part):
    """A message of any role. Tool calls belong to the assistant's; elsewhere they are refused when they are none."""

    tool_calls: Items[ToolCall] | None = None


class SystemMessage(_Turn):
    role: Literal["system"]
    content: str | Items[TextPart]


class DeveloperMessage(_Turn):
    role: Literal["developer"]
    content: str | Items[TextPart]


class UserMessage(_Turn):
    role: Literal["user"]
    content: str | Parts


class AudioReference(Part):
    """A spoken answer of an earlier turn, named by its id."""

    id: str


class AssistantMessage(Part):
    role: Literal["assistant"]
    content: str | Items[TextPart] | None = None
    tool_calls: Items[ToolCall] | None = None
    audio: AudioReference | None = None


class ToolMessage(_Turn):
    role: Literal["tool"]
    content: str | Items[TextPart] | None = None
    tool_call_id: str


Message = Annotated[
    SystemMessage | DeveloperMessage | UserMessage | AssistantMessage | ToolMessage, Field(discriminator="role")
]


class FunctionDefinition(Part):
    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
    description: str | None = None
    parameters: dict[str, Any] | None = None


class Tool(Part):
    type: Literal["function"]
    function: FunctionDefinition


class NamedFunction(Part):
    name: str


class NamedToolChoice(Part):
    type: Literal["function"]
    function: NamedFunction


class JsonSchema(Part):
    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
    json_schema: dict[str, Any] | bool = Field(alias="schema")
    description: str | None = None
    strict: bool | None = None


class TextFormat(Part):
    type: Literal["text"]


class JsonObjectFormat(Part):
    type: Literal["json_object"]


class JsonSchemaFormat(Part):
    type: Literal["json_schema"]
    json_schema: JsonSchema


ResponseFormat = Annotated[TextFormat | JsonObjectFormat | JsonSchemaFormat, Field(discriminator="type")]


def as_list(value: Any) -> Any:
    """A text as a list of one: the API reference of 2025-01-28 lets `stop` be a bare string as well."""
    return [value] if isinstance(value, str) else value


class ChatCompletionsOptions(BaseModel):
    """All parameters of the API. What is not among them is an extra parameter and stays in `model_extra`."""

    model_config = _TAKING_MORE

    messages: Some[Message]
    model: str | None = None
    stream: bool | None = None
    temperature: Annotated[Number, Field(ge=0, le=1)] | None = None
    top_p: Annotated[Number, Field(ge=0, le=1)] | None = None
    frequency_penalty: Annotated[Number, Field(ge=-2, le=2)] | None = None
    presence_penalty: Annotated[Number, Field(ge=-2, le=2)] | None = None
    max_tokens: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    stop: Annotated[Some[Annotated[str, Field(min_length=1)]], BeforeValidator(as_list)] | None = None
    tools: Some[Tool] | None = None
    tool_choice: Literal["auto", "none", "required"] | NamedToolChoice | None = None
    response_format: ResponseFormat | None = None
    modalities: Items[Literal["text", "audio"]] | None = None


def at_most(most: int) -> tuple[Any, Any]:
    """No more entries than that. Counted first: to tell a million faults takes minutes, and pydantic tells them all."""

    def check(value: Any) -> Any:
        if isinstance(value, dict) and len(value) > most:
            message = "Dictionary should have at most {most} items, not {given}"
            raise PydanticCustomError("too_long", message, {"most": most, "given": len(value)})
        return value

    return BeforeValidator(check), Field(json_schema_extra={"maxProperties": most})


class NoStreamOptions(BaseModel):
    """`stream_options` where a model's server knows none of them: Mistral's says so (litellm#11696)."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Prediction(Part):
    """What the answer will mostly be, for the model to write it faster."""

    type: Literal["content"]
    content: str | Some[TextPart]

    @property
    def text(self) -> str:
        return self.content if isinstance(self.content, str) else "".join([part.text for part in self.content])


class ExtraOptions(BaseModel):
    """The extra parameters that at least one model of the catalogue understands.

    To OpenAI's models all but `safe_prompt` are parameters like others (`openai.parameters`). `user` and what follows
    it are taken and change nothing in an answer.
    """

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    n: Annotated[int, Field(ge=1, le=128)] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    logit_bias: Annotated[dict[str, Annotated[Number, Field(ge=-100, le=100)]], *at_most(2**15)] | None = None
    safe_prompt: bool | None = None
    stream_options: NoStreamOptions | None = None
    max_completion_tokens: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high"] | None = None
    functions: Annotated[Some[FunctionDefinition], Field(max_length=128)] | None = None
    function_call: Literal["auto", "none"] | NamedFunction | None = None
    prediction: Prediction | None = None
    user: str | None = None
    metadata: Annotated[dict[str, str], *at_most(16)] | None = None
    store: bool | None = None
    service_tier: str | None = None
    prompt_cache_key: str | None = None
    safety_identifier: str | None = None


class AnyEmbeddingsOptions(BaseModel):
    """What all requests for embeddings have in common: everything but the `input`."""

    model_config = _TAKING_MORE

    model: str | None = None
    dimensions: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    encoding_format: str | None = None
    input_type: Literal["text", "query", "document"] | None = None


class EmbeddingsOptions(AnyEmbeddingsOptions):
    """EmbeddingsOptions of the document; a bare string counts as one input, as the SDK sends it."""

    input: Annotated[Some[Annotated[str, Field(min_length=1)]], BeforeValidator(as_list)]


class ImageInput(Part):
    """ImageEmbeddingInput: a data URL, with or without a text."""

    image: str
    text: str | None = None


class ImageEmbeddingsOptions(AnyEmbeddingsOptions):
    """ImageEmbeddingsOptions of the document."""

    input: Some[ImageInput]


def parse(body: Any, options: type[_Options]) -> _Options:
    """Check a request's body, already parsed from JSON, as `options`.

    Raises ApiError 422 with one item for each wrong value, each naming its location and the input.
    """
    if not isinstance(body, dict):
        raise ApiError("body_not_object", loc=("body",), given=echo(body))
    return _validate(options, body)


def parse_extras(extras: dict[str, Any], size: Callable[[], int]) -> ExtraOptions:
    """Check the extra parameters that the model understands; `size` gives how many tokens its vocabulary has."""
    if not extras:
        return NOTHING
    options = _validate(ExtraOptions, extras)
    if options.top_logprobs is not None and not options.logprobs:
        raise _invalid("top_logprobs", options.top_logprobs, "logprobs must be true when top_logprobs is given")
    for key in options.logit_bias or ():
        if not re.fullmatch(r"[0-9]{1,9}", key) or int(key) >= size():
            raise _invalid("logit_bias", echo(key), f"The keys are token ids from 0 to {size() - 1}")
    return options


def known_extras(known: Collection[str], given: dict[str, Any], size: Callable[[], int]) -> ExtraOptions:
    """The extra parameters as `parse_extras` checks them. Raises ApiError for one that is not among the `known`."""
    unknown = [
        {
            "type": "extra_forbidden",
            "loc": ["body", name],
            "msg": "Extra inputs are not permitted",
            "input": echo(value),
        }
        for name, value in given.items()
        if name not in known
    ]
    if unknown:
        raise ApiError("extra_forbidden", details=unknown)
    return parse_extras(given, size)


def _invalid(name: str, given: Any, message: str) -> ApiError:
    item = {"type": "value_error", "loc": ["body", name], "msg": message, "input": given}
    return ApiError("invalid_value", details=[item])


def _validate(options: type[_Options], body: dict[str, Any]) -> _Options:
    try:
        return options.model_validate(body)
    except ValidationError as error:
        details = [_fault(body, fault) for fault in error.errors(include_url=False)]
        # Of a value that may be of several types, the fault inside it says more than that it is none of the others.
        inner = {tuple(d["loc"][:end]) for d in details for end in range(1, len(d["loc"]))}
        details = [d for d in details if tuple(d["loc"]) not in inner]
        raise ApiError("invalid_value", details=details) from None


def _fault(body: dict[str, Any], fault: Any) -> dict[str, Any]:
    """A fault as the model servers list it. What pydantic calls a literal is an enum there (recorded 2025-01)."""
    kind = "enum" if fault["type"] == "literal_error" else fault["type"]
    told = {
        "type": kind,
        "loc": _location(body, fault["loc"]),
        "msg": echo(fault["msg"]),
        "input": echo(fault["input"]),
    }
    return {**told, "ctx": {"expected": fault["ctx"]["expected"]}} if kind == "enum" else told


def _location(body: Any, loc: tuple[int | str, ...]) -> list[str | int]:
    """Where in the request: pydantic also names the branches of its unions, which no client knows."""
    path: list[str | int] = ["body"]
    here = body
    for step in loc:
        if isinstance(here, dict) and isinstance(step, str) and (step in here or step == loc[-1]):
            here = here.get(step)
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            here = here[step]
        else:
            continue
        path.append(step)
    return path
