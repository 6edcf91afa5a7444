"""The keywords of a schema: which hold schemas, and where references lead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str | int, ...]

TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
# Keywords by what their value is: a schema, a list of schemas, schemas by name.
_SINGLE = ("items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else")
_LISTS = ("prefixItems", "allOf", "anyOf", "oneOf")
_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")


class UnsupportedSchema(ValueError):  # noqa: N818 - the name is the room's contract
    """A schema outside the accepted subset: `path` leads to the place in the schema, `reason` says what is wrong."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{'/'.join(map(str, path)) or 'the schema'}: {reason}")


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
        found: list[tuple[Path, Any]] = [((*path, key), part[key]) for key in _SINGLE if key in part]
        for key in _LISTS:
            found += [((*path, key, index), item) for index, item in enumerate(part.get(key, ()))]
        for key in _MAPS:
            found += [((*path, key, name), item) for name, item in part.get(key, {}).items()]
        if "$ref" in part and id(other := target(schema, part["$ref"], path)) not in seen:
            found.append(((*path, "$ref"), other))
        stack += reversed(found)


def target(root: Any, reference: str, path: Path = ()) -> Any:
    """The schema that a `$ref` names; `path` is where it stands. Raises UnsupportedSchema when it is none of these."""
    from referencing import Registry
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    if not reference.startswith("#"):
        raise UnsupportedSchema(
            (*path, "$ref"), f"{reference!r} is outside this schema; only references to # are followed"
        )
    try:
        found = Registry().resolver_with_root(DRAFT202012.create_resource(root)).lookup(reference).contents
    except (Unresolvable, LookupError, ValueError, TypeError):
        found = None
    if not isinstance(found, (Mapping, bool)):
        raise UnsupportedSchema((*path, "$ref"), f"{reference!r} leads nowhere")
    return found
