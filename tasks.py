"""The project's commands: `python3 tasks.py run`, `lab` or `test` (on Windows `py tasks.py run`).

Each needs nothing but Python and does the set-up itself: the first call makes `.venv` from requirements.txt, later
calls find it ready. The environment that happens to be active plays no part. This file uses the standard library
only, and syntax that older Pythons can read, so that they can say which Python is needed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

MINIMUM = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.txt"
LITELLM_VENV = ROOT / ".venv-litellm"
LITELLM_LOCK = ROOT / "tests" / "litellm" / "requirements.txt"

STAMP = "set-up.json"  # in each environment: what it was made from, and whether that was finished
FAILURE = "set-up-failed.txt"  # in an environment that could not be made: why
# The Python that a committed lesson names: the same for everybody, whichever of them runs it.
LESSONS_PYTHON = "{}.{}".format(*MINIMUM)
KERNEL_SETTINGS = f"""\
from ipykernel.ipkernel import IPythonKernel

c.IPKernelApp.log_level = 40
IPythonKernel.language_info = {{**IPythonKernel.language_info, "version": "{LESSONS_PYTHON}"}}
"""
DOT_SECONDS = 5  # between two dots that a long step of the set-up prints

# Settings of the caller's shell that would lead an environment's Python or pip elsewhere.
MISLEADING = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "__PYVENV_LAUNCHER__", "PIP_TARGET", "PIP_PREFIX")


class SetUpError(Exception):
    """The set-up cannot go on; the message is for the person at the keyboard."""


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
    return environment


def step(command: list[str], venv: Path) -> None:
    """Runs one step of the set-up from the project folder; its output is shown only when it fails.

    A dot every few seconds says that a long step is still at work.
    """
    with subprocess.Popen(
        command, cwd=ROOT, env=clean_environment(venv), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
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
    if process.returncode:
        said = output.decode("utf-8", "replace").strip()
        raise SetUpError(f"{said}\n\nThis step failed: {subprocess.list2cmdline(command)}")


def origin(lock: Path) -> dict[str, str]:
    """What decides whether an environment is still the right one. It cannot be moved: its scripts name its folder."""
    return {
        "state": "complete",
        "python": "{}.{}".format(*sys.version_info[:2]),
        "folder": str(ROOT),
        "lock": hashlib.sha256(lock.read_bytes()).hexdigest(),
    }


def read_stamp(venv: Path) -> dict[str, str]:
    """The stamp of an environment, empty when there is none or none that can be read."""
    try:
        return dict(json.loads((venv / STAMP).read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def can_be_updated(venv: Path, stamp: dict[str, str], wanted: dict[str, str]) -> bool:
    """Whether installing into this environment is enough: it is whole, in its place, and of the right Python."""
    if any(stamp.get(name, wanted[name]) != wanted[name] for name in ("state", "python", "folder")):
        return False
    probe = "import sys, pip; print('{}.{}'.format(*sys.version_info[:2]))"
    try:
        answer = subprocess.run(
            [str(python_of(venv)), "-I", "-c", probe], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return answer.stdout.decode().strip() == wanted["python"]


def remove(venv: Path) -> None:
    """Deletes an environment, unless this very Python runs from it."""
    if not venv.exists():
        return
    if Path(sys.prefix).resolve() == venv.resolve():
        raise SetUpError(f"{venv.name} has to be made again, which its own Python cannot do. Deactivate it and repeat.")
    shutil.rmtree(venv)


def set_up(venv: Path, lock: Path, wheelhouse: Path | None = None, editable: bool = False, size: str = "") -> Path:
    """Makes the environment `venv` hold what `lock` says, unless it does already, and returns its Python.

    `wheelhouse` is a folder of wheels to install from instead of the network; `editable` adds this project, so that
    `import helpers` works from every folder; `size` tells the reader how much there is to fetch. An interrupted set-up
    is started again; a changed lock is installed over the old one. Raises SetUpError.
    """
    wanted = origin(lock)
    stamp = read_stamp(venv)
    if stamp == wanted and python_of(venv).exists():
        return python_of(venv)

    start = time.monotonic()
    source = "the network" if wheelhouse is None else str(wheelhouse)
    print(f"Setting up {venv.name} from {source}: once, and it takes {size or 'a moment'} ...", flush=True)
    fresh = not can_be_updated(venv, stamp, wanted)
    if fresh:
        remove(venv)
        venv.mkdir()
    # From here until the end an interruption leaves this mark, and the next call starts afresh.
    (venv / STAMP).write_text(json.dumps({"state": "unfinished"}), "utf-8")
    if fresh:
        # The Python below, where this one is itself part of an environment: that may be deleted one day.
        base = getattr(sys, "_base_executable", None) or sys.executable
        step([base, "-m", "venv", str(venv)], venv)
    pip = [str(python_of(venv)), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    offline = [] if wheelhouse is None else ["--no-index", "--find-links", str(wheelhouse)]
    step([*pip, *offline, "-r", str(lock)], venv)
    if editable:
        step([*pip, "--no-index", "--no-deps", "--no-build-isolation", "-e", "."], venv)
        # matplotlib looks for the machine's fonts once and says so: here, and not in a reader's first figure.
        step([str(python_of(venv)), "-c", "import matplotlib.font_manager"], venv)
    write_settings(venv)
    (venv / STAMP).write_text(json.dumps(wanted, indent=1), "utf-8")
    print(f"{venv.name} is ready ({time.monotonic() - start:.0f} s).", flush=True)
    return python_of(venv)


def write_settings(venv: Path) -> None:
    """Settings that belong to this environment alone.

    No pop-up about news, and no notice at each start of a kernel. Printed text wraps between words, where JupyterLab's
    own style breaks it anywhere. The kernel says of its Python what the committed lessons say, so that JupyterLab does
    not change a lesson by opening it.
    """
    shared, own = venv / "share" / "jupyter" / "lab", venv / "etc" / "jupyter"
    style = own / "custom"
    news = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
    page = {"LabApp": {"custom_css": True}, "ServerApp": {"tornado_settings": {"static_custom_path": [str(style)]}}}
    files = {
        shared / "settings" / "overrides.json": json.dumps(news, indent=1),
        own / "jupyter_lab_config.json": json.dumps(page, indent=1),
        style / "custom.css": "body .jp-OutputArea-output pre { word-break: normal; overflow-wrap: anywhere; }\n",
        venv / "etc" / "ipython" / "ipython_kernel_config.py": KERNEL_SETTINGS,
    }
    for file, content in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")


def set_up_course(wheelhouse: Path | None) -> Path:
    """The environment of the lessons, the mock and the tests."""
    return set_up(VENV, LOCK, wheelhouse, editable=True, size="a few minutes")


def set_up_litellm(wheelhouse: Path | None) -> None:
    """The environment of the LiteLLM proxy, which one test starts. Without it that test is skipped, except on CI."""
    failure = LITELLM_VENV / FAILURE
    try:
        set_up(LITELLM_VENV, LITELLM_LOCK, wheelhouse, size="about a minute")
    except SetUpError as error:
        if os.environ.get("CI"):
            raise
        LITELLM_VENV.mkdir(exist_ok=True)
        failure.write_text(str(error), "utf-8")
        print(
            f"{LITELLM_VENV.name} could not be made (the reason is in {failure.relative_to(ROOT)}): "
            "the test against a LiteLLM proxy will be skipped.",
            flush=True,
        )
    else:
        failure.unlink(missing_ok=True)


def call(python: Path, *arguments: str) -> int:
    """Runs the environment's Python from the project folder and returns its exit code."""
    # Ctrl-C reaches the child as well; it is the child that answers it (JupyterLab asks, pytest sums up).
    with subprocess.Popen([str(python), *arguments], cwd=ROOT, env=clean_environment(VENV)) as process:
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        while True:
            try:
                code = process.wait()
            except KeyboardInterrupt:
                continue
            return code if code >= 0 else 128 - code  # ended by a signal: as a shell would report it


