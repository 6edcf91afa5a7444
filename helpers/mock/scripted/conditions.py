"""Conditions: what a request must be like, and what to say of one that is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple, TypeAlias, TypedDict, get_args

from ..masking import quoted
from .received import Received
from .replies import ScriptedOperation

Format = Literal["text", "json_object", "json_schema"]
Text: TypeAlias = "str | re.Pattern[str]"


class Wanted(TypedDict, total=False):
    """The conditions as keywords of `reply`, `where` and `assert_called`; see `Conditions`."""

    when: Text | Callable[[Received], object]
    model: str
    operation: ScriptedOperation
    turns: int
    after_tool: str | bool
    system: Text
    tool: str
    response_format: Format
    stream: bool


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a request must be like, all of it together.

    * `when`: text that the last user message (or the input to embed) holds, whatever the letters' case; a pattern
      that is found in it; or a function of the `Received` request.
    * `model`: the model or the deployment. `operation`: "chat", "embeddings" or "image_embeddings".
    * `turns`: how many user messages the conversation holds. `system`: text or pattern found in the system text.
    * `after_tool`: the conversation ends with the answer of the tool of this name (True: of any tool; False: of none).
    * `tool`: a tool of this name is offered. `response_format`: "text", "json_object", "json_schema". `stream`.
    """

    when: Text | Callable[[Received], object] | None = None
    model: str | None = None
    operation: ScriptedOperation | None = None
    turns: int | None = None
    after_tool: str | bool | None = None
    system: Text | None = None
    tool: str | None = None
    response_format: Format | None = None
    stream: bool | None = None

    def __post_init__(self) -> None:
        for name, value in self._given():
            condition = _CONDITIONS[name]
            if not condition.is_one(value):
                raise ValueError(f"{name} is {condition.what}, not {value!r}")
            if value == "":
                raise ValueError(f"{name}: the empty text is found in every request; leave the condition out")
        for name, allowed in (("operation", ScriptedOperation), ("response_format", Format)):
            value = getattr(self, name)
            if value is not None and value not in get_args(allowed):
                raise ValueError(f"{name} is one of {', '.join(get_args(allowed))}, not {value!r}")

    @classmethod
    def of(cls, given: Mapping[str, Any], *beside: str) -> Conditions:
        """The conditions as the keywords of a call that takes the names `beside` as well.

        Raises TypeError for a name that is none of them, saying which there are and which is meant.
        """
        names = [each.name for each in fields(cls)]
        if wrong := [name for name in given if name not in names]:
            raise TypeError(no_such("condition", wrong[0], names, beside))
        return cls(**given)

    def _given(self) -> Iterator[tuple[str, Any]]:
        values = ((each.name, getattr(self, each.name)) for each in fields(self))
        return ((name, value) for name, value in values if value is not None)

    def __bool__(self) -> bool:
        """Whether there is any condition."""
        return any(True for _ in self._given())

    def __str__(self) -> str:
        """ "for when='Oslo', turns=2", or "for every request"."""
        return f"for {', '.join(_wish(*item) for item in self._given())}" if self else "for every request"

    def fit(self, received: Received) -> bool:
        """Whether the request is like this."""
        return all(_CONDITIONS[name].fits(value, received) for name, value in self._given())

    def misfits(self, received: Received) -> list[str]:
        """What of the request does not fit, each in words; [] when everything does."""
        wanted = ((_CONDITIONS[name], value) for name, value in self._given())
        return [each.told(value, received) for each, value in wanted if not each.fits(value, received)]


def _is_text(value: object) -> bool:
    return isinstance(value.pattern if isinstance(value, re.Pattern) else value, str)


def _is_name(value: object) -> bool:
    return isinstance(value, str)


def no_such(what: str, name: str, names: Collection[str], beside: Collection[str] = ()) -> str:
    """What to say of a keyword that does not exist: the one that is meant, and all `names` of its kind."""
    import difflib  # here, since few names are wrong

    near = difflib.get_close_matches(name, [*names, *beside], 1)
    meant = f"; is {near[0]}= meant?" if near else "."
    others = f"; besides, it takes {', '.join(beside)}" if beside else ""
    return f"there is no {what} {name!r}{meant} The {what}s are {', '.join(names)}{others}"


