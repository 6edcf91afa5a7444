"""The time by which limits are counted and tokens expire: the machine's, until a test moves it.

Everything in the mock that asks for the time asks one `Clock`, so that a test of a minute takes no minute. What the
model says never depends on it: a completion is always made on the same day.
"""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from threading import Lock

CREATED = 1_718_726_686
"""Unix seconds: the `created` of Microsoft's examples, and of the mock's completions."""

DEFAULT_TODAY = datetime.fromtimestamp(CREATED, UTC).date()
"""What "today" means when a conversation does not say: the day on which completions are created, Tuesday 2024-06-18."""


class Clock:
    """Unix time in seconds that never goes back: ``clock()`` reads it, ``clock.advance(60)`` moves it.

    It starts at the machine's time and runs on as the machine does; later corrections of the machine's clock do not
    reach it. With `start` (unix seconds) it stands still there, and only `advance` moves it. Safe in every thread.
    """

    def __init__(self, start: float | None = None) -> None:
        self._runs = start is None
        self._origin = time.time() - time.monotonic() if start is None else start
        self._lock = Lock()

    def __call__(self) -> float:
        """Unix seconds."""
        return self._origin + time.monotonic() if self._runs else self._origin

    def advance(self, seconds: float) -> float:
        """Move the time on by `seconds` and return it. ValueError for less than nothing."""
        if not 0 <= seconds < math.inf:
            raise ValueError(f"time does not go back, nor on for ever: {seconds}")
        with self._lock:  # two threads that advance at once both count
            self._origin += seconds
        return self()
