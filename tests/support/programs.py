"""Small programs that run in a process of their own, forked from one that has imported what they import.

Half a second of processor time for each of a hundred programs is what their imports cost. Such a program is alone all
the same: it has its folder, its variables and its streams, and ends as an interpreter does. That a program needs no
such help is to be shown elsewhere: where it matters, an interpreter of its own runs it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.ending import WITH_US

_FORKING = """
import gc, importlib, json, os, signal, sys, tempfile

for _name in sys.argv[1:]:
    importlib.import_module(_name)
gc.freeze()

def _asked():
    for line in sys.stdin:
        code, folder, variables = json.loads(line)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = os.fork()
            if not child:
                signal.alarm(60)
                for file, stream in ((open(os.devnull), 0), (out, 1), (err, 2)):
                    os.dup2(file.fileno(), stream)
                os.chdir(folder)
                os.environ.clear()
                os.environ.update(variables)
                sys.argv = ["-c"]
                return code
            _, status = os.waitpid(child, 0)
            said = [file.seek(0) or file.read().decode("utf-8") for file in (out, err)]
        print(json.dumps([os.waitstatus_to_exitcode(status), *said]), flush=True)

_code = _asked()
if _code is not None:
    exec(compile(_code, "<string>", "exec"))
"""


class Programs:
    """Runs code as `python -c` does, after `modules` were imported; `variables` are those of that import."""

    def __init__(self, python: Path | str, modules: tuple[str, ...], variables: Mapping[str, str]) -> None:
        self._python = str(python)
        self._process = None
        if hasattr(os, "fork"):
            command, pipe = [self._python, "-c", _FORKING, *modules], subprocess.PIPE
            how = {"stdin": pipe, "stdout": pipe, "encoding": "utf-8", **WITH_US}
            self._process = subprocess.Popen(command, env={**variables, "PYTHONUTF8": "1"}, **how)

    def run(self, code: str, folder: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """What came of it in that folder, with those environment variables and no others; -14 after a minute."""
        if not self._process:
            how = {"capture_output": True, "encoding": "utf-8", "timeout": 60}
            return subprocess.run([self._python, "-c", code], cwd=folder, env=dict(variables), **how)
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([code, str(folder), dict(variables)]) + "\n")
        self._process.stdin.flush()
        return subprocess.CompletedProcess(code, *json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        if self._process:
            self._process.communicate()


@contextmanager
def programs(*modules: str, python: Path | str = sys.executable, **variables: str) -> Iterator[Programs]:
    """Programs for a fixture, imported with the variables of this process, or with those that are given."""
    started = Programs(python, modules, variables or os.environ)
    try:
        yield started
    finally:
        started.close()
