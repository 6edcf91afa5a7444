"""With which arguments a tool is called: drawn from the conversation, valid against the tool's own schema."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from ..reading.facts import facts
from ..reading.forms import codes, codes_after, of_form
from ..reading.kinds import spelled
from ..reading.scene import NOTHING
from ..reading.vocabulary import folded, is_common, stem, vocabulary
from .calls import Call
from .talk import Talk
from .tool import Tool

_JOINT = r"(?:,\s+(?:and\s+)?|\s+(?:and|&)\s+)(?:(?:in|to|of|for|at|from|with)\s+)?(?:the\s+)?"
_NAME, _WORD = r"([A-Z][\w'’-]*(?: [A-Z][\w'’-]*)*)", r"([a-z][\w-]*)(?=[.,?!]|$|\s+and\b)"
_JOINED = ("", "person", "company", "place", "room")  # kinds


def calls_for(tool: Tool, text: str, talk: Talk, *, insist: bool) -> list[Call]:
    """The calls of one tool, several when the text names several things for one parameter. Unless the call is insisted
    on there is none when it lacks something particular."""
    if not insist and lacking(tool, text, talk):
        return []
    arguments = tool.arguments(talk.context(text, tool))
    if talk.answered:  # "then get its logs" is of what was named before
        spoken = tool.said(talk.alone(text, tool))
        before = {name: value for call in talk.made_now for name, value in call.arguments.items()}
        same = {name: before[name] for name in tool.required if name in before and name not in spoken}
        arguments = {**arguments, **same} if tool.schema.valid({**arguments, **same}) else arguments
    if text != talk.request and not talk.answered:  # what another part of the request says is no option of this call
        own = tool.said(talk.context(text, tool, whole=False))
        kept = {name: value for name, value in arguments.items() if name in own or name in tool.required}
        arguments = kept if tool.schema.valid(kept) else arguments
    return spread(tool, arguments, text, talk.today)


def lacking(tool: Tool, text: str, talk: Talk) -> list[str]:
    """The required places, people and addresses that the conversation does not name, and what nothing in it may be."""
    if not tool.required:
        return []
    context = talk.context(text, tool)
    told = tool.told(context)
    left = [name for name in tool.required if name not in told]
    empty = tool.arguments(context) if left else {}
    return [name for name in left if name in tool.particular or empty.get(name) == NOTHING]


def spread(tool: Tool, arguments: dict[str, Any], text: str, today: date) -> list[Call]:
    """One call for each thing that the text names for the same parameter."""
    for name, value in arguments.items():
        if tool.slot(name).kind == "code" and isinstance(value, int) and (more := _more_numbers(value, text)):
            return [Call(tool.name, {**arguments, name: number}) for number in (value, *more)]
        if name not in tool.properties or not isinstance(value, str):
            continue
        others = {folded(str(other)) for key, other in arguments.items() if key != name and not isinstance(other, bool)}
        several = _several(tool, name, text, today)
        if value not in several and tool.slots[name].kind in _JOINED:
            several = _joined(value, text)
        several = [one for one in several if folded(one) not in others]
        if len(several) > 1 and value in several:
            calls = [Call(tool.name, {**arguments, name: other}) for other in several]
            return [call for call in calls if tool.schema.valid(call.arguments)]
    return [Call(tool.name, arguments)]


def _more_numbers(value: int, text: str) -> list[int]:
    """The numbers that a text joins to one: "tasks 3 and 8"."""
    found = re.search(rf"(?<![\d.-]){value}((?:,\s*\d+)*,?\s+and\s+\d+)(?![\d.-])", text)
    return [int(number) for number in re.findall(r"\d+", found[1])] if found else []


def _joined(value: str, text: str) -> list[str]:
    """A value and what a text joins to it: "for Elena and Omar", "in physics and in biology"."""
    found, more = [value], rf"{_JOINT}{_NAME if value[:1].isupper() else _WORD}"
    while joined := re.search(re.escape(found[-1]) + more, text):
        if joined[1] in found or is_common(joined[1]) or joined[1] in vocabulary().act:
            break
        found.append(joined[1])
    return found


def _several(tool: Tool, name: str, text: str, today: date) -> list[str]:
    """What a text names for one parameter."""
    slot, found = tool.slots[name], facts(text, today)
    if listed := tool.listed(name):
        texts = [value for value in listed if isinstance(value, str) and stem(value) not in tool.topic]
        return [value for value in texts if found.mentions(value) and not found.denies(value)]
    if slot.kind == "place":
        alike = [place for place in found.places if place.role == (slot.role or "location")]
        alike = alike or [place for place in found.places if place.role == ("location" if slot.role else "destination")]
        return list(dict.fromkeys(spelled(place, slot) for place in alike))
    if slot.kind == "code":
        if named := [code for word in slot.words for code in codes_after(word, text)]:
            return [*dict.fromkeys(named)]
        named = [code for code in codes(text) if stem(code) not in tool.topic]
        return [code for code in named if not code.isdigit()] or named
    by_kind = {
        "person": found.people, "email": found.emails, "url": found.urls, "date": found.dates,
        "": found.items or found.quoted,
        "timezone": tuple(of_form("timezone", found)), "path": tuple(of_form("path", found)),
        "language": found.languages if slot.role != "origin" and len(found.languages) > 1 else (),
    }  # fmt: skip
    return list(by_kind.get(slot.kind, ()))
