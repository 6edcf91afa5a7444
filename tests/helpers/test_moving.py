"""`Move`: what it takes down, what it calls the same, and what it does not; and waits that are noted."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import openai
import pytest
import requests
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError

from helpers.mock import Mock, serve
from helpers.moving import Move, noting_waits, source

MODEL = "mistral-large-2407"
HELLO: list[Any] = [{"role": "user", "content": "How many metres is 3 km?"}]
ANSWER = "3 kilometres are 3,000 metres."


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with serve() as made:
        yield made


@pytest.fixture
def move() -> Move:
    return Move()


@pytest.fixture
def old(mock: Mock, move: Move) -> ChatCompletionsClient:
    return ChatCompletionsClient(
        mock.endpoint, AzureKeyCredential(mock.key), model=MODEL, raw_response_hook=move.record
    )


@pytest.fixture
def new(mock: Mock, move: Move) -> openai.OpenAI:
    listening = openai.DefaultHttpxClient(event_hooks={"response": [move.record]})
    return openai.OpenAI(base_url=mock.openai_base_url, api_key=mock.key, http_client=listening)


def text(reply: Any) -> str:
    return reply.choices[0].message.content


def test_a_call_tells_the_path_that_it_asked_and_the_status_that_it_got(move: Move, old: Any, new: Any):
    asked: Any = {"model": MODEL, "messages": HELLO}
    found = move.answered(lambda: old.complete(**asked))
    assert found == ("/models/chat/completions?api-version=2024-05-01-preview", 200)
    assert move.answered(lambda: new.chat.completions.create(**asked)) == ("/openai/v1/chat/completions", 200)
    found = move.answered(lambda: new.chat.completions.create(**{**asked, "model": "none"}))
    assert found == ("/openai/v1/chat/completions", 404)


def test_the_requests_of_two_clients_are_the_same_but_for_address_and_sign_in(
    move: Move, old: Any, new: Any, mock: Mock, capsys: pytest.CaptureFixture[str]
):
    move.compare(
        "Hello",
        lambda: text(old.complete(messages=[UserMessage(HELLO[0]["content"])])),
        lambda: text(new.chat.completions.create(model=MODEL, messages=HELLO)),
    )
    said = capsys.readouterr().out
    assert "path    POST /models/chat/completions?api-version=2024-05-01-preview  POST /openai/v1/chat" in said
    assert "body    messages, model " in said
    assert ANSWER in said
    assert said.count("✓ the same") == 2
    assert mock.key not in said


def test_each_request_of_a_task_has_its_rows(move: Move, old: Any, capsys: pytest.CaptureFixture[str]):
    def twice() -> list[str]:
        return [text(old.complete(messages=HELLO, seed=seed)) for seed in (1, 2)]

    move.compare("Twice", twice, twice)
    said = capsys.readouterr().out
    assert said.count("POST /models/chat/completions?") == 2
    assert "\n2. body  messages, model, seed " in said
    assert said.count("✓ the same") == 5


def test_what_plain_http_sends_is_taken_down_as_well(move: Move, mock: Mock):
    def plain() -> str:
        http = requests.Session()
        http.hooks["response"].append(move.record)
        body, headers = {"model": MODEL, "messages": HELLO}, {"api-key": mock.key}
        reply = http.post(f"{mock.openai_base_url}/chat/completions", json=body, headers=headers, timeout=10)
        return reply.json()["choices"][0]["message"]["content"]

    ran = move.run("plain HTTP", plain)
    assert ran.value == ANSWER
    assert [sent.line for sent in ran.sent] == ["POST /openai/v1/chat/completions"]


@pytest.mark.parametrize("differ", [(), "top_p", ("temperature", "top_p")])
def test_what_differs_and_what_is_told_to_differ_must_be_one(move: Move, old: Any, new: Any, differ: Any):
    def compare() -> None:
        move.compare(
            "Hello",
            lambda: text(old.complete(messages=HELLO, temperature=0)),
            lambda: text(new.chat.completions.create(model=MODEL, messages=HELLO)),
            differ=differ,
        )

    told = {(): "differ in temperature", "top_p": "differ in temperature", ("temperature", "top_p"): "names top_p"}
    with pytest.raises(AssertionError, match=told[differ]):
        compare()


def test_a_difference_that_is_told_is_shown(move: Move, old: Any, new: Any, capsys: pytest.CaptureFixture[str]):
    move.compare(
        "Extras",
        lambda: text(old.complete(messages=HELLO, model_extras={"n": 1})),
        lambda: text(new.chat.completions.create(model=MODEL, messages=[{**HELLO[0], "name": "ada"}], n=1)),
        differ=["extra-parameters", "messages.*.name"],
    )
    assert 'messages.0.name: (nothing) → "ada"' in capsys.readouterr().out


def test_another_result_is_an_error_unless_results_vary(move: Move):
    with pytest.raises(AssertionError, match="before, it gives 'a', and after, 'b'"):
        move.compare("Letters", lambda: "a", lambda: "b")
    Move(compare_results=False).compare("Letters", lambda: "a", lambda: "b")


def test_the_diff_shows_no_secret_and_nothing_that_varies(
    move: Move, old: Any, new: Any, mock: Mock, capsys: pytest.CaptureFixture[str]
):
    move.diff(
        lambda: text(old.complete(messages=HELLO)),
        lambda: text(new.chat.completions.create(model=MODEL, messages=HELLO)),
    )
    diff = capsys.readouterr().out
    assert "-POST /models/chat/completions?api-version=2024-05-01-preview\n+POST /openai/v1/chat/completions" in diff
    assert "-api-key: (the key)" in diff
    assert "Bearer (the key)" in diff
    assert diff.count("x-stainless-…") == 1
    assert '   "model": "mistral-large-2407"' in diff
    assert mock.key not in diff
    assert "python" not in diff.lower()


def test_the_source_of_a_form_is_its_body_as_it_was_written():
    def form() -> list[int]:
        found = [3]
        found.append(4)
        return found

    assert source(form) == "found = [3]\nfound.append(4)\nreturn found"


def test_waits_are_noted_and_nobody_sleeps_but_other_threads(old: Any, new: Any):
    start, others = time.monotonic(), []

    def other() -> None:
        time.sleep(0.05)
        others.append(time.monotonic() - start)

    with noting_waits() as noted:
        thread = threading.Thread(target=other)
        thread.start()
        fault = {"x-mock-fault": "429; retry-after=30"}
        with pytest.raises(HttpResponseError):
            old.complete(messages=HELLO, headers=fault)
        with pytest.raises(openai.RateLimitError):
            new.chat.completions.create(model=MODEL, messages=HELLO, extra_headers=fault)
        thread.join()
    assert noted == [30] * 5
    assert others[0] >= 0.05
    assert time.monotonic() - start < 10
    time.sleep(0)
    assert noted == [30] * 5
