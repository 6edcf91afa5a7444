"""Persistent collections in plain Python: what jsonschema and referencing need of the package of this name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any


class HashTrieMap(Mapping):
    def __init__(self, value: Any = (), **more: Any) -> None:
        self._items = dict(value, **more)

    @classmethod
    def convert(cls, value: Any) -> HashTrieMap:
        return value if isinstance(value, cls) else cls(value)

    def __getitem__(self, key: Any) -> Any:
        return self._items[key]

    def __iter__(self) -> Iterator:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"HashTrieMap({self._items!r})"

    def insert(self, key: Any, value: Any) -> HashTrieMap:
        return HashTrieMap({**self._items, key: value})

    def remove(self, key: Any) -> HashTrieMap:
        items = dict(self._items)
        del items[key]
        return HashTrieMap(items)

    def discard(self, key: Any) -> HashTrieMap:
        return self.remove(key) if key in self._items else self

    def update(self, *maps: Any, **more: Any) -> HashTrieMap:
        items = dict(self._items)
        for other in maps:
            items.update(other)
        items.update(more)
        return HashTrieMap(items)


class HashTrieSet(Set):
    def __init__(self, value: Iterable = ()) -> None:
        self._items = frozenset(value)

    def __contains__(self, item: Any) -> bool:
        return item in self._items

    def __iter__(self) -> Iterator:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        return f"HashTrieSet({set(self._items)!r})"

    def insert(self, item: Any) -> HashTrieSet:
        return HashTrieSet(self._items | {item})

    def remove(self, item: Any) -> HashTrieSet:
        if item not in self._items:
            raise KeyError(item)
        return HashTrieSet(self._items - {item})

    def discard(self, item: Any) -> HashTrieSet:
        return HashTrieSet(self._items - {item})

    def update(self, *others: Iterable) -> HashTrieSet:
        return HashTrieSet(self._items.union(*others))


class List:
    def __init__(self, *values: Any) -> None:
        self._items = tuple(values[0]) if len(values) == 1 and isinstance(values[0], Iterable) else values

    def __iter__(self) -> Iterator:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __reversed__(self) -> Iterator:
        return reversed(self._items)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, List) and self._items == other._items

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        return f"List({list(self._items)!r})"

    @property
    def first(self) -> Any:
        return self._items[0]

    @property
    def rest(self) -> List:
        return List(self._items[1:])

    def push_front(self, item: Any) -> List:
        return List((item, *self._items))

    def drop_first(self) -> List:
        return List(self._items[1:])
