"""Failures on request: what the header and the rates ask for, and what real clients make of it over a real socket.

A stub that answers with a short text stands in for the service, so that the faults and the shells are under test.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
import pytest
import requests
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import (
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.pipeline.transport import RequestsTransport
from hypothesis import given
from hypothesis import strategies as st

from helpers.mock.api.render import split
from helpers.mock.errors import ApiError, render
from helpers.mock.gateway.faults import FAULTS, KINDS, NO_WAIT, Fault, Faults, Pace, pace, parse_rates, read
from helpers.mock.http import Event, Request, Response
from helpers.mock.jsonio import dumps
from helpers.mock.service import Service
from helpers.mock.transports.azure import AsyncMockTransport, MockTransport
from helpers.mock.transports.server import MockServer
from tests.support.caller import TOKENIZER, Caller

MESSAGES: list[Any] = [{"role": "user", "content": "Hello"}]
HEAD = {"id": "1", "created": 0, "model": "m"}
WORDS = ("one", "two", "three", "four")
DONE = b"data: [DONE]\n\n"


def chunk(text: str, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return b"data: " + dumps({**HEAD, "choices": [choice]}) + b"\n\n"


CHUNKS = [*map(chunk, WORDS), chunk("", "stop"), DONE]
USAGE = {"prompt_tokens": 1, "completion_tokens": 4, "total_tokens": 5}
CHOICE = {"index": 0, "message": {"role": "assistant", "content": " ".join(WORDS)}, "finish_reason": "stop"}
BODY = dumps({**HEAD, "choices": [CHOICE], "usage": USAGE})


def stream(size: int = 0) -> Response:
    events = iter([Event(data) for data in CHUNKS])
    return Response(200, {"content-type": "text/event-stream"}, events=split(events, size) if size else events)


def whole() -> Response:
    return Response(200, {"content-type": "application/json"}, BODY)


class Stub:
    """Answers every request with the four words, disturbed as its headers and the rates ask for."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.faults = faults or Faults()

    def handle(self, request: Request) -> Response:
        try:
            fault = self.faults.of(request)
            if fault and fault.refusal:
                raise fault.refusal
            if fault and fault.failure:
                return fault.failure
            response = stream() if json.loads(request.body or b"{}").get("stream") else whole()
            return fault.disturb(response) if fault else response
        except ApiError as error:
            return render(error)


def request_for(text: str | None = None, body: bytes = b"{}", path: str = "/models/chat/completions", **headers: str):
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if text is not None:
        sent["x-mock-fault"] = text
    return Request("POST", path, {"api-version": "2024-10-21"}, sent, body)


def fault_of(text: str) -> Fault:
    fault = Faults().of(request_for(text))
    assert fault is not None
    return fault


def failure_of(text: str, **options: Any) -> Response:
    fault = Faults().of(request_for(text, **options))
    assert fault is not None
    if fault.refusal:
        return render(fault.refusal)
    assert fault.failure is not None
    return fault.failure


# The header


@pytest.mark.parametrize(
    ("text", "times", "wait"),
    [
        ("429*2; retry-after=1", 2, 1),
        (" 503 ", None, None),
        ("CUT=3 * 2 ;retry-after = 7", 2, 7),
        ("error-event*9", 9, None),
        ("ttft=0.5", None, None),
        ("429*1; retry-after=None", 1, NO_WAIT),
    ],
)
def test_the_header_is_read(text, times, wait):
    wish = read(text)
    assert (wish.times, wish.wait) == (times, wait)


def test_what_is_not_told_has_a_default():
    assert [read(text).value for text in ("cut", "end*2", "malformed", "cut=0")] == [1, 1, 1, 0]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("200", "a status from 400 to 599"),
        ("600", "a status from 400 to 599"),
        ("soon", "or one of drop, not-json"),
        ("status", "or one of drop, not-json"),
        ("", "KIND"),
        ("429=3", "429 takes no value"),
        ("drop=1", "drop takes no value"),
        ("malformed=0", "malformed=K, with K from 1"),
        ("cut=1.5", "cut=K, with K from 0"),
        ("ttft", "ttft=SECONDS, with SECONDS from 0 to 60"),
        ("ttft=61", "ttft=SECONDS, with SECONDS from 0 to 60"),
        ("429*1; retry-after=soon", "KIND"),
        ("429*1000", "KIND"),
    ],
)
def test_a_header_that_cannot_be_read_is_told_what_would_be_right(text, right):
    with pytest.raises(ApiError) as caught:
        Faults().of(request_for(text))
    assert caught.value.status == 400
    assert "x-mock-fault" in caught.value.message
    assert right in caught.value.message


