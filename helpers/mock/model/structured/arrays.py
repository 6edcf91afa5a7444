"""Arrays: an item for each thing that the conversation lists, else as many as the schema wants."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from math import ceil, floor
from typing import Any

from ..reading.scene import Scene
from ..reading.slots import Slot
from .accepted import MAX_ITEMS
from .building import Builder, Conjunction, Found, Wanted
from .formats import formatted, kept_formats

_MOST_COUNTED = 20  # items of which nothing more is told than their number


class Arrays:
    def __init__(self, builder: Builder, merged: Conjunction, wanted: Wanted) -> None:
        self.builder, self.merged, self.wanted = builder, merged, wanted
        self.low = ceil(merged.highest("minItems", 0))
        self.closed_after = max((len(prefix) for prefix in merged.all("prefixItems")), default=0)
        closed = (index for index in range(self.closed_after + 1) if False in self.item_schemas(index))
        self.high = min(floor(merged.lowest("maxItems", MAX_ITEMS * 10)), next(closed, MAX_ITEMS * 10))
        self.distinct = any(merged.all("uniqueItems"))

    def values(self) -> Iterator[Found]:
        low, high, spoken, parts = self.low, self.high, self.builder.spoken, self.merged.parts
        scenes = self.members()[:high] if spoken else []
        if scenes and (found := self.array(max(low, len(scenes)), scenes)):
            yield found
        listed = (value for value in self.merged.all("default") if isinstance(value, list))
        yield from (Found(value) for value in listed if self.builder.valid(value, parts))
        if spoken and not scenes and low <= (count := self.counted()) <= high:
            self.distinct = True
            yield from filter(None, [self.array(count)])
        sizes = range(low, min(low + 2, high) + 1)
        if spoken and low == 0 and 1 in sizes and not scenes and self.item_schemas(0):
            found = self.array(1)
            if found is not None and (found.said or self.is_made_up(found.value)):
                yield found
        yield from filter(None, map(self.array, sizes))

    def counted(self) -> int:
        """How many items the request wants: 5 of "with 3 to 5 steps" for steps, -1 where it says nothing."""
        scene, slot, schemas = self.wanted.scene, self.wanted.slot, self.item_schemas(0)
        made = schemas and {"integer", "number"}.isdisjoint(self.builder.types_of(schemas[0])) and not scene.topic
        beside = scene.numbers(slot)[0] if made and slot.name else []
        return next((number for number in beside if isinstance(number, int) and 1 < number <= _MOST_COUNTED), -1)

    def is_made_up(self, items: list[Any]) -> bool:
        """Whether some words will do for a list that the conversation wants invented, where one cannot be wrong."""
        scene = self.wanted.scene
        return (scene.invents or bool(scene.topic)) and not self.wanted.slot.kind and isinstance(items[0], (str, dict))

    def item_schemas(self, index: int) -> list[Any]:
        prefixes = [(part, part.get("prefixItems", ())[index : index + 1]) for part in self.merged.parts]
        return [prefix[0] if prefix else part["items"] for part, prefix in prefixes if prefix or "items" in part]

    def members(self) -> list[Scene]:
        """What each item of an array should be about."""
        item = Conjunction()
        if self.closed_after or not self.builder.merge(self.item_schemas(0), item):
            return []
        slot, scene = self.wanted.slot, self.wanted.scene
        kinds = self.builder.types(item)[:1]
        if kinds == ["string"] and not item.all("enum"):
            described = slot.description or next(iter(item.all("description")), "")
            slot = formatted(Slot(slot.name, described, slot.parents), kept_formats(item.all("format")))
            return [scene.focus(slot.kind, member) for member in scene.members(slot)]
        if kinds in (["integer"], ["number"]):
            return scene.of_numbers()
        if kinds != ["object"]:
            return []
        inner = [
            (slot.child(name, str(part.get("description", ""))), self.builder.types_of(part))
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
                if part.kind != "place" and any(other.kind == "place" for other, _ in inner):
                    members = [one for one in members if not scene.is_place(one)]
                if len(members) > 1:
                    return [scene.focus(part.kind, *pair) for pair in zip_longest(members, members[1:], fillvalue="")]
        return []

    def array(self, size: int, scenes: list[Scene] | None = None) -> Found | None:
        """One array of this size, its first items drawn from the scenes, or None."""
        focused = scenes or []
        scene, slot, above = self.wanted.scene, self.wanted.slot, self.wanted.above
        items: list[Any] = []
        keys: set[str] = set()
        said = False
        running: dict[tuple[int, ...], Iterator[Found]] = {}  # so that distinct items do not start over each time
        for index in range(size):
            schemas = self.item_schemas(index)
            here = focused[index] if index < len(focused) else scene
            stream = self.builder.values(schemas, Wanted(slot, here, above))
            if self.distinct and index >= len(focused):
                stream = running.setdefault(tuple(map(id, schemas)), stream)
            for found in stream:
                key = json.dumps(found.value, sort_keys=True) if self.distinct else ""
                if self.distinct and key in keys:
                    continue
                keys.add(key)
                items.append(found.value)
                said = said or found.said
                scene = scene.without(found.value)
                break
            else:
                return None
        return Found(items, said)
