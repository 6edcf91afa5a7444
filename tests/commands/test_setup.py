"""Set-up and commands: the lock, the environment it makes, `tasks.py`, and what the README says about them."""

from __future__ import annotations

import ast
import base64
import hashlib
import importlib.metadata
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import tasks
from commands import run_all
from tests.support.places import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
README = (ROOT / "README.md").read_text("utf-8")
DECLARED = [Requirement(text) for text in PYPROJECT["project"]["dependencies"] + PYPROJECT["dependency-groups"]["dev"]]


def requirements(file: Path) -> list[Requirement]:
    lines = file.read_text("utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.lstrip().startswith("#")]


LOCKED = requirements(ROOT / "requirements.txt")


def applies(marker: Marker | None, extra: str = "") -> bool:
    return marker is None or marker.evaluate({"extra": extra})


def pinned_version(requirement: Requirement) -> str:
    """The version of a locked line, which has exactly one `==` and no wildcard."""
    (clause,) = requirement.specifier
    assert clause.operator == "=="
    assert "*" not in clause.version
    return clause.version


LOCKED_HERE = {canonicalize_name(line.name): pinned_version(line) for line in LOCKED if applies(line.marker)}


# The declared ranges and the lock


@pytest.mark.parametrize("file", ["requirements.txt", "tests/litellm/requirements.txt"])
def test_every_locked_line_is_an_exact_version_from_the_registry_of_the_readers_choice(file: str):
    text = (ROOT / file).read_text("utf-8")
    assert not re.search(r"https?:|file:|--(extra-)?index-url|--find-links|^-", text, re.M)
    for line in requirements(ROOT / file):
        assert pinned_version(line)
        assert line.url is None


@pytest.mark.parametrize("declared", DECLARED, ids=lambda requirement: requirement.name)
def test_a_declared_dependency_is_locked_within_its_range(declared: Requirement):
    lines = [line for line in LOCKED if canonicalize_name(line.name) == canonicalize_name(declared.name)]
    assert lines
    for line in lines:
        assert declared.specifier.contains(pinned_version(line), prereleases=True)
    assert len(declared.specifier) > 0


def test_the_lock_holds_what_the_declared_dependencies_need_and_nothing_else():
    todo = [(requirement, "") for requirement in DECLARED if applies(requirement.marker)]
    needed: set[tuple[str, str]] = set()
    while todo:
        requirement, _ = todo.pop()
        name = canonicalize_name(requirement.name)
        for extra in ("", *requirement.extras):
            if (name, extra) in needed:
                continue
            needed.add((name, extra))
            further = (Requirement(text) for text in importlib.metadata.requires(name) or [])
            todo += [(one, extra) for one in further if applies(one.marker, extra)]
    assert {name for name, _ in needed} == set(LOCKED_HERE)


def test_this_environment_is_the_locked_one():
    assert {name: importlib.metadata.version(name) for name in LOCKED_HERE} == LOCKED_HERE


def test_each_dependency_says_why_it_is_there():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    for requirement in DECLARED:
        (line,) = [line for line in text.splitlines() if re.match(rf'\s+"{re.escape(requirement.name)}[^\w-]', line)]
        assert len(line.partition("#")[2].split()) >= 2, line


def test_what_was_asked_for_is_there():
    asked = {"jupyterlab", "azure-ai-inference", "azure-identity", "ipywidgets", "pillow", "nbval", "papermill"}
    assert asked <= {requirement.name for requirement in DECLARED}


def sources() -> list[tuple[str, str]]:
    """The project's Python, as (where, source), notebooks included without their magics."""
    folders = [ROOT / "commands", ROOT / "helpers", ROOT / "tests", ROOT / "notebooks"]
    files = [file for folder in folders for file in sorted(folder.rglob("*.py"))]
    found = [(str(file.relative_to(ROOT)), file.read_text("utf-8")) for file in files]
    for file in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = nbformat.read(file, as_version=4).cells
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        found.append((file.name, re.sub(r"^[ \t]*[%!].*$", "", code, flags=re.M)))
    return found


def imported_modules(source: str, where: str) -> set[str]:
    """The absolute imports of a module, as dotted names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source, where)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
    return names


def test_whatever_the_project_imports_is_declared():
    own = {"commands", "helpers", "tests", "notebooks", "tasks"}
    providers = importlib.metadata.packages_distributions()
    declared = {canonicalize_name(requirement.name) for requirement in DECLARED}
    missing: list[str] = []
    for where, source in sources():
        for module in imported_modules(source, where):
            top = module.partition(".")[0]
            if top in own or top in sys.stdlib_module_names or (ROOT / where).with_name(f"{top}.py").exists():
                continue
            # A namespace such as `azure` has many providers; the one that is meant carries the module's own name.
            by_name = [name for name in declared if module.replace(".", "-").startswith(name)]
            by_top = {canonicalize_name(name) for name in providers.get(top, [])}
            if not by_name and ((len(by_top) != 1 and module != top) or not by_top & declared):
                missing.append(f"{where}: {module}")
    assert not missing, "\n".join(missing)


def test_conda_installs_the_same_set():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    *conda, pip = environment["dependencies"]
    assert pip == {"pip": ["-r requirements.txt", "-e ."]}
    assert [Requirement(text).name for text in conda] == ["python", "pip"]
    minimum = PYPROJECT["project"]["requires-python"].removeprefix(">=")
    python = Requirement(conda[0]).specifier
    assert python.contains(minimum)
    assert not python.contains("3.10")
    assert environment["name"] in re.findall(r"conda activate (\S+)", README)


# The commands


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


def test_an_old_python_can_read_tasks_py_and_says_which_python_is_needed(monkeypatch: pytest.MonkeyPatch):
    ast.parse((ROOT / "tasks.py").read_text("utf-8"), feature_version=(3, 8))
    assert PYPROJECT["project"]["requires-python"] == ">={}.{}".format(*tasks.MINIMUM)
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or later, and this is Python 3\.9"):
        tasks.main(["run"])


def test_tasks_py_imports_nothing_but_the_standard_library():
    names = imported_modules((ROOT / "tasks.py").read_text("utf-8"), "tasks.py")
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


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


def test_helpers_can_be_imported_from_any_folder(tmp_path: Path):
    code = "import helpers; print(helpers.__file__)"
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == ROOT / "helpers" / "__init__.py"


# The set-up


def make_wheel(wheelhouse: Path, name: str, version: str) -> None:
    """A wheel of one module that knows its version."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"version = '{version}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{info}/RECORD,,\n"
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(content)}\n"
    with zipfile.ZipFile(wheelhouse / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, content in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(path, content)


@pytest.mark.heavy
def test_an_environment_is_repaired_when_half_made_then_left_alone_and_updated_when_the_lock_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    wheelhouse = tmp_path / "wheels with a space"
    wheelhouse.mkdir()
    for version in ("1.0", "2.0"):
        make_wheel(wheelhouse, "tinymodule", version)
    venv, lock = tmp_path / "an environment", tmp_path / "lock.txt"
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "elsewhere"))

    def call() -> str:
        tasks.set_up(venv, lock, wheelhouse)
        return capsys.readouterr().out

    def installed() -> str:
        code = "import tinymodule; print(tinymodule.version)"
        command = [str(tasks.python_of(venv)), "-I", "-c", code]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    venv.mkdir()
    (venv / "half a file").touch()
    (venv / tasks.STAMP).write_text('{"state": "unfinished"}', "utf-8")
    lock.write_text("tinymodule==1.0\n", "utf-8")
    assert "Setting up" in call()
    assert installed() == "1.0"
    assert not (venv / "half a file").exists()
    assert call() == ""

    lock.write_text("tinymodule==2.0\n", "utf-8")
    (venv / "kept").touch()
    assert "Setting up" in call()
    assert installed() == "2.0"
    assert (venv / "kept").exists()
    assert call() == ""

    lock.write_text("tinymodule==3.0\n", "utf-8")
    with pytest.raises(tasks.SetUpError, match=r"tinymodule==3\.0"):
        call()
    assert not tasks.can_be_updated(venv, tasks.read_stamp(venv), tasks.origin(lock))


