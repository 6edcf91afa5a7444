"""Environments: made once from the locks, found ready by every later call, made again where they cannot be used."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from . import installers, machine
from .places import HOME, HOME_VARIABLE, ROOT
from .steps import SetUpError, base_python, python_of, step
from .turns import my_turn

STAMP = "set-up.json"  # in each environment: what it was made from, and whether that was finished


class Lock(NamedTuple):
    """A file of exact versions with their hashes, and what it takes on the disk, in megabytes."""

    file: Path
    megabytes: int


LESSONS = Lock(ROOT / "requirements.txt", 480)  # what the lessons and the mock need
TESTS = Lock(ROOT / "requirements-dev.txt", 650)  # what the tests and the checks add


class Beside(NamedTuple):
    """An environment beside that of the lessons, for a program that brings many packages of its own."""

    name: str
    lock: Lock
    tests: str  # those that are skipped without it
    locked_with: Sequence[str] = ()  # what uv is told when the lock is made
    on_demand: bool = False  # whether its tests, which are slow, make it themselves

    @property
    def venv(self) -> Path:
        return HOME / f".venv-{self.name}"


LITELLM = Beside(
    "litellm",
    Lock(ROOT / "tests" / "litellm" / "requirements.txt", 400),
    "the tests against a LiteLLM proxy",
    on_demand=True,
)
SMOLLM = Beside(
    "smollm", Lock(ROOT / "tests" / "smollm" / "requirements.txt", 210), "the tests on a real model", ["--no-deps"]
)
SITE = Beside("site", Lock(ROOT / "commands" / "site" / "requirements.txt", 180), "the tests of the site")
# JupyterHub and the packages of the lessons, since those who sign in work in it.
HUB = Beside("hub", Lock(ROOT / "rooms" / "jupyterhub" / "hub.txt", 90), "the tests of JupyterHub", on_demand=True)
BESIDE = (LITELLM, SMOLLM, SITE, HUB)


def origin() -> dict[str, str]:
    """What an environment belongs to. It cannot be moved, since its scripts name its folder, nor the checkout be."""
    return {"python": "{}.{}".format(*sys.version_info[:2]), "checkout": str(ROOT)}


def digest(lock: Lock) -> str:
    return hashlib.sha256(lock.file.read_bytes()).hexdigest()


def read_stamp(venv: Path) -> dict[str, Any]:
    """The stamp of an environment, empty when there is none or none that can be read."""
    try:
        return dict(json.loads((venv / STAMP).read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def write_stamp(venv: Path, stamp: dict[str, Any]) -> None:
    (venv / STAMP).write_text(json.dumps(stamp, indent=1), "utf-8")


def is_whole(venv: Path) -> bool:
    """Whether an environment was finished, in this place, for this checkout and this Python, which is still there."""
    stamp = read_stamp(venv)
    wanted = {"state": "complete", "folder": str(venv), **origin()}
    return all(stamp.get(name) == value for name, value in wanted.items()) and python_of(venv).exists()


def missing(venv: Path, locks: Sequence[Lock]) -> list[Lock]:
    """Those of the locks that the environment was not made from, or not from what they say now."""
    installed = read_stamp(venv).get("locks", {}) if is_whole(venv) else {}
    return [lock for lock in locks if installed.get(lock.file.name) != digest(lock)]


def set_up(
    venv: Path,
    locks: Sequence[Lock],
    wheelhouse: Path | None = None,
    finish: Callable[[Path], None] = lambda _: None,
) -> Path:
    """Makes the environment `venv` hold what `locks` say, unless it does already, and returns its Python.

    `wheelhouse` is a folder of wheels to install from instead of the network; `finish` is what remains to be done with
    an environment that has its packages. Raises SetUpError.
    """
    if not missing(venv, locks):
        return python_of(venv)
    refusal = machine.refusal(machine.facts())
    if refusal:
        raise SetUpError(refusal)
    try:
        venv.parent.mkdir(parents=True, exist_ok=True)
        with my_turn(venv.with_name(venv.name + ".lock"), f"Another set-up of {venv.name} is at work: waiting for it."):
            if missing(venv, locks):  # the one that was waited for may have done it
                _make(venv, locks, wheelhouse, finish)
    except OSError as error:
        raise SetUpError(f"{venv} cannot be made: {error.strerror or error}.\n{elsewhere()}") from None
    return python_of(venv)


def elsewhere() -> str:
    """How to put what is made into another folder."""
    if os.name == "nt":
        return f"Name another folder for it, and repeat: set {HOME_VARIABLE}=%USERPROFILE%\\course"
    return f"Name another folder for it, and repeat: export {HOME_VARIABLE}=~/course"


def _make(venv: Path, locks: Sequence[Lock], wheelhouse: Path | None, finish: Callable[[Path], None]) -> None:
    start = time.monotonic()
    fresh = not (is_whole(venv) and _answers(python_of(venv)))
    kept = {} if fresh else read_stamp(venv)["locks"]
    lacking = missing(venv, locks)
    megabytes = sum(lock.megabytes for lock in lacking)
    if fresh:
        _remove(venv)
    full = machine.too_full(venv, megabytes)
    if full:
        raise SetUpError(f"{full}\n{elsewhere()}")
    source = "the network" if wheelhouse is None else str(wheelhouse)
    names = " and ".join(lock.file.name for lock in lacking)
    print(f"Setting up {venv.name} from {source} ({names}): once, and it takes {megabytes} MB ...", flush=True)
    if fresh:
        venv.mkdir()
    # From here until the end an interruption leaves this mark, and the next call starts afresh.
    write_stamp(venv, {"state": "unfinished"})
    if fresh:
        step([base_python(), "-m", "venv", "--without-pip", str(venv)], venv)
    # All of them, for the hashes of what one asks for may stand in the other.
    installers.install(venv, [lock.file for lock in locks], wheelhouse, megabytes)
    finish(venv)
    done = {**kept, **{lock.file.name: digest(lock) for lock in locks}}
    write_stamp(venv, {"state": "complete", "folder": str(venv), **origin(), "locks": done})
    print(f"{venv.name} is ready ({time.monotonic() - start:.0f} s).", flush=True)


def _answers(python: Path) -> bool:
    """Whether an environment's Python runs and is of this version: that of the system may have been replaced."""
    probe = "import sys; print('{}.{}'.format(*sys.version_info[:2]))"
    try:
        answer = subprocess.run(
            [str(python), "-I", "-c", probe], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return answer.stdout.decode().strip() == origin()["python"]


def _remove(venv: Path) -> None:
    """Deletes an environment, unless this very Python runs from it."""
    if not venv.exists():
        return
    if Path(sys.prefix).resolve() == venv.resolve():
        raise SetUpError(f"{venv.name} has to be made again, which its own Python cannot do. Deactivate it and repeat.")
    shutil.rmtree(venv)
