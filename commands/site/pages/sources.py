"""The sources of the pages as Sphinx reads them: copies, without what only a kernel or the project can do."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import nbformat
from nbformat import NotebookNode

from commands.setup.places import ROOT

from .plan import Chapter, Page

_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|mailto:)([^)#\s]*)(#(?:\([^)\s]*\)|[^)\s])*)?\)")


def write(folder: Path, chapters: list[Chapter]) -> None:
    """Fills the folder, which is emptied before."""
    shutil.rmtree(folder, ignore_errors=True)
    pages = [page for chapter in chapters for page in chapter.pages]
    known = {page.source for page in pages}
    for page in pages:
        copy = folder / page.source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if copy.suffix == ".ipynb":
            nbformat.write(lesson(page, known), copy)
        else:
            copy.write_text(linked(page.source.read_text("utf-8"), page, known), "utf-8")
    (folder / "index.md").write_text(index(chapters), "utf-8")


def lesson(page: Page, known: set[Path]) -> NotebookNode:
    """A lesson to read. A panel is its still, for there is no kernel; nor is there any progress."""
    book = nbformat.read(page.source, as_version=4)
    book.metadata.pop("widgets", None)
    book.cells = [cell for cell in book.cells if not cell.source.startswith("progress(")]
    for cell in book.cells:
        if cell.cell_type == "markdown":
            cell.source = linked(cell.source, page, known)
    return book


def linked(text: str, page: Page, known: set[Path]) -> str:
    """Links to other pages and to headings, as Sphinx resolves them. What is no page becomes plain text."""

    def replaced(match: re.Match[str]) -> str:
        words, path, anchor = match[1], match[2], slug(unquote(match[3] or ""))
        if not path:
            return f"[{words}](#{anchor})"
        target = Path(os.path.normpath(page.source.parent / PurePosixPath(path)))
        if target not in known:
            return words
        return f"[{words}]({path}{'#' + anchor if anchor else ''})"

    return _LINK.sub(replaced, text)


def slug(heading: str) -> str:
    """What stands for a heading in an address, for GitHub and for these pages. Jupyter's kind is understood, too."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def index(chapters: list[Chapter]) -> str:
    """The first page."""
    lists = "\n\n".join(
        f"```{{toctree}}\n:caption: {chapter.title}\n\n" + "\n".join(page.name for page in chapter.pages) + "\n```"
        for chapter in chapters
    )
    return f"# Azure AI Model Inference, by doing\n\n{lists}\n"