def _wish(name: str, value: Any) -> str:
    if isinstance(value, re.Pattern):
        return f"{name}=/{value.pattern}/"
    if callable(value):
        return f"{name}={getattr(value, '__name__', 'function')}"
    return f"{name}={value!r}"


def _holds(text: str, wanted: Text) -> bool:
    return bool(wanted.search(text)) if isinstance(wanted, re.Pattern) else wanted.lower() in text.lower()


def _about(wanted: Text | Callable[[Received], object], received: Received) -> bool:
    if isinstance(wanted, str | re.Pattern):
        return _holds(received.asked, wanted)
    try:
        return bool(wanted(received))
    except KeyboardInterrupt:
        raise
    except BaseException:  # a slip in the test (pytest.fail is none of Exception): `_told_about` says so
        return False


def _told_about(wanted: Text | Callable[[Received], object], received: Received) -> str:
    if isinstance(wanted, str | re.Pattern):
        what = "the last user message" if received.messages else "the input"
        return f"{what} is {quoted(received.asked, received.hide) if received.asked else 'empty'}"
    name = getattr(wanted, "__name__", "function")
    try:
        wanted(received)
    except KeyboardInterrupt:
        raise
    except BaseException as fault:
        return f"{name} failed with {type(fault).__name__}: {received.hide(str(fault))[:100]}"
    return f"{name} says no"


def _after_tool(wanted: str | bool, received: Received) -> bool:
    answered = received.tool_answers
    return wanted in answered if isinstance(wanted, str) else wanted == bool(answered)


def told_end(received: Received) -> str:
    answered = ", ".join(received.tool_answers)
    return f"it ends with the answer of {answered}" if answered else "it does not end with a tool's answer"


def _told_system(received: Received) -> str:
    text = received.system_text
    return f"the system text is {quoted(text, received.hide)}" if text else "there is no system text"


class Condition(NamedTuple):
    """What a condition is, and whether a value is one; whether a request fits it, and what to say of it if not."""

    what: str
    is_one: Callable[[Any], bool]
    fits: Callable[[Any, Received], bool]
    told: Callable[[Any, Received], str]


_CONDITIONS: dict[str, Condition] = {
    "when": Condition(
        "text, a pattern of text, or a function",
        lambda value: _is_text(value) or callable(value),
        _about,
        _told_about,
    ),
    "model": Condition(
        "a name",
        _is_name,
        lambda wanted, it: wanted.lower() in {str(name).lower() for name in (it.card, it.deployment)},
        lambda _, it: f"the model is {it.model or 'not named'}",
    ),
    "operation": Condition(
        "a name",
        _is_name,
        lambda wanted, it: it.operation == wanted,
        lambda _, it: f"it is a request for {it.operation}",
    ),
    "turns": Condition(
        "a number from 1",
        lambda value: type(value) is int and value > 0,
        lambda wanted, it: it.turns == wanted,
        lambda _, it: f"it has {it.turns} turns",
    ),
    "after_tool": Condition(
        "a tool's name, True or False",
        lambda value: isinstance(value, str | bool),
        _after_tool,
        lambda _, it: told_end(it),
    ),
    "system": Condition(
        "text or a pattern of text",
        _is_text,
        lambda wanted, it: _holds(it.system_text, wanted),
        lambda _, it: _told_system(it),
    ),
    "tool": Condition(
        "a name",
        _is_name,
        lambda wanted, it: wanted in it.tools,
        lambda _, it: f"it offers {', '.join(it.tools) or 'no tools'}",
    ),
    "response_format": Condition(
        "a name",
        _is_name,
        lambda wanted, it: it.response_format == wanted,
        lambda _, it: f"its response_format is {it.response_format}",
    ),
    "stream": Condition(
        "True or False",
        lambda value: isinstance(value, bool),
        lambda wanted, it: it.stream == wanted,
        lambda _, it: f"it is {'' if it.stream else 'not '}streamed",
    ),
}
