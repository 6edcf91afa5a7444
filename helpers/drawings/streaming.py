"""Lesson 02: the same answer whole and streamed, on one line of time."""

from __future__ import annotations

from .svg import Canvas, Drawing
from .timeline import Span, Timeline


def whole_against_streamed(waited: float, first: float, last: float) -> Drawing:
    """One answer, fetched twice, on one line of time.

    `waited`: seconds until the whole answer came without streaming. `first`, `last`: seconds until the first and the
    last word came with it.
    """
    canvas, until = Canvas(), 1.3 * max(waited, last)
    time = Timeline(canvas, until)
    empty = Span(0, waited, "an empty screen", "quiet")
    time.lane("without streaming", [empty, Span(waited, until, "all of it", "written")])
    growing = Span(first, last, "word by word", "written")
    time.lane("with `stream=True`", [Span(0, first, "", "quiet"), growing, Span(last, until, "all of it", "written")])
    time.axis([0, round(first, 2), round(last, 2)])
    return canvas.drawing(
        "Whole against streamed",
        f"A line of time. Streamed, the first word is there after {first:.2f} s and the last after {last:.2f} s; "
        f"without streaming the screen stays empty for {waited:.2f} s, and then all of it comes at once.",
    )
