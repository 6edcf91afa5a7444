"""The set-up: environments from a folder of wheels, by uv and by pip, and what it says when something is in the way."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections import namedtuple
from pathlib import Path

import pytest

from commands.setup import __main__ as settling
from commands.setup import course, environment, installers, machine, places, turns
from commands.setup.machine import Facts, refusal
from commands.setup.steps import SetUpError, clean_environment, python_of
from tests.support.environments import Small
from tests.support.places import ROOT


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path)


@pytest.fixture
def by_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installers, "find_uv", lambda *_: None)


@pytest.fixture(params=["uv", pytest.param("pip", marks=pytest.mark.slow)])
def installer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Each of the two; uv where it is, for none is fetched."""
    if request.param == "pip":
        request.getfixturevalue("by_pip")
    elif installers.find_uv(places.VENV, tmp_path) is None:
        pytest.skip("there is no uv here")
    return request.param


# What it makes


@pytest.mark.heavy
def test_an_environment_is_repaired_left_alone_and_updated_and_no_wheel_with_another_hash_is_installed(
    small: Small, installer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "elsewhere"))

    def said() -> str:
        small.set_up()
        return capsys.readouterr().out

    small.venv.mkdir()
    (small.venv / "half a file").touch()
    environment.write_stamp(small.venv, {"state": "unfinished"})
    assert "Setting up" in said()
    assert small.installed() == "1.0"
    assert not (small.venv / "half a file").exists()
    assert said() == ""

    small.asks_for(small.lines["2.10"])
    (small.venv / "kept").touch()
    assert "Setting up" in said()
    assert small.installed() == "2.10"
    assert (small.venv / "kept").exists()
    assert said() == ""
    assert (course.packages_of(small.venv) / "pip").exists() == (installer == "pip")

    small.asks_for("tinymodule==1.0 --hash=sha256:" + "0" * 64)
    with pytest.raises(SetUpError, match=r"(?i)hash"):
        installers.install(small.venv, [small.lock.file], small.wheelhouse)
    assert small.installed() == "2.10"

    small.asks_for("tinymodule==3.0 --hash=sha256:" + "0" * 64)
    with pytest.raises(SetUpError, match=r"tinymodule==3\.0"):
        small.set_up()
    assert not environment.is_whole(small.venv)


