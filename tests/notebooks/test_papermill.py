"""Every lesson runs with papermill on another endpoint, and with another model where it allows that.

The endpoint is a second mock in a process of its own, on a port and with a key that nothing could know. The lessons are
told the endpoint as a parameter, and the key only by the environment.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from tests.support.ending import WITH_US
from tests.support.kernels import Kernel
from tests.support.lessons import LESSONS, NOTEBOOKS

pytestmark = pytest.mark.heavy

# The model that each lesson is run with instead of its own.
OTHER_MODEL = {
    "00-start-here": "Cohere-command-r-plus-08-2024",
    "01-basics": "Cohere-command-r-plus-08-2024",
    "02-streaming": "gpt-4o",
    "05-tools": "Cohere-command-r-plus-08-2024",
    "06-content-safety": "Phi-4-multimodal-instruct",
    "07-images": "Phi-3-vision-128k-Instruct",
    "10-errors-and-limits": "Cohere-command-r-plus-08-2024",
    "11-in-production": "Cohere-command-r-plus-08-2024",
}
OWN_MODEL = {
    "03-parameters": "log probabilities, several choices and safe_prompt together: one model of the mock has them all",
    "04-json-mode": "one model takes a JSON schema with the lesson's api-version, and the lesson uses it",
    "08-audio": "the one other model that hears is OpenAI's, and takes no sound by address",
    "09-embeddings": "the mock has two embedding models, and the lesson uses both, each for what the other lacks",
    "12-moving-to-openai": "a JSON schema on both routes and safe_prompt: one model of the mock has both",
}
# Cells that sign in with Entra ID: they need https, a certificate authority to trust and a managed identity.
ENTRA = "needs-entra"


@dataclass(frozen=True)
class Executed:
    """A lesson after papermill: the file it wrote, as text and as a notebook, and the error it stopped with."""

    lesson: Path
    text: str
    book: NotebookNode
    error: str = ""

    @property
    def printed(self) -> str:
        """Everything that the lesson printed."""
        cells = [cell for cell in self.book.cells if cell.cell_type == "code"]
        return "".join(output.get("text", "") for cell in cells for output in cell.outputs)


def kernel_with(variables: dict[str, str]) -> type[Kernel]:
    """Kernels with these environment variables, which must not be the tests' own."""

    class Own(Kernel):
        async def start_kernel(self, **options: Any) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
            await super().start_kernel(**options, env={**os.environ, **variables})

    return Own


def execute(lesson: Path, folder: Path, parameters: dict[str, str], variables: dict[str, str]) -> Executed:
    """Runs one lesson with these environment variables; an error in a cell is part of the result."""
    output = folder / f"{lesson.stem}-out.ipynb"
    error = ""
    try:
        papermill.execute_notebook(
            lesson,
            output,
            parameters,
            kernel_name="python3",
            kernel_manager_class=kernel_with(variables),
            cwd=str(NOTEBOOKS),
            execution_timeout=60,
            progress_bar=False,
            request_save_on_cell_execute=False,  # once at the end, not twice a cell
        )
    except PapermillExecutionError as failure:
        error = f"cell {failure.exec_count}: {failure.ename}: {failure.evalue}"
    text = output.read_text("utf-8")
    return Executed(lesson, text, nbformat.reads(text, as_version=4), error)


@dataclass(frozen=True)
class SecondMock:
    """A mock in a process of its own: its two addresses, its key, and the environment in which a kernel can sign in."""

    endpoint: str
    https_endpoint: str
    key: str
    identity: dict[str, str]


