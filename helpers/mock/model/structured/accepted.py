"""Which schemas are accepted, and which are refused: the subset that `schema` lists."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from . import patterns
from .drafts import modern
from .keywords import Path, UnsupportedSchema, in_place, json_type, subschemas
from .validator import jsonschema

MAX_NESTING = 100
MAX_VALUES, MAX_ITEMS, MAX_PROPERTIES, MAX_LENGTH = 5_000, 1_000, 200, 10_000
MAX_NUMBER = 2**53

_BOUNDS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minContains", "maxContains"),
)
_CAPS = {"minItems": MAX_ITEMS, "minContains": MAX_ITEMS, "minProperties": MAX_PROPERTIES, "minLength": MAX_LENGTH}
_REFUSED = ("$dynamicRef", "$dynamicAnchor", "$recursiveRef", "unevaluatedItems", "unevaluatedProperties")


def inspect(schema: Any) -> None:
    """Raise UnsupportedSchema for what is no schema of the accepted subset; does not look for a value."""
    accepted(schema)


def accepted(schema: Any) -> Any:
    """The schema in the spelling of draft 2020-12, once it is known to be one of the accepted subset."""
    if not isinstance(schema, (Mapping, bool)):
        raise UnsupportedSchema((), f"a schema is an object or a boolean, not {json_type(schema)}")
    schema = respelt(schema)
    edges: dict[int, list[int]] = {}
    paths: dict[int, Path] = {}
    for path, part in subschemas(schema):
        if isinstance(part, Mapping):
            _inspect_one(part, path)
            paths[id(part)] = path
            edges[id(part)] = [id(other) for _, other in in_place(schema, part, path) if isinstance(other, Mapping)]
    _refuse_cycles(edges, paths)
    return schema


def respelt(schema: Any) -> Any:
    """The schema in the spelling of draft 2020-12, small enough and with a value of the right shape at each keyword."""
    _measure(schema)
    schema = modern(schema)
    if fault := _fault(json.dumps(schema)):
        raise UnsupportedSchema(*fault)
    return schema


def _measure(schema: Any) -> None:
    """Bound the size of the schema without recursion."""
    stack: list[tuple[Path, Any]] = [((), schema)]
    seen = 0
    while stack:
        path, value = stack.pop()
        seen += 1
        if len(path) > MAX_NESTING:
            raise UnsupportedSchema(path[:10], f"nested more than {MAX_NESTING} levels deep")
        if seen > MAX_VALUES:
            raise UnsupportedSchema((), f"more than {MAX_VALUES} values in the schema")
        if isinstance(value, Mapping):
            if any(not isinstance(key, str) for key in value):
                raise UnsupportedSchema(path, "names in JSON are strings")
            stack += [((*path, key), member) for key, member in value.items()]
        elif isinstance(value, (list, tuple)):
            stack += [((*path, index), member) for index, member in enumerate(value)]
        elif isinstance(value, float) and (value != value or value in {float("inf"), float("-inf")}):
            raise UnsupportedSchema(path, "not a JSON number")


@lru_cache(maxsize=256)
def _fault(written: str) -> tuple[Path, str] | None:
    """What the metaschema finds wrong in a schema, and where; once for each, since it takes milliseconds."""
    judge = jsonschema().Draft202012Validator
    try:
        # Formats are left out: patterns are judged by patterns.py, which also reads ECMAScript's spelling.
        faults = list(judge(judge.META_SCHEMA).iter_errors(json.loads(written)))
    except RecursionError:
        return (), "the schema is nested too deeply"
    if not faults:
        return None
    first = min(faults, key=lambda fault: [str(step) for step in fault.absolute_path])  # in the same order always
    return tuple(first.absolute_path), f"not a valid JSON Schema: {first.message}"


# What a well-formed schema may still not ask for


def _inspect_one(part: Mapping[str, Any], path: Path) -> None:
    for key in _REFUSED:
        if key in part:
            raise UnsupportedSchema((*path, key), f"{key} is not supported")
    if path and "$id" in part:
        raise UnsupportedSchema((*path, "$id"), "$id is supported at the top of the schema only")
    for low, high in _BOUNDS:
        if low in part and high in part and part[low] > part[high]:
            raise UnsupportedSchema((*path, low), f"{low} {part[low]} is greater than {high} {part[high]}")
    for key in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
        if key in part and (part[key] > MAX_NUMBER if key.lower().endswith("minimum") else part[key] < -MAX_NUMBER):
            raise UnsupportedSchema((*path, key), f"{key} {part[key]} leaves no number between -2**53 and 2**53")
    for key, cap in _CAPS.items():
        if part.get(key, 0) > cap:
            raise UnsupportedSchema((*path, key), f"{key} {part[key]} is more than the {cap} supported")
    if part.get("enum") == []:
        raise UnsupportedSchema((*path, "enum"), "an empty enum allows nothing")
    for key in ("items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else"):
        if key in part and not isinstance(part[key], (Mapping, bool)):
            raise UnsupportedSchema((*path, key), "not a schema")
    sources = [part["pattern"]] if "pattern" in part else []
    for source in [*sources, *part.get("patternProperties", {})]:
        try:
            patterns.compiled(source)
        except ValueError as error:
            raise UnsupportedSchema((*path, "pattern"), f"{source[:100]!r}: {error}") from None


def _refuse_cycles(edges: dict[int, list[int]], paths: dict[int, Path]) -> None:
    """A schema that refers back to itself for the very same value says nothing and never ends."""
    state: dict[int, int] = {}
    for first in edges:
        stack = [(first, iter(edges[first]))] if first not in state else []
        state.setdefault(first, 1)
        while stack:
            node, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                state[node] = 2
                stack.pop()
            elif state.get(following) == 1:
                raise UnsupportedSchema(paths[node], "refers to itself without ever reaching a value")
            elif following not in state and following in edges:
                state[following] = 1
                stack.append((following, iter(edges[following])))
