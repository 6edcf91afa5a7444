"""What a request may ask of a model that follows the API's document: the rules of the model cards.

Sources: the notes on system messages, extra parameters, JSON output and Cohere's tool answers in Microsoft's "How to
generate chat completions"; the 422 of the API reference; the pairing of tool calls and answers of the OpenAI twin.
What OpenAI's models take and refuse is in `openai`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import ApiError
from ..jsonio import loads
from ..messages import Message
from .card import Card, Embedding
from .usual import NOTHING, usual

if TYPE_CHECKING:
    from ..model.structured.schema import UnsupportedSchema
    from .parameters import AnyEmbeddingsOptions, ChatCompletionsOptions, ExtraOptions

Size = Callable[[], int]
"""How many tokens a model's vocabulary has; not every request makes it worth to open it."""


def read_chat(
    card: Card, body: Any, mode: str, size: Size
) -> tuple[dict[str, Any], ChatCompletionsOptions, ExtraOptions]:
    """A request for a completion: its body without what is dropped, its parameters, and the extra ones.

    `mode` is what becomes of parameters that the API does not know: "error", "drop", or anything else to pass them on.
    Raises ApiError 422.
    """
    options = _options(body)
    if mode == "drop":
        # Dropped is also what the API has and this model has not; Microsoft's own example of it is `seed`.
        body = {name: value for name, value in body.items() if name not in card.lacks}
        options = _options(body)
    return body, options, passed_extras(mode, card, options.model_extra or {}, size)


def _options(body: Any) -> ChatCompletionsOptions:
    if options := usual(body):
        return options
    from .parameters import ChatCompletionsOptions, parse

    return parse(body, ChatCompletionsOptions)


def passed_extras(mode: str, card: Card, given: dict[str, Any], size: Size) -> ExtraOptions:
    """The extra parameters that reach the model, by the header `extra-parameters`."""
    if mode == "drop" or not given:
        return NOTHING
    if mode == "error":
        raise ApiError("extra_parameters", names=list(given))
    from .parameters import known_extras

    return known_extras(card.extras, given, size)


def check_model(card: Card, options: ChatCompletionsOptions, body: dict[str, Any]) -> None:
    """Refuse what the model cannot do: 422, naming the parameter and what was passed in it."""
    for name in card.lacks:
        if body.get(name) is not None:
            raise ApiError("parameter_not_supported", loc=("body", name), given=body[name])
    if options.tools and not card.tools:
        raise ApiError("parameter_not_supported", loc=("body", "tools"), given=[t.function.name for t in options.tools])
    if options.response_format and options.response_format.type not in card.response_formats:
        loc = ("body", "response_format")
        raise ApiError("response_format_not_supported", loc=loc, given=options.response_format.type)
    if "audio" in (options.modalities or ()):
        raise ApiError("speech_not_supported", loc=("body", "modalities"), given="audio")


def check_schemas(options: ChatCompletionsOptions, choice: Any) -> None:
    """Parameters of tools must be schemas, strict ones where they say so, and a choice must be among the tools."""
    wanted = options.response_format
    if wanted and wanted.type == "json_schema" and wanted.json_schema.strict:
        from . import strict

        try:
            strict.check_strict(wanted.json_schema.json_schema)
        except strict.UnsupportedSchema as error:
            raise refused_schema(f"response_format '{wanted.json_schema.name}'", "response_format", error) from None
    if options.tools:
        _check_parameters(options)
    names = [tool.function.name for tool in options.tools or ()]
    if choice not in (None, "none") and not names:
        raise ApiError("tool_choice_without_tools")
    if isinstance(choice, dict) and choice["function"]["name"] not in names:
        raise ApiError("tool_choice_unknown", given=choice["function"]["name"], names=", ".join(names))


def check_pairs(card: Card, messages: Sequence[Message]) -> None:
    """Tool calls and their answers must pair up."""
    waiting: list[str] = []
    asked: list[str] = []
    for number, message in enumerate(messages):
        if message.role == "tool":
            if message.call_id not in asked:
                raise ApiError("tool_answer_unasked", given=message.call_id)
            waiting = [call for call in waiting if call != message.call_id]
            if card.json_tool_answers:
                _check_json_answer(message, number)
            continue
        if waiting:
            raise ApiError("tool_calls_unanswered", names=", ".join(waiting))
        asked = waiting = [call.id for call in message.calls]
    if waiting:
        raise ApiError("tool_calls_unanswered", names=", ".join(waiting))


def read_embeddings(card: Card, model: Embedding, body: Any, mode: str, *, pictures: bool) -> AnyEmbeddingsOptions:
    """A request for embeddings, of texts or of `pictures`. Raises ApiError 422."""
    from .parameters import EmbeddingsOptions, ImageEmbeddingsOptions, parse

    options = parse(body, ImageEmbeddingsOptions if pictures else EmbeddingsOptions)
    passed_extras(mode, card, options.model_extra or {}, lambda: 0)
    if options.encoding_format is not None and options.encoding_format not in model.formats:
        raise _unsupported("encoding_format", options.encoding_format)
    if options.input_type and options.input_type not in model.input_types:
        raise _unsupported("input_type", options.input_type)
    wanted = options.dimensions or model.dimensions
    if wanted > model.dimensions or (wanted < model.dimensions and not model.shorter):
        raise _unsupported("dimensions", wanted)
    return options


def refused_schema(what: str, param: str, error: UnsupportedSchema, code: str = "") -> ApiError:
    """The refusal of a schema. `what` says whose it is, `param` where OpenAI's models say that it stands, with `code`.

    In the service's own words where it would refuse the schema too; else the mock says what it cannot meet.
    """
    from .strict import RefusedSchema

    told: dict[str, Any] = {"what": what, "reason": error.reason, "schema_param": param, "schema_code": code}
    if isinstance(error, RefusedSchema):
        return ApiError("schema_refused", **told)
    return ApiError("schema_unsupported", at=".".join(map(str, error.path)) or "the root", **told)


def _check_parameters(options: ChatCompletionsOptions) -> None:
    from ..model.structured import schema
    from . import strict

    for place, tool in enumerate(options.tools or ()):
        function = tool.function
        try:
            schema.inspect(function.parameters or {})
            if (function.model_extra or {}).get("strict") is True and function.parameters is not None:
                strict.check_strict(function.parameters)
        except schema.UnsupportedSchema as error:
            param = f"tools[{place}].function.parameters"
            raise refused_schema(f"function '{function.name}'", param, error) from None


def _check_json_answer(message: Message, number: int) -> None:
    content = message.wire.get("content")
    try:
        fits = isinstance(loads(content if isinstance(content, str) else ""), dict)
    except ValueError:
        fits = False
    if not fits:
        given = content[:200] if isinstance(content, str) else content
        raise ApiError("tool_answer_not_json", loc=("body", "messages", number, "content"), given=given)


def _unsupported(name: str, given: Any) -> ApiError:
    return ApiError("parameter_not_supported", loc=("body", name), given=given)
