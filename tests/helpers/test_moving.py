"""`Move`: what it takes down, what it calls the same, and what it refuses to call the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
import requests
from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient
from azure.ai.inference.models import SystemMessage, ToolMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

from helpers.mock import Mock, serve
from helpers.moving import Move, as_json, differences, source

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


def test_the_requests_of_three_clients_are_the_same_but_for_address_and_sign_in(
    move: Move, old: Any, new: Any, mock: Mock, capsys: pytest.CaptureFixture[str]
):
    def plain() -> str:
        http = requests.Session()
        http.hooks["response"].append(move.record)
        body, headers = {"model": MODEL, "messages": HELLO}, {"api-key": mock.key}
        reply = http.post(f"{mock.openai_base_url}/chat/completions", json=body, headers=headers, timeout=10)
        return reply.json()["choices"][0]["message"]["content"]

    move.compare(
        "Hello",
        lambda: text(old.complete(messages=[UserMessage(HELLO[0]["content"])])),
        lambda: text(new.chat.completions.create(model=MODEL, messages=HELLO)),
        plain,
    )
    said = capsys.readouterr().out
    assert "request, azure-ai-inference: POST /models/chat/completions?api-version=" in said
    assert "request, plain HTTP: POST /openai/v1/chat/completions" in said
    assert [run.value for run in move.last] == [ANSWER] * 3
    assert said.count("✓ the same") == 4
    assert mock.key not in said


@pytest.mark.parametrize("differ", ["", "top_p", "temperature top_p"])
def test_what_differs_and_what_is_told_to_differ_must_be_one(move: Move, old: Any, new: Any, differ: str):
    def compare() -> None:
        move.compare(
            "Hello",
            lambda: text(old.complete(messages=HELLO, temperature=0)),
            lambda: text(new.chat.completions.create(model=MODEL, messages=HELLO)),
            differ=differ,
        )

    told = {"": "differ in temperature", "top_p": "differ in temperature", "temperature top_p": "names top_p"}
    with pytest.raises(AssertionError, match=told[differ]):
        compare()


def test_a_difference_that_is_told_is_shown_and_kept_for_the_summary(
    move: Move, old: Any, new: Any, capsys: pytest.CaptureFixture[str]
):
    move.compare(
        "Extras",
        lambda: text(old.complete(messages=HELLO, model_extras={"n": 1})),
        lambda: text(new.chat.completions.create(model=MODEL, messages=[{**HELLO[0], "name": "ada"}], n=1)),
        differ="extra-parameters messages.*.name",
    )
    said = capsys.readouterr().out
    assert "extra-parameters: pass-through" in said
    assert 'messages.0.name: (nothing) → "ada"' in said
    move.summary()
    assert "extra-parameters, messages.*.name" in capsys.readouterr().out


def test_another_result_is_an_error_unless_results_vary(move: Move):
    with pytest.raises(AssertionError, match="openai gives 'b', and azure-ai-inference 'a'"):
        move.compare("Letters", lambda: "a", lambda: "b")
    Move(compare_results=False).compare("Letters", lambda: "a", lambda: "b")


def test_pairs_are_shown_as_they_are_written_once_they_are_the_same(
    move: Move, old: Any, new: Any, mock: Mock, capsys: pytest.CaptureFixture[str]
):
    embedder = EmbeddingsClient(mock.endpoint, AzureKeyCredential(mock.key), raw_response_hook=move.record)
    small = "text-embedding-3-small"
    move.pairs(
        ("system", lambda: SystemMessage("Hi"), lambda: {"role": "system", "content": "Hi"}),
        (
            "a tool's answer",
            lambda: ToolMessage("7", tool_call_id="a"),
            lambda: {"role": "tool", "tool_call_id": "a", "content": "7"},
        ),
        (
            "embeddings",
            lambda: len(embedder.embed(input=["a"], model=small).data),
            lambda: len(new.embeddings.create(input=["a"], model=small).data),
        ),
    )
    said = capsys.readouterr().out
    assert 'SystemMessage("Hi")' in said
    assert '{"role": "tool", "tool_call_id": "a", "content": "7"}' in said
    move.mapping()
    assert "3 pairs, all run" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="user: "):
        move.pairs(("user", lambda: UserMessage("Hi"), lambda: {"role": "user", "content": "Ho"}))
    with pytest.raises(AssertionError, match="seed: the requests differ in seed"):
        move.pairs(
            (
                "seed",
                lambda: text(old.complete(messages=HELLO, seed=1)),
                lambda: text(new.chat.completions.create(model=MODEL, messages=HELLO)),
            )
        )


def test_headers_and_diff_show_no_secret_and_nothing_that_varies(
    move: Move, old: Any, new: Any, mock: Mock, capsys: pytest.CaptureFixture[str]
):
    move.compare(
        "Hello",
        lambda: text(old.complete(messages=HELLO)),
        lambda: text(new.chat.completions.create(model=MODEL, messages=HELLO)),
    )
    capsys.readouterr()
    move.headers()
    headers = capsys.readouterr().out
    assert "Bearer (the key)" in headers
    assert headers.count("x-stainless-…") == 1
    move.diff()
    diff = capsys.readouterr().out
    assert "-POST /models/chat/completions?api-version=2024-05-01-preview\n+POST /openai/v1/chat/completions" in diff
    assert "-api-key: (the key)" in diff
    assert '   "model": "mistral-large-2407"' in diff
    for said in (headers, diff):
        assert mock.key not in said
        assert "python" not in said.lower()


async def test_asynchronous_clients_are_taken_down_too(move: Move, mock: Mock):
    listening = openai.DefaultAsyncHttpxClient(event_hooks={"response": [move.arecord]})
    async with openai.AsyncOpenAI(base_url=mock.openai_base_url, api_key=mock.key, http_client=listening) as client:
        await client.chat.completions.create(model=MODEL, messages=HELLO)
    assert [sent.line for sent in move.run("nothing", lambda: None).sent] == []
    assert not differences(move.run("a", lambda: 1), move.run("b", lambda: 2))


def test_the_source_of_a_form_is_what_was_written():
    first, second = lambda: [1, 2], lambda: {"a": (lambda: 3)()}
    (long,) = (
        lambda: {
            "one": (1, "ü"),
            "two": 2,
        },
    )

    def body() -> list[int]:
        found = [3]
        found.append(4)
        return found

    assert [source(first), source(second)] == ["[1, 2]", '{"a": (lambda: 3)()}']
    assert source(long) == '{"one": (1, "ü"), "two": 2}'
    assert source(body) == "found = [3]\nfound.append(4)\nreturn found"


def test_values_are_compared_as_json():
    assert as_json((UserMessage("Hi"), {"a": (1, None)})) == [{"role": "user", "content": "Hi"}, {"a": [1, None]}]
