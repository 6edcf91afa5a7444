"""What a request may ask of a model: the rules of the model cards.

Sources: the notes on system messages, extra parameters, JSON output and Cohere's tool answers in Microsoft's "How to
generate chat completions"; the 422 of the API reference; the pairing of tool calls and answers of the OpenAI twin.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import ApiError
from ..jsonio import loads
from ..messages import Message
from .catalogue import Card
from .parameters import NOTHING, ChatCompletionsOptions, ExtraOptions, known_extras

if TYPE_CHECKING:
    from ..model.structured.schema import UnsupportedSchema


def passed_extras(mode: str, card: Card, given: dict[str, Any], tokens: int) -> ExtraOptions:
    """The extra parameters that reach the model, by the header `extra-parameters`: error, drop or pass-through.

    `given` are the parameters that the API does not know, `tokens` is the size of the vocabulary. Raises ApiError 422
    for what is not allowed or not known to the model, 400 for another value of the header.
    """
    if mode not in ("error", "drop", "pass-through"):
        raise ApiError("extra_parameters_header", given=mode)
    if mode == "drop" or not given:
        return NOTHING
    if mode == "error":
        items = [{"code": "extra_forbidden", "target": f"body.{name}"} for name in given]
        raise ApiError("extra_parameters", names=list(given), extra={"details": items})
    return known_extras(card.extras, given, tokens)


def check_model(card: Card, options: ChatCompletionsOptions, body: dict[str, Any]) -> None:
    """Refuse what the model cannot do: 422, naming the parameter and what was passed in it."""
    for name in card.lacks:
        if body.get(name) is not None:
            raise ApiError("parameter_not_supported", loc=("body", name), given=body[name])
    if options.tools and not card.tools:
        raise ApiError("parameter_not_supported", loc=("body", "tools"), given=[t.function.name for t in options.tools])
    if options.response_format and options.response_format.type not in card.response_formats:
        raise ApiError("parameter_not_supported", loc=("body", "response_format"), given=options.response_format.type)
    if "audio" in (options.modalities or ()):
        raise ApiError("parameter_not_supported", loc=("body", "modalities"), given="audio")


def check_tools(card: Card, options: ChatCompletionsOptions, choice: Any, messages: Sequence[Message]) -> None:
    """Parameters must be schemas, a choice must be among the tools, and tool calls and their answers must pair up."""
    names = [tool.function.name for tool in options.tools or ()]
    if options.tools:
        _check_parameters(options)
    if choice not in (None, "none") and not names:
        raise ApiError("tool_choice_without_tools")
    if isinstance(choice, dict) and choice["function"]["name"] not in names:
        raise ApiError("tool_choice_unknown", given=choice["function"]["name"], names=", ".join(names))
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


def _check_parameters(options: ChatCompletionsOptions) -> None:
    """The parameters of every function must be a schema, and with ``strict: true`` (OpenAI) a strict one."""
    from ..model.structured import schema

    for tool in options.tools or ():
        function = tool.function
        try:
            schema.inspect(function.parameters or {})
            if (function.model_extra or {}).get("strict") is True and function.parameters is not None:
                schema.check_strict(function.parameters)
        except schema.UnsupportedSchema as error:
            raise unsupported_schema(f"function '{function.name}'", error) from None


def _check_json_answer(message: Message, number: int) -> None:
    content = message.wire.get("content")
    try:
        fits = isinstance(loads(content if isinstance(content, str) else ""), dict)
    except ValueError:
        fits = False
    if not fits:
        given = content[:200] if isinstance(content, str) else content
        raise ApiError("tool_answer_not_json", loc=("body", "messages", number, "content"), given=given)


def unsupported_schema(what: str, error: UnsupportedSchema) -> ApiError:
    """The refusal of a schema: `what` says whose it is."""
    return ApiError("schema_unsupported", loc=tuple(error.path) or ("the root",), what=what, reason=error.reason)