def test_a_second_set_up_waits_for_the_first_and_finds_its_environment(
    small: Small, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(installers, "install", lambda *_: None)
    with turns.my_turn(small.venv.with_name(small.venv.name + ".lock"), ""):
        second = threading.Thread(target=small.set_up)
        second.start()
        second.join(0.5)
        assert second.is_alive()
        environment._make(small.venv, [small.lock], small.wheelhouse, lambda _: None)
    second.join()
    said = capsys.readouterr().out
    assert said.count("is at work: waiting for it.") == 1
    assert said.count("is ready") == 1


def test_where_there_is_no_network_the_error_says_what_to_do_and_not_each_try(
    small: Small, by_pip: None, monkeypatch: pytest.MonkeyPatch
):
    def unreachable(*_arguments: object) -> str:
        raise SetUpError(
            "WARNING: Retrying (1)\nWARNING: Retrying (0)\nERROR: No matching distribution\n\nThis step failed"
        )

    monkeypatch.setattr(installers, "_pip_inside", lambda _: ["pip"])
    monkeypatch.setattr(installers, "step", unreachable)
    with pytest.raises(SetUpError) as caught:
        installers.install(small.venv, [small.lock.file])
    assert str(caught.value).splitlines()[0] == "ERROR: No matching distribution"
    assert 'see "A room without internet" in README.md' in str(caught.value).splitlines()[-1]


def test_an_environment_that_was_moved_or_belongs_to_another_checkout_is_not_taken_for_a_ready_one(
    small: Small, monkeypatch: pytest.MonkeyPatch
):
    python_of(small.venv).parent.mkdir(parents=True)
    python_of(small.venv).touch()
    right = {"state": "complete", "folder": str(small.venv), **environment.origin()}
    environment.write_stamp(small.venv, right)
    assert environment.is_whole(small.venv)
    for name in right:
        environment.write_stamp(small.venv, {**right, name: "another"})
        assert not environment.is_whole(small.venv)
    environment.write_stamp(small.venv, right)
    python_of(small.venv).unlink()
    assert not environment.is_whole(small.venv)


@pytest.mark.parametrize("ci", [True, False])
def test_what_tests_start_and_cannot_be_installed_is_an_error_on_ci_only(
    ci: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    def fails(*_arguments: object, **_options: object) -> Path:
        raise SetUpError("no such package")

    monkeypatch.setattr(course, "set_up", fails)
    monkeypatch.setattr(environment, "HOME", tmp_path)
    beside = environment.Beside("a", environment.SMOLLM.lock, "the tests on a model")
    monkeypatch.setattr(course, "BESIDE", [beside])
    monkeypatch.delenv("CI", raising=False)
    if ci:
        monkeypatch.setenv("CI", "true")
        with pytest.raises(SetUpError, match="no such package"):
            course.set_up_beside()
    else:
        course.set_up_beside()
        assert "the tests on a model will be skipped" in capsys.readouterr().out
        assert (tmp_path / ".venv-a" / course.FAILURE).read_text("utf-8") == "no such package"


def test_packages_are_compiled_when_they_are_first_used_whatever_the_shell_says(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in clean_environment(places.VENV)


# What uv is told


def test_uv_looks_where_pip_looks():
    listed = "\n".join(
        (
            "global.index-url='https://mirror.invalid/simple'",
            "install.extra-index-url='https://one.invalid https://two.invalid'",
            "global.find-links='/a/folder\\n/another'",
            ":env:.index-url='https://stronger.invalid/simple'",
            ":env:.timeout='60'",
            "freeze.index-url='https://not.this'",
        )
    )
    assert installers.uv_variables(listed) == {
        "UV_SYSTEM_CERTS": "1",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_DEFAULT_INDEX": "https://stronger.invalid/simple",
        "UV_INDEX": "https://one.invalid https://two.invalid",
        "UV_FIND_LINKS": "/a/folder,/another",
    }


def test_what_uv_is_told_itself_counts_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://pip.invalid/simple")
    assert installers.uv_settings(tmp_path, None)["UV_DEFAULT_INDEX"] == "https://pip.invalid/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uv.invalid/simple")
    assert "UV_DEFAULT_INDEX" not in installers.uv_settings(tmp_path, None)
    assert installers.uv_settings(tmp_path, tmp_path) == {}, "a folder of wheels needs no index"


def test_uv_has_its_cache_beside_the_environment_where_the_usual_one_cannot_take_the_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(installers, "step", lambda *_: str(tmp_path / "cache" / "uv"))
    assert installers._cache("uv", tmp_path / "venv", 1) == {}
    assert list(installers._cache("uv", tmp_path / "venv", 10**12)) == ["UV_CACHE_DIR"]


# What it says when something is in the way

HERE = Facts((3, 13), "CPython", 64, False, "linux", "x86_64", False, (2, 36))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"python": (3, 15)}, r"Not all packages are made for Python 3\.15 yet: take 3\.14"),
        ({"implementation": "PyPy"}, "the usual Python from python.org, and this is PyPy"),
        ({"free_threaded": True}, "one without the global lock"),
        ({"bits": 32}, "a Python of 64 bits"),
        ({"musl": True}, "as Alpine has"),
        ({"processor": "riscv64"}, "Not all packages are made for linux on riscv64"),
        ({"release": (2, 17)}, r"glibc 2\.28 or later, and this is 2\.17"),
        ({"system": "darwin", "processor": "arm64", "release": (12, 7)}, "macOS 13 or later, and this is 12.7"),
        ({"system": "win32", "processor": "arm64", "python": (3, 11), "release": ()}, r"needs Python 3\.12 or later"),
    ],
)
def test_a_machine_that_is_not_promised_is_told_so_in_a_sentence(other: dict[str, object], said: str):
    told = refusal(HERE._replace(**other))  # pyright: ignore[reportArgumentType]
    assert told
    assert re.search(said, told), told
    assert "\n" not in told


