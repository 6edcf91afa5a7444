"""The run of all lessons: what it prints of those that pass and of those that fail, and on which endpoint they run."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import v4

from commands import run_all
from commands.setup.steps import clean_environment
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


HOW: dict[str, Any] = {"cwd": ROOT, "env": {**clean_environment(Path(sys.prefix)), **ENDPOINT}}


def command(lessons: Path, build: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "commands", "run_all", "--lessons", str(lessons), "--build", str(build), *more]


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
    done = subprocess.run(command(lessons, folder / "a build"), capture_output=True, text=True, check=False, **HOW)
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
    alone = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "notebooks/06-content-safety.ipynb"]
    done = subprocess.run(alone, capture_output=True, text=True, check=False, **HOW)
    assert done.returncode == 0, done.stdout


def test_a_lesson_runs_in_its_own_folder(finished: Run):
    assert Path(finished.output("04-good").strip()) == finished.folder / "lessons"


def test_lessons_run_side_by_side_and_the_table_has_their_order(tmp_path: Path):
    meet = "import pathlib, time\npathlib.Path('{}').touch()\nwhile not pathlib.Path('{}').exists(): time.sleep(0.01)"
    write_notebook(tmp_path / "lessons", "01-short", meet.format("one", "other"))
    write_notebook(tmp_path / "lessons", "02-long", meet.format("other", "one"), "2", "3")
    line = command(tmp_path / "lessons", tmp_path / "build", "--jobs", "2")
    done = subprocess.run(line, capture_output=True, text=True, check=False, **HOW)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [row[:8] for row in done.stdout.splitlines()[1:3]] == ["01-short", "02-long "]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_an_interrupted_run_ends_with_the_table_of_what_has_passed(tmp_path: Path):
    write_notebook(tmp_path / "lessons", "01-good", "1")
    # It begins first, because it has more cells, and would not end by itself.
    endless = "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\nwhile True: time.sleep(1)"
    write_notebook(tmp_path / "lessons", "02-endless", endless, "2")
    write_notebook(tmp_path / "lessons", "03-good", "1")
    build = tmp_path / "build"
    line = command(tmp_path / "lessons", build, "--jobs", "2")
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **HOW) as process:
        while not (build / "03-good.ipynb").exists() or not (tmp_path / "lessons" / "pid").exists():
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(0.5)  # until it has been noted
        process.send_signal(signal.SIGINT)
        said, noise = process.communicate(timeout=20)
    assert process.returncode == 130
    assert re.fullmatch(r"2 of 3 passed in \d+\.\d s: interrupted", said.splitlines()[-1])
    assert [row.split()[0] for row in said.splitlines()[1:-1]] == ["01-good", "03-good"]
    assert "Traceback" not in noise
    assert "died" not in noise
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "lessons" / "pid").read_text("utf-8")), 0)


def test_a_folder_that_cannot_be_written_is_named_with_the_way_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    write_notebook(tmp_path, "01-good", "1")
    (tmp_path / "a file").touch()
    assert run_all.main(["--lessons", str(tmp_path), "--build", str(tmp_path / "a file" / "build")]) == 1
    assert "COURSE_HOME" in capsys.readouterr().err


def test_a_run_without_lessons_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run_all.main(["--lessons", str(tmp_path)]) == 1
    assert f"no notebooks in {tmp_path}" in capsys.readouterr().err
