"""Lesson 01: the list of messages, turn by turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..answers import plain
from .svg import MARGIN, SIZE, Box, Canvas, Drawing

_SHOWN = 3  # turns: the last ones
_ROW = 24
_APART = 12


def the_list_grows(messages: Sequence[Mapping[str, Any]], replies: Sequence[Any]) -> Drawing:
    """What was sent at each turn of a conversation, and what came back: the last three turns, side by side.

    `messages`: the list as it is after the last turn, a system message first, then question and answer in turn.
    `replies`: what `complete` returned at each turn.
    """
    roles = [str(plain(message["role"])) for message in messages]
    turns = list(enumerate(replies, 1))[-_SHOWN:]
    canvas, said = Canvas(), []
    wide = (canvas.width - 2 * MARGIN - (_SHOWN - 1) * _APART) / _SHOWN
    for column, (turn, reply) in enumerate(turns):
        sent, x = roles[: 2 * turn], MARGIN + column * (wide + _APART)
        counted = reply.usage and f"{reply.usage.prompt_tokens:,} prompt tokens"
        _column(canvas, x, wide, f"turn {turn}", sent, counted or f"{len(sent)} messages")
        said.append(f"{len(sent)} messages" + (f" and {counted}" if counted else ""))
    return canvas.drawing(
        "The list of messages, turn by turn",
        "The list that is sent grows by two messages a turn, the answer before and the new question: "
        f"{', then '.join(said)}. The model is sent all of it again each time.",
    )


def _column(canvas: Canvas, x: float, wide: float, title: str, sent: Sequence[str], counted: str) -> Box:
    """One turn: the messages that are sent, what they cost, and the answer."""
    y = canvas.words(x + wide / 2, MARGIN, title, anchor="middle", bold=True).bottom + 4
    for role in sent:
        y = canvas.box(x, y, wide, role, tone="sent", height=_ROW, small=True).bottom + 3
    y = canvas.words(x + wide / 2, y + 1, counted, anchor="middle", small=True).bottom + 2
    middle = x + wide / 2
    canvas.arrow((middle, y), (middle, y + SIZE))
    return canvas.box(x, y + SIZE + 2, wide, "assistant", tone="written", height=_ROW, small=True)
