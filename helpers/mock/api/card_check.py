"""Cards of users' own: every field checked, and what is wrong with them told in one line."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from .card import LIKE, PARTS, Card

_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "name": {"min_length": 1, "max_length": 100, "pattern": r"^[^/\s]+$"},
    "context": {"gt": 0},
    "max_output": {"gt": 0},
    "description_limit": {"gt": 0},
    "pictures": {"ge": 0},
    "sound_rate": {"gt": 0},
}
_EMBEDDING: Mapping[str, Mapping[str, Any]] = {
    "dimensions": {"gt": 0, "le": 4096},
    "batch": {"gt": 0},
    "input_tokens": {"gt": 0},
}


def checked(values: Mapping[str, Any]) -> Card:
    """A card of these fields. Raises ValueError that tells what is wrong with them."""
    try:
        found = dict(_model()(**values))
    except ValidationError as error:
        raise ValueError(_told(error)) from None
    parts = {name: kind(**dict(found[name])) for name, kind in PARTS.items() if found[name] is not None}
    return Card(**{**found, **parts})


@cache
def _model() -> type[BaseModel]:
    parts = {name: _of(kind, _EMBEDDING if name == "embedding" else {}, {}) for name, kind in PARTS.items()}
    return _of(Card, _LIMITS, parts)


def _of(kind: type, limits: Mapping[str, Mapping[str, Any]], parts: Mapping[str, type[BaseModel]]) -> type[BaseModel]:
    """The model that checks what a data class holds."""
    described: dict[str, Any] = {}
    hints = get_type_hints(kind)
    for each in fields(kind):
        default: Any = ... if each.default is MISSING else each.default
        if each.default_factory is not MISSING:
            default = each.default_factory()
        told = hints[each.name]
        if part := parts.get(each.name):
            told = part if default is not None else part | None
            default = part() if default is not None else None
        described[each.name] = (told, Field(default, **limits.get(each.name, {})))
    return create_model(kind.__name__, __config__=ConfigDict(extra="forbid"), **described)


def _told(error: ValidationError) -> str:
    """What is wrong with a card, in one line. Values are not shown: a file of keys may have been given by mistake."""
    missing, wrong = [], []
    for fault in error.errors(include_url=False, include_input=False):
        place = ".".join(map(str, fault["loc"]))
        if fault["type"] == "missing":
            missing.append(place)
        elif fault["type"] == "extra_forbidden":
            near = difflib.get_close_matches(place, get_type_hints(Card), 1)
            wrong.append(f"{place}: there is no such field" + (f"; is {near[0]} meant?" if near else ""))
        else:
            wrong.append(f"{place}: {fault['msg']}")
    lacks = [f"lacks {', '.join(missing)}; {LIKE} takes over all fields of a model that is there"] * bool(missing)
    return " and ".join([*wrong, *lacks])
