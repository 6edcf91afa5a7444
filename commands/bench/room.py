"""A full room: so many participants, each with a key, send what the lessons send, for minutes, to one shared mock.

Each goes through the requests of all lessons from another place on, and pauses between two of them as long as chance
has it. All the while the page of the room is looked at, as a teacher does.
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from itertools import chain, cycle, islice
from pathlib import Path
from statistics import mean

import lesson_requests
import load
import servers
from rows import Row

from helpers.mock.gateway.keys import new_keys, read_keys
from helpers.mock.room.door import PATH

_OWN = "the-teachers-own-key"
_LOOK = 5.0  # seconds from one look at the page to the next at the most, as the page itself has it
_MEGABYTE = 2**20


class _Watch(threading.Thread):
    """Looks at the page now and then, and takes down the memory that the mock holds."""

    def __init__(self, mock: servers.Server, pause: float) -> None:
        super().__init__(daemon=True)
        self._mock, self._pause, self._ended = mock, pause, threading.Event()
        self._page = urllib.request.Request(mock.url + PATH, headers={"api-key": _OWN})
        self.seen: list[tuple[float, int]] = []  # seconds since the start, bytes
        self.slowest_look = 0.0
        self.page = ""

    def run(self) -> None:
        start = time.perf_counter()
        while True:
            before = time.perf_counter()
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(self._page, timeout=30) as answer:
                self.page = answer.read().decode()
            self.slowest_look = max(self.slowest_look, time.perf_counter() - before)
            self.seen.append((before - start, self._mock.memory()))
            if self._ended.wait(self._pause):
                return

    def end(self) -> None:
        self._ended.set()
        self.join()


def measure(participants: int, seconds: float, pause: float, lessons: int | None, folder: Path) -> Iterator[Row]:
    """Errors, the time to an answer, and how memory still grew towards the end."""
    paths = sorted((folder / "notebooks").glob("[0-9][0-9]-*.ipynb"))[:lessons]
    recorded = lesson_requests.record(paths, folder)
    with tempfile.TemporaryDirectory() as there:
        file = Path(there) / "keys.toml"
        file.write_text(new_keys(participants), "utf-8")
        command = ["-m", "helpers.mock", "--port", "0", "--key", _OWN, "--keys", str(file)]
        with servers.Server([*command, "--media", str(folder / "notebooks" / "media")], folder) as mock:
            keys = [one.key for one in read_keys(file).values()]
            until = time.perf_counter() + seconds
            everybody = [_participant(recorded, key, mock.url, number, until) for number, key in enumerate(keys)]
            dice = random.Random(1)
            watch = _Watch(mock, min(_LOOK, seconds / 20))
            watch.start()
            before = mock.processor_time()
            outcome = load.run_each(mock.url, everybody, lambda: dice.expovariate(1 / pause), seconds + 120)
            used = mock.processor_time() - before
            watch.end()
    yield from _told(outcome, watch, used, participants, recorded, seconds)


def _participant(recorded: lesson_requests.Recorded, key: str, url: str, number: int, until: float) -> Iterator[bytes]:
    """The lessons' requests again and again, from another place on for each, until the time is up."""
    own = list(recorded.of(key, url))
    start = number * 37 % len(own)
    for request in chain(islice(own, start, None), cycle(own)):
        if time.perf_counter() >= until:
            return
        yield request


def _told(
    outcome: load.Outcome,
    watch: _Watch,
    used: float,
    participants: int,
    recorded: lesson_requests.Recorded,
    seconds: float,
) -> Iterator[Row]:
    span = f"{seconds / 60:g} minutes" if seconds >= 60 else f"{seconds:g} s"
    room = f"{participants} participants for {span}"
    detail = (
        f"{outcome.answers:,} answers, {outcome.answers / outcome.duration:.0f} a second, "
        f"{used / outcome.duration:.0%} of a processor; "
        f"{len(recorded.requests)} requests of the lessons in turn, without {recorded.others} refused on purpose"
    )
    if outcome.errors:
        detail += f"; the first error: {outcome.errors[0][:200]}"
    yield Row(f"{room}: errors", len(outcome.errors), "", 0, detail)
    times = sorted(outcome.latencies)
    late = f"95 of 100 within {times[int(len(times) * 0.95)] * 1e3:.0f} ms, the page within {watch.slowest_look:.2f} s"
    yield Row(f"{room}: time to an answer (median)", times[len(times) // 2] * 1e3, "ms", None, late)
    # The journal, the caches and what is counted fill up within some 15,000 requests; then nothing may grow any more.
    before, after = (
        mean(held for at, held in watch.seen if seconds * start <= at < seconds * end) / _MEGABYTE
        for start, end in ((0.6, 0.8), (0.8, 2))
    )
    grown = f"{before:.0f} MB in the fourth fifth of the time, {after:.0f} MB in the last"
    yield Row(f"{room}: growth of memory", after - before, "MB", 5, grown)
