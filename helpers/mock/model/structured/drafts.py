"""Tuples as drafts 4 to 7 spell them, in the words of draft 2020-12."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .keywords import LISTS, MAPS, SINGLE, walk


def modern(schema: Any) -> Any:
    """A schema in the spelling of draft 2020-12; the very same object where nothing in it is older."""
    named = isinstance(schema, Mapping) and re.search(r"draft-0[3-7]", str(schema.get("$schema", "")))
    if named or any(isinstance(part, Mapping) and isinstance(part.get("items"), list) for part in walk(schema)):
        schema = _rewritten(schema)
        schema.pop("$schema", None)
    return schema


def _rewritten(part: Any) -> Any:
    if not isinstance(part, Mapping):
        return part
    made: dict[str, Any] = {}
    for key, value in part.items():
        if key == "items" and isinstance(value, list):
            made |= {"prefixItems": list(map(_rewritten, value))} if value else {}
        elif key == "additionalItems":
            made |= {"items": _rewritten(value)} if isinstance(part.get("items"), list) else {}
        elif key in MAPS and isinstance(value, Mapping):
            made[key] = {name: _rewritten(other) for name, other in value.items()}
        elif key in LISTS and isinstance(value, list):
            made[key] = list(map(_rewritten, value))
        else:
            made[key] = _rewritten(value) if key in SINGLE else value
    return made
