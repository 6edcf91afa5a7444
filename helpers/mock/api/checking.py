"""From a call to a checked request: its body parsed, its model's card found, and refused what either does not allow."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from ..errors import ApiError
from ..gateway.faults import Pace, pace
from ..messages import Message, read_messages
from .call import Call
from .capabilities import check_model, check_tools, passed_extras
from .catalogue import Card, Embedding
from .parameters import (
    OPENAI_EXTRAS,
    AnyEmbeddingsOptions,
    ChatCompletionsOptions,
    ExtraOptions,
    OpenAIOptions,
    known_extras,
    parse,
)

_Options = TypeVar("_Options", bound=BaseModel)
_Inputs = TypeVar("_Inputs", bound=AnyEmbeddingsOptions)


@dataclass(slots=True)
class ChatRequest:
    """A chat completion that may be asked of the model.

    `body` is in wire format, without what was to be dropped; `messages` and `tools` are what it says of them.
    `max_tokens` is the most tokens of each of the `choices` that are asked for, None where the request does not say.
    """

    body: dict[str, Any]
    messages: Sequence[Message]
    tools: Sequence[dict[str, Any]]
    options: ChatCompletionsOptions
    extras: ExtraOptions
    choices: int
    max_tokens: int | None
    card: Card
    pace: Pace


@dataclass(slots=True)
class EmbeddingsRequest(Generic[_Inputs]):
    """Embeddings that may be asked of the model; `model` is what its card says of them."""

    options: _Inputs
    card: Card
    model: Embedding

    @property
    def dimensions(self) -> int:
        return self.options.dimensions or self.model.dimensions


def check_chat(call: Call) -> ChatRequest:
    """A request for a chat completion. Raises ApiError for everything in it that the service refuses."""
    kind = OpenAIOptions if call.openai else ChatCompletionsOptions
    body, options, card = _parsed(call, kind)
    if not card.chat:
        raise call.not_offered(card, "chatCompletion")
    if options.response_format and options.response_format.type == "json_schema":
        _check_schema_version(call, card)
    speed = pace(call.request.headers, call.service.pace)
    if _extras_mode(call) == "drop":
        # Dropped is also what the API has and this model has not; Microsoft's own example of it is `seed`.
        body = {name: value for name, value in body.items() if name not in card.lacks}
        options = parse(body, kind)
    extras = _extras(call, card, options, OPENAI_EXTRAS)
    if "max_tokens" in card.lacks and options.max_tokens is not None:
        raise ApiError("max_tokens_unsupported", loc=("body", "max_tokens"))
    check_model(card, options, body)
    messages = call.note.said = read_messages(body["messages"])
    check_tools(card, options, body.get("tool_choice"), messages)
    most = [given for given in (options.max_tokens, extras.max_completion_tokens) if given is not None]
    return ChatRequest(
        body,
        messages,
        tools=body.get("tools") or (),
        options=options,
        extras=extras,
        choices=extras.n or 1,
        max_tokens=min(most, default=None),
        card=card,
        pace=speed,
    )


def check_embeddings(call: Call, kind: type[_Inputs]) -> EmbeddingsRequest[_Inputs]:
    """A request for embeddings of texts or pictures. Raises ApiError for everything in it that the service refuses."""
    _, options, card = _parsed(call, kind)
    model = card.embedding
    if model is None:
        raise call.not_offered(card, "embeddings")
    _extras(call, card, options, {"user"})
    if options.encoding_format and options.encoding_format not in model.formats:
        raise _unsupported("encoding_format", options.encoding_format)
    if options.input_type and options.input_type not in model.input_types:
        raise _unsupported("input_type", options.input_type)
    asked = EmbeddingsRequest(options, card, model)
    wanted = asked.dimensions
    if wanted > model.dimensions or (wanted < model.dimensions and not model.shorter):
        raise _unsupported("dimensions", wanted)
    return asked


def _parsed(call: Call, kind: type[_Options]) -> tuple[dict[str, Any], _Options, Card]:
    body = call.body()
    options = parse(body, kind)
    return body, options, call.card(body.get("model"))


def _extras_mode(call: Call) -> str:
    """What the header says of parameters that the document does not know; "" on the routes that have no such header."""
    return "" if call.openai else call.request.headers.get("extra-parameters", "error").lower()


def _extras(call: Call, card: Card, options: BaseModel, of_openai: Collection[str]) -> ExtraOptions:
    """Those parameters, checked; `of_openai` are the ones that Azure OpenAI's own API has."""
    given, size = options.model_extra or {}, call.service.tokenizer.size
    if call.openai:
        return known_extras({*of_openai, *card.extras}, given, size)
    return passed_extras(_extras_mode(call), card, given, size)


def _check_schema_version(call: Call, card: Card) -> None:
    version = call.request.query.get("api-version", "")
    if call.target.route.versions != "none" and version[:10] < card.json_schema_since[:10]:
        raise ApiError("json_schema_version", loc=("body", "response_format"), since=card.json_schema_since)


def _unsupported(name: str, given: Any) -> ApiError:
    return ApiError("parameter_not_supported", loc=("body", name), given=given)
