"""The learner's environment: how long it takes from nothing, how long when its packages are in uv's cache, how large.

It is made by the commands' own set-up. Beside it stands what somebody would do without: an environment of Python's own
and `pip install` of the same lock.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from commands.setup import course, environment
from commands.setup.environment import Lock
from commands.setup.steps import SetUpError, base_python, clean_environment, python_of


@dataclass(frozen=True, slots=True)
class SetUps:
    """Seconds from nothing, from a filled cache, and by pip from nothing; and megabytes on the disk."""

    cold: float
    warm: float
    by_pip: float
    megabytes: float


def set_ups(lock: Lock = environment.LESSONS, wheelhouse: Path | None = None) -> SetUps:
    """Makes the environment three times. Raises SetUpError where its packages cannot be had."""
    with tempfile.TemporaryDirectory() as there, _cache(Path(there, "cache")):
        cold, warm, other = (Path(there, name) for name in ("cold", "warm", "other"))
        from_nothing, from_cache = _made(cold, lock, wheelhouse), _made(warm, lock, wheelhouse)
        return SetUps(from_nothing, from_cache, _by_pip(other, lock, wheelhouse), _size(cold))


@contextmanager
def _cache(folder: Path) -> Iterator[None]:
    """An empty cache for uv."""
    before = os.environ.get("UV_CACHE_DIR")
    os.environ["UV_CACHE_DIR"] = str(folder)
    try:
        yield
    finally:
        del os.environ["UV_CACHE_DIR"]
        if before is not None:
            os.environ["UV_CACHE_DIR"] = before


def _made(venv: Path, lock: Lock, wheelhouse: Path | None) -> float:
    start = time.perf_counter()
    with redirect_stdout(StringIO()):
        environment.set_up(venv, [lock], wheelhouse, course.write_settings)
    return time.perf_counter() - start


def _by_pip(venv: Path, lock: Lock, wheelhouse: Path | None) -> float:
    start = time.perf_counter()
    command = [str(python_of(venv)), "-m", "pip", "install", "--quiet", "--no-cache-dir", "--disable-pip-version-check"]
    if wheelhouse is not None:
        command += ["--no-index", "--find-links", str(wheelhouse)]
    for step in ([base_python(), "-m", "venv", str(venv)], [*command, "--requirement", str(lock.file)]):
        done = subprocess.run(step, env=clean_environment(venv), capture_output=True, text=True, check=False)
        if done.returncode:
            raise SetUpError(done.stderr.strip())
    return time.perf_counter() - start


def _size(venv: Path) -> float:
    """Megabytes of its files, each counted once."""
    kept = {(status.st_dev, status.st_ino): status.st_size for status in map(Path.lstat, venv.rglob("*"))}
    return sum(kept.values()) / 10**6
