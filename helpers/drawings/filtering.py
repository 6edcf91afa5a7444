"""Lesson 06: the content filter, before the model and behind it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Protocol

from .svg import MARGIN, Canvas, Drawing, Tone

_COLUMNS = {"prompt": 10, "filter": 130, "model": 214, "filter ": 296, "your program gets": 380}
_WIDTHS = (108, 72, 70, 72, 90)
_HEIGHT = 66  # of a row, at least
_SHOWN = 64  # characters of a prompt
# What becomes of a prompt on its way, by what the handler tells of it; {why} is what the filter found.
_WAYS: dict[str, list[tuple[str, Tone]]] = {
    "answer": [("passes", "good"), ("writes", "written"), ("passes", "good"), ("200: the answer", "plain")],
    "answer cut": [
        ("passes", "good"),
        ("writes", "written"),
        ("cuts it\n{why}", "bad"),
        ("200: half an answer", "bad"),
    ],
    "prompt refused": [
        ("stops it\n{why}", "bad"),
        ("never sees it", "quiet"),
        ("", "quiet"),
        ("400: an exception", "bad"),
    ],
}
_TOLD = {
    "answer": "“{prompt}” passes both filters and is answered.",
    "answer cut": "“{prompt}” reaches the model, and the filter behind it cuts the answer ({why}).",
    "prompt refused": "“{prompt}” is stopped by the filter before the model, which never sees it ({why}).",
}


class Outcome(Protocol):
    """What became of a request, as the lesson's handler tells it."""

    @property
    def kind(self) -> str:
        """One of "answer", "answer cut" and "prompt refused"."""
        ...

    @property
    def why(self) -> Mapping[str, str]:
        """The categories that were filtered, with their severity."""
        ...


def filter_before_and_after(outcomes: Mapping[str, Outcome]) -> Drawing:
    """The way of each prompt through the filter, the model and the filter again; `outcomes` says what came of it."""
    canvas = Canvas()
    heads = [
        canvas.words(x, MARGIN, head, width=width, bold=True, small=True)
        for (head, x), width in zip(_COLUMNS.items(), _WIDTHS, strict=True)
    ]
    top, told = max(head.bottom for head in heads) + 4, []
    for prompt, outcome in outcomes.items():
        said = {"prompt": prompt, "why": ", ".join(f"{name}: {how}" for name, how in outcome.why.items())}
        top = _row(canvas, top, prompt, outcome.kind, said["why"]) + 14
        told.append(_TOLD[outcome.kind].format(**said))
    return canvas.drawing("The content filter before the model and behind it", " ".join(told))


def _row(canvas: Canvas, top: float, prompt: str, kind: str, why: str) -> float:
    """One prompt's way from left to right. Returns how far down it goes."""
    short = prompt if len(prompt) <= _SHOWN else f"{prompt[:_SHOWN]}…"
    texts = [short, *(says.format(why=why) for says, _ in _WAYS[kind])]
    tones: list[Tone] = ["sent", *(tone for _, tone in _WAYS[kind])]
    boxes = [
        canvas.box(x, top, width, says, tone=tone, small=True, height=_HEIGHT)
        for x, width, says, tone in zip(_COLUMNS.values(), _WIDTHS, texts, tones, strict=True)
    ]
    gone = 1 if kind == "prompt refused" else len(boxes)  # how far the prompt gets
    for before, after in list(pairwise(boxes))[:gone]:
        y = top + _HEIGHT / 2
        canvas.arrow((before.x + before.width, y), (after.x, y))
    return max(box.bottom for box in boxes)