def command(name: str) -> Callable[[Path | None, list[str]], int]:
    """What the environment's Python runs from the folder `commands`."""

    def call_it(wheelhouse: Path | None, extra: list[str]) -> int:
        return call(set_up_course(wheelhouse), "-m", f"commands.{name}", *extra)

    return call_it


def lab(wheelhouse: Path | None, extra: list[str]) -> int:
    """Opens JupyterLab on the first lesson."""
    python = set_up_course(wheelhouse)
    lessons = sorted((ROOT / "notebooks").glob("*.ipynb"))
    page = f"/lab/tree/notebooks/{lessons[0].name}" if lessons else "/lab"
    return call(
        python,
        *("-m", "jupyterlab", "--ServerApp.ip=127.0.0.1"),
        *(f"--ServerApp.root_dir={ROOT}", f"--LabApp.default_url={page}"),
        *extra,
    )


def test(wheelhouse: Path | None, extra: list[str]) -> int:
    """Runs the test suite."""
    python = set_up_course(wheelhouse)
    set_up_litellm(wheelhouse)
    # Two files at a time. More workers make kernels collide over ports, and a notebook's cells need one worker.
    return call(python, "-m", "pytest", "-n", "2", "--dist", "loadfile", *extra)


def lock(_wheelhouse: Path | None, extra: list[str]) -> int:
    """Makes the locked files again from the declared ranges; `--upgrade` moves to the newest versions."""
    # An installer of its own that only this command uses: not part of everybody's environment.
    uv = shutil.which("uv", path=clean_environment(VENV)["PATH"])
    if uv is None:
        raise SetUpError("`tasks.py lock` needs uv: python -m pip install uv")
    common = [uv, "pip", "compile", "--quiet", "--universal", "--python-version", "{}.{}".format(*MINIMUM)]
    common += ["--custom-compile-command", "python tasks.py lock", *extra]
    step([*common, "--group", "dev", "pyproject.toml", "-o", "requirements.txt"], VENV)
    step([*common, "tests/litellm/requirements.in", "-o", "tests/litellm/requirements.txt"], VENV)
    return 0