@given(st.text(alphabet="0123456789cutend-=*; .retryaf\u00b2\u0663", max_size=30))
def test_no_header_breaks_the_reading(text):
    try:
        wish = read(text)
    except ValueError:
        return
    assert wish.kind in KINDS


# Which attempt


def test_attempts_are_counted_for_each_call_of_the_azure_sdk():
    faults = Faults()
    first = [faults.of(request_for("drop*2", x_ms_client_request_id="one")) for _ in range(3)]
    assert [bool(fault) for fault in first] == [True, True, False]
    assert faults.of(request_for("drop*2", x_ms_client_request_id="two"))
    assert faults.of(request_for("503*2", x_ms_client_request_id="one"))


def test_attempts_are_told_by_the_openai_clients():
    faults = Faults()
    found = [faults.of(request_for("429*2", x_stainless_retry_count=str(count))) for count in range(3)]
    assert [bool(fault) for fault in found] == [True, True, False]


@pytest.mark.parametrize("headers", [{}, {"x_stainless_retry_count": "many"}])
def test_without_a_sign_of_the_call_every_attempt_fails(headers):
    faults = Faults()
    assert all(faults.of(request_for("429*1", **headers)) for _ in range(3))


def test_reset_begins_counting_again():
    faults = Faults()
    assert faults.of(request_for("429*1", x_ms_client_request_id="one"))
    faults.reset()
    assert faults.of(request_for("429*1", x_ms_client_request_id="one"))


def test_what_is_remembered_is_bounded_however_long_the_names(monkeypatch):
    monkeypatch.setattr("helpers.mock.gateway.counts.REMEMBERED", 10)
    faults = Faults(rates={"500": 0.5})
    for number in range(50):
        faults.of(request_for("500*1", x_ms_client_request_id=f"{number}" * 10_000))
        faults.of(request_for(body=b"%d" % number))
    assert len(faults._attempts) == 10
    assert all(len(repr(key)) < 1000 for key in faults._attempts._counts)


# Instead of an answer


def test_every_status_can_be_asked_for_and_only_429_tells_by_itself_when_to_come_back():
    for status in range(400, 600):
        response = failure_of(str(status))
        assert response.status == status
        assert response.headers.get("retry-after") == ("1" if status == 429 else None)


@pytest.mark.parametrize(("status", "words"), [(418, "I'm a Teapot"), (507, "Insufficient Storage"), (529, "529")])
def test_a_status_without_a_body_of_the_service_s_own_is_told_in_http_s_words(status, words):
    assert status not in FAULTS
    error = json.loads(failure_of(str(status)).body)["error"]
    assert error["code"] == str(status)
    assert words in error["message"]


def test_a_failure_tells_when_to_come_back():
    assert failure_of("503; retry-after=7").headers["retry-after"] == "7"
    assert "Please wait 7 seconds" in failure_of("429; retry-after=7").body.decode()


def test_a_429_can_tell_the_wait_in_its_message_only():
    silent = failure_of("429; retry-after=none")
    assert "retry-after" not in silent.headers
    assert "Please wait 1 seconds" in silent.body.decode()


def test_azure_openai_s_routes_fail_in_their_own_words():
    path = "/openai/deployments/gpt-4o/chat/completions"

    def failed(fault: str) -> Response:
        return Service(tokenizer=TOKENIZER).handle(request_for(fault, path=path, api_key="mock-key"))

    limited = failed("429; retry-after=3")
    error = json.loads(limited.body)["error"]
    assert error["code"] == "429"
    assert "ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21" in error["message"]
    assert "of your current OpenAI S0 pricing tier. Please retry after 3 seconds. Please go here: " in error["message"]
    told = {"retry-after": "3", "x-ratelimit-reset-tokens": "3", "policy-id": "DeploymentRatelimit-Token"}
    assert told.items() <= limited.headers.items()
    assert json.loads(failed("422").body)["error"]["param"]
    assert json.loads(failed("500").body)["error"]["type"] == "server_error"


