"""The one rule for the minutes of a lesson."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from commands.minutes import minutes, rounded, with_minutes
from tests.support.plans import GUIDE

WORDS = "word " * 180


@pytest.mark.parametrize(
    ("cell", "taken"),
    [
        (new_markdown_cell(WORDS), 1),
        (new_markdown_cell(f"{WORDS} <details><summary>Solution</summary>{WORDS}</details>"), 1),
        (new_markdown_cell("[word](https://example.test/a/b/c) " * 180), 1),
        (new_code_cell("response.usage"), 0.5),
        (new_code_cell('check("1.1", ...)', metadata={"tags": ["exercise"]}), 3),
    ],
)
def test_words_cells_and_exercises_take_their_time_and_folded_text_and_addresses_none(cell, taken):
    assert minutes([cell]) == pytest.approx(taken)


def test_cells_add_up_and_a_lesson_is_rounded_up_to_five():
    assert minutes([new_markdown_cell(WORDS), new_code_cell("1"), new_code_cell("2")]) == 2
    assert [rounded(exact) for exact in (0.1, 5, 5.01, 44)] == [5, 5, 10, 45]


def test_the_first_cell_is_told_its_minutes():
    lesson = new_notebook(cells=[new_markdown_cell("# A\n\n**Time:** 90 minutes · **Before:** B"), new_code_cell("1")])
    assert with_minutes(lesson) == "# A\n\n**Time:** 5 minutes · **Before:** B"


def test_the_guide_says_the_rule():
    rule = "180 words a minute, half a minute for each code cell, three minutes for each exercise"
    assert rule in GUIDE.read_text("utf-8")
