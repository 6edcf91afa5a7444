"""What the model says after tools have answered.

Shapes: 2024-05-01-preview, the tool message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ...messages import Message
from ..reading.slots import Slot
from ..reading.units import SIGNS
from ..reading.vocabulary import split_words
from .calls import Call, calls_of, literal
from .words import use_of_tool

_LONGEST_ANSWER, _LONGEST_FIELD = 2_000, 300  # characters of a tool's answer that are passed on
_NOTHING = (None, "", [], {})
_DEEPEST = 5  # lists and objects inside each other that are told
_MOST = 10  # members of a list that are told
_REASONS = ("message", "detail", "reason", "error_message", "code")
_SPEAKING = ("info", "message", "answer", "result", "summary", "text", "description", "content", "output")


def tool_answer(messages: Sequence[Message]) -> str:
    """What the model says after tools have answered: their words where they have words, else their fields, readably.

    Takes the tool messages since the last user message, each with the call it answers. An error a tool reports is
    passed on as such. "" when no tool has answered.
    """
    last = max((place for place, message in enumerate(messages) if message.role == "user"), default=-1)
    made = {use.id: call for message in messages for use, call in zip(message.calls, calls_of(message), strict=True)}
    answers = [message for message in messages[last + 1 :] if message.role == "tool"]
    used = {
        str(value) for message in answers if (call := made.get(message.call_id)) for value in call.arguments.values()
    }
    ends = [message for message in answers if message.text.strip() not in used]  # what went into a later call is no end
    answers = ends or answers
    told = [
        _tell(_read(message.text), made.get(message.call_id, Call("")), several=len(answers) > 1) for message in answers
    ]
    return " ".join(dict.fromkeys(told))


def reported_failure(answer: str) -> str:
    """The error that a tool's answer reports, "" for none."""
    return _failure(_read(answer))


def _read(text: str) -> Any:
    """The value that a tool's answer stands for, or else its text."""
    return literal(text.strip(), text.strip())


def _failure(value: Any) -> str:
    """The error a tool reports, "" for none."""
    if isinstance(value, Mapping):
        told = next((value[key] for key in ("error", "errors", "exception") if value.get(key)), None)
        failed = told or any(value.get(key) is False for key in ("success", "ok", "succeeded"))
        if not failed and str(value.get("status", "")).casefold() not in {"error", "failed", "failure"}:
            return ""
        if told in (None, True) or isinstance(told, Mapping):
            about = told if isinstance(told, Mapping) else value
            otherwise = told if isinstance(told, Mapping) else "no reason given"
            told = next((about[key] for key in _REASONS if about.get(key)), otherwise)
        return _inline(told)
    if isinstance(value, str) and re.match(r"(?:\w*error|exception|traceback|failed)\b", value, re.IGNORECASE):
        return value.strip().splitlines()[-1]
    return ""


def _tell(value: Any, call: Call, *, several: bool) -> str:
    about = subject(call.arguments)
    of = f" for {about}" if about else ""
    if failure := _failure(value):
        return (
            f"I could not get an answer{of}: {call.name or 'the tool'} reported an error: {_bare(failure)}. "
            "Please check the request, or try again."
        )
    done, nothing = use_of_tool(call.name) == "act", value in _NOTHING
    worked = f"Done: {' '.join(split_words(call.name)) or call.name}{of}"  # "Done: cancel order for A-5567"
    if done and (nothing or _plainly_done(value)):
        return f"{worked}."
    if nothing:
        return f"I found nothing{of}."
    if isinstance(value, Mapping):
        speaking = next(
            (key for key in _SPEAKING if isinstance(value.get(key), str) and " " in value[key].strip()), None
        )
        if speaking is not None:
            said = _sentence(value[speaking])
            rest = _fields({key: other for key, other in value.items() if key != speaking})
            return f"{said} ({_capital(rest)}.)" if rest else said
        value = _fields(value)
    elif isinstance(value, str) and " " in value:
        return _sentence(_shortened(value, _LONGEST_ANSWER))
    elif not isinstance(value, str):
        value = _inline(value)
    if done:
        return f"{worked} ({value})."
    return f"{_capital(about)}: {value}." if about and several else f"Here is what I found{of}: {value}."


def _plainly_done(value: Any) -> bool:
    """Whether a tool says that it has done its work, and nothing else: "ok", {"status": "success"}."""
    words = list(value.values()) if isinstance(value, Mapping) else [value]
    return all(str(word).casefold().strip(".! ") in {"ok", "success", "done", "true", "completed"} for word in words)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0].rstrip(' ,;:.')}…"


def subject(arguments: Mapping[str, Any]) -> str:
    """What a call was about, from its arguments: "Miami to Seattle", "Oslo", or ""."""
    slots = {key: Slot(key) for key, value in arguments.items() if isinstance(value, str) and 0 < len(value) <= 60}
    ends = {
        slots[key].role: arguments[key] for key in slots if slots[key].kind in {"place", "currency", "language", ""}
    }
    if ends.get("origin") and ends.get("destination"):
        return f"{ends['origin']} to {ends['destination']}"
    for kinds in ({"place"}, {"person"}, {"code", ""}):
        for key, slot in slots.items():
            if slot.kind in kinds:
                return str(arguments[key])
    return ""


def _fields(value: Mapping[Any, Any], depth: int = 0) -> str:
    """The fields of an object in words: "temperature: 21 °C, wind: 5 km/h"."""
    unit = str(value.get("unit") or value.get("units") or "")
    measures = [
        key for key, member in value.items() if isinstance(member, (int, float)) and not isinstance(member, bool)
    ]
    parts: list[str] = []
    for key, member in value.items():
        if key in {"unit", "units"} and measures:
            continue
        words = [*split_words(str(key))] or [str(key)]
        sign = ""
        if key in measures:
            if len(words) > 1 and words[-1] in SIGNS:
                sign = SIGNS[words.pop()]
            elif unit and key == measures[0]:
                sign = SIGNS.get(unit.casefold(), unit)
        shown = _inline(member, depth + 1)
        if shown:
            parts.append(f"{' '.join(words)}: {shown}{' ' + sign if sign and sign != '%' else sign}")
    return ", ".join(parts)


def _inline(value: Any, depth: int = 0) -> str:
    match value:
        case _ if value in _NOTHING:
            return "none"
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case Mapping():
            return f"({_fields(value, depth)})" if depth and depth < _DEEPEST else "…" if depth else _fields(value)
        case list() | tuple():
            return _listed(value, depth) if depth < _DEEPEST else "…"
        case _:
            return _shortened(_bare(str(value)), _LONGEST_FIELD)


def _listed(values: Sequence[Any], depth: int = 0) -> str:
    told = {True: _fields, False: _inline}
    shown = [told[isinstance(value, Mapping)](value, depth + 1) for value in values[:_MOST]]
    if len(values) > _MOST:
        shown.append(f"{len(values) - _MOST} more")
    if any(isinstance(value, Mapping) for value in values):
        return "; ".join(f"({place}) {text}" if len(shown) > 1 else text for place, text in enumerate(shown, 1))
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _bare(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().rstrip(".")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    text = _capital(text.strip())
    return text if text.endswith((".", "!", "?", "…", ")", '"', "”")) else f"{text}."
