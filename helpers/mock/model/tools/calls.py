"""A call of a tool as the model decides it. How it is spelled is the family's (`api.families`).

Shapes: 2024-05-01-preview, ChatCompletionsToolCall.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ...messages import Message


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool; `arguments` is a JSON object."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


def calls_of(message: Message) -> list[Call]:
    """The calls an assistant's message made; arguments that are not a JSON object count as none."""
    made: list[Call] = []
    for use in message.calls:
        try:
            arguments = json.loads(use.arguments or "{}")
        except (ValueError, TypeError, RecursionError):
            arguments = {}
        made.append(Call(use.name, arguments if isinstance(arguments, dict) else {}))
    return made
