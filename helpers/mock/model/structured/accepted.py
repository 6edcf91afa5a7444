"""Which schemas are accepted, and which are refused: the subset that `schema` lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import patterns
from .drafts import modern
from .keywords import LISTS, MAPS, SINGLE, TYPES, Path, UnsupportedSchema, in_place, json_type, subschemas
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
    if not _well_formed(schema):
        _blame(schema)
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


# The right shape of each keyword's value


def _well_formed(schema: Any) -> bool:
    """Whether every keyword of every subschema has a value of the right shape; False may also mean: not sure."""
    stack = [schema]
    while stack:
        part = stack.pop()
        if not isinstance(part, Mapping):
            continue
        if any(key in part for key in _RARE) or not all(_SHAPES[key](part[key]) for key in part if key in _SHAPES):
            return False
        for key, value in part.items():
            if key in SINGLE:
                stack.append(value)
            elif key in LISTS:
                stack += value
            elif key in MAPS:
                stack += value.values()
    return True


def _blame(schema: Any) -> None:
    """Let the library say what is wrong with a schema: the metaschema is the judge, and only slow."""
    judge = jsonschema().Draft202012Validator
    try:
        # Formats are left out: patterns are judged by patterns.py, which also reads ECMAScript's spelling.
        faults = list(judge(judge.META_SCHEMA).iter_errors(schema))
    except RecursionError:
        raise UnsupportedSchema((), "the schema is nested too deeply") from None
    if faults:  # which come in an order of their own in each process
        first = min(faults, key=lambda fault: [str(step) for step in fault.absolute_path])
        raise UnsupportedSchema(tuple(first.absolute_path), f"not a valid JSON Schema: {first.message}")


def _is_schema(value: Any) -> bool:
    return isinstance(value, (Mapping, bool))


def _are_schemas(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_schema, value))


def _are_named_schemas(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_is_schema, value.values()))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return _is_number(value) and value >= 0 and value == int(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value)) and len(set(value)) == len(value)


def _is_type(value: Any) -> bool:
    return value in TYPES if isinstance(value, str) else bool(value) and _are_names(value) and set(value) <= {*TYPES}


_TEXTS = (
    "title", "description", "pattern", "format", "$ref", "$comment", "$schema", "contentEncoding", "contentMediaType",
)  # fmt: skip
_SHAPES: dict[str, Callable[[Any], bool]] = {
    "type": _is_type,
    "required": _are_names,
    "multipleOf": lambda value: _is_number(value) and value > 0,
    "dependentRequired": lambda value: isinstance(value, Mapping) and all(map(_are_names, value.values())),
    **dict.fromkeys(("enum", "examples"), lambda value: isinstance(value, list)),
    **dict.fromkeys(_TEXTS, _is_text),
    **dict.fromkeys(("uniqueItems", "deprecated", "readOnly", "writeOnly"), lambda value: isinstance(value, bool)),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
    **dict.fromkeys([key for pair in _BOUNDS[1:] for key in pair], _is_count),
    **dict.fromkeys(SINGLE, _is_schema),
    **dict.fromkeys(LISTS, _are_schemas),
    **dict.fromkeys(MAPS, _are_named_schemas),
}
# Keywords whose values the metaschema looks at more closely than `_SHAPES`.
_RARE = (
    "$id",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
    "$recursiveAnchor",
    "$vocabulary",
    "dependencies",
)


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
