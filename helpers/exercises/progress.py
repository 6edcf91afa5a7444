"""Which exercises the reader has solved: one small file for each, on this machine, and nowhere else.

An exercise counts when its cell was run by hand and on its own. A run by a program (papermill, nbval, nbconvert) cannot
count, and neither does running all cells: `watching.py` tells them apart by how the requests come in.
"""

from __future__ import annotations

import os
from itertools import groupby
from pathlib import Path

from ..display import present, stacked, table, words
from .registry import Exercise, exercises
from .watching import by_reader, together

States = list[tuple[Exercise, bool]]  # the exercises, and whether each is solved
Grid = tuple[tuple[str, ...], list[tuple[str, ...]]]  # the columns of a table, and its rows
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
    found = solved()
    states = [(item, item.number in found) for item in wanted]
    caption = f"Your exercises: {sum(done for _, done in states)} of {len(states)} solved"
    shown = table(caption, *(_of_lesson(states) if lesson else _by_lesson(states)))
    present(stacked(shown, words(said)) if said else shown)


def _forget(wanted: list[Exercise]) -> str:
    try:
        for item in wanted:
            (folder() / item.number).unlink(missing_ok=True)
    except OSError as error:
        return f"(They could not be forgotten: {error.strerror or error}.)"
    return ""


def _of_lesson(states: States) -> Grid:
    rows = [(item.number, item.title, "✓ solved" if done else "○ open") for item, done in states]
    return ("exercise", "title", "state"), rows


def _by_lesson(states: States) -> Grid:
    rows = []
    for lesson, group in groupby(states, key=lambda state: state[0].lesson):
        marks = [done for _, done in group]
        rows.append((lesson, "✓" * sum(marks) + "○" * (len(marks) - sum(marks)), f"{sum(marks)} of {len(marks)}"))
    return ("lesson", "", "solved"), rows
