"""An exercise of the tests' own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpers.exercises import registry
from helpers.exercises.registry import Check, exercise, exercises

NUMBER = "3.91"
FIRST, SECOND = "What to look at <first>.", "A stronger push & more."


@pytest.fixture(autouse=True)
def register(monkeypatch: pytest.MonkeyPatch) -> Callable[[Check], None]:
    """Registers a check of the test's own in lesson 03; it is gone after the test."""
    exercises()  # all that the lessons have is there before the copy is made
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    return lambda look: exercise(NUMBER, "Tags & <signs>", first=FIRST, second=SECOND)(look) and None
