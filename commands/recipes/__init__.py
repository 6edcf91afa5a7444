"""The recipes: small programs in `recipes/`, each of which does one thing that people ask for.

`ladders.toml` says which there are, in which order, and which lesson explains them. Everything else is read from the
files: the index in `recipes/README.md` from their first lines, `recipes/outputs.md` from a run on the mock
(`running.py`). Both are made by `tasks.py docs`; the links at the end of each lesson by `tasks.py refresh`.
"""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent.parent
RECIPES = ROOT / "recipes"
TWIN = "_openai"  # what the same thing with the OpenAI package is called, at the end


@dataclass(frozen=True, slots=True)
class Ladder:
    """The recipes of one topic, from the smallest to the whole, and the lessons that explain them."""

    title: str
    lessons: list[str]
    recipes: list[str]


@dataclass(frozen=True, slots=True)
class Stage:
    """What happens around a recipe when it runs on the mock.

    `fails` are the statuses of the first calls, `busy` a model that answers 429 to all of them. `typed` is what a
    person types. With `https` the mock is behind TLS, as a token needs it. `says` is what the log on the standard
    error has to hold.
    """

    fails: list[int] = field(default_factory=list)
    busy: str | None = None
    https: bool = False
    typed: list[str] = field(default_factory=list)
    says: list[str] = field(default_factory=list)


def _told() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("ladders.toml").read_text("utf-8"))


def ladders() -> list[Ladder]:
    return [Ladder(**each) for each in _told()["ladder"]]


def stages() -> dict[str, Stage]:
    """The stages of those recipes that need more than a mock that answers."""
    return {name: Stage(**each) for name, each in _told()["stage"].items()}


def path_of(name: str) -> Path:
    return RECIPES / f"{name}.py"


def first_line(name: str) -> str:
    """What a recipe does and when it is wanted: the line that it begins with."""
    return (ast.get_docstring(ast.parse(path_of(name).read_text("utf-8"))) or "").partition("\n")[0]


def names() -> list[str]:
    """All recipes, in the order of the ladders, each twin behind the one that it resembles."""
    found = []
    for ladder in ladders():
        for name in ladder.recipes:
            found += [name, *([name + TWIN] if path_of(name + TWIN).exists() else [])]
    return found


def index() -> str:
    """The recipes by topic, as Markdown."""
    return "\n\n".join(_section(ladder) for ladder in ladders())


def _section(ladder: Ladder) -> str:
    lessons = " and ".join(f"[{_title(number)}](../notebooks/{_lesson(number).name})" for number in ladder.lessons)
    rows = [f"### {ladder.title}", "", f"Explained in {lessons}.", "", "| recipe | what it does |", "|---|---|"]
    for name in ladder.recipes:
        twin = f"<br>[…{TWIN}]({name}{TWIN}.py)" if path_of(name + TWIN).exists() else ""
        rows.append(f"| [{name}]({name}.py){twin} | {first_line(name)} |")
    return "\n".join(rows)


def _lesson(number: str) -> Path:
    (path,) = (ROOT / "notebooks").glob(f"{number}-*.ipynb")
    return path


def _title(number: str) -> str:
    return nbformat.read(_lesson(number), as_version=4).cells[0].source.partition("\n")[0].removeprefix("# ")


_LINE = re.compile(r"\n\n\*\*Recipes\*\*[^\n]*(?=\n|$)")


def with_recipes(source: str, number: str) -> str:
    """The cell "Take it with you", its last line the links to the lesson's recipes. Any other cell stays as it is."""
    listed = [name for ladder in ladders() if number in ladder.lessons for name in ladder.recipes]
    if not source.startswith("## Take it with you") or not listed:
        return source
    links = " · ".join(f"[{name}](../recipes/{name}.py)" for name in listed)
    return f"{_LINE.sub('', source)}\n\n**Recipes** to copy, one for each task: {links} · [all](../recipes/README.md)"


def link_recipes(lesson: NotebookNode, number: str) -> None:
    """Write the links to a lesson's recipes into it."""
    for cell in lesson.cells:
        if cell.cell_type == "markdown":
            cell.source = with_recipes(cell.source, number)
