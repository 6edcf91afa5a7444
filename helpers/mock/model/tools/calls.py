"""A call of a tool as the model decides it. How it is spelled is the family's (`api.families`).

Shapes: 2024-05-01-preview, ChatCompletionsToolCall.
"""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass, field
from typing import Any

from ...messages import Message

_LONGEST = 20_000  # characters that are read as Python


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool; `arguments` is a JSON object."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


def calls_of(message: Message) -> list[Call]:
    """The calls an assistant's message made; arguments that are no object count as none."""
    made = [(use.name, literal(use.arguments)) for use in message.calls]
    return [Call(name, arguments if isinstance(arguments, dict) else {}) for name, arguments in made]


def literal(text: str, default: Any = None) -> Any:
    """The value that a text writes in JSON or, a frequent slip, an object or a list in Python; else the default."""
    in_python = text[:1] in {"{", "["} and len(text) < _LONGEST
    for read in (json.loads, ast.literal_eval) if in_python else (json.loads,):
        try:
            return read(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    return default
