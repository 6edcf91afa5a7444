"""Which lessons stand for all thirteen where the same test on each of them would take minutes.

The others are marked `slow`: `tasks.py test -m slow` runs them. Every change still has each lesson executed and
compared cell by cell (nbval), its exercises answered, its scripts run, its plots and structure looked at. What is
sampled here asks whether a way of using a lesson works, and breaks with a tool more often than with one lesson.
"""

from __future__ import annotations

import re

import pytest

SAMPLES: dict[str, tuple[str, ...]] = {
    # Sliders, exercises, predictions: a panel and what a reader does with it, in JupyterLab.
    "tests/browser/test_lessons.py": ("03-parameters",),
    # Each slide measured: one lesson with much code, one with plots and tables.
    "tests/commands/test_handouts.py::test_every_slide_": ("03-parameters", "05-tools"),
    # A list that grows, tools that are registered, limits that are used up: what a second run could find changed.
    "tests/notebooks/test_otherwise.py": ("01-basics", "04-json-mode", "05-tools", "10-errors-and-limits"),
    # One with a sign-in, one with neither that nor pictures.
    "tests/notebooks/test_papermill.py": ("01-basics", "06-content-safety"),
}
"""By file, or the beginning of a test's name in it, which counts before its file."""

_LESSON = re.compile(r"\[(\d\d-[a-z-]*[a-z])")


def is_left_out(nodeid: str) -> bool:
    """Whether a test is about a lesson for which others stand."""
    lesson = _LESSON.search(nodeid)
    rows = [tests for tests in SAMPLES if nodeid.startswith(tests)]
    return bool(lesson and rows) and lesson[1] not in SAMPLES[max(rows, key=len)]


def mark_the_others(items: list[pytest.Item]) -> None:
    for item in items:
        if is_left_out(item.nodeid):
            item.add_marker(pytest.mark.slow)
