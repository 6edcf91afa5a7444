"""The exercises of the lessons. A check is a function that `exercise` registers in the lesson's `lesson_NN.py`.

It looks at the answer with `expect(condition, hint)` and returns one sentence of praise that says why it is right:

    @exercise("3.1", "Half an answer", first="What to look at first.", second="A stronger push.")
    def _(before: Any, whole: Any) -> str:
        expect(isinstance(before, str), "This should be the text, a `str`.", "It is in `choices[0].message.content`.")
        return "Right: the text was cut at the limit."

Its parameters are called as in the lesson's cell: there the line is `check("3.1", (before, whole))`. Code in a hint
stands between backticks; the names of the parameters of a function that the reader is to write (`takes`) become the
reader's own there.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import NoReturn

Check = Callable[..., str]


@dataclass(frozen=True)
class Exercise:
    """`number` is lesson and place, such as "3.1"; `first` answers the untouched stub, `second` lies folded under each
    hint that has no second one of its own; `look` takes the answer, returns the praise or raises `NotYetError`;
    `takes` names the parameters of the stub, where that is a function."""

    number: str
    title: str
    first: str
    second: str
    look: Check
    takes: tuple[str, ...] = ()

    @property
    def lesson(self) -> str:
        """The lesson's two digits."""
        return _lesson(self.number)

    @property
    def names(self) -> tuple[str, ...]:
        """What the lesson's cell calls the parts of the answer."""
        return tuple(inspect.signature(self.look).parameters)

    @property
    def line(self) -> str:
        """The last line of the lesson's cell."""
        names = ", ".join(self.names)
        return f'check("{self.number}", {names if len(self.names) == 1 else f"({names})"})'


class NotYetError(Exception):
    """What a check has to say of an answer that is not right: a hint and, where the mistake has one, a second hint."""

    def __init__(self, hint: str, more: str = "") -> None:
        super().__init__(hint)
        self.more = more


_registered: dict[str, Exercise] = {}


def exercise(number: str, title: str, *, first: str, second: str, takes: str = "") -> Callable[[Check], Check]:
    """Registers a check under its number. Raises ValueError when the number is taken."""

    def register(look: Check) -> Check:
        if number in _registered:
            raise ValueError(f"Exercise {number} is registered twice.")
        parameters = tuple(name.strip() for name in takes.split(",") if name.strip())
        _registered[number] = Exercise(number, title, first, second, look, parameters)
        return look

    return register


def expect(condition: object, hint: str, more: str = "") -> None:
    """Ends the check with that hint, and a second one folded under it, unless the condition holds."""
    if not condition:
        refuse(hint, more)


def refuse(hint: str, more: str = "") -> NoReturn:
    """Ends the check with that hint, and a second one folded under it."""
    raise NotYetError(hint, more)


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