def test_the_promised_machines_are_not_refused():
    for there in machine.MACHINES:
        kind = HERE._replace(system=there.system, processor=there.processor, release=())
        assert refusal(kind._replace(python=there.oldest)) is None
        assert refusal(kind._replace(python=machine.NEWEST)) is None
    assert refusal(HERE._replace(system="darwin", release=(10, 16))) is None, "an old Python on a new macOS"
    assert refusal(machine.facts()) is None, "this very machine"


def test_a_machine_that_is_not_promised_is_told_before_anything_is_made(small: Small, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(machine, "facts", lambda: HERE._replace(bits=32))
    with pytest.raises(SetUpError, match="64 bits"):
        small.set_up()
    assert not small.venv.exists()


def test_a_full_disk_is_named_before_anything_is_fetched(small: Small, monkeypatch: pytest.MonkeyPatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 120 * 10**6))
    small.lock = small.lock._replace(megabytes=480)
    with pytest.raises(SetUpError, match=r"has 120 MB left, and this takes 480 MB\.\n.*COURSE_HOME"):
        small.set_up()
    assert not small.venv.exists()


def test_a_folder_that_cannot_be_written_is_named_with_the_way_out(tmp_path: Path, small: Small):
    (tmp_path / "a file").touch()
    small.venv = tmp_path / "a file" / ".venv"
    with pytest.raises(SetUpError, match=r"cannot be made[^\n]*\n.*COURSE_HOME"):
        small.set_up()


def test_what_is_made_goes_where_course_home_says(tmp_path: Path):
    code = "from commands.setup.places import *; from commands.setup.environment import BESIDE; "
    code += "print(VENV, *(beside.venv for beside in BESIDE), BUILD, ROOT, sep='\\n')"
    variables = {**os.environ, "COURSE_HOME": str(tmp_path / "x" / ".."), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True)
    beside = [f".venv-{one.name}" for one in environment.BESIDE]
    made = [tmp_path / name for name in (".venv", *beside, "build")]
    assert done.stdout.splitlines() == [*map(str, made), str(ROOT)]


def test_lessons_that_cannot_be_written_are_copied_once_and_the_recipes_that_they_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert course.folder_to_work_in() == ROOT
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(course, "HOME", tmp_path)
    assert course.folder_to_work_in() == tmp_path
    copy = tmp_path / "notebooks" / "00-start-here.ipynb"
    assert copy.read_bytes() == (ROOT / "notebooks" / copy.name).read_bytes()
    copy.write_text("mine", "utf-8")
    course.folder_to_work_in()
    assert copy.read_text("utf-8") == "mine"
    assert (tmp_path / "recipes" / "README.md").exists()


# What hides ours


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    folder = course.packages_of(tmp_path)
    folder.mkdir(parents=True)
    return folder


def test_somebody_elses_package_that_hides_ours_is_named_with_the_command_that_removes_it(
    tmp_path: Path, packages: Path
):
    assert list(course.hiding(tmp_path)) == []
    (packages / "helpers").mkdir()
    (packages / "Helpful_Things-1.0.dist-info").mkdir()
    (packages / "Helpful_Things-1.0.dist-info" / "RECORD").write_text("helpers/__init__.py,,\n", "utf-8")
    (packages / "tests.py").touch()
    helpers, tests = course.hiding(tmp_path)
    assert "package Helpful_Things, whose 'helpers' hides the one of this course" in helpers
    assert helpers.endswith(f'"{python_of(tmp_path)}" -m pip uninstall Helpful_Things')
    assert "'tests' hides" in tests