# Broken answers


def sent(text: str, size: int = 0) -> bytes:
    return fault_of(text).disturb(stream(size)).read()


SIZES = pytest.mark.parametrize("size", [0, 1, 7, 50])


@SIZES
@pytest.mark.parametrize(("count", "kept"), [(0, 0), (1, 1), (3, 3), (5, 5), (99, 5)])
def test_a_cut_stream_holds_that_many_chunks_and_breaks(count, kept, size):
    response = fault_of(f"cut={count}").disturb(stream(size))
    assert response.read() == b"".join(CHUNKS[:kept])
    assert response.abort


@SIZES
@pytest.mark.parametrize(("count", "kept"), [(0, 0), (2, 2), (4, 4), (99, 4)])
def test_a_stream_ends_without_a_finish_reason(count, kept, size):
    response = fault_of(f"end={count}").disturb(stream(size))
    assert response.read() == b"".join(CHUNKS[:kept])
    assert not response.abort


@SIZES
@pytest.mark.parametrize(("number", "broken"), [(1, 1), (3, 3), (5, 5), (99, 5)])
def test_one_chunk_is_malformed_and_the_others_are_not(number, broken, size):
    lines = sent(f"malformed={number}", size).split(b"\n\n")
    assert lines[-2:] == [b"data: [DONE]", b""]
    for place, line in enumerate(lines[:-2], 1):
        assert line.startswith(b"data: {")
        if place == broken:
            with pytest.raises(ValueError, match="line 1"):
                json.loads(line.removeprefix(b"data: "))
        else:
            assert line + b"\n\n" == CHUNKS[place - 1]


@SIZES
def test_an_error_stands_in_the_middle_of_a_stream(size):
    *before, error, done, rest = sent("error-event=2", size).split(b"\n\n")
    assert [line + b"\n\n" for line in before] == CHUNKS[:2]
    assert json.loads(error.removeprefix(b"data: "))["error"]["code"]
    assert (done, rest) == (b"data: [DONE]", b"")


@SIZES
@pytest.mark.parametrize(("count", "place"), [(0, 0), (2, 2), (5, 5)])
def test_a_comment_stands_between_two_chunks_and_nothing_is_missing(count, place, size):
    lines = sent(f"ping={count}", size).split(b"\n\n")
    assert lines.pop(place) == b": ping"
    assert b"\n\n".join(lines) == b"".join(CHUNKS)


@SIZES
def test_every_line_ends_in_crlf(size):
    assert sent("crlf", size) == b"".join(CHUNKS).replace(b"\n", b"\r\n")


def test_pieces_stay_pieces():
    assert all(len(event.data) <= 7 for event in fault_of("malformed=2").disturb(stream(7)).events or ())


def test_a_truncated_answer_announces_its_whole_length():
    response = fault_of("truncated").disturb(whole())
    assert response.headers["content-length"] == str(len(BODY))
    assert BODY.startswith(response.body)
    assert 0 < len(response.body) < len(BODY)
    assert response.abort


def test_a_late_answer_is_whole_and_late():
    late = fault_of("ttft=2.5")
    assert late.disturb(whole()).delay == 2.5
    events = list(late.disturb(stream()).events or ())
    assert [event.delay for event in events] == [2.5, 0, 0, 0, 0, 0]
    assert b"".join(event.data for event in events) == b"".join(CHUNKS)


def test_a_disturbed_answer_can_carry_retry_after():
    assert fault_of("cut=1; retry-after=4").disturb(stream()).headers["retry-after"] == "4"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind].place in ("stream", "whole")])
def test_a_refusal_is_not_disturbed(kind):
    refusal = render(ApiError("not_found"))
    assert fault_of(kind).disturb(refusal) is refusal


@pytest.mark.parametrize(("kind", "answer"), [("cut", whole), ("malformed", whole), ("truncated", stream)])
def test_a_fault_that_the_answer_cannot_have_is_told(kind, answer):
    with pytest.raises(ApiError, match="x-mock-fault") as caught:
        fault_of(kind).disturb(answer())
    assert caught.value.status == 400


