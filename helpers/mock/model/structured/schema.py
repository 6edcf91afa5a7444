"""JSON values that conform to a JSON Schema (draft 2020-12) and say what the conversation says.

Candidates are built from the schema, the conversation's own words first, and nothing leaves this module that the
`jsonschema` library has not validated: what cannot be built is refused, never answered wrongly.

The accepted subset is every keyword of draft 2020-12's core, applicator and validation vocabularies, and tuples as
drafts 4 to 7 spell them, but for `$ref` outside of the schema, `$dynamicRef`, `$id` below the top, `unevaluatedItems`,
`unevaluatedProperties`, patterns that `patterns.py` does not read, and the sizes that `accepted.py` names. Formats are
kept as far as `formats.py` has them. Values are built for what programs write that make schemas from types; by `not`,
`if`, `contains`, `propertyNames`, `patternProperties` and dependencies they are judged alone. A schema that no plain
value meets, that contradicts itself, or is so entangled that a bounded search finds nothing, is refused.
"""

from __future__ import annotations

from copy import copy
from functools import partial
from itertools import islice
from typing import Any

from ..reading.effort import ExhaustedError, bounded
from ..reading.scene import Context, Scene
from ..reading.slots import Slot
from .accepted import inspect
from .arrays import Arrays
from .building import TRIES, Builder, Maker, Wanted
from .keywords import UnsupportedSchema
from .objects import Objects
from .scalars import booleans, nulls, numbers, strings
from .validator import validator

__all__ = ["Context", "Schema", "UnsupportedSchema", "inspect"]

_MAKERS: dict[str, Maker] = {
    "object": lambda *given: Objects(*given).values(),
    "array": lambda *given: Arrays(*given).values(),
    "string": strings,
    "integer": partial(numbers, whole=True),
    "number": partial(numbers, whole=False),
    "boolean": booleans,
    "null": nulls,
}


class Schema:
    """An accepted schema, inspected once for as many values as are wanted. Raises UnsupportedSchema for any other."""

    def __init__(self, schema: Any) -> None:
        self._schema = inspect(schema)

    def conforming(self, context: Context) -> Any:
        """A JSON value that validates, drawn from the conversation where the schema asks for it.

        A property is filled from what the conversation mentions when its name, description, type or enum suggests it.
        Optional properties without such content are left out; required ones get null where that is allowed, else the
        schema's default, or the plainest value of the type. Raises UnsupportedSchema.
        """
        try:
            return _search(self._schema, context)
        except UnsupportedSchema:  # too much to say, or what is said does not fit: a plain value may still do
            return _search(self._schema, None)

    def valid(self, value: Any) -> bool:
        """Whether the value validates."""
        try:
            with bounded():
                return validator(self._schema).is_valid(value)
        except ExhaustedError:
            return False

    def undemanding(self) -> Schema:
        """The schema of an object without the members that it demands: it has those that the conversation speaks of."""
        looser = copy(self)  # what demands less is accepted as well
        looser._schema = {**self._schema, "required": [], "minProperties": 0}
        return looser


def _search(schema: Any, context: Context | None) -> Any:
    """The first value that the library calls valid, for a schema that is accepted."""
    judge = validator(schema)
    builder = Builder(schema, judge, _MAKERS, spoken=context is not None)
    wanted = Wanted(Slot(), Scene.of(context) if context else Scene(()))
    try:
        with bounded():
            for found in islice(builder.values((schema,), wanted), TRIES):
                if judge.is_valid(found.value):
                    return found.value
    except ExhaustedError:
        raise UnsupportedSchema((), "no value found within the bounds of the search") from None
    except RecursionError:
        raise UnsupportedSchema((), "the schema is nested too deeply") from None
    except ArithmeticError as error:
        raise UnsupportedSchema((), f"the numbers cannot be computed with: {error}") from None
    raise UnsupportedSchema((), "no value satisfies the schema, or none could be constructed")
