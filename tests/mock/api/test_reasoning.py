"""Reasoning models think before they write: it is paid for, comes out of the budget, and is not shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.caller import Caller

QUESTION = "How many languages are there in the world, and why is it hard to say?"


def v1(ask: Caller, question: str, **options: Any) -> bytes:
    """The body of an answer on the route that has no api-version: these models need a newer one than 2024-05-01."""
    messages = [{"role": "user", "content": question}]
    response = ask.send({"messages": messages, **options}, path="/openai/v1/chat/completions")
    body = response.read()
    assert response.status == 200, body
    return body


def details(body: bytes) -> tuple[str, str, int, int]:
    choice, usage = (parsed := json.loads(body))["choices"][0], parsed["usage"]
    reasoning = usage["completion_tokens_details"]["reasoning_tokens"]
    return choice["message"]["content"], choice["finish_reason"], reasoning, usage["completion_tokens"]


def test_a_budget_that_is_too_small_ends_in_an_empty_answer(ask: Caller):
    # Recorded 2025-02 and 2025-03 of o1 and o3-mini: 16 of 16 tokens thought, nothing said
    body = v1(ask, QUESTION, model="o3-mini", max_completion_tokens=16)
    assert details(body) == ("", "length", 16, 16)
    assert json.loads(body)["choices"][0]["content_filter_results"] == {}


def test_a_greeting_takes_no_thought(ask: Caller):
    content, finish, reasoning, written = details(v1(ask, "Hello, world!", model="o1"))
    assert (finish, reasoning) == ("stop", 0)
    assert content
    assert written > 0


@pytest.mark.parametrize(("effort", "tokens"), [("low", 64), ("medium", 192), ("high", 512)])
def test_more_effort_is_more_thought(ask: Caller, effort: str, tokens: int):
    content, finish, reasoning, written = details(v1(ask, QUESTION, model="o3-mini", reasoning_effort=effort))
    assert (finish, reasoning) == ("stop", tokens)
    assert written > tokens
    assert content


def test_without_a_word_on_effort_it_is_the_models_own(ask: Caller):
    assert details(v1(ask, QUESTION, model="o3-mini"))[2] == 192
    assert details(v1(ask, QUESTION, model="gpt-5.1"))[2] == 0


def test_a_stream_shows_nothing_of_the_thought(ask: Caller):
    told = {"stream": True, "stream_options": {"include_usage": True}}
    events = v1(ask, QUESTION, model="o3-mini", max_completion_tokens=16, **told).decode().split("\n\n")[:-2]
    chunks = [json.loads(event.removeprefix("data: ")) for event in events]
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    assert deltas == [{"role": "assistant", "content": "", "refusal": None}, {"content": ""}, {}]
    assert chunks[-1]["usage"]["completion_tokens_details"]["reasoning_tokens"] == 16


def test_a_model_that_does_not_reason_spends_nothing_on_it(ask: Caller):
    assert details(v1(ask, QUESTION, model="gpt-4o"))[2] == 0
