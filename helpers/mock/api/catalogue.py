"""The deployments of a mock by their names: cards from `data/models.toml`, and from files and mappings of users."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from ..data import table
from .card import LIKE, PARTS, Card


def _checked(values: Mapping[str, Any]) -> Card:
    from .card_check import checked  # here, since most runs read no card but the mock's own, which a test checks

    return checked(values)


def _made(values: Mapping[str, Any]) -> Card:
    """A card of values that are known to be right."""
    plain = {name: _plain(value, PARTS.get(name)) for name, value in values.items()}
    return Card(**plain)


def _plain(value: Any, part: Callable[..., Any] | None) -> Any:
    if part and isinstance(value, dict):
        return part(**{name: _plain(inner, None) for name, inner in value.items()})
    return tuple(value) if isinstance(value, list) else value


class Catalogue:
    """All deployments of a mock, found by name or alias whatever the letters' case."""

    def __init__(self, cards: Iterable[Card]) -> None:
        by_name = {card.name.lower(): card for card in cards}
        self.cards = tuple(by_name.values())
        self._by_name = {alias.lower(): card for card in self.cards for alias in card.aliases} | by_name

    @property
    def names(self) -> list[str]:
        """The models' names, without aliases."""
        return [card.name for card in self.cards]

    def find(self, name: str) -> Card | None:
        """The card of a name, also of ``publisher/name``, as programs for GitHub Models say it."""
        publisher, slash, bare = name.partition("/")
        return self._by_name.get((bare if publisher and slash else name).lower())

    def with_file(self, path: Path) -> Catalogue:
        """These cards and those of a file like `data/models.toml`; a name that is there already is replaced.

        Its tables are what `with_models` takes. Raises ValueError that names the file, the model and the field.
        """
        try:
            rows = tomllib.loads(path.read_text("utf-8-sig"))
        except FileNotFoundError:
            raise ValueError(f"{path} does not exist") from None
        except OSError as error:
            raise ValueError(f"{path} cannot be read: {error.strerror}") from None
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path} is not TOML: {error}") from None
        return self.with_models(rows, origin=str(path), source=f"your file {path.name}")

    def with_models(
        self,
        models: Mapping[str, Any],
        *,
        origin: str = "models",
        source: str = "the option models=",
        make: Callable[[Mapping[str, Any]], Card] = _checked,
    ) -> Catalogue:
        """These cards and others by their names; a name that is there already is replaced.

        A value is the name of the model that the new one is like, ``{"my-gpt": "gpt-4o"}``, or the fields of a card,
        ``{"my-gpt": {"like": "gpt-4o", "context": 8000}}``: what they say goes over that model's card. `origin` stands
        in messages, `source` in the new cards, and `make` makes one of its fields. Raises ValueError that names the
        origin, the model and the field.
        """
        found = self
        for name, row in models.items():
            try:
                card = found._card(name, {"like": row} if isinstance(row, str) else row, source, make)
            except ValueError as error:
                raise ValueError(f"{origin}: {name!r} {error}") from None
            found = Catalogue([*found.cards, card])
        return found

    def _card(self, name: str, row: Any, source: str, make: Callable[[Mapping[str, Any]], Card]) -> Card:
        if not isinstance(row, Mapping):
            raise ValueError(f"is no model: a model has fields, such as {LIKE}, or is just the name of another")
        base: dict[str, Any] = {"source": source}
        like = row.get("like")
        if like is not None:
            card = self.find(like) if isinstance(like, str) else None
            if card is None:
                import difflib  # here, since few names are wrong

                near = difflib.get_close_matches(str(like), self.names, 1)
                meant = f"; is {near[0]} meant?" if near else "."
                raise ValueError(f"is like a model that is not here{meant} There are {', '.join(self.names)}")
            base = {**asdict(card), "aliases": (), **base}
        return make({**base, **{key: value for key, value in row.items() if key != "like"}, "name": name})


@cache
def bundled() -> Catalogue:
    """The cards that come with the mock: read once, since nobody changes them."""
    return Catalogue([]).with_models(table("models.toml"), origin="models.toml", make=_made)