def test_leaving_a_disturbed_stream_closes_what_makes_it():
    closed = []

    def events() -> Iterator[Event]:
        try:
            yield from map(Event, CHUNKS)
        finally:
            closed.append(True)

    response = fault_of("cut=3").disturb(Response(200, {}, events=events()))
    assert response.events is not None
    next(response.events)
    response.events.close()  # pyright: ignore[reportAttributeAccessIssue]
    assert closed


# Rates


def failed(faults: Faults, bodies: list[bytes]) -> list[str]:
    return [fault.wish.kind if (fault := faults.of(request_for(body=body))) else "" for body in bodies]


def test_a_rate_strikes_about_that_part_of_all_requests():
    found = failed(Faults({"429": 0.1, "cut=3": 0.3}, seed=1), [b"%d" % number for number in range(2000)])
    assert 150 < found.count("STATUS") < 250
    assert 520 < found.count("cut") < 680


def test_the_same_requests_fail_at_the_same_places_in_whatever_order_they_arrive():
    bodies = [b"%d" % (number % 50) for number in range(200)]
    rates = {"503": 0.2, "drop": 0.2}
    first = failed(Faults(rates, seed=7), bodies)
    assert failed(Faults(rates, seed=7), bodies) == first
    assert failed(Faults(rates, seed=8), bodies) != first
    backwards = failed(Faults(rates, seed=7), sorted(bodies))
    assert sorted(zip(sorted(bodies), backwards, strict=True)) == sorted(zip(bodies, first, strict=True))


def test_a_retry_is_a_draw_of_its_own():
    faults = Faults({"503": 0.5}, seed=3)
    found = [faults.of(request_for(body=b"same", x_ms_client_request_id="one")) for _ in range(20)]
    assert 0 < sum(fault is not None for fault in found) < 20


def test_a_header_keeps_the_rates_away():
    faults = Faults({"500": 1})
    found = [faults.of(request_for("429*1", x_ms_client_request_id="one")) for _ in range(2)]
    assert [fault.wish.status if fault else None for fault in found] == [429, None]
    assert faults.of(request_for())


def test_a_drawn_fault_passes_over_answers_that_it_does_not_fit():
    fault = Faults({"cut=3": 1}).of(request_for())
    assert fault is not None
    answer = whole()
    assert fault.disturb(answer) is answer
    assert fault.disturb(stream()).abort


