"""How often the same has come: attempts of a call, draws of a fault, repetitions of a request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

REMEMBERED = 10_000  # different keys whose number is known


class Counts:
    """``counts(key)`` is how often that key has come, this time included. Safe in every thread.

    What is remembered is bounded: the latest 10,000 keys.
    """

    def __init__(self) -> None:
        self._counts: OrderedDict[Hashable, int] = OrderedDict()
        self._lock = Lock()

    def __call__(self, key: Hashable) -> int:
        with self._lock:
            count = self._counts.pop(key, 0) + 1
            self._counts[key] = count
            if len(self._counts) > REMEMBERED:
                self._counts.popitem(last=False)
        return count

    def __len__(self) -> int:
        return len(self._counts)

    def reset(self) -> None:
        """Forget all keys."""
        with self._lock:
            self._counts.clear()
