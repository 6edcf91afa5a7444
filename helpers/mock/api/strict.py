"""Which schemas OpenAI's models refuse, of a function and of an answer, in the service's own words.

Microsoft's page on structured outputs ("JSON Schema support and limitations", which points to OpenAI's own list; where
the two differ the later list counts: `pattern`, ranges and `minItems` are fine); the words are those that users of
Azure OpenAI published (spring-ai#4776, ms-agent#610, opencode#441, xsai#202, vercel/ai#6484). A path is told as the
tuple that it is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model.structured.accepted import inspect, respelt
from ..model.structured.formats import FORMATS
from ..model.structured.keywords import Path, UnsupportedSchema, subschemas

__all__ = ["RefusedSchema", "UnsupportedSchema", "check_function", "check_response", "check_strict"]

_LEVELS, _PROPERTIES = 5, 100
_NOT_PERMITTED = (
    "allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies", "minLength",
    "maxLength", "patternProperties", "unevaluatedProperties", "propertyNames", "minProperties", "maxProperties",
    "unevaluatedItems", "contains", "minContains", "maxContains", "uniqueItems",
)  # fmt: skip
_STRICT_FORMATS = frozenset(FORMATS) - {"uri"}


class RefusedSchema(UnsupportedSchema):
    """A schema that OpenAI's models refuse; `reason` is in the service's own words."""


def check_response(schema: Any, *, strict: bool) -> None:
    """Raise RefusedSchema for a `response_format` that is none."""
    check_strict(schema) if strict else _check_object(schema)


def check_function(schema: Any, *, strict: bool) -> None:
    """Raise RefusedSchema for the parameters of a function, UnsupportedSchema for what the mock cannot meet."""
    _check_object(schema)
    if "properties" not in schema:
        raise RefusedSchema((), "In context=(), object schema missing properties.")
    respelt(schema)
    for path, part in subschemas(schema):
        if isinstance(part, Mapping) and "array" in _types(part) and not {"items", "prefixItems"} & part.keys():
            raise RefusedSchema(path, f"In context={path!r}, array schema missing items.")
    if strict:
        check_strict(schema)
    inspect(schema)


def check_strict(schema: Any) -> None:
    """Raise RefusedSchema for what `strict: true` does not allow.

    The top is an object, every object lists all of its properties in `required` and sets `additionalProperties` to
    false, there are at most 100 properties and five levels of objects, and some keywords are not permitted.
    """
    _check_object(schema)
    respelt(schema)
    count = 0
    for path, part in subschemas(schema):
        if isinstance(part, Mapping):
            count += _check_part(path, part)
            if count > _PROPERTIES:
                raise RefusedSchema(path, f"more than {_PROPERTIES} object properties.")


def _check_object(schema: Any) -> None:
    given = schema.get("type") if isinstance(schema, Mapping) else None
    if given != "object":
        got = str(given)[:100]
        raise RefusedSchema((), f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{got}\"'.")


def _check_part(path: Path, part: Mapping[str, Any]) -> int:
    """Check one schema; gives how many properties it has."""
    where = f"In context={path!r}, "
    if forbidden := next((key for key in _NOT_PERMITTED if key in part), None):
        raise RefusedSchema(path, f"{where}'{forbidden}' is not permitted.")
    if part.get("format", "date") not in _STRICT_FORMATS:
        raise RefusedSchema(path, f"{where}'{part['format']}' is not a valid format.")
    if "object" not in _types(part) and "properties" not in part:
        return 0
    properties = part.get("properties", {})
    if part.get("additionalProperties") is not False:
        raise RefusedSchema(path, f"{where}'additionalProperties' is required to be supplied and to be false.")
    for name in properties:
        if name not in part.get("required", []):
            raise RefusedSchema(
                path,
                f"{where}'required' is required to be supplied and to be an array including every key in properties. "
                f"Missing '{name}'.",
            )
    levels = 1 + sum(step == "properties" for step in path)
    if levels > _LEVELS:
        raise RefusedSchema(path, f"{levels} levels of nesting exceeds limit of {_LEVELS}.")
    return len(properties)


def _types(part: Mapping[str, Any]) -> tuple[str, ...]:
    kind = part.get("type", ())
    return (kind,) if isinstance(kind, str) else tuple(kind)
