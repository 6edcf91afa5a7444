"""Every answer of every route keeps the contract: whole answers, streams chunk by chunk, refusals of each kind."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from helpers.mock.errors import refusals
from helpers.mock.gateway.routes import ROUTES, find
from helpers.mock.http import Response
from tests.contract.contract import BrokenContractError, document
from tests.contract.samples import Sample, samples
from tests.contract.ways import chat, contract, fresh, request

SAMPLES: dict[str, list[Sample]] = {}
for _sample in samples():
    SAMPLES.setdefault(_sample.name, []).append(_sample)

# Refusals that no request brings about by itself, and where they are tested.
ELSEWHERE = {
    "role_not_supported": "test_rules: none of OpenAI's models here is without a system role",
    "wrong_body": "test_words: nothing has brought it about",
    "internal_error": "test_shells: a fault of the service itself",
    "body_too_large": "test_bad_input: the shells read no more",
    "head_too_large": "test_shells",
    "not_http": "test_shells",
    "request_unfinished": "test_shells",
    "audio_too_large": "test_sounds",
    "unauthorized_token": "test_identity",
    "missing_role": "test_identity",
    "wrong_tenant": "test_identity",
    "owner_only": "test_service: a route of the mock's own",
    "bad_mock_query": "test_journal: a route of the mock's own",
    "upstream_failed": "tests/mock/upstream/test_failures",
    "no_scripted_answer": "test_behaviours, test_scripted_answers",
    "scripted_answer": "test_scripted_answers",
    "rate_limit_foundry": "test_behaviours, test_limits",
    "rate_limit_openai": "test_behaviours, test_limits",
}
_OWN_FORM = re.compile("identity_|entra_")  # the token endpoints answer in their own form: test_identity


@pytest.fixture(scope="module")
def service():
    return fresh()


@pytest.mark.parametrize("group", SAMPLES.values(), ids=SAMPLES)
def test_an_answer_keeps_the_contract(service, group: list[Sample]):
    for sample in group:
        response = service.handle(sample.request)
        content = contract().check(sample.request, response)
        assert (sample.way, response.status) == (sample.way, sample.status), content
        if sample.kind in refusals():
            noted = service.journal.entries()[-1].error
            assert (sample.way, noted) == (sample.way, _code(content) or str(sample.status))
            assert _written_as(sample.kind, content), (sample.way, content)


def _code(content: Any) -> str | None:
    """The code that a refusal's body tells, if it has one in words."""
    error = content.get("error", content) if isinstance(content, dict) else {}
    name = "type" if error.get("object") == "error" else "code"  # what a model's server says has a number for a code
    return error.get(name) if isinstance(error.get(name), str) else None


def _written_as(kind: str, content: Any) -> bool:
    """Whether a body has the message of that row of the table, or of one of its variants."""
    row = refusals()[kind]
    variants = [row, *(table for table in row.values() if isinstance(table, dict))]
    texts = [re.sub(r"\\{.*?\\}", ".*", re.escape(one["message"])) for one in variants if "message" in one]
    text = json.dumps(content, ensure_ascii=False).replace("\\", "")
    return content is None or row["shape"] == "detail-list" or any(re.search(one, text) for one in texts)


def test_the_samples_bring_about_every_refusal_but_those_that_are_tested_elsewhere():
    earned = {sample.kind for group in SAMPLES.values() for sample in group} | ELSEWHERE.keys()
    asked_for = {kind for kind in refusals() if kind.startswith("fault_")}
    own = {kind for kind in refusals() if _OWN_FORM.match(kind)}
    assert refusals().keys() - earned - asked_for - own == set()


def test_the_contract_has_the_operations_of_the_routes():
    targets = [find(path) for path in document()["paths"]]  # the braces of a path stand for any name
    assert None not in targets
    described = {(target.route, target.operation) for target in targets if target}
    assert described == {(route, operation) for route in ROUTES for operation in route.operations}


@pytest.mark.parametrize("way", ["models", "serverless", "openai", "v1"])
def test_a_streams_lines_are_data_and_a_blank_line_and_end_with_done(service, way):
    response = service.handle(request(way, "chat/completions", chat("Say: a\r\nb\n\ndata: c", stream=True)))
    body = response.read()
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert b"\r" not in body
    assert all(line.startswith(b"data: ") for line in body.split(b"\n\n")[:-1])
    assert body.endswith(b"}\n\ndata: [DONE]\n\n")


# --- the check itself finds what is wrong ---


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (200, "application/json", b'{"id": "x"}'),
        (200, "text/plain", b"{}"),
        (500, "application/json", b'{"error": {"code": "500", "message": "x"}}'),
        (404, "application/json", b'{"statusCode": 404, "message": "x"}'),
        (200, "text/event-stream", b"data: {}\n\n"),
        (200, "text/event-stream", b"data: [DONE]\r\n\r\n"),
        (200, "text/event-stream", b": comment\n\ndata: [DONE]\n\n"),
        (200, "text/event-stream", b"data: {}\n\ndata: [DONE]\n\n"),
    ],
)
def test_an_answer_outside_of_the_contract_is_found(status, kind, body):
    asked = request("models", "chat/completions", chat())
    with pytest.raises(BrokenContractError):
        contract().check(asked, Response(status, {"content-type": kind}, body))


# --- what the generated and the bad requests have found ---


@pytest.mark.parametrize(
    "body",
    [
        chat(["x"] * 1_000),
        chat(**{f"made_up_{number}": number for number in range(1_000)}),
        chat(logit_bias={str(number): "x" for number in range(1_000)}),
        chat(**{"m" * 1_000: 1}),
    ],
    ids=["messages", "unknown parameters", "entries", "a long name"],
)
@pytest.mark.parametrize("way", ["models", "v1"])
def test_an_answer_lists_a_hundred_faults_at_most(service, way, body):
    asked = request(way, "chat/completions", body)
    response = service.handle(asked)
    content = contract().check(asked, response)
    assert response.status in (400, 422)
    assert len(content.get("detail", ())) <= 100
    assert len(response.body) < 40_000


@pytest.mark.parametrize(("audio", "status"), [({"id": "audio_1"}, 200), (None, 200), (7, 400), ({}, 400)])
def test_a_reference_to_a_spoken_answer_has_an_id(service, audio, status):
    spoken = {"role": "assistant", "content": "Hello!", "audio": audio}
    asked = request("models", "chat/completions", chat([*chat()["messages"], spoken, *chat()["messages"]]))
    response = service.handle(asked)
    contract().check(asked, response)
    assert response.status == status