def test_an_environment_that_was_moved_is_not_taken_for_a_ready_one(tmp_path: Path):
    lock = tmp_path / "lock.txt"
    lock.write_text("", "utf-8")
    wanted = tasks.origin(lock)
    moved = {**wanted, "folder": str(tmp_path / "before")}
    assert not tasks.can_be_updated(Path(sys.prefix), moved, wanted)
    assert tasks.can_be_updated(Path(sys.prefix), wanted, wanted)


@pytest.mark.parametrize("ci", [True, False])
def test_a_proxy_that_cannot_be_installed_is_an_error_on_ci_only(
    ci: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    def fails(*_arguments: object, **_options: object) -> Path:
        raise tasks.SetUpError("no such package")

    monkeypatch.setattr(tasks, "set_up", fails)
    monkeypatch.setattr(tasks, "ROOT", tmp_path)
    monkeypatch.setattr(tasks, "LITELLM_VENV", tmp_path / ".venv-litellm")
    monkeypatch.delenv("CI", raising=False)
    if ci:
        monkeypatch.setenv("CI", "true")
        with pytest.raises(tasks.SetUpError, match="no such package"):
            tasks.set_up_litellm(None)
    else:
        tasks.set_up_litellm(None)
        assert "will be skipped" in capsys.readouterr().out
        assert (tmp_path / ".venv-litellm" / tasks.FAILURE).read_text("utf-8") == "no such package"