def test_the_rates_of_a_command_line():
    texts = ["429=0.1", "cut=3=0.02", "ttft=0.5=0.1", "503; retry-after=2=.05"]
    assert parse_rates(texts) == {"429": 0.1, "cut=3": 0.02, "ttft=0.5": 0.1, "503; retry-after=2": 0.05}
    assert Faults(parse_rates(texts))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("429", "no rate"),
        ("429=often", "no rate"),
        ("=0.1", "no rate"),
        ("429=nan", "no rate"),
        ("429=1.5", "from 0 to 1"),
        ("200=0.1", "400 to 599"),
        ("429*2=0.1", "no \\*TIMES"),
        ("ttft=0.5", "ttft=SECONDS"),
    ],
)
def test_a_rate_that_is_none_is_named(text, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        parse_rates([text])
    assert repr(text) in str(caught.value)


def test_rates_above_all_requests_are_refused():
    with pytest.raises(ValueError, match="more than 1"):
        Faults({"429": 0.6, "500": 0.6})


# The table


def test_the_table_says_of_every_kind_what_it_does():
    for name, kind in KINDS.items():
        assert kind.what
        assert not kind.value or kind.least <= (kind.default or 0) <= kind.most
        text = {"STATUS": "503", "ttft": "ttft=1"}.get(name, name)
        assert read(text).kind == name


# In the service


def test_the_service_disturbs_its_answers_and_keeps_what_it_would_have_said(ask):
    body = {"model": "mistral-large-2407", "messages": MESSAGES, "stream": True}
    plain = ask.send(body).read()
    cut = ask.send(body, x_mock_fault="cut=3", x_mock_split="7", x_mock_ttft="2")
    events = list(cut.events)
    assert cut.abort
    assert max(event.delay for event in events) == 2
    assert b"".join(event.data for event in events).count(b"\n\n") == 3
    assert ask.send(body, x_mock_fault="drop").drop
    assert ask.send({**body, "stream": False}, x_mock_fault="cut").status == 400
    assert ask.send(body, x_mock_fault="ttft=3").read().count(b"data: ") == plain.count(b"data: ")


def test_a_service_that_fails_by_rate_fails_the_same_way_when_it_is_started_anew():
    def statuses() -> list[int]:
        caller = Caller(Service(tokenizer=TOKENIZER, faults=Faults({"503": 0.3, "drop": 0.2}, seed=5)))
        body = {"model": "mistral-large-2407", "messages": MESSAGES}
        return [caller.send(body).status for _ in range(30)]

    assert statuses() == statuses()
    assert set(statuses()) == {0, 200, 503}


# Real clients


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with MockServer(Stub()) as server:
        yield server.url


OPTIONS: dict[str, Any] = {"credential": AzureKeyCredential("a-key-of-the-tests")}


def sync_client(shell: str, url: str) -> ChatCompletionsClient:
    if shell == "socket":
        return ChatCompletionsClient(url, **OPTIONS)
    return ChatCompletionsClient("http://mock", transport=MockTransport(Stub(), sleep=lambda _: None), **OPTIONS)


def async_client(shell: str, url: str) -> AsyncChatCompletionsClient:
    async def at_once(seconds: float) -> None:
        pass

    if shell == "socket":
        return AsyncChatCompletionsClient(url, **OPTIONS)
    return AsyncChatCompletionsClient("http://mock", transport=AsyncMockTransport(Stub(), sleep=at_once), **OPTIONS)


SHELLS = pytest.mark.parametrize("shell", ["socket", "in process"])

# fault, streamed, what the SDK's client raises, what the one in azure.ai.inference.aio does
RAISED = [
    ("drop", False, ServiceResponseError, ServiceRequestError),
    ("drop", True, ServiceResponseError, ServiceRequestError),
    ("cut=2", True, HttpResponseError, IncompleteReadError),
    ("truncated", False, IncompleteReadError, IncompleteReadError),
    ("not-json", False, json.JSONDecodeError, json.JSONDecodeError),
    ("not-json", True, ValueError, ValueError),
    ("empty", False, json.JSONDecodeError, json.JSONDecodeError),
    ("malformed=2", True, json.JSONDecodeError, json.JSONDecodeError),
    ("ping=2", True, ValueError, ValueError),
    ("crlf", True, ValueError, ValueError),
    ("418", False, HttpResponseError, HttpResponseError),
]


@SHELLS
@pytest.mark.parametrize(("fault", "streamed", "error", "_"), RAISED)
def test_the_sdk_raises(url, shell, fault, streamed, error, _):
    with sync_client(shell, url) as client, pytest.raises(error) as caught:
        list(client.complete(messages=MESSAGES, stream=streamed, headers={"x-mock-fault": fault}))
    assert type(caught.value) is error


@SHELLS
@pytest.mark.parametrize(("fault", "streamed", "_", "error"), RAISED)
def test_the_asynchronous_sdk_raises(url, shell, fault, streamed, _, error):
    async def ask() -> None:
        async with async_client(shell, url) as client:
            answer = await client.complete(messages=MESSAGES, stream=streamed, headers={"x-mock-fault": fault})
            if streamed:
                _ = [update async for update in answer]

    with pytest.raises(error) as caught:
        asyncio.run(ask())
    assert type(caught.value) is error


@SHELLS
@pytest.mark.parametrize("fault", ["end=2", "error-event=2"])
def test_the_sdk_takes_a_stream_that_ends_early_for_a_whole_one(url, shell, fault):
    with sync_client(shell, url) as client:
        updates = list(client.complete(messages=MESSAGES, stream=True, headers={"x-mock-fault": fault}))
    assert [update.choices[0].delta.content for update in updates] == ["one", "two"]
    assert all(update.choices[0].finish_reason is None for update in updates)


@SHELLS
def test_an_empty_stream_has_no_updates(url, shell):
    with sync_client(shell, url) as client:
        assert list(client.complete(messages=MESSAGES, stream=True, headers={"x-mock-fault": "empty"})) == []


class PatientTransport(RequestsTransport):
    """The SDK's own transport, but for waiting."""

    def __init__(self, waits: list[float]) -> None:
        super().__init__()
        self._waits = waits

    def sleep(self, duration: float) -> None:
        self._waits.append(duration)


@SHELLS
def test_the_sdk_retries_what_tells_when_to_come_back(url, shell):
    waits: list[float] = []
    transport = PatientTransport(waits) if shell == "socket" else MockTransport(Stub(), sleep=waits.append)
    with ChatCompletionsClient(url, transport=transport, **OPTIONS) as client:
        answer = client.complete(messages=MESSAGES, headers={"x-mock-fault": "429*2; retry-after=1"})
    assert answer.choices[0].message.content == " ".join(WORDS)
    assert waits == [1, 1]


def test_a_dropped_connection_sends_not_one_byte_and_the_server_lives_on(url):
    head = "POST /models/chat/completions HTTP/1.1\r\nhost: mock\r\ncontent-length: 2\r\n"
    address = (urlsplit(url).hostname, urlsplit(url).port)
    with socket.create_connection(address, timeout=5) as sock:
        sock.sendall(f"{head}x-mock-fault: drop\r\n\r\n{{}}".encode())
        assert sock.recv(100) == b""
    with socket.create_connection(address, timeout=5) as sock:
        sock.sendall(f"{head}\r\n{{}}".encode())
        assert sock.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")


def test_httpx_and_requests_see_a_dropped_connection(url):
    headers = {"x-mock-fault": "drop"}
    with httpx.Client(base_url=url) as client:
        assert client.post("/models/chat/completions", json={}).status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):  # on a connection that has been in use
            client.post("/models/chat/completions", json={}, headers=headers)
        assert client.post("/models/chat/completions", json={}).status_code == 200
    with pytest.raises(requests.ConnectionError):
        requests.post(url, json={}, headers=headers, timeout=5)


