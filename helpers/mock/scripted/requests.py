"""Requests that were received, and what a test asserts of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Unpack, overload

from .conditions import Conditions, Wanted
from .received import Received


class Requests(Sequence[Received]):
    """Requests that were received, oldest first, with the few assertions that tests need.

    `where` and the assertions take the conditions of `reply`.
    """

    def __init__(self, received: Iterable[Received] = ()) -> None:
        self._received = tuple(received)

    @overload
    def __getitem__(self, index: int) -> Received: ...
    @overload
    def __getitem__(self, index: slice) -> Requests: ...
    def __getitem__(self, index: int | slice) -> Received | Requests:
        return Requests(self._received[index]) if isinstance(index, slice) else self._received[index]

    def __len__(self) -> int:
        return len(self._received)

    @property
    def last(self) -> Received:
        """The newest. Raises AssertionError when there is none."""
        if not self._received:
            raise AssertionError("no request was received")
        return self._received[-1]

    def where(self, **conditions: Unpack[Wanted]) -> Requests:
        """Those that fit. TypeError for a condition that does not exist."""
        wanted = Conditions.of(conditions)
        return self._like(wanted)

    def assert_called(self, times: int | None = None, **conditions: Unpack[Wanted]) -> Requests:
        """Those that fit; raises AssertionError, showing what was received, when there are none or not `times`."""
        wanted = Conditions.of(conditions, "times")
        found = self._like(wanted)
        if len(found) == times or (times is None and found):
            return found
        count = "at least 1 request" if times is None else f"{times} request{'' if times == 1 else 's'}"
        told = f"expected {count} {wanted}, found {len(found)}"
        raise AssertionError(f"{told} of the {len(self)} received:\n{self!r}" if self else f"{told}; none was received")

    def assert_not_called(self, **conditions: Unpack[Wanted]) -> None:
        """Raises AssertionError, showing them, when requests fit."""
        self.assert_called(0, **conditions)

    def _like(self, wanted: Conditions) -> Requests:
        return Requests(received for received in self._received if wanted.fit(received))

    def __repr__(self) -> str:
        shown = [repr(received) for received in self._received[-20:]]
        hidden = len(self) - len(shown)
        return "\n".join([f"({hidden} earlier ones)", *shown] if hidden else shown) or "no requests"
