"""JSON values that conform to a JSON Schema (draft 2020-12) and say what the conversation says.

Candidates are built from the schema, the conversation's own words first, and nothing leaves this module that the
`jsonschema` library has not validated: what cannot be built is refused, never answered wrongly.

The accepted subset:

* every keyword of draft 2020-12's core, applicator and validation vocabularies except those below
* `$ref` to `#`, to a JSON pointer or to an `$anchor` of the same document, recursive ones where a finite value exists
* patterns as `patterns.py` accepts them: no look-around but `^(?=…)`, no back-references, no flags
* formats date, date-time, time, duration, email, uri, uuid, ipv4, ipv6 and hostname are kept; other formats are
  annotations, as the standard has it
* the spelling of drafts 4 to 7: `definitions`, and `items` as a list with `additionalItems`
* at most 100 nested objects and arrays, 5,000 values in the schema, `minItems` 1,000, `minProperties` 200,
  `minLength` 10,000, numbers up to 2**53

Refused: `$ref` elsewhere, `$dynamicRef`, `$id` below the top, `unevaluatedItems`, `unevaluatedProperties`, a reference
that only leads back to itself, constraints that contradict each other, and schemas so entangled that a bounded search
finds no value.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from functools import partial
from itertools import islice
from typing import Any

from ..reading.scene import Context, Scene
from ..reading.slots import Slot
from . import patterns
from .accepted import accepted, inspect
from .arrays import arrays
from .building import TRIES, Builder, Maker, Wanted
from .keywords import UnsupportedSchema
from .objects import objects
from .scalars import booleans, nulls, numbers, strings
from .validator import ExhaustedError, validator

__all__ = ["Context", "Schema", "UnsupportedSchema", "check", "conforming", "inspect"]

_PATTERN_STEPS = 1_500_000  # of the programs of all patterns in one search
_MAKERS: dict[str, Maker] = {
    "object": objects,
    "array": arrays,
    "string": strings,
    "integer": partial(numbers, whole=True),
    "number": partial(numbers, whole=False),
    "boolean": booleans,
    "null": nulls,
}


class Schema:
    """An accepted schema, inspected once for as many values as are wanted. Raises UnsupportedSchema for any other."""

    def __init__(self, schema: Any) -> None:
        self._schema = accepted(schema)

    def conforming(self, context: Context) -> Any:
        """As the function of this name, of this schema."""
        try:
            return _search(self._schema, context)
        except UnsupportedSchema:  # too much to say, or what is said does not fit: a plain value may still do
            return _search(self._schema, None)

    def valid(self, value: Any) -> bool:
        """Whether the value validates."""
        try:
            with patterns.bounded(_PATTERN_STEPS):
                return validator(self._schema).is_valid(value)
        except (ExhaustedError, patterns.TooHardError):
            return False

    def undemanding(self) -> Schema:
        """The schema of an object without the members that it demands: it has those that the conversation speaks of."""
        looser = copy(self)  # what demands less is accepted as well
        looser._schema = {**self._schema, "required": [], "minProperties": 0}
        return looser


def check(schema: Any) -> None:
    """Raise UnsupportedSchema unless `conforming` gives a value for this schema, whatever the conversation."""
    _search(accepted(schema), None)


def conforming(schema: Any, context: Context) -> Any:
    """A JSON value that validates against the schema, drawn from the conversation where the schema asks for it.

    A property is filled from what the conversation mentions when its name, description, type or enum suggests it.
    Optional properties without such content are left out; required ones get null where that is allowed, else the
    schema's default, or the plainest value of the type.
    Raises UnsupportedSchema exactly when `check` does.
    """
    return Schema(schema).conforming(context)


def _search(schema: Any, context: Context | None) -> Any:
    """The first value that the library calls valid, for a schema that is accepted."""
    judge = validator(schema)
    builder = Builder(schema, judge, _MAKERS, spoken=context is not None)
    title = schema.get("description", "") if isinstance(schema, Mapping) else ""
    wanted = Wanted(Slot("", str(title)), Scene.of(context) if context else Scene(()))
    try:
        with patterns.bounded(_PATTERN_STEPS):
            for found in islice(builder.values((schema,), wanted), TRIES):
                if judge.is_valid(found.value):
                    return found.value
    except ExhaustedError:
        raise UnsupportedSchema((), "no value found within the bounds of the search") from None
    except patterns.TooHardError:
        raise UnsupportedSchema((), "the patterns take too many steps to match") from None
    except RecursionError:
        raise UnsupportedSchema((), "the schema is nested too deeply") from None
    except ArithmeticError as error:
        raise UnsupportedSchema((), f"the numbers cannot be computed with: {error}") from None
    raise UnsupportedSchema((), "no value satisfies the schema, or none could be constructed")
