"""One request to an upstream and what comes back, from the thread that reads it to whoever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Lock
from typing import Any, Generic, TypeVar

from .pieces import UpstreamError

_T = TypeVar("_T")
AHEAD = 1_000  # pieces that are read before anybody wants them; then the upstream has to wait


class Exchange(Generic[_T]):
    """What has arrived and is not taken yet. Safe between two threads: one reads, one takes.

    `name` is the upstream's, for messages. `ended` says that nothing more comes than there is to be taken, `fault` why,
    when that is not as it should be.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.fault: UpstreamError | None = None
        self.ended = False
        self._arrived: list[_T] = []
        self._waiting: Future[None] | None = None
        self._least = 1
        self._lock = Lock()
        self._closed = False
        self._stop: Callable[[], object] = lambda: None
        self._resume: Callable[[], object] | None = None

    # --- whoever waits ---

    def take(self) -> Sequence[_T]:
        """What has arrived since the last call."""
        with self._lock:
            arrived, self._arrived = self._arrived, []
            resume, self._resume = self._resume, None
        if resume:
            resume()
        return arrived

    def ready(self, least: int = 1) -> Future[None] | None:
        """What to wait for until there are so many to take, or the end; None when that is so already."""
        with self._lock:
            if len(self._arrived) >= least or self.ended:
                return None
            self._least = least
            if self._waiting is None:
                self._waiting = Future()
            return self._waiting

    def close(self) -> None:
        """Nobody wants the rest: stop the upstream."""
        self._closed = True
        self._stop()

    # --- whoever reads ---

    def begin(self, task: asyncio.Task[Any]) -> None:
        """Note what reads; to be called on its loop."""
        loop = task.get_loop()
        self._stop = lambda: None if loop.is_closed() else loop.call_soon_threadsafe(task.cancel)
        if self._closed:
            task.cancel()

    def put(self, pieces: Sequence[_T]) -> None:
        """Hand pieces over."""
        with self._lock:
            self._arrived.extend(pieces)
            if len(self._arrived) < self._least:
                return
            waiting, self._waiting = self._waiting, None
        if waiting:
            waiting.set_result(None)

    async def room(self) -> None:
        """Wait while there is more than anybody has wanted so far."""
        with self._lock:
            if len(self._arrived) < AHEAD:
                return
            loop, free = asyncio.get_running_loop(), asyncio.Event()
            self._resume = lambda: loop.call_soon_threadsafe(free.set)
        await free.wait()

    def end(self, fault: UpstreamError | None = None) -> None:
        """Say that nothing more comes, and why, if that is not as it should be. What is said first counts."""
        with self._lock:
            if self.ended:
                return
            self.fault, self.ended = fault, True
            waiting, self._waiting = self._waiting, None
        if waiting:
            waiting.set_result(None)
