"""The mock takes its time where a reader watches, and keeps nobody waiting elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.front_end import WHILE, FrontEnd, started

pytestmark = pytest.mark.heavy

PACE = "from helpers.endpoint import _own; print([service.pace.tokens_per_second for service in _own.values()][0])"


@pytest.fixture(scope="module")
def page() -> Iterator[FrontEnd]:
    with started() as kernel:
        yield FrontEnd(kernel)


def connected(page: FrontEnd, options: str) -> None:
    page.by_hand(f"from helpers import connect; here = connect({options})")


def test_a_cell_that_is_run_by_itself_is_answered_at_the_pace_of_a_model(page: FrontEnd):
    connected(page, "pace=40")
    assert page.by_hand(PACE).strip() == "40"


def test_run_all_is_answered_at_once(page: FrontEnd):
    connected(page, "pace=40")
    said = page.at_once("1", PACE, PACE)
    assert [one.strip() for one in said[1:]] == ["0.0", "0.0"]
    assert page.by_hand(PACE).strip() == "40", "and afterwards the reader is back"


def test_a_program_is_answered_at_once(page: FrontEnd):
    connected(page, "pace=40")
    page.clock += WHILE
    assert page.result(page.send(PACE, stdin=False)).strip() == "0.0"


def test_a_lesson_without_a_pace_has_none_also_after_one_that_had(page: FrontEnd):
    connected(page, "pace=40")
    connected(page, "")
    assert page.by_hand(PACE).strip() == "0.0"
