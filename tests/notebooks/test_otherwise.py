"""The lessons used otherwise than from top to bottom, as people do: a cell again, all of it again, one section only,
from another folder.

A lesson's kernel works in an empty folder. After a first run, and its exercises, the lesson runs once more, now each
cell twice in a row; then what each row of the teacher's plans shows: set-up and the named sections, with names cleared
before; at last each section alone, in the lessons that promise it. A cell that cannot be run twice is tagged `once` and
says why.
"""

from __future__ import annotations

import pytest

from tests.support.readings import Reading

pytestmark = pytest.mark.heavy


def test_the_lesson_runs_again_in_the_same_kernel_without_a_new_warning(lesson: Reading):
    assert lesson.use.again == [], "\n".join(lesson.use.again)


def test_each_cell_runs_twice_in_a_row(lesson: Reading):
    assert lesson.use.twice_in_a_row == [], "\n".join(lesson.use.twice_in_a_row)


def test_each_row_of_the_plans_runs_after_the_set_up(lesson: Reading):
    assert lesson.failed_rows == [], "\n".join(lesson.failed_rows)


def test_each_section_runs_after_the_set_up_where_that_is_promised(lesson: Reading):
    assert lesson.failed_sections == [], "\n".join(lesson.failed_sections)
