"""Which pages the site has, in which order, and what each is made from.

A page lies where its source lies in the project, so that a link between two sources is one between two pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from commands.setup.places import ROOT


@dataclass(frozen=True, slots=True)
class Page:
    """A page to read, and the file of the project that it shows."""

    source: Path

    @property
    def name(self) -> str:
        """Its address without the ending, as in `notebooks/01-basics`."""
        return self.source.relative_to(ROOT).with_suffix("").as_posix()


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    pages: list[Page]


def chapters() -> list[Chapter]:
    """The contents list of the site."""
    return [
        Chapter("Lessons", [Page(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]),
        Chapter("Recipes", [Page(ROOT / "recipes" / "README.md"), Page(ROOT / "recipes" / "outputs.md")]),
        Chapter(
            "The mock",
            [Page(ROOT / "docs" / f"{name}.md") for name in ("mock", "support", "differences", "benchmarks")],
        ),
        Chapter("Teaching", [Page(ROOT / "docs" / "teaching.md")]),
    ]
