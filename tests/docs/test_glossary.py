"""The glossary: its words are those of the lessons that it names."""

from __future__ import annotations

import re

import nbformat
import pytest

from tests.support.places import ROOT

ROWS = re.findall(
    r"^\| \*\*(.+)\*\* \| (.+) \| \[(.+)\]\(\.\./(notebooks/.+)\) \|$",
    (ROOT / "docs" / "glossary.md").read_text("utf-8"),
    re.M,
)


def plain(text: str) -> str:
    return " ".join(re.sub(r"[*`]", "", text).lower().split())


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The title and the text of each lesson, by its path."""
    found = {}
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        found[f"notebooks/{path.name}"] = "\n\n".join(cell.source for cell in cells)
    return found


def test_every_row_is_a_word_a_line_and_a_lesson():
    lines = (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    assert len(ROWS) == len([line for line in lines if line.startswith("|")]) - 2 > 70
    words = [plain(row[0]) for row in ROWS]
    assert words == sorted(set(words))


@pytest.mark.parametrize(("word", "said", "title", "lesson"), ROWS, ids=[row[0] for row in ROWS])
def test_a_word_is_met_in_its_lesson(word: str, said: str, title: str, lesson: str, texts: dict[str, str]):
    assert texts[lesson].startswith(f"# {title}\n")
    assert plain(word) in plain(texts[lesson])
    assert len(said) <= 140


def test_every_lesson_teaches_some_of_them(texts: dict[str, str]):
    assert {row[3] for row in ROWS} == set(texts)
