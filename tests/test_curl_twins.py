"""Each curl command that a lesson shows is run as it stands there, and answered as the lesson shows it was."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from helpers.mock.identity import DEFAULT_KEY
from helpers.mock.server import MockServer
from helpers.mock.service import Service

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
SUMMARY = re.compile(r"→ (\d{3})")
TWIN = re.compile(r"<details><summary>As curl</summary><pre[^>]*>(.*?)</pre>", re.DOTALL)


def twins() -> Iterator[tuple[str, str, str]]:
    """(lesson and number, command, the status that is shown above it) of every twin in the committed outputs."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        number = 0
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                shown = output.get("data", {}).get("text/html", "")
                for twin in TWIN.finditer(shown):
                    number += 1
                    status = SUMMARY.findall(shown[: twin.start()])[-1]
                    yield f"{path.stem}-{number}", html.unescape(twin[1]), status


TWINS = list(twins())


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with MockServer(Service(media=NOTEBOOKS / "media")) as server:
        variables = {"AZURE_INFERENCE_ENDPOINT": f"{server.url}/models", "AZURE_INFERENCE_CREDENTIAL": DEFAULT_KEY}
        yield {**os.environ, **variables, "NO_PROXY": "127.0.0.1"}


def test_every_lesson_shows_a_twin():
    lessons = {path.stem for path in NOTEBOOKS.glob("*.ipynb")}
    assert {name.rsplit("-", 1)[0] for name, _, _ in TWINS} == lessons


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs curl and bash")
@pytest.mark.parametrize(("command", "status"), [t[1:] for t in TWINS], ids=[t[0] for t in TWINS])
def test_a_twin_gets_the_answer_that_is_shown(command, status, environment):
    if "$TOKEN" in command:
        pytest.skip("a token from a managed identity is not at hand in a shell")
    fault = re.search(r"x-mock-fault: (\d{3})", command)
    expected = fault[1] if fault else status  # the fault comes first, to whoever asks for it
    options = r"curl --silent --show-error --output /dev/null --write-out '%{http_code}' "
    told = re.sub(r"^curl ", lambda _: options, command, count=1, flags=re.MULTILINE)
    assert told != command
    done = subprocess.run(["bash", "-c", told], cwd=NOTEBOOKS, env=environment, capture_output=True, timeout=30)
    assert done.stdout.decode() == expected, done.stderr.decode()
