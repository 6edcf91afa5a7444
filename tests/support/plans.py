"""The plans of the teacher's guide, and the cells that each of their rows asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nbformat import NotebookNode

from tests.support.places import ROOT

GUIDE = ROOT / "docs" / "teaching.md"
_LINK = re.compile(r"\]\(\.\./notebooks/([\w-]+)\.ipynb\)")
_HEADING = re.compile(r"^(##|###) (.+)$", re.M)
_SECTIONS = re.compile(r'(?:"([^"]+)" )?\bto "([^"]+)"|"([^"]+)"')


@dataclass(frozen=True)
class Row:
    """A row of a plan: its minutes, what they are for, and what is shown of which lessons."""

    minutes: int
    purpose: str
    material: str

    @property
    def lessons(self) -> list[str]:
        """The names of the lessons that the row links to."""
        return _LINK.findall(self.material)

    @property
    def exercises(self) -> list[str]:
        """The numbers of the exercises that the row gives."""
        return re.findall(r"\d+\.\d+", self.material)

    def cells(self, lesson: NotebookNode) -> list[NotebookNode]:
        """Those cells of its lesson that the row shows, in its order; none where it leaves the choice."""
        heads = _headings(lesson)
        if self.material.endswith(": all"):
            return lesson.cells
        shown: list[NotebookNode] = []
        for begin, end, alone in _SECTIONS.findall(self.material):
            first = _find(heads, alone or begin).start if alone or begin else heads[0].start
            shown += lesson.cells[first : _find(heads, alone or end).stop]
        return shown


def plans() -> dict[str, list[Row]]:
    """The plans under "Which plan fits?", by their headings."""
    text = GUIDE.read_text("utf-8").split("\n## Which plan fits?\n")[1].split("\n## ")[0]
    found = re.findall(r"^### ([^\n]*\b\d+ minutes)$(.*?)(?=^### |\Z)", text, re.M | re.S)
    lines = re.compile(r"^\| (\d+) \| (.*?) \| ?(.*?) ?\|$", re.M)
    return {
        title: [Row(int(m), what, material) for m, what, material in lines.findall(under)] for title, under in found
    }


def set_up(lesson: NotebookNode) -> list[NotebookNode]:
    """The cells to the end of "Set-up"."""
    return lesson.cells[: _find(_headings(lesson), "Set-up").stop]


@dataclass(frozen=True)
class _Heading:
    """A heading and the cells under it, from its own to the one before the next heading of its level or above.

    A cell of text may end one part and begin the next; it counts for the next. Code stands in cells of its own.
    """

    title: str
    level: int
    start: int
    stop: int


def _headings(lesson: NotebookNode) -> list[_Heading]:
    """The sections of a lesson and what they are divided into."""
    found = [
        (len(m[1]), m[2].strip(), n)
        for n, cell in enumerate(lesson.cells)
        for m in _HEADING.finditer(cell.source)
        if cell.cell_type == "markdown"
    ]
    stops = [
        next((start for level, _, start in found[place + 1 :] if level <= own), len(lesson.cells))
        for place, (own, _, _) in enumerate(found)
    ]
    return [_Heading(title, level, start, stop) for (level, title, start), stop in zip(found, stops, strict=True)]


def _find(headings: list[_Heading], start: str) -> _Heading:
    """The part that begins with these words; raises StopIteration when there is none."""
    return next(heading for heading in headings if heading.title.startswith(start.rstrip(".,")))
