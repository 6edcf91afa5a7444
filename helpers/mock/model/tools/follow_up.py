"""A follow-up: the earlier call again, with what the request changes. "And back?", "What about Boston?"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..reading.facts import facts
from ..reading.vocabulary import stem
from .arguments import spread
from .calls import Call
from .choosing import clearly_asked
from .talk import Talk
from .tool import Tool

_LONGEST = 14  # words of a follow-up
_FREE = frozenset({"query", "answer", "text"})  # kinds of slots that any words would fill
_BACK = re.compile(r"\b(?:back|return(?:ing)?|reverse|the other way|opposite direction)\b", re.IGNORECASE)
_FOLLOWING = re.compile(
    r"\W*(?:(?:ok|okay|thanks|thank you|great|good|well)\b\W*)*"
    r"(?:and|or|but|also|now|same|what about|how about|what if|what of|then)\b",
    re.IGNORECASE,
)


def follow_up(tools: Mapping[str, Tool], talk: Talk) -> list[Call]:
    """The earlier calls again, with what the request changes; empty when the request stands on its own."""
    earlier = [(tools[call.name], call.arguments) for call in talk.earlier_calls if call.name in tools]
    if not earlier or len(talk.request.split()) > _LONGEST:
        return []
    back = _BACK.search(talk.request)
    if not (back or _FOLLOWING.match(talk.request)):
        return []
    if asked := clearly_asked(tools, talk.request):
        earlier = [(tool, arguments) for tool, arguments in earlier if tool is asked]
    calls: list[Call] = []
    for tool, arguments in earlier:
        changed = _changed(tool, talk)
        swapped = _swapped(tool, arguments) if back else None
        if swapped is not None and not any(tool.slot(name).kind == "place" for name in changed):
            calls.append(Call(tool.name, {**swapped, **changed}))
        elif changed:
            calls += spread(tool, {**arguments, **changed}, talk.request, talk.today)
    unique = [call for place, call in enumerate(calls) if call not in calls[:place]]
    return [call for call in unique if tools[call.name].schema.valid(call.arguments)]


def _changed(tool: Tool, talk: Talk) -> dict[str, Any]:
    """The arguments that the request itself speaks of."""
    context = talk.alone(talk.request, tool)
    changed = tool.said(replace(context, topic=context.topic | {stem("back"), stem("about")}))
    if facts(talk.request).quoted:
        return changed
    # Free text is whatever was written; only a quotation is meant to replace it.
    return {name: value for name, value in changed.items() if tool.slot(name).kind not in _FREE}


def _swapped(tool: Tool, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """The arguments with origin and destination exchanged; None for a tool without the two."""
    ends = {
        role: [name for name in arguments if name in tool.slots and tool.slots[name].role == role
               and tool.slots[name].kind in {"place", ""}]
        for role in ("origin", "destination")
    }  # fmt: skip
    if not ends["origin"] or not ends["destination"]:
        return None
    one, other = ends["origin"][0], ends["destination"][0]
    return {**arguments, one: arguments[other], other: arguments[one]}
