"""The editions of a lesson: what is taken out, unfolded or linked otherwise, decided by tags and headings."""

from __future__ import annotations

import re
from copy import deepcopy

from nbconvert.preprocessors import ClearOutputPreprocessor, TagRemovePreprocessor
from nbformat import NotebookNode, v4

_OPEN = re.compile(r"<strong>○ Exercise [^<]*</strong>")  # how an exercise stands with its reader: not on paper
_TO_A_LESSON = re.compile(r"\[([^]]+)\]\(((\d\d)-[\w-]+)\.ipynb([^)]*)\)")
# What only who has the notebook open can do.
_TO_DO = re.compile(r" ?\(To begin further down, click there[^)]*\)| Run the cell to use it\.")
_ROOM = f'<div class="room-for-an-answer">{"<hr>" * 5}</div>'


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def headed(cell: NotebookNode) -> bool:
    return cell.cell_type == "markdown" and cell.source.startswith("#")


def cut_at_headings(source: str) -> list[str]:
    """A text in pieces, each of which begins with one of its headings of level 1 to 3."""
    found, fenced = [""], False
    for line in source.splitlines(keepends=True):
        fenced ^= line.startswith("```")
        if not fenced and re.match(r"#{1,3} ", line):
            found.append("")
        found[-1] += line
    return [part.strip() for part in found if part.strip()]


def title_of(source: str) -> str:
    """The heading that a text begins with, without its marks; empty when it begins with none."""
    heading = re.match(r"#+ (.*)", source)
    return heading[1].strip() if heading else ""


def live(book: NotebookNode) -> NotebookNode:
    """The lesson without outputs and solutions; every other cell as it is."""
    book, _ = ClearOutputPreprocessor().preprocess(_without_solutions(book), {})
    return book


def complete(book: NotebookNode) -> NotebookNode:
    """The lesson with everything, its solutions unfolded."""
    book = deepcopy(book)
    for cell in book.cells:
        if "solution" in tags(cell):
            cell.source = unfolded(cell.source)
    return book


def participant(book: NotebookNode) -> NotebookNode:
    """The lesson without solutions, and under each exercise room for an answer."""
    book = _without_solutions(book)
    cells = []
    for cell in book.cells:
        cells.append(cell)
        if "exercise" in tags(cell):
            cells.append(v4.new_markdown_cell(_ROOM))
    book.cells = cells
    return book


def _without_solutions(book: NotebookNode) -> NotebookNode:
    book, _ = TagRemovePreprocessor(remove_cell_tags={"solution"}).preprocess(deepcopy(book), {})
    return book


def unfolded(source: str) -> str:
    """Markdown whose folded part stands open, under its summary in bold."""
    return re.sub(r"<details>\s*<summary>(.*?)</summary>\s*(.*?)\s*</details>", r"**\1**\n\n\2", source, flags=re.S)


def _to_its_page(link: re.Match[str]) -> str:
    """The link to another lesson, made one to its page; on paper, where it leads unless its text says that."""
    text, page, number, place = link.groups()
    named = "" if number in text else f' <span class="on-paper">(lesson {number})</span>'
    return f"[{text}]({page}.html{place}){named}"


def for_pages(book: NotebookNode) -> NotebookNode:
    """The lesson as HTML needs it: titled, links between lessons made links between pages, others left as text."""
    book = deepcopy(book)
    book.metadata.title = title_of(book.cells[0].source)
    book.metadata.pop("widgets", None)  # there is no kernel: a panel is shown by its still
    book.cells = [cell for cell in book.cells if not cell.source.startswith("progress(")]  # nor is there any progress
    for cell in book.cells:
        if cell.cell_type == "markdown":
            source = _TO_A_LESSON.sub(_to_its_page, _TO_DO.sub("", cell.source))
            cell.source = re.sub(r"(?<!!)\[([^]]+)\]\(\.\./[^)]+\)", r"\1", source)
        for output in cell.get("outputs", []):
            if html := output.get("data", {}).get("text/html"):
                html = re.sub(r'(href="\d\d-[\w-]+)\.ipynb\b', r"\1.html", html)
                output.data["text/html"] = _OPEN.sub("<strong>The first hint</strong>", _TO_DO.sub("", html))
    return book
