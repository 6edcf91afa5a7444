"""The manual keeps its word: every code block of docs/mock.md runs, and every table says what the mock has.

The blocks run as a reader would run them: the mock is installed from its wheel into an environment of its own, servers
are started by their commands, files have the name that their first line says. A block of text is what came out before.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest

from helpers.mock import Request, in_process
from helpers.mock.__main__ import main
from helpers.mock.api import reasoning
from helpers.mock.api.catalogue import bundled
from helpers.mock.gateway.keys import read_keys
from helpers.mock.gateway.routes import API_VERSIONS, ROUTES
from helpers.mock.jsonio import dumps
from helpers.mock.scripted.conditions import Conditions
from helpers.mock.scripted.script_file import read_scripts
from tests.support.distribution import FOLDER, TESTS, Environment, build_wheel
from tests.support.ending import WITH_US
from tests.support.places import ROOT
from tests.support.programs import Programs, programs

MANUAL = ROOT / "docs" / "mock.md"
PORT = "8008"  # as the manual writes it; the tests take a free one
CLIENTS = ("openai", "azure-ai-inference", "azure-identity", "aiohttp")


@dataclass(frozen=True)
class Block:
    """A fenced block: where it begins, its language, its content, and the reason for which it is not run."""

    line: int
    language: str
    code: str
    not_run: str

    @property
    def id(self) -> str:
        return f"line {self.line} {self.language}"


def blocks(*languages: str) -> list[Block]:
    found = re.finditer(r"(?:<!-- not run: (.*?) -->\n)?^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    all_of_them = [Block(TEXT[: m.start(2)].count("\n") + 1, m[2], m[3], m[1] or "") for m in found]
    return [block for block in all_of_them if not languages or block.language in languages]


TEXT = MANUAL.read_text("utf-8")
_SECTION = TEXT.index("\n## A workshop, from start to end\n")
_FIRST, _LAST = (TEXT[:end].count("\n") for end in (_SECTION, TEXT.index("\n## ", _SECTION + 1)))
WORKSHOP = [block for block in blocks() if _FIRST < block.line < _LAST]
PYTHON = [block for block in blocks("python") if block not in WORKSHOP]
SCRIPTS = [block for block in PYTHON if "def test_" not in block.code]
SHELL = [block for block in blocks("sh") if not block.not_run and block not in WORKSHOP]
SERVERS = [block for block in SHELL if block.code.startswith("inference-mock ")]
COMMANDS = [block for block in SHELL if block not in SERVERS]


def output_of(block: Block) -> str | None:
    """The block of text that follows, if one does."""
    following = blocks()[blocks().index(block) + 1 :]
    return following[0].code if following and following[0].language == "text" else None


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    wheel = build_wheel(tmp_path_factory.mktemp("wheel"))
    return Environment(tmp_path_factory.mktemp("manual") / "environment", wheel, (*TESTS, *CLIENTS))


@pytest.fixture(scope="module")
def python(environment: Environment) -> Iterator[Programs]:
    """What runs the manual's scripts there."""
    imported = ("openai.resources.chat", "inference_mock.service", "inference_mock.transports.server")
    with programs(*imported, python=environment.python, **environment.variables()) as started:
        yield started


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the manual shows, under the names that their first lines say."""
    for block in blocks("toml"):
        name = re.match(r"# (\S+\.toml)\n", block.code)
        assert name, f"{block.id} does not say its name"
        (tmp_path / name[1]).write_text(block.code, "utf-8")
    return tmp_path


@contextmanager
def running(command: str, environment: Environment, folder: Path, lines: int = 1) -> Iterator[str]:
    """The server that a command starts, on a free port: its ready line, or the first `lines` that it prints."""
    said_first, _, options = command.replace("\\\n", "").partition("inference-mock ")
    program = [str(environment.python), "-m", "inference_mock", *shlex.split(options)]
    program[program.index("--port") + 1] = "0"
    given = dict(word.split("=", 1) for word in shlex.split(said_first))
    pipe, variables = subprocess.PIPE, {**environment.variables(), **given}
    how = {"cwd": folder, "env": variables, "stdout": pipe, "stderr": pipe, "text": True, **WITH_US}
    with subprocess.Popen(program, **how) as process:
        try:
            said = "".join(process.stdout.readline() for _ in range(lines)) if process.stdout else ""
            assert said.count("\n") == lines, process.stderr and process.stderr.read()
            yield said
        finally:
            process.kill()


@pytest.fixture(scope="module")
def port(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The port of a plain server, for the clients of the manual."""
    with running("inference-mock --port 0", environment, tmp_path_factory.mktemp("server")) as line:
        yield re.search(r":(\d+)/", line)[1]  # pyright: ignore[reportOptionalSubscript]


# --- the blocks -------------------------------------------------------------------------------------------------------


def test_each_language_is_one_that_is_run_here():
    assert {block.language for block in blocks()} == {"python", "sh", "toml", "js", "text"}
    assert [block.code.split()[:2] for block in blocks() if block.not_run] == [
        ["pip", "wheel"],
        ["inference-mock", "--upstream"],
    ]


