"""The printed course: each lesson's PDF with page numbers, and all of them as one book with contents and an index.

A lesson is printed once for each paper, without numbers. They are stamped on afterwards: from 1 on in the lesson's own
file, and on through the book. The index leads to the beginning of the section that says most about a word.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from pypdf import PdfReader, PdfWriter
from pypdf.generic import Destination, NameObject, TextStringObject

from commands.handouts.editions import cut_at_headings, tags, title_of
from commands.handouts.pages import ROOT, TEMPLATES
from commands.handouts.printing import Printer, Sheet

GLOSSARY = ROOT / "docs" / "glossary.md"
# Sections of each lesson, which the contents list leaves out.
EVERYWHERE = ("What you will learn", "Set-up", "The wire", "When it goes wrong", "Play", "Take it with you", "Recap")
MOST_PAGES = 400  # that a book may have
MOST_PLACES = 4  # that the index gives for a word


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in a PDF: its level from 1, its words, and the page that it stands on, counted from 0."""

    level: int
    title: str
    page: int


@dataclass(frozen=True, slots=True)
class Part:
    """A printed lesson without page numbers."""

    lesson: Path
    pdf: bytes
    pages: int
    headings: tuple[Heading, ...]

    @property
    def title(self) -> str:
        return self.headings[0].title


def part(lesson: Path, source: NotebookNode, pdf: bytes) -> Part:
    """A lesson's PDF; `source` is the lesson, whose headings say how those of the outline are spelled."""
    reader = PdfReader(io.BytesIO(pdf))
    titles = {_squeezed(title): title for text in cut_at_headings(_prose(source)) if (title := plain(title_of(text)))}
    return Part(lesson, pdf, len(reader.pages), tuple(_headings(reader, reader.outline, titles)))


def _headings(
    reader: PdfReader, outline: Sequence[object], titles: Mapping[str, str], level: int = 1
) -> Iterator[Heading]:
    for entry in outline:
        if isinstance(entry, list):
            yield from _headings(reader, entry, titles, level + 1)
        elif isinstance(entry, Destination):
            title = titles.get(_squeezed(str(entry.title)), str(entry.title))
            yield Heading(level, title, reader.get_destination_page_number(entry) or 0)


def _squeezed(title: str) -> str:
    """A title without its spaces, of which Chromium's outline loses those at the ends of its lines."""
    return "".join(title.split())


def _retitle(writer: PdfWriter, headings: Iterable[Heading]) -> None:
    titles = {_squeezed(heading.title): heading.title for heading in headings}
    for entry in _entries(writer.root_object["/Outlines"]):
        title = str(entry["/Title"])
        entry[NameObject("/Title")] = TextStringObject(titles.get(_squeezed(title), title))


def _entries(outline: Any) -> Iterator[Any]:
    below = outline.get("/First")
    while below:
        entry = below.get_object()
        yield entry
        yield from _entries(entry)
        below = entry.get("/Next")


# Numbers


def footer(title: str) -> str:
    """The style of a lesson that is to be numbered: its title at the foot of each page, and no number yet."""
    text = title.replace("\\", "\\\\").replace('"', '\\"')
    return (
        "@page { @bottom-right { content: none } "
        f'@bottom-left {{ content: "{text}"; font: 8pt sans-serif; color: #444 }} }}'
    )


def stamps(printer: Printer, paper: str, folder: Path) -> bytes:
    """Pages with nothing on them but their numbers, for every PDF on that paper."""
    page = folder / f"numbers-{paper}.html"
    page.write_text(
        page_of("numbers", "".join(f"<div><p>{number}</p></div>" for number in range(1, MOST_PAGES + 1))), "utf-8"
    )
    return printer.pdf(page, Sheet(paper))


def numbered(lesson: Part, numbers: bytes) -> bytes:
    """The PDF of a lesson with a number on each page."""
    writer = PdfWriter(clone_from=io.BytesIO(lesson.pdf))
    _number(writer, numbers, lesson.headings)
    return _written(writer)


def _number(writer: PdfWriter, numbers: bytes, headings: Iterable[Heading], bare: int = 0) -> None:
    """Puts a number on each page but the first `bare`, and the lessons' own words into the outline."""
    stamped = PdfReader(io.BytesIO(numbers)).pages
    if len(writer.pages) > len(stamped):
        raise ValueError(f"there are {len(writer.pages)} pages, and numbers for {len(stamped)}: see MOST_PAGES")
    for number, page in enumerate(writer.pages):
        if number >= bare:
            page.merge_page(stamped[number])
        page.compress_content_streams()
    _retitle(writer, headings)


def _written(writer: PdfWriter) -> bytes:
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


# The book


