"""Lesson 05: the loop of a tool call, message by message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .svg import MARGIN, Box, Canvas, Drawing, Tone

_SHOWN = 60  # characters of a message
_LEFT, _RIGHT, _WIDE = MARGIN, 288, 182  # where the two columns are, and how wide
_APART, _BELOW = 8, 34  # between two boxes; how much further down a box of the model's goes than what it answers


def tool_loop(messages: Sequence[Mapping[str, Any]]) -> Drawing:
    """A conversation in which a model asked for calls and got their answers: who does what, from top to bottom.

    `messages`: all of them in order, up to the model's last.
    """
    drawn = _Loop()
    for number, message in enumerate(messages, 1):
        if message["role"] == "assistant":
            drawn.from_the_model(number, message)
        else:
            drawn.from_your_program(number, message)
    return drawn.canvas.drawing("The loop of a tool call", " ".join(drawn.told))


class _Loop:
    """The drawing so far: how far down either column goes, what was sent last, and what is said of it all."""

    def __init__(self) -> None:
        self.canvas, self.requests = Canvas(), 0
        self.told: list[str] = []
        self.names: dict[str, str] = {}  # of the functions, by the id of the call
        heads = ((_LEFT, "your program"), (_RIGHT, "the model"))
        self.left = self.right = _APART + max(self.canvas.words(x, MARGIN, head, bold=True).bottom for x, head in heads)
        self.last = Box(_LEFT, self.left, _WIDE, 0)

    def from_your_program(self, number: int, message: Mapping[str, Any]) -> None:
        if message["role"] == "tool":
            name = self.names.get(message.get("tool_call_id", ""), "your function")
            self._mine(f"`{name}` runs", "plain")
            self.told.append(f"Your program runs {name} and appends what it gave.")
        self._mine(f"{number} {message['role']}: {_short(message.get('content'))}", "sent")

    def from_the_model(self, number: int, message: Mapping[str, Any]) -> None:
        self.requests += 1
        sent = f"messages 1 to {number - 1}" if number > 2 else "message 1"
        self.told.append(f"Request {self.requests} sends {sent} and the tools.")
        calls = message.get("tool_calls") or []
        self.names |= {call["id"]: call["function"]["name"] for call in calls}
        asked = [call["function"] for call in calls]
        said = [f"call `{one['name']}` {_short(one['arguments'])}" for one in asked] or [_short(message.get("content"))]
        first = self._theirs(f"{number} assistant: {said[0]}")
        for more in said[1:]:
            self._theirs(f"{number} assistant: {more}")
        numbers = f"1–{number - 1}" if number > 2 else "1"
        self._between(first, f"request {self.requests}: {numbers}, tools", "asks" if asked else "answers")
        self.told += [f"The model asks for {one['name']}({one['arguments']})." for one in asked]
        if not asked:
            self.told.append(f"The model answers in words: “{message.get('content')}”")

    def _mine(self, says: str, tone: Tone) -> None:
        self.last = self.canvas.box(_LEFT, self.left, _WIDE, says, tone=tone, small=True)
        self.left = self.last.bottom + _APART

    def _theirs(self, says: str) -> Box:
        top = max(self.last.y, self.right)
        box = self.canvas.box(_RIGHT, top, _WIDE, says, tone="written", small=True, height=self.last.height + _BELOW)
        self.right = box.bottom + _APART
        return box

    def _between(self, box: Box, request: str, answer: str) -> None:
        """Puts the arrow from what was sent last to the model's box, and the one back below it."""
        there, back = max(self.last.left[1], box.y + 12), max(self.last.bottom, box.y + 24) + 20
        self.canvas.arrow((_LEFT + _WIDE, there), (_RIGHT, there), request)
        self.canvas.arrow((_RIGHT, back), (_LEFT + _WIDE, back), answer, dashed=True)
        self.left = max(self.left, back - 12)


def _short(text: Any) -> str:
    text = str(text or "")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN].rsplit(' ', 1)[0]} …"