COMMANDS = {
    "run": (command("run_all"), "execute every lesson on the mock and print a table"),
    "lab": (lab, "open JupyterLab on the first lesson"),
    "test": (test, "run the test suite; further arguments go to pytest"),
    "check": (command("check"), "look over a change in a minute: format, lint, types, spelling, imports, fast tests"),
    "refresh": (command("refresh"), "execute lessons and keep their outputs: all of them, or those named, as in 01 05"),
    "docs": (command("docs"), "make the pages and tables anew that are made from code, data and tests"),
    "bench": (command("bench"), "measure the mock's speed and print a table"),
    "handouts": (command("handouts"), "cut the editions and the slides from the lessons, into build/handouts"),
    "lock": (lock, "make requirements.txt again from pyproject.toml (needs uv)"),
}


def refuse_old_python(version: tuple[int, ...]) -> None:
    """Ends with a clear sentence when this Python is too old, naming a newer one if the machine has it."""
    if version >= MINIMUM:
        return
    sentence = "This needs Python {}.{} or later, and this is Python {}.{}.".format(*MINIMUM, *version[:2])
    newer = [f"python3.{minor}" for minor in range(14, MINIMUM[1] - 1, -1) if shutil.which(f"python3.{minor}")]
    if newer:
        arguments = " ".join(sys.argv[1:])
        sentence += f" Try: {newer[0]} tasks.py {arguments} (or: make {arguments} PYTHON={newer[0]})"
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
