"""The model cards: what each deployment can do, read from `data/models.toml` and from files of the user's own."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .data import table


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PictureCost(_Row):
    """How a picture's prompt tokens are counted: `crops` (Phi's vision models) or `tiles` of 512 pixels."""

    rule: Literal["crops", "tiles"] = "crops"
    base: int = 0
    tile: int = 0


class Embedding(_Row):
    """What an embedding model can do: the fields of `embedding` in `data/models.toml`."""

    dimensions: int = Field(gt=0, le=4096)
    shorter: bool = False
    formats: tuple[Literal["base64", "binary", "float", "int8", "ubinary", "uint8"], ...] = ("float", "base64")
    input_types: tuple[Literal["text", "query", "document"], ...] = ()
    batch: int = Field(default=2048, gt=0)
    input_tokens: int = Field(default=8191, gt=0)
    truncates: bool = False
    pictures: bool = False


class Card(_Row):
    """One model: the fields of its table in `data/models.toml`, where each is explained."""

    name: str = Field(min_length=1, max_length=100, pattern=r"^[^/\s]+$")
    provider: str
    context: int = Field(gt=0)
    max_output: int = Field(gt=0)
    tokens: Literal["exact", "estimate"]
    source: str
    aliases: tuple[str, ...] = ()
    chat: bool = True
    embedding: Embedding | None = None
    system: bool = False
    tools: bool = False
    response_formats: tuple[Literal["text", "json_object", "json_schema"], ...] = ("text",)
    json_schema_since: str = ""
    since: str = ""
    pictures: int = Field(default=0, ge=0)
    picture_cost: PictureCost = PictureCost()
    sound: bool = False
    sound_rate: float = Field(default=12.5, gt=0)
    extras: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    json_tool_answers: bool = False


class Catalogue:
    """All deployments of a mock, found by name or alias whatever the letters' case."""

    def __init__(self, cards: Iterable[Card]) -> None:
        by_name = {card.name.lower(): card for card in cards}
        self.cards = tuple(by_name.values())
        self._by_name = {alias.lower(): card for card in self.cards for alias in card.aliases} | by_name

    def find(self, name: str) -> Card | None:
        return self._by_name.get(name.lower())

    def with_file(self, path: Path) -> Catalogue:
        """These cards and those of a file like `data/models.toml`; a name that is there already is replaced.

        ``like = "gpt-4o"`` in a table takes over that model's card, with what the table itself says on top. Raises
        ValueError that names the file, the model and the field.
        """
        try:
            rows = tomllib.loads(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ValueError(f"{path} cannot be read as TOML: {error}") from None
        found = self
        for name, row in rows.items():
            found = Catalogue([*found.cards, found._card(path, name, row)])
        return found

    def _card(self, path: Path, name: str, row: Any) -> Card:
        if not isinstance(row, dict):
            raise ValueError(f"{path}: {name!r} stands outside of a table; write [{name!r}] and its fields below it")
        base: Mapping[str, Any] = {"source": f"your file {path.name}"}
        like = row.get("like")
        if like is not None:
            card = self.find(like) if isinstance(like, str) else None
            if card is None:
                known = ", ".join(card.name for card in self.cards)
                raise ValueError(f"{path}: [{name}] is like {like!r}, which is no model here. There are: {known}")
            base = card.model_dump() | {"aliases": (), **base}
        try:
            return Card(**{**base, **{key: value for key, value in row.items() if key != "like"}, "name": name})
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            place = ".".join(map(str, fault["loc"]))
            raise ValueError(f"{path}: [{name}] {place}: {fault['msg']}") from None


def bundled() -> Catalogue:
    """The cards that come with the mock."""
    return Catalogue(Card(name=name, **row) for name, row in table("models.toml").items())
