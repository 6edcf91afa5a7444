"""The mock, or the course, as its users have it: a wheel, installed where there is nothing but what it declares.

The environment is empty and offline. Its packages are links into the one that runs the tests, exactly those that the
wheel's own metadata ask for and what these ask for in turn; so a dependency that is used and not declared is missing
there, as it would be at a user's. Nothing of this repository can be found from it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.places import ROOT

FOLDER = ROOT / "helpers" / "mock"
TESTS = ("pytest", "pytest-asyncio", "pytest-xdist")
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet")


def build_wheel(folder: Path, project: Path = FOLDER) -> Path:
    """Build the wheel of the mock, or of another project, into `folder`, by the command that the manual names, without
    the network."""
    options = ("--no-deps", "--no-index", "--no-build-isolation")
    _run(*_PIP, "wheel", *options, "--wheel-dir", str(folder), str(project))
    (wheel,) = folder.glob("*.whl")
    return wheel


class Environment:
    """An environment of Python in `folder` with the wheel, what it declares, and the distributions named `more`."""

    def __init__(self, folder: Path, wheel: Path, more: Iterable[str] = ()) -> None:
        self.folder = folder
        _run(sys.executable, "-m", "venv", "--without-pip", str(folder))
        self._scripts = folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = self._scripts / "python"
        _run(*_PIP, "--python", str(self.python), "install", "--no-deps", "--no-index", "--no-compile", str(wheel))
        self._packages = Path(self.output("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        (installed,) = (Distribution.at(path) for path in self._packages.glob("*.dist-info"))
        self.distributions = _closure([installed, *map(distribution, more)])
        for each in self.distributions.values():
            if each is not installed:
                self._link(each)

    def _link(self, found: Distribution) -> None:
        tops = {file.parts[0] for file in found.files or () if file.parts[0] not in ("..", "__pycache__")}
        for top in tops:
            target = Path(str(found.locate_file(top)))
            if target.exists() and not (self._packages / top).exists():
                try:
                    (self._packages / top).symlink_to(target, target.is_dir())
                except OSError as error:  # Windows without developer mode
                    pytest.skip(f"this machine makes no links: {error}")

    def run(self, *arguments: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run its Python in `cwd` (its own folder), with as little as possible of this process's environment."""
        return subprocess.run(
            [str(self.python), *arguments],
            cwd=cwd or self.folder,
            env=self.variables(**variables),
            capture_output=True,
            text=True,
            timeout=240,
        )

    def variables(self, **more: str) -> dict[str, str]:
        """The environment variables of its processes: nothing of this project, its scripts first on the path."""
        kept = ("SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "HOME", "LANG", "LD_LIBRARY_PATH")
        path = os.pathsep.join([str(self._scripts), os.environ.get("PATH", "")])
        given = {name: os.environ[name] for name in kept if name in os.environ}
        return {**given, "PATH": path, **more}

    def output(self, *arguments: str, cwd: Path | None = None) -> str:
        """What its Python prints; AssertionError with everything that was said when it fails."""
        done = self.run(*arguments, cwd=cwd)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def _closure(roots: Iterable[Distribution]) -> dict[str, Distribution]:
    """The distributions and whatever they need, by canonical name."""
    found: dict[str, Distribution] = {}
    asked: set[tuple[str, frozenset[str]]] = set()
    waiting: list[tuple[Distribution, frozenset[str]]] = [(root, frozenset()) for root in roots]
    while waiting:
        current, extras = waiting.pop()
        name = canonicalize_name(current.metadata["Name"])
        if (name, extras) in asked:
            continue
        asked.add((name, extras))
        found[name] = current
        waiting += [(distribution(needed.name), frozenset(needed.extras)) for needed in _needed(current, extras)]
    return found


def _needed(current: Distribution, extras: Iterable[str]) -> Iterator[Requirement]:
    for text in current.requires or ():
        needed = Requirement(text)
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield needed


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, re.sub(r"\n{2,}", "\n", done.stdout + done.stderr)
