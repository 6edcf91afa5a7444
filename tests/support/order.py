"""Which tests stay together on a worker of pytest-xdist, and which begin, so that the workers end at the same time."""

from __future__ import annotations

import re
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# Of these, what is about one lesson stays together and not the file: they share its kernel, or take as long as a file.
BY_LESSON = (
    "tests/exercises/test_exercises.py",
    "tests/notebooks/test_otherwise.py",
    "tests/notebooks/test_papermill.py",
    "tests/notebooks/test_plots.py",
)
_LESSON = re.compile(r"\[(\d\d-[a-z-]+)\]$")


def together(nodeid: str) -> str:
    """The name of what a test stays together with: its file, or its lesson."""
    file = nodeid.partition("::")[0]
    lesson = _LESSON.search(nodeid)
    return lesson[1] if lesson and file in BY_LESSON else file


def from_the_end(config: pytest.Config) -> bool:
    """Whether this is a worker that reads the folders from their end: every other one does."""
    name = getattr(config, "workerinput", {}).get("workerid", "gw0")
    return int(name.removeprefix("gw")) % 2 == 1


def by_file(items: list[pytest.Item]) -> None:
    """Puts the files into an order that all workers have, whichever end they began at."""
    items.sort(key=lambda item: item.path)


def longest_first(items: list[pytest.Item]) -> None:
    """Puts in front what takes seconds, and in the end what takes none: that fills whatever time is left."""

    def place(item: pytest.Item) -> int:
        return 0 if item.get_closest_marker("heavy") else 1 if item.path.suffix == ".ipynb" else 2

    items.sort(key=place)


class Scheduling(LoadScopeScheduling):
    """Hands out tests in their order, as much at once as stays together."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid)
