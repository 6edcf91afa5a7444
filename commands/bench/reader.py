"""What a reader waits for: a lesson that is opened and asks its first question, and a run of all lessons."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import lessons
import psutil
from jupyter_client.manager import start_new_kernel

_PATIENCE = 120.0  # seconds for the answer of a cell


class Taken(NamedTuple):
    """Seconds that passed, and seconds of processor time."""

    wall: float
    processor: float


def openings(turns: int, folder: Path) -> tuple[Taken, Taken]:
    """What it takes from a kernel's start to a lesson's first answer, and to that of a kernel that adds 1 and 1.

    The kernels take turns; the least counts, after a first turn that fills the caches.
    """
    opened, bare = [], []
    for turn in range(turns + 1):
        for cells, kept in ((lessons.CELLS, opened), (("1 + 1",), bare)):
            taken = _kernel(cells, folder)
            if turn:
                kept.append(taken)
    return _least(opened), _least(bare)


def _kernel(cells: Sequence[str], folder: Path) -> Taken:
    start = time.perf_counter()
    manager, client = start_new_kernel(env=lessons.free_environment(folder), cwd=str(folder))
    provisioner: Any = manager.provisioner
    try:
        for cell in cells:
            reply = client.execute_interactive(cell, output_hook=lambda message: None, timeout=_PATIENCE)
            if reply["content"]["status"] != "ok":
                raise RuntimeError(f"a cell failed: {reply['content']}")
        times = psutil.Process(provisioner.pid).cpu_times()
        return Taken(time.perf_counter() - start, times.user + times.system)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _least(taken: Sequence[Taken]) -> Taken:
    return Taken(*map(min, zip(*taken, strict=True)))


def runs(notebooks: Path, folder: Path, jobs: int) -> tuple[float, float]:
    """The seconds that `tasks.py run` takes for these notebooks, `jobs` at a time and one after the other."""
    found = []
    for count in (jobs, 1):
        with tempfile.TemporaryDirectory() as build:
            command = [sys.executable, "-m", "commands.run_all", "--lessons", str(notebooks), "--build", build]
            start = time.perf_counter()
            done = subprocess.run(
                [*command, "--jobs", str(count)],
                cwd=folder,
                env=lessons.free_environment(folder),
                capture_output=True,
                text=True,
                check=False,
            )
            found.append(time.perf_counter() - start)
        if done.returncode:
            raise RuntimeError(f"a lesson failed: {(done.stdout or done.stderr)[-600:]}")
    return found[0], found[1]
