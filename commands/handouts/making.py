"""Makes everything that is handed out: the editions of each lesson, then the books, several at a time."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter, SlidesExporter
from nbformat import NotebookNode

from commands.handouts import reference
from commands.handouts.book import Part, book, footer, numbered, part, stamps
from commands.handouts.editions import complete, live, participant, title_of
from commands.handouts.pages import ROOT, exporter, write_page
from commands.handouts.printing import PAPERS, Printer, Sheet
from commands.handouts.slides import as_slides, speaker_notes

EDITIONS: Mapping[str, str] = {"participant": "participant", "teacher": "complete"}
"""Who a printed edition is for, and the folder of its pages."""
GUIDE = ROOT / "docs" / "teaching.md"


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a lesson: its printed editions, by paper and by whom they are for. Empty without a browser."""

    lesson: Path
    parts: Mapping[tuple[str, str], Part] = field(default_factory=dict)


def write_pages(lesson: Path, source: NotebookNode, build: Path) -> None:
    """Writes the editions of one lesson that are notebooks and pages."""
    whole, page = complete(source), exporter(HTMLExporter, "handout")
    nbformat.write(live(source), build / "live" / lesson.name)
    nbformat.write(whole, build / "complete" / lesson.name)
    write_page(page, whole, lesson, build / "complete")
    write_page(page, participant(source), lesson, build / "participant")
    notes = speaker_notes(lesson.stem[:2], GUIDE.read_text("utf-8"))
    write_page(exporter(SlidesExporter, "slides"), as_slides(source, notes), lesson, build / "slides")


def make_numbers(program: str, papers: Sequence[str]) -> dict[str, bytes]:
    """For each paper the pages that are laid on all others."""
    with Printer(program) as printer, tempfile.TemporaryDirectory() as folder:
        return {paper: stamps(printer, paper, Path(folder)) for paper in papers}


def make_lesson(lesson: Path, build: Path, program: str | None, numbers: Mapping[str, bytes]) -> Made:
    """All editions of one lesson; printed too where there is a browser, on each paper that there are numbers for."""
    source = nbformat.read(lesson, as_version=4)
    write_pages(lesson, source, build)
    if program is None:
        return Made(lesson)
    name, parts = f"{lesson.stem}.html", {}
    style = footer(title_of(source.cells[0].source))
    with Printer(program) as printer:
        shown = printer.pdf(build / "slides" / name, Sheet(wait_for=".pdf-page"), "?print-pdf")
        (build / "slides" / f"{lesson.stem}.pdf").write_bytes(shown)
        for paper, stamped in numbers.items():
            for edition, pages in EDITIONS.items():
                made = part(lesson, source, printer.pdf(build / pages / name, Sheet(paper, style)))
                (build / "pdf" / paper / edition / f"{lesson.stem}.pdf").write_bytes(numbered(made, stamped))
                parts[paper, edition] = made
    return Made(lesson, parts)


def make_book(parts: Sequence[Part], paper: str, edition: str, numbers: bytes, build: Path, program: str) -> None:
    """The book of an edition; with the first of them, the quick reference for that paper."""
    with Printer(program) as printer, tempfile.TemporaryDirectory() as folder:
        whole = book(printer, paper, edition, parts, numbers, Path(folder))
        (build / "pdf" / paper / f"course-{edition}.pdf").write_bytes(whole)
        if edition == next(iter(EDITIONS)):
            sheet = reference.printed(printer, paper, Path(folder))
            (build / "pdf" / paper / "quick-reference.pdf").write_bytes(sheet)


def make(
    lessons: Sequence[Path], build: Path, program: str | None, papers: Sequence[str] = tuple(PAPERS)
) -> Iterator[Made]:
    """Everything, several at a time; gives each lesson when it is made, then makes the books. Prints by `program`."""
    folders = ["live", "complete", "participant", "slides"]
    folders += [f"pdf/{paper}/{edition}" for paper in papers for edition in EDITIONS] if program else []
    for folder in folders:
        (build / folder).mkdir(parents=True, exist_ok=True)
    # Ctrl-C reaches every process of a terminal: these end at once, and the caller says so.
    quietly = (signal.SIGINT, signal.SIG_DFL)
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), signal.signal, quietly) as pool:
        done: list[Made] = []
        numbers = pool.submit(make_numbers, program, papers).result() if program else {}
        for one in pool.map(partial(make_lesson, build=build, program=program, numbers=numbers), lessons):
            done.append(one)
            yield one
        if program:
            wanted = [(paper, edition) for paper in papers for edition in EDITIONS]
            books = [
                pool.submit(make_book, [one.parts[key] for one in done], *key, numbers[key[0]], build, program)
                for key in wanted
            ]
            for each in books:
                each.result()
