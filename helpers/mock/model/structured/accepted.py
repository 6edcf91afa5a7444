"""Which schemas are accepted, and which are refused: the subset that `schema` lists."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from . import patterns
from .keywords import Path, UnsupportedSchema, subschemas, walk
from .validator import jsonschema

MAX_NESTING = 100
MAX_VALUES, MAX_ITEMS, MAX_PROPERTIES, MAX_LENGTH = 5_000, 1_000, 200, 10_000

_BOUNDS = ("minimum maximum", "minLength maxLength", "minItems maxItems", "minProperties maxProperties")
_CAPS = {"minItems": MAX_ITEMS, "minProperties": MAX_PROPERTIES, "minLength": MAX_LENGTH}
_REFUSED = ("$dynamicRef", "$recursiveRef", "unevaluatedItems", "unevaluatedProperties")


def inspect(schema: Any) -> Any:
    """The schema in the spelling of draft 2020-12; no value is looked for.

    Raises UnsupportedSchema for what is none of the accepted subset.
    """
    if not isinstance(schema, (Mapping, bool)):
        raise UnsupportedSchema((), "a schema is an object or a boolean")
    schema = respelt(schema)
    for path, part in subschemas(schema):
        if isinstance(part, Mapping):
            _inspect_one(part, path)
    return schema


def respelt(schema: Any) -> Any:
    """The schema in the spelling of draft 2020-12, small enough and with a value of the right shape at each keyword."""
    if sum(1 for _ in walk(schema)) > MAX_VALUES:
        raise UnsupportedSchema((), f"more than {MAX_VALUES} values in the schema")
    try:
        schema = _modern(schema)
        fault = _fault(json.dumps(schema, allow_nan=False))
    except RecursionError:
        fault = (), f"nested more than {MAX_NESTING} levels deep"
    except ValueError:
        fault = (), "a number in it is none of JSON"
    if fault:
        raise UnsupportedSchema(*fault)
    return schema


_VALUES = frozenset({"const", "enum", "default", "examples"})  # what stands there is no schema


def _modern(part: Any) -> Any:
    """Tuples as drafts 4 to 7 spell them, in the words of draft 2020-12."""
    if isinstance(part, list):
        return list(map(_modern, part))
    if not isinstance(part, Mapping):
        return part
    made = {key: value if key in _VALUES else _modern(value) for key, value in part.items() if key != "$schema"}
    if isinstance(made.get("items"), list):
        made["prefixItems"] = made.pop("items")
        if "additionalItems" in made:
            made["items"] = made.pop("additionalItems")
    return made


@lru_cache(maxsize=256)
def _fault(written: str) -> tuple[Path, str] | None:
    """What the metaschema finds wrong in a schema, and where; once for each, since it takes milliseconds."""
    judge = jsonschema().Draft202012Validator
    # Formats are left out: patterns are judged by patterns.py, which also reads ECMAScript's spelling.
    faults = list(judge(judge.META_SCHEMA).iter_errors(json.loads(written)))
    if not faults:
        return None
    first = min(faults, key=lambda fault: [str(step) for step in fault.absolute_path])  # in the same order always
    return tuple(first.absolute_path), f"not a valid JSON Schema: {first.message}"


def _inspect_one(part: Mapping[str, Any], path: Path) -> None:
    """Refuse what a well-formed schema may still not ask for."""
    if len(path) > MAX_NESTING:
        raise UnsupportedSchema(path[:10], f"nested more than {MAX_NESTING} levels deep")
    for key in _REFUSED:
        if key in part:
            raise UnsupportedSchema((*path, key), f"{key} is not supported")
    if path and "$id" in part:
        raise UnsupportedSchema((*path, "$id"), "$id is supported at the top of the schema only")
    for low, high in map(str.split, _BOUNDS):
        if low in part and high in part and part[low] > part[high]:
            raise UnsupportedSchema((*path, low), f"{low} {part[low]} is greater than {high} {part[high]}")
    for key, cap in _CAPS.items():
        if part.get(key, 0) > cap:
            raise UnsupportedSchema((*path, key), f"{key} {part[key]} is more than the {cap} supported")
    for source in [*([part["pattern"]] if "pattern" in part else []), *part.get("patternProperties", {})]:
        try:
            patterns.compiled(source)
        except ValueError as error:
            raise UnsupportedSchema((*path, "pattern"), f"{source[:100]!r}: {error}") from None