def test_the_manual_starts_with_a_test_of_three_lines():
    body = blocks()[0].code.split("def test_greeting(inference_mock):\n")[1].splitlines()
    assert len(body) <= 4


@pytest.mark.heavy
def test_every_test_of_the_manual_passes(environment: Environment, folder: Path):
    tests = [block for block in PYTHON if block not in SCRIPTS]
    for block in tests:
        (folder / f"test_line_{block.line}.py").write_text(block.code, "utf-8")
    options = ("-p", "no:cacheprovider", "--strict-markers", "-q", "-o", "asyncio_default_fixture_loop_scope=function")
    done = environment.run("-m", "pytest", *options, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    count = sum(len(re.findall(r"^ *(?:async )?def test_", block.code, re.MULTILINE)) for block in tests)
    assert f"{count} passed" in done.stdout


@pytest.mark.heavy
@pytest.mark.parametrize("block", SCRIPTS, ids=lambda block: block.id)
def test_every_script_of_the_manual_runs(
    block: Block, environment: Environment, python: Programs, folder: Path, port: str
):
    done = python.run(block.code.replace(PORT, port), folder, environment.variables())
    assert done.returncode == 0, done.stderr
    assert done.stdout == (output_of(block) or "")


@pytest.mark.heavy
@pytest.mark.parametrize("block", SERVERS, ids=lambda block: block.id)
def test_every_server_of_the_manual_starts(block: Block, environment: Environment, folder: Path):
    with running(block.code, environment, folder) as line:
        expected = output_of(block)
        assert line.startswith("The mock is ready: http://")
        assert expected is None or re.sub(r":\d+/", f":{PORT}/", line) == expected


@pytest.mark.heavy
@pytest.mark.skipif(os.name == "nt" or not shutil.which("curl"), reason="the manual's commands are for a Unix shell")
@pytest.mark.parametrize("block", COMMANDS, ids=lambda block: block.id)
def test_every_command_of_the_manual_says_what_it_shows(
    block: Block, environment: Environment, port: str, folder: Path
):
    script = ["bash", "-euo", "pipefail", "-c", block.code.replace(PORT, port)]
    done = subprocess.run(script, capture_output=True, text=True, timeout=60, env=environment.variables(), cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == (output_of(block) or "").strip()


@pytest.mark.heavy
@pytest.mark.skipif(os.name == "nt" or not shutil.which("curl"), reason="the manual's commands are for a Unix shell")
def test_the_workshop_goes_from_its_start_to_its_end(environment: Environment, folder: Path, tmp_path: Path):
    made, file, start, ready, variables, program, answers, look, seen, reset, done = WORKSHOP
    participant, teacher = tmp_path / "participant", tmp_path / "teacher"

    def bash(code: str, where: Path) -> str:
        options = {"capture_output": True, "text": True, "timeout": 60, "env": environment.variables(), "cwd": where}
        ended = subprocess.run(["bash", "-euo", "pipefail", "-c", code], **options)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def ask(https: str) -> str:
        (participant / "program.py").write_text(program.code, "utf-8")
        code = variables.code.replace("192.168.1.5:8009", https)
        assert code.count(https) == 2
        return bash(f"{code}\npython program.py", participant)

    participant.mkdir()
    (teacher / "notebooks" / "media").mkdir(parents=True)
    bash(made.code, teacher)
    assert {one.tokens_per_minute for one in read_keys(teacher / "keys.toml").values()} == {20_000}
    (teacher / "keys.toml").write_text(file.code, "utf-8")
    with running(start.code, environment, teacher, lines=2) as said:
        http, https = re.findall(r"https?://([^/]+)/models", said)
        assert said.replace(https, "192.168.1.5:8009").replace(http, "192.168.1.5:8008") == ready.code
        shutil.copy(teacher / "tls" / "bundle.pem", participant)
        assert ask(https) == answers.code
        here = f"127.0.0.1:{http.rpartition(':')[2]}"
        for command, answer in ((look, seen), (reset, done)):
            assert bash(command.code.replace("127.0.0.1:8008", here), teacher) == answer.code.strip()
    with running(start.code, environment, teacher) as line:  # keys and the file that was handed out are still good
        assert ask(re.findall(r"https://([^/]+)/models", line)[0]) == answers.code


@pytest.mark.skipif(not shutil.which("node"), reason="there is no node here")
def test_the_javascript_of_the_manual_can_be_read(tmp_path: Path):
    for block in blocks("js"):
        module = tmp_path / "block.mjs"
        module.write_text(block.code, "utf-8")
        done = subprocess.run(["node", "--check", str(module)], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr


def test_every_file_of_the_manual_is_taken_by_its_reader(folder: Path):
    readers: dict[str, Callable[[Path], object]] = {
        "answers.toml": read_scripts,
        "keys.toml": read_keys,
        "models.toml": bundled().with_file,
    }
    files = sorted(path.name for path in folder.iterdir())
    assert files == sorted(readers)
    assert all(readers[name](folder / name) for name in files)


def test_the_message_for_a_request_without_a_script_is_the_one_shown():
    mock = in_process()
    mock.reply("Sunny.", when="weather")
    body = dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "What time is it?"}]})
    headers = {"api-key": mock.key, "content-type": "application/json"}
    mock.service.handle(Request("POST", "/openai/v1/chat/completions", {}, headers, body))
    assert mock.complaints[0] in {block.code.strip() for block in blocks("text")}


