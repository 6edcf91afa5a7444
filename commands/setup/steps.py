"""The steps of a set-up: programs that run quietly, in an environment that nothing of the caller's misleads."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from .places import HOME, HOME_VARIABLE, ROOT

DOT_SECONDS = 5  # between two dots that a long step prints

# Settings of the caller's shell that would lead an environment's Python, pip or uv elsewhere, or have it compile
# everything at each start: packages are installed as they are, and compiled when they are first imported.
MISLEADING = (
    *("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "__PYVENV_LAUNCHER__", "PYTHONDONTWRITEBYTECODE"),
    *("PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "UV_TARGET", "UV_PREFIX", "UV_SYSTEM_PYTHON"),
)


class SetUpError(Exception):
    """The set-up cannot go on; the message is for the person at the keyboard."""


def base_python() -> str:
    """The Python below, where this one is itself part of an environment: that may be deleted one day."""
    return getattr(sys, "_base_executable", None) or sys.executable


def python_of(venv: Path) -> Path:
    """The interpreter of a virtual environment, on this platform."""
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def clean_environment(venv: Path) -> dict[str, str]:
    """The caller's environment variables without those that mislead Python, and with `venv` active."""
    environment = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    environment.update(
        PATH=str(python_of(venv).parent) + os.pathsep + environment.get("PATH", ""),
        VIRTUAL_ENV=str(venv),
        PIP_USER="0",
        JUPYTER_PREFER_ENV_PATH="1",  # this environment's kernel, not one of the same name in the home folder
        PYTHONUTF8="1",
    )
    if HOME_VARIABLE in environment:
        environment[HOME_VARIABLE] = str(HOME)  # what was said in another folder
    return environment


def step(command: list[str], venv: Path, variables: Mapping[str, str] | None = None) -> str:
    """Runs one step of the set-up from the project folder and returns what it said; SetUpError when it fails.

    A dot every few seconds says that a long step is still at work.
    """
    environment = {**clean_environment(venv), **(variables or {})}
    with subprocess.Popen(
        command, cwd=str(ROOT), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        dots = 0
        while True:
            try:
                output, _ = process.communicate(timeout=DOT_SECONDS)
                break
            except subprocess.TimeoutExpired:
                dots += 1
                print(".", end="", flush=True)
            except BaseException:
                process.kill()
                raise
    if dots:
        print(flush=True)
    said = output.decode("utf-8", "replace").strip()
    if process.returncode:
        raise SetUpError(f"{said}\n\nThis step failed: {subprocess.list2cmdline(command)}")
    return said
