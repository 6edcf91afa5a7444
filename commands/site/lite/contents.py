"""The files that stand beside the lessons in the browser edition: those that a link in a lesson leads to."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import nbformat

from commands.setup.places import ROOT

LESSONS = ROOT / "notebooks"
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def write(folder: Path) -> None:
    """Fills a folder: the lessons and their media at its root, where `../recipes` leads into `recipes` as well."""
    for lesson in sorted(LESSONS.glob("*.ipynb")):
        shutil.copy(lesson, folder)
    shutil.copytree(LESSONS / "media", folder / "media", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for file in linked():
        copy = folder / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text("utf-8")
        # From a page as from a lesson, the lessons are at the root.
        copy.write_text(text.replace("](notebooks/", "](").replace("](../notebooks/", "](../"), "utf-8")


def linked() -> list[Path]:
    """The files outside the lessons' folder that the lessons link to, and of docs and recipes what those link to."""
    found: set[Path] = set()
    todo = sorted(LESSONS.glob("*.ipynb"))
    while todo:
        file = todo.pop()
        for target in re.findall(_LINK, _text(file)):
            path = Path(os.path.normpath(file.parent / target))
            wanted = file.suffix == ".ipynb" or path.parent in (ROOT / "docs", ROOT / "recipes")
            if wanted and path.is_file() and LESSONS not in path.parents and path not in found:
                found.add(path)
                todo.append(path)
    return sorted(found)


def _text(file: Path) -> str:
    """The Markdown in a file, none of a program."""
    if file.suffix == ".ipynb":
        cells = nbformat.read(file, as_version=4).cells
        return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return file.read_text("utf-8") if file.suffix == ".md" else ""
