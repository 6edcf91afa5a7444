"""Which exercises the reader has solved: one small file for each, on this machine, and nowhere else.

An exercise counts when its cell was run by hand and on its own. A run by a program (papermill, nbval, nbconvert) cannot
count, and neither does running all cells: `watching.py` tells them apart by how the requests come in.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..display import Rich, present, stacked, table, words
from .registry import Exercise, exercises
from .watching import by_reader, together

FOLDER = "COURSE_PROGRESS"  # the environment variable that names another folder


def folder() -> Path:
    """Where the notes are: the folder that COURSE_PROGRESS names, else the user's own data folder."""
    if named := os.environ.get(FOLDER):
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("azure-ai-inference-course", appauthor=False) / "solved"


def note(number: str) -> str:
    """Takes down that an exercise is solved, if it counts; returns what there is to say about that."""
    if not by_reader():
        return ""
    if together():
        return "(Run this cell on its own to have it counted.)"
    try:
        folder().mkdir(parents=True, exist_ok=True)
        (folder() / number).touch()
    except OSError as error:
        return f"(It could not be counted: {error.strerror or error}.)"
    return ""


def solved() -> set[str]:
    """The numbers of the exercises that were counted; none in a run by a program, whose output is the same for all."""
    try:
        return {path.name for path in folder().iterdir()} if by_reader() else set()
    except OSError:  # no folder yet, or none that can be read
        return set()


def progress(lesson: str | None = None, reset: bool = False) -> None:
    """Shows which exercises of a lesson ("03") are solved, or how many of each lesson.

    `reset=True` forgets what was solved: of that lesson, or all of it.
    """
    wanted = exercises(lesson)
    said = _forget(wanted) if reset else ""
    done = solved()
    shown = _of_lesson(wanted, done) if lesson else _of_all(wanted, done)
    present(stacked(shown, words(said)) if said else shown)


def _forget(wanted: list[Exercise]) -> str:
    try:
        for item in wanted:
            (folder() / item.number).unlink(missing_ok=True)
    except OSError as error:
        return f"(They could not be forgotten: {error.strerror or error}.)"
    return ""


def _of_lesson(wanted: list[Exercise], done: set[str]) -> Rich:
    rows = [(item.number, item.title, "✓ solved" if item.number in done else "○ open") for item in wanted]
    count = sum(item.number in done for item in wanted)
    return table(f"Your exercises: {count} of {len(wanted)} solved", ["exercise", "title", "state"], rows)


def _of_all(wanted: list[Exercise], done: set[str]) -> Rich:
    lessons = dict.fromkeys(item.lesson for item in wanted)
    rows = []
    for lesson in lessons:
        states = [item.number in done for item in wanted if item.lesson == lesson]
        rows.append((lesson, "✓" * sum(states) + "○" * (len(states) - sum(states)), f"{sum(states)} of {len(states)}"))
    count = sum(item.number in done for item in wanted)
    return table(f"Your exercises: {count} of {len(wanted)} solved", ["lesson", "", "solved"], rows)
