"""The page that lists what there is to hand out, and for whom."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

import nbformat

from commands.handouts.book import page_of
from commands.handouts.editions import title_of

COLUMNS = {
    "participant": "participant/{}.html",
    "A4": "pdf/A4/participant/{}.pdf",
    "Letter": "pdf/Letter/participant/{}.pdf",
    "for typing along": "live/{}.ipynb",
    "teacher, with solutions": "complete/{}.html",
    "A4 ": "pdf/A4/teacher/{}.pdf",
    "Letter ": "pdf/Letter/teacher/{}.pdf",
    "slides": "slides/{}.html",
    "slides as PDF": "slides/{}.pdf",
}
BOOKS = {
    "Quick reference, two pages": "quick-reference.pdf",
    "The course as a book, for participants": "course-participant.pdf",
    "The course as a book, with the solutions": "course-teacher.pdf",
}


def write(lessons: Sequence[Path], build: Path) -> None:
    """Writes build/index.html, with links to those files that were made."""

    def link(file: str, words: str) -> str:
        return f'<a href="{file}">{html.escape(words)}</a>' if (build / file).exists() else ""

    books = []
    for words, name in BOOKS.items():
        links = [link(f"pdf/{paper}/{name}", paper) for paper in ("A4", "Letter")]
        if any(links):
            books.append(f"<li>{words}: {', '.join(links)}</li>")
    rows = ["<tr><th>lesson</th>" + "".join(f"<th>{column}</th>" for column in COLUMNS) + "</tr>"]
    for lesson in lessons:
        title = html.escape(title_of(nbformat.read(lesson, as_version=4).cells[0].source))
        cells = [link(to.format(lesson.stem), column.strip()) for column, to in COLUMNS.items()]
        rows.append(f"<tr><th>{title}</th>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    body = f"<h1>To hand out</h1><ul>{''.join(books)}</ul><table>{''.join(rows)}</table>"
    (build / "index.html").write_text(page_of("list", body), "utf-8")
