"""Objects: what must be there, optional members that the conversation speaks of, as many more as the schema wants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from math import ceil, floor

from .accepted import MAX_PROPERTIES
from .building import Builder, Conjunction, Found, Wanted

_Members = dict[str, Found]


class Objects:
    """`scene` shrinks: what one member has said is not said again by the next."""

    def __init__(self, builder: Builder, merged: Conjunction, wanted: Wanted) -> None:
        self.builder, self.merged, self.wanted, self.scene = builder, merged, wanted, wanted.scene
        self.needed = {name for names in merged.all("required") for name in names}
        declared = [name for properties in merged.all("properties") for name in properties]
        self.names = list(dict.fromkeys([*declared, *sorted(self.needed)]))
        self.low = ceil(merged.highest("minProperties", 0))
        self.high = floor(merged.lowest("maxProperties", 10_000))

    def values(self) -> Iterator[Found]:
        chosen = self.first()
        if chosen is None or not self.low <= len(chosen) <= self.high:
            return
        yield self.made(chosen)
        if self.merged.is_delicate:  # how members go together matters: one more of them, all, only those that must be
            others = {
                name: found for name in self.names if name not in chosen for found in islice(self.member(name), 1)
            }
            yield from (self.made({**chosen, name: found}) for name, found in others.items())
            yield self.made(chosen | others)
            yield self.made({name: found for name, found in chosen.items() if name in self.needed})

    def first(self) -> _Members | None:
        """The first value of each member that is needed, spoken of or wanted for the number; None where one that is
        needed has no value."""
        chosen: _Members = {}
        for name in self.names if self.builder.spoken else filter(self.needed.__contains__, self.names):
            found = next(self.member(name), None)
            if found is None and name in self.needed:
                return None
            if found is not None and (name in self.needed or found.said):
                chosen[name] = found
                self.scene = self.scene.without(found.value)
        for name in [name for name in reversed(chosen) if name not in self.needed]:
            if len(chosen) > self.high:
                del chosen[name]
        for name in chain(self.names, (f"item_{number}" for number in range(1, MAX_PROPERTIES + 1))):
            if len(chosen) >= self.low:
                break
            if name not in chosen and (found := next(self.member(name), None)):
                chosen[name] = found
        return chosen

    def made(self, members: Mapping[str, Found]) -> Found:
        """The object, its members in the order of the schema."""
        order = {name: place for place, name in enumerate(self.names)}
        keys = sorted(members, key=lambda name: order.get(name, len(order)))
        return Found({name: members[name].value for name in keys}, any(found.said for found in members.values()))

    def member(self, name: str) -> Iterator[Found]:
        """Values of a member, drawn from what the scene is now."""
        schemas = [
            part["properties"][name] if name in part.get("properties", ()) else part["additionalProperties"]
            for part in self.merged.parts
            if name in part.get("properties", ()) or "additionalProperties" in part
        ]
        return self.builder.values(schemas, Wanted(self.wanted.slot.child(name), self.scene, self.wanted.above))
