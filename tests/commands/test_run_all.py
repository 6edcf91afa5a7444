"""The run of all lessons: what it prints of those that pass and of those that fail, and on which endpoint they run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

import tasks
from commands import run_all
from tests.support.places import ROOT

pytestmark = pytest.mark.heavy


def write_notebook(folder: Path, name: str, *sources: str) -> None:
    folder.mkdir(exist_ok=True)
    cells = [v4.new_markdown_cell("# A lesson"), *(v4.new_code_cell(source) for source in sources)]
    nbformat.write(v4.new_notebook(cells=cells), folder / f"{name}.ipynb")


ENDPOINT = {
    "AZURE_INFERENCE_ENDPOINT": "https://example.com/models",
    "AZURE_INFERENCE_CREDENTIAL": "a key",
    "AZUREAI_ENDPOINT_URL": "https://example.com",
    "AZURE_CLIENT_SECRET": "a secret",
    "IDENTITY_ENDPOINT": "http://127.0.0.1:9/token",
    "MSI_ENDPOINT": "http://127.0.0.1:9/token",
}


@dataclass(frozen=True)
class Run:
    """A finished run of four small lessons, two of which fail, in an environment that names an endpoint."""

    folder: Path
    done: subprocess.CompletedProcess[str]

    def output(self, name: str) -> str:
        """What the last cell of an executed lesson printed."""
        return nbformat.read(self.folder / "a build" / f"{name}.ipynb", as_version=4).cells[-1].outputs[0]["text"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("a course")
    lessons = folder / "lessons"
    write_notebook(lessons, "01-good", "import json, os", "print(json.dumps(sorted(os.environ)))")
    write_notebook(lessons, "02-bad", "1 + 1", "raise ValueError('first line\\nlast line')", "2 + 2")
    (lessons / "03-none.ipynb").write_text("not a notebook", "utf-8")
    write_notebook(lessons, "04-good", "import os; print(os.getcwd())")
    command = [sys.executable, str(ROOT / "commands" / "run_all.py")]
    command += ["--lessons", str(lessons), "--build", str(folder / "a build")]
    variables = {**tasks.clean_environment(Path(sys.prefix)), **ENDPOINT}
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    return Run(folder, done)


def test_the_run_names_the_cell_and_the_error_of_a_failing_lesson_and_goes_on(finished: Run):
    lines = finished.done.stdout.splitlines()
    assert finished.done.returncode == 1
    assert re.fullmatch(r"notebook +cells +seconds +result", lines[0])
    assert re.fullmatch(r"01-good +2 +\d+\.\d  passed", lines[1])
    assert re.fullmatch(r"02-bad +3 +\d+\.\d  failed in cell 2: last line", lines[2])
    assert re.fullmatch(r"03-none +0 +\d+\.\d  failed: .*", lines[3])
    assert re.fullmatch(r"04-good +1 +\d+\.\d  passed", lines[4])
    assert lines[5].startswith("2 of 4 passed")


def test_the_run_shows_its_progress_and_no_noise_of_the_kernels(finished: Run):
    assert "lessons: 100%" in finished.done.stderr, finished.done.stderr
    assert "running over TCP" not in finished.done.stderr


def test_the_run_drops_whatever_endpoint_is_set(finished: Run):
    names = json.loads(finished.output("01-good"))
    assert "PATH" in names
    assert not set(ENDPOINT) & set(names)


def test_one_lesson_alone_is_compared_on_the_mock_whatever_endpoint_is_set():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "notebooks/06-content-safety.ipynb"]
    environment = {**tasks.clean_environment(Path(sys.prefix)), **ENDPOINT}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_lesson_runs_in_its_own_folder(finished: Run):
    assert Path(finished.output("04-good").strip()) == finished.folder / "lessons"


def test_a_run_without_lessons_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run_all.main(["--lessons", str(tmp_path)]) == 1
    assert f"no notebooks in {tmp_path}" in capsys.readouterr().err
