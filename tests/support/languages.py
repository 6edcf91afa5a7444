"""Runs the twins of calls: curl commands in a shell, Python in this process, JavaScript in one Node.js for many."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import chdir, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pytest

PROGRAMS = {"curl": ("bash", "curl"), "python": (), "javascript": ("node",)}
# Imports the modules one by one and tells the status of the answer and what was printed.
DRIVER = """
const write = process.stdout.write, request = globalThis.fetch, told = [];
let status, printed;
globalThis.fetch = async (...given) => {
  const response = await request(...given);
  status = response.status;
  return response;
};
for (const file of process.argv.slice(2)) {
  [status, printed] = [0, ""];
  process.stdout.write = (text) => Boolean((printed += text));
  await import(file).catch((error) => (printed += error.stack));
  told.push([status, printed]);
}
process.stdout.write = write;
console.log(JSON.stringify(told));
"""


class Ran(NamedTuple):
    """What a twin did: the status it was answered, 0 without an answer, and what it printed."""

    status: int
    printed: str


def require(language: str) -> None:
    """Skips the test where the language's programs are missing, and fails it where there is no excuse: in CI."""
    missing = [program for program in PROGRAMS[language] if not shutil.which(program)]
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"there is no {' and no '.join(missing)} here")


def run(
    language: str, twins: Sequence[str], environment: Mapping[str, str], cwd: Path, folder: Path, shell: str = "bash"
) -> list[Ran]:
    """Runs twins of one language in the folder `cwd`; `folder` is for files that are needed for it."""
    require(language)
    if language == "curl":
        return [_curl(twin, environment, cwd, shell) for twin in twins]
    if language == "python":
        return [_python(twin, environment, cwd) for twin in twins]
    return _javascript(twins, environment, cwd, folder)


def _curl(twin: str, environment: Mapping[str, str], cwd: Path, shell: str) -> Ran:
    lines = twin.splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if line.startswith("curl "))
    lines[first] = r"curl --silent --show-error --write-out '\n%{http_code}' " + lines[first].removeprefix("curl ")
    told = _output([shell, "-ec", "".join(lines)], environment, cwd)
    printed, _, status = told.rpartition("\n")
    return Ran(int(status), printed)


def _python(twin: str, environment: Mapping[str, str], cwd: Path) -> Ran:
    names, printed = {"__name__": "__main__"}, io.StringIO()
    with mock.patch.dict(os.environ, environment, clear=True), chdir(cwd), redirect_stdout(printed):
        exec(compile(twin, "twin.py", "exec"), names)
    return Ran(names["response"].status_code, printed.getvalue())  # pyright: ignore[reportAttributeAccessIssue]


def _javascript(twins: Sequence[str], environment: Mapping[str, str], cwd: Path, folder: Path) -> list[Ran]:
    driver = folder / "driver.mjs"
    driver.write_text(DRIVER, "utf-8")
    modules = [folder / f"twin-{number}.mjs" for number in range(len(twins))]
    for module, twin in zip(modules, twins, strict=True):
        module.write_text(twin, "utf-8")
    told = _output(["node", str(driver), *(module.as_uri() for module in modules)], environment, cwd)
    return [Ran(*answer) for answer in json.loads(told)]


def _output(command: Sequence[str], environment: Mapping[str, str], cwd: Path) -> str:
    done = subprocess.run(command, env=environment, cwd=cwd, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def start(language: str, twin: str, folder: Path) -> subprocess.Popen[bytes]:
    """A twin as a process of its own whose output can be read while it runs."""
    require(language)
    command = {"curl": ["bash", "-e"], "python": [sys.executable], "javascript": ["node"]}[language]
    file = folder / {"curl": "call.sh", "python": "call.py", "javascript": "call.mjs"}[language]
    file.write_text(twin, "utf-8")
    return subprocess.Popen([*command, str(file)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
