"""What OpenAI's models refuse of a body whose values are all right.

What the model has not, what does not go together, schemas, and the order of messages: the first that is wrong is told,
in this order. `data/refusals.toml` has the words, and where each is known from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import ValidationError

from ...errors import ApiError, param
from ...jsonio import dumps
from ...messages import SYSTEM, Message
from ..capabilities import Size, refused_schema
from ..card import Card, Embedding
from .parameters import OpenAIEmbeddingsOptions, OpenAIOptions, Tool, unknown
from .words import first_fault, supported, unknown_arguments

_SCHEMA_GUIDE = " Learn more about supported models at the Structured Outputs guide: https://platform.openai.com/docs/guides/structured-outputs"
_OF_EMBEDDINGS = frozenset({"model", "input", "dimensions", "encoding_format", "user"})
_JSON = re.compile("json", re.IGNORECASE)


def read_chat(card: Card, body: Any, mode: str, size: Size) -> tuple[dict[str, Any], OpenAIOptions]:
    """A request for a completion: its body, without what is to be dropped, and its parameters.

    `mode` "drop" leaves out what the model does not know. Raises ApiError 400.
    """
    names = unknown(body, card.extras) if isinstance(body, dict) else []
    if mode == "drop" and names:
        body, names = {name: value for name, value in body.items() if name not in names}, []
    try:
        options = OpenAIOptions.model_validate(body, extra="forbid")
    except ValidationError:
        raise first_fault(OpenAIOptions, body, names) from None
    if names:
        raise unknown_arguments(names)
    if options.logit_bias:
        _check_logit_bias(options.logit_bias, size())
    return body, options


def read_embeddings(model: Embedding, body: Any) -> OpenAIEmbeddingsOptions:
    """A request for embeddings of texts. Raises ApiError 400."""
    names = [name for name in body if name not in _OF_EMBEDDINGS] if isinstance(body, dict) else []
    try:
        options = OpenAIEmbeddingsOptions.model_validate(body)
    except ValidationError as error:
        if any(fault["loc"][:1] == ("input",) for fault in error.errors(include_url=False, include_input=False)):
            raise ApiError("wrong_input") from None
        raise first_fault(OpenAIEmbeddingsOptions, body, names) from None
    if options.encoding_format is not None and options.encoding_format not in model.formats:
        given = _json(options.encoding_format)
        raise ApiError("wrong_encoding_format", given=given, expected=str([*model.formats]))
    if names:
        raise unknown_arguments(names)
    if options.dimensions is not None and not model.shorter:
        raise ApiError("no_dimensions")
    if options.dimensions is not None and options.dimensions > model.dimensions:
        loc = ("body", "dimensions")
        raise ApiError("integer_above", loc=loc, given=options.dimensions, limit=model.dimensions)
    return options


def check_chat(card: Card, options: OpenAIOptions, body: dict[str, Any], messages: Sequence[Message]) -> None:
    """Raise ApiError for the first rule that a request for a completion breaks."""
    _check_model(card, options, body)
    _check_limits(card, options)
    _check_companions(options, body)
    _check_prediction(options)
    _check_format(card, options, messages)
    _check_functions(card, options, body)
    _check_order(messages)


def _check_logit_bias(biases: Iterable[str], size: int) -> None:
    """The keys are token ids of the model's vocabulary, of that `size`."""
    for key in biases:
        if not re.fullmatch(r"[0-9]+", key):
            raise ApiError("logit_bias_key", given=key)
        if len(key) > 9 or int(key) >= size:
            raise ApiError("logit_bias_above", given=key, limit=size - 1)


# --- what the model has not ---


def _check_model(card: Card, options: OpenAIOptions, body: dict[str, Any]) -> None:
    for name, only in card.fixed.items():
        if body.get(name) not in (None, only):
            raise ApiError("only_the_default", loc=("body", name), given=_json(body[name]), default=_json(only))
    for name in card.lacks:
        if body.get(name) is not None and name not in card.fixed:
            kind = "max_tokens_unsupported" if name == "max_tokens" else "parameter_not_supported"
            raise ApiError(kind, loc=("body", name), given=body[name])
    if not card.tools:
        for name in ("tools", "functions"):
            if body.get(name) is not None:
                raise ApiError("parameter_not_supported", loc=("body", name))
    efforts = card.reasoning.efforts if card.reasoning else ()
    if options.reasoning_effort is not None and efforts and options.reasoning_effort not in efforts:
        loc = ("body", "reasoning_effort")
        raise ApiError("wrong_value", loc=loc, given=options.reasoning_effort, expected=supported(efforts))
    if "audio" in (options.modalities or ()):
        raise ApiError("speech_not_supported")
    if not card.system:
        for number, message in enumerate(options.messages):
            if message.role in SYSTEM:
                raise ApiError("role_not_supported", loc=("body", "messages", number, "role"), given=message.role)


def _json(value: Any) -> str:
    """A value as a message writes it: as it was sent, a text without quotes."""
    return value if isinstance(value, str) else dumps(value).decode()


