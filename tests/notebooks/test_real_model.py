"""A real language model behind the mock: SmolLM2 on llama.cpp, both as wheels, so without a network.

It is small: 135 million parameters, and at most `MOST` tokens an answer. It writes nonsense, ignores tools and sees
nothing, which is its own affair. What is held here is the form: it is the service's, whatever stands in it.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import JsonSchemaFormat, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from openai import OpenAI

from helpers.mock.testing import Mock, serve
from tests.support.abilities import what_it_lacks
from tests.support.ending import WITH_US
from tests.support.lessons import LESSONS, NOTEBOOKS, Target, by_reason, count, run_lesson
from tests.support.places import ROOT

pytestmark = pytest.mark.heavy

MOST = 24  # tokens of an answer
SECONDS = 60  # until the model is ready; alone on the machine it takes two
FEW = {"tries": 2}
QUESTION = "How many languages are spoken in the world?"


@pytest.fixture(scope="module")
def smollm(smollm_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the model's server, in a process of its own."""
    log = tmp_path_factory.mktemp("smollm") / "log"
    command = [str(smollm_python), str(ROOT / "tests" / "smollm" / "serve.py"), str(MOST)]
    with (
        log.open("w") as told,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=told, text=True, **WITH_US) as process,
    ):
        deadline = threading.Timer(SECONDS, process.kill)
        deadline.start()
        try:
            line = next((line for line in process.stdout or () if line.startswith("ready ")), "")
            deadline.cancel()
            assert line, f"the model's server did not start:\n{log.read_text()[-2000:]}"
            yield f"{line.split()[1]}/v1"
        finally:
            deadline.cancel()
            process.kill()


@pytest.fixture(scope="module")
def mock(smollm: str) -> Iterator[Mock]:
    with serve(upstream=smollm) as mock:
        yield mock


@pytest.fixture(scope="module")
def lacks(mock: Mock) -> dict[str, str]:
    """What the model cannot do, or not in so few tokens; what the mock does by itself it can."""
    named = {"AZURE_INFERENCE_ENDPOINT": mock.endpoint, "AZURE_INFERENCE_CREDENTIAL": mock.key}
    found = what_it_lacks(Target(named))
    del found["info"]  # which /models has nowhere; the lessons ask a serverless endpoint
    return found


# --- the API ---


def azure(mock: Mock) -> ChatCompletionsClient:
    return ChatCompletionsClient(mock.endpoint, AzureKeyCredential(mock.key), model="mistral-large-2407", retry_total=0)


def test_it_answers_and_the_mock_counts(mock: Mock):
    with azure(mock) as client:
        answer = client.complete(messages=[SystemMessage("Be short."), UserMessage(QUESTION)], max_tokens=8, seed=1)
    choice = answer.choices[0]
    assert "mock" not in choice.message.content
    assert answer.usage.completion_tokens == mock.service.tokenizer.count(choice.message.content) <= 8
    assert (choice.finish_reason, answer.model) == ("length", "mistral-large-2407")


def test_its_stream_is_the_service_s(mock: Mock):
    client = OpenAI(base_url=mock.openai_base_url, api_key=mock.key, max_retries=0)
    messages = [{"role": "user", "content": "Say hello."}]
    chunks = list(
        client.chat.completions.create(
            model="gpt-4o",
            messages=messages,  # pyright: ignore[reportArgumentType]
            stream=True,
            stream_options={"include_usage": True},
            max_tokens=6,
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text
    assert {chunk.model for chunk in chunks[1:]} == {"gpt-4o-2024-11-20"}
    assert chunks[-1].usage
    assert chunks[-1].usage.completion_tokens >= 1
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] in ("stop", "length")


def test_a_schema_is_held_by_its_grammar_and_checked(mock: Mock):
    schema = {"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]}
    wanted = JsonSchemaFormat(name="count", schema={**schema, "additionalProperties": False}, strict=True)
    with azure(mock) as client:
        answer = client.complete(messages=[UserMessage(QUESTION)], response_format=wanted)
    assert isinstance(json.loads(answer.choices[0].message.content)["count"], int)


def test_what_it_cannot_do_is_told_and_not_hidden(lacks: dict[str, str]):
    assert {"tools", "vision", "audio"} <= lacks.keys() <= {"tools", "vision", "audio", "json", "json-schema"}
    assert "502" in lacks["vision"]


# --- the lessons ---

PASSES = {
    "00-start-here": 15,
    "01-basics": 45,
    "02-streaming": 30,
    "03-parameters": 40,
    "04-json-mode": 22,
    "05-tools": 20,
    "06-content-safety": 28,
    "07-images": 22,
    "08-audio": 18,
    "09-embeddings": 50,
    "10-errors-and-limits": 58,
    "11-in-production": 60,
    "12-moving-to-openai": 36,
}
"""Code cells of each lesson that run, at least. What is left out needs tools, eyes, ears, or JSON that has an end."""


def on_it(lesson: Path, smollm: str, lacks: dict[str, str]) -> None:
    target = Target({"MODEL_INFERENCE_UPSTREAM": smollm})
    results = run_lesson(lesson, target, lacks, FEW, on_the_mock=True)
    skipped = by_reason(results, "skipped")
    print(f"{lesson.stem}: {count(results, 'passed')} of {len(results)} cells pass")
    for reason, cells in skipped.items():
        print(f"  skipped {cells}: {reason}")
    assert by_reason(results, "failed") == {}
    assert count(results, "passed") >= PASSES[lesson.stem]


def test_a_lesson_runs_on_it(smollm: str, lacks: dict[str, str]):
    on_it(NOTEBOOKS / "00-start-here.ipynb", smollm, lacks)


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_every_lesson_runs_on_it(lesson: Path, smollm: str, lacks: dict[str, str]):
    on_it(lesson, smollm, lacks)
