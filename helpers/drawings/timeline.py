"""A line of time with lanes above it: what happens when, side by side.

time = Timeline(canvas, until=2.5)
box = time.lane("without streaming", [Span(0, 2.15, "you wait", "quiet"), Span(2.15, 2.5, "you read", "sent")])
canvas.words(time.at(0.5), box.bottom, "first word", small=True)
time.axis([0, 0.5, 2.15])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .svg import MARGIN, SIZE, Box, Canvas, Tone

HEIGHT = 30  # of a lane


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, in seconds; what is going on, if there is room to say it; and its tone."""

    start: float
    end: float
    says: str = ""
    tone: Tone = "plain"


class Timeline:
    """Lanes are put one under the other, from `top` on; time goes from 0 to `until` seconds."""

    def __init__(self, canvas: Canvas, until: float, top: float = MARGIN) -> None:
        self.canvas, self.until, self.next = canvas, until, top
        self.start, self.end = MARGIN + 8.0, canvas.width - MARGIN - 16

    def at(self, seconds: float) -> float:
        """Where on the page that moment is."""
        return self.start + (self.end - self.start) * seconds / self.until

    def lane(self, title: str, spans: Sequence[Span]) -> Box:
        """Puts a lane with a title above it. Returns the room of its spans."""
        self.next = self.canvas.words(self.start, self.next, title, width=self.end - self.start, bold=True).bottom + 2
        for span in spans:
            left, width = self.at(span.start), self.at(span.end) - self.at(span.start)
            self.canvas.box(left, self.next, width, span.says, tone=span.tone, height=HEIGHT, small=True)
        lane = Box(self.start, self.next, self.end - self.start, self.canvas.bottom - self.next)
        self.next = lane.bottom + SIZE
        return lane

    def axis(self, moments: Sequence[float], name: str = "seconds since the request") -> None:
        """Puts the line of time under the lanes, with these moments marked and told. The last thing to be put."""
        y = self.next
        self.canvas.arrow((self.start, y), (self.end + 12, y))
        for moment in moments:
            self.canvas.line((self.at(moment), y - 4), (self.at(moment), y + 4))
            self.canvas.words(self.at(moment), y + 6, f"{moment:g}", anchor="middle", small=True)
        below = self.canvas.bottom + 2
        self.next = self.canvas.words(self.end, below, name, anchor="end", small=True).bottom