def test_httpx_and_requests_see_a_cut_stream(url):
    headers = {"x-mock-fault": "cut=2"}
    with (
        httpx.stream("POST", url, json={"stream": True}, headers=headers) as response,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        list(response.iter_bytes())
    with (
        requests.post(url, json={"stream": True}, headers=headers, stream=True, timeout=5) as response,
        pytest.raises(requests.exceptions.ChunkedEncodingError),
    ):
        list(response.iter_content(None))


def test_aiohttp_sees_a_dropped_connection_and_a_cut_stream(url):
    async def ask() -> None:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await session.post(url, json={}, headers={"x-mock-fault": "drop"})
            async with session.post(url, json={"stream": True}, headers={"x-mock-fault": "cut=2"}) as response:
                with pytest.raises(aiohttp.ClientPayloadError):
                    await response.read()

    asyncio.run(ask())


def test_a_drop_leaves_nothing_in_the_log(capfd):
    with MockServer(Stub()) as server, pytest.raises(httpx.RemoteProtocolError):
        httpx.post(server.url, json={}, headers={"x-mock-fault": "drop"})
    assert capfd.readouterr() == ("", "")


def test_a_client_that_leaves_before_a_late_drop_harms_nothing():
    with MockServer(Late()) as server:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(server.url, json={}, timeout=0.05)
        assert httpx.get(f"{server.url}/health").status_code == 200


class Late:
    def handle(self, request: Request) -> Response:
        return whole() if request.method == "GET" else Response(0, drop=True, delay=30)


@pytest.mark.parametrize("slow", ["0.001", "1e-300", "-1", "nan"])
def test_a_pace_that_would_never_end_is_refused(slow):
    with pytest.raises(ApiError) as refusal:
        pace({"x-mock-tokens-per-second": slow}, Pace())
    assert "from 0.01" in refusal.value.message


def test_a_fault_for_no_attempt_and_a_rate_given_twice_are_refused():
    with pytest.raises(ValueError, match="TIMES from 1"):
        read("429*0")
    with pytest.raises(ValueError, match="given twice"):
        parse_rates(["429=0.1", "429=0.2"])
