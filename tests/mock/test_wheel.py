"""The mock as a wheel of its own: complete, importing nothing of the course, and at work in an empty environment."""

from __future__ import annotations

import ast
import json
import tomllib
import urllib.request
import zipfile
from pathlib import Path
from subprocess import PIPE, Popen

import pytest
from packaging.requirements import Requirement

from tests.support.distribution import FOLDER, TESTS, Environment, build_wheel

pytestmark = pytest.mark.heavy

SOURCES = sorted(path for path in FOLDER.rglob("*.py") if "__pycache__" not in path.parts)
PROJECT = tomllib.loads((FOLDER / "pyproject.toml").read_text("utf-8"))["project"]
COURSE = tomllib.loads((FOLDER.parents[1] / "pyproject.toml").read_text("utf-8"))["project"]

THREE_LINES = """
def test_greeting(inference_mock, openai_post):
    inference_mock.reply("Good morning!")
    assert openai_post(inference_mock, "Greet me.") == "Good morning!"
"""

CONFTEST = '''
import json, urllib.request, pytest

@pytest.fixture
def openai_post():
    """The smallest client there is: the environment has none."""
    def post(mock, text):
        body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}).encode()
        headers = {"api-key": mock.key, "content-type": "application/json"}
        request = urllib.request.Request(mock.openai_base_url + "/chat/completions", body, headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["choices"][0]["message"]["content"]
    return post
'''

EVERYTHING = """
import asyncio, base64, io, os, wave
import pytest
from inference_mock import Mock, ToolCall, in_process

@pytest.mark.parametrize("number", range(4))
def test_a_worker_has_a_mock_of_its_own(inference_mock: Mock, openai_post, number):
    inference_mock.reply(f"{os.environ['PYTEST_XDIST_WORKER']} {number}")
    assert openai_post(inference_mock, "Hello") == f"{os.environ['PYTEST_XDIST_WORKER']} {number}"
    inference_mock.requests.assert_called(1)

@pytest.mark.asyncio
@pytest.mark.inference_mock(unexpected="answer")
async def test_async(inference_mock, openai_post):
    inference_mock.reply("scripted", times=1)
    answers = await asyncio.gather(*(asyncio.to_thread(openai_post, inference_mock, "Hello") for _ in range(3)))
    assert answers.count("scripted") == 1

def test_without_azure_core_a_transport_says_what_is_missing(inference_mock_in_process):
    with pytest.raises(ImportError, match="pip install azure-ai-inference"):
        inference_mock_in_process.transport()

def test_what_is_imported_late_is_declared_too(make_inference_mock):
    mock = make_inference_mock(tls=True)
    assert mock.service.issuer.issue("https://cognitiveservices.azure.com").value
    from inference_mock.media import pictures, sounds
    from inference_mock.model.structured import schema
    from inference_mock.model.vectors import vectors
    import PIL.Image, soundfile, numpy, jsonschema, referencing
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("environment") / "empty", wheel, TESTS)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_the_mock_imports_its_own_modules_relatively_and_the_course_never(path: Path):
    absolute, reached = set(), 0
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            absolute |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            reached = max(reached, node.level)
            if not node.level:
                absolute.add(node.module or "")
    assert not [name for name in absolute if name.split(".")[0] in ("helpers", "inference_mock", "tests")]
    assert reached <= len(path.relative_to(FOLDER).parts), "a relative import leaves the folder"
    if path != FOLDER / "transports" / "azure.py":
        assert not [name for name in absolute if name.split(".")[0] == "azure"]


def test_the_wheel_holds_the_whole_folder_and_nothing_else(wheel: Path):
    kept = {".css", ".js", ".py", ".pyi", ".toml", ".typed", ".v3"}
    own = {"pyproject.toml", "README.md", "LICENSE"}
    folder = {
        path.relative_to(FOLDER) for path in FOLDER.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }
    expected = {f"inference_mock/{path.as_posix()}" for path in folder if path.as_posix() not in own}
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    held = {name for name in names if ".dist-info/" not in name}
    assert held == expected
    licence = "data/tokenizer/LICENSE"
    assert {Path(name).suffix for name in held - {f"inference_mock/{licence}"}} <= kept
    assert {name.partition("/licenses/")[2] for name in names if "/licenses/" in name} == {"LICENSE", licence}


def test_its_licence_is_that_of_the_course():
    assert (FOLDER / "LICENSE").read_text() == (FOLDER.parents[1] / "LICENSE").read_text()
    assert PROJECT["license"] == COURSE["license"]


def test_what_it_declares_has_the_ranges_of_the_course():
    course = {requirement.name: requirement for requirement in map(Requirement, COURSE["dependencies"])}
    extras = PROJECT["optional-dependencies"]
    for requirement in map(Requirement, [*PROJECT["dependencies"], *extras["azure"], *extras["upstream"]]):
        assert course[requirement.name] == requirement


def test_the_empty_environment_is_empty(environment: Environment):
    names = ["helpers", "tests", "azure", "openai", "IPython"]
    code = f"from importlib.util import find_spec; print(*filter(find_spec, {names}))"
    assert environment.output("-c", code).split() == []
    assert environment.output("-c", "import inference_mock; print(inference_mock.__file__)").startswith(
        str(environment.folder)
    )


def test_three_lines_are_a_test_there(environment: Environment, tmp_path: Path):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_greeting.py").write_text(THREE_LINES)
    (tmp_path / "test_everything.py").write_text(EVERYTHING)
    options = ("--strict-markers", "-p", "no:cacheprovider", "-W", "error", "-n", "2", "-q")
    settings = ("-o", "asyncio_default_fixture_loop_scope=function")
    done = environment.run("-m", "pytest", *options, *settings, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 passed" in done.stdout


@pytest.mark.parametrize("command", [("-m", "inference_mock"), ("inference-mock",)])
def test_it_is_a_server_there_and_calls_itself_by_its_name(environment: Environment, command: tuple[str, ...]):
    module = command[0] == "-m"
    start = [str(environment.python), *command] if module else [str(environment.python.with_name(command[0]))]
    with Popen([*start, "--port", "0"], stdout=PIPE, stderr=PIPE, text=True, env=environment.variables()) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            url = line.split("ready: ")[1].split("/models")[0]
            with urllib.request.urlopen(f"{url}/_mock/health") as answer:
                assert json.load(answer)["status"] == "ok"
        finally:
            process.kill()
    if module:
        assert "usage: python -m inference_mock" in environment.output(*command, "--help")
