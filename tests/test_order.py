"""Which tests stay together on a worker of pytest-xdist, and which begin."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.order import BY_LESSON, by_file, from_the_end, longest_first, together
from tests.support.places import ROOT


def test_what_shares_a_lessons_kernel_stays_together_and_all_else_by_file():
    about_it = [f"{file}::test_x[03-parameters]" for file in BY_LESSON]
    assert {together(nodeid) for nodeid in about_it} == {"03-parameters"}
    for alone in (
        "tests/test_order.py::test_x[03-parameters]",
        f"{BY_LESSON[0]}::test_x",
        "notebooks/01.ipynb::1",
    ):
        assert together(alone) == alone.partition("::")[0]


def test_every_file_with_a_lessons_kernel_is_in_the_list():
    taking = re.compile(r"^def test_\w+\([^)]*\blesson: Reading\b", re.M)
    files = (path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py"))
    sharing = {file for file in files if taking.search((ROOT / file).read_text("utf-8"))}
    assert sharing
    assert sharing <= set(BY_LESSON)


def test_what_takes_seconds_begins_and_what_takes_none_fills_the_end(request: pytest.FixtureRequest):
    def rank(item: pytest.Item) -> int:
        return 0 if item.get_closest_marker("heavy") else 2

    items = [item for item in request.session.items if item.path.suffix == ".py"]
    ordered = list(items)
    longest_first(ordered)
    assert [rank(item) for item in ordered] == sorted(rank(item) for item in items)
    light = [item for item in items if rank(item)]
    assert ordered[-len(light) :] == light


def test_workers_read_the_folders_from_both_ends_and_have_one_order():
    def config(**of_a_worker: Any) -> Any:
        return SimpleNamespace(**of_a_worker)

    workers = [config(workerinput={"workerid": f"gw{number}"}) for number in range(3)]
    assert [from_the_end(worker) for worker in workers] == [False, True, False]
    assert not from_the_end(config())
    first, second = ([SimpleNamespace(path=Path(folder, "test_x.py"), name=name) for name in "ba"] for folder in "mn")
    items: list[Any] = [*second, *first]
    by_file(items)
    assert items == [*first, *second]
