"""The two servers that are compared, each in a process of its own, and what a process has used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


class Server:
    """A server process, from its start to the end of the `with` block; `url` is where it answers."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._command, self._folder = command, folder
        self.url = ""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, *self._command], cwd=self._folder, env=environment(), stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self.url = next((word.removesuffix("/models") for word in line.split() if word.startswith("http://")), "")
        if not self.url:
            self._stop()
            raise RuntimeError(f"a server did not start: {self._command}")
        self._seen = psutil.Process(self._process.pid)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def processor_time(self) -> float:
        """Seconds of processor time that the process has used, in itself and in the system's name."""
        if sys.platform == "linux":
            # The clock of another process (clock_getcpuclockid): to the nanosecond, where psutil counts hundredths.
            return time.clock_gettime((~self._process.pid << 3) | 2)
        times = self._seen.cpu_times()
        return times.user + times.system

    def memory(self) -> int:
        """Bytes of memory that the process holds (resident set)."""
        return self._seen.memory_info().rss


def environment() -> dict[str, str]:
    """That of the caller, in which Python keeps what it has compiled, as it does for everybody."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def mock(folder: Path = ROOT, upstream: Server | None = None) -> Server:
    """The mock as a user starts it, from the project in `folder`; with an `upstream` its answers are written there."""
    behind = ["--upstream", f"{upstream.url}/v1", "--upstream-model", "scripted"] if upstream else []
    return Server(["-m", "helpers.mock", "--port", "0", *behind], folder)


def writer(chunks: int, folder: Path = ROOT) -> Server:
    """An upstream that answers everything with a stream of so many words."""
    from helpers.mock.transports.server import SETTINGS

    return Server([str(HERE / "writer.py"), json.dumps(SETTINGS), str(chunks)], folder)


def floor(size: int, chunks: int = 0, folder: Path = ROOT) -> Server:
    """The floor: a body of `size` bytes, or a stream of `chunks` chunks of that size, under the mock's settings."""
    from helpers.mock.transports.server import SETTINGS

    return Server([str(HERE / "floor.py"), json.dumps(SETTINGS), str(size), str(chunks)], folder)
