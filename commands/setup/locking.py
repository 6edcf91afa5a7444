"""`tasks.py lock`: the locks, made again from the declared ranges.

What has no wheel for one of the machines and Pythons of `machine` is locked in an older version for that one
(`required-environments` in pyproject.toml). Nothing is written unless everything then has one everywhere.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import machine
from .environment import BESIDE, LESSONS, TESTS
from .installers import UV_LOCK, find_uv, uv_variables
from .places import ROOT, VENV
from .steps import SetUpError, step

_EVERYWHERE = "# Each has a wheel for Python {} on {}.\n"
_MADE = "# Made by `python3 tasks.py lock`. The sha256 of what follows: {}\n"


def lock(more: list[str]) -> None:
    """Makes all locks again. `more` goes to uv: `--upgrade` moves to the newest versions. Raises SetUpError."""
    uv = find_uv(VENV)
    if uv is None:
        raise SetUpError("This needs uv, and it could not be fetched: python -m pip install uv")
    variables = uv_variables("")  # a lock is the same whoever makes it

    def compile_to(output: Path, preferred: str, *words: str) -> str:
        """Resolve; as far as the ranges allow to the versions of the text `preferred`."""
        output.write_text(preferred, "utf-8")
        command = [uv, "pip", "compile", "--quiet", "--universal", "--no-header", "--generate-hashes"]
        command += ["--only-binary", ":all:", "--python-version", "{}.{}".format(*machine.OLDEST)]
        step([*command, "--output-file", str(output), *words], VENV, variables)
        return output.read_text("utf-8")

    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        files = (LESSONS.file, TESTS.file, UV_LOCK, *(one.lock.file for one in BESIDE))
        before = {file: _read(file) for file in files}
        whole = compile_to(
            here / "whole.txt", before[LESSONS.file] + before[TESTS.file], *more, "--group", "dev", "pyproject.toml"
        )
        # The versions of the whole, which the tests may hold back; that it was so is not told.
        lessons = compile_to(here / "lessons.txt", "", "--constraints", str(here / "whole.txt"), "pyproject.toml")
        lessons = re.sub(r"^ +# +-c .*\n", "", lessons, flags=re.M)
        (here / "lessons.txt").write_text(lessons, "utf-8")
        tests = without(whole, lessons)
        (here / "tests.txt").write_text(tests, "utf-8")
        installer = compile_to(here / "uv.txt", before[UV_LOCK], *more, "--group", "uv")
        # Not for all machines: without them a test is skipped.
        beside = {}
        for one in BESIDE:
            file = one.lock.file
            ranges = str(file.with_suffix(".in").relative_to(ROOT))
            words = ["--no-config", *one.locked_with, ranges]
            beside[file] = compile_to(here / "one.txt", before[file], *more, *words)
        print("Every machine and Python is tried now ...", flush=True)
        for gap in gaps(uv, [here / f"{name}.txt" for name in ("lessons", "tests", "uv")]):
            raise SetUpError(gap)
        for file, text in ((LESSONS.file, lessons), (TESTS.file, tests), (UV_LOCK, installer)):
            file.write_text(head(text, everywhere=True) + text, "utf-8")
    for file, text in beside.items():
        file.write_text(head(text, everywhere=False) + text, "utf-8")


def gaps(uv: str, locks: list[Path]) -> Iterator[str]:
    """For each machine and Python without a wheel of everything, what uv says of it. It asks the package index."""
    for there in machine.MACHINES:
        for minor in range(there.oldest[1], machine.NEWEST[1] + 1):
            command = [uv, "pip", "compile", "--quiet", "--no-deps", "--only-binary", ":all:"]
            command += ["--python-platform", there.target, "--python-version", f"3.{minor}", *map(str, locks)]
            try:
                step(command, VENV, uv_variables(""))
            except SetUpError as error:
                yield f"{there.name}, Python 3.{minor}: {error}"


def _read(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""


def blocks(text: str) -> dict[str, str]:
    """The parts of a lock, by the line that names package, version and marker; its hashes and reasons follow there."""
    return {part.partition("\n")[0]: part for part in re.split(r"^(?=[\w])", text, flags=re.M)[1:]}


def without(whole: str, part: str) -> str:
    """A lock without what another one says in the same words."""
    known = blocks(part)
    return "".join(block for line, block in blocks(whole).items() if line not in known)


def head(text: str, everywhere: bool) -> str:
    """The first lines of a lock: what made it, as it still is, and where it can be installed."""
    made = _MADE.format(hashlib.sha256(text.encode()).hexdigest())
    pythons = "{}.{} to {}.{}".format(*machine.OLDEST, *machine.NEWEST)
    return made + (_EVERYWHERE.format(pythons, ", ".join(machine.names())) if everywhere else "")
