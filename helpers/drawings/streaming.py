"""Lesson 02: the same answer whole and streamed, on one line of time."""

from __future__ import annotations

from .svg import Canvas, Drawing
from .timeline import Span, Timeline


def whole_against_streamed(waited: float, first: float, ended: float) -> Drawing:
    """One answer, fetched twice, on one line of time.

    `waited`: seconds until the whole answer came without streaming. `first`, `ended`: seconds until the first word came
    with it, and until the stream was over.
    """
    canvas, until = Canvas(), 1.3 * max(waited, ended)
    time = Timeline(canvas, until)
    empty = Span(0, waited, "an empty screen", "quiet")
    time.lane("without streaming", [empty, Span(waited, until, "all of it", "written")])
    growing = Span(first, ended, "word by word", "written")
    time.lane("with `stream=True`", [Span(0, first, "", "quiet"), growing, Span(ended, until, "all of it", "written")])
    time.axis([0, round(first, 2), round(ended, 2)])
    return canvas.drawing(
        "Whole against streamed",
        f"A line of time. Streamed, the first word is there after {first:.2f} s and all of it after {ended:.2f} s; "
        f"without streaming the screen stays empty for {waited:.2f} s, and then it comes all at once.",
    )