# --- what it names ----------------------------------------------------------------------------------------------------


def test_every_address_is_named():
    named = TEXT.split("## Which addresses")[1].split("\n## ")[0]
    places = {"chat": "chat/completions", "embeddings": "/embeddings", "image_embeddings": "images/embeddings"}
    places |= {"info": "/info", "model_list": "/models`", "model": "/models/{model}`"}
    for route in ROUTES:
        prefix = re.sub(r"\(\?P<(\w+)>.*?\)", r"{\1}", route.prefix).replace(
            "/serverless/{deployment}", "/serverless/{model}"
        )
        rows = [line for line in named.splitlines() if line.startswith(f"| `{prefix}/")]
        row = next(line for line in rows if any(place in line for place in map(places.get, route.operations) if place))
        assert [name for name in route.operations if places[name] not in row] == []


def test_every_option_and_every_condition_is_named(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["--help"])
    options = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out)) - {"--help"}
    named = TEXT.split("## Which options")[1]
    assert {option for option in options if f"`{option}`" not in named} == set()
    conditions = TEXT.split("## When does")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", conditions, re.MULTILINE) == list(Conditions.__dataclass_fields__)


def anchor_of(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def test_the_contents_are_the_sections_in_their_order():
    sections = [(title, anchor_of(title)) for title in re.findall(r"^## (.*)$", TEXT, re.MULTILINE)]
    assert re.findall(r"^\* \[(.*)\]\(#(.*)\)$", TEXT.split("\n## ")[0], re.MULTILINE) == sections


def test_the_api_versions_of_the_models_route_are_named():
    named = TEXT.split("## Which addresses")[1].split("\n## ")[0]
    assert set(re.findall(r"`(20\d\d-\d\d-\d\d(?:-preview)?)`", named)) == set(API_VERSIONS)


def test_it_says_which_models_need_a_later_version_on_the_models_route():
    told = next(line for line in TEXT.splitlines() if line.startswith("With OpenAI's models, a JSON schema"))
    openais = [card for card in bundled().cards if card.family == "openai" and card.chat]
    late = {card.json_schema_since for card in openais if "json_schema" in card.response_formats}
    assert {card.since for card in openais if card.reasoning} == {card.since for card in openais} - {""}
    oldest, *others = sorted(API_VERSIONS)
    assert f"needs a later `api-version` than `{oldest}`" in told
    assert all(oldest[:10] < since[:10] < others[0] and f"`{since}`" in told for since in late)


def test_it_says_how_long_a_reasoning_model_thinks():
    told = next(line for line in TEXT.splitlines() if line.startswith("**Reasoning models**"))
    steps = [str(reasoning._STEPS[effort]) for effort in ("low", "medium", "high")]
    assert f"{reasoning._STEP} tokens a step, {steps[0]}, {steps[1]} or {steps[2]} steps" in told


def test_it_names_the_headers_that_tell_of_limits():
    told = TEXT.split("## How do I limit it?")[1].split("\n## ")[0]
    mock = in_process(requests_per_minute=6)
    body = dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]})
    sent = {"api-key": mock.key, "content-type": "application/json"}
    answer, azure, resource = (
        mock.service.handle(Request("POST", f"{path}/chat/completions", {"api-version": version}, sent, body))
        for path, version in (
            ("/openai/deployments/gpt-4o", "2024-10-21"),
            ("/openai/deployments/gpt-4o", "2024-10-21"),
            ("/models", "2024-05-01-preview"),
        )
    )
    of_limits = re.compile(r"x-ratelimit-(?!reset)|retry-after-|policy-id")
    for response, row in ((answer, "an answer of OpenAI's"), (azure, "429 of Azure"), (resource, "429 of `/models`")):
        line = next(line for line in told.splitlines() if line.startswith(f"| {row}"))
        for name in filter(of_limits.match, response.headers.keys() - (answer.headers if response is resource else {})):
            assert f"`{name}`" in line or f"`{name.removeprefix('x-ratelimit')}`" in line
    assert azure.headers["x-ratelimit-reset-requests"] == azure.headers["retry-after"]


def test_it_says_what_changed_up_to_this_version():
    newest = re.search(r"## What has changed\?\n\n\* (\S+):", TEXT)
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text("utf-8"))["project"]
    assert newest
    assert newest[1] == project["version"]


def test_every_link_of_the_manual_leads_somewhere():
    anchors = {anchor_of(title) for title in re.findall(r"^#+ (.*)$", TEXT, re.M)}
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        path, _, anchor = target.partition("#")
        assert not path or (MANUAL.parent / unquote(path)).exists(), target
        assert not anchor or anchor in anchors, target
