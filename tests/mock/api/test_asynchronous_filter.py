"""A deployment with the asynchronous filter: the answer is streamed first, what the filter says of it comes later.

Recorded 2025-04 (gpt-4o-mini); in the same form in Microsoft's "Content streaming" (2025-05).
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from helpers.mock.api.catalogue import bundled
from helpers.mock.service import Service
from tests.support.caller import TOKENIZER, Caller, joined
from tests.support.places import MEDIA

TALE = "Tell me the tale of Little Red Riding Hood."
HEADS = {"id": "", "object": "", "created": 0, "model": ""}


@pytest.fixture
def ask() -> Caller:
    cards = {"behind": {"like": "gpt-4o-mini", "asynchronous_filter": True}}
    return Caller(Service(media=MEDIA, tokenizer=TOKENIZER, catalogue=bundled().with_models(cards)))


def chunks(ask: Caller, question: str, **options: Any) -> list[dict[str, Any]]:
    body = {"messages": [{"role": "user", "content": question}], "stream": True, **options}
    lines = ask.send(body, path="/openai/deployments/behind/chat/completions").read().decode().split("\n\n")
    assert lines[-2:] == ["data: [DONE]", ""]
    return [json.loads(line.removeprefix("data: ")) for line in lines[:-2]]


def test_the_results_follow_the_answer(ask: Caller):
    _, *told, first, second, usage = chunks(ask, "Hello", stream_options={"include_usage": True})
    assert all("content_filter_results" not in chunk["choices"][0] for chunk in told)
    assert told[-1]["choices"][0]["finish_reason"] == "stop"
    for late in (first, second):
        assert {name: late[name] for name in HEADS} == HEADS
        assert set(late) == {*HEADS, "choices"}
        (choice,) = late["choices"]
        assert set(choice) == {"index", "finish_reason", "content_filter_results", "content_filter_offsets"}
        assert choice["finish_reason"] is None
    assert set(first["choices"][0]["content_filter_results"]) == {"hate", "self_harm", "sexual", "violence"}
    found = second["choices"][0]["content_filter_results"]
    assert set(found) == {"protected_material_code", "protected_material_text"}
    assert usage["choices"] == []


def test_a_text_that_is_refused_has_been_told_when_that_is_known(ask: Caller):
    *told, first, _ = chunks(ask, TALE)
    assert told[-1]["choices"][0]["finish_reason"] == "stop"
    judged = first["choices"][0]["content_filter_results"]["violence"]
    assert judged == {"filtered": True, "severity": "medium"}
    whole = ask.send(
        {"messages": [{"role": "user", "content": TALE}]}, "/openai/deployments/gpt-4o-mini/chat/completions"
    )
    assert json.loads(whole.read())["choices"][0]["finish_reason"] == "content_filter"
    assert len(joined(told)) > 100


@pytest.mark.parametrize(("question", "start"), [("What is color?", 44), ('Tell me the lyrics to "Hey Jude".', 65)])
def test_places_are_counted_from_the_beginning_of_the_messages(ask: Caller, question: str, start: int):
    # The two samples of Microsoft's page
    *told, first, second = chunks(ask, question)
    places = {"check_offset": start, "start_offset": start, "end_offset": start + len(joined(told))}
    assert first["choices"][0]["content_filter_offsets"] == second["choices"][0]["content_filter_offsets"] == places


def test_an_answer_that_is_not_streamed_is_filtered_before_it_is_told(ask: Caller):
    body = {"messages": [{"role": "user", "content": TALE}]}
    answer = json.loads(ask.send(body, path="/openai/deployments/behind/chat/completions").read())
    assert answer["choices"][0]["finish_reason"] == "content_filter"
    assert "content" not in answer["choices"][0]["message"]


def test_other_deployments_say_it_with_each_chunk(ask: Caller):
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
    text = ask.send(body, path="/openai/v1/chat/completions").read().decode()
    assert "content_filter_offsets" not in text
    assert text.count('"content_filter_results":{"hate"') > 2
