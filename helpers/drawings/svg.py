"""What drawings are made of: a canvas that takes words, boxes, lines and arrows, and gives a `Drawing`.

    canvas = Canvas()                                          # 480 wide, as high as what is put on it
    asks = canvas.box(20, 40, 120, "your program", tone="sent")
    answers = canvas.box(320, 40, 140, "the model: `mistral-large-2407`", tone="written")
    canvas.arrow(asks.right, answers.left, "a list of messages")
    canvas.drawing("A call", f"Your program sends {len(messages)} messages and gets one back.")

Units are pixels of a page 480 wide, which is what a narrow window has; in a wide one all grows by a quarter. Words wrap
at the width they are given, and a box grows with them, so place what comes under a box by its `bottom`. Code stands
between backticks. What a thing means is its `tone`, and each tone has a pattern or a border as well as a colour, for
those who print or see without colours:

    plain     white, thin border           whatever it is
    sent      light blue, filled           what goes to the model: requests, prompts, input
    written   orange stripes               what the model writes: completions, output
    quiet     dashed border, no fill       waiting, and what is not there
    good      green dots                   what passed, what was found
    bad       thick red border             what was refused, failed or cut

A drawing is shown as a picture, an `<img>`, because JupyterLab takes an inline SVG out of a notebook that was not run
yet. Its ground is white, so that it reads wherever it is shown; in JupyterLab's dark theme it is inverted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any, Literal
from urllib.parse import quote
from xml.etree import ElementTree as ET

from ..display import Rich

Tone = Literal["plain", "sent", "written", "quiet", "good", "bad"]
Point = tuple[float, float]

WIDTH = 480
SIZE = 14  # of letters; `small=True` is two less
MARGIN = 10
_GAP = 7  # between the border of a box and its words
_SHOWN_AT = 600  # pixels in a page that has room

INK, PALE, GROUND = "#1f2328", "#57606a", "#ffffff"
# Fill, border, its width, its dashes, and a pattern: its size and what is in it.
TONES: dict[Tone, tuple[str, str, float, str]] = {
    "plain": (GROUND, PALE, 1.2, ""),
    "sent": ("#d3e5fb", "#1d5fb4", 1.2, ""),
    "written": ("url(#stripes)", "#b4530b", 1.2, ""),
    "quiet": ("none", PALE, 1.2, "4 3"),
    "good": ("url(#dots)", "#1a7f37", 1.2, ""),
    "bad": (GROUND, "#b3261e", 3.0, ""),
}
_PATTERNS = {
    "stripes": (6, "#fff4e8", "M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2", "#f3c08a"),
    "dots": (6, "#eefaf0", "M3,2.2 l0,1.6", "#8fcea0"),
}
# JupyterLab's dark theme has another lightness for shadows than its light one, and every other page has none at all.
_DARK = "min(var(--jp-shadow-base-lightness, 0), 1)"
_INVERTED = f"filter: invert(calc({_DARK} * 0.93)) hue-rotate(calc({_DARK} * 180deg))"
_WORD = re.compile(r"(?:`[^`]*`|[^\s`])+")
_NARROW, _BROAD = set("iljtfrI.,:;'!|()[] ’‘"), set("mwMW@%—…→")


@dataclass(frozen=True, slots=True, repr=False)
class Drawing(Rich):
    """A drawing to look at: `text` is its text alternative, `svg` the picture on its own."""

    svg: str


@dataclass(frozen=True, slots=True)
class Box:
    """Where something is. Its four sides are points that arrows start from and lead to."""

    x: float
    y: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        """How far down it goes."""
        return self.y + self.height

    @property
    def left(self) -> Point:
        """The middle of its left side."""
        return self.x, self.y + self.height / 2

    @property
    def right(self) -> Point:
        """The middle of its right side."""
        return self.x + self.width, self.y + self.height / 2

    @property
    def over(self) -> Point:
        """The middle of its upper side."""
        return self.x + self.width / 2, self.y

    @property
    def under(self) -> Point:
        """The middle of its lower side."""
        return self.x + self.width / 2, self.bottom


class Canvas:
    """A drawing in the making, `width` units wide."""

    def __init__(self, width: float = WIDTH) -> None:
        self.width, self.bottom = width, 0.0
        self._svg = ET.Element("svg", xmlns="http://www.w3.org/2000/svg", role="img")
        self._title = ET.SubElement(self._svg, "title")
        self._says = ET.SubElement(self._svg, "desc")
        _define(ET.SubElement(self._svg, "defs"))
        self._ground = self._put("rect", x=0, y=0, width=width, fill=GROUND)

    def words(
        self,
        x: float,
        y: float,
        text: str,
        *,
        width: float = WIDTH,
        anchor: Literal["start", "middle", "end"] = "start",
        bold: bool = False,
        small: bool = False,
        halo: bool = False,
    ) -> Box:
        """Puts a text with its upper edge at `y`, wrapped at `width`; `x` is where it starts, its middle or its end.

        A line break in the text is kept; `halo` keeps lines behind it off the letters. Returns the room that it takes.
        """
        size = SIZE - 2 * small
        lines = [line for part in text.split("\n") for line in _wrapped(part, width, size)]
        style = ({"font-weight": "bold"} if bold else {}) | ({"class": "halo"} if halo else {})
        for number, line in enumerate(lines):
            base = y + size + number * size * 1.3
            row = self._put("text", x=x, y=base, text_anchor=anchor, font_size=size, fill=INK, **style)
            for place, said in enumerate(line.split("`")):
                if said:
                    ET.SubElement(row, "tspan", {"class": "code"} if place % 2 else {}).text = said
        widest = max((_width_of(line, size) for line in lines), default=0.0)
        start = x - {"start": 0, "middle": widest / 2, "end": widest}[anchor]
        return self._reach(Box(start, y, widest, len(lines) * size * 1.3))

    def box(
        self,
        x: float,
        y: float,
        width: float,
        text: str = "",
        *,
        tone: Tone = "plain",
        height: float = 0,
        small: bool = False,
        bold: bool = False,
    ) -> Box:
        """Puts a box with a text in its middle, at least `height` high and as high as the text needs."""
        fill, border, stroke, dashes = TONES[tone]
        frame = self._put("rect", x=x, y=y, width=width, rx=4, fill=fill, stroke=border, stroke_width=stroke)
        if dashes:
            frame.set("stroke-dasharray", dashes)
        size = SIZE - 2 * small
        inner = width - 2 * _GAP
        high = sum(len(_wrapped(part, inner, size)) for part in text.split("\n")) * size * 1.3 if text else 0
        height = max(height, high + 2 * _GAP if text else 0)
        frame.set("height", _number(height))
        if text:
            top = y + (height - high) / 2 - 1
            self.words(x + width / 2, top, text, width=inner, anchor="middle", small=small, bold=bold)
        return self._reach(Box(x, y, width, height))

    def line(self, *points: Point, dashed: bool = False) -> ET.Element:
        """Puts a line through these points; returns what draws it."""
        path = self._put("polyline", points=_points(points), fill="none", stroke=PALE, stroke_width=1.2)
        if dashed:
            path.set("stroke-dasharray", "4 3")
        self._reach(Box(0, 0, 0, max(y for _, y in points)))
        return path

    def arrow(self, start: Point, end: Point, text: str = "", *, dashed: bool = False, corner: bool = False) -> None:
        """Puts an arrow, with a small text over its middle (beside it, where it is upright).

        `corner`: it goes sideways first and then down or up. `dashed`: it is an answer, or does not happen.
        """
        turn = [(end[0], start[1])] if corner else []
        last = turn[0] if turn else start
        self.line(start, *turn, end, dashed=dashed)
        self._put("polygon", points=_points(_head(last, end)), fill=PALE)
        (x1, y1), (x2, y2) = start, turn[0] if turn else end
        if text and abs(x2 - x1) >= abs(y2 - y1):
            room = abs(x2 - x1) - 12
            lines = len(_wrapped(text, room, SIZE - 2))
            top = (y1 + y2) / 2 - lines * (SIZE - 2) * 1.3 - 3
            self.words((x1 + x2) / 2, top, text, width=room, anchor="middle", small=True, halo=True)
        elif text:
            self.words(x1 + 7, (y1 + y2) / 2 - 8, text, width=self.width - x1 - 7 - MARGIN, small=True, halo=True)

    def drawing(self, title: str, says: str) -> Drawing:
        """What was drawn. `title` names it; `says` is its text alternative: the conclusion, in the lesson's numbers."""
        height = self.bottom + MARGIN
        self._svg.set("viewBox", f"0 0 {_number(self.width)} {_number(height)}")
        self._svg.set("font-family", "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif")
        self._ground.set("height", _number(height))
        self._title.text, self._says.text = title, says
        svg = ET.tostring(self._svg, encoding="unicode")
        # Not in base64: what is drawn is compared with a fresh run of the lesson, as its text is.
        source = "data:image/svg+xml," + quote(svg, safe=" ;:=,/()'+!*?@-._~")
        size = f'width="{_SHOWN_AT}" style="max-width: 100%; height: auto; {_INVERTED}"'
        return Drawing(says, f'<img alt="{escape(says)}" src="{source}" {size}>', svg)

    def _put(self, tag: str, **attributes: Any) -> ET.Element:
        said = {name.replace("_", "-"): _number(value) for name, value in attributes.items()}
        return ET.SubElement(self._svg, tag, said)

    def _reach(self, box: Box) -> Box:
        self.bottom = max(self.bottom, box.bottom)
        return box


