"""Who says what to whom, from top to bottom: a lane for each of them, and arrows between the lanes.

canvas = Canvas()
sequence(canvas, ["your program", "the model"], [
    Step("your program", "the model", "a question and a tool", tone="sent"),
    Step("the model", "your program", "call `get_weather`, please", tone="written"),
    Step("your program", "your program", "runs `get_weather`"),        # a box on its own lane: no arrow
])
canvas.drawing("The loop of a tool call", f"The model was asked {len(calls)} times ...")
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .svg import MARGIN, Canvas, Tone

_APART = 14  # between two steps


@dataclass(frozen=True, slots=True)
class Step:
    """What one says to another, or does by itself. What a model writes is dashed, as answers are."""

    by: str
    to: str
    says: str
    tone: Tone = "plain"


def sequence(canvas: Canvas, lanes: Sequence[str], steps: Sequence[Step], top: float = MARGIN) -> None:
    """Puts the heads of the lanes, the steps one under the other, and the lines of the lanes behind them."""
    each = (canvas.width - 2 * MARGIN) / len(lanes)
    middle = {lane: MARGIN + each * (place + 0.5) for place, lane in enumerate(lanes)}
    wide = min(each - 16, 150)
    heads = [canvas.box(x - wide / 2, top, wide, lane, bold=True) for lane, x in middle.items()]
    lifelines = [canvas.line(head.under, head.under, dashed=True) for head in heads]
    y = max(head.bottom for head in heads) + _APART
    for step in steps:
        start, end = middle[step.by], middle[step.to]
        if start == end:
            wide_box = min(each - 8, 190)
            y = canvas.box(start - wide_box / 2, y, wide_box, step.says, tone=step.tone, small=True).bottom + _APART
            continue
        inset = 8 if end > start else -8
        room = abs(end - start) - 16
        label = canvas.words((start + end) / 2, y, step.says, width=room, anchor="middle", small=True, halo=True)
        y = label.bottom + 5
        canvas.arrow((start + inset / 4, y), (end - inset / 4, y), dashed=step.tone == "written")
        y += _APART
    for head, line in zip(heads, lifelines, strict=True):
        x, below = head.under
        line.set("points", f"{x:g},{below:g} {x:g},{y:g}")
    canvas.bottom = max(canvas.bottom, y)
