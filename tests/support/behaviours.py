"""What the mock promises, as tests say it: `behaviour` marks a promise, docs/support.md lists them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pytest

from helpers.mock.gateway.routes import Kind
from tests.contract.ways import KINDS
from tests.support.sources import KINDS as SOURCES
from tests.support.sources import known

_HEAD = """# What the mock does

Each line is a test of its own, run on every way that has a mark: `/models`, `/serverless/{model}`,
`/openai/deployments/{deployment}` and `/openai/v1`. Where ways or families of models differ, each has a line of its
own. Names like `ChatCompletionsOptions.stop` are those of the OpenAPI document 2024-05-01-preview. Where sources
disagree, [differences.md](differences.md) says what was decided. How each promise is known:

| Known | Promises | That is |
| --- | --: | --- |
"""
_FOOT = """
A line counts once: as ours or guessed if its source says so of a part, else by its best source. A recording shows the
form of an answer, not that the service gives it to every request.

This page is made of the tests (`tasks.py docs`), and a test fails when it is not current.
"""
_TABLE = """
## {topic}

| Behaviour | Known | Source | models | serverless | deployments | v1 |
| --- | --- | --- | :-: | :-: | :-: | :-: |
"""


@dataclass(frozen=True)
class Behaviour:
    """A promise: what, known from where, and on which ways it is tested."""

    topic: str
    text: str
    source: str
    ways: tuple[Kind, ...]


BEHAVIOURS: dict[str, Behaviour] = {}
"""All promises by the names of their tests, in the order of the file."""


def topic(name: str) -> Callable[..., Callable[[Callable[..., Any]], Any]]:
    """A decorator for the behaviours of one topic: ``@behaviour("what it does", source="known from", ways=KINDS)``.

    The test is run once for each of the `ways`, which it gets as `way` (the fixture `ask` asks on that way).
    """

    def behaviour(text: str, *, source: str, ways: Sequence[Kind] = KINDS) -> Callable[[Callable[..., Any]], Any]:
        def mark(test: Callable[..., Any]) -> Any:
            BEHAVIOURS[test.__name__] = Behaviour(name, text, source, tuple(ways))
            return pytest.mark.behaviour(pytest.mark.parametrize("way", ways)(test))

        return mark

    return behaviour


def page() -> str:
    """The page as it should be, of the behaviours that have been registered."""
    counts = Counter(known(one.source) for one in BEHAVIOURS.values())
    parts = [_HEAD, *(f"| {kind} | {counts[kind]} | {told} |\n" for kind, told in SOURCES.items()), _FOOT]
    for name, group in groupby(BEHAVIOURS.values(), key=lambda one: one.topic):
        parts.append(_TABLE.format(topic=name))
        for one in group:
            marks = " | ".join("✓" if way in one.ways else "–" for way in KINDS)
            parts.append(f"| {_cell(one.text)} | {known(one.source)} | {_cell(one.source)} | {marks} |\n")
    return "".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("_", "\\_").replace("*", "\\*")
