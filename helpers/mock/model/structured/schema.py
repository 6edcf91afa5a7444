"""JSON values that conform to a JSON Schema (draft 2020-12) and say what the conversation says.

Candidates are built from the schema, the conversation's own words first, and nothing leaves this module that the
`jsonschema` library has not validated: what cannot be built is refused, never answered wrongly.

The accepted subset:

* every keyword of draft 2020-12's core, applicator and validation vocabularies except those below
* `$ref` to `#`, to a JSON pointer or to an `$anchor` of the same document, recursive ones where a finite value exists
* patterns as `patterns.py` accepts them: no look-around, back-references or flags
* formats date, date-time, time, duration, email, uri, uuid, ipv4, ipv6 and hostname are kept; other formats are
  annotations, as the standard has it
* the spelling of drafts 4 to 7: `definitions`, `dependencies`, `items` as a list with `additionalItems`, boolean
  `exclusiveMinimum`, and, where `$schema` names such a draft, a `$ref` whose neighbours say nothing
* at most 100 nested objects and arrays, 5,000 values in the schema, `minItems` 1,000, `minProperties` 200,
  `minLength` 10,000, numbers up to 2**53

Refused: `$ref` elsewhere, `$dynamicRef`, `$id` below the top, `unevaluatedItems`, `unevaluatedProperties`, a reference
that only leads back to itself, constraints that contradict each other, and schemas so entangled that a bounded search
finds no value.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from ipaddress import IPv6Address
from itertools import islice
from math import ceil, floor, gcd, lcm
from types import ModuleType
from typing import Any
from urllib.parse import unquote

from ..reading.slots import Context, Scene, Slot
from . import patterns

__all__ = ["Context", "UnsupportedSchema", "check", "check_strict", "conforming", "inspect", "valid"]

MAX_NESTING = 100
_MAX_VALUES, _MAX_ITEMS, _MAX_PROPERTIES, _MAX_LENGTH = 5_000, 1_000, 200, 10_000
_MAX_NUMBER = 2**53
_STEPS = 4_000  # of the search for a value
_REFERENCES = 5_000  # that the validator follows in one search: references to references can double at every level
_PATTERN_STEPS = 1_500_000  # of the programs of all patterns in one search
_LONGEST_WORD = 200  # of a text that is tried against a pattern
_TRIES = 40  # finished values that are offered to the validator before giving up

_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
_BOUNDS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minContains", "maxContains"),
)
_CAPS = {"minItems": _MAX_ITEMS, "minContains": _MAX_ITEMS, "minProperties": _MAX_PROPERTIES, "minLength": _MAX_LENGTH}
_REFUSED = ("$dynamicRef", "$dynamicAnchor", "$recursiveRef", "unevaluatedItems", "unevaluatedProperties")
# Where subschemas stand. In place: they judge the same value as the schema around them.
_IN_PLACE_LISTS, _IN_PLACE = ("allOf", "anyOf", "oneOf"), ("not", "if", "then", "else")
_BELOW_LISTS, _BELOW = ("prefixItems",), ("items", "contains", "additionalProperties", "propertyNames")
_BELOW_MAPS = ("properties", "patternProperties")
# What construction alone does not guarantee; a value under one of these is checked on the spot.
_DELICATE = frozenset(
    {"not", "oneOf", "if", "contains", "dependentSchemas", "propertyNames", "uniqueItems", "enum", "const"}
)
_INFERRED = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties", "propertyNames"),
    "array": ("items", "prefixItems", "minItems", "contains", "uniqueItems"),
    "string": ("pattern", "minLength", "maxLength", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
_FORMATS = {
    "date": ["2025-01-01", "2025-01-02"],
    "date-time": ["2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z"],
    "time": ["00:00:00Z", "12:00:00Z"],
    "duration": ["PT1H", "P1D"],
    "email": ["user@example.com", "user2@example.com"],
    "uri": ["https://example.com/", "https://example.com/2"],
    "uuid": ["00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000001"],
    "ipv4": ["192.0.2.1", "192.0.2.2"],
    "ipv6": ["2001:db8::1", "2001:db8::2"],
    "hostname": ["example.com", "www.example.com"],
}
_FORMAT_TESTS = {
    "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "date-time": re.compile(
        r"\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
    ),
    "time": re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"),
    "duration": re.compile(r"P(?:\d+W|(?=[\dT])(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)"),
    "email": re.compile(r"[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII),
    "uri": re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[\w:/?#@!$&'()*+,;=.~%-]+", re.ASCII),
    "uuid": re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "ipv4": re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}", re.ASCII),
    "ipv6": re.compile(r"[0-9a-fA-F:]{2,39}"),
    "hostname": re.compile(
        r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
    ),
}
# The same formats, narrower, for strings that have to meet a pattern or a length as well.
_FORMAT_PATTERNS = {
    "date": r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$",
    "date-time": r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+]0\d:00)$",
    "time": r"^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+]0\d:00)$",
    "duration": r"^P(\d+D|T\d+[HMS]|\d+W)$",
    "email": r"^[a-z0-9][a-z0-9._-]*@[a-z0-9]+([.][a-z0-9]+)+$",
    "uri": r"^[a-z]+:(//)?[a-z0-9][a-z0-9./-]*$",
    "uuid": r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
    "ipv4": r"^(1\d\d|[1-9]?\d)([.](1\d\d|[1-9]?\d)){3}$",
    "ipv6": r"^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}$",
    "hostname": r"^[a-z0-9]+([.-][a-z0-9]+)*$",
}


def _has_format(text: str, name: str) -> bool:
    """Whether a string has a format that is kept."""
    if not _FORMAT_TESTS[name].fullmatch(text) or not text.isascii():
        return False
    try:
        if name in {"date", "date-time"}:
            date.fromisoformat(text[:10])
        elif name == "ipv6":
            IPv6Address(text)
    except ValueError:
        return False
    return name != "uri" or re.search(r"%(?![0-9A-Fa-f]{2})", text) is None


Schema = Mapping[str, Any] | bool


class UnsupportedSchema(ValueError):  # noqa: N818 - the name is the module's contract
    """A schema outside the accepted subset: `path` leads to the place in the schema, `reason` says what is wrong."""

    def __init__(self, path: tuple[str | int, ...], reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{'/'.join(map(str, path)) or 'the schema'}: {reason}")


def check(schema: Any) -> None:
    """Raise UnsupportedSchema unless `conforming` gives a value for this schema, whatever the conversation."""
    _search(_accepted(schema), None)


def conforming(schema: Any, context: Context) -> Any:
    """A JSON value that validates against the schema, drawn from the conversation where the schema asks for it.

    A property is filled from what the conversation mentions when its name, description, type or enum suggests it.
    Optional properties without such content are left out; required ones get null where that is allowed, else the
    schema's default, or the plainest value of the type.
    Raises UnsupportedSchema exactly when `check` does.
    """
    schema = _accepted(schema)
    try:
        return _search(schema, context)
    except UnsupportedSchema:  # too much to say, or what is said does not fit: a plain value may still do
        return _search(schema, None)


def valid(schema: Any, value: Any) -> bool:
    """Whether the value validates against a schema that `check` accepts."""
    _references_left.set([_REFERENCES])
    try:
        with patterns.bounded(_PATTERN_STEPS):
            return _validator_class()(_modern(schema), registry=_offline()).is_valid(value)
    except (_ExhaustedError, patterns.TooHardError):
        return False


def check_strict(schema: Any) -> None:
    """Raise UnsupportedSchema, in the service's words, for what `strict` does not allow.

    With `strict: true` the top is an object, every object lists all of its properties in `required` and sets
    `additionalProperties` to false, there are at most 100 properties and five levels of objects, and the keywords in
    `_NOT_STRICT` are not permitted (Azure OpenAI, structured outputs, "JSON Schema support and limitations", which
    points to OpenAI's own list; where the two differ the later list counts: `pattern`, ranges and `minItems` are fine).
    """
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        given = schema.get("type") if isinstance(schema, Mapping) else None
        raise UnsupportedSchema(
            (), f"schema must be a JSON Schema of 'type: \"object\"', got 'type: {json.dumps(given)}'."
        )
    _measure(schema)
    count = 0
    for path, part in _subschemas(schema):
        if not isinstance(part, Mapping):
            continue
        where = f"In context={path!r}, "
        if forbidden := next((key for key in _NOT_STRICT if key in part), None):
            raise UnsupportedSchema(path, f"{where}'{forbidden}' is not permitted.")
        if part.get("format", "date") not in _STRICT_FORMATS:
            raise UnsupportedSchema(path, f"{where}'{part['format']}' is not a valid format.")
        if not (part.get("type") == "object" or "properties" in part):
            continue
        properties = part.get("properties", {})
        properties = properties if isinstance(properties, Mapping) else {}
        if part.get("additionalProperties") is not False:
            raise UnsupportedSchema(path, f"{where}'additionalProperties' is required to be supplied and to be false.")
        for name in properties:
            if name not in part.get("required", []):
                raise UnsupportedSchema(
                    path,
                    f"{where}'required' is required to be supplied and to be an array including every key in "
                    f"properties. Missing '{name}'.",
                )
        count += len(properties)
        levels = 1 + sum(step == "properties" for step in path)
        if levels > _STRICT_LEVELS:
            raise UnsupportedSchema(path, f"{levels} levels of nesting exceeds limit of {_STRICT_LEVELS}.")
        if count > _STRICT_PROPERTIES:
            raise UnsupportedSchema(path, f"more than {_STRICT_PROPERTIES} object properties.")


_STRICT_LEVELS, _STRICT_PROPERTIES = 5, 100
_NOT_STRICT = (
    "allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies", "minLength",
    "maxLength", "patternProperties", "unevaluatedProperties", "propertyNames", "minProperties", "maxProperties",
    "unevaluatedItems", "contains", "minContains", "maxContains", "uniqueItems",
)  # fmt: skip
_STRICT_FORMATS = frozenset({"date", "date-time", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"})


# What a schema may be


@cache
def jsonschema() -> ModuleType:
    """The jsonschema library, imported when first needed, for a fast start.

    When rfc3987-syntax is installed (JupyterLab brings it) jsonschema imports it for one format, and that import builds
    a grammar for two to three seconds. A stand-in postpones this to the first use of that format.
    """
    name = "rfc3987_syntax"
    if "jsonschema" in sys.modules or name in sys.modules or find_spec(name) is None:
        return import_module("jsonschema")
    stand_in = ModuleType(name)
    stand_in.__dict__["is_valid_syntax"] = lambda *given: import_module(name).is_valid_syntax(*given)
    sys.modules[name] = stand_in
    try:
        return import_module("jsonschema")
    finally:
        del sys.modules[name]


@cache
def _validator_class() -> Any:
    """Draft 2020-12 with patterns matched in linear time."""
    ValidationError = jsonschema().ValidationError  # noqa: N806

    def pattern(_: Any, source: str, instance: Any, __: Any) -> Iterator[Any]:
        if isinstance(instance, str) and not patterns.compiled(source).matches(instance):
            yield ValidationError("does not match")

    def pattern_properties(validator: Any, members: Any, instance: Any, _: Any) -> Iterator[Any]:
        if isinstance(instance, dict):
            for source, part in members.items():
                for name, value in instance.items():
                    if patterns.compiled(source).matches(name):
                        yield from validator.descend(value, part, path=name, schema_path=source)

    def additional(validator: Any, part: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if isinstance(instance, dict):
            for name in instance:
                if _is_additional(schema, name):
                    yield from validator.descend(instance[name], part, path=name)

    def reference(validator: Any, target: Any, instance: Any, _: Any) -> Iterator[Any]:
        left = _references_left.get()
        left[0] -= 1
        if left[0] < 0:
            raise _ExhaustedError
        yield from validator._validate_reference(ref=target, instance=instance)

    own = {
        "$ref": reference,
        "pattern": pattern,
        "patternProperties": pattern_properties,
        "additionalProperties": additional,
    }
    return jsonschema().validators.extend(jsonschema().Draft202012Validator, own)


def _is_additional(schema: Mapping[str, Any], name: str) -> bool:
    if name in schema.get("properties", {}):
        return False
    return not any(patterns.compiled(source).matches(name) for source in schema.get("patternProperties", {}))


@cache
def _offline() -> Any:
    from referencing import Registry

    return Registry()  # without a way to retrieve: nothing is ever fetched


def inspect(schema: Any) -> None:
    """Raise UnsupportedSchema for what is no schema of the accepted subset; does not look for a value."""
    _accepted(schema)


def _accepted(schema: Any) -> Any:
    """The schema in the spelling of draft 2020-12, once it is known to be one of the accepted subset."""
    if not isinstance(schema, (Mapping, bool)):
        raise UnsupportedSchema((), f"a schema is an object or a boolean, not {_json_type(schema)}")
    _measure(schema)
    schema = _modern(schema)
    if not _well_formed(schema):
        _blame(schema)
    edges: dict[int, list[int]] = {}
    paths: dict[int, tuple[str | int, ...]] = {}
    for path, part in _subschemas(schema):
        if isinstance(part, Mapping):
            _inspect_one(part, path)
            paths[id(part)] = path
            edges[id(part)] = [id(other) for _, other in _in_place(schema, part, path) if isinstance(other, Mapping)]
    _refuse_cycles(edges, paths)
    return schema


def _blame(schema: Any) -> None:
    """Let the library say what is wrong with a schema: the metaschema is the judge, and only slow."""
    try:
        # Patterns are judged by patterns.py, which also reads ECMAScript's spelling.
        _validator_class().check_schema(schema, format_checker=jsonschema().FormatChecker(()))
    except jsonschema().SchemaError as error:
        raise UnsupportedSchema(tuple(error.absolute_path), f"not a valid JSON Schema: {error.message}") from None
    except RecursionError:
        raise UnsupportedSchema((), "the schema is nested too deeply") from None


def _is_schema(value: Any) -> bool:
    return isinstance(value, (Mapping, bool))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return _is_number(value) and value >= 0 and value == int(value)


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value) and len(set(value)) == len(value)


def _is_type(value: Any) -> bool:
    return value in _TYPES if isinstance(value, str) else bool(value) and _are_names(value) and set(value) <= {*_TYPES}


_SHAPES: dict[str, Callable[[Any], bool]] = {
    "type": _is_type,
    "required": _are_names,
    "multipleOf": lambda value: _is_number(value) and value > 0,
    "dependentRequired": lambda value: isinstance(value, Mapping) and all(map(_are_names, value.values())),
    **dict.fromkeys(("enum", "examples"), lambda value: isinstance(value, list)),
    **dict.fromkeys(
        ("title", "description", "pattern", "format", "$ref", "$comment", "$schema"), lambda v: isinstance(v, str)
    ),
    **dict.fromkeys(("contentEncoding", "contentMediaType"), lambda value: isinstance(value, str)),
    **dict.fromkeys(("uniqueItems", "deprecated", "readOnly", "writeOnly"), lambda value: isinstance(value, bool)),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
    **dict.fromkeys([key for pair in _BOUNDS[1:] for key in pair], _is_count),
    **dict.fromkeys([*_BELOW, *_IN_PLACE, "unevaluatedItems", "unevaluatedProperties", "contentSchema"], _is_schema),
    **dict.fromkeys(
        [*_IN_PLACE_LISTS, *_BELOW_LISTS],
        lambda value: isinstance(value, list) and bool(value) and all(map(_is_schema, value)),
    ),
    **dict.fromkeys(
        [*_BELOW_MAPS, "$defs", "definitions", "dependentSchemas"],
        lambda value: isinstance(value, Mapping) and all(map(_is_schema, value.values())),
    ),
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
            if key in _SINGLE:
                stack.append(value)
            elif key in _LISTS:
                stack += value
            elif key in _MAPS:
                stack += value.values()
    return True


_SINGLE = frozenset({*_BELOW, *_IN_PLACE, "unevaluatedItems", "unevaluatedProperties", "contentSchema"})
_LISTS = frozenset({*_IN_PLACE_LISTS, *_BELOW_LISTS})
_MAPS = frozenset({*_BELOW_MAPS, "$defs", "definitions", "dependentSchemas"})


def _modern(schema: Any) -> Any:
    """A schema in the spelling of draft 2020-12; the very same object where nothing in it is older."""
    older = re.search(r"draft-0[3-7]", str(schema.get("$schema", ""))) if isinstance(schema, Mapping) else None
    if older or any(isinstance(part, Mapping) and _is_older(part) for _, part in _walk(schema)):
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
        elif key in _SINGLE:
            made[key] = _rewritten(value, lone=lone)
        elif key in _LISTS and isinstance(value, list):
            made[key] = [_rewritten(item, lone=lone) for item in value]
        elif key in _MAPS and isinstance(value, Mapping):
            made[key] = {name: _rewritten(item, lone=lone) for name, item in value.items()}
        else:
            made[key] = value
    return made


def _measure(schema: Any) -> None:
    """Bound the size of the schema without recursion."""
    stack: list[tuple[tuple[str | int, ...], Any]] = [((), schema)]
    seen = 0
    while stack:
        path, value = stack.pop()
        seen += 1
        if len(path) > MAX_NESTING:
            raise UnsupportedSchema(path[:10], f"nested more than {MAX_NESTING} levels deep")
        if seen > _MAX_VALUES:
            raise UnsupportedSchema((), f"more than {_MAX_VALUES} values in the schema")
        if isinstance(value, Mapping):
            if any(not isinstance(key, str) for key in value):
                raise UnsupportedSchema(path, "names in JSON are strings")
            stack += [((*path, key), member) for key, member in value.items()]
        elif isinstance(value, (list, tuple)):
            stack += [((*path, index), member) for index, member in enumerate(value)]
        elif isinstance(value, float) and (value != value or value in {float("inf"), float("-inf")}):
            raise UnsupportedSchema(path, "not a JSON number")


def _subschemas(schema: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every schema that takes part, with its path; targets of references are reached through the reference."""
    stack: list[tuple[tuple[str | int, ...], Any]] = [((), schema)]
    seen: set[int] = set()
    while stack:
        path, part = stack.pop()
        yield path, part
        if not isinstance(part, Mapping) or id(part) in seen:
            continue
        seen.add(id(part))
        below = [(key, part[key]) for key in _BELOW if key in part]
        for key in _BELOW_LISTS:
            below += [((key, index), item) for index, item in enumerate(part.get(key, []))]
        for key in (*_BELOW_MAPS, "$defs", "definitions"):
            if isinstance(part.get(key), Mapping):
                below += [((key, name), item) for name, item in part[key].items()]
        found = [((*path, *(key if isinstance(key, tuple) else (key,))), item) for key, item in below]
        found += [(where, other) for where, other in _in_place(schema, part, path) if id(other) not in seen]
        stack += reversed(found)


def _in_place(
    root: Any, part: Mapping[str, Any], path: tuple[str | int, ...]
) -> list[tuple[tuple[str | int, ...], Any]]:
    """The schemas that judge the same value as this one."""
    found: list[tuple[tuple[str | int, ...], Any]] = [((*path, key), part[key]) for key in _IN_PLACE if key in part]
    for key in _IN_PLACE_LISTS:
        found += [((*path, key, index), item) for index, item in enumerate(part.get(key, []))]
    if isinstance(part.get("dependentSchemas"), Mapping):
        found += [((*path, "dependentSchemas", name), item) for name, item in part["dependentSchemas"].items()]
    if "$ref" in part:
        found.append(((*path, "$ref"), _target(root, part["$ref"], path)))
    return found


def _target(root: Any, reference: str, path: tuple[str | int, ...] = ()) -> Any:
    where = (*path, "$ref")
    home = root.get("$id", "") if isinstance(root, Mapping) else ""
    if home and reference.startswith(home.rstrip("#")):
        reference = reference[len(home.rstrip("#")) :] or "#"
    if not reference.startswith("#"):
        raise UnsupportedSchema(where, f"{reference!r} is outside this schema; only references to # are followed")
    pointer = unquote(reference[1:])
    if pointer and not pointer.startswith("/"):
        for _, part in _walk(root):
            if isinstance(part, Mapping) and part.get("$anchor") == pointer:
                return part
        raise UnsupportedSchema(where, f"{reference!r} leads nowhere")
    value = root
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and token in value:
            value = value[token]
        elif isinstance(value, list) and re.fullmatch("[0-9]{1,6}", token) and int(token) < len(value):
            value = value[int(token)]
        else:
            raise UnsupportedSchema(where, f"{reference!r} leads nowhere")
    if not isinstance(value, (Mapping, bool)):
        raise UnsupportedSchema(where, f"{reference!r} does not lead to a schema")
    return value


def _walk(value: Any) -> Iterator[tuple[None, Any]]:
    stack = [value]
    while stack:
        current = stack.pop()
        yield None, current
        stack += current.values() if isinstance(current, Mapping) else current if isinstance(current, list) else []


def _inspect_one(part: Mapping[str, Any], path: tuple[str | int, ...]) -> None:
    for key in _REFUSED:
        if key in part:
            raise UnsupportedSchema((*path, key), f"{key} is not supported")
    if path and "$id" in part:
        raise UnsupportedSchema((*path, "$id"), "$id is supported at the top of the schema only")
    for low, high in _BOUNDS:
        if low in part and high in part and part[low] > part[high]:
            raise UnsupportedSchema((*path, low), f"{low} {part[low]} is greater than {high} {part[high]}")
    for key in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
        if key in part and (
            part[key] > _MAX_NUMBER if key[-7] == "M" or key == "minimum" else part[key] < -_MAX_NUMBER
        ):
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


def _refuse_cycles(edges: dict[int, list[int]], paths: dict[int, tuple[str | int, ...]]) -> None:
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


def _json_type(value: Any) -> str:
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "null")


