"""The load: as many connections as wanted, each sending its next request when the last one is answered.

Bare protocols on the event loop, which read no more of an answer than where it ends: what is measured is the server,
and the client must not stand in its way.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

_PATIENCE = 120.0  # seconds for all answers of one load


@dataclass(slots=True)
class Outcome:
    """What came back: answers and bytes of their bodies, pieces of streams, what went wrong, and the times in seconds.

    `latencies` are from a request to the end of its answer, `longest_gap` is the longest time in which an answer that
    had begun brought nothing, `duration` is that of the whole load.
    """

    answers: int = 0
    body_bytes: int = 0
    events: int = 0
    errors: list[str] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    longest_gap: float = 0.0
    duration: float = 0.0


class _Connection(asyncio.Protocol):
    def __init__(
        self, requests: Iterator[bytes], outcome: Outcome, done: asyncio.Future[None], pause: Callable[[], float] | None
    ) -> None:
        self._requests, self._outcome, self._done, self._pause = requests, outcome, done, pause
        self._received = bytearray()
        self._sent = self._last = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self._next()

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        if self._received:
            self._outcome.longest_gap = max(self._outcome.longest_gap, now - self._last)
        self._last = now
        self._received += data
        if self._complete():
            self._outcome.latencies.append(now - self._sent)
            self._received.clear()
            if self._pause:
                asyncio.get_running_loop().call_later(self._pause(), self._next)
            else:
                self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._outcome.errors.append(f"the connection was closed: {exc or 'no reason'}")
            self._done.set_result(None)

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._done.set_result(None)
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)

    def _complete(self) -> bool:
        """Whether the answer is there to its end; then it is counted."""
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self._received[:end]).lower()
        _, found, length = head.partition(b"content-length: ")
        size = len(self._received) - end - 4
        if size < int(length.split(b"\r\n")[0]) if found else not self._received.endswith(b"\r\n0\r\n\r\n"):
            return False
        if not head.startswith(b"http/1.1 200 "):
            self._outcome.errors.append(bytes(self._received[:300]).decode("latin-1"))
        self._outcome.answers += 1
        self._outcome.body_bytes += size
        if not found:
            self._outcome.events += _chunks(self._received, end + 4)
        return True


def _chunks(received: bytearray, start: int) -> int:
    """How many chunks an answer came in, the empty last one left out; one that holds several events counts as many."""
    count = 0
    while True:
        line = received.index(b"\r\n", start)
        size = int(received[start:line], 16)
        if not size:
            return count
        start = line + 2
        count += max(1, received.count(b"\n\n", start, start + size))
        start += size + 2


async def send(
    url: str, shares: Sequence[Iterator[bytes]], pause: Callable[[], float] | None = None, patience: float = _PATIENCE
) -> Outcome:
    """Send each share over a connection of its own, one request after the other, with a `pause` after each answer."""
    outcome = Outcome()
    host, _, port = url.removeprefix("http://").rpartition(":")
    loop = asyncio.get_running_loop()
    ends: list[asyncio.Future[None]] = []
    start = time.perf_counter()
    for share in shares:
        done: asyncio.Future[None] = loop.create_future()
        ends.append(done)
        await loop.create_connection(lambda s=share, d=done: _Connection(s, outcome, d, pause), host, int(port))
    async with asyncio.timeout(patience):
        await asyncio.gather(*ends)
    outcome.duration = time.perf_counter() - start
    return outcome


def run(url: str, requests: Iterable[bytes], connections: int = 1) -> Outcome:
    """Send all requests over so many connections, each its share in turn, without a pause."""
    listed = list(requests)
    return run_each(url, [iter(listed[number::connections]) for number in range(min(connections, len(listed)))])


def run_each(
    url: str, shares: Sequence[Iterator[bytes]], pause: Callable[[], float] | None = None, patience: float = _PATIENCE
) -> Outcome:
    """`send` on an event loop of its own: uvloop's, where there is one."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        new_event_loop = asyncio.new_event_loop
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(send(url, shares, pause, patience))