def book(printer: Printer, paper: str, edition: str, parts: Sequence[Part], numbers: bytes, folder: Path) -> bytes:
    """All lessons behind a title page and a contents list, an index at the end, numbered through."""

    def printed(name: str, body: str) -> bytes:
        page = folder / f"{name}-{paper}-{edition}.html"
        page.write_text(page_of(name, body), "utf-8")
        return printer.pdf(page, Sheet(paper))

    title = printed("title", _title(edition))
    front = printed("contents", _contents(parts, [0] * len(parts)))  # as long as it will be with the right numbers
    start = sum(len(PdfReader(io.BytesIO(pdf)).pages) for pdf in (title, front))
    starts = [start + sum(before.pages for before in parts[:index]) + 1 for index in range(len(parts))]
    front = printed("contents", _contents(parts, starts))
    index = printed("index", _index(places(parts, starts)))

    writer = PdfWriter()
    for name, pdf in [("Title", title), ("Contents", front), *((None, each.pdf) for each in parts), ("Index", index)]:
        writer.append(io.BytesIO(pdf), outline_item=name, import_outline=name is None)
    _number(writer, numbers, [heading for each in parts for heading in each.headings], bare=1)
    writer.compress_identical_objects()
    writer.add_metadata({"/Title": f"Azure AI Model Inference in Python: {edition}'s edition"})
    return _written(writer)


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
        "<h1>Azure AI Model Inference<br>in Python</h1><p class=what>Thirteen lessons with "
        f"<code>azure-ai-inference</code>, and the way on to <code>openai</code></p><p>{said}</p>"
        "<p>Everything printed here was answered by the course's own mock of the service, which answers the same on "
        "every machine, offline. To run it yourself: <code>make lab</code>.</p>"
    )


def _contents(parts: Sequence[Part], starts: Sequence[int]) -> str:
    rows = ["<h1>Contents</h1><div class=columns>"]
    for each, start in zip(parts, starts, strict=True):
        rows.append(_row("lesson", each.title, start))
        for heading in each.headings:
            if heading.level == 2 and heading.title not in EVERYWHERE:
                rows.append(_row("section", heading.title, start + heading.page))
    return "".join([*rows, _row("lesson", "Index", starts[-1] + parts[-1].pages), "</div>"])


def _row(kind: str, title: str, page: int) -> str:
    return f"<p class={kind}><span>{html.escape(title)}</span><i></i><b>{page}</b></p>"


# The index


def words() -> list[str]:
    """The words of the glossary."""
    return [word.strip("`") for word in re.findall(r"^\| \*\*(.+?)\*\* \|", GLOSSARY.read_text("utf-8"), re.M)]


def names(lessons: Sequence[NotebookNode]) -> list[str]:
    """What the prose names in code, and names often enough to be looked up: classes, parameters, members."""
    found = re.findall(r"`([A-Za-z]\w{3,}(?:\.\w+)?)(?:\(\))?`", "\n".join(_prose(book) for book in lessons))
    return sorted({name for name in found if found.count(name) >= 4 and ("_" in name or not name.islower())})


def _prose(book: NotebookNode) -> str:
    """The text of a lesson, without its solutions, which not every reader has."""
    cells = [cell for cell in book.cells if cell.cell_type == "markdown" and "solution" not in tags(cell)]
    return "\n\n".join(cell.source for cell in cells)


def places(parts: Sequence[Part], starts: Sequence[int]) -> dict[str, list[int]]:
    """The pages on which the sections begin that say most about each word."""
    books = [nbformat.read(each.lesson, as_version=4) for each in parts]
    sections = [
        (start + page, text)
        for book, each, start in zip(books, parts, starts, strict=True)
        for page, text in _sections(book, each.headings)
    ]
    found: dict[str, list[int]] = {}
    for word in [*words(), *names(books)]:
        pattern = re.compile(rf"(?<!\w){re.escape(word)}(?:e?s)?(?!\w)", 0 if "_" in word else re.I)
        said = {page: 0 for page, _ in sections}
        for page, text in sections:
            said[page] += len(pattern.findall(text)) + 5 * len(pattern.findall(text.partition("\n")[0]))
        best = sorted(said, key=lambda page: -said[page])[:MOST_PLACES]
        if kept := sorted(page for page in best if said[page] and said[page] * 4 >= said[best[0]]):
            found[word] = kept
    return found


def _sections(book: NotebookNode, headings: Sequence[Heading]) -> Iterator[tuple[int, str]]:
    """The prose under each heading, with the page of the heading, counted from 0."""
    left, page = list(headings), 0
    for text in cut_at_headings(_prose(book)):
        title = plain(title_of(text))
        here = next((number for number, heading in enumerate(left) if title and plain(heading.title) == title), None)
        if here is not None:
            page, left = left[here].page, left[here + 1 :]
        yield page, text


def plain(title: str) -> str:
    """A heading's words without the marks of Markdown."""
    return " ".join(re.sub(r"\[([^]]*)\]\([^)]*\)|[`*]", r"\1", html.unescape(title)).split())


def _index(found: dict[str, list[int]]) -> str:
    rows = ["<h1>Index</h1><p>A number is the page on which the section begins.</p><div class=columns>"]
    letter = ""
    for word in sorted(found, key=lambda word: (word.lower(), word)):
        if word[0].upper() != letter:
            letter = word[0].upper()
            rows.append(f"<h2>{letter}</h2>")
        shown = f"<code>{html.escape(word)}</code>" if "_" in word or "." in word else html.escape(word)
        rows.append(f"<p class=word>{shown} <b>{', '.join(map(str, found[word]))}</b></p>")
    return "".join([*rows, "</div>"])
