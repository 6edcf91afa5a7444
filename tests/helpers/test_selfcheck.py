"""The self-check says in words what is missing, and shows the same to everybody when nothing is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from helpers import selfcheck
from helpers.display import Rich
from helpers.mock import testing
from helpers.selfcheck import SET_UP, self_check

Said = Callable[[], Rich]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    """Runs the self-check and returns what it shows."""

    def run() -> Rich:
        shown: list[Rich] = []
        monkeypatch.setattr(selfcheck, "present", shown.append)
        self_check()
        (one,) = shown
        return one

    return run


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str | None]], None]:
    """Pretends other versions of packages; None stands for a package that is not there."""
    real = metadata.version

    def pretend(versions: Mapping[str, str | None]) -> None:
        def version(name: str) -> str:
            found = versions.get(name, real(name))
            if found is None:
                raise metadata.PackageNotFoundError(name)
            return found

        monkeypatch.setattr(metadata, "version", version)

    return pretend


def row(shown: Rich, what: str) -> list[str]:
    """The cells of a row of the table."""
    (line,) = [line for line in shown.text.splitlines() if line.startswith(f"{what}  ")]
    return re.split(r" {2,}", line)


def to_mend(shown: Rich) -> list[str]:
    """The sentences under the table, after the verdict."""
    lines = shown.text.splitlines()
    (at,) = [place for place, line in enumerate(lines) if re.fullmatch(r"\d+ to mend:", line)]
    assert int(lines[at].split()[0]) == len(lines[at + 1 :])
    return lines[at + 1 :]


def test_where_everything_is_there_it_says_so(said: Said):
    shown = said()
    assert shown.text.splitlines()[-1] == "Everything is in order."
    assert "to mend" not in shown.text
    assert row(shown, "azure-ai-inference")[-1] == "✓"
    assert row(shown, "the mock") == ["the mock", "answers", "yes", "✓"]


def test_a_python_that_fits_is_not_named(said: Said, monkeypatch: pytest.MonkeyPatch):
    before = said().text
    monkeypatch.setattr("sys.version_info", (3, 12, 7))
    assert said().text == before


@pytest.mark.parametrize("version", [(3, 10, 12), (3, 15, 0)])
def test_another_python_is_named(version: tuple[int, ...], said: Said, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.version_info", version)
    shown = said()
    here = f"3.{version[1]}"
    assert row(shown, "Python") == ["Python", "3.11 to 3.14", here, "to mend"]
    assert to_mend(shown) == [f"Python: This kernel runs Python {here}. {SET_UP}"]


def test_a_package_that_is_missing_is_named(said: Said, installed: Any):
    installed({"openai": None})
    shown = said()
    assert row(shown, "openai")[2:] == ["nothing", "to mend"]
    assert to_mend(shown) == [f"openai: The package is not installed in this kernel. {SET_UP}"]


def test_a_version_outside_the_range_is_named_with_the_range(said: Said, installed: Any):
    installed({"ipywidgets": "7.8.1"})
    shown = said()
    _, needed, here, verdict = row(shown, "ipywidgets")
    assert (here, verdict) == ("7.8.1", "to mend")
    assert to_mend(shown) == [
        f"ipywidgets: Version 7.8.1 is outside {needed}, which the lessons are written for. {SET_UP}"
    ]


def test_a_newer_version_in_the_range_is_right(said: Said, installed: Any):
    installed({"ipywidgets": "8.99.0"})
    assert row(said(), "ipywidgets")[2:] == ["8.99.0", "✓"]


def test_a_package_behind_the_scenes_stands_in_the_table_only_when_it_is_wrong(said: Said, installed: Any):
    assert "nbclient" not in said().text
    installed({"nbclient": None})
    shown = said()
    assert row(shown, "nbclient")[2:] == ["nothing", "to mend"]
    assert to_mend(shown)[0].startswith("nbclient: The package is not installed")


def test_a_project_without_its_pictures_is_incomplete(said: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "pyproject.toml").write_bytes((selfcheck.PROJECT / "pyproject.toml").read_bytes())
    monkeypatch.setattr(selfcheck, "PROJECT", tmp_path)
    shown = said()
    assert row(shown, "pictures and sounds")[2:] == ["none", "to mend"]
    assert "copy the whole project" in to_mend(shown)[0]


def test_a_mock_that_fails_is_told_with_its_error(said: Said, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("no <answers> today")

    monkeypatch.setattr(testing.Mock, "transport", broken)
    shown = said()
    assert row(shown, "the mock")[2:] == ["no", "to mend"]
    assert to_mend(shown) == [f"the mock: It stopped with RuntimeError: no <answers> today. {SET_UP}"]
    assert "<answers>" not in shown.html


def test_several_things_are_all_named(said: Said, installed: Any, monkeypatch: pytest.MonkeyPatch):
    installed({"openai": None, "pillow": "1.0"})
    monkeypatch.setattr("sys.version_info", (3, 8, 0))
    assert {line.split(":")[0] for line in to_mend(said())} == {"Python", "pillow", "openai"}
