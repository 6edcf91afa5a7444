"""Which exercises the reader has solved: one small file for each, on this machine, and nowhere else.

An exercise counts when its cell was run by hand and on its own. A run by a program (papermill, nbval, nbconvert) cannot
count, and neither does running all cells: `follow` tells them apart by how the requests come in.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..display import Rich, kernel, present, stacked, table, words

if TYPE_CHECKING:
    from .core import Exercise

FOLDER = "COURSE_PROGRESS"  # the environment variable that names another folder
# Cells that are run together are asked for at once, or each as soon as the one before is done. Hands are slower.
TOGETHER = timedelta(seconds=0.4)


def folder() -> Path:
    """Where the notes are: the folder that COURSE_PROGRESS names, else the user's own data folder."""
    if named := os.environ.get(FOLDER):
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("azure-ai-inference-course", appauthor=False) / "solved"


class _Pace:
    """When cells were asked for and ended, as far as the kernel knows."""

    def __init__(self, kernel: Any) -> None:
        self.kernel, self.asked, self.ended, self.together = kernel, None, None, False

    def before(self, *_: Any) -> None:
        asked = request(self.kernel).get("header", {}).get("date")
        asked = datetime.fromisoformat(asked) if isinstance(asked, str) else asked
        known = [moment for moment in (self.asked, self.ended) if moment and asked]
        # Two clocks are compared here, the front end's and ours; where they disagree, only the first rule tells.
        self.together = any(abs(asked - moment) < TOGETHER for moment in known)
        self.asked = asked

    def after(self, *_: Any) -> None:
        self.ended = datetime.now(UTC)


_paces: dict[int, _Pace] = {}


def follow() -> None:
    """Starts to watch how cells are run; `connect` calls it. Outside a kernel, and the second time, it does nothing."""
    here = kernel()
    if here is None or id(here) in _paces:
        return
    pace = _paces[id(here)] = _Pace(here)
    pace.before()  # the cell that runs now; the one after it may have been asked for at the same time
    here.shell.events.register("pre_run_cell", pace.before)
    here.shell.events.register("post_run_cell", pace.after)


def by_reader() -> bool:
    """Whether a person sits in front of this: a kernel whose front end can answer questions, as no program does."""
    here = kernel()
    return here is not None and bool(request(here).get("content", {}).get("allow_stdin"))


def request(kernel: Any) -> dict[str, Any]:
    """The message that asked for the cell that runs now."""
    return kernel.get_parent("shell") or {}


def note(number: str) -> str:
    """Takes down that an exercise is solved, if it counts; returns what there is to say about that."""
    if not by_reader():
        return ""
    pace = _paces.get(id(kernel()))
    if pace is not None and pace.together:
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
    from .core import exercises

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
