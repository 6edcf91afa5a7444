"""The model cards: what each deployment can do, read from `data/models.toml`."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from .data import table


class Card(BaseModel):
    """One model: the fields of its table in `data/models.toml`, where each is explained."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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
    return Catalogue(Card(name=name, **row) for name, row in table("models.toml").items())
