"""The pages that are made from code, data and tests are what would be made now."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands import docs


def slow_to_make(page: Path) -> list[pytest.MarkDecorator]:
    return [pytest.mark.heavy] if docs.PAGES[page] is docs.recipes_outputs else []


@pytest.mark.parametrize("page", [pytest.param(page, marks=slow_to_make(page), id=page.name) for page in docs.PAGES])
def test_a_page_is_current(page: Path):
    assert page.read_text("utf-8") == docs.PAGES[page](), "run: python3 tasks.py docs"


def test_each_table_stands_in_one_place():
    text = "\n".join(page.read_text("utf-8") for page in docs.PAGES)
    assert [text.count(f" {origin} -->\n") for origin in docs.TABLES] == [1] * len(docs.TABLES)


def test_a_table_that_is_out_of_date_is_made_anew_and_the_text_around_it_kept():
    page = "before\n\n<!-- made from helpers/mock/model/skills, SKILLS -->\n  * an old line\n\nafter\n"
    assert docs.filled(page).replace(docs.skills_list(), "  * an old line") == page
    with pytest.raises(KeyError, match="nowhere"):
        docs.filled("<!-- made from nowhere -->\n\n\n")
