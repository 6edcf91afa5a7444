"""`check("3.1", answer)`: looks at an answer to an exercise and says what is right, or what to try next."""

from __future__ import annotations

import asyncio
import dis
import inspect
import re
from collections.abc import Mapping, Sequence
from html import escape
from types import EllipsisType, FunctionType
from typing import Any

from ..display import Rich, details, marked, present
from .kinds import stopped
from .progress import note
from .registry import Exercise, NotYetError, find

_STATES = {"open": ("○", "jp-border-color1"), "wrong": ("↻", "jp-warn-color1"), "right": ("✓", "jp-success-color1")}
_UNDO = "Ctrl+Z (on a Mac ⌘Z) in the cell takes you back, and the solution under the cell ends in the same line."


def check(number: Any = None, *answers: Any) -> None:
    """Looks at the answer to an exercise and shows what is right, or a hint that fits.

    It never raises for an answer: an untouched stub (`...`, or a function whose body is `...`) gets the first hint, an
    error inside the reader's own function is told as a hint, and so is a line with `check` that is no longer what it
    was. A right answer is counted for the reader's progress when the cell was run by hand and on its own. Raises
    LookupError when there is no exercise of that number.
    """
    this = _meant(number)
    if this is None:
        return present(_card("wrong", "Which exercise?", f"`check` wants its number first, in quotes: {_LIKE}.", _UNDO))
    title = f"Exercise {this.number}, {this.title}"
    if slip := _slip(this, number, answers):
        return present(_card("wrong", title, f"{slip} Put the line back as it was: `{this.line}`.", _UNDO))
    parts: Any = answers if len(this.names) == 1 else answers[0]
    function = parts[0]
    # Where the stub is no function, a function without a body is an attempt, such as `converter = convert`.
    if any(untouched(part) for part in parts if this.takes or not callable(part)):
        return present(_card("open", title, this.first))
    try:
        praise = this.look(*parts)
    except NotYetError as hint:
        said, more = str(hint), hint.more or this.second
    except (Exception, SystemExit, asyncio.CancelledError) as error:
        said, more = stopped("Your code stops", error, function), this.second
    else:
        return present(_card("right", title, " ".join(filter(None, (praise, note(number))))))
    return present(_card("wrong", title, *(_in_own_names(text, this, function) for text in (said, more))))


_LIKE = '`check("1.1", concise)`'


def _meant(number: Any) -> Exercise | None:
    """The exercise of that number; also of 1.1 for "1.1". None for what is no number of an exercise at all."""
    if isinstance(number, str):
        return find(number) if re.fullmatch(r"\d+\.\d+", number) else None
    try:
        return find(str(number)) if isinstance(number, int | float) else None
    except LookupError:
        return None


def _slip(this: Exercise, number: Any, answers: Sequence[Any]) -> str:
    """What has happened to the line with `check`; empty when it is as it was."""
    together = len(this.names)
    if not isinstance(number, str):
        return "The number of an exercise is a text, in quotes."
    if not answers:
        return "There is no answer in it to look at."
    if len(answers) > 1:
        return "There is more in it than a number and an answer."
    (answer,) = answers
    if together > 1 and not (isinstance(answer, tuple | list) and len(answer) == together):
        return f"This check takes {together} things, in parentheses of their own."
    return ""


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


_CODE = re.compile(r"`[^`]+`")
_NAME = re.compile(r"""(?<![\w.])(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|([A-Za-z_]\w*\b)(?!=(?!=)|:\w))""")


def _in_own_names(text: str, this: Exercise, function: Any) -> str:
    """The text with the parameters of the reader's function in its code called as the reader calls them."""
    try:
        own = dict(zip(this.takes, inspect.signature(function).parameters, strict=False))
    except (TypeError, ValueError):  # no function, or one that does not tell
        return text

    def renamed(name: re.Match[str]) -> str:
        return own.get(name[1], name[0])  # what stands in quotes has no name

    return _CODE.sub(lambda code: _NAME.sub(renamed, code[0]), text) if own else text


def _card(state: str, title: str, said: str, more: str = "") -> Rich:
    sign, colour = _STATES[state]
    title = f"{sign} {title}"
    text = f"{title}\n{said}" + (f"\nAnother hint: {more}" if more else "")
    html = f"<strong>{escape(title)}</strong>{marked(said)}" + (details("Another hint", marked(more)) if more else "")
    border = f"border-left: 4px solid var(--{colour}, currentColor); padding: 0.2em 0.8em"
    return Rich(text, f'<div role="status" style="{border}">{html}</div>')
