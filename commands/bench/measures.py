"""What is measured, each as a ratio to the floor in the same run, and what each ratio may be.

Processor time is that of the server's process alone. The two servers take turns, so that a busy moment of the machine
meets both, and the least of the turns counts: whatever else the machine does can only add to it. What a reader waits
for is measured by `reader.py`, the lessons by `lessons.py`, against minimal notebooks.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median

import lessons
import load
import questions
import reader
import room
import servers
import set_up
import upstream
from rows import Row

_STALL = 0.5  # seconds by which a token may be late before it counts as a stall
_MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: turns of each server, requests of a turn, words of a long stream, participants, the tokens
    that each gets in a second of a stream, the seconds that a full room is at work and the mean pause of each in it,
    lessons (None: all) and how often one is opened, and whether environments are made, which takes minutes and asks the
    package index."""

    turns: int
    requests: int
    words: int
    pictures: int
    participants: int
    pace: float
    seconds: float
    pause: float
    lessons: int | None
    openings: int
    set_up: bool


FULL = Size(
    turns=9,
    requests=800,
    words=600,
    pictures=6,
    participants=200,
    pace=20,
    seconds=300,
    pause=2,
    lessons=None,
    openings=3,
    set_up=True,
)
QUICK = Size(
    turns=1,
    requests=4,
    words=12,
    pictures=1,
    participants=3,
    pace=1000,
    seconds=10,
    pause=0.1,
    lessons=1,
    openings=1,
    set_up=False,
)


def measure(size: Size, folder: Path = servers.ROOT, only: Collection[str] = ()) -> Iterator[Row]:
    """All measures, each as soon as it is known, or those of some SECTIONS; `folder` is the project they are of."""
    for name, section in SECTIONS.items():
        if not only or name in only:
            yield from section(size, folder)


def _mock(size: Size, folder: Path) -> Iterator[Row]:
    with servers.mock(folder) as mock:
        at_start = mock.memory()
        answer = _answer_size(load.run(mock.url, islice(questions.completions(900), 40)))
        with servers.floor(answer, folder=folder) as floor:
            floor_at_start = floor.memory()
            for connections, target in ((1, None), (32, 5), (200, None)):
                yield _completions(mock, floor, size, connections, target)
            yield _pictures(mock, floor, size)
            yield _latency(mock, size)
            loaded, floor_loaded = mock.memory() / _MEGABYTE, floor.memory() / _MEGABYTE
        yield _chunks(mock, size, folder)
        yield _class_at_once(mock, size)
        detail = f"{at_start / _MEGABYTE:.0f} MB at the start, {loaded:.0f} MB after the load"
        floor_detail = f"floor {floor_at_start / _MEGABYTE:.0f} and {floor_loaded:.0f} MB"
        yield Row("memory after the load", loaded / floor_loaded, "times", None, f"{detail}; {floor_detail}")
    yield _start_up(size, answer, folder)


def _answer_size(outcome: load.Outcome) -> int:
    _checked(outcome)
    return outcome.body_bytes // outcome.answers


def _checked(outcome: load.Outcome) -> load.Outcome:
    if outcome.errors or not outcome.answers:
        raise RuntimeError(f"{len(outcome.errors)} requests were not answered: {outcome.errors[:1]}")
    return outcome


def _cost(server: servers.Server, requests: Sequence[bytes], connections: int) -> tuple[float, load.Outcome]:
    """Processor time in seconds that the server spends on these requests, and what it answered."""
    before = server.processor_time()
    outcome = _checked(load.run(server.url, requests, connections))
    return server.processor_time() - before, outcome


def _compared(what: str, target: float | None, costs: Sequence[float], floor_costs: Sequence[float]) -> Row:
    cost, least = min(costs), min(floor_costs)
    detail = f"{cost * 1e6:,.0f} µs of processor time, floor {least * 1e6:,.0f} µs"
    return Row(what, cost / least, "times", target, detail)


def _completions(
    mock: servers.Server, floor: servers.Server, size: Size, connections: int, target: float | None
) -> Row:
    costs, floor_costs = [], []
    for turn in range(size.turns + 1):
        requests = list(islice(questions.completions(connections * 100 + turn), size.requests))
        cost, floor_cost = (_cost(server, requests, connections)[0] / len(requests) for server in (mock, floor))
        if turn or size.turns == 1:  # the first turn warms up
            costs.append(cost)
            floor_costs.append(floor_cost)
    plural = "connection" if connections == 1 else "connections"
    return _compared(f"completion, {connections} {plural}", target, costs, floor_costs)


def _pictures(mock: servers.Server, floor: servers.Server, size: Size) -> Row:
    requests = list(islice(questions.pictures(1, 2_000_000), size.pictures))
    costs, floor_costs = ([_cost(server, [one], 1)[0] for one in requests] for server in (mock, floor))
    return _compared("question about a 2 MB picture", 8, costs, floor_costs)


def _latency(mock: servers.Server, size: Size) -> Row:
    outcome = _checked(load.run(mock.url, islice(questions.completions(7), size.requests)))
    times = sorted(outcome.latencies)
    late = f"95 of 100 within {times[int(len(times) * 0.95)] * 1e3:.2f} ms"
    return Row("time to an answer, connection reused (median)", median(times) * 1e3, "ms", 5, late)


