"""Errors are read and shown whatever their shape: the bodies that services send, through the real SDK."""

import json
import re
from typing import Any

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ServiceRequestError

from helpers import read_error, show_error
from helpers.errors import symptom
from tests.helpers.conftest import MESSAGES, html_of

FILTERED = {
    "hate": {"filtered": False, "severity": "safe"},
    "jailbreak": {"filtered": True, "detected": True},
    "violence": {"filtered": True, "severity": "medium"},
}
AZURE_FILTER = {
    "error": {
        "message": "The response was filtered",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": FILTERED},
    }
}
PYDANTIC = {"type": "extra_forbidden", "loc": ["body", "user"], "msg": "Extra inputs are not permitted", "input": "me"}
NOT_ALLOWED = "Extra parameters ['n', 'best_of'] are not allowed when extra-parameters is not set."
NUMERIC = "Validation error at #/max_completion_tokens: Extra inputs are not permitted"
BODIES: list[tuple[str, int, Any, dict[str, Any]]] = [
    (
        "filter",
        400,
        AZURE_FILTER,
        {"code": "content_filter", "categories": FILTERED, "where": ["prompt"], "source": "e.error"},
    ),
    (
        "filter, other spelling",
        400,
        {"error": {"code": "content_filter", "message": "m", "inner_error": {"content_filter_results": FILTERED}}},
        {"code": "content_filter", "categories": FILTERED},
    ),
    (
        "Mistral's list of faults as text inside the message",  # litellm#11696
        422,
        {"error": {"code": "Invalid input", "message": json.dumps({"detail": [PYDANTIC]}), "status": 422}},
        {"code": "Invalid input", "message": PYDANTIC["msg"], "where": ["body.user"], "given": ["me"]},
    ),
    (
        "Mistral's own error as text inside the message",  # UKGovernmentBEIS/inspect_ai#1813
        400,
        {"error": {"code": "Bad Request", "message": json.dumps({"message": "Unexpected role", "code": 3230})}},
        {"code": "Bad Request", "message": "Unexpected role", "where": [], "source": "e.error"},
    ),
    (
        "Cohere's list of faults beside the message",  # recorded 2025-03
        422,
        {"error": {"code": "Invalid input", "message": "invalid input error", "details": [PYDANTIC], "status": 422}},
        {"message": f"invalid input error: {PYDANTIC['msg']}", "where": ["body.user"], "given": ["me"]},
    ),
    ("filter without reasons", 400, {"error": {"code": "content_filter", "message": "m"}}, {"categories": {}}),
    (
        "filter, flat",
        400,
        {
            "status": 400,
            "code": "content_filter",
            "message": "The response was filtered",
            "param": "messages",
            "type": None,
        },
        {"code": "content_filter", "message": "The response was filtered", "where": ["messages"]},
    ),
    (
        "no model",
        400,
        {"error": {"code": "no_model_name", "message": "No model specified", "details": "No model specified"}},
        {"code": "no_model_name", "message": "No model specified", "where": []},
    ),
    (
        "max_tokens",
        400,
        {"error": {"message": "m", "param": "max_tokens", "code": "unsupported_parameter"}},
        {"where": ["max_tokens"]},
    ),
    (
        "numeric code",
        400,
        {"error": {"requestid": "1", "code": 400, "message": NUMERIC}},
        {"code": "400", "where": ["max_completion_tokens"]},
    ),
    ("401", 401, {"error": {"code": "401", "message": "Access denied"}}, {"code": "401", "message": "Access denied"}),
    ("401, flat", 401, {"statusCode": 401, "message": "Unauthorized."}, {"code": None, "message": "Unauthorized."}),
    ("404", 404, {"error": {"code": "404", "message": "Resource not found"}}, {"message": "Resource not found"}),
    ("404, status", 404, {"status": "Serverless endpoint not found"}, {"message": "Serverless endpoint not found"}),
    ("404, detail", 404, {"detail": "Not Found"}, {"message": "Not Found", "source": "e.response"}),
    ("405, empty", 405, b"", {"message": "Method Not Allowed", "code": None}),
    (
        "422, object",
        422,
        {
            "status": 422,
            "code": "parameter_not_supported",
            "detail": {"loc": ["body", "response_format"], "input": "json_object"},
            "message": "Invalid.",
        },
        {
            "code": "parameter_not_supported",
            "message": "Invalid.",
            "where": ["body.response_format"],
            "given": ["json_object"],
        },
    ),
    (
        "422, list",
        422,
        {"detail": [PYDANTIC, {**PYDANTIC, "loc": ["body", "messages", 0, "role"], "msg": "Other", "input": 3}]},
        {
            "code": None,
            "message": "Extra inputs are not permitted; Other",
            "where": ["body.user", "body.messages.0.role"],
            "given": ["me", 3],
            "source": "e.response",
        },
    ),
    (
        "422, texts",
        422,
        {"error": ["Input should be 'user'", "Extra inputs"]},
        {"message": "Input should be 'user'; Extra inputs"},
    ),
    ("422, plain", 422, b"Invalid input", {"message": "Invalid input", "source": "e.response"}),
    ("422, extra", 422, {"error": {"code": "Invalid input", "message": NOT_ALLOWED}}, {"where": ["n", "best_of"]}),
    (
        "422, details text",
        422,
        {"error": {"code": 422, "message": "m", "details": "text"}},
        {"code": "422", "message": "m"},
    ),
    ("504, HTML", 504, b"<html><body>gateway</body></html>", {"message": "Gateway Timeout", "code": None}),
]


