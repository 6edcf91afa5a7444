"""What stands for the rest: that the samples are there, and that tests/README.md tells where the rest is tested."""

from __future__ import annotations

import re

import pytest

from tests.support.lessons import LESSONS
from tests.support.places import ROOT
from tests.support.samples import SAMPLES, is_left_out

TOLD = (ROOT / "tests" / "README.md").read_text("utf-8")


@pytest.mark.parametrize("tests", SAMPLES)
def test_some_lessons_stand_for_all_in_tests_that_are_there(tests: str):
    file, _, name = tests.partition("::")
    assert f"def {name}" in (ROOT / file).read_text("utf-8")
    assert SAMPLES[tests]
    assert set(SAMPLES[tests]) < {path.stem for path in LESSONS}


def test_a_test_on_a_lesson_that_stands_for_all_stays_in_and_the_others_do_not():
    file = "tests/browser/test_lessons.py"
    assert not is_left_out(f"{file}::test_every_cell_runs[03-parameters]")
    assert is_left_out(f"{file}::test_every_cell_runs[07-images]")
    assert is_left_out(f"{file}::test_the_panel_has_names_roles_and_contrast[07-images-JupyterLab Dark]")
    slides = "tests/commands/test_handouts.py::test_every_slide_of_a_lesson_fits"
    assert not is_left_out(f"{slides}[05-tools]")
    assert is_left_out(f"{slides}[07-images]")
    assert not is_left_out("tests/commands/test_handouts.py::test_something_else[07-images]")
    assert not is_left_out("tests/exercises/test_exercises.py::test_x[07-images]")
    assert not is_left_out("tests/notebooks/test_papermill.py::test_about_no_lesson")


def test_every_file_with_slow_tests_is_told_and_no_other():
    marked = {
        path.relative_to(ROOT / "tests").as_posix()
        for path in (ROOT / "tests").rglob("test_*.py")
        if path.name != "test_samples.py" and "mark.slow" in path.read_text("utf-8")
    }
    sampled = {tests.partition("::")[0].removeprefix("tests/") for tests in SAMPLES}
    slow = [row.rsplit("|", 2)[1] for row in TOLD.splitlines() if row.startswith("|")]
    assert {file for cell in slow for file in re.findall(r"`([\w/]+\.py)`", cell)} == marked | sampled