@pytest.fixture(scope="session")
def second_mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecondMock]:
    key = secrets.token_hex(16)
    command = [sys.executable, "-m", "helpers.mock", "--port", "0", "--media", str(NOTEBOOKS / "media")]
    command += ["--tls", "--tls-dir", str(tmp_path_factory.mktemp("authority"))]
    environment = {**os.environ, "MOCK_KEY": key}
    how = {"cwd": NOTEBOOKS.parent, "env": environment, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **how, **WITH_US) as process:
        try:
            assert process.stdout is not None
            said = re.search(
                r"(http://\S+/models) and (https://\S+/models) .*CA file: (.+?) \| IDENTITY_ENDPOINT=(\S+)",
                process.stdout.readline(),
            )
            assert said, "the mock did not say where it is"
            endpoint, https_endpoint, authority, issuer = said.groups()
            identity = {"IDENTITY_ENDPOINT": issuer, "IDENTITY_HEADER": key}
            identity |= {"REQUESTS_CA_BUNDLE": authority, "SSL_CERT_FILE": authority}
            yield SecondMock(endpoint, https_endpoint, key, identity)
        finally:
            process.terminate()


@pytest.fixture(scope="session", autouse=True)
def papermill_is_quiet() -> None:
    logging.getLogger("papermill").setLevel(logging.ERROR)


@pytest.fixture(scope="module", params=[path.stem for path in LESSONS])
def executed(
    request: pytest.FixtureRequest, second_mock: SecondMock, tmp_path_factory: pytest.TempPathFactory
) -> Executed:
    """A lesson, run on the second mock."""
    lesson = NOTEBOOKS / f"{request.param}.ipynb"
    folder = tmp_path_factory.mktemp("papermill")
    variables = {"AZURE_INFERENCE_CREDENTIAL": second_mock.key} | (second_mock.identity if signs_in(lesson) else {})
    return execute(lesson, folder, parameters_for(lesson, second_mock), variables)


def signs_in(lesson: Path) -> bool:
    """Whether it has cells that do, which papermill cannot leave out."""
    return any(ENTRA in cell.metadata.get("tags", []) for cell in nbformat.read(lesson, as_version=4).cells)


def parameters_for(lesson: Path, mock: SecondMock) -> dict[str, str]:
    """What papermill injects: the endpoint, and the other model where there is one."""
    model = OTHER_MODEL.get(lesson.stem)
    return {"endpoint": mock.https_endpoint if signs_in(lesson) else mock.endpoint} | (
        {"model": model} if model else {}
    )


def test_a_lesson_runs_on_the_endpoint_that_is_injected(
    executed: Executed, second_mock: SecondMock, record_property: Callable[[str, str], None]
):
    name = executed.lesson.stem
    if name in OWN_MODEL:
        record_property("note", f"{name} with its own model: {OWN_MODEL[name]}")

    assert executed.error == ""
    assert "Endpoint: 127.0.0.1, with your key" in executed.printed
    assert "bundled mock" not in executed.printed
    code = [cell for cell in executed.book.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    injected = next(cell.source for cell in code if "injected-parameters" in cell.metadata.tags)
    assert parameters_for(executed.lesson, second_mock)["endpoint"] in injected
    assert second_mock.key not in executed.text


@pytest.mark.parametrize("executed", OTHER_MODEL, indirect=True)
def test_the_model_that_is_injected_is_the_one_that_answers(executed: Executed):
    model, committed = OTHER_MODEL[executed.lesson.stem], nbformat.read(executed.lesson, as_version=4)
    assert said_by(executed.book, model) > said_by(committed, model)


def said_by(book: NotebookNode, model: str) -> int:
    """How often the outputs of a lesson name the model."""
    return sum(json.dumps(cell.outputs).count(model) for cell in book.cells if cell.cell_type == "code")


def test_a_lesson_with_another_key_is_turned_away(second_mock: SecondMock, tmp_path: Path):
    parameters = {"endpoint": second_mock.endpoint}
    variables = {"AZURE_INFERENCE_CREDENTIAL": "not-the-key"}
    run = execute(LESSONS[0], tmp_path, parameters, variables)
    assert "ClientAuthenticationError" in run.error
    assert "not-the-key" not in run.text


def test_every_lesson_has_another_model_or_a_reason_why_not():
    lessons = {lesson.stem for lesson in LESSONS}
    assert not OTHER_MODEL.keys() & OWN_MODEL.keys()
    assert lessons <= OTHER_MODEL.keys() | OWN_MODEL.keys()
