"""The list of the exercises of all lessons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from helpers.exercises.checking import check
from helpers.exercises.registry import Check, exercise, exercises
from tests.helpers.exercises.conftest import NUMBER


@pytest.mark.parametrize("ask", [lambda: check("77.1", "yes"), lambda: exercises("77")])
def test_an_unknown_lesson_names_those_that_there_are(ask: Callable[[], Any]):
    with pytest.raises(LookupError, match="no exercises for lesson '77'; there are for 00, 01, 02"):
        ask()


def test_a_number_is_taken_once(register: Callable[[Check], None]):
    register(lambda _: "Right.")
    with pytest.raises(ValueError, match=f"Exercise {NUMBER} is registered twice"):
        register(lambda _: "Right.")


def test_the_exercises_come_by_lesson_and_in_the_order_of_their_numbers(register: Callable[[Check], None]):
    register(lambda _: "Right.")
    exercise("3.10", "Ten comes after nine", first="", second="")(lambda _: "Right.")
    numbers = [item.number for item in exercises("03")]
    assert numbers[:3] == ["3.1", "3.2", "3.3"]
    assert numbers[-2:] == ["3.10", NUMBER]
    everything = exercises()
    assert [item.lesson for item in everything] == sorted(item.lesson for item in everything)
    assert {item.number for item in everything} >= set(numbers)
    assert all(item.title and item.first and item.second for item in everything if item.number != "3.10")
