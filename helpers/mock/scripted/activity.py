"""How busy the mock is: who called, how often of late, and what was refused last.

A few numbers for each caller and a few notes, however many requests there were; nothing here keeps a credential.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from .received import Received

FAILURES = 20
"""So many of the last refused requests are kept."""

_SLICE, _SLICES = 10, 6  # the last minute is counted in slices of ten seconds


@dataclass(slots=True)
class Tally:
    """How busy a caller has been: requests answered, those of them that were refused, the last one's status.

    `seen` is the time of the last answer, by the clock of the activity.
    """

    requests: int = 0
    refused: int = 0
    last_status: int | None = None
    seen: float = 0.0

    def add(self, status: int, now: float) -> None:
        self.requests += 1
        self.refused += status >= 400
        self.last_status = status
        self.seen = now


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller at this moment: the counts since the start, those of the last minute, seconds since the last answer.

    `name` is None for whoever came without a valid credential.
    """

    name: str | None
    requests: int
    refused: int
    last_status: int | None
    lately: int
    ago: float


@dataclass(frozen=True, slots=True)
class Failure:
    """A refused request: seconds since then, and its note."""

    ago: float
    note: Received


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole room at this moment. `seconds` counts since the start or the last reset, `lately` in the last minute.

    `under_way` are the requests that have no answer yet, or one that is still streaming.
    """

    seconds: float
    under_way: int
    requests: int
    refused: int
    lately: int
    refused_lately: int
    callers: tuple[Caller, ...]
    failures: tuple[Failure, ...]


class Activity:
    """Counts for one journal, which calls it under its lock. `clock` gives seconds, from wherever it likes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.under_way = 0
        self.reset()

    def reset(self) -> None:
        """Forget everything but what is under way."""
        self._began = self._clock()
        self.tallies: defaultdict[str | None, Tally] = defaultdict(Tally)
        self._slices: deque[tuple[int, defaultdict[str | None, list[int]]]] = deque(maxlen=_SLICES)
        self._failures: deque[tuple[float, Received]] = deque(maxlen=FAILURES)

    def answered(self, caller: str | None, status: int) -> None:
        """Count an answer."""
        now = self._clock()
        self.tallies[caller].add(status, now)
        number = int(now / _SLICE)
        if not self._slices or self._slices[-1][0] != number:
            self._slices.append((number, defaultdict(lambda: [0, 0])))
        counts = self._slices[-1][1][caller]
        counts[0] += 1
        counts[1] += status >= 400

    def failed(self, note: Received) -> None:
        """Keep the note of a refused request."""
        self._failures.append((self._clock(), note))

    def picture(self) -> Picture:
        """The room as it is now, callers in the order in which they came, the last failure first."""
        now = self._clock()
        since = int(now / _SLICE) - _SLICES
        recent = [counts for number, counts in self._slices if number > since]
        lately = {name: sum(counts.get(name, (0,))[0] for counts in recent) for name in self.tallies}
        return Picture(
            seconds=now - self._began,
            under_way=self.under_way,
            requests=sum(tally.requests for tally in self.tallies.values()),
            refused=sum(tally.refused for tally in self.tallies.values()),
            lately=sum(lately.values()),
            refused_lately=sum(refused for counts in recent for _, refused in counts.values()),
            callers=tuple(
                Caller(name, tally.requests, tally.refused, tally.last_status, lately[name], now - tally.seen)
                for name, tally in self.tallies.items()
            ),
            failures=tuple(Failure(now - at, note) for at, note in reversed(self._failures)),
        )