# Finding a value


class _ExhaustedError(Exception):
    pass


_references_left: ContextVar[list[int]] = ContextVar("_references_left")


def _search(schema: Any, context: Context | None) -> Any:
    with patterns.bounded(_PATTERN_STEPS):
        return _found(schema, context)


def _found(schema: Any, context: Context | None) -> Any:
    _references_left.set([_REFERENCES])
    validator = _validator_class()(schema, registry=_offline())
    scene = Scene.of(context) if context else Scene(())
    builder = _Builder(schema, validator, spoken=context is not None)
    title = schema.get("description", "") if isinstance(schema, Mapping) else ""
    try:
        for found in islice(builder.values((schema,), Slot("", str(title)), scene, frozenset()), _TRIES):
            if validator.is_valid(found.value):
                return found.value
    except _ExhaustedError:
        raise UnsupportedSchema((), "no value found within the bounds of the search") from None
    except patterns.TooHardError:
        raise UnsupportedSchema((), "the patterns take too many steps to match") from None
    except RecursionError:
        raise UnsupportedSchema((), "the schema is nested too deeply") from None
    except ArithmeticError as error:
        raise UnsupportedSchema((), f"the numbers cannot be computed with: {error}") from None
    raise UnsupportedSchema((), "no value satisfies the schema, or none could be constructed")


