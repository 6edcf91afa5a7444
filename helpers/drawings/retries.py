"""Lesson 10: when the attempts of many callers reach a service that is down, with and without jitter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .svg import Canvas, Drawing
from .timeline import Timeline

_WIDE, _HIGH, _ROW = 5.0, 3.0, 6.0  # of the mark of an attempt, and from caller to caller


def retry_waves(together: Sequence[Sequence[float]], apart: Sequence[Sequence[float]]) -> Drawing:
    """The attempts of many callers on one line of time: a row for each caller, a mark for each attempt.

    `together`: the seconds at which each caller's attempts arrive where all wait alike; `apart`: where a part of each
    wait is random. The last attempt of a caller is the one that is answered, all before it are refused.
    """
    canvas = Canvas()
    until = 1.05 * max(max(times) for times in [*together, *apart])
    time = Timeline(canvas, until)
    alike, spread = crowd(together), crowd(apart)
    callers = len(together)
    for title, group in (
        (f"all wait alike: up to {alike} in a tenth of a second", together),
        (f"with jitter: up to {spread} in a tenth of a second", apart),
    ):
        top = time.lane(title, []).y
        for row, times in enumerate(group):
            for place, moment in enumerate(times):
                answered = place == len(times) - 1
                y = top + row * _ROW
                canvas.box(time.at(moment), y, _WIDE, tone="good" if answered else "bad", height=_HIGH)
        time.next = top + len(group) * _ROW + 12
    key = time.next
    canvas.box(time.start, key + 6, 10, tone="bad", height=6)
    canvas.words(time.start + 18, key, "refused: 503", small=True)
    canvas.box(time.start + 160, key + 6, 10, tone="good", height=6)
    canvas.words(time.start + 178, key, "answered: 200", small=True)
    time.next = key + 26
    time.axis(list(range(int(until) + 1)), "seconds since the first attempt")
    return canvas.drawing(
        "Many callers and one 503",
        f"{callers} callers meet a 503 and come back. Where all wait alike, {alike} attempts after the first reach the "
        f"service within the same tenth of a second; where a part of each wait is random, at most {spread} do.",
    )


def crowd(callers: Sequence[Sequence[float]]) -> int:
    """How many attempts, the first of each caller not counted, fall into the fullest tenth of a second."""
    return max(Counter(round(moment, 1) for times in callers for moment in times[1:]).values())
