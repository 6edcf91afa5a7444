"""Older spellings: a schema of drafts 4 to 7 in the words of draft 2020-12."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .keywords import LISTS, MAPS, SINGLE, walk


def modern(schema: Any) -> Any:
    """A schema in the spelling of draft 2020-12; the very same object where nothing in it is older."""
    older = re.search(r"draft-0[3-7]", str(schema.get("$schema", ""))) if isinstance(schema, Mapping) else None
    if older or any(isinstance(part, Mapping) and _is_older(part) for part in walk(schema)):
        return _rewritten(schema, lone=older is not None, top=True)
    return schema


def _is_older(part: Mapping[str, Any]) -> bool:
    return (
        isinstance(part.get("items"), list)
        or isinstance(part.get("dependencies"), Mapping)
        or isinstance(part.get("exclusiveMinimum"), bool)
        or isinstance(part.get("exclusiveMaximum"), bool)
    )


def _rewritten(part: Any, *, lone: bool, top: bool = False) -> Any:
    """A subschema respelt. `lone`: what stands beside a `$ref` says nothing, as up to draft 7."""
    if not isinstance(part, Mapping):
        return part
    if lone and isinstance(part.get("$ref"), str):
        kept = ("$ref", "$id", "title", "description", "default", *(("$defs", "definitions") if top else ()))
        part = {key: part[key] for key in kept if key in part}
    made: dict[str, Any] = {}
    tuples = isinstance(part.get("items"), list)
    for key, value in part.items():
        if key == "$schema" and lone:
            continue
        if key == "items" and tuples:
            made |= {"prefixItems": [_rewritten(item, lone=lone) for item in value]} if value else {}
        elif key == "additionalItems":
            made |= {"items": _rewritten(value, lone=lone)} if tuples else {}
        elif key in ("exclusiveMinimum", "exclusiveMaximum") and isinstance(value, bool):
            bound = f"m{key[10:]}"
            if value and bound in part:
                made[key] = part[bound]
        elif key in ("minimum", "maximum") and part.get(f"exclusiveM{key[1:]}") is True:
            continue
        elif key == "dependencies" and isinstance(value, Mapping):
            names = {name: list(dict.fromkeys(other)) for name, other in value.items() if isinstance(other, list)}
            schemas = {name: _rewritten(other, lone=lone) for name, other in value.items() if name not in names}
            made |= {"dependentRequired": names} if names else {}
            made |= {"dependentSchemas": schemas} if schemas else {}
        elif key in SINGLE:
            made[key] = _rewritten(value, lone=lone)
        elif key in LISTS and isinstance(value, list):
            made[key] = [_rewritten(item, lone=lone) for item in value]
        elif key in MAPS and isinstance(value, Mapping):
            made[key] = {name: _rewritten(item, lone=lone) for name, item in value.items()}
        else:
            made[key] = value
    return made
