"""`tasks.py` and the commands: what the README says about them, and what each hands on."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import commands.__main__
import tasks
from commands import run_all
from tests.support.imports import imported_modules
from tests.support.places import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
README = (ROOT / "README.md").read_text("utf-8")
SETUP = ROOT / "commands" / "setup"
STANDARD_ONLY = [ROOT / "tasks.py", ROOT / "commands" / "__init__.py", *sorted(SETUP.glob("*.py"))]


def test_the_commands_of_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = dict(re.findall(r"^(\w+): ; @\$\(PYTHON\) tasks\.py (\w+) \$\(ARGS\)$", makefile, re.M))
    assert targets == {name: name for name in tasks.COMMANDS if name != "lock"}
    assert set(re.findall(r"\w+", re.findall(r"^\.PHONY: (.*)$", makefile, re.M)[0])) == set(targets)
    assert "PYTHON ?= python3" in makefile
    first_screen = "\n".join(README.splitlines()[:36])
    for command in targets:
        assert f"make {command}" in first_screen
        assert f"py tasks.py {command}" in first_screen
    assert set(re.findall(r"(?:`|^)make (\w+)", README, re.M)) == set(targets)
    assert set(re.findall(r"tasks\.py (\w+)", README)) <= set(tasks.COMMANDS)


def test_ci_installs_what_is_missing_beyond_python_and_calls_the_test_command_of_the_readme():
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    code = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert code[1] == 'cd "$(dirname "${BASH_SOURCE[0]}")/.."'
    assert 'CI="${CI:-true}"' in code[2], "without a browser or node the tests fail there, and are not skipped"
    assert code[-1] == "exec make test"
    assert re.search(r"^make test\b", README, re.M)
    assert not re.search(r"\b(pip|pytest|python3?)\b", "\n".join(code)), (
        "what Python needs, the command itself installs"
    )
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111 or sys.platform == "win32"


@pytest.mark.parametrize("relative", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_a_link_of_the_readme_leads_somewhere(relative: str):
    assert (ROOT / relative).exists()


@pytest.mark.parametrize("relative", re.findall(r"^\| `([\w./]+)`", README.partition("## What is where")[2], re.M))
def test_a_path_of_the_readme_exists_or_is_made_by_a_command(relative: str):
    assert relative == "build/" or (ROOT / relative).exists()


def test_the_readme_lists_the_lessons_in_their_order():
    linked = re.findall(r"^\| \[(\d\d) [^]]+\]\(notebooks/([\w-]+\.ipynb)\)", README, re.M)
    assert [name for _, name in linked] == sorted(file.name for file in (ROOT / "notebooks").glob("*.ipynb"))
    assert all(name.startswith(f"{number}-") for number, name in linked)


def test_the_readme_names_the_variables_that_connect_reads():
    source = (ROOT / "helpers" / "endpoint.py").read_text("utf-8")
    variables = set(re.findall(r"`(AZURE(?:AI)?_\w+)`", README))
    assert {"AZURE_INFERENCE_ENDPOINT", "AZURE_INFERENCE_CREDENTIAL", "AZUREAI_ENDPOINT_KEY"} <= variables
    assert {name for name in variables if name not in source} == set()
    assert all(name.startswith(run_all.ENDPOINT_PREFIXES) for name in variables)


def test_the_mock_has_the_options_that_the_readme_names():
    (line,) = re.findall(r"^\S+ (-m helpers\.mock .*)$", README, re.M)
    command = [sys.executable, "-m", "helpers.mock", "--help"]
    manual = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    for option in re.findall(r"--\w+", line + " --host"):
        assert option in manual


def test_the_licence_is_the_declared_one():
    ours, theirs = (ROOT / file for file in PYPROJECT["project"]["license-files"])
    assert PYPROJECT["project"]["license"] == "MIT AND Apache-2.0"
    assert ours.read_text("utf-8").startswith("MIT License\n")
    assert "Apache License" in theirs.read_text("utf-8")


@pytest.mark.parametrize("file", STANDARD_ONLY, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_an_old_python_can_read_what_makes_the_set_up_which_needs_the_standard_library_only(file: Path):
    source = file.read_text("utf-8")
    ast.parse(source, feature_version=(3, 8))
    names = {name.partition(".")[0] for name in imported_modules(source, str(file))}
    assert names <= sys.stdlib_module_names | {"commands"}


def test_an_old_python_is_told_which_one_is_needed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or later, and this is Python 3\.9"):
        tasks.main(["run"])


def test_arguments_of_the_test_command_reach_pytest_in_their_order(tmp_path: Path):
    line = f"test -k 'not slow' -x --wheelhouse {shlex.quote(str(tmp_path))} tests/commands/test_setup.py --durations=3"
    options, extra = tasks.parse(shlex.split(line))
    assert options.wheelhouse == tmp_path
    assert extra == ["-k", "not slow", "-x", "tests/commands/test_setup.py", "--durations=3"]


def test_a_wheelhouse_that_does_not_exist_is_an_error(capsys: pytest.CaptureFixture[str]):
    assert tasks.main(["run", "--wheelhouse", "no such folder"]) == 2
    assert "no such folder" in capsys.readouterr().err


def test_lab_listens_on_this_machine_only_and_opens_the_first_lesson(monkeypatch: pytest.MonkeyPatch):
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(tasks, "set_up_course", lambda _wheelhouse: Path("python"))
    monkeypatch.setattr(tasks, "call", lambda _python, *arguments: calls.append(arguments) or 0)
    assert tasks.main(["lab", "--no-browser", "--port", "8899"]) == 0
    (arguments,) = calls
    assert "--ServerApp.ip=127.0.0.1" in arguments
    assert "--LabApp.default_url=/lab/tree/notebooks/00-start-here.ipynb" in arguments
    assert arguments[-3:] == ("--no-browser", "--port", "8899")


@pytest.mark.parametrize(("program", "code"), [("raise SystemExit(3)", 3), ("1", 0), ("import os; os.abort()", 134)])
@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_command_ends_with_the_exit_code_of_its_program(program: str, code: int):
    assert tasks.call(Path(sys.executable), "-c", program) == code


def test_ctrl_c_ends_a_command_with_a_word_even_while_its_module_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "slow_to_read.py").write_text("raise KeyboardInterrupt", "utf-8")
    monkeypatch.setattr(commands, "__path__", [str(tmp_path)])
    monkeypatch.setattr(sys, "argv", ["commands", "slow_to_read"])
    assert commands.__main__.main() == 130
    assert capsys.readouterr().err == "Interrupted.\n"
