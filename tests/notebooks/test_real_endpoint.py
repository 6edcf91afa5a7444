"""The lessons on an endpoint that is not ours: the reader's own, when the environment names one, and a LiteLLM proxy.

What the endpoint cannot do is reported as skipped, with the reason, and the rest runs.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import v4

from commands import run_all
from tests.support.abilities import ABILITIES, what_it_lacks
from tests.support.ending import WITH_US
from tests.support.lessons import (
    ENDPOINT_PREFIXES,
    LESSONS,
    NOTEBOOKS,
    YOURS,
    CellResult,
    Target,
    by_reason,
    count,
    run_lesson,
)
from tests.support.places import ROOT

pytestmark = pytest.mark.heavy

# Fifty tries make a point on the mock, and cost money elsewhere.
FEW = {"tries": 3}
NO_ENDPOINT = (
    "no endpoint of yours: set AZURE_INFERENCE_ENDPOINT and AZURE_INFERENCE_CREDENTIAL to run the lessons there"
)
NO_KEY = "the endpoint has no key: the lessons sign in with AZURE_INFERENCE_CREDENTIAL, and only the first without"
LITELLM_SECONDS = 240  # until the proxy is ready: about six, and where its packages were never imported before a minute


# On the reader's own endpoint


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item for each lesson on the reader's endpoint; without one, a single item that says so."""
    if metafunc.function is not test_a_lesson_runs_on_your_endpoint:
        return
    target = Target(metafunc.config.stash[YOURS])
    missing = NO_ENDPOINT if not target.endpoint else "" if target.key else NO_KEY
    none = [pytest.param(None, marks=pytest.mark.skip(reason=missing), id="none")]
    lessons = [pytest.param(lesson, id=lesson.stem) for lesson in LESSONS]
    metafunc.parametrize("lesson", none if missing else lessons)


@pytest.fixture(scope="session")
def yours(pytestconfig: pytest.Config) -> Target:
    return Target(pytestconfig.stash[YOURS])


@pytest.fixture(scope="session")
def yours_lacks(yours: Target) -> dict[str, str]:
    return what_it_lacks(yours)


def test_a_lesson_runs_on_your_endpoint(
    lesson: Path,
    yours: Target,
    yours_lacks: dict[str, str],
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
):
    results = run_lesson(lesson, yours, yours_lacks, FEW)
    for reason, cells in by_reason(results, "skipped").items():
        with capsys.disabled():  # the report shows on the terminal, as every other
            report_skip(request.node, lesson, f"{cells_of(cells)}: {reason}")
    failed = [f"{cells_of(cells)}: {reason}" for reason, cells in by_reason(results, "failed").items()]
    if failed:
        pytest.fail("\n".join([lesson.stem, *failed]), pytrace=False)
    if not count(results, "passed"):
        pytest.skip(f"{lesson.stem}: the endpoint can do nothing of it")


def report_skip(item: pytest.Item, lesson: Path, reason: str) -> None:
    """Counts and lists a part of a test as skipped, as pytest does with whole tests."""
    place = (str(lesson.relative_to(NOTEBOOKS.parent)), None, f"Skipped: {reason}")
    report = pytest.TestReport(item.nodeid, item.location, {}, outcome="skipped", longrepr=place, when="call")  # pyright: ignore[reportArgumentType]
    item.ihook.pytest_runtest_logreport(report=report)


def cells_of(numbers: list[int]) -> str:
    return f"cell{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


@pytest.mark.parametrize("prefix", ENDPOINT_PREFIXES)
def test_no_variable_of_it_reaches_the_strict_tests(prefix: str):
    assert [name for name in os.environ if name.upper().startswith(prefix)] == []


def test_make_run_lays_the_same_variables_aside():
    assert run_all.ENDPOINT_PREFIXES == ENDPOINT_PREFIXES


def test_every_need_of_the_lessons_is_one_that_an_endpoint_can_be_asked_about():
    cells = [cell for lesson in LESSONS for cell in nbformat.read(lesson, as_version=4).cells]
    tags = {tag.removeprefix("needs-") for cell in cells for tag in cell.metadata.get("tags", []) if "needs-" in tag}
    assert tags - ABILITIES.keys() <= {"entra"}, "entra needs no question: those cells need the mock as well"


# On a LiteLLM proxy, which is not ours


@dataclass(frozen=True)
class Proxy:
    """A running LiteLLM proxy, as the endpoint it is, and the lines it has logged so far."""

    target: Target
    log: list[str] = field(repr=False)