@pytest.fixture
def client(server):
    with ChatCompletionsClient(server.endpoint, AzureKeyCredential(server.KEY), retry_total=0) as client:
        yield client


def refused(client: ChatCompletionsClient, server: Any, body: Any, status: int, **headers: str) -> HttpResponseError:
    server.play(server.answer(body, status, headers))
    with pytest.raises(HttpResponseError) as raised:
        client.complete(messages=MESSAGES)
    return raised.value


@pytest.mark.parametrize(
    ("status", "body", "expected"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES]
)
def test_an_error_is_read_whatever_its_shape(client, server, capsys, status, body, expected):
    error = refused(client, server, body, status)
    read = read_error(error)
    assert {name: read[name] for name in expected} == expected
    assert read["status"] == status
    show_error(error)
    shown = capsys.readouterr().out
    assert shown.startswith(f"{status} · ")
    assert not shown.startswith(f"{status} · {status}"), "a code that repeats the status is told once"
    assert read["message"] in shown
    assert ("e.error" in shown) == (error.error is None)
    for where in read["where"]:
        assert f"where: {where}" in shown


def test_an_error_tells_where_what_and_how_long_to_wait(client, server, capsys):
    body = {"code": "bad", "message": "No.", "detail": {"loc": ["body", "top_p"], "input": 3}}
    show_error(refused(client, server, body, 429, **{"Retry-After": "2"}))
    assert capsys.readouterr().out == (
        "429 · bad · HttpResponseError\nNo.\nwhere: body.top_p, given: 3\nRetry-After: 2\n"
    )


def test_a_key_that_the_message_repeats_is_shown_by_its_variable(client, server, capsys):
    body = {"code": "401", "message": f"{server.KEY} is no key of {server.endpoint}", "detail": {"loc": ["key"]}}
    show_error(refused(client, server, body, 401))
    shown = capsys.readouterr().out
    assert "$AZURE_INFERENCE_CREDENTIAL is no key of $AZURE_INFERENCE_ENDPOINT\n" in shown
    assert server.KEY not in shown


def test_the_content_filter_is_a_table(client, server, displayed):
    show_error(refused(client, server, AZURE_FILTER, 400))
    cells = re.findall(r"<td[^>]*>(.*?)</td>", html_of(displayed))
    assert cells == ["hate", "safe", "no", "jailbreak", "detected: yes", "yes", "violence", "medium", "yes"]


def test_errors_without_a_response_are_shown_too(capsys):
    show_error(ServiceRequestError("connection refused"))
    show_error(ClientAuthenticationError("no token"))
    assert capsys.readouterr().out == ("ServiceRequestError\nconnection refused\nClientAuthenticationError\nno token\n")


def test_a_message_cannot_bring_html_of_its_own(client, server, displayed):
    show_error(refused(client, server, {"error": {"code": "<i>", "message": "<img src=x>"}}, 400))
    assert "<img" not in html_of(displayed)
    assert "<i>" not in html_of(displayed)


def test_a_symptom_is_the_last_line_of_the_traceback_and_the_exception_is_kept(capsys):
    with symptom() as seen:
        raise HttpResponseError("(Bad) No.\nCode: Bad")
    assert isinstance(seen.error, HttpResponseError)
    with symptom() as none:
        pass
    assert none.error is None
    assert capsys.readouterr().out == "HttpResponseError: (Bad) No.\n(nothing was raised)\n"


def test_an_interrupt_is_not_a_symptom():
    with pytest.raises(KeyboardInterrupt), symptom():
        raise KeyboardInterrupt
