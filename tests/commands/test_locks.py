"""The locks: what they hold and what not, from which ranges, and for which machines."""

from __future__ import annotations

import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from commands.setup import locking, machine
from commands.setup.environment import BESIDE, LESSONS, TESTS
from commands.setup.installers import UV_LOCK, find_uv
from commands.setup.places import VENV
from tests.support.imports import imported_modules
from tests.support.places import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
README = (ROOT / "README.md").read_text("utf-8")
EVERYWHERE = (LESSONS.file, TESTS.file, UV_LOCK)
FILES = (*EVERYWHERE, *(beside.lock.file for beside in BESIDE))

DECLARED = {
    LESSONS.file: [Requirement(text) for text in PYPROJECT["project"]["dependencies"]],
    TESTS.file: [Requirement(text) for text in PYPROJECT["dependency-groups"]["dev"]],
    UV_LOCK: [Requirement(text) for text in PYPROJECT["dependency-groups"]["uv"]],
}
EVERY_DECLARED = [(file, requirement) for file, found in DECLARED.items() for requirement in found]


def parts(file: Path) -> dict[str, str]:
    """The parts of a lock, by their first lines."""
    return locking.blocks(file.read_text("utf-8"))


def requirements(file: Path) -> list[Requirement]:
    return [Requirement(line.removesuffix("\\").strip()) for line in parts(file)]


def applies(marker: Marker | None, extra: str = "") -> bool:
    return marker is None or marker.evaluate({"extra": extra})


def pinned_version(requirement: Requirement) -> str:
    """The version of a locked line, which has exactly one `==` and no wildcard."""
    (clause,) = requirement.specifier
    assert clause.operator == "=="
    assert "*" not in clause.version
    return clause.version


def locked_here(*files: Path) -> dict[str, str]:
    """What would be installed on this machine."""
    lines = [line for file in files for line in requirements(file) if applies(line.marker)]
    return {canonicalize_name(line.name): pinned_version(line) for line in lines}


def needed(declared: list[Requirement]) -> set[str]:
    """What these ask for, and what that asks for in turn, on this machine."""
    todo = [(requirement, "") for requirement in declared if applies(requirement.marker)]
    found: set[tuple[str, str]] = set()
    while todo:
        requirement, _ = todo.pop()
        name = canonicalize_name(requirement.name)
        for extra in ("", *requirement.extras):
            if (name, extra) not in found:
                found.add((name, extra))
                further = (Requirement(text) for text in importlib.metadata.requires(name) or [])
                todo += [(one, extra) for one in further if applies(one.marker, extra)]
    return {name for name, _ in found}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_locked_line_is_an_exact_version_with_its_hashes_from_the_registry_of_the_readers_choice(file: Path):
    text = file.read_text("utf-8")
    assert not re.search(r"https?:|file:|--(extra-)?index-url|--find-links|^-", text, re.M)
    for line, part in parts(file).items():
        requirement = Requirement(line.removesuffix("\\").strip())
        assert pinned_version(requirement)
        assert requirement.url is None
        assert re.search(r"^    --hash=sha256:[0-9a-f]{64}", part, re.M), line


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_lock_is_as_the_command_made_it_for_the_machines_of_today(file: Path):
    text = file.read_text("utf-8")
    body = text[re.search(r"^\w", text, re.M).start() :]  # pyright: ignore[reportOptionalMemberAccess]
    head = locking.head(body, everywhere=file in EVERYWHERE)
    assert text == head + body, "run: python3 tasks.py lock"


@pytest.mark.slow  # and it asks the package index
def test_everything_in_the_locks_has_a_wheel_for_every_machine_that_is_promised():
    uv = find_uv(VENV)
    assert uv
    without_wheels = list(locking.gaps(uv, list(EVERYWHERE)))
    assert not without_wheels, "\n".join(without_wheels)


@pytest.mark.parametrize(("file", "declared"), EVERY_DECLARED, ids=lambda one: getattr(one, "name", ""))
def test_a_declared_dependency_is_locked_within_its_range(file: Path, declared: Requirement):
    places = [LESSONS.file, file] if file == TESTS.file else [file]  # what the lessons need as well stands there
    lines = [line for place in places for line in requirements(place) if canonicalize_name(line.name) == declared.name]
    assert lines
    for line in lines:
        assert declared.specifier.contains(pinned_version(line), prereleases=True)
    assert len(declared.specifier) > 0


def test_the_locks_hold_what_the_declared_dependencies_need_and_nothing_else():
    lessons, tests = set(locked_here(LESSONS.file)), set(locked_here(TESTS.file))
    assert lessons == needed(DECLARED[LESSONS.file])
    assert tests | lessons == needed(DECLARED[LESSONS.file] + DECLARED[TESTS.file])


