"""The script that each lesson ends in runs alone: pasted into a file, without the lesson above it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from helpers.mock.identity import DEFAULT_KEY
from helpers.mock.server import MockServer
from helpers.mock.service import Service

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))
# What the lesson hands to its script, in the cell before it.
INPUT = {
    "07-images": {"PICTURE": "media/chart.png", "QUESTION": "Which family stands out?"},
    "08-audio": {"SOUND": "media/train_at_nine.wav", "TRANSLATE_TO": "German"},
    "11-in-production": {"PRICE_IN": "2.0", "PRICE_OUT": "6.0"},
}


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with MockServer(Service(media=NOTEBOOKS / "media")) as server:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AZURE")}
        variables = {"AZURE_INFERENCE_ENDPOINT": f"{server.url}/models", "AZURE_INFERENCE_CREDENTIAL": DEFAULT_KEY}
        # Not the repository's folder on the path: a script must not need the helpers.
        yield {**clean, **variables, "NO_PROXY": "127.0.0.1", "PYTHONUTF8": "1"}


@pytest.mark.parametrize("path", LESSONS, ids=[path.stem for path in LESSONS])
def test_a_script_runs_alone_and_prints_what_the_lesson_shows(path, environment, tmp_path):
    (cell,) = (cell for cell in nbformat.read(path, as_version=4).cells if "script" in cell.metadata.get("tags", []))
    script = tmp_path / "lesson.py"
    script.write_text(cell.source, "utf-8")
    blocked = f"import sys, runpy; sys.modules['helpers'] = None; runpy.run_path({str(script)!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", blocked],
        cwd=NOTEBOOKS,
        env=environment | INPUT.get(path.stem, {}),
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    shown = "".join(output.get("text", "") for output in cell.outputs if output.output_type == "stream")
    assert done.stdout.decode().replace("\r\n", "\n") == shown


def test_a_script_says_what_is_wrong_when_the_key_is(environment, tmp_path):
    path = LESSONS[0]
    (cell,) = (cell for cell in nbformat.read(path, as_version=4).cells if "script" in cell.metadata.get("tags", []))
    wrong = {**environment, "AZURE_INFERENCE_CREDENTIAL": "not-the-key"}
    done = subprocess.run(
        [sys.executable, "-c", cell.source], cwd=NOTEBOOKS, env=wrong, capture_output=True, timeout=60
    )
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 1
    assert "Traceback" not in said
    assert "401" in said
    assert "not-the-key" not in said
