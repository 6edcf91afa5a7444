"""Objects: what must be there, optional members that the conversation speaks of, as many more as the schema wants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from math import ceil, floor
from typing import Any

from ..reading.scene import Scene
from ..reading.slots import Slot
from . import patterns
from .accepted import MAX_PROPERTIES
from .building import Builder, Conjunction, Found, Wanted
from .keywords import is_additional

_INVENTED = 400  # names that are made up from one pattern
_VARIATIONS = 6  # other values that are tried for one member

_Members = dict[str, Found]


def objects(builder: Builder, merged: Conjunction, wanted: Wanted) -> Iterator[Found]:
    yield from _Objects(builder, merged, wanted).values()


class _Objects:
    """`scene` shrinks: what one member has said is not said again by the next."""

    def __init__(self, builder: Builder, merged: Conjunction, wanted: Wanted) -> None:
        self.builder, self.merged = builder, merged
        self.slot, self.scene, self.above = wanted.slot, wanted.scene, wanted.above
        required = {name for names in merged.all("required") for name in names}
        declared = [name for properties in merged.all("properties") for name in properties]
        self.names = list(dict.fromkeys([*declared, *sorted(required - set(declared))]))
        self.needed = self.closure(required)
        self.forbidden = {
            negated["required"][0]
            for negated in merged.all("not")
            if isinstance(negated, Mapping) and set(negated) == {"required"} and len(negated["required"]) == 1
        }
        self.low = ceil(merged.highest("minProperties", 0))
        self.high = floor(merged.lowest("maxProperties", 10_000))

    def values(self) -> Iterator[Found]:
        if self.needed & self.forbidden or len(self.needed) > self.high:
            return
        streams: dict[str, Iterator[Found]] = {}
        chosen = self.first(streams)
        chosen = None if chosen is None else self.enough(self.complete(chosen, self.needed))
        if chosen is None:
            return
        yield self.made(chosen)
        if self.merged.is_delicate:  # how members go together matters: fewer of them, more, all
            yield self.made({name: found for name, found in chosen.items() if name in self.needed})
            whole = dict(chosen)
            for name in self.names:
                if name not in whole and name not in self.forbidden:
                    found = next(self.member(name), None)
                    if found is not None:
                        whole[name] = found
                        yield self.made({**chosen, name: found})
            yield self.made(whole)
        # A choice above may still want another value of one.
        for name in chosen:
            for other in islice(streams.get(name, ()), _VARIATIONS):
                yield self.made({**chosen, name: other})

    def first(self, streams: dict[str, Iterator[Found]]) -> _Members | None:
        """The first value of each member that is needed or spoken of, its further values in `streams`."""
        chosen: _Members = {}
        for name in dict.fromkeys([*self.names, *sorted(self.needed - set(self.names))]):
            if name in self.forbidden or (name not in self.needed and not self.builder.spoken):
                continue
            streams[name] = self.member(name)
            found = next(streams[name], None)
            if found is None and name in self.needed:
                return None
            if found is not None and (name in self.needed or found.said):
                chosen[name] = found
                self.scene = self.scene.without(found.value)
        return chosen

    def enough(self, chosen: _Members) -> _Members | None:
        """The members and as many more as minProperties asks for; None when there are none."""
        for name in self.spare_names(chosen):
            if len(chosen) >= self.low:
                break
            found = next(self.member(name), None)
            extra = self.complete({name: found} if found else {}, {name})
            if found is not None and len(chosen) + len(extra) <= self.high:
                chosen |= extra
        return chosen if len(chosen) >= self.low else None

    def made(self, members: Mapping[str, Found]) -> Found:
        """The object, its members in the order of the schema."""
        order = {name: place for place, name in enumerate(self.names)}
        keys = sorted(members, key=lambda name: order.get(name, len(order)))
        return Found({name: members[name].value for name in keys}, any(found.said for found in members.values()))

    def member(self, name: str) -> Iterator[Found]:
        """Values of a member, drawn from what the scene is now."""
        rules = self.merged.all("propertyNames")
        if rules and not self.builder.valid(name, rules):
            return iter(())
        schemas = self.member_schemas(name)
        described = next(
            (part["description"] for part in schemas if isinstance(part, Mapping) and "description" in part), ""
        )
        return self.builder.values(schemas, Wanted(self.slot.child(name, str(described)), self.scene, self.above))

    def member_schemas(self, name: str) -> list[Any]:
        found: list[Any] = []
        for part in self.merged.parts:
            if name in part.get("properties", {}):
                found.append(part["properties"][name])
            for source, schema in part.get("patternProperties", {}).items():
                if patterns.matches(source, name):
                    found.append(schema)
            if "additionalProperties" in part and is_additional(part, name):
                found.append(part["additionalProperties"])
        return found

    def closure(self, names: set[str]) -> set[str]:
        """The names together with those that must accompany them."""
        found = set(names)
        size = -1
        while size != len(found):
            size = len(found)
            for dependencies in self.merged.all("dependentRequired"):
                found |= {other for name, others in dependencies.items() if name in found for other in others}
        return found

    def complete(self, chosen: _Members, needed: set[str]) -> _Members:
        """The members with those they depend on; optional ones that cannot be completed or are too many are dropped."""
        result = {name: found for name, found in chosen.items() if name in needed}
        for name in [name for name in chosen if name not in needed]:
            together = {name: chosen[name]}
            for other in sorted(self.closure({name}) - {*result, name}):
                found = chosen.get(other) or next(self.member(other), None)
                if found is None:
                    break
                together[other] = found
            else:
                if len(result) + len(together) <= self.high:
                    result |= together
        return result

    def spare_names(self, chosen: Mapping[str, Found]) -> Iterator[str]:
        """Names that could be added to reach minProperties: declared ones, then invented ones."""
        if len(chosen) >= self.low:
            return
        yield from (name for name in self.names if name not in chosen and name not in self.forbidden)
        for name in self.invented_names():
            self.builder.spend()
            if name not in chosen and name not in self.names and name not in self.forbidden:
                yield name

    def invented_names(self) -> Iterator[str]:
        rules = self.merged.all("propertyNames")
        if rules:
            found = islice(self.builder.values(rules, Wanted(Slot(), Scene(()))), _INVENTED)
            yield from (one.value for one in found if isinstance(one.value, str))
        else:
            yield from (f"item_{number}" for number in range(1, MAX_PROPERTIES + 50))
        for source in [source for members in self.merged.all("patternProperties") for source in members]:
            yield from islice(patterns.strings([source], 1, variety=4), _INVENTED)