def test_this_environment_is_the_locked_one():
    locked = locked_here(LESSONS.file, TESTS.file)
    assert {name: importlib.metadata.version(name) for name in locked} == locked


def test_each_dependency_says_why_it_is_there():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    for _, requirement in EVERY_DECLARED:
        (line,) = [line for line in text.splitlines() if re.match(rf'\s+"{re.escape(requirement.name)}[^\w-]', line)]
        assert len(line.partition("#")[2].split()) >= 2, line


def test_what_was_asked_for_is_there():
    asked = {"jupyterlab", "azure-ai-inference", "azure-identity", "ipywidgets", "pillow", "nbval", "papermill"}
    assert asked <= {requirement.name for _, requirement in EVERY_DECLARED}


def test_the_tools_of_the_tests_are_not_what_a_reader_installs():
    assert not {"pytest", "nbval", "ruff", "playwright", "mistral-common"} & set(locked_here(LESSONS.file))


# What a learner's command imports, beside the lessons and the helpers. The others need the tests' packages.
FOR_LEARNERS = ("commands/handouts", "commands/refresh.py", "commands/run_all.py", "commands/setup", "tasks.py")


def sources() -> list[tuple[str, str]]:
    """The project's Python, as (where, source), notebooks included without their magics."""
    folders = [ROOT / name for name in ("commands", "helpers", "tests", "notebooks", "recipes")]
    files = [file for folder in folders for file in sorted(folder.rglob("*.py"))]
    found = [(file.relative_to(ROOT).as_posix(), file.read_text("utf-8")) for file in files]
    for file in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = nbformat.read(file, as_version=4).cells
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        found.append((f"notebooks/{file.name}", re.sub(r"^[ \t]*[%!].*$", "", code, flags=re.M)))
    return found


IN_A_PAGE = {"pyodide", "pyodide_js", "js"}  # Pyodide's own
STANDINS = "commands/site/lite/standins/"  # they run in a page, under the names of what they stand in for


@pytest.mark.heavy
def test_whatever_the_project_imports_is_declared_for_those_who_run_it():
    own = {"commands", "helpers", "tests", "notebooks", "tasks"}
    providers = importlib.metadata.packages_distributions()
    for_lessons = {canonicalize_name(requirement.name) for requirement in DECLARED[LESSONS.file]}
    for_tests = for_lessons | {canonicalize_name(requirement.name) for requirement in DECLARED[TESTS.file]}
    missing: list[str] = []
    for where, source in sources():
        by_reader = where.startswith(("helpers/", "notebooks/", "recipes/", *FOR_LEARNERS))
        by_reader &= "pytest_plugin" not in where and "recipes/test_" not in where
        declared = for_lessons if by_reader else for_tests
        for beside in BESIDE:  # what runs in an environment of its own lies beside the lock of that
            if (ROOT / where).is_relative_to(beside.lock.file.parent):
                declared = {canonicalize_name(line.name) for line in requirements(beside.lock.file)}
        for module in imported_modules(source, where):
            top = module.partition(".")[0]
            if top in IN_A_PAGE or where.startswith(STANDINS):
                continue
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
    assert pip == {"pip": ["-r requirements.txt"]}
    assert [Requirement(text).name for text in conda] == ["python", "pip"]
    assert Requirement(conda[0]).specifier == SpecifierSet(PYPROJECT["project"]["requires-python"])
    assert environment["name"] in re.findall(r"conda activate (\S+)", README)
    assert "python -m commands.setup" in README


# Which machines


def test_the_machines_are_those_that_the_locks_are_resolved_for():
    environments = [Marker(text) for text in PYPROJECT["tool"]["uv"]["required-environments"]]
    assert len(environments) == len(machine.MACHINES)
    written = {("win32", "amd64"): "AMD64", ("win32", "arm64"): "ARM64"}  # as the markers have them
    for marker, there in zip(environments, machine.MACHINES, strict=True):
        processor = written.get((there.system, there.processor), there.processor)
        for minor in range(machine.OLDEST[1], machine.NEWEST[1] + 1):
            environment = {"sys_platform": there.system, "platform_machine": processor, "python_version": f"3.{minor}"}
            assert marker.evaluate(environment) == ((3, minor) >= there.oldest)


def test_the_pythons_are_those_of_the_project_and_of_the_readme():
    oldest, newest = machine.OLDEST, machine.NEWEST
    assert PYPROJECT["project"]["requires-python"] == f">=3.{oldest[1]},<3.{newest[1] + 1}"
    assert f"Python 3.{oldest[1]} to 3.{newest[1]}" in README
    for there in machine.MACHINES:
        system, _, processor = there.name.partition(" on ")
        assert system in README
        assert processor in README
