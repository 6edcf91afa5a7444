"""The checklist of lesson 10: each symptom in it is one that the lesson shows."""

from __future__ import annotations

import re

import nbformat
import pytest

from tests.support.places import NOTEBOOKS

BOOK = nbformat.read(NOTEBOOKS / "10-errors-and-limits.ipynb", as_version=4)
CODE = re.compile(r"(`+)\s?(.+?)\s?\1(?!`)")


def symptoms() -> list[str]:
    """What is code in the first column of the checklist."""
    (text,) = (cell.source for cell in BOOK.cells if cell.source.startswith("### The checklist"))
    rows = [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 20
    return [found for row in rows for _, found in CODE.findall(row)]


def shown() -> str:
    outputs = [output for cell in BOOK.cells for output in cell.get("outputs", [])]
    return "\n".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)


@pytest.mark.parametrize("symptom", symptoms())
def test_a_symptom_of_the_checklist_is_shown_in_the_lesson(symptom: str):
    assert symptom in shown()
