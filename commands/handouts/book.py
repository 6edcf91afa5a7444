"""The printed course: each lesson's PDF with page numbers, and all of them as one book with contents and an index.

A lesson's pages are numbered in the lesson: 05-1, 05-2 and so on. On its own and in the book a page has the same
number, and the book is put together from what was printed before. The index leads to the beginning of the sections that
say most about a word, first of all in the lesson that the glossary names for it.
"""

from __future__ import annotations

import html
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from pypdf import PdfReader, PdfWriter
from pypdf.constants import PageLabelStyle
from pypdf.generic import Destination

from commands.handouts.editions import cut_at_headings, tags, title_of
from commands.handouts.pages import ROOT, TEMPLATES
from commands.handouts.printing import Printer
from commands.handouts.structure import Tags

GLOSSARY = ROOT / "docs" / "glossary.md"
# Sections of each lesson, which the contents list leaves out.
EVERYWHERE = ("What you will learn", "Set-up", "The wire", "When it goes wrong", "Play", "Take it with you", "Recap")
# Sections that only tell what others teach, as does what stands under the title: the index leads to those others.
SUMMARIES = ("What you will learn", "Take it with you", "Recap")
MOST_PLACES = 4  # that the index gives for a word
INDEX = "I-"  # what the numbers of its pages begin with


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in a PDF: its level from 1, its words, and the page that it stands on, counted from 0."""

    level: int
    title: str
    page: int


@dataclass(frozen=True, slots=True)
class Part:
    """A printed lesson: its file, how many pages that has, and its headings."""

    lesson: Path
    file: Path
    pages: int
    headings: tuple[Heading, ...]

    @property
    def title(self) -> str:
        return self.headings[0].title

    def number(self, page: int) -> str:
        """What stands on a page of it, counted from 0."""
        return f"{prefix(self.lesson)}{page + 1}"


def prefix(lesson: Path) -> str:
    """What the number of each of its pages begins with: "05-"."""
    return f"{lesson.stem.partition('-')[0]}-"


def part(lesson: Path, file: Path) -> Part:
    reader = PdfReader(file)
    return Part(lesson, file, len(reader.pages), tuple(_headings(reader, reader.outline)))


def _headings(reader: PdfReader, outline: Sequence[object], level: int = 1) -> Iterator[Heading]:
    for entry in outline:
        if isinstance(entry, list):
            yield from _headings(reader, entry, level + 1)
        elif isinstance(entry, Destination):
            yield Heading(level, str(entry.title), reader.get_destination_page_number(entry) or 0)


def footer(lesson: Path, title: str) -> str:
    """The style that puts a lesson's title and the number of the page at the foot of each."""
    left, right = _quoted(title), f"{_quoted(prefix(lesson))} counter(page)"
    return f"@page {{ @bottom-left {{ content: {left} }} @bottom-right {{ content: {right} }} }}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


# The book


def book(printer: Printer, paper: str, edition: str, parts: Sequence[Part], folder: Path) -> bytes:
    """All lessons behind a title page and a contents list, an index at the end."""

    def printed(name: str, body: str) -> io.BytesIO:
        page = folder / f"{name}-{paper}-{edition}.html"
        page.write_text(page_of(name, body), "utf-8")
        printer.open(page)
        return io.BytesIO(printer.pdf(paper))

    front = (printed("front", _title(edition) + _contents(parts)), PageLabelStyle.LOWERCASE_ROMAN, "")
    index = (printed("index", _index(places(parts))), PageLabelStyle.DECIMAL, INDEX)
    writer = PdfWriter()
    joined = Tags(writer)
    for pdf, style, label in [
        front,
        *((each.file, PageLabelStyle.DECIMAL, prefix(each.lesson)) for each in parts),
        index,
    ]:
        reader, start = PdfReader(pdf), len(writer.pages)
        writer.append(reader)
        writer.set_page_label(start, len(writer.pages) - 1, style, label)
        joined.add(reader)
    joined.write("en")
    writer.compress_identical_objects()
    writer.add_metadata({"/Title": f"Azure AI Model Inference in Python: {edition}'s edition"})
    writer.create_viewer_preferences().display_doctitle = True
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def page_of(kind: str, body: str) -> str:
    style = (TEMPLATES / "paper" / "paper.css").read_text("utf-8")
    head = f'<meta charset="utf-8"><title>{kind}</title><style>{style}</style>'
    return f'<!DOCTYPE html><html lang="en">{head}<body class="{kind}">{body}'


def _title(edition: str) -> str:
    said = {
        "participant": "The lessons with what their cells print, and room for answers. Solutions are left out.",
        "teacher": "The lessons with what their cells print, and the solutions of all exercises.",
    }[edition]
    return (
        "<section class=title><h1>Azure AI Model Inference<br>in Python</h1><p class=what>Thirteen lessons with "
        f"<code>azure-ai-inference</code>, and the way on to <code>openai</code></p><p>{said}</p>"
        "<p>Everything printed here was answered by the course's own mock of the service, which answers the same on "
        "every machine, offline. To run it yourself: <code>make lab</code>.</p></section>"
    )


