"""The exercises of the lessons. A check is a function that `exercise` registers in the lesson's `lesson_NN.py`.

It looks at the answer with `expect(condition, hint)` and returns one sentence of praise that says why it is right:

    @exercise("3.1", "Half an answer", first="What to look at first.", second="A stronger push.")
    def _(answer: Any) -> str:
        expect(isinstance(answer, str), "Wanted is the text, as a str.")
        return "Right: the text was cut at the limit."
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

Check = Callable[[Any], str]


@dataclass(frozen=True)
class Exercise:
    """`number` is lesson and place, such as "3.1"; `first` answers the untouched stub, `second` lies folded under each
    hint; `look` takes the answer, returns the praise or raises `NotYetError`."""

    number: str
    title: str
    first: str
    second: str
    look: Check

    @property
    def lesson(self) -> str:
        """The lesson's two digits."""
        return _lesson(self.number)


class NotYetError(Exception):
    """What a check has to say of an answer that is not right."""


_registered: dict[str, Exercise] = {}


def exercise(number: str, title: str, *, first: str, second: str) -> Callable[[Check], Check]:
    """Registers a check under its number. Raises ValueError when the number is taken."""

    def register(look: Check) -> Check:
        if number in _registered:
            raise ValueError(f"Exercise {number} is registered twice.")
        _registered[number] = Exercise(number, title, first, second, look)
        return look

    return register


def expect(condition: object, hint: str) -> None:
    """Ends the check with that hint unless the condition holds."""
    if not condition:
        raise NotYetError(hint)


def exercises(lesson: str | None = None) -> list[Exercise]:
    """The exercises of a lesson ("03"), or of all lessons, in order. Raises LookupError for a lesson without any."""
    here = sorted(path.stem.removeprefix("lesson_") for path in Path(__file__).parent.glob("lesson_[0-9][0-9].py"))
    if lesson is not None and lesson not in here:
        raise LookupError(f"There are no exercises for lesson {lesson!r}; there are for {', '.join(here)}.")
    for name in here if lesson is None else [lesson]:
        import_module(f".lesson_{name}", __package__)
    found = [item for item in _registered.values() if lesson in (None, item.lesson)]
    return sorted(found, key=lambda item: [int(part) for part in item.number.split(".")])


def find(number: str) -> Exercise:
    """The exercise of that number. Raises LookupError that names those of its lesson when there is none."""
    found = {item.number: item for item in exercises(_lesson(number))}
    if number not in found:
        raise LookupError(f"There is no exercise {number!r} in this lesson; there are {', '.join(found)}.")
    return found[number]


def _lesson(number: str) -> str:
    return number.partition(".")[0].zfill(2)
