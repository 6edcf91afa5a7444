"""JSON that is only asked for in words: whether it is, in which shape, and how a model writes it."""

from __future__ import annotations

import json
import re
from typing import Any

from ...text import lowered
from ..reading.conversation import Conversation
from ..writing.generate import Choice, Text

_KEY = re.compile(r"[\"']?([A-Za-z_][A-Za-z0-9_ ]{0,40})[\"']?\s*:")


def shape_wanted(text: str) -> dict[str, Any]:
    """A JSON schema of the object that an instruction shows: ``{ "answer": "response" }``, a JSON schema written out,
    or members without quotes as in ``{ answer: response }``. Without any of them an object with the member "answer"."""
    for brace in list(re.finditer(r"\{", text))[:20]:
        try:
            example, _ = json.JSONDecoder().raw_decode(text[brace.start() :])
        except (ValueError, RecursionError):
            continue
        if example:
            return example if isinstance(example.get("properties"), dict) else _shape(example)
    match = re.search(r"\{([^{}]*)\}", text)
    names = (match and _KEY.findall(match[1])) or ["answer"]
    return _shape(dict.fromkeys(names, ""))


def _shape(example: Any) -> dict[str, Any]:
    """A schema of values like the example; a text in an example stands for any plain value."""
    match example:
        case dict():
            members = {name: _shape(value) for name, value in example.items()}
            return {"type": "object", "properties": members, "required": list(members)}
        case list():
            return {"type": "array", "items": _shape(example[0]) if example else {}}
        case bool():
            return {"type": "boolean"}
        case int() | float():
            return {"type": "number"}
    return {"type": ["number", "string"]}


def asks_for_json(conversation: Conversation) -> bool:
    """Whether the words of the request ask for JSON."""
    text = f"{conversation.system}\n{conversation.question}"
    return "json" in lowered(text) and bool(re.search(r"\bJSON\b", text, re.IGNORECASE))


def fenced(value: Any) -> Text:
    """JSON as a model writes it that was only asked in words: inside a code fence, with a sentence before it."""
    body = json.dumps(value, ensure_ascii=False, indent=2)
    return Text((Choice(("Here is the JSON you asked for:", "Sure, here is the JSON:")), f"\n\n```json\n{body}\n```"))