def _contents(parts: Sequence[Part]) -> str:
    rows = ["<section class=contents><h1>Contents</h1><div class=columns>"]
    for each in parts:
        rows.append(_row("lesson", each.title, each.number(0)))
        for heading in each.headings:
            if heading.level == 2 and heading.title not in EVERYWHERE:
                rows.append(_row("section", heading.title, each.number(heading.page)))
    return "".join([*rows, _row("lesson", "Index", f"{INDEX}1"), "</div></section>"])


def _row(kind: str, title: str, page: str) -> str:
    return f"<p class={kind}><span>{html.escape(title)}</span><i></i><b>{page}</b></p>"


# The index


def words() -> dict[str, str]:
    """The words of the glossary, each with the lesson where it is met: "05-tools"."""
    rows = re.findall(r"^\| \*\*(.+?)\*\* \|.*/([\w-]+)\.ipynb\) \|$", GLOSSARY.read_text("utf-8"), re.M)
    return {word.strip("`"): lesson for word, lesson in rows}


def names(lessons: Sequence[NotebookNode]) -> list[str]:
    """What the prose names in code, and names often enough to be looked up: classes, parameters, members."""
    found = re.findall(r"`([A-Za-z]\w{3,}(?:\.\w+)?)(?:\(\))?`", "\n".join(_prose(book) for book in lessons))
    return sorted({name for name in found if found.count(name) >= 4 and ("_" in name or not name.islower())})


def _prose(book: NotebookNode) -> str:
    """The text of a lesson, without its solutions, which not every reader has."""
    cells = [cell for cell in book.cells if cell.cell_type == "markdown" and "solution" not in tags(cell)]
    return "\n\n".join(cell.source for cell in cells)


def places(parts: Sequence[Part]) -> dict[str, list[str]]:
    """The numbers of the pages on which the sections begin that say most about each word.

    They stand in the order of the pages; before them, for a word of the glossary, the best one of its own lesson.
    """
    books = [nbformat.read(each.lesson, as_version=4) for each in parts]
    sections = [
        ((number, page), text)
        for number, (book, each) in enumerate(zip(books, parts, strict=True))
        for page, text in _sections(book, each.headings)
    ]
    found: dict[str, list[str]] = {}
    for word, home in (dict.fromkeys(names(books), "") | words()).items():
        pattern = re.compile(rf"(?<!\w){re.escape(word)}(?:e?s)?(?!\w)", 0 if "_" in word else re.I)
        said: Counter[tuple[int, int]] = Counter()
        for page, text in sections:
            said[page] += len(pattern.findall(text)) + 5 * len(pattern.findall(text.partition("\n")[0]))
        best = [page for page, times in said.most_common() if times]
        first = [page for page in best if parts[page[0]].lesson.stem == home][:1]
        others = sorted(page for page in best[:MOST_PLACES] if page not in first and said[page] * 4 >= said[best[0]])
        if kept := [*first, *others][:MOST_PLACES]:
            found[word] = [parts[number].number(page) for number, page in kept]
    return found


def _sections(book: NotebookNode, headings: Sequence[Heading]) -> Iterator[tuple[int, str]]:
    """The prose under each heading that teaches something, with the page of the heading, counted from 0."""
    left, page = list(headings), 0
    for text in cut_at_headings(_prose(book)):
        title = plain(title_of(text))
        here = next((number for number, heading in enumerate(left) if title and plain(heading.title) == title), None)
        if here is not None:
            page, left = left[here].page, left[here + 1 :]
        if title not in SUMMARIES and not text.startswith("# "):
            yield page, text


def plain(title: str) -> str:
    """A heading's words without the marks of Markdown."""
    return " ".join(re.sub(r"\[([^]]*)\]\([^)]*\)|[`*]", r"\1", html.unescape(title)).split())


def _index(found: dict[str, list[str]]) -> str:
    rows = [
        "<h1>Index</h1><p>A number is the page on which the section begins. Where numbers are out of order, the first "
        "is in the lesson that teaches the word.</p><div class=columns>"
    ]
    letter = ""
    for word in sorted(found, key=lambda word: (word.lower(), word)):
        if word[0].upper() != letter:
            letter = word[0].upper()
            rows.append(f"<h2>{letter}</h2>")
        shown = f"<code>{html.escape(word)}</code>" if "_" in word or "." in word else html.escape(word)
        numbers = ", ".join(f"<b>{number}</b>" for number in found[word])
        rows.append(f"<p class=word>{shown} {numbers}</p>")
    return "".join([*rows, "</div>"])
