"""Values for a schema, best first: references and allOf opened, choices tried in turn, each type left to its maker.

What a maker yields conforms by construction, or has been judged on the spot where construction alone cannot know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from ..reading.effort import MOVE, spend
from ..reading.scene import Scene
from ..reading.slots import Slot
from .keywords import TYPES, target, walk

TRIES = 40  # finished values that may be rejected before giving up

# Keywords that construction alone does not keep; a value under one of these is checked on the spot.
_DELICATE = frozenset(
    {"not", "oneOf", "if", "contains", "propertyNames", "patternProperties", "uniqueItems", "enum", "const",
     "dependentSchemas", "dependentRequired"}
)  # fmt: skip
# Keywords that rule out no value of an enum, its type apart.
_HARMLESS = frozenset(
    {"enum", "const", "type", "title", "description", "default", "examples", "$comment", "deprecated"}
)
# The type that a schema without one speaks of.
_INFERRED = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties", "propertyNames"),
    "array": ("items", "prefixItems", "minItems", "contains", "uniqueItems"),
    "string": ("pattern", "minLength", "maxLength", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


class Found(NamedTuple):
    """A value; `said` when it comes from the conversation, rather than made up."""

    value: Any
    said: bool = False


@dataclass(slots=True)
class Conjunction:
    """Schemas that judge the same value, with references and allOf opened and the choices left open."""

    parts: list[Mapping[str, Any]] = field(default_factory=list)
    choices: list[list[Any]] = field(default_factory=list)

    def lowest(self, key: str, default: Any) -> Any:
        return min((part[key] for part in self.parts if key in part), default=default)

    def highest(self, key: str, default: Any) -> Any:
        return max((part[key] for part in self.parts if key in part), default=default)

    def all(self, key: str) -> list[Any]:
        return [part[key] for part in self.parts if key in part]

    @property
    def hints(self) -> list[Any]:
        """The values that the schemas themselves propose."""
        return [*self.all("default"), *(value for some in self.all("examples") for value in some)]

    @property
    def identity(self) -> frozenset[int]:
        return frozenset(map(id, self.parts))

    @property
    def is_delicate(self) -> bool:
        return any(_DELICATE & {*part} for part in self.parts)


class Wanted(NamedTuple):
    """What a value is wanted for: which slot, from which scene.

    `above` are the conjunctions around it: a value that had to contain itself would have no end, so a conjunction is
    not entered again inside itself.
    """

    slot: Slot
    scene: Scene
    above: frozenset[Any] = frozenset()


Maker: TypeAlias = "Callable[[Builder, Conjunction, Wanted], Iterator[Found]]"


class Builder:
    """Yields values for schemas, best first. Every step is counted, so that no schema can keep it busy.

    `makers` make the values of each type. `spoken`: there is a conversation to draw from.
    """

    def __init__(self, root: Any, validator: Any, makers: Mapping[str, Maker], *, spoken: bool) -> None:
        self.root, self.validator, self.makers, self.spoken = root, validator, makers, spoken
        self._enums: dict[int, Mapping[str, Any] | None] = {}  # made of alternatives

    def values(self, schemas: Sequence[Any], wanted: Wanted) -> Iterator[Found]:
        """Values for the conjunction of the schemas."""
        spend(MOVE)
        merged = Conjunction()
        if not self.merge(schemas, merged):
            return
        key = merged.identity
        if key and key in wanted.above:
            return
        slot = wanted.slot
        described = next((str(text) for text in merged.all("description") if text), "")
        if described and described != slot.description:
            slot = Slot(slot.name, described, slot.parents)
        yield from self.choose(merged, Wanted(slot, wanted.scene, wanted.above | {key}))

    def valid(self, value: Any, parts: Iterable[Mapping[str, Any]]) -> bool:
        # The validator tries every subschema in turn, so a check of many is as much work as many steps.
        spend(MOVE * (1 + sum(isinstance(inner, Mapping) for part in parts for inner in walk(part)) // 10))
        return all(self.validator.evolve(schema=part).is_valid(value) for part in parts)

    # Conjunctions and choices

    def merge(self, schemas: Sequence[Any], into: Conjunction) -> bool:
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
                queue.append(target(self.root, part["$ref"]))
            queue += part.get("allOf", [])
            for key in ("anyOf", "oneOf"):
                if key in part and (listed := self._enums.setdefault(id(part[key]), _as_enum(part[key]))):
                    into.parts.append(listed)
                elif key in part:
                    into.choices.append(list(part[key]))
        return True

    def choose(self, merged: Conjunction, wanted: Wanted) -> Iterator[Found]:
        """Values of the conjunction; of several alternatives the first that the conversation speaks of."""
        if not merged.choices:
            yield from self.leaf(merged, wanted)
            return
        streams: list[Iterator[Found]] = []
        for option in merged.choices[0]:
            spend(MOVE)
            with_option = Conjunction(list(merged.parts), list(merged.choices[1:]))
            if self.merge((option,), with_option):
                key = with_option.identity
                if key not in wanted.above or key == merged.identity:
                    streams.append(self.choose(with_option, Wanted(wanted.slot, wanted.scene, wanted.above | {key})))
        yield from self.best_first(streams)

    def best_first(self, streams: list[Iterator[Found]]) -> Iterator[Found]:
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

    def leaf(self, merged: Conjunction, wanted: Wanted) -> Iterator[Found]:
        """Values of a conjunction without open choices."""
        types = self.types(merged) if merged.parts else ["string", "number", "boolean", "null"]
        if wanted.slot.is_identifier and "string" in types:  # "0412" is no 412, also where a number would be allowed
            types = ["string", *(kind for kind in types if kind != "string")]
        listed = [_constants(part) for part in merged.parts if {"const", "enum"} & {*part}]
        if not wanted.slot.name and self.spoken and "type" not in {key for part in merged.parts for key in part}:
            types = [kind for kind in types if kind != "null"] or types  # the answer itself, of whatever type
        if listed:
            stream = self.enumerated(min(listed, key=len), merged, types, wanted)
            delicate = len(listed) > 1 or not all({*part} <= _HARMLESS for part in merged.parts)
        else:
            stream = self.best_first([self.makers[kind](self, merged, wanted) for kind in types])
            delicate = merged.is_delicate
        rejected = 0
        for found in stream:
            if not delicate or self.valid(found.value, merged.parts):
                yield found
            else:
                rejected += 1
            if rejected > 3 * TRIES:
                return

    def enumerated(self, values: list[Any], merged: Conjunction, types: list[str], wanted: Wanted) -> Iterator[Found]:
        """Those of the values of an enum or a const that the conversation mentions, then the others."""
        spend(MOVE * (1 + len(values) // 50))
        allowed = [value for value in values if any(self.validator.is_type(value, kind) for kind in types)]
        # A constant says nothing about the conversation, so it does not pull an optional property in.
        yield from (Found(value, said=len(values) > 1) for value in wanted.scene.mentioned(wanted.slot, allowed))
        default = [value for value in merged.all("default") if value in allowed]
        empty = [None] if self.spoken and None in allowed else []
        likest = wanted.scene.likest(allowed) if len(allowed) > 1 else []
        yield from (Found(value) for value in [*default, *empty, *likest, *allowed])

    # Types

    def types(self, merged: Conjunction) -> list[str]:
        """The types that all parts allow, in the order of the schema."""
        allowed: list[str] = [kind for kind in TYPES if kind != "integer"]
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
        return list(dict.fromkeys(allowed))

    def types_of(self, schema: Any) -> set[str]:
        """The types that a schema allows, as far as it says so itself."""
        opened = Conjunction()
        return set(self.types(opened)) if self.merge((schema,), opened) else set()


def _constants(part: Mapping[str, Any]) -> list[Any]:
    return [part["const"]] if "const" in part else part["enum"]


def _as_enum(options: Sequence[Any]) -> Mapping[str, Any] | None:
    """Alternatives that are all constants as one enum, None for others: pydantic and zod write enums like that."""
    if not all(
        isinstance(option, Mapping) and {"const", "enum"} & {*option} and {*option} <= _HARMLESS for option in options
    ):
        return None
    values = [value for option in options for value in _constants(option)]
    plain = not any(isinstance(value, (Mapping, list, float)) for value in values)
    return {"enum": values} if plain and len({(type(value), value) for value in values}) == len(values) > 1 else None