@dataclass(frozen=True, slots=True)
class _Found:
    value: Any
    said: bool = False  # comes from the conversation, rather than made up


@dataclass(slots=True)
class _Merged:
    """Schemas that judge the same value, with references and allOf opened and the choices left open."""

    parts: list[Mapping[str, Any]] = field(default_factory=list)
    choices: list[list[Any]] = field(default_factory=list)

    def copy(self) -> _Merged:
        return _Merged(list(self.parts), list(self.choices))

    def lowest(self, key: str, default: Any) -> Any:
        return min((part[key] for part in self.parts if key in part), default=default)

    def highest(self, key: str, default: Any) -> Any:
        return max((part[key] for part in self.parts if key in part), default=default)

    def all(self, key: str) -> list[Any]:
        return [part[key] for part in self.parts if key in part]


# Keywords that rule out no value of an enum, its type apart.
_HARMLESS = frozenset({"enum", "type", "title", "description", "default", "examples", "$comment", "deprecated"})


def _type_of(value: Any) -> frozenset[str]:
    """The types a value has; a whole number is a number as well."""
    kind = _json_type(value)
    whole = kind == "number" and value == int(value) if isinstance(value, float) else kind == "integer"
    return frozenset({"integer", "number"}) if whole else frozenset({kind})


class _Builder:
    """Yields values for schemas, best first. Every step is counted, so that no schema can keep it busy."""

    def __init__(self, root: Any, validator: Any, *, spoken: bool) -> None:
        self.root, self.validator, self.spoken = root, validator, spoken
        self.steps = 0
        self.made: dict[tuple[int, str], list[Any]] = {}  # choices that stand for if and dependentSchemas
        self.settled: set[int] = set()  # schemas that say no more than the enum made of their alternatives

    def values(self, schemas: Sequence[Any], slot: Slot, scene: Scene, above: frozenset[Any]) -> Iterator[_Found]:
        """Values for the conjunction of the schemas. `above` are the conjunctions around this one: a value that had to
        contain itself would have no end, so a conjunction is not entered again inside itself."""
        self.spend()
        merged = _Merged()
        if not self.merge(schemas, merged):
            return
        key = frozenset(map(id, merged.parts))
        if key and key in above:
            return
        described = next((str(text) for text in merged.all("description") if text), "")
        if described and described != slot.description:
            slot = Slot(slot.name, described, slot.parents)
        yield from self.choose(merged, slot, scene, above | {key})

    def spend(self, steps: int = 1) -> None:
        self.steps += steps
        if self.steps > _STEPS:
            raise _ExhaustedError

    def valid(self, value: Any, parts: Iterable[Mapping[str, Any]]) -> bool:
        # The validator tries every subschema in turn, so a check of many is as much work as many steps.
        self.spend(1 + sum(isinstance(inner, Mapping) for part in parts for _, inner in _walk(part)) // 10)
        return all(self.validator.evolve(schema=part).is_valid(value) for part in parts)

    # Conjunctions and choices

    def merge(self, schemas: Sequence[Any], into: _Merged) -> bool:
        """Add schemas to a conjunction; False when one of them allows nothing."""
        known = set(map(id, into.parts))
        queue = list(schemas)
        while queue:
            part = queue.pop(0)
            if part is False:
                return False
            if part is True or id(part) in known:
                continue
            known.add(id(part))
            into.parts.append(part)
            if "$ref" in part:
                queue.append(_target(self.root, part["$ref"]))
            queue += part.get("allOf", [])
            for key in ("anyOf", "oneOf"):
                listed = self.listed(part, key)
                if listed is not None:
                    into.parts.append(listed)
                elif key in part:
                    into.choices.append(list(part[key]))
            into.choices += self.conditions(part)
        return True

    def listed(self, part: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        """Alternatives that are all constants as one enum, None for others: pydantic and zod write enums like that."""
        if key not in part:
            return None
        found = self.made.get((id(part), key))
        if found is None:
            options = [
                option for option in part[key] if isinstance(option, Mapping) and {*option} <= _HARMLESS | {"const"}
            ]
            values: list[Any] = []
            for option in options if len(options) == len(part[key]) else ():
                values += [option["const"]] if "const" in option else option.get("enum", [])
            plain = len(options) == len(part[key]) and all({"const", "enum"} & {*option} for option in options)
            plain = plain and all(not isinstance(value, (Mapping, list, float)) for value in values)
            plain = plain and len({(type(value), value) for value in values}) == len(values) and len(options) > 1
            found = self.made[id(part), key] = [{"enum": values}] if plain else []
            if plain and not any("type" in option for option in options) and {*part} <= _HARMLESS | {key}:
                self.settled.add(id(part))
        return found[0] if found else None

    def conditions(self, part: Mapping[str, Any]) -> list[list[Any]]:
        """if/then/else and dependentSchemas as choices between two conjunctions."""
        found = self.made.get((id(part), "conditions"))
        if found is None:
            found = []
            if "if" in part:
                holds, fails = part.get("then", True), part.get("else", True)
                found.append([{"allOf": [part["if"], holds]}, {"allOf": [{"not": part["if"]}, fails]}])
            for name, dependent in part.get("dependentSchemas", {}).items():
                found.append([{"not": {"required": [name]}}, {"required": [name], "allOf": [dependent]}])
            self.made[id(part), "conditions"] = found
        return found

    def choose(self, merged: _Merged, slot: Slot, scene: Scene, above: frozenset[Any]) -> Iterator[_Found]:
        """Values of the conjunction; of several alternatives the first that the conversation speaks of."""
        if not merged.choices:
            yield from self.leaf(merged, slot, scene, above)
            return
        streams: list[Iterator[_Found]] = []
        for option in merged.choices[0]:
            self.spend()
            with_option = _Merged(list(merged.parts), list(merged.choices[1:]))
            if self.merge((option,), with_option):
                key = frozenset(map(id, with_option.parts))
                if key not in above or key == frozenset(map(id, merged.parts)):
                    streams.append(self.choose(with_option, slot, scene, above | {key}))
        yield from self.best_first(streams)

    def best_first(self, streams: list[Iterator[_Found]]) -> Iterator[_Found]:
        """What is said before what is made up, null before anything else that is made up, then in order."""
        heads = [(next(stream, None), stream) for stream in streams]
        live = [(head, stream) for head, stream in heads if head is not None]
        live.sort(key=lambda pair: (not pair[0].said, self.spoken and pair[0].value is not None and not pair[0].said))
        yield from (head for head, _ in live)
        rest = [stream for _, stream in live]
        while rest:
            for stream in list(rest):
                found = next(stream, None)
                if found is None:
                    rest.remove(stream)
                else:
                    yield found

    def leaf(self, merged: _Merged, slot: Slot, scene: Scene, above: frozenset[Any]) -> Iterator[_Found]:
        """Values of a conjunction without open choices."""
        types = self.types(merged) if merged.parts else ["string", "number", "boolean", "null"]
        if slot.is_identifier and "string" in types:  # "0412" is no 412, also where a number would be allowed
            types = ["string", *(kind for kind in types if kind != "string")]
        listed = [
            [part["const"]] if "const" in part else part["enum"] for part in merged.parts if {"const", "enum"} & {*part}
        ]
        if listed:
            allowed = self.allowed(min(listed, key=len), merged, types)
            # A constant says nothing about the conversation, so it does not pull an optional property in.
            said = scene.mentioned(slot, allowed)
            yield from (_Found(value, said=len(min(listed, key=len)) > 1) for value in said)
            default = [value for value in merged.all("default") if value in allowed]
            empty = [None] if self.spoken and None in allowed else []
            yield from (_Found(value) for value in [*default, *empty, *allowed])
            return
        makers = {
            "object": lambda: self.objects(merged, slot, scene, above),
            "array": lambda: self.arrays(merged, slot, scene, above),
            "string": lambda: self.strings(merged, slot, scene),
            "integer": lambda: self.numbers(merged, slot, scene, whole=True),
            "number": lambda: self.numbers(merged, slot, scene, whole=False),
            "boolean": lambda: self.booleans(merged, slot, scene),
            "null": lambda: iter([_Found(None)]),
        }
        if not slot.name and self.spoken and "type" not in {key for part in merged.parts for key in part}:
            types = [kind for kind in types if kind != "null"] or types  # the answer itself, of whatever type
        delicate = any(_DELICATE & {*part} for part in merged.parts)
        rejected = 0
        for found in self.best_first([makers[kind]() for kind in types]):
            if not delicate or self.valid(found.value, merged.parts):
                yield found
            else:
                rejected += 1
            if rejected > 3 * _TRIES:
                return

    def allowed(self, values: list[Any], merged: _Merged, types: list[str]) -> list[Any]:
        """Those of the listed values that every part allows."""
        others = [
            part for part in merged.parts
            if id(part) not in self.settled and (not {*part} <= _HARMLESS or part.get("enum") is not values)
        ]  # fmt: skip
        if not others or (len(others) == 1 and {*others[0]} <= _HARMLESS):
            self.spend(1 + len(values) // 50)
            return [value for value in values if _type_of(value) & {*types}]
        return [value for value in values if self.valid(value, others)]

    def types(self, merged: _Merged) -> list[str]:
        """The types that all parts allow, in the order of the schema."""
        allowed: list[str] = [kind for kind in _TYPES if kind != "integer"]
        typed = False
        for part in merged.parts:
            if "type" in part:
                typed = True
                given = [part["type"]] if isinstance(part["type"], str) else list(part["type"])
                first = [kind for kind in given if kind in allowed or (kind == "integer" and "number" in allowed)]
                first += ["integer"] if "number" in given and "integer" in allowed and "integer" not in first else []
                allowed = first
        if not typed:
            inferred = [
                kind for kind, keys in _INFERRED.items() if any(key in part for key in keys for part in merged.parts)
            ]
            plainly = ("string", "number", "boolean", "null", *allowed)
            allowed = [*inferred, *(kind for kind in dict.fromkeys(plainly) if kind not in inferred)]
        for negated in merged.all("not"):
            if isinstance(negated, Mapping) and set(negated) == {"type"}:
                kinds = [negated["type"]] if isinstance(negated["type"], str) else negated["type"]
                allowed = [
                    kind for kind in allowed if kind not in kinds and not (kind == "integer" and "number" in kinds)
                ]
        return list(dict.fromkeys(allowed))

    # Scalars

    def booleans(self, merged: _Merged, slot: Slot, scene: Scene) -> Iterator[_Found]:
        said = scene.truth(slot)
        if said is not None:
            yield _Found(said, said=True)
        for value in [*(value for value in merged.all("default") if isinstance(value, bool)), False, True]:
            yield _Found(value)

    def strings(self, merged: _Merged, slot: Slot, scene: Scene) -> Iterator[_Found]:
        low, high = merged.highest("minLength", 0), merged.lowest("maxLength", None)
        low = ceil(low)
        high = None if high is None else floor(high)
        sources = list(dict.fromkeys(merged.all("pattern")))
        formats = [name for name in merged.all("format") if name in _FORMATS]
        compiled = [patterns.compiled(source) for source in sources]
        if high is not None and high < low:
            return

        def fits(text: str) -> bool:
            self.spend(1 + len(text) // 200)
            if len(text) < low or (high is not None and len(text) > high):
                return False
            return all(_has_format(text, name) for name in formats) and all(p.matches(text) for p in compiled)

        seen: set[str] = set()

        def offer(texts: Iterable[Any], said: bool) -> Iterator[_Found]:
            for text in texts:
                if isinstance(text, str) and text not in seen and fits(text):
                    seen.add(text)
                    yield _Found(text, said)

        wordy = not sources and not formats
        said = scene.texts(_formatted(slot, formats)) if self.spoken else []
        said = [text for text in said for text in _as_format(text, formats)]
        if wordy:
            said = [_fitted(text, low, high) for text in said]
        elif sources:  # a code such as an airport's, somewhere in the text
            first = scene.sources[:1]
            words = (name for source in first for name in (*source.names, *re.findall(r"[\w-]+", source.text)))
            said += dict.fromkeys(word for word in words if len(word) <= _LONGEST_WORD)
        yield from offer(said, True)
        hints = [*merged.all("default"), *(value for some in merged.all("examples") for value in some)]
        yield from offer(hints, False)
        if self.spoken and {"date", "date-time"}.intersection(formats):
            yield from offer([scene.fallback(_formatted(slot, formats))], False)
        for name in formats:
            yield from offer(_FORMATS[name], False)
            yield from offer((_numbered_format(name, number) for number in range(3, 40)), False)
        if sources or formats:
            sources = [*sources, *(_FORMAT_PATTERNS[name] for name in formats)]
            for variety in (1, 4):
                yield from offer(patterns.strings(sources, low, high, variety), False)
        else:
            plain = scene.fallback(slot)
            texts = (_numbered(plain, number, low, high) for number in range(1, _MAX_ITEMS + 50))
            yield from offer(texts, False)

    def numbers(self, merged: _Merged, slot: Slot, scene: Scene, *, whole: bool) -> Iterator[_Found]:
        low = max([Fraction(str(v)) for v in merged.all("minimum")], default=Fraction(-_MAX_NUMBER))
        high = min([Fraction(str(v)) for v in merged.all("maximum")], default=Fraction(_MAX_NUMBER))
        over = max([Fraction(str(v)) for v in merged.all("exclusiveMinimum")], default=None)
        under = min([Fraction(str(v)) for v in merged.all("exclusiveMaximum")], default=None)
        low, high = max(low, Fraction(-_MAX_NUMBER)), min(high, Fraction(_MAX_NUMBER))
        steps = [Fraction(str(step)) for step in merged.all("multipleOf")] + ([Fraction(1)] if whole else [])
        step = None
        for other in steps:
            step = other if step is None else _common_multiple(step, other)

        def inside(number: Fraction) -> bool:
            exact = step is None or number % step == 0
            return (
                low <= number <= high
                and (over is None or number > over)
                and (under is None or number < under)
                and exact
            )

        seen: set[Fraction] = set()
        rejected = [0]

        def offer(numbers: Iterable[Any], said: bool) -> Iterator[_Found]:
            for number in numbers:
                self.spend()
                if isinstance(number, bool) or not isinstance(number, (int, float, Fraction)):
                    continue
                exact = number if isinstance(number, Fraction) else Fraction(str(number))
                if exact in seen or not inside(exact):
                    continue
                value = int(exact) if exact.denominator == 1 else float(exact)
                seen.add(exact)
                if self.valid(value, merged.parts):
                    yield _Found(value, said)
                else:
                    rejected[0] += 1
                if rejected[0] > _TRIES:
                    return

        if self.spoken:
            beside, others = scene.numbers(slot)
            yield from offer(beside, True)
            yield from offer(others, False)
        hints = [*merged.all("default"), *(value for some in merged.all("examples") for value in some)]
        yield from offer(hints, False)
        bottom, top = (max(low, over) if over is not None else low), (min(high, under) if under is not None else high)
        if bottom > top:
            return
        near = [Fraction(0), Fraction(1), bottom, top]
        if step is None:
            near += [(bottom + top) / 2, Fraction(1, 2), bottom + (top - bottom) / 3]
            yield from offer(near, False)
            yield from offer(((bottom + (top - bottom) * Fraction(n, 1024)) for n in range(1, 1024)), False)
            yield from offer((Fraction(n) for n in range(2, _MAX_ITEMS + 50)), False)
        else:
            start = ceil(bottom / step)
            if bottom <= 0 <= top:
                start = 0
            yield from offer((step * (start + n) for n in range(_MAX_ITEMS + 50)), False)
            yield from offer((step * (floor(top / step) - n) for n in range(50)), False)

    # Arrays

    def arrays(self, merged: _Merged, slot: Slot, scene: Scene, above: frozenset[Any]) -> Iterator[_Found]:
        low, high = ceil(merged.highest("minItems", 0)), floor(merged.lowest("maxItems", _MAX_ITEMS * 10))
        contained = [part for part in merged.parts if "contains" in part]
        needed = [(part["contains"], ceil(part.get("minContains", 1))) for part in contained]
        low = max([low, *(least for _, least in needed)])
        for index in range(self.closed_after(merged) + 1):
            if any(schema is False for schema in self.item_schemas(merged, index)):
                high = min(high, index)
                break
        if low > high:
            return
        listed = [
            value for value in merged.all("default") if isinstance(value, list) and self.valid(value, merged.parts)
        ]
        members = self.members(merged, slot, scene) if self.spoken and high > 0 else []
        distinct = any(merged.all("uniqueItems"))
        if members:
            scenes = members[:high]
            found = self.array(merged, slot, scenes, scene, max(low, len(scenes)), needed, distinct, above)
            if found is not None:
                yield found
        yield from (_Found(value) for value in listed)
        sizes = sorted(
            {size for size in (low, low + 1, low + 2, sum(least for _, least in needed)) if low <= size <= high}
        )
        if self.spoken and low == 0 and 1 in sizes and not members and self.item_schemas(merged, 0):
            found = self.array(merged, slot, [], scene, 1, needed, distinct, above)
            if found is not None and found.said:
                yield found
        for size in sizes:
            found = self.array(merged, slot, [], scene, size, needed, distinct, above)
            if found is not None:
                yield found

    def closed_after(self, merged: _Merged) -> int:
        return max((len(prefix) for prefix in merged.all("prefixItems")), default=0)

    def item_schemas(self, merged: _Merged, index: int) -> list[Any]:
        found: list[Any] = []
        for part in merged.parts:
            prefix = part.get("prefixItems", [])
            if index < len(prefix):
                found.append(prefix[index])
            elif "items" in part:
                found.append(part["items"])
        return found

    def members(self, merged: _Merged, slot: Slot, scene: Scene) -> list[Scene]:
        """What each item of an array should be about."""
        if self.closed_after(merged):
            return []
        item = _Merged()
        if not self.merge(self.item_schemas(merged, 0), item):
            return []
        kinds = self.types(item)[:1]
        if kinds == ["string"] and not item.all("enum"):
            described = slot.description or next(iter(item.all("description")), "")
            slot = _formatted(
                Slot(slot.name, described, slot.parents), [n for n in item.all("format") if n in _FORMATS]
            )
            return [scene.focus(slot.kind, member) for member in scene.members(slot)]
        if kinds != ["object"]:
            return []
        inner = [
            (slot.child(name, str(part.get("description", ""))), self.types_of(part))
            for properties in item.all("properties")
            for name, part in properties.items()
            if isinstance(part, Mapping)
        ]
        lines = scene.sources[0].lines if scene.sources else ()
        if lines and any(part.of_line and {"integer", "number"} & kinds for part, kinds in inner):
            return [scene.on(line) for line in lines]
        for part, kinds in inner:
            if "string" in kinds and part.kind in {"place", "person", ""}:
                members = scene.members(part)
                if len(members) > 1:
                    return [scene.focus(part.kind, member) for member in members]
        return []

    def types_of(self, schema: Any) -> set[str]:
        """The types that a schema allows, as far as it says so itself."""
        opened = _Merged()
        return set(self.types(opened)) if self.merge((schema,), opened) else set()

    def array(
        self, merged: _Merged, slot: Slot, scenes: list[Scene], scene: Scene, size: int,
        needed: list[tuple[Any, int]], distinct: bool, above: frozenset[Any],
    ) -> _Found | None:  # fmt: skip
        """One array of this size, its first items drawn from the scenes, or None."""
        items: list[Any] = []
        keys: set[str] = set()
        said = False
        running: dict[tuple[int, ...], Iterator[_Found]] = {}  # so that distinct items do not start over each time
        for index in range(size):
            schemas = self.item_schemas(merged, index)
            position = index
            for schema, least in needed:
                if 0 <= position < least:
                    schemas = [*schemas, schema]
                position -= least
            here = scenes[index] if index < len(scenes) else scene
            stream = self.values(schemas, slot, here, above)
            if distinct and index >= len(scenes):
                stream = running.setdefault(tuple(map(id, schemas)), stream)
            for found in stream:
                key = json.dumps(found.value, sort_keys=True) if distinct else ""
                if distinct and key in keys:
                    continue
                keys.add(key)
                items.append(found.value)
                said = said or found.said
                scene = scene.without(found.value)
                break
            else:
                return None
        return _Found(items, said)

    # Objects

    def objects(self, merged: _Merged, slot: Slot, scene: Scene, above: frozenset[Any]) -> Iterator[_Found]:
        required = {name for names in merged.all("required") for name in names}
        forbidden = {
            negated["required"][0]
            for negated in merged.all("not")
            if isinstance(negated, Mapping) and set(negated) == {"required"} and len(negated["required"]) == 1
        }
        low, high = ceil(merged.highest("minProperties", 0)), floor(merged.lowest("maxProperties", 10_000))
        declared = [name for properties in merged.all("properties") for name in properties]
        names = list(dict.fromkeys([*declared, *sorted(required - set(declared))]))
        delicate = any(_DELICATE & {*part} for part in merged.parts)
        needed = self.closure(merged, required)
        if needed & forbidden or len(needed) > high:
            return
        chosen: dict[str, _Found] = {}
        streams: dict[str, Iterator[_Found]] = {}
        for name in dict.fromkeys([*names, *sorted(needed - set(names))]):
            if name in forbidden or (name not in needed and not self.spoken):
                continue
            streams[name] = self.member(merged, name, slot, scene, above)
            found = next(streams[name], None)
            if found is None and name in needed:
                return
            if found is not None and (name in needed or found.said):
                chosen[name] = found
                scene = scene.without(found.value)
        chosen = self.complete(merged, chosen, needed, slot, scene, above, high)
        for name in self.spare_names(merged, names, forbidden, chosen, low - len(chosen)):
            if len(chosen) >= low:
                break
            found = next(self.member(merged, name, slot, scene, above), None)
            extra = self.complete(merged, {name: found} if found else {}, {name}, slot, scene, above, high)
            if found is not None and len(chosen) + len(extra) <= high:
                chosen |= extra
        if len(chosen) < low:
            return
        order = {name: place for place, name in enumerate(names)}

        def made(members: Mapping[str, _Found]) -> _Found:
            keys = sorted(members, key=lambda name: order.get(name, len(order)))
            said = any(found.said for found in members.values())
            return _Found({name: members[name].value for name in keys}, said)

        yield made(chosen)
        if not delicate:
            # Nothing here depends on how members go together; a choice above may still want another value of one.
            yield from self.variations(chosen, streams, made)
            return
        yield made({name: found for name, found in chosen.items() if name in needed})
        whole = dict(chosen)
        for name in names:
            if name not in whole and name not in forbidden:
                found = next(self.member(merged, name, slot, scene, above), None)
                if found is not None:
                    whole[name] = found
                    yield made({**{key: chosen[key] for key in chosen}, name: found})
        yield made(whole)
        yield from self.variations(chosen, streams, made)

    def variations(
        self, chosen: Mapping[str, _Found], streams: Mapping[str, Iterator[_Found]], made: Any
    ) -> Iterator[_Found]:
        for name in chosen:
            if name in streams:
                for other in islice(streams[name], 6):
                    yield made({**chosen, name: other})

    def member(self, merged: _Merged, name: str, slot: Slot, scene: Scene, above: frozenset[Any]) -> Iterator[_Found]:
        names = [part["propertyNames"] for part in merged.parts if "propertyNames" in part]
        if names and not self.valid(name, names):
            return
        schemas = self.member_schemas(merged, name)
        described = next(
            (part["description"] for part in schemas if isinstance(part, Mapping) and "description" in part), ""
        )
        yield from self.values(schemas, slot.child(name, str(described)), scene, above)

    def member_schemas(self, merged: _Merged, name: str) -> list[Any]:
        found: list[Any] = []
        for part in merged.parts:
            if name in part.get("properties", {}):
                found.append(part["properties"][name])
            for source, schema in part.get("patternProperties", {}).items():
                if patterns.compiled(source).matches(name):
                    found.append(schema)
            if "additionalProperties" in part and _is_additional(part, name):
                found.append(part["additionalProperties"])
        return found

    def closure(self, merged: _Merged, names: set[str]) -> set[str]:
        """The names together with those that must accompany them."""
        found = set(names)
        size = -1
        while size != len(found):
            size = len(found)
            for dependencies in merged.all("dependentRequired"):
                found |= {other for name, others in dependencies.items() if name in found for other in others}
        return found

    def complete(
        self, merged: _Merged, chosen: dict[str, _Found], needed: set[str], slot: Slot, scene: Scene,
        above: frozenset[Any], high: int,
    ) -> dict[str, _Found]:  # fmt: skip
        """The members with those they depend on; optional ones that cannot be completed or are too many are dropped."""
        result = {name: found for name, found in chosen.items() if name in needed}
        for name in [name for name in chosen if name not in needed]:
            together = {name: chosen[name]}
            for other in sorted(self.closure(merged, {name}) - {*result, name}):
                found = chosen.get(other) or next(self.member(merged, other, slot, scene, above), None)
                if found is None:
                    break
                together[other] = found
            else:
                if len(result) + len(together) <= high:
                    result |= together
        return result

    def spare_names(
        self, merged: _Merged, names: list[str], forbidden: set[str], chosen: Mapping[str, _Found], wanted: int
    ) -> Iterator[str]:
        """Names that could be added to reach minProperties: declared ones, then invented ones."""
        if wanted <= 0:
            return
        yield from (name for name in names if name not in chosen and name not in forbidden)
        sources = [source for members in merged.all("patternProperties") for source in members]
        rules = merged.all("propertyNames")
        invented: list[Iterator[str]] = []
        if rules:
            found = self.values(rules, Slot(), Scene(()), frozenset())
            invented.append(one.value for one in islice(found, 400) if isinstance(one.value, str))
        else:
            invented.append(f"item_{number}" for number in range(1, _MAX_PROPERTIES + 50))
        invented += [islice(patterns.strings([source], 1, variety=4), 400) for source in sources]
        for stream in invented:
            for name in stream:
                self.spend()
                if name not in chosen and name not in names and name not in forbidden:
                    yield name


def _common_multiple(one: Fraction, other: Fraction) -> Fraction:
    return Fraction(lcm(one.numerator, other.numerator), gcd(one.denominator, other.denominator))


def _formatted(slot: Slot, formats: list[str]) -> Slot:
    """The slot, or one that asks for what the format says when the format is telling."""
    kinds = {"date": "date", "date-time": "datetime", "time": "time", "email": "email", "uri": "url"}
    name = next((kinds[name] for name in formats if name in kinds), None)
    return Slot(name) if name and slot.kind != name else slot


def _as_format(text: str, formats: list[str]) -> list[str]:
    if not formats:
        return [text]
    completed = [text, *([f"{text}:00Z"] if re.fullmatch(r"\d{2}:\d{2}", text) and "time" in formats else [])]
    return [option for option in completed if all(_has_format(option, name) for name in formats)]


def _fitted(text: str, low: int, high: int | None) -> str:
    """The text, repeated or cut (between words where that works) to a length within the bounds."""
    if text and len(text) < low:
        text = " ".join([text] * (low // (len(text) + 1) + 1))[: max(low, high or 0) or None]
    if high is not None and len(text) > high:
        cut = text[:high]
        at_word = cut.rpartition(" ")[0].rstrip(" ,;:")
        text = at_word if len(at_word) >= max(low, high // 2) else cut
    return text


def _numbered(text: str, number: int, low: int, high: int | None) -> str:
    if number == 1:
        return _fitted(text, low, high)
    tail = str(number) if high is not None and high < 4 else f" {number}"
    room = None if high is None else max(high - len(tail), 0)
    return (_fitted(text, max(low - len(tail), 0), room) + tail)[-high if high is not None and high else 0 :]


def _numbered_format(name: str, number: int) -> str:
    forms = {
        "date": "2025-03-{0:02}", "date-time": "2025-01-01T00:{0:02}:00Z", "time": "00:{0:02}:00Z",
        "duration": "PT{0}H", "email": "user{0}@example.com", "uri": "https://example.com/{0}",
        "uuid": "00000000-0000-4000-8000-0000000000{0:02}",
        "ipv4": "192.0.2.{0}", "ipv6": "2001:db8::{0}", "hostname": "host{0}.example.com",
    }  # fmt: skip
    return forms[name].format(number if name != "date" else min(number, 28))
