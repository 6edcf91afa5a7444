"""`check("3.1", answer)`: looks at an answer to an exercise and says what is right, or what to try next.

A check is a function that `exercise` registers. It looks at the answer with `expect(condition, hint)` and returns one
sentence of praise that says why the answer is right:

    @exercise("3.1", "Half an answer", first="What to look at first.", second="A stronger push.")
    def _(answer: Any) -> str:
        expect(isinstance(answer, str), "Wanted is the text, as a str.")
        return "Right: the text was cut at the limit."
"""

from __future__ import annotations

import asyncio
import dis
import threading
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from html import escape
from importlib import import_module
from pathlib import Path
from types import EllipsisType, FunctionType
from typing import Any, TypeVar

from ..display import Rich, details, present, prose
from . import progress

T = TypeVar("T")
Check = Callable[[Any], str]
PATIENCE = 10  # seconds, for a coroutine of the reader's
_STATES = {"open": ("○", "jp-border-color1"), "wrong": ("↻", "jp-warn-color1"), "right": ("✓", "jp-success-color1")}


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
        return self.number.partition(".")[0].zfill(2)


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


def check(number: str, answer: Any) -> None:
    """Looks at the answer to an exercise and shows what is right, or a hint that fits.

    It never raises for an answer: an untouched stub (`...`, or a function whose body is `...`) gets the first hint, and
    an error inside the reader's own function is told as a hint. A right answer is counted for the reader's progress
    when the cell was run by hand and on its own. Raises LookupError when there is no exercise of that number.
    """
    lesson = number.partition(".")[0].zfill(2)
    found = {item.number: item for item in exercises(lesson)}
    if number not in found:
        raise LookupError(f"There is no exercise {number!r} in this lesson; there are {', '.join(found)}.")
    this = found[number]
    if untouched(answer):
        present(_card(this, "open", this.first))
        return
    try:
        praise = this.look(answer)
    except NotYetError as hint:
        present(_card(this, "wrong", str(hint), this.second))
    except (Exception, SystemExit, asyncio.CancelledError) as error:
        said = f"{type(error).__name__}: {str(error).strip()}".rstrip(": ").splitlines()[0]
        present(_card(this, "wrong", f"Your code stopped with {said}", this.second))
    else:
        present(_card(this, "right", " ".join(filter(None, (praise, progress.note(number))))))


def untouched(answer: Any) -> bool:
    """Whether this is still the stub: `...` anywhere in it, or a function whose whole body, a docstring aside, is `...`
    or `pass`."""
    if isinstance(answer, EllipsisType):
        return True
    if isinstance(answer, FunctionType):
        return any(_steps(answer) == _steps(stub) for stub in _STUBS)
    if isinstance(answer, Mapping):
        return any(untouched(value) for value in answer.values())
    if isinstance(answer, list | tuple | set):
        return any(untouched(item) for item in answer)
    return False


def result_of(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine of the reader's returns or raises. For checks: they are plain, and a notebook's loop is busy.

    Raises TimeoutError for one that has not ended after ten seconds: it waits for what never comes.
    """
    outcome: dict[str, Any] = {}

    def work() -> None:
        try:
            outcome["value"] = asyncio.run(coroutine)
        except BaseException as error:  # handed to the thread that waits
            outcome["error"] = error

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if thread.is_alive():
        raise TimeoutError(f"it had not ended after {PATIENCE} seconds; does something in it wait for itself?")
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]


def _stub(answer): ...


async def _async_stub(answer): ...


_STUBS = (_stub, _async_stub, lambda answer: ...)


def _steps(function: FunctionType) -> list[tuple[str, Any]]:
    """What a function does, by name and value: a docstring moves the places of its constants and changes nothing."""
    return [(step.opname, step.argval) for step in dis.get_instructions(function)]


def _card(this: Exercise, state: str, said: str, more: str = "") -> Rich:
    sign, colour = _STATES[state]
    title = f"{sign} Exercise {this.number}, {this.title}"
    text = f"{title}\n{said}" + (f"\nAnother hint: {more}" if more else "")
    html = f"<strong>{escape(title)}</strong>{prose(said)}" + (details("Another hint", prose(more)) if more else "")
    border = f"border-left: 4px solid var(--{colour}, currentColor); padding: 0.2em 0.8em"
    return Rich(text, f'<div role="status" style="{border}">{html}</div>')
