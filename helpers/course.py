"""The map of the course, read from the lessons themselves: what each is for, its minutes, what comes before it, and
what it asks of a model."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

from .display import Rich, present, table
from .media import PROJECT

LESSONS = PROJECT / "notebooks"
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")


@dataclass(frozen=True)
class Lesson:
    """A lesson: its file name without ending, its title, what the reader can do after it, its minutes, and the lessons
    to read before."""

    name: str
    title: str
    afterwards: str
    minutes: int
    before: tuple[str, ...]


def lessons(folder: Path = LESSONS) -> list[Lesson]:
    """The lessons in reading order, from their first cells."""
    return [_read(path) for path in sorted(folder.glob("[0-9][0-9]-*.ipynb"))]


def course_map() -> None:
    """Shows all lessons with links, minutes, and what comes before each."""
    found = lessons()
    total = sum(lesson.minutes for lesson in found)
    hours = f"{total // 60} hours" + (f" {total % 60} minutes" if total % 60 else "")
    caption = f"{len(found)} lessons, {hours} with the exercises"
    rows = [(one.title, one.afterwards, str(one.minutes), ", ".join(b[:2] for b in one.before)) for one in found]
    shown = table(caption, ["lesson", "after it", "minutes", "before"], rows)
    html = shown.html
    for one in found:
        title = escape(one.title)
        html = html.replace(f">{title}</td>", f'><a href="{one.name}.ipynb">{title}</a></td>', 1)
    present(Rich(shown.text, html))


# What a cell's tag `needs-...` asks of a model, in the words that people look for. The names of models and the counts
# of tokens are left out: with AZURE_INFERENCE_MODEL there is one name, and nearly every endpoint counts.
_NEEDS = {
    "stream": "streaming",
    "tools": "function calling",
    "json": "JSON mode",
    "json-schema": "JSON schemas",
    "vision": "pictures",
    "audio": "sound",
    "embeddings": "embeddings",
    "image-embeddings": "embeddings of pictures",
    "logprobs": "log probabilities",
    "n": "several choices",
    "extras": "extra parameters",
    "filter": "Azure's content filter",
}


def lesson_needs() -> None:
    """Shows what each lesson asks of a model, and how many of its cells only the mock can answer."""
    rows = []
    for path in sorted(LESSONS.glob("[0-9][0-9]-*.ipynb")):
        cells = [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
        tags = [set(cell["metadata"].get("tags", ())) for cell in cells]
        asked = [said for need, said in _NEEDS.items() if any(f"needs-{need}" in one for one in tags)]
        alone = sum("mock" in one for one in tags)
        rows.append((_read(path).title, ", ".join(asked), f"{alone}" if alone else ""))
    present(table("What the lessons ask of a model", ["lesson", "besides an answer", "cells that need the mock"], rows))


def _read(path: Path) -> Lesson:
    first = "".join(json.loads(path.read_text("utf-8"))["cells"][0]["source"])
    title, sentence, *_ = [" ".join(part.split()) for part in first.split("\n\n")]
    minutes = re.search(r"\*\*Time:\*\* (\d+)", first)
    before = re.search(r"\*\*Before:\*\* (.+)", first)
    needed = tuple(Path(target).stem for _, target in _LINK.findall(before[1] if before else "") if "ipynb" in target)
    said = re.sub(r"^(?:[\w -]+: a|A)fter this lesson,? ", "", re.sub(r"[*`_]", "", sentence)).rstrip(".")
    return Lesson(path.stem, title.removeprefix("# "), said, int(minutes[1]) if minutes else 0, needed)
