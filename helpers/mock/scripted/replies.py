"""What a scripted answer can be: text, calls of tools, a failure in the service's own words, a vector, a JSON value."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from ..errors import ApiError
from ..gateway.faults import failing
from ..jsonio import dumps
from .received import Received

Finish = Literal["stop", "length", "content_filter", "tool_calls"]
ScriptedOperation = Literal["chat", "embeddings", "image_embeddings"]


class ToolCall:
    """A call of a tool: ``ToolCall("get_weather", city="Oslo")``.

    The arguments come as keywords, or as one mapping where their names are no identifiers. A string in the mapping's
    place is taken for the arguments' JSON text as the model writes it, broken JSON included. Raises ValueError for both
    at once, and for ``arguments="..."``, which would be a parameter of that name.
    """

    __slots__ = ("arguments", "name")

    def __init__(self, name: str, arguments: Mapping[str, Any] | str | None = None, /, **more: Any) -> None:
        if isinstance(arguments, str) and more:
            raise ValueError("arguments are written either as JSON text or as values, not both")
        if isinstance(more.get("arguments"), str | Mapping):
            raise ValueError(
                f"keywords are the parameters of {name!r}; all of its arguments together come second, without a name:"
                f""" ToolCall({name!r}, '{{"city":') for JSON text, broken or not, ToolCall({name!r}, {{...}}) for a"""
                " mapping, also for one with a parameter called 'arguments'"
            )
        self.name = name
        self.arguments: dict[str, Any] | str = (
            arguments if isinstance(arguments, str) else {**(arguments or {}), **more}
        )

    def __repr__(self) -> str:
        return f"ToolCall({self.name!r}, {self.arguments!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ToolCall) and (self.name, self.arguments) == (other.name, other.arguments)

    __hash__ = None  # pyright: ignore[reportAssignmentType]  # arguments can change


@dataclass(frozen=True, slots=True)
class Error:
    """A failure instead of an answer: `status` from 400 to 599, with the body that the service sends with it.

    `code` and `message` replace those of the service's body; ``Error(400, code="content_filter")`` is a prompt that was
    filtered, categories and all. `retry_after` is in seconds, at least 1 (0 makes the SDK wait by its own rule), and 1
    for a 429, which the service never sends without. `body` replaces the whole body: text as it is, values as JSON.
    """

    status: int
    code: str | None = None
    message: str | None = None
    retry_after: int | None = None
    body: Any = None

    def __post_init__(self) -> None:
        if not 400 <= self.status <= 599:
            raise ValueError(f"an error has a status from 400 to 599, not {self.status}")
        if self.retry_after is not None and self.retry_after < 1:
            raise ValueError(f"retry_after is at least 1 second, not {self.retry_after}")
        try:
            dumps([self.code, self.message, None if isinstance(self.body, bytes) else self.body])
        except TypeError as error:  # orjson's, also for what is no UTF-8
            raise ValueError(f"code, message and body are sent as JSON in UTF-8: {error}") from None

    def refusal(self, received: Received | None = None) -> ApiError:
        """The refusal that it makes of a request; whoever refuses on that request's route tells it."""
        wait = 1 if self.retry_after is None and self.status == 429 else self.retry_after
        error = self._known(wait or 1, received)
        if self.message is not None or self.code not in (None, error.code):
            told = error.message if self.message is None else self.message
            error = ApiError("fault_other", status=self.status, code=self.code or error.code, phrase=told)
        if isinstance(self.body, str | bytes):
            content = self.body.encode() if isinstance(self.body, str) else self.body
            error.body = content, "text/plain; charset=utf-8"
        elif self.body is not None:
            error.body = dumps(self.body), "application/json"
        if wait is not None:
            error.headers["retry-after"] = str(wait)
        return error

    def _known(self, wait: int, received: Received | None) -> ApiError:
        """The service's own refusal with this status, as far as it is known."""
        if self.code == "content_filter":
            return _filtered(self.status)
        if received is None:
            return failing(self.status, wait)
        version = received.query.get("api-version", "")
        return failing(self.status, wait, received.route or "", received.operation or "chat", version)


def _filtered(status: int) -> ApiError:
    from ..gateway.filters import Verdict, refusal  # where the shape of the results is known

    judged = Verdict({"hate": "safe", "self_harm": "safe", "sexual": "safe", "violence": "medium"}, False, 0)
    return refusal(judged, status)


@dataclass(frozen=True, slots=True)
class Embedding:
    """The vector of every input of a request for embeddings."""

    vector: tuple[float, ...]

    def __init__(self, vector: Iterable[float]) -> None:
        object.__setattr__(self, "vector", tuple(map(float, vector)))
        if not self.vector or not all(map(math.isfinite, self.vector)):
            raise ValueError("a vector has at least one number, and all of them are finite")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a script answers to one request: exactly one of `text`, `json`, `calls`, `error` and `vector`.

    `json` is a value, since each family of models writes it in its own way, as it does the arguments of calls.
    `finish_reason` is the one to report instead of what comes about by itself. `script` names the script.
    """

    text: str | None = None
    json: Any = None
    calls: tuple[ToolCall, ...] = ()
    error: Error | None = None
    vector: tuple[float, ...] | None = None
    finish_reason: Finish | None = None
    script: str = ""


Value: TypeAlias = "str | ToolCall | Error | Embedding | Mapping[str, Any] | Sequence[Any]"
Answer: TypeAlias = "Value | Callable[[Received], Value]"


def as_reply(answer: Value, finish_reason: Finish | None = None) -> Reply:
    """The reply that a value means: text; one call or several; an error; a vector; anything else is a JSON answer.

    Raises TypeError for what has no JSON, and for a list that mixes calls with other things; ValueError for text that
    cannot be written: half a surrogate pair, or U+2581, which is the tokenizer's own sign for a space.
    """
    if isinstance(answer, str):
        return Reply(text=_writable(answer), finish_reason=finish_reason)
    if isinstance(answer, Error):
        return Reply(error=answer, finish_reason=finish_reason)
    if isinstance(answer, Embedding):
        return Reply(vector=answer.vector, finish_reason=finish_reason)
    calls = (answer,) if isinstance(answer, ToolCall) else tuple(answer) if isinstance(answer, list | tuple) else ()
    if calls and any(isinstance(call, ToolCall) for call in calls):
        if not all(isinstance(call, ToolCall) for call in calls):
            raise TypeError("a list of tool calls holds nothing else")
        for call in calls:
            _writable(f"{call.name}{call.arguments if isinstance(call.arguments, str) else _json(call.arguments)}")
        return Reply(calls=calls, finish_reason=finish_reason)
    if answer is None or callable(answer):
        raise TypeError(f"{answer!r} is not an answer: give text, ToolCall, Error, Embedding or a JSON value")
    return Reply(json=json.loads(_writable(_json(answer))), finish_reason=finish_reason)  # as it is now


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _writable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"text is sent in UTF-8, which has no {text[error.start]!r} (place {error.start})") from None
    if "\u2581" in text:
        raise ValueError("the sign \u2581 (U+2581) cannot be written: it is the tokenizer's own for a space")
    return text


def answerable(reply: Reply) -> frozenset[ScriptedOperation]:
    """The kinds of requests that a reply can answer."""
    if reply.error:
        return frozenset(get_args(ScriptedOperation))
    return frozenset(("chat",) if reply.vector is None else ("embeddings", "image_embeddings"))
