"""The model cards: what each deployment can do, read from `data/models.toml`, and from files and mappings of users."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..data import table

_LIKE = 'like = "gpt-4o"'


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PictureCost(_Row):
    """How a picture's prompt tokens are counted: `crops` (Phi's vision models) or `tiles` of 512 pixels."""

    rule: Literal["crops", "tiles"] = "crops"
    base: int = 0
    tile: int = 0


class Reasoning(_Row):
    """How a model thinks before it writes: the values of `reasoning_effort` that it takes, and the one without it."""

    efforts: tuple[str, ...]
    default: str


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
    tokenizer: Literal["mistral-v3", "o200k", "cl100k"] = "mistral-v3"
    reasoning: Reasoning | None = None
    description_limit: int = Field(default=1024, gt=0)
    family: Literal["openai", "mistral", "phi-4", "phi-3", "cohere", "other"] = "other"
    version: str = ""
    asynchronous_filter: bool = False
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
    fixed: Mapping[str, bool | int | float] = {}
    json_tool_answers: bool = False


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
        self, models: Mapping[str, Any], *, origin: str = "models", source: str = "the option models="
    ) -> Catalogue:
        """These cards and others by their names; a name that is there already is replaced.

        A value is the name of the model that the new one is like, ``{"my-gpt": "gpt-4o"}``, or the fields of a card,
        ``{"my-gpt": {"like": "gpt-4o", "context": 8000}}``: what they say goes over that model's card. `origin` stands
        in messages, `source` in the new cards. Raises ValueError that names the origin, the model and the field.
        """
        found = self
        for name, row in models.items():
            try:
                card = found._card(name, {"like": row} if isinstance(row, str) else row, source)
            except ValueError as error:
                raise ValueError(f"{origin}: {name!r} {error}") from None
            found = Catalogue([*found.cards, card])
        return found

    def _card(self, name: str, row: Any, source: str) -> Card:
        if not isinstance(row, Mapping):
            raise ValueError(f"is no model: a model has fields, such as {_LIKE}, or is just the name of another")
        base: dict[str, Any] = {"source": source}
        like = row.get("like")
        if like is not None:
            card = self.find(like) if isinstance(like, str) else None
            if card is None:
                near = difflib.get_close_matches(str(like), self.names, 1)
                meant = f"; is {near[0]} meant?" if near else "."
                raise ValueError(f"is like a model that is not here{meant} There are {', '.join(self.names)}")
            base = card.model_dump() | {"aliases": (), **base}
        try:
            return Card(**{**base, **{key: value for key, value in row.items() if key != "like"}, "name": name})
        except ValidationError as error:
            raise ValueError(_told(error)) from None


def _told(error: ValidationError) -> str:
    """What is wrong with a card, in one line. Values are not shown: a file of keys may have been given by mistake."""
    missing, wrong = [], []
    for fault in error.errors(include_url=False, include_input=False):
        place = ".".join(map(str, fault["loc"]))
        if fault["type"] == "missing":
            missing.append(place)
        elif fault["type"] == "extra_forbidden":
            near = difflib.get_close_matches(place, Card.model_fields, 1)
            wrong.append(f"{place}: there is no such field" + (f"; is {near[0]} meant?" if near else ""))
        else:
            wrong.append(f"{place}: {fault['msg']}")
    lacks = [f"lacks {', '.join(missing)}; {_LIKE} takes over all fields of a model that is there"] * bool(missing)
    return " and ".join([*wrong, *lacks])


def bundled() -> Catalogue:
    """The cards that come with the mock."""
    return Catalogue([]).with_models(table("models.toml"), origin="models.toml")
