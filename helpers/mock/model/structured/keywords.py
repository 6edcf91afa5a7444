"""The keywords of a schema: which hold schemas, where references lead, what a JSON value is called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from . import patterns

Path = tuple[str | int, ...]

TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
# Where subschemas stand. In place: they judge the same value as the schema around them.
_IN_PLACE_LISTS, _IN_PLACE = ("allOf", "anyOf", "oneOf"), ("not", "if", "then", "else")
_BELOW_LISTS, _BELOW = ("prefixItems",), ("items", "contains", "additionalProperties", "propertyNames")
_BELOW_MAPS = ("properties", "patternProperties")
# The same by what a keyword's value is: a schema, a list of schemas, schemas by name.
SINGLE = frozenset({*_BELOW, *_IN_PLACE, "unevaluatedItems", "unevaluatedProperties", "contentSchema"})
LISTS = frozenset({*_IN_PLACE_LISTS, *_BELOW_LISTS})
MAPS = frozenset({*_BELOW_MAPS, "$defs", "definitions", "dependentSchemas"})


class UnsupportedSchema(ValueError):  # noqa: N818 - the name is the room's contract
    """A schema outside the accepted subset: `path` leads to the place in the schema, `reason` says what is wrong."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{'/'.join(map(str, path)) or 'the schema'}: {reason}")


class RefusedSchema(UnsupportedSchema):
    """A schema that OpenAI's models refuse; `reason` is in the service's own words."""


def walk(value: Any) -> Iterator[Any]:
    """A JSON value and every value in it."""
    stack = [value]
    while stack:
        current = stack.pop()
        yield current
        stack += current.values() if isinstance(current, Mapping) else current if isinstance(current, list) else []


def subschemas(schema: Any) -> Iterator[tuple[Path, Any]]:
    """Every schema that takes part, with its path; targets of references are reached through the reference."""
    stack: list[tuple[Path, Any]] = [((), schema)]
    seen: set[int] = set()
    while stack:
        path, part = stack.pop()
        yield path, part
        if not isinstance(part, Mapping) or id(part) in seen:
            continue
        seen.add(id(part))
        found: list[tuple[Path, Any]] = [((*path, key), part[key]) for key in _BELOW if key in part]
        for key in _BELOW_LISTS:
            found += [((*path, key, index), item) for index, item in enumerate(part.get(key, []))]
        for key in (*_BELOW_MAPS, "$defs", "definitions"):
            if isinstance(part.get(key), Mapping):
                found += [((*path, key, name), item) for name, item in part[key].items()]
        found += [(where, other) for where, other in in_place(schema, part, path) if id(other) not in seen]
        stack += reversed(found)


def in_place(root: Any, part: Mapping[str, Any], path: Path) -> list[tuple[Path, Any]]:
    """The schemas that judge the same value as this one."""
    found: list[tuple[Path, Any]] = [((*path, key), part[key]) for key in _IN_PLACE if key in part]
    for key in _IN_PLACE_LISTS:
        found += [((*path, key, index), item) for index, item in enumerate(part.get(key, []))]
    if isinstance(part.get("dependentSchemas"), Mapping):
        found += [((*path, "dependentSchemas", name), item) for name, item in part["dependentSchemas"].items()]
    if "$ref" in part:
        found.append(((*path, "$ref"), target(root, part["$ref"], path)))
    return found


def target(root: Any, reference: str, path: Path = ()) -> Any:
    """The schema that a `$ref` names; `path` is where it stands. Raises UnsupportedSchema when it is none of these."""
    where = (*path, "$ref")
    home = root.get("$id", "") if isinstance(root, Mapping) else ""
    if home and reference.startswith(home.rstrip("#")):
        reference = reference[len(home.rstrip("#")) :] or "#"
    if not reference.startswith("#"):
        raise UnsupportedSchema(where, f"{reference!r} is outside this schema; only references to # are followed")
    pointer = unquote(reference[1:])
    if pointer and not pointer.startswith("/"):
        for part in walk(root):
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


def is_additional(schema: Mapping[str, Any], name: str) -> bool:
    """Whether a member of this name falls under the schema's additionalProperties."""
    if name in schema.get("properties", {}):
        return False
    return not any(patterns.matches(source, name) for source in schema.get("patternProperties", {}))


def json_type(value: Any) -> str:
    """The type of a value in JSON's words; "number" is one written with a fraction or an exponent."""
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "null")


def types_of(value: Any) -> frozenset[str]:
    """The types a value has; a whole number is a number as well."""
    kind = json_type(value)
    whole = kind == "number" and value == int(value) if isinstance(value, float) else kind == "integer"
    return frozenset({"integer", "number"}) if whole else frozenset({kind})