def _check_limits(card: Card, options: OpenAIOptions) -> None:
    if options.max_tokens is not None and options.max_completion_tokens is not None:
        raise ApiError("both_limits")
    for name in ("max_tokens", "max_completion_tokens"):
        given = getattr(options, name)
        if given is not None and given > card.max_output:
            raise ApiError("too_many_tokens", loc=("body", name), given=given, limit=card.max_output)


# --- what goes only with something else ---


def _check_companions(options: OpenAIOptions, body: dict[str, Any]) -> None:
    if options.stream_options is not None and not options.stream:
        raise ApiError("stream_options_without_stream")
    if options.top_logprobs is not None and not options.logprobs:
        raise ApiError("top_logprobs_alone")
    if options.parallel_tool_calls is not None and not options.tools:
        raise ApiError("parallel_calls_without_tools")
    _check_choice(options.tools, body.get("tool_choice"), "tool_choice_without_tools", "tool_choice_unknown")
    choice = body.get("function_call")
    _check_choice(options.functions, choice, "function_call_without_functions", "function_call_unknown")


def _check_prediction(options: OpenAIOptions) -> None:
    """What cannot stand beside a prediction: Microsoft's "How to use predicted outputs" (azure-ai-docs, 2025-04)."""
    if options.prediction is None:
        return
    beside = {
        "tools": options.tools,
        "functions": options.functions,
        "n": (options.n or 1) > 1,
        "logprobs": options.logprobs,
        "presence_penalty": (options.presence_penalty or 0) > 0,
        "frequency_penalty": (options.frequency_penalty or 0) > 0,
        "max_completion_tokens": options.max_completion_tokens,
    }
    for name, given in beside.items():
        if given:
            raise ApiError("not_beside_prediction", loc=("body", name))


def _check_choice(offered: Sequence[Any] | None, choice: Any, alone: str, unknown: str) -> None:
    if choice is not None and not offered:
        raise ApiError(alone)
    if isinstance(choice, dict):
        names = [item.function.name if isinstance(item, Tool) else item.name for item in offered or ()]
        wanted = choice.get("function", choice)["name"]
        if wanted not in names:
            raise ApiError(unknown, given=wanted, names=", ".join(names))


# --- formats and schemas ---


def _check_format(card: Card, options: OpenAIOptions, messages: Iterable[Message]) -> None:
    wanted = options.response_format
    if wanted is None:
        return
    if wanted.type not in card.response_formats:
        more = _SCHEMA_GUIDE if wanted.type == "json_schema" else ""
        raise ApiError("response_format_not_supported", loc=("body", "response_format"), given=wanted.type, more=more)
    if wanted.type == "json_object" and not any(_JSON.search(message.text) for message in messages):
        raise ApiError("json_not_mentioned")
    if wanted.type == "json_schema":
        from .. import strict

        schema = wanted.json_schema
        try:
            strict.check_response(schema.json_schema, strict=bool(schema.strict))
        except strict.UnsupportedSchema as error:
            raise refused_schema(f"response_format '{schema.name}'", "response_format", error) from None


def _check_functions(card: Card, options: OpenAIOptions, body: dict[str, Any]) -> None:
    tools = [(tool.function, ("body", "tools", place, "function")) for place, tool in enumerate(options.tools or ())]
    functions = [(function, ("body", "functions", place)) for place, function in enumerate(options.functions or ())]
    for function, loc in [*tools, *functions]:
        length = len(function.description or "")
        if length > card.description_limit:
            place = (*loc, "description")
            raise ApiError("string_too_long", loc=place, limit=card.description_limit, given=length)
        if function.parameters is None:
            continue
        from .. import strict

        try:
            strict.check_function(function.parameters, strict=bool(function.strict))
        except strict.UnsupportedSchema as error:
            what, place = f"function '{function.name}'", param((*loc, "parameters"))
            raise refused_schema(what, place, error, "invalid_function_parameters") from None


# --- the order of messages ---


def _check_order(messages: Sequence[Message]) -> None:
    """Calls are answered at once and completely, and nothing else is answered."""
    asked: list[str] = []
    waiting: list[str] = []
    for number, message in enumerate(messages):
        if message.wire.get("role") == "function":  # which answers by its name
            if message.wire.get("name") is None:
                raise ApiError("function_without_name", number=number)
            continue
        if message.wire.get("function_call"):
            continue  # which need not be answered
        if message.role == "tool":
            if not asked:
                raise ApiError("tool_answer_unasked", number=number, given=message.call_id)
            if message.call_id not in asked:
                raise ApiError("tool_answer_unknown", number=number, given=message.call_id)
            waiting = [call for call in waiting if call != message.call_id]
            continue
        if waiting:
            raise ApiError("tool_calls_unanswered", number=number, names=", ".join(waiting))
        asked = [call.id for call in message.calls]
        waiting = list(asked)
    if waiting:
        raise ApiError("tool_calls_unanswered", number=len(messages), names=", ".join(waiting))
