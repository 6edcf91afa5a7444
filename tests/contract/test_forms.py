"""The recorded forms as data: what each of them has to say, and that the checker sees what is not as it should be."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import pytest

from tests.contract.forms import Form, forms, older
from tests.contract.ways import KINDS

HOSTS = {"aoai", "resource", "gateway", "serverless"}
WHOLE: dict[str, Any] = {
    "id": "a1",
    "choices": [{"index": 0, "message": {"content": None, "calls": []}}, {"index": 1, "message": {"content": "x"}}],
}
SHAPES: dict[str, Any] = {
    "answer": {"id": "~ [a-z]\\d", "choices": ["@choice"]},
    "choice": {"index": "whole", "message": {"content": "text|null", "calls?": "[]"}},
    "start": {"id": "text", "delta": {"role": "= assistant"}},
    "text": {"id": "text", "delta": {"content": "text"}},
}


def form(**parts: Any) -> Form:
    given: dict[str, Any] = {"answer": SHAPES["answer"], "shapes": SHAPES, **parts}
    return Form("any", "one", ("aoai",), ("openai",), "gpt-4o", "2025-01-01", ("a/path.json",), **given)


@pytest.mark.parametrize("one", forms(), ids=lambda one: one.name)
def test_a_form_says_where_and_when_it_was_recorded(one):
    assert set(one.hosts) <= HOSTS
    assert one.ways
    assert set(one.ways) <= set(KINDS)
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", one.date)
    assert all(re.match(r"(net|python|js|java|go)/sdk/.+\.json", source) for source in one.sources)
    assert one.sources
    assert one.chunks or one.answer


def test_every_family_and_kind_is_told_once():
    names = [one.name for one in forms()]
    assert len(names) == len(set(names))
    assert {one.family for one in forms()} == {"openai", "mistral", "phi", "cohere", "host"} == older().keys()


def test_a_body_in_the_form_has_no_fault():
    assert list(form().faults(WHOLE)) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda body: body.pop("id"), "missing id"),
        (lambda body: body.update(id="A1"), 'id is "A1"'),
        (lambda body: body.update(model="x"), "extra model"),
        (lambda body: body["choices"][1].pop("index"), "missing choices.index"),
        (lambda body: body["choices"][1]["message"].pop("content"), "missing choices.message.content"),
        (lambda body: body["choices"][0]["message"].update(calls=None), "choices.message.calls is null"),
        (lambda body: body["choices"][0].update(index=True), "choices.index is true"),
        (lambda body: body.update(choices=[]), "choices is []"),
    ],
)
def test_a_fault_is_seen(change, fault):
    body = deepcopy(WHOLE)
    change(body)
    assert list(form().faults(body)) == [fault]


def test_headers_are_there_or_not():
    one = form(headers={"x-request-id": "uuid", "x-ms-error-code": "never", "retry-after?": "digits"})
    assert list(one.header_faults({"X-Request-Id": "0a1b2c3d-0000-4000-8000-000000000000", "date": "today"})) == []
    assert list(one.header_faults({"x-ms-error-code": "404", "retry-after": "soon"})) == [
        "header missing x-request-id",
        "header extra x-ms-error-code",
        "header retry-after is 'soon'",
    ]


def test_the_chunks_of_a_stream_have_their_order():
    chunks = (("start", SHAPES["start"], False), ("text", SHAPES["text"], True), ("[DONE]", "= [DONE]", False))
    one = form(answer=None, chunks=chunks)
    start = {"id": "a", "delta": {"role": "assistant"}}
    text = {"id": "a", "delta": {"content": "x"}}
    assert list(one.faults([start, text, text, "[DONE]"])) == []
    assert list(one.faults([start, text])) == ["chunk [DONE] is missing"]
    assert list(one.faults([text, start, "[DONE]"])) == ["chunks in the order text, start, [DONE]"]
    assert list(one.faults([start, start, text, "[DONE]"])) == ["chunk start comes 2 times"]
    assert list(one.faults([start, {**text, "usage": None}, "[DONE]"])) == ["chunk text: extra usage"]
    assert list(one.faults(WHOLE)) == ["not a stream"]