@pytest.fixture(scope="session")
def litellm(litellm_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The proxy in a process of its own, on a free port that it names in its log when it is ready."""
    key = f"sk-{secrets.token_urlsafe(32)}"
    command = [litellm_python.with_name("litellm"), "--config", ROOT / "tests" / "litellm" / "config.yaml"]
    command += ["--host", "127.0.0.1", "--port", "0", "--telemetry", "False"]
    environment = {
        **os.environ,
        "LITELLM_MASTER_KEY": key,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # the price list in the package, not the one on the network
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
    }
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=tmp_path_factory.mktemp("litellm"),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        **WITH_US,
    ) as process:
        deadline = threading.Timer(LITELLM_SECONDS, process.kill)
        deadline.start()
        try:
            log, lines = [], iter(process.stdout or ())
            url = None
            for line in lines:
                log.append(line)
                if url := re.search(r"Uvicorn running on (http://127\.0\.0\.1:\d+)", line):
                    break
            deadline.cancel()
            assert url, f"the LiteLLM proxy did not start:\n{''.join(log).replace(key, '...')}"
            # A full pipe would stop the proxy.
            reader = threading.Thread(target=log.extend, args=(lines,), daemon=True)
            reader.start()
            models = dict.fromkeys(
                (f"AZURE_INFERENCE_{kind}MODEL" for kind in ("", "VISION_", "AUDIO_", "EMBEDDING_")), "scripted"
            )
            named = {"AZURE_INFERENCE_ENDPOINT": url[1], "AZURE_INFERENCE_CREDENTIAL": key}
            yield Proxy(Target({**named, **models}), log)
        finally:
            deadline.cancel()
            process.kill()


@pytest.fixture(scope="session")
def litellm_lacks(litellm: Proxy) -> dict[str, str]:
    return what_it_lacks(litellm.target)


@pytest.fixture(scope="session")
def on_litellm(
    request: pytest.FixtureRequest, litellm: Proxy, litellm_lacks: dict[str, str]
) -> Iterator[Callable[[Path], list[CellResult]]]:
    """The results of a lesson there. Those that this session asks for are executed once, two at a time."""
    items = [
        item for item in request.session.items if item.path == Path(__file__) and isinstance(item, pytest.Function)
    ]
    lessons = {
        item.callspec.params.get("lesson")
        for item in items
        if "on_litellm" in item.fixturenames and hasattr(item, "callspec")
    }
    with ThreadPoolExecutor(2) as executor:

        def start(lesson: Path) -> Future[list[CellResult]]:
            return executor.submit(run_lesson, lesson, litellm.target, litellm_lacks, FEW)

        runs = {lesson: start(lesson) for lesson in LESSONS if lesson in lessons}
        yield lambda lesson: runs[lesson].result()


@pytest.mark.slow
def test_what_litellm_lacks_is_found_out_by_asking(litellm_lacks: dict[str, str]):
    assert litellm_lacks.keys() == {
        *("tools", "json", "json-schema", "vision", "audio", "logprobs", "filter", "info", "model"),
        *("embeddings", "image-embeddings"),
    }
    assert "no tool call" in litellm_lacks["tools"]
    assert "red" in litellm_lacks["vision"]
    assert "404" in litellm_lacks["info"]
    assert "400" in litellm_lacks["model"]
    assert "1 vector" in litellm_lacks["embeddings"]
    assert "404" in litellm_lacks["image-embeddings"]


# Cells that pass there, at least; and the needs for which cells are skipped there.
ON_LITELLM = {
    "00-start-here": (15, set()),
    "01-basics": (30, {"info", "model"}),
    "02-streaming": (23, {"model"}),
    "03-parameters": (24, {"logprobs", "model"}),
    "04-json-mode": (11, {"json", "json-schema", "model"}),
    "05-tools": (24, {"tools", "model"}),
    "06-content-safety": (7, {"filter"}),
    "07-images": (22, {"vision"}),
    "08-audio": (19, {"audio"}),
    "09-embeddings": (11, {"embeddings", "image-embeddings"}),
    "10-errors-and-limits": (59, set()),
    "11-in-production": (60, {"filter"}),
    "12-moving-to-openai": (20, {"json", "json-schema", "tools", "vision", "embeddings", "filter", "model"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_a_lesson_on_litellm_leaves_out_what_a_scripted_text_cannot_do(
    lesson: Path, litellm: Proxy, litellm_lacks: dict[str, str], on_litellm: Callable[[Path], list[CellResult]]
):
    results = on_litellm(lesson)
    at_least, needs = ON_LITELLM[lesson.stem]
    cells = [cell for cell in nbformat.read(lesson, as_version=4).cells if cell.cell_type == "code"]
    assert [result.number for result in results] == [cell.execution_count for cell in cells]
    assert by_reason(results, "failed") == {}
    assert count(results, "passed") >= at_least
    reasons = by_reason(results, "skipped")
    assert {f"needs {need}: {litellm_lacks[need]}" for need in needs} <= reasons.keys()
    assert all(reasons), "each skipped cell has a reason"
    for result, cell in zip(results, cells, strict=True):
        tags = cell.metadata.get("tags", [])
        if "mock" in tags:
            assert (result.status, result.reason) == ("skipped", "needs the mock")
        elif {f"needs-{need}" for need in litellm_lacks} & set(tags):
            assert result.status == "skipped"
        elif result.status == "skipped":
            assert "depends on cell" in result.reason
    assert not any(litellm.target.key in result.reason for result in results)


@pytest.mark.slow
def test_the_lessons_calls_reach_litellm(litellm: Proxy, litellm_lacks: dict[str, str]):
    def served() -> int:
        return sum("POST /chat/completions" in line and "200" in line for line in list(litellm.log))

    before = served()  # what it can do has been asked, and the lessons of the tests above have run
    results = run_lesson(NOTEBOOKS / "02-streaming.ipynb", litellm.target, litellm_lacks, FEW)
    assert served() - before > 10, by_reason(results, "skipped")


# On an endpoint that does as little as some do


class Poor(BaseHTTPRequestHandler):
    """Gives every question one answer, without usage or tool calls; refuses with 500; its streams have no end."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "temperature" in asked:
            return self.answer(500, "application/json", {"error": {"code": "no", "message": self.headers["api-key"]}})
        said = {"role": "assistant", "content": "Well."}
        whole = {"id": "1", "model": "m", "created": 1, "choices": [{"index": 0, "message": said, "delta": said}]}
        kind = "text/event-stream" if asked.get("stream") else "application/json"
        return self.answer(200, kind, whole)

    def answer(self, status: int, kind: str, content: Any) -> None:
        prefix = b"data: " if kind == "text/event-stream" else b""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(prefix + json.dumps(content).encode() + b"\n\n")

    def log_message(self, format: str, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def poor() -> Iterator[Target]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Poor) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        yield Target({"AZURE_INFERENCE_ENDPOINT": address, "AZURE_INFERENCE_CREDENTIAL": "a-very-secret-key"})
        server.shutdown()


def notebook(path: Path, cells: list[tuple[str, str]]) -> Path:
    """A notebook of code cells, each with its tags as words."""
    made = [v4.new_code_cell(source, metadata={"tags": tags.split()}) for tags, source in cells]
    nbformat.write(v4.new_notebook(cells=made), path)
    return path


SET_UP = """
import os
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from helpers import connect
assert not connect().is_mock
key = AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"])
client = ChatCompletionsClient(os.environ["AZURE_INFERENCE_ENDPOINT"], key, retry_total=0)
def ask(**options):
    return client.complete(messages=[{"role": "user", "content": "Well?"}], **options)
reply = ask()
"""
OPENAI = """
import openai
ai = openai.OpenAI(base_url=os.environ["AZURE_INFERENCE_ENDPOINT"], api_key=key.key, max_retries=0)
ai.chat.completions.create(model="m", messages=[], temperature=1, extra_headers={"api-key": key.key})
"""
# tags, source, status, reason
POOR_LESSON = [
    ("", SET_UP, "passed", ""),
    ("", "words = reply.choices[0].message.content.split()", "passed", ""),
    ("needs-usage", "tokens = reply.usage.prompt_tokens", "skipped", "needs usage: 'NoneType' object has no attribute"),
    ("", "double = 2 * tokens", "skipped", "depends on cell 3"),
    ("", "print(double)", "skipped", "depends on cell 4"),
    ("needs-usage", "tokens", "skipped", "depends on cell 3"),
    (
        "needs-tools",
        "ask(tool_choice='required').choices[0].message.tool_calls[0]",
        "skipped",
        "needs tools: 'NoneType'",
    ),
    ("needs-n needs-extras", "assert len(ask(model_extras={'n': 2}).choices) == 2", "skipped", "needs n and extras: "),
    ("", "ask(temperature=5)", "skipped", "the endpoint answered 500: (no) $AZURE_INFERENCE_CREDENTIAL"),
    ("mock", "words = []; import json; raise SystemExit", "skipped", "needs the mock"),
    ("", "words", "skipped", "depends on cell 10"),
    ("", "json.dumps({})", "skipped", "depends on cell 10"),
    ("", "words = ['new']", "passed", ""),
    ("", "words", "passed", ""),
    ("needs-vision", "seen = True", "skipped", "needs vision: it cannot see"),
    ("", "seen", "skipped", "depends on cell 15"),
    ("", "updates = list(ask(stream=True))", "passed", ""),
    ("", "updates[-1].usage.total_tokens", "failed", "AttributeError: 'NoneType' object has no attribute"),
    ("", "share = 1 / 0", "failed", "ZeroDivisionError: division by zero"),
    ("", "share", "skipped", "depends on cell 19"),
    ("", "never_defined", "failed", "NameError: name 'never_defined' is not defined"),
    ("needs-usage", "raise ValueError(key.key)", "skipped", "needs usage: $AZURE_INFERENCE_CREDENTIAL"),
    ("", "async def later():\n    return ask()\n(await later()).choices[0].message.content", "passed", ""),
    ("", OPENAI, "skipped", "the endpoint answered 500: Error code: 500 - $AZURE_INFERENCE_CREDENTIAL"),
]


def test_on_a_poor_endpoint_each_cell_is_judged_by_what_broke_it(poor: Target, tmp_path: Path):
    path = notebook(tmp_path / "lesson.ipynb", [(tags, source) for tags, source, *_ in POOR_LESSON])
    results = run_lesson(path, poor, {"vision": "it cannot see"})
    assert [(result.number, result.status) for result in results] == [
        (number, status) for number, (_, _, status, _) in enumerate(POOR_LESSON, 1)
    ]
    for result, (_, source, _, reason) in zip(results, POOR_LESSON, strict=True):
        assert result.reason.startswith(reason), source
        assert bool(result.reason) == (result.status != "passed")
        assert poor.key not in result.reason


def test_a_cell_without_end_and_a_dead_kernel_do_not_stop_the_report(poor: Target, tmp_path: Path):
    cells = [
        ("parameters", "tries = 50\nmodel = 'one'"),
        ("", "assert (tries, model) == (3, 'one')"),
        ("", "while True: pass"),
        ("", "print('goes on')"),
        ("", "import os; os._exit(1)"),
        ("", "print('never')"),
    ]
    results = run_lesson(notebook(tmp_path / "lesson.ipynb", cells), poor, parameters=FEW | {"other": 1}, timeout=2)
    assert [(result.status, result.reason) for result in results] == [
        ("passed", ""),
        ("passed", ""),
        ("skipped", "took longer than 2 s"),
        ("passed", ""),
        ("failed", "the kernel died"),
        ("failed", "not executed, because the kernel had died"),
    ]


def test_with_the_variables_set_the_suite_runs_the_lessons_there_beside_the_strict_tests(poor: Target):
    named = {"AZUREAI_ENDPOINT_URL": poor.endpoint, "AZUREAI_ENDPOINT_KEY": poor.key}
    chosen = "(your_endpoint and 06) or reaches_the_strict"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", __file__, "-k", chosen, "-p", "no:cacheprovider", "-ra"],
        cwd=NOTEBOOKS.parent,
        env={**os.environ, **named, "COLUMNS": "250"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(rf"\b{len(ENDPOINT_PREFIXES) + 1} passed", done.stdout)
    skipped = (
        r"SKIPPED \[1\] notebooks.06-content-safety.ipynb: cells [\d, ]+: needs filter: the answer is not annotated"
    )
    assert re.search(skipped, done.stdout)
    assert poor.key not in done.stdout + done.stderr


def test_what_a_poor_endpoint_lacks_is_found_out_although_it_never_says_so(poor: Target):
    lacking = what_it_lacks(poor)
    assert ABILITIES.keys() - lacking.keys() == {"extras", "model"}
    assert lacking["usage"] == "the answer has no token counts"
    assert lacking["stream"] == "the stream ends without a finish reason"
    assert lacking["n"] == "2 choices were asked for, and 1 came back"


def test_an_endpoint_that_answers_nothing_is_an_error_and_not_a_row_of_skips(poor: Target):
    nowhere = Target({**poor.variables, "AZURE_INFERENCE_ENDPOINT": poor.endpoint.rpartition(":")[0] + ":1"})
    with pytest.raises(AssertionError, match="does not answer a plain question") as caught:
        what_it_lacks(nowhere)
    assert poor.key not in str(caught.value)


def test_a_key_goes_with_the_endpoint_of_its_own_pair():
    older = {"AZUREAI_ENDPOINT_URL": "https://old.example", "AZUREAI_ENDPOINT_KEY": "old"}
    assert (Target(older).endpoint, Target(older).key) == ("https://old.example", "old")
    both = Target({**older, "AZURE_INFERENCE_ENDPOINT": "https://new.example"})
    assert (both.endpoint, both.key) == ("https://new.example", "")
    assert "old" not in repr(Target(older))
