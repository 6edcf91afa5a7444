"""Makes everything that is handed out: the editions of each lesson, then the books, several at a time."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter, SlidesExporter
from nbformat import NotebookNode

from commands.handouts import reference
from commands.handouts.book import Part, book, footer, part
from commands.handouts.editions import complete, live, participant, title_of
from commands.handouts.pages import ROOT, exporter, write_page
from commands.handouts.printing import PAPERS, printer, running
from commands.handouts.slides import as_slides, speaker_notes

EDITIONS: Mapping[str, str] = {"participant": "participant", "teacher": "complete"}
"""Who a printed edition is for, and the folder of its pages."""
GUIDE = ROOT / "docs" / "teaching.md"


def write_pages(lesson: Path, source: NotebookNode, build: Path) -> None:
    """Writes the editions of one lesson that are notebooks and pages."""
    whole, page = complete(source), exporter(HTMLExporter, "handout")
    nbformat.write(live(source), build / "live" / lesson.name)
    nbformat.write(whole, build / "complete" / lesson.name)
    write_page(page, whole, lesson, build / "complete")
    write_page(page, participant(source), lesson, build / "participant")
    notes = speaker_notes(lesson.stem[:2], GUIDE.read_text("utf-8"))
    write_page(exporter(SlidesExporter, "slides"), as_slides(source, notes), lesson, build / "slides")


def make_lesson(lesson: Path, build: Path, address: str | None, papers: Sequence[str]) -> dict[tuple[str, str], Part]:
    """All editions of one lesson. Gives those that are printed, by paper and edition: none without a browser."""
    source = nbformat.read(lesson, as_version=4)
    write_pages(lesson, source, build)
    if address is None:
        return {}
    name, parts, tab = f"{lesson.stem}.html", {}, printer(address)
    tab.open(build / "slides" / name, wait_for=".pdf-page", query="?print-pdf")
    (build / "slides" / f"{lesson.stem}.pdf").write_bytes(tab.pdf())
    for edition, pages in EDITIONS.items():
        tab.open(build / pages / name, footer(lesson, title_of(source.cells[0].source)))
        for paper in papers:
            file = build / "pdf" / paper / edition / f"{lesson.stem}.pdf"
            file.write_bytes(tab.pdf(paper))
            parts[paper, edition] = part(lesson, file)
    return parts


def make_book(parts: Sequence[Part], paper: str, edition: str, build: Path, address: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole = book(printer(address), paper, edition, parts, Path(folder))
    (build / "pdf" / paper / f"course-{edition}.pdf").write_bytes(whole)


def make_reference(paper: str, build: Path, address: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sheet = reference.printed(printer(address), paper, Path(folder))
    (build / "pdf" / paper / "quick-reference.pdf").write_bytes(sheet)


def make(
    lessons: Sequence[Path], build: Path, program: str | None, papers: Sequence[str] = tuple(PAPERS)
) -> Iterator[Path]:
    """Everything, several at a time; gives each lesson when it is made, then makes the books. Prints by `program`."""
    folders = ["live", "complete", "participant", "slides"]
    folders += [f"pdf/{paper}/{edition}" for paper in papers for edition in EDITIONS] if program else []
    for folder in folders:
        (build / folder).mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        address = stack.enter_context(running(program)) if program else None
        # Ctrl-C reaches every process of a terminal: these end at once, and the caller says so.
        quietly = (signal.SIGINT, signal.SIG_DFL)
        pool = stack.enter_context(ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), signal.signal, quietly))
        longest_first = sorted(lessons, key=lambda lesson: -lesson.stat().st_size)
        jobs = {pool.submit(make_lesson, lesson, build, address, papers): lesson for lesson in longest_first}
        sheets = [pool.submit(make_reference, paper, build, address) for paper in papers] if address else []
        made: dict[Path, dict[tuple[str, str], Part]] = {}
        for job in as_completed(jobs):
            made[jobs[job]] = job.result()
            yield jobs[job]
        if address:
            for paper, edition in product(papers, EDITIONS):
                parts = [made[lesson][paper, edition] for lesson in lessons]
                sheets.append(pool.submit(make_book, parts, paper, edition, build, address))
        for sheet in sheets:
            sheet.result()
