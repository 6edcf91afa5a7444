"""A call of a tool: as the model decides it, as it writes it, and what it is known by.

Shapes: 2024-05-01-preview, ChatCompletionsToolCall.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...messages import Message


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool; `arguments` is a JSON object."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


class WrittenCall(NamedTuple):
    """A call as a model writes it; `arguments` is their JSON text, which a script may have broken."""

    name: str
    arguments: str

    @property
    def text(self) -> str:
        return f'{{"name": {json.dumps(self.name, ensure_ascii=False)}, "arguments": {self.arguments}}}'


def calls_text(calls: Iterable[WrittenCall]) -> str:
    """Calls as the model writes them behind its [TOOL_CALLS] token."""
    return f"[{', '.join(call.text for call in calls)}]"


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


def call_id(seed: str, index: int) -> str:
    """The id of a tool call: nine letters and digits, as Mistral's models give. Equal seed and index, equal id."""
    number = int.from_bytes(hashlib.sha256(f"{seed}\0{index}".encode()).digest()[:16])
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return "".join(alphabet[number // 62**place % 62] for place in range(9))