def _define(defs: ET.Element) -> None:
    """What the drawing refers to: its patterns, and how code looks."""
    for name, (size, ground, path, colour) in _PATTERNS.items():
        units = {"id": name, "width": str(size), "height": str(size), "patternUnits": "userSpaceOnUse"}
        pattern = ET.SubElement(defs, "pattern", units)
        ET.SubElement(pattern, "rect", {"width": str(size), "height": str(size), "fill": ground})
        ET.SubElement(pattern, "path", {"d": path, "stroke": colour, "stroke-width": "1.6", "stroke-linecap": "round"})
    ET.SubElement(defs, "style").text = (
        ".code{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:92%}"
        f".halo{{paint-order:stroke;stroke:{GROUND};stroke-width:5px}}"
    )


def _wrapped(text: str, width: float, size: float) -> list[str]:
    """The lines of a text. A piece of code is one word, and a word that is too long for a line has one of its own."""
    lines: list[str] = []
    for word in _WORD.findall(text):
        if lines and _width_of(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def _width_of(line: str, size: float) -> float:
    """How wide a line is at most: fonts differ, and this is a wide one."""
    plain = (0.36 if c in _NARROW else 1.0 if c in _BROAD else 0.76 if c.isupper() else 0.63 for c in line)
    return size * sum(0.0 if c == "`" else share for c, share in zip(line, plain, strict=True))


def _head(start: Point, end: Point) -> list[Point]:
    """The three corners of the head of an arrow."""
    (x1, y1), (x2, y2) = start, end
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 or 1
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    return [end, (x2 - 9 * dx + 4 * dy, y2 - 9 * dy - 4 * dx), (x2 - 9 * dx - 4 * dy, y2 - 9 * dy + 4 * dx)]


def _points(points: Iterable[Point]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _number(value: Any) -> str:
    """A number to one decimal: the same on every machine."""
    return f"{round(value, 1):g}" if isinstance(value, int | float) else str(value)
