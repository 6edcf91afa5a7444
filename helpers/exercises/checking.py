"""`check("3.1", answer)`: looks at an answer to an exercise and says what is right, or what to try next."""

from __future__ import annotations

import asyncio
import dis
from collections.abc import Mapping
from html import escape
from types import EllipsisType, FunctionType
from typing import Any

from ..display import Rich, details, present, prose
from .progress import note
from .registry import Exercise, NotYetError, find

_STATES = {"open": ("○", "jp-border-color1"), "wrong": ("↻", "jp-warn-color1"), "right": ("✓", "jp-success-color1")}


def check(number: str, answer: Any) -> None:
    """Looks at the answer to an exercise and shows what is right, or a hint that fits.

    It never raises for an answer: an untouched stub (`...`, or a function whose body is `...`) gets the first hint, and
    an error inside the reader's own function is told as a hint. A right answer is counted for the reader's progress
    when the cell was run by hand and on its own. Raises LookupError when there is no exercise of that number.
    """
    this = find(number)
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
        present(_card(this, "right", " ".join(filter(None, (praise, note(number))))))


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
