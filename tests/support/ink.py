"""Where the letters of a printed page are, and what of the page was left visible there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

from pypdf import PageObject
from pypdf.generic import ContentStream, DictionaryObject

Matrix = tuple[float, float, float, float, float, float]
Area = tuple[float, float, float, float]
"""Left, bottom, right, top."""
_AS_IT_IS: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True)
class Letter:
    """A letter from its beginning to its end on its line, and the part of the page in which it can be seen."""

    start: float
    end: float
    line: float
    size: float
    visible: Area

    def is_seen(self, slack: float = 1.0) -> bool:
        left, bottom, right, top = self.visible
        return left - slack <= self.start and self.end <= right + slack and bottom - slack <= self.line <= top + slack


@dataclass(frozen=True)
class _Font:
    widths: Mapping[int, float]
    blank: int | None
    """The glyph that is nothing to see."""


@dataclass(frozen=True)
class _State:
    matrix: Matrix
    visible: Area


@dataclass
class _Page:
    """What draws a page, followed: coordinates, what is clipped to rectangles, and letters."""

    page: PageObject
    state: _State = field(init=False)
    kept: list[_State] = field(default_factory=list)
    rectangle: Area | None = None
    text: Matrix = _AS_IT_IS
    font: tuple[_Font, float] = field(default_factory=lambda: (_Font({}, None), 0.0))

    def __post_init__(self) -> None:
        box = self.page.mediabox
        self.state = _State(_AS_IT_IS, (float(box.left), float(box.bottom), float(box.right), float(box.top)))

    @cached_property
    def fonts(self) -> dict[str, _Font]:
        fonts = cast(DictionaryObject, self.page["/Resources"]).get("/Font") or DictionaryObject()
        return {name: _Font(_widths(font.get_object()), _blank(font.get_object())) for name, font in fonts.items()}

    def letters(self) -> Iterator[Letter]:
        for given, operator in ContentStream(self.page.get_contents(), self.page.pdf).operations:
            if operator in (b"Tj", b"TJ"):
                yield from self._letters(given[0])
            elif operator in (b"Tm", b"cm"):
                self._place(operator, cast(Matrix, tuple(map(float, given))))
            elif operator == b"Td":
                self.text = _times((1, 0, 0, 1, float(given[0]), float(given[1])), self.text)
            elif operator == b"Tf":
                self.font = (self.fonts[given[0]], float(given[1]))
            elif operator == b"q":
                self.kept.append(self.state)
            elif operator == b"Q":
                self.state = self.kept.pop()
            elif operator == b"re":
                self.rectangle = _area(self.state.matrix, *map(float, given))
            elif operator in (b"W", b"W*") and self.rectangle:
                self.state = replace(self.state, visible=_common(self.state.visible, self.rectangle))
            elif operator == b"n":
                self.rectangle = None

    def _place(self, operator: bytes, matrix: Matrix) -> None:
        if operator == b"Tm":
            self.text = matrix
        else:
            self.state = replace(self.state, matrix=_times(matrix, self.state.matrix))

    def _letters(self, shown: Any) -> Iterator[Letter]:
        font, size = self.font
        a, _, _, _, x, y = _times(self.text, self.state.matrix)
        for part in shown if isinstance(shown, list) else [shown]:
            if isinstance(part, int | float):
                x -= float(part) / 1000 * size * a
                continue
            codes = part.original_bytes
            for code in (int.from_bytes(codes[at : at + 2]) for at in range(0, len(codes), 2)):
                end = x + font.widths.get(code, 0.0) / 1000 * size * a
                if code != font.blank:
                    yield Letter(x, end, y, size * a, self.state.visible)
                x = end


def letters(page: PageObject) -> Iterator[Letter]:
    """The letters of a page that a browser printed, without blanks: those hang over the end of a line that is full."""
    return _Page(page).letters()


def _widths(font: Any) -> dict[int, float]:
    """How wide each glyph of a font is, in thousandths of its size. Fonts with codes of one byte have none."""
    if font["/Subtype"] != "/Type0":
        return {}
    listed = [one.get_object() for one in font["/DescendantFonts"][0].get_object().get("/W", [])]
    found: dict[int, float] = {}
    while listed:
        first, then = listed.pop(0), listed.pop(0)
        if isinstance(then, list):
            found |= {int(first) + number: float(width) for number, width in enumerate(then)}
        else:
            found |= dict.fromkeys(range(int(first), int(then) + 1), float(listed.pop(0)))
    return found


def _blank(font: Any) -> int | None:
    if "/ToUnicode" not in font:
        return None
    found = re.search(rb"<([0-9A-F]{4})> (?:<[0-9A-F]{4}> )?<0020>", font["/ToUnicode"].get_data())
    return int(found[1], 16) if found else None


def _times(one: Matrix, other: Matrix) -> Matrix:
    (a, b, c, d, e, f), (g, h, i, j, k, m) = one, other
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _area(matrix: Matrix, x: float, y: float, width: float, height: float) -> Area:
    corners = [_times((1, 0, 0, 1, *corner), matrix)[4:] for corner in ((x, y), (x + width, y + height))]
    (left, right), (bottom, top) = (sorted(side) for side in zip(*corners, strict=True))
    return (left, bottom, right, top)


def _common(one: Area, other: Area) -> Area:
    return (max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3]))
