"""What a validator complained of is changed in the next try, and nothing else.

Programs send the complaint back as a user's turn behind the JSON, or as the result of the call: "age: Input should be a
valid integer [input_value='old']. Fix the errors and try again."
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ...messages import Message
from ..reading.numbers import without_point

_READ = 8_000  # characters of a complaint
_TO_A_CALL = re.compile(
    r"validation error|fix the errors?|try again|recall the function|correct (?:the|your)", re.IGNORECASE
)
_TO_A_TEXT = re.compile(
    r"\b(?:validation error|errors?|invalid|wrong|must|should|expected|required|missing|fix|correct|try again)\b",
    re.IGNORECASE,
)


class Complaint(NamedTuple):
    """The last try, those before it, the tool that it called ("" for none), what was said of it, and what stood before
    the first try."""

    tried: Mapping[str, Any]
    earlier: Sequence[Mapping[str, Any]]
    tool: str
    said: str
    before: Sequence[Message]


def complaint_in(messages: Sequence[Message]) -> Complaint | None:
    """The complaint with which a conversation ends; None for any other end."""
    last = messages[-1] if messages else None
    tries = [place for place, turn in enumerate(messages) if turn.role == "assistant"]
    if last is None or not tries or last.role not in {"user", "tool"}:
        return None
    first = tries[-1]
    tried, tool = _try(messages[first])
    complains = _TO_A_CALL if tool else _TO_A_TEXT
    said = last.text[:_READ]
    if tried is None or not complains.search(said):
        return None
    earlier: list[Mapping[str, Any]] = []
    while first >= 2 and messages[first - 2].role == "assistant" and complains.search(messages[first - 1].text):
        first -= 2
        earlier.append(_try(messages[first])[0] or {})
    return Complaint(tried, earlier, tool, said, messages[:first])


def _try(turn: Message) -> tuple[dict[str, Any] | None, str]:
    """The object that a turn gave, and the tool whose arguments it is."""
    call = next(iter(turn.calls), None)
    return (_object_in(call.arguments), call.name) if call else (_object_in(turn.text), "")


def _object_in(text: str) -> dict[str, Any] | None:
    begin, end = text.find("{"), text.rfind("}")
    if begin < 0:
        return None
    try:
        found = json.loads(text[begin : end + 1])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def mended(complaint: Complaint, anew: Mapping[str, Any], valid: Callable[[Any], bool] = bool) -> dict[str, Any]:
    """The last try with what was complained of changed; members that it lacks come from the value made `anew`."""
    tried = {name: value for name, value in complaint.tried.items() if not anew or name in anew}
    tried = tried or {**complaint.tried}
    value = {**anew, **tried}
    spoken = [name for name in tried if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", complaint.said)]
    for name in spoken or tried:
        said = _said_of(name, list(tried), complaint.said) if spoken else complaint.said
        for other in _others(tried[name], said, anew.get(name)):
            before = (tried, *complaint.earlier)
            if not any(one.get(name) == other for one in before) and valid({**value, name: other}):
                value[name] = other
                break
    return value


def _said_of(name: str, names: Sequence[str], said: str) -> str:
    """The part of a complaint that is about a member: up to where another is named."""
    start = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said)
    rest = said[start.start() :] if start else said
    named = (re.search(rf"(?m)^\W*{re.escape(other)}\b", rest) for other in names if other != name)
    others = [found.start() for found in named if found]
    return rest[: min(others, default=len(rest))]


_BOUND = re.compile(
    r"(?P<put>greater than or equal to|at least|>=|no less than|minimum(?: of)?|less than or equal to|at most|<=|"
    r"no more than|maximum(?: of)?|up to|between|greater than|more than|above|>|less than|below|under|<)"
    r"\s*(?P<figure>-?\d+(?:\.\d+)?)",
    re.IGNORECASE,
)
# How far beyond a bound a value has to be.
_BEYOND = {
    **dict.fromkeys(("greater than", "more than", "above", ">"), 1),
    **dict.fromkeys(("less than", "below", "under", "<"), -1),
}
_QUOTED = re.compile(r"['\"`‘“]([^'\"`’”\n]{1,60})['\"`’”]")
_EXAMPLE = re.compile(r"\be\.?g\.?,?\s+['\"]?([^'\"\[\n,.]{1,40})")
_INPUT = re.compile(r"\[type=[^\n]*\]|input_value=[^\n]*|\bgot\b[^\n]*")


def _others(old: Any, said: str, anew: Any) -> Iterator[Any]:
    """Values to try in the place of one that was complained of, what the complaint says first."""
    told = _INPUT.sub("", said)
    if isinstance(old, str):
        if re.search(r"\bcaps\b|capital letters|upper ?-?case", told, re.IGNORECASE):
            yield old.upper()
        if re.search(r"lower ?-?case|small letters", told, re.IGNORECASE):
            yield old.lower()
    yield from _bounded(old, told)
    yield from (choice for choice in _QUOTED.findall(told) if " or " in told or "one of" in told or "must be" in told)
    if kind := re.search(r"\b(integer|number|boolean|list|array|string)\b", told):
        yield from _of_kind(kind[1], old)
    yield from (example.strip() for example in _EXAMPLE.findall(told))
    yield anew
    if isinstance(old, bool):
        yield not old
    elif isinstance(old, (int, float)):
        yield from (old + 1, old - 1)
    elif isinstance(old, str):
        yield from (f"{old} 2", old.title(), old.upper())
    elif isinstance(old, list):
        yield from (old[:-1], [*old, *old[:1]])


def _bounded(old: Any, told: str) -> Iterator[Any]:
    """A number, or the length of a text or a list, within the bounds that a complaint names."""
    for bound in _BOUND.finditer(told):
        wanted, step = float(bound["figure"]), _BEYOND.get(bound["put"].lower(), 0)
        if isinstance(old, str) and not re.search(r"character|item|length|long|short", told):
            old = 0  # a number that was written as a text
        if isinstance(old, (int, float)) and not isinstance(old, bool):
            yield from (without_point(wanted + part) for part in ((step / 2, step) if abs(wanted) <= 1 else (step,)))
        elif isinstance(old, str):
            size = max(int(wanted + step), 0)
            yield old[:size] if len(old) > size else " ".join([old or "text"] * (size // (len(old) + 1) + 1))
        elif isinstance(old, list) and old:
            yield (old * (int(wanted) + 1))[: max(int(wanted + step), 0)]


def _of_kind(kind: str, old: Any) -> Iterator[Any]:
    figure = re.search(r"-?\d+(?:\.\d+)?", str(old))
    match kind:
        case "integer":
            whole = int(float(figure[0])) if figure else 0
            yield from (whole, whole + 1)
        case "number":
            yield float(figure[0]) if figure else 1
        case "boolean":
            yield str(old).casefold() in {"true", "yes", "1"}
        case "list" | "array":
            yield [old]
        case _:
            yield str(old)
