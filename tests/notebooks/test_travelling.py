"""A lesson on its own: in an empty folder, with the course's wheel and what that declares, and no project around it.

What is compared is nbval's business. Here each cell has to run, and lesson 00 has to find its map and its media.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from tests.support.distribution import Environment, build_wheel
from tests.support.lessons import LESSONS, NOTEBOOKS
from tests.support.places import ROOT

pytestmark = pytest.mark.heavy

HINT = '# On its own this file needs the course\'s wheel: README, "A lesson on its own"'
RUN = """
import sys, nbformat
from nbclient import NotebookClient

book = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(book, timeout=120, kernel_name="python3").execute()
nbformat.write(book, sys.argv[1])
"""
_FIRST, *_OTHERS = [pytest.param(path, id=path.stem) for path in LESSONS]


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the course's wheel in it, and without the project."""
    wheel = build_wheel(tmp_path_factory.mktemp("wheel"), ROOT)
    return Environment(tmp_path_factory.mktemp("elsewhere"), wheel)


def executed(lesson: Path, elsewhere: Environment, folder: Path) -> str:
    """What a copy of the lesson shows when it is run there."""
    own = Path(shutil.copy(lesson, folder))
    elsewhere.output("-c", RUN, str(own), cwd=folder)
    outputs = [output for cell in nbformat.read(own, as_version=4).cells for output in cell.get("outputs", [])]
    return "\n".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)


def test_lesson_00_finds_the_map_the_media_and_everything_in_order(elsewhere: Environment, tmp_path: Path):
    shown = executed(NOTEBOOKS / "00-start-here.ipynb", elsewhere, tmp_path)
    assert "Everything is in order." in shown
    assert "13 lessons" in shown
    assert [path.name for path in tmp_path.iterdir()] == ["00-start-here.ipynb"], "nothing is left behind"


@pytest.mark.slow
@pytest.mark.parametrize("lesson", _OTHERS)
def test_a_lesson_runs_on_its_own(lesson: Path, elsewhere: Environment, tmp_path: Path):
    assert executed(lesson, elsewhere, tmp_path)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_says_at_its_top_how_to_have_it_on_its_own(lesson: Path):
    imports = [
        cell.source for cell in nbformat.read(lesson, as_version=4).cells if "from helpers import" in cell.source
    ]
    assert imports[0].startswith(HINT)


def test_the_readme_says_how():
    assert "### A lesson on its own" in (ROOT / "README.md").read_text("utf-8")
