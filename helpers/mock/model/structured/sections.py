"""Prompts in sections, as programs write them that fill templates: "[[ ## question ## ]]" and what it is below it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ...messages import Message
from .shape import placeholder

_HEAD = r"\[\[ ## (?P<name>\w+) ## \]\]"
_SECTION = re.compile(rf"{_HEAD}[ \t]*\n(?P<value>.*?)(?=\n\s*\[\[ ##|\n\s*Respond with\b|\Z)", re.DOTALL)
_WANTED = re.compile(r"^[ \t]*Respond with the corresponding output fields\b(?P<fields>[^\n]*)", re.MULTILINE)
_TYPED = r"`{name}` \((?P<type>[^()\n]+(?:\[[^\n]*?\])?)\)(?P<told>[^\n]*)"
_CHOICES = re.compile(r"Literal\[(?P<row>[^\]\n]+)\]|one of: (?P<told>[^\n]+)")


def unsectioned(messages: Sequence[Message]) -> tuple[Sequence[Message], dict[str, Any]]:
    """The messages with the last turn as plain words, and the schema of the sections that are wanted, {} for none."""
    last = messages[-1]
    given = list(_SECTION.finditer(last.text)) if last.role == "user" else []
    if not given:
        return messages, {}
    parts = [(one["name"], one["value"].strip()) for one in given]
    told = parts[0][1] if len(parts) == 1 else "\n\n".join(f"{name.capitalize()}: {value}" for name, value in parts)
    wanted = _WANTED.search(last.text)
    names = [name for name in re.findall(r"## (\w+) ##", wanted["fields"]) if name != "completed"] if wanted else []
    before = "\n".join(turn.text for turn in messages[:-1])
    members = {name: _member(name, before) for name in names}
    schema = {"type": "object", "properties": members, "required": names} if names else {}
    objective = before.rpartition("your objective is:")[2].strip() if "your objective is:" in before else ""
    return [Message("system", objective), Message("user", told)], schema


def _member(name: str, before: str) -> dict[str, Any]:
    typed = re.search(_TYPED.format(name=re.escape(name)), before)
    if typed is None:
        return {"type": "string"}
    if choices := _CHOICES.search(typed["type"]):
        return {"enum": re.findall(r"['\"]([^'\"]+)['\"]", choices["row"] or choices["told"])}
    return placeholder(typed["type"], quoted=False) if typed["type"] != "str" else {"type": "string"}


def written(value: Mapping[str, Any]) -> str:
    """The sections of an answer, and the mark behind the last."""
    parts = [f"[[ ## {name} ## ]]\n{one if isinstance(one, str) else json.dumps(one)}" for name, one in value.items()]
    return "\n\n".join([*parts, "[[ ## completed ## ]]"])
