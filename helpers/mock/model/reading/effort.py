"""How much work a schema may make: reading for it, the search, its judge and its patterns draw from one supply."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf

_STEPS = 1_500_000  # about two seconds
_REFERENCE, MOVE, READING = 300, 375, 50  # what a reference takes of them, a move of the search, a text that is read
_DEEPEST = 60  # references inside each other: a schema that refers to itself for the same value has no end


@dataclass(slots=True)
class _Supply:
    steps: float
    depth: int = 0


_supply: ContextVar[_Supply] = ContextVar("_supply", default=_Supply(inf))  # noqa: B039 - outside of `bounded`


class ExhaustedError(Exception):
    """A search, or a judgement, that took all the steps it may take."""


@contextmanager
def bounded(steps: int = _STEPS) -> Iterator[None]:
    """Allow so many steps to all that happens inside, then ExhaustedError."""
    token = _supply.set(_Supply(steps))
    try:
        yield
    finally:
        _supply.reset(token)


def spend(steps: int) -> None:
    """Take steps of the supply."""
    supply = _supply.get()
    supply.steps -= steps
    if supply.steps < 0:
        raise ExhaustedError


@contextmanager
def following() -> Iterator[None]:
    """Follow a reference: they double at every level where two lead to the next."""
    spend(_REFERENCE)
    supply = _supply.get()
    supply.depth += 1
    try:
        if supply.depth > _DEEPEST:
            raise ExhaustedError
        yield
    finally:
        supply.depth -= 1
