"""Lesson 10: when the attempts of many callers reach a service that is down, with and without jitter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .svg import Canvas, Drawing
from .timeline import Timeline

_WIDE, _HIGH, _ROW = 5.0, 3.0, 6.0  # of the mark of an attempt, and from caller to caller


Attempts = Sequence[tuple[float, int]]  # of one caller: the second and the status of each


def retry_waves(together: Sequence[Attempts], apart: Sequence[Attempts]) -> Drawing:
    """The attempts of many callers on one line of time: a row for each caller, a mark for each attempt.

    `together`: where all callers wait alike; `apart`: where a part of each wait is random.
    """
    canvas = Canvas()
    time = Timeline(canvas, 1.05 * max(second for attempts in [*together, *apart] for second, _ in attempts))
    alike, spread = crowd(together), crowd(apart)
    for title, callers in (
        (f"all wait alike: up to {alike} in a tenth of a second", together),
        (f"with jitter: up to {spread} in a tenth of a second", apart),
    ):
        y = time.lane(title, []).y
        for attempts in callers:
            for second, status in attempts:
                canvas.box(time.at(second), y, _WIDE, tone="good" if status == 200 else "bad", height=_HIGH)
            y += _ROW
        time.next = y + 12
    key = time.next
    canvas.box(time.start, key + 6, 10, tone="bad", height=6)
    canvas.words(time.start + 18, key, "refused: 503", small=True)
    canvas.box(time.start + 160, key + 6, 10, tone="good", height=6)
    canvas.words(time.start + 178, key, "answered: 200", small=True)
    time.next = key + 26
    time.axis(list(range(int(time.until) + 1)), "seconds since the first attempt")
    return canvas.drawing(
        "Many callers and one 503",
        f"{len(together)} callers meet a 503 and come back. Where all wait alike, {alike} attempts after the first "
        f"reach the service within one tenth of a second; where a part of each wait is random, at most {spread} do.",
    )


def crowd(callers: Sequence[Attempts]) -> int:
    """How many attempts, the first of each caller not counted, fall into the fullest tenth of a second."""
    return max(Counter(round(second, 1) for attempts in callers for second, _ in attempts[1:]).values())
