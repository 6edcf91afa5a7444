"""Lesson 05: the loop of a tool call, message by message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .svg import MARGIN, Canvas, Drawing, Tone

_SHOWN = 90  # characters of a message
_LEFT, _RIGHT, _WIDE = MARGIN, 300, 170  # where the two columns are, and how wide


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
    """The drawing so far: how far down it goes, how many requests there were, and what it says in words."""

    def __init__(self) -> None:
        self.canvas, self.requests = Canvas(), 0
        self.told: list[str] = []
        self.names: dict[str, str] = {}  # of the functions, by the id of the call
        heads = ((_LEFT, "your program"), (_RIGHT, "the model"))
        self.y = 8 + max(self.canvas.words(x, MARGIN, head, bold=True).bottom for x, head in heads)

    def from_your_program(self, number: int, message: Mapping[str, Any]) -> None:
        if message["role"] == "tool":
            name = self.names.get(message.get("tool_call_id", ""), "your function")
            self._put(_LEFT, f"`{name}` runs", "plain")
            self.told.append(f"Your program runs {name} and appends what it gave.")
        self._put(_LEFT, f"{number} {message['role']}: {_short(message.get('content'))}", "sent")

    def from_the_model(self, number: int, message: Mapping[str, Any]) -> None:
        self.requests += 1
        sent = f"messages 1 to {number - 1}" if number > 2 else "message 1"
        self._arrow(_LEFT + _WIDE, _RIGHT, f"request {self.requests}: {sent}, and the tools")
        self.told.append(f"Request {self.requests} sends {sent} and the tools.")
        calls = [call["function"] for call in message.get("tool_calls") or []]
        self.names |= {call["id"]: call["function"]["name"] for call in message.get("tool_calls") or []}
        for call in calls:
            self._put(_RIGHT, f"{number} assistant: call `{call['name']}` {_short(call['arguments'])}", "written")
            self.told.append(f"The model asks for {call['name']}({call['arguments']}).")
        if not calls:
            self._put(_RIGHT, f"{number} assistant: {_short(message.get('content'))}", "written")
            self.told.append(f"The model answers in words: “{message.get('content')}”")
        self._arrow(_RIGHT, _LEFT + _WIDE, "asks for a call" if calls else "answers", dashed=True)

    def _put(self, x: float, says: str, tone: Tone) -> None:
        self.y = self.canvas.box(x, self.y, _WIDE, says, tone=tone, small=True).bottom + 8

    def _arrow(self, start: float, end: float, says: str, *, dashed: bool = False) -> None:
        """Puts an arrow at the lower edge of what was put last: a request under it, an answer beside it."""
        at = self.y - 22 if dashed else self.y + 28
        self.canvas.arrow((start, at), (end, at), says, dashed=dashed)
        self.y = at + (24 if dashed else -12)


def _short(text: Any) -> str:
    text = str(text or "")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN].rsplit(' ', 1)[0]} …"
