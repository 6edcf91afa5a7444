"""The model cards: what each deployment can do, read from `data/models.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Card:
    """One model: the fields of its table in `data/models.toml`, where each is explained."""

    name: str
    provider: str
    context: int
    max_output: int
    tokens: str
    source: str
    aliases: tuple[str, ...] = ()
    system: bool = False
    tools: bool = False
    response_formats: tuple[str, ...] = ("text",)
    pictures: int = 0
    sound: bool = False
    extras: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    json_tool_answers: bool = False


class Catalogue:
    """All deployments of a mock, found by name or alias whatever the letters' case."""

    def __init__(self, cards: Iterable[Card]) -> None:
        self.cards = tuple(cards)
        self._by_name = {name.lower(): card for card in self.cards for name in (card.name, *card.aliases)}

    def find(self, name: str) -> Card | None:
        return self._by_name.get(name.lower())


def bundled() -> Catalogue:
    """The cards that come with the mock."""
    text = resources.files(__package__).joinpath("data/models.toml").read_text("utf-8")
    return Catalogue(_card(name, row) for name, row in tomllib.loads(text).items())


def _card(name: str, row: Mapping[str, Any]) -> Card:
    return Card(name, **{key: tuple(value) if isinstance(value, list) else value for key, value in row.items()})