def _chunks(mock: servers.Server, size: Size, folder: Path) -> Row:
    """The cost of a chunk in a long stream, the request's share in it."""
    probe = _checked(load.run(mock.url, islice(questions.long_streams(900, size.words), 4)))
    # Around each chunk stand its length in hexadecimal and two line ends, which the floor's server adds by itself.
    chunk = probe.body_bytes // probe.events - 7
    costs, floor_costs = [], []
    with servers.floor(chunk, probe.events // probe.answers, folder) as floor:
        for turn in range(size.turns + 1):
            requests = list(islice(questions.long_streams(turn, size.words), max(1, size.requests // 100)))
            for server, kept in ((mock, costs), (floor, floor_costs)):
                cost, outcome = _cost(server, requests, 1)
                if turn or size.turns == 1:
                    kept.append(cost / outcome.events)
    return _compared("chunk of a stream", 1.5, costs, floor_costs)


def _class_at_once(mock: servers.Server, size: Size) -> Row:
    """Everybody streams at the same time, at the pace of a model: how late is the latest token?"""
    requests = islice(questions.paced_streams(1, size.pace), size.participants)
    before = mock.processor_time()
    outcome = load.run(mock.url, requests, size.participants)
    share = (mock.processor_time() - before) / outcome.duration
    expected = 1 / size.pace
    detail = (
        f"{outcome.answers} of {size.participants} answered, {len(outcome.errors)} errors, {outcome.duration:.1f} s, "
        f"{share:.0%} of a processor"
    )
    late = float("inf") if outcome.errors else (outcome.longest_gap - expected) * 1e3
    return Row(f"{size.participants} streams at once: latest token", late, "ms late", _STALL * 1e3, detail)


def _start_up(size: Size, answer: int, folder: Path) -> Row:
    """From the command to the end of the first answer, in processor time; the first turn fills Python's caches."""
    turns = [
        (_first_answer(servers.mock(folder)), _first_answer(servers.floor(answer, folder=folder)))
        for _ in range(size.turns + (size.turns > 1))
    ]
    took, least = (min(one[0] for one in taken) for taken in zip(*turns, strict=True))
    passed, least_passed = (min(one[1] for one in taken) for taken in zip(*turns, strict=True))
    detail = f"{took:.2f} s of processor time, floor {least:.2f} s; {passed:.2f} s passed, floor {least_passed:.2f} s"
    return Row("start-up to the first answer", took / least, "times", 2, detail)


def _first_answer(server: servers.Server) -> tuple[float, float]:
    """Seconds of processor time to the first answer, and seconds that passed."""
    start = time.perf_counter()
    with server:
        _checked(load.run(server.url, islice(questions.completions(3), 1)))
        return server.processor_time(), time.perf_counter() - start


def _reader(size: Size, folder: Path) -> Iterator[Row]:
    """What a reader waits for."""
    opened, bare = reader.openings(size.openings, folder)
    detail = (
        f"{opened.processor:.2f} s of processor time, a kernel alone {bare.processor:.2f} s; "
        f"{opened.wall / bare.wall:.2f} times the time that passed"
    )
    yield Row("a lesson opened, to its first answer", opened.processor / bare.processor, "times", 2, detail)
    jobs = os.cpu_count() or 1
    if jobs == 1:
        return  # there is nothing to run beside anything
    build = folder / "build"
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=build, prefix="run-") as there:
        few = size.lessons is not None
        if few:
            lessons.write_minimal(Path(there), 2)
        together, one_by_one = reader.runs(Path(there) if few else folder / "notebooks", folder, jobs)
    detail = f"{together:.0f} s for {jobs} lessons at a time, {one_by_one:.0f} s for one after the other"
    yield Row("a run of all lessons, side by side", together / one_by_one, "times", 0.6, detail)


def _lessons(size: Size, folder: Path) -> Iterator[Row]:
    """The whole pass of nbval, and each lesson in it, as ratios to notebooks that make one call."""
    paths = sorted((folder / "notebooks").glob("[0-9][0-9]-*.ipynb"))[: size.lessons]
    compared = lessons.compare(paths, folder)
    detail = f"{len(paths)} lessons; {compared.processor:.2f} times the processor time"
    if compared.differ:
        detail += f"; {compared.differ} cells differ from what is committed"
    yield Row("nbval pass, to notebooks with one call", compared.wall, "times", None, detail)
    for name, (wall, processor) in compared.by_lesson.items():
        yield Row(f"  {name}", wall, "times", None, f"{processor:.2f} times the processor time")


def _set_up(size: Size, _folder: Path) -> Iterator[Row]:
    """The environment of the lessons, which everybody waits for once."""
    if not size.set_up:
        return
    took = set_up.set_ups()
    detail = f"{took.cold:.0f} s from nothing, pip {took.by_pip:.0f} s"
    yield Row("set-up, to pip install of the same lock", took.cold / took.by_pip, "times", 1 / 3, detail)
    yield Row("set-up from a warm cache", took.warm, "s", 15)
    yield Row("the learner's environment", took.megabytes, "MB", 550)


def _upstream(size: Size, folder: Path) -> Iterator[Row]:
    """A model behind the mock."""
    yield from upstream.measure(size.turns, size.requests, size.words, folder)


def _room(size: Size, folder: Path) -> Iterator[Row]:
    """A shared mock with everybody at work."""
    yield from room.measure(size.participants, size.seconds, size.pause, size.lessons, folder)


SECTIONS: Mapping[str, Callable[[Size, Path], Iterator[Row]]] = {
    "mock": _mock,
    "upstream": _upstream,
    "room": _room,
    "reader": _reader,
    "lessons": _lessons,
    "set-up": _set_up,
}
"""What is measured, by the names that `--only` takes."""


def machine() -> str:
    """The machine in neutral words."""
    return f"{os.cpu_count()} processors, Python {'.'.join(map(str, sys.version_info[:2]))}"