def test_a_file_beside_a_lesson_that_hides_ours_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(course, "ROOT", tmp_path)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "helpers.py").touch()
    (told,) = course.hiding(tmp_path)
    assert "Give it another name" in told


def test_ours_is_found_from_every_folder_also_in_one_with_an_umlaut(
    tmp_path: Path, packages: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(course, "ROOT", tmp_path / "Übung 1")
    (tmp_path / "Übung 1").mkdir()
    (tmp_path / "Übung 1" / "helpers_of_a_test.py").touch()
    course.write_settings(tmp_path)
    code = f"import site; site.addsitedir({str(packages)!r}); import helpers_of_a_test as it; print(ascii(it.__file__))"
    for variables in ({"LC_ALL": "C"}, {"PYTHONUTF8": "1"}):
        done = subprocess.run(
            [sys.executable, "-S", "-c", code], env={**os.environ, **variables}, capture_output=True, text=True
        )
        assert "helpers_of_a_test" in done.stdout, done.stderr


@pytest.mark.heavy
def test_what_takes_a_second_to_import_and_is_hardly_used_is_imported_when_it_is_used(tmp_path: Path, packages: Path):
    course.write_settings(tmp_path)
    code = f"""
import site, sys
site.addsitedir({str(packages)!r})
import jsonschema
judge = jsonschema.FormatChecker()
print("lark" in sys.modules, judge.conforms("http://example.org/ü", "iri"), judge.conforms("no iri", "iri"))
print("lark" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True", "False", "True"], done.stderr


def test_settings_that_changed_reach_an_environment_that_is_there_and_the_others_are_left_alone(
    tmp_path: Path, packages: Path
):
    course.write_settings(tmp_path)
    css, link = tmp_path / "etc" / "jupyter" / "custom" / "custom.css", next(packages.glob("*.pth"))
    os.utime(link, (0, 0))
    css.write_text("an older one", "utf-8")
    course.write_settings(tmp_path)
    assert "word-break" in css.read_text("utf-8")
    assert link.stat().st_mtime == 0


# An environment of somebody else's


def test_an_environment_that_conda_made_gets_the_settings_of_ours_by_the_readmes_command(tmp_path: Path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "theirs")], check=True)
    line = [str(python_of(tmp_path / "theirs")), "-m", "commands.setup"]
    done = subprocess.run(line, cwd=ROOT, env=clean_environment(tmp_path), capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"{tmp_path / 'theirs'} has the settings of the course.\n"), (
        done.stderr
    )
    course.packages_of(tmp_path / "ours").mkdir(parents=True)
    course.write_settings(tmp_path / "ours")
    ours = [path.relative_to(tmp_path / "ours") for path in (tmp_path / "ours").rglob("*") if path.is_file()]
    assert len(ours) == 5
    for path in ours:
        theirs, own = ((tmp_path / name / path).read_text("utf-8") for name in ("theirs", "ours"))
        assert theirs.replace("theirs", "ours") == own
    command = [str(python_of(tmp_path / "theirs")), "-I", "-c", "import helpers; print(helpers.__file__)"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(found.stdout.strip()) == ROOT / "helpers" / "__init__.py"
    conda = (ROOT / "README.md").read_text("utf-8").partition("conda activate")[2].partition("```")[0]
    assert "\npython -m commands.setup\n" in conda


def test_a_python_that_is_in_no_environment_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    with pytest.raises(SystemExit, match="is no environment but the machine's own Python"):
        settling.main()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "conda-meta").mkdir()
    settling.main()
    assert list(course.packages_of(tmp_path).glob("*.pth"))


def test_helpers_can_be_imported_from_any_folder(tmp_path: Path):
    code = "import helpers; print(helpers.__file__)"
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == ROOT / "helpers" / "__init__.py"
