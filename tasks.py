"""The project's commands: `python3 tasks.py run`, `lab` or `test` (on Windows `py tasks.py run`).

Each needs nothing but Python and does the set-up itself: the first call makes `.venv` from the locks, later calls find
it ready. The environment that happens to be active plays no part. This file and what it imports use the standard
library only, and syntax that older Pythons can read, so that they can say which Python is needed.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from commands.setup import locking
from commands.setup.course import folder_to_work_in, set_up_beside, set_up_course, set_up_hub
from commands.setup.environment import SITE, set_up
from commands.setup.machine import OLDEST, other_python
from commands.setup.places import ROOT
from commands.setup.steps import SetUpError, clean_environment


def call(python: Path, *arguments: str) -> int:
    """Runs the environment's Python from the project folder and returns its exit code."""
    # Ctrl-C reaches the child as well; it is the child that answers it (JupyterLab asks, pytest sums up).
    environment = clean_environment(python.parent.parent)
    with subprocess.Popen([str(python), *arguments], cwd=ROOT, env=environment) as process:
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        while True:
            try:
                code = process.wait()
            except KeyboardInterrupt:
                continue
            return code if code >= 0 else 128 - code  # ended by a signal: as a shell would report it


def command(name: str, tests: bool = False) -> Callable[[Path | None, list[str]], int]:
    """What the environment's Python runs from the folder `commands`; with `tests` it needs what these need."""

    def call_it(wheelhouse: Path | None, extra: list[str]) -> int:
        return call(set_up_course(wheelhouse, tests), "-m", "commands", name, *extra)

    return call_it


def lab(wheelhouse: Path | None, extra: list[str]) -> int:
    """Opens JupyterLab on the first lesson."""
    python = set_up_course(wheelhouse)
    folder = folder_to_work_in()
    lessons = sorted((folder / "notebooks").glob("*.ipynb"))
    page = f"/lab/tree/notebooks/{lessons[0].name}" if lessons else "/lab"
    return call(
        python,
        *("-m", "jupyterlab", "--ServerApp.ip=127.0.0.1"),
        *(f"--ServerApp.root_dir={folder}", f"--LabApp.default_url={page}"),
        *extra,
    )


def site(wheelhouse: Path | None, extra: list[str]) -> int:
    """Builds the site, in an environment of its own."""
    return call(set_up(SITE.venv, [SITE.lock], wheelhouse), "-m", "commands", "site", *extra)


def hub(wheelhouse: Path | None, extra: list[str]) -> int:
    """Starts JupyterHub for a class, in an environment of its own."""
    config = ROOT / "rooms" / "jupyterhub" / "jupyterhub_config.py"
    return call(set_up_hub(wheelhouse), "-m", "jupyterhub", "--config", str(config), *extra)


def test(wheelhouse: Path | None, extra: list[str]) -> int:
    """Runs the test suite."""
    python = set_up_course(wheelhouse, tests=True)
    set_up_beside(wheelhouse)
    # One more than a small machine has processors: while a test waits for a page or a process, another one works.
    # Which tests stay together is in tests/support/order.py.
    return call(python, "-m", "pytest", "-n", "3", *extra)


def lock(_wheelhouse: Path | None, extra: list[str]) -> int:
    """Makes the locks again from the declared ranges."""
    locking.lock(extra)
    return 0


COMMANDS = {
    "run": (command("run_all"), "execute every lesson on the mock and print a table"),
    "lab": (lab, "open JupyterLab on the first lesson"),
    "test": (test, "run the test suite; further arguments go to pytest"),
    "check": (
        command("check", tests=True),
        "look over a change in a minute: format, lint, types, spelling, imports, fast tests",
    ),
    "refresh": (
        command("refresh", tests=True),
        "execute lessons and keep their outputs: all of them, or those named, as in 01 05",
    ),
    "docs": (command("docs", tests=True), "make the pages and tables anew that are made from code, data and tests"),
    "bench": (command("bench", tests=True), "measure the mock's speed and print a table"),
    "handouts": (command("handouts"), "cut the editions and the slides from the lessons, into build/handouts"),
    "site": (site, "build the site, into build/site: the lessons as pages, the recipes, the manual"),
    "hub": (hub, "start JupyterHub for a class: rooms/README.md says how"),
    "lock": (lock, "make the locks again from pyproject.toml; --upgrade moves to the newest versions"),
}


def refuse_old_python(version: tuple[int, ...]) -> None:
    """Ends with a clear sentence when this Python is too old, naming a newer one if the machine has it."""
    if version >= OLDEST:
        return
    sentence = "This needs Python {}.{} or later, and this is Python {}.{}.".format(*OLDEST, *version[:2])
    newer = other_python()
    if newer:
        arguments = " ".join(sys.argv[1:])
        sentence += f" Try: {newer} tasks.py {arguments} (or: make {arguments} PYTHON={newer})"
    else:
        sentence += " Install a newer one from python.org, or see environment.yml for conda."
    sys.exit(sentence)


def parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """The command and its options, and the arguments that are meant for the program behind the command."""
    parser = argparse.ArgumentParser(prog="tasks.py", description=(__doc__ or "").split("\n\n")[0], allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (_, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
        if name != "lock":
            command.add_argument(
                "--wheelhouse", type=Path, metavar="DIR", help="install from this folder of wheels, not the network"
            )
    return parser.parse_known_args(arguments)


def main(arguments: list[str]) -> int:
    refuse_old_python(tuple(sys.version_info[:3]))
    options, extra = parse(arguments)
    wheelhouse = getattr(options, "wheelhouse", None)
    if wheelhouse is not None:
        wheelhouse = wheelhouse.resolve()
        if not wheelhouse.is_dir():
            print(f"There is no folder {wheelhouse}.", file=sys.stderr)
            return 2
    try:
        return COMMANDS[options.command][0](wheelhouse, extra)
    except SetUpError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
