"""The judge of values: the `jsonschema` library, with patterns in linear time, references counted, nothing fetched."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from ..reading.effort import following
from . import patterns


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


def validator(schema: Any) -> Any:
    """A validator for a schema of draft 2020-12, to be used inside `effort.bounded`."""
    from referencing import Registry

    return _validator_class()(schema, registry=Registry())  # which has no way to retrieve: nothing is ever fetched


@cache
def _validator_class() -> Any:
    own = {
        "$ref": _reference,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
    }
    return jsonschema().validators.extend(jsonschema().Draft202012Validator, own)


# Keywords, as jsonschema calls them: validator, the keyword's value, the value to judge, the schema around.


def _reference(validator: Any, target: Any, instance: Any, _: Any) -> Iterator[Any]:
    with following():
        yield from validator._validate_reference(ref=target, instance=instance)


def _pattern(_: Any, source: str, instance: Any, __: Any) -> Iterator[Any]:
    if isinstance(instance, str) and not patterns.matches(source, instance):
        yield jsonschema().ValidationError("does not match")


def _pattern_properties(validator: Any, members: Any, instance: Any, _: Any) -> Iterator[Any]:
    for source, part in members.items():
        for name in instance if isinstance(instance, dict) else ():
            if patterns.matches(source, name):
                yield from validator.descend(instance[name], part, path=name, schema_path=source)


def _additional_properties(validator: Any, part: Any, instance: Any, schema: Any) -> Iterator[Any]:
    for name in instance if isinstance(instance, dict) else ():
        sources = schema.get("patternProperties", ())
        if name not in schema.get("properties", ()) and not any(patterns.matches(source, name) for source in sources):
            yield from validator.descend(instance[name], part, path=name)
