"""A lesson as slides: which cells stand on one, and what is not for the wall."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from math import ceil

from nbformat import NotebookNode, v4

from commands.handouts.editions import cut_at_headings, headed, tags, title_of, unfolded

# How much goes on a slide, in lines of prose. It is an estimate; the slides themselves see to it that all of it fits.
ROOM = 22.0
PROSE_WIDTH, CODE_WIDTH = 88, 90  # characters
CODE_LINE = 0.75
PICTURE = 11.0


def as_slides(book: NotebookNode, notes: Mapping[str, str] | None = None) -> NotebookNode:
    """The lesson with a slide type in each cell: an H2 goes right, each further idea under it goes down.

    `notes` are for the one who speaks: under the heading of a slide what stands in its notes, and under "" what stands
    in those of the first.
    """
    cells, left = [], dict(notes or {})
    for section in sections(book):
        heading = ""
        for number, slide in enumerate(slides(section)):
            titles = [title_of(cell.source) for cell in slide if headed(cell)]
            here = [place for place in left if (any(map(_beginning(place), titles)) if place else not cells)]
            said = [left.pop(place) for place in here]
            if headed(slide[0]):
                heading = titles[-1]
            else:
                slide.insert(0, v4.new_markdown_cell(f'<div class="section-name">\n\n{heading}\n\n</div>'))
            for cell in slide:
                cell.metadata["slideshow"] = {"slide_type": "-"}
            slide[0].metadata["slideshow"]["slide_type"] = "subslide" if number else "slide"
            cells += slide
            cells += [v4.new_markdown_cell(note, metadata={"slideshow": {"slide_type": "notes"}}) for note in said]
    return NotebookNode(nbformat=4, nbformat_minor=5, metadata=deepcopy(book.metadata), cells=cells)


def _beginning(place: str) -> Callable[[str], bool]:
    return lambda title: title.startswith(place)


def speaker_notes(lesson: str, guide: str) -> dict[str, str]:
    """What the teacher's guide says of a lesson ("05"), under the slide where it is said; see `as_slides`.

    What is curious belongs to the section that it names, an exercise to its own slide, all else to the beginning.
    """
    told = re.search(rf"^### \[{lesson} .*?\n(.*?)(?=^##)", guide, re.M | re.S)
    notes = {"": ""}
    for kind, text in re.findall(r"^\* \*\*(.+?)\*\*: (.+)$", told[1] if told else "", re.M):
        named = re.match(r"exercise \d+\.\d+", text) if kind == "Give" else re.search(r'"(.+?)"', text)
        place = named[0].capitalize() if named and kind == "Give" else named[1] if named and kind == "Curious" else ""
        notes[place] = f"{notes.get(place, '')}**{kind}**: {text}\n\n"
    return {place: text for place, text in notes.items() if text}


def sections(book: NotebookNode) -> list[list[NotebookNode]]:
    """The cells under each H1 and H2, in the order of the slides. Cells are cut where a heading stands inside."""
    found: list[list[NotebookNode]] = []
    for cell in pieces(book):
        if not found or (headed(cell) and not cell.source.startswith("###")):
            found.append([])
        found[-1].append(cell)
    return [for_the_wall(section) for section in found]


def pieces(book: NotebookNode) -> Iterator[NotebookNode]:
    """The cells, those of text cut before each heading that stands inside them."""
    for cell in book.cells:
        if cell.cell_type != "markdown" or "solution" in tags(cell):
            yield deepcopy(cell)
            continue
        for source in cut_at_headings(cell.source):
            yield v4.new_markdown_cell(source)


def for_the_wall(section: list[NotebookNode]) -> list[NotebookNode]:
    """A section without what belongs to the reader's desk: exercises are stubs, their solutions come last."""
    if title_of(section[0].source) == "Recap":  # what follows are links and the reader's own progress
        return section[:1]
    shown, solutions, heading = [], [], ""
    for cell in section:
        if headed(cell):
            heading = title_of(cell.source)
        if "solution" in tags(cell):
            answer = re.sub(r"^\*\*.*?\*\*\n\n", "", unfolded(cell.source))
            solutions.append(v4.new_markdown_cell(f"### Solution: {heading}\n\n{answer}"))
            continue
        if "exercise" in tags(cell):
            cell.outputs = []
        shown.append(cell)
    return shown + solutions


def slides(section: list[NotebookNode]) -> list[list[NotebookNode]]:
    """The cells of each slide: a text and the code it leads to, as far as there is room for both."""
    found: list[list[NotebookNode]] = []
    for cell, following in zip(section, [*section[1:], None], strict=True):
        leads_on = cell.cell_type == "markdown" and following is not None and following.cell_type == "code"
        if not found or (not _only_titles(found[-1]) and (headed(cell) or leads_on or _full(found[-1], cell))):
            found.append([])
        found[-1].append(cell)
    return found


def _only_titles(slide: list[NotebookNode]) -> bool:
    return all(headed(cell) and "\n" not in cell.source for cell in slide)


def _full(slide: list[NotebookNode], cell: NotebookNode) -> bool:
    return sum(map(height, slide)) + height(cell) > ROOM


def height(cell: NotebookNode) -> float:
    """About how many lines of prose a cell takes up on a slide."""
    if cell.cell_type == "markdown":
        paragraphs = re.split(r"\n\n|\n(?=[*|#>-])", cell.source)
        return sum(ceil(len(text) / PROSE_WIDTH) + (1.5 if text.startswith("#") else 0.4) for text in paragraphs)
    return 1 + CODE_LINE * rows(cell.source) + sum(map(output_height, cell.outputs))


def output_height(output: NotebookNode) -> float:
    data = output.get("data", {})
    html = data.get("text/html", "")
    if html.startswith("<details"):
        return 1.0
    if "<img" in html or any(kind.startswith("image/") for kind in data):
        return PICTURE
    return 0.5 + CODE_LINE * rows(output.get("text") or data.get("text/plain", ""))


def rows(text: str) -> int:
    return sum(ceil(len(line) / CODE_WIDTH) or 1 for line in text.splitlines())
