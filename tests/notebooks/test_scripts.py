"""The script that each lesson ends in, and its file in notebooks/scripts/: it runs alone, without the lesson."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from commands.refresh import NOTEBOOKS, SCRIPTS, script_cell, script_of
from helpers.mock.gateway.identity import DEFAULT_KEY
from helpers.mock.service import Service
from helpers.mock.transports.server import MockServer
from tests.support.programs import Programs, programs

pytestmark = pytest.mark.heavy

LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))
# What the lesson hands to its script, in the cell before it.
INPUT = {
    "07-images": {"PICTURE": "media/chart.png", "QUESTION": "Which family stands out?"},
    "08-audio": {"SOUND": "media/train_at_nine.wav", "TRANSLATE_TO": "German"},
    "11-in-production": {"PRICE_IN": "2.0", "PRICE_OUT": "6.0"},
}
each_lesson = pytest.mark.parametrize("path", LESSONS, ids=[path.stem for path in LESSONS])


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with MockServer(Service(media=NOTEBOOKS / "media")) as server:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AZURE")}
        variables = {"AZURE_INFERENCE_ENDPOINT": f"{server.url}/models", "AZURE_INFERENCE_CREDENTIAL": DEFAULT_KEY}
        # Not the repository's folder on the path: a script must not need the helpers.
        yield {**clean, **variables, "NO_PROXY": "127.0.0.1", "PYTHONUTF8": "1"}


@pytest.fixture(scope="module")
def python(environment: dict[str, str]) -> Iterator[Programs]:
    with programs("azure.ai.inference", "azure.identity", "openai.resources.chat", **environment) as started:
        yield started


def code_of(path: Path) -> str:
    """The code that runs the script file of a lesson."""
    script, _ = script_of(path)
    return f"import sys, runpy; sys.modules['helpers'] = None; runpy.run_path({str(script)!r}, run_name='__main__')"


Ran = subprocess.CompletedProcess[str]


@pytest.fixture
def run(python: Programs) -> Callable[[Path, Mapping[str, str]], Ran]:
    """Runs it in the folder of the lessons, where its input is."""
    return lambda path, given: python.run(code_of(path), NOTEBOOKS, {**given, **INPUT.get(path.stem, {})})


@each_lesson
def test_the_file_is_the_cell_of_the_lesson(path):
    file, text = script_of(path)
    told = f"python3 tasks.py refresh --no-run {path.name[:2]} cuts it again"
    assert file.is_file(), told
    assert file.read_bytes() == text.encode(), told
    header, rest = text.split("\n", 1)
    assert path.name in header
    assert rest == script_cell(path).source.rstrip("\n") + "\n"


def test_there_is_no_script_without_a_lesson():
    assert {file.name for file in SCRIPTS.iterdir() if file.is_file()} == {f"{path.stem}.py" for path in LESSONS}


@each_lesson
def test_a_script_runs_alone_and_prints_what_the_lesson_shows(path, environment):
    command, variables = [sys.executable, "-c", code_of(path)], {**environment, **INPUT.get(path.stem, {})}
    done = subprocess.run(command, cwd=NOTEBOOKS, env=variables, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    shown = "".join(output.get("text", "") for output in script_cell(path).outputs if output.output_type == "stream")
    assert done.stdout.decode().replace("\r\n", "\n") == shown


@each_lesson
def test_a_script_says_what_is_wrong_when_the_key_is(path, environment, run):
    done = run(path, {**environment, "AZURE_INFERENCE_CREDENTIAL": "not-the-key"})
    assert done.returncode == 1
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert "not-the-key" not in done.stderr + done.stdout


@pytest.mark.parametrize("end", ["openai/v1/", "openai/deployments/mistral-large-2407", "models/"])
def test_the_script_of_the_move_finds_the_new_address_from_each_old_one(end, environment, run):
    (path,) = (path for path in LESSONS if path.stem.startswith("12"))
    address = environment["AZURE_INFERENCE_ENDPOINT"].removesuffix("models") + end
    done = run(path, {**environment, "AZURE_INFERENCE_ENDPOINT": address})
    assert done.returncode == 0, done.stderr
    assert "destination_city: Tallinn" in done.stdout
