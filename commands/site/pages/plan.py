"""Which pages the site has, in which order, and what each is made from.

A page lies where its source lies in the project, so that the addresses of both are alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from commands import recipes
from commands.setup.places import ROOT

# The docs in their chapters. One that is not named here comes last: none is left out.
MOCK = ("mock", "support", "differences", "benchmarks")
TEACHING = ("teaching", "room")

WRITTEN = {"json": "JSON", "rag": "RAG", "sdk": "SDK", "entra": "Entra", "id": "ID", "openai": "OpenAI"}


@dataclass(frozen=True, slots=True)
class Page:
    """A page: the file that it shows, its address without the ending, and its title where the file's is another."""

    source: Path
    name: str
    title: str = ""

    @property
    def is_lesson(self) -> bool:
        return self.source.suffix == ".ipynb"

    @property
    def is_recipe(self) -> bool:
        return self.source.suffix == ".py"

    @property
    def file(self) -> str:
        """Its address as Sphinx reads it."""
        return f"{self.name}{'.ipynb' if self.is_lesson else '.md'}"


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    pages: list[Page]


def chapters() -> list[Chapter]:
    """The contents list of the site. The recipes are below their index, and not in it."""
    known = {*MOCK, *TEACHING, "glossary"}
    others = sorted(path.stem for path in (ROOT / "docs").glob("*.md") if path.stem not in known)
    index = Page(recipes.RECIPES / "README.md", "recipes/index", "Recipes, by task")
    return [
        Chapter("Lessons", [_page(f"notebooks/{path.name}") for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]),
        Chapter("To look up", [index, _page("recipes/outputs.md"), *_docs("glossary")]),
        Chapter("On your machine", [Page(ROOT / "README.md", "set-up", "Set-up"), *_docs(*others)]),
        Chapter("The mock", _docs(*MOCK)),
        Chapter("Teaching", _docs(*TEACHING)),
        Chapter("The project", [_page("CHANGELOG.md"), _page("CONTRIBUTING.md")]),
    ]


def pages() -> Iterator[Page]:
    """All that is in the contents list, and the recipes."""
    for chapter in chapters():
        yield from chapter.pages
    yield from recipe_pages()


def recipe_pages() -> Iterator[Page]:
    """A page for each recipe, which shows its twin as well."""
    for ladder in recipes.ladders():
        for name in ladder.recipes:
            yield Page(recipes.path_of(name), f"recipes/{name}", recipe_title(name))


def recipe_title(name: str) -> str:
    """A recipe's name as people write it: `rag_answer_from_notes` is "RAG answer from notes"."""
    name = re.sub(rf"(?<!_to){recipes.TWIN}$", "_(openai)", name)
    words = re.sub(r"[a-z]+", lambda word: WRITTEN.get(word[0], word[0]), name.replace("_", " "))
    return words[0].upper() + words[1:]


def _docs(*names: str) -> list[Page]:
    return [_page(f"docs/{name}.md") for name in names if (ROOT / "docs" / f"{name}.md").exists()]


def _page(path: str) -> Page:
    return Page(ROOT / path, path.rpartition(".")[0])
