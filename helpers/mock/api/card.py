"""A model's card: what a deployment can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

LIKE = 'like = "gpt-4o"'


@dataclass(frozen=True, slots=True)
class PictureCost:
    """How a picture's prompt tokens are counted: `crops` (Phi's vision models) or `tiles` of 512 pixels."""

    rule: Literal["crops", "tiles"] = "crops"
    base: int = 0
    tile: int = 0


@dataclass(frozen=True, slots=True)
class Reasoning:
    """How a model thinks before it writes: the values of `reasoning_effort` that it takes, and the one without it."""

    efforts: tuple[str, ...]
    default: str


@dataclass(frozen=True, slots=True)
class Embedding:
    """What an embedding model can do: the fields of `embedding` in `data/models.toml`."""

    dimensions: int
    shorter: bool = False
    formats: tuple[Literal["base64", "binary", "float", "int8", "ubinary", "uint8"], ...] = ("float", "base64")
    input_types: tuple[Literal["text", "query", "document"], ...] = ()
    batch: int = 2048
    input_tokens: int = 8191
    truncates: bool = False
    pictures: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One model: the fields of its table in `data/models.toml`, where each is explained; `card_check` has limits."""

    name: str
    provider: str
    context: int
    max_output: int
    tokens: Literal["exact", "estimate"]
    source: str
    tokenizer: Literal["mistral-v3", "o200k", "cl100k"] = "mistral-v3"
    reasoning: Reasoning | None = None
    description_limit: int = 1024
    family: Literal["openai", "mistral", "phi-4", "phi-3", "cohere", "other"] = "other"
    version: str = ""
    asynchronous_filter: bool = False
    cross_origin: bool = False
    aliases: tuple[str, ...] = ()
    chat: bool = True
    embedding: Embedding | None = None
    system: bool = False
    tools: bool = False
    response_formats: tuple[Literal["text", "json_object", "json_schema"], ...] = ("text",)
    json_schema_since: str = ""
    since: str = ""
    pictures: int = 0
    picture_cost: PictureCost = PictureCost()
    sound: bool = False
    sound_rate: float = 12.5
    extras: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    fixed: Mapping[str, bool | int | float] = field(default_factory=dict)
    json_tool_answers: bool = False


PARTS = {"reasoning": Reasoning, "embedding": Embedding, "picture_cost": PictureCost}
"""The fields of a card that have fields of their own."""
