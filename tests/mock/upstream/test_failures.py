"""An upstream that fails, stalls or writes nonsense becomes the service's own error and a line in the journal."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.aio import ChatCompletionsClient as AsyncClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError
from openai import APIConnectionError, APIStatusError, OpenAI

from helpers.mock.masking import MASK
from helpers.mock.service import Service
from helpers.mock.testing import Mock, in_process
from helpers.mock.transports.server import MockServer
from helpers.mock.upstream.client import Upstream
from helpers.mock.upstream.pieces import MAX_LINE
from tests.mock.upstream.conftest import KEY
from tests.support.caller import Caller
from tests.support.scripted_upstream import ScriptedUpstream, Step, event, stream

ASKED: list[Any] = [{"role": "user", "content": "Hello"}]


@pytest.fixture
def mock(service: Service) -> Iterator[Mock]:
    with MockServer(service) as server:
        yield Mock(service, server)


def openai(mock: Mock) -> OpenAI:
    return OpenAI(base_url=mock.openai_base_url, api_key=mock.key, max_retries=0)


def azure(mock: Mock) -> ChatCompletionsClient:
    """A client without a socket to the mock; nothing is repeated."""
    key = AzureKeyCredential(mock.key)
    return ChatCompletionsClient(mock.endpoint, key, model="gpt-4o", transport=mock.transport(), retry_total=0)


def reason(mock: Mock) -> str:
    return mock.service.journal.entries()[-1].upstream or ""


# --- before anything has come ---

ERROR = json.dumps({"error": {"message": "no such model"}}).encode()
REFUSALS: dict[str, tuple[list[Step], int, str, int, str]] = {
    "an error": ([ERROR], 500, "", 502, "it answered 500: no such model"),
    "the wrong key": ([ERROR], 401, "", 502, "it answered 401: no such model"),
    "still loading": ([ERROR], 503, "", 503, "it answered 503"),
    "a redirection": ([ERROR], 302, "location: http://127.0.0.1:1/", 502, "it answered 302"),
    "a page": ([b"<html>Sign in</html>"], 200, "content-type: text/html; charset=utf-8", 502, "is its address right?"),
    "a bare error": ([ERROR], 200, "", 502, "no such model"),
    "an error as an event": ([b"data: " + ERROR + b"\n\n"], 200, "", 502, "no such model"),
    "nothing": ([], 200, "", 502, "broke off before its end"),
    "no JSON": ([b"data: {oops\n\n"], 200, "", 502, "what is no JSON: {oops"),
    "another JSON": ([b'data: {"choices": 7}\n\n'], 200, "", 502, "no chat completion"),
    "a line without an end": ([b"data: " + b"x" * (MAX_LINE + 1)], 200, "", 502, "without an end"),
    "a connection that breaks": (["cut"], 200, "", 502, "broke off"),
    "half an answer": ([event(content="Hel"), "cut"], 200, "", 502, "broke off"),
}  # fmt: skip


@pytest.mark.parametrize(("steps", "status", "head", "expected", "told"), REFUSALS.values(), ids=REFUSALS)
def test_a_failure_is_the_service_s_own_error(
    steps: list[Step],
    status: int,
    head: str,
    expected: int,
    told: str,
    ask: Caller,
    upstream: ScriptedUpstream,
):
    upstream.send(*steps, status=status, head=head)
    refused = ask("Hello", status=expected)
    assert told in refused["error"]["message"]
    assert refused["error"]["code"] == str(expected)
    (note,) = ask.service.journal.entries()
    assert (note.status, note.error) == (expected, str(expected))
    assert told in (note.upstream or "")
    assert told in note.told()["upstream"]


def test_too_many_requests_are_the_service_s_429(ask: Caller, upstream: ScriptedUpstream):
    upstream.send(ERROR, status=429, head="retry-after: 7")
    response = ask.send({"model": "gpt-4o", "messages": ASKED})
    assert (response.status, response.headers["retry-after"]) == (429, "7")
    upstream.send(ERROR, status=503, head="retry-after: 8")
    assert ask.send({"model": "gpt-4o", "messages": ASKED}).headers["retry-after"] == "8"


def test_nobody_there_is_a_bad_gateway_and_silence_a_timeout(upstream: ScriptedUpstream, address: str):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = Caller(Service(upstream=Upstream(f"http://127.0.0.1:{free.getsockname()[1]}/v1", "small")))
        assert "cannot be reached" in nobody("Hello", status=502)["error"]["message"]
    silent = Caller(Service(upstream=Upstream(address, "small", patience=0.05)))
    upstream.send("stall")
    assert "nothing came from it for 0.05 seconds" in silent("Hello", status=504)["error"]["message"]
    upstream.send(event(content="Hel"), "stall")
    assert silent("Hello", status=504)["error"]["code"] == "504"


# --- streams ---


def test_pieces_go_out_as_they_come(mock: Mock, upstream: ScriptedUpstream):
    for pieces in (_through_a_socket(mock), _in_process(mock), _async_in_process(mock)):
        upstream.send(event(content="one"), "wait", event(content=" two"), "wait", *stream(" three"))
        assert next(pieces) == "one"
        upstream.go_on()  # the second piece is sent only now
        assert next(pieces) == " two"
        upstream.go_on()
        assert list(pieces) == [" three"]


def _through_a_socket(mock: Mock) -> Iterator[str]:
    for chunk in openai(mock).chat.completions.create(model="gpt-4o", messages=ASKED, stream=True):
        if chunk.choices and chunk.choices[0].delta.content:
            yield chunk.choices[0].delta.content


def _in_process(mock: Mock) -> Iterator[str]:
    for update in azure(mock).complete(messages=ASKED, stream=True):
        if update.choices and update.choices[0].delta.content:
            yield update.choices[0].delta.content


def _async_in_process(mock: Mock) -> Iterator[str]:
    with asyncio.Runner() as runner:
        key = AzureKeyCredential(mock.key)
        client = AsyncClient(mock.endpoint, key, model="gpt-4o", transport=mock.async_transport())
        updates = runner.run(client.complete(messages=ASKED, stream=True))  # pyright: ignore[reportArgumentType]
        while update := runner.run(anext(updates, None)):  # pyright: ignore
            if update.choices and update.choices[0].delta.content:
                yield update.choices[0].delta.content


def test_a_stream_that_breaks_off_is_cut_for_the_client_too(mock: Mock, upstream: ScriptedUpstream, capfd: Any):
    for fault in ("cut", b"data: {oops\n\n", b"data: " + ERROR + b"\n\n"):
        for pieces, error in ((_through_a_socket(mock), APIConnectionError), (_in_process(mock), HttpResponseError)):
            upstream.send(event(content="Hel"), "wait", fault)
            assert next(pieces) == "Hel"
            upstream.go_on()
            with pytest.raises(error):
                next(pieces)
            assert reason(mock).startswith("the upstream at 127.0.0.1:")
    assert capfd.readouterr() == ("", "")  # nothing of it on the terminal


def test_json_that_turns_out_to_be_none_cuts_the_stream(mock: Mock, upstream: ScriptedUpstream):
    upstream.send(*stream('{"town"', " oops"))
    with pytest.raises(APIConnectionError):
        list(
            openai(mock).chat.completions.create(
                model="gpt-4o",
                messages=[{"role": "user", "content": "JSON"}],
                stream=True,
                response_format={"type": "json_object"},
            )
        )
    assert "no JSON" in reason(mock)


def test_a_client_that_goes_away_stops_the_upstream(mock: Mock, upstream: ScriptedUpstream):
    def in_a_stream(client: Callable[[Mock], Iterator[str]]) -> None:
        upstream.send(event(content="one"), "stall")
        pieces = client(mock)
        assert next(pieces) == "one"
        pieces.close()  # pyright: ignore[reportAttributeAccessIssue]

    def before_a_whole_answer(_: object) -> None:
        upstream.send("stall")
        arrived = len(upstream.asked)
        with socket.create_connection(("127.0.0.1", int(mock.url.rpartition(":")[2]))) as client:
            body = json.dumps({"model": "gpt-4o", "messages": ASKED}).encode()
            head = f"POST /openai/v1/chat/completions HTTP/1.1\r\nhost: x\r\napi-key: {mock.key}\r\n"
            client.sendall(
                f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
            )
            _until(lambda: len(upstream.asked) > arrived)

    for leave, client in ((in_a_stream, _leaving), (in_a_stream, _in_process), (before_a_whole_answer, None)):
        upstream.left.clear()
        leave(client)  # pyright: ignore[reportArgumentType]
        assert upstream.left.wait(10), leave
    assert mock.service.journal.entries()[-1].left


def _leaving(mock: Mock) -> Iterator[str]:
    with openai(mock).chat.completions.create(model="gpt-4o", messages=ASKED, stream=True) as chunks:
        for chunk in chunks:
            if chunk.choices and chunk.choices[0].delta.content:
                yield chunk.choices[0].delta.content


def _until(there: Callable[[], bool]) -> None:
    waited = threading.Event()
    for _ in range(1000):
        if there() or waited.wait(0.01):
            return
    pytest.fail("it did not happen")


@pytest.mark.parametrize(
    ("fault", "text"),
    [("cut=2", None), ("end=3", "one"), ("ping=1", "one two"), ("crlf", None), ("malformed=3", None), ("429", None)],
)
def test_faults_strike_answers_of_an_upstream_too(fault: str, text: str | None, mock: Mock, upstream: ScriptedUpstream):
    upstream.send(event(content="one"), event(content=" two"), *stream(""))
    client = openai(mock)

    def read() -> str:
        headers = {"x-mock-fault": fault}
        chunks = client.chat.completions.create(model="gpt-4o", messages=ASKED, stream=True, extra_headers=headers)
        return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)

    if text is None and fault != "crlf":
        with pytest.raises((APIConnectionError, APIStatusError, ValueError)):
            read()
    else:
        assert read() == (text or "one two")


def test_limits_count_before_the_upstream_is_asked(address: str, upstream: ScriptedUpstream):
    mock = in_process(requests_per_minute=1, upstream=address, upstream_model="small")
    azure(mock).complete(messages=ASKED)
    with pytest.raises(HttpResponseError) as refused:
        azure(mock).complete(messages=ASKED)
    assert (refused.value.status_code, len(upstream.asked)) == (429, 1)


# --- secrets, and whose address it is ---


def test_the_key_is_sent_and_never_told(mock: Mock, upstream: ScriptedUpstream, capfd: Any):
    said = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}}).encode()
    upstream.send(said, status=401)
    with pytest.raises(APIStatusError) as refused:
        openai(mock).chat.completions.create(model="gpt-4o", messages=ASKED)
    upstream.send(event(content="Hel"), b"data: " + said + b"\n\n")
    with pytest.raises(APIConnectionError):
        list(_through_a_socket(mock))
    assert all(asked.headers["authorization"] == f"Bearer {KEY}" for asked in upstream.asked)
    requests = openai(mock).with_options(base_url=f"{mock.url}/_mock").get("/requests", cast_to=str)
    told = [refused.value.message, refused.value.response.text, requests, repr(mock.service), repr(mock.requests)]
    assert not any(KEY in text for text in [*told, *capfd.readouterr()])
    assert f"Incorrect API key provided: {MASK}" in refused.value.message


def test_no_request_says_where_the_upstream_is(ask: Caller, upstream: ScriptedUpstream):
    elsewhere = "http://127.0.0.1:1/v1"
    body = {"model": "mistral-large-2407", "messages": ASKED, "base_url": elsewhere, "upstream": elsewhere}
    headers = {
        "extra-parameters": "drop",
        "x-mock-upstream": elsewhere,
        "host": "127.0.0.1:1",
        "authorization": "Bearer other",
    }
    response = ask.send(body, **{name.replace("-", "_"): value for name, value in headers.items()})
    assert (response.status, len(upstream.asked)) == (200, 1)
    assert upstream.asked[0].headers["host"] != "127.0.0.1:1"
    assert upstream.asked[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    "url", ["127.0.0.1:1", "ftp://x/v1", "http://", "http://u:p@x/v1", "http://x/v1?key=1", "http://x/#a"]
)
def test_an_address_that_is_none_is_refused(url: str):
    with pytest.raises(ValueError, match="upstream"):
        Upstream(url)


def test_the_first_model_that_it_lists_is_asked_when_none_is_named(address: str, upstream: ScriptedUpstream):
    ask = Caller(Service(upstream=Upstream(address)))
    upstream.send(
        json.dumps({"data": [{"id": "listed"}, {"id": "other"}]}).encode(), head="content-type: application/json"
    )
    for _ in range(2):
        assert ask.text("Hello") == "Fine."
    assert [asked.line.split()[1] for asked in upstream.asked] == ["/v1/models", *["/v1/chat/completions"] * 2]
    assert {asked.body["model"] for asked in upstream.asked[1:]} == {"listed"}
    upstream.send(b'{"data": []}')
    assert "lists no model" in Caller(Service(upstream=Upstream(address)))("Hello", status=502)["error"]["message"]
