"""A plugin of pytest that notes what each file takes: `-p stopwatch`, with the report's path in BENCH_REPORT.

The report is JSON: for each file, by its stem, seconds that pass, seconds of processor time, and how many tests failed.
The processor time of a notebook's kernel is in it, because the kernel has ended when the last cell has.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest

_taken: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0])


def used() -> tuple[float, float]:
    """Seconds on the clock, and of processor time: of this process and of all that it started and that have ended."""
    times = psutil.Process().cpu_times()
    return time.perf_counter(), times.user + times.system + times.children_user + times.children_system


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Time a test, set-up and the end of its file included."""
    before = used()
    result = yield
    taken = _taken[item.path.stem]
    for place, (start, end) in enumerate(zip(before, used(), strict=True)):
        taken[place] += end - start
    return result


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count what failed."""
    _taken[Path(report.fspath).stem][2] += report.failed


def pytest_sessionfinish() -> None:
    """Write the report."""
    Path(os.environ["BENCH_REPORT"]).write_text(json.dumps(_taken), "utf-8")
