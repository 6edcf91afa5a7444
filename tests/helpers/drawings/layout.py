"""What is wrong with a drawing to look at: words that overlap, leave their box or leave the page.

Words are measured in DejaVu Sans, the widest font of those that a reader may have.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib as mpl
from PIL import ImageFont

_SVG = "{http://www.w3.org/2000/svg}"
_FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"
_CODE = 0.92  # of the size of the letters around it


@dataclass(frozen=True)
class Area:
    """Where something is."""

    left: float
    top: float
    right: float
    bottom: float
    name: str

    def overlaps(self, other: Area) -> bool:
        """Whether the two share more than an edge."""
        across = min(self.right, other.right) - max(self.left, other.left)
        return across > 0.5 and min(self.bottom, other.bottom) - max(self.top, other.top) > 0.5

    def within(self, other: Area) -> bool:
        """Whether this lies in the other one."""
        across = other.left - 0.5 <= self.left and self.right <= other.right + 0.5
        return across and other.top - 0.5 <= self.top and self.bottom <= other.bottom + 0.5


def faults(svg: str) -> list[str]:
    """Each fault in a sentence; none for a drawing that can be read."""
    page = ET.fromstring(svg)
    left, top, width, height = map(float, page.attrib["viewBox"].split())
    whole = Area(left, top, left + width, top + height, "the page")
    words = [_area(text) for text in page.iter(f"{_SVG}text")]
    boxes = [_box(rect) for rect in page.findall(f"{_SVG}rect")[1:]]  # the first is the ground
    found = [f"{one.name!r} leaves the page" for one in [*words, *boxes] if not one.within(whole)]
    found += [f"{one.name!r} and {two.name!r} overlap" for one, two in combinations(words, 2) if one.overlaps(two)]
    for word in words:
        touched = [box for box in boxes if word.overlaps(box)]
        found += [f"{word.name!r} leaves its box" for box in touched if not word.within(box)]
    apart = [(one, two) for one, two in combinations(boxes, 2) if not (one.within(two) or two.within(one))]
    return found + [f"{one.name} and {two.name} overlap" for one, two in apart if one.overlaps(two)]


@cache
def _font(code: bool, bold: bool) -> ImageFont.FreeTypeFont:
    name = "DejaVuSansMono" if code else "DejaVuSans-Bold" if bold else "DejaVuSans"
    return ImageFont.truetype(str(_FONTS / f"{name}.ttf"), 100)


def _area(text: ET.Element) -> Area:
    """Where a line of words is."""
    size, bold = float(text.attrib["font-size"]), "font-weight" in text.attrib
    width = 0.0
    for run in text.iter(f"{_SVG}tspan"):
        code = run.get("class") == "code"
        width += _font(code, bold).getlength(run.text or "") / 100 * size * (_CODE if code else 1)
    x, base = float(text.attrib["x"]), float(text.attrib["y"])
    left = x - {"start": 0, "middle": width / 2, "end": width}[text.get("text-anchor", "start")]
    return Area(left, base - 0.8 * size, left + width, base + 0.2 * size, "".join(text.itertext()))


def _box(rect: ET.Element) -> Area:
    x, y, width, height = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
    return Area(x, y, x + width, y + height, f"the box at {x:g}, {y:g}")
