"""The service behind sockets and behind the SDK's transport: what arrives, when it arrives, and how it breaks.

A stub stands in for the service, so that only the shells are under test; the client is the real SDK.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Queue
from typing import Any

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import (
    HttpResponseError,
    IncompleteReadError,
    ResourceNotFoundError,
    ResponseNotReadError,
    ServiceResponseTimeoutError,
    StreamClosedError,
    StreamConsumedError,
)
from azure.core.pipeline import Pipeline
from azure.core.pipeline.policies import ContentDecodePolicy
from azure.core.pipeline.transport import HttpRequest as LegacyHttpRequest
from azure.core.rest import HttpRequest

from helpers.mock.http import BrokenOff, Event, Request, Response
from helpers.mock.jsonio import dumps
from helpers.mock.transports import server as listening
from helpers.mock.transports.asgi import Shell
from helpers.mock.transports.azure import AsyncMockTransport, MockTransport
from helpers.mock.transports.server import SETTINGS, MockServer

MESSAGES = [{"role": "user", "content": "Hello"}]
KEY = "a-key-of-the-tests"
JSON = {"content-type": "application/json"}
SSE = {"content-type": "text/event-stream"}


class Stub:
    """Answers every request by the function it was given, and keeps the requests."""

    def __init__(self, answer: Callable[[Request], Response]) -> None:
        self._answer = answer
        self.requests: list[Request] = []

    def handle(self, request: Request) -> Response:
        self.requests.append(request)
        return self._answer(request)


def completion(text: str = "Hi there") -> Response:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    body = {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage}
    return Response(200, dict(JSON), dumps(body))


def chunk(text: str) -> bytes:
    choice = {"index": 0, "finish_reason": None, "delta": {"content": text}}
    body = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
    return b"data: " + dumps(body) + b"\n\n"


def stream(*texts: str, abort: bool = False, delay: float = 0.0) -> Response:
    events = [Event(chunk(text), delay) for text in texts] + ([] if abort else [Event(b"data: [DONE]\n\n")])
    return Response(200, dict(SSE), events=iter(events), abort=abort)


def refusal(status: int, code: str, headers: dict[str, str] | None = None) -> Response:
    return Response(status, JSON | (headers or {}), dumps({"error": {"code": code, "message": "no"}}))


def client_on(endpoint: str, **options: Any) -> ChatCompletionsClient:
    return ChatCompletionsClient(endpoint, AzureKeyCredential(KEY), **options)


class Switch:
    """A service whose stub is exchanged from test to test, so that most of them share one server."""

    stub: Stub

    def handle(self, request: Request) -> Response:
        return self.stub.handle(request)


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[MockServer, Switch]]:
    switch = Switch()
    with MockServer(switch) as server:
        yield server, switch


@pytest.fixture
def serve(shared: tuple[MockServer, Switch]):
    """A server on a stub: the shared one, or with `own` or other options one that stops with the test."""
    servers: list[MockServer] = []

    def start(answer: Callable[[Request], Response], *, own: bool = False, **options: Any) -> tuple[MockServer, Stub]:
        stub = Stub(answer)
        if not own and not options:
            server, shared[1].stub = shared[0], stub
            return server, stub
        servers.append(MockServer(stub, **options).start())
        return servers[-1], stub

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(params=["socket", "in process"])
def connect(request: pytest.FixtureRequest, serve):
    """A client of a stub, over a socket and without one: what holds of one shell holds of the other."""

    def client(answer: Callable[[Request], Response], **options: Any) -> tuple[ChatCompletionsClient, Stub]:
        if request.param == "socket":
            server, stub = serve(answer)
            return client_on(f"{server.url}/models", **options), stub
        stub = Stub(answer)
        return client_on("http://mock/models", transport=MockTransport(stub, sleep=lambda _: None), **options), stub

    return client


@pytest.fixture(params=["socket", "in process"])
def connect_async(request: pytest.FixtureRequest, serve):
    async def no_wait(_: float) -> None: ...

    def client(answer: Callable[[Request], Response]) -> AsyncChatCompletionsClient:
        credential = AzureKeyCredential(KEY)
        if request.param == "socket":
            server, _ = serve(answer)
            return AsyncChatCompletionsClient(f"{server.url}/models", credential)
        transport = AsyncMockTransport(Stub(answer), sleep=no_wait)
        return AsyncChatCompletionsClient("http://mock/models", credential, transport=transport)

    return client


class Watched:
    """An iterator of events that stops in the middle until it is let on, and says when it was closed."""

    def __init__(self) -> None:
        self.go_on, self.closed = threading.Event(), threading.Event()

    def events(self, delay: float = 0.0) -> Iterator[Event]:
        try:
            yield Event(chunk("first"))
            if not delay:
                assert self.go_on.wait(10)
            yield Event(chunk("second"), delay)
            yield Event(b"data: [DONE]\n\n")
        finally:
            self.closed.set()


# What arrives


def test_the_service_sees_the_request_as_the_client_sent_it(connect):
    client, stub = connect(lambda _: completion())
    with client:
        client.complete(messages=MESSAGES, headers={"X-Course": "yes"}, params={"note": "a b"})
    (request,) = stub.requests
    assert (request.method, request.path) == ("POST", "/models/chat/completions")
    assert request.query == {"api-version": "2024-05-01-preview", "note": "a b"}
    assert json.loads(request.body)["messages"] == MESSAGES
    assert request.headers["x-course"] == "yes"
    assert request.headers["api-key"] == KEY
    assert request.headers["content-length"] == str(len(request.body))


def test_the_path_is_decoded_and_the_last_of_repeated_names_wins(serve):
    server, stub = serve(lambda _: completion())
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as sock:
        sock.sendall(
            b"GET /a%20b/c?x=1&x=2&empty= HTTP/1.1\r\nHost: somewhere:1\r\nX-A: one\r\nX-A: two\r\n"
            b"Connection: close\r\n\r\n"
        )
        assert sock.makefile("rb").read().startswith(b"HTTP/1.1 200 OK\r\n")
    (request,) = stub.requests
    assert request.path == "/a b/c"
    assert request.query == {"x": "2", "empty": ""}
    assert request.headers["x-a"] == "two"
    assert request.origin == "http://somewhere:1"


def test_an_offer_of_http_2_is_overlooked_and_the_body_is_read(serve):
    server, stub = serve(lambda _: completion())
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as sock:
        sock.sendall(
            b"POST /x HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nContent-Length: 22\r\n"
            b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\n\r\n"
            b"{}\r\nUpgrade: h2c\r\n\r\n{}"
        )
        assert sock.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")
    (request,) = stub.requests
    assert request.body == b"{}\r\nUpgrade: h2c\r\n\r\n{}"


def test_a_completion_and_its_headers_come_through(connect):
    seen = []

    def answer(_: Request) -> Response:
        response = completion("Grüße")
        response.headers["x-ms-region"] = "nowhere"
        return response

    client, _ = connect(answer)
    with client:
        reply = client.complete(messages=MESSAGES, raw_response_hook=seen.append)
    assert reply.choices[0].message.content == "Grüße"
    assert seen[0].http_response.headers["X-MS-Region"] == "nowhere"


async def test_the_asynchronous_client_gets_the_same(connect_async):
    async with connect_async(lambda _: completion("both ways")) as client:
        reply = await client.complete(messages=MESSAGES)
    assert reply.choices[0].message.content == "both ways"


@pytest.mark.parametrize("body", [b"bytes", iter([b"by", "tes"]), None], ids=["bytes", "iterator", "nothing"])
def test_every_kind_of_body_reaches_the_service_in_process(body):
    stub = Stub(lambda _: completion())
    with client_on("http://mock", transport=MockTransport(stub)) as client:
        client.send_request(HttpRequest("POST", "http://mock/x", content=body))
    assert stub.requests[0].body == (b"" if body is None else b"bytes")


def test_a_form_reaches_the_service_in_process():
    stub = Stub(lambda _: completion())
    with client_on("http://mock", transport=MockTransport(stub)) as client:
        client.send_request(HttpRequest("POST", "http://mock/x", data={"a": "1 2", "b": "3"}))
    assert stub.requests[0].body == b"a=1+2&b=3"


def test_requests_from_before_azure_core_rest_are_answered_too():
    stub = Stub(lambda _: completion())
    request = LegacyHttpRequest("PUT", "http://mock/models%20here?x=1", headers={"X-A": "b"}, data="täxt")
    with Pipeline(MockTransport(stub), [ContentDecodePolicy()]) as pipeline:
        response = pipeline.run(request, stream=False)
    assert response.context["deserialized_data"]["choices"][0]["message"]["content"] == "Hi there"
    assert response.http_response.body() == completion().body
    (seen,) = stub.requests
    assert (seen.method, seen.path, seen.query) == ("PUT", "/models here", {"x": "1"})
    assert (seen.headers["x-a"], seen.body.decode()) == ("b", "täxt")


def test_an_unknown_keyword_fails_in_the_client(connect):
    client, stub = connect(lambda _: completion())
    with client, pytest.raises(TypeError, match="unexpected keyword argument 'n'"):
        client.complete(messages=MESSAGES, n=2)
    assert stub.requests == []


# Streams


def test_a_stream_arrives_whole_and_in_order(connect):
    client, _ = connect(lambda _: stream("Hel", "lo ", "wörld"))
    with client:
        updates = list(client.complete(messages=MESSAGES, stream=True))
    assert "".join(update.choices[0].delta.content for update in updates) == "Hello wörld"


async def test_an_asynchronous_stream_arrives_whole_and_in_order(connect_async):
    async with connect_async(lambda _: stream("Hel", "lo", delay=0.001)) as client:
        texts = [update.choices[0].delta.content async for update in await client.complete(messages=[], stream=True)]
    assert texts == ["Hel", "lo"]


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_an_event_arrives_while_the_next_is_still_being_made(serve, tls):
    watched = Watched()
    server, _ = serve(lambda _: Response(200, dict(SSE), events=watched.events()), **({"tls": True} if tls else {}))
    url, verify = (server.https_url, str(server.authority.ca_file)) if tls else (server.url, True)
    with client_on(url, connection_verify=verify) as client:
        updates = iter(client.complete(messages=MESSAGES, stream=True))
        assert next(updates).choices[0].delta.content == "first"
        assert not watched.go_on.is_set()
        watched.go_on.set()
        assert next(updates).choices[0].delta.content == "second"


def test_an_asynchronous_event_arrives_while_the_next_is_still_being_made(serve):
    watched = Watched()
    server, _ = serve(lambda _: Response(200, dict(SSE), events=watched.events()))

    async def first_then_second() -> list[str]:
        texts = []
        async with AsyncChatCompletionsClient(server.url, AzureKeyCredential(KEY)) as client:
            async for update in await client.complete(messages=MESSAGES, stream=True):
                texts.append(update.choices[0].delta.content)
                watched.go_on.set()
        return texts

    assert asyncio.run(first_then_second()) == ["first", "second"]


def test_a_client_that_leaves_early_ends_the_generation(serve):
    watched = Watched()
    # An hour lies before the second event: only the client's leaving can close the iterator in time.
    server, _ = serve(lambda _: Response(200, dict(SSE), events=watched.events(delay=3600)))
    with client_on(server.url) as client, client.complete(messages=MESSAGES, stream=True) as updates:
        assert next(updates).choices[0].delta.content == "first"
    assert watched.closed.wait(10)


def test_leaving_early_closes_the_generator_in_process():
    watched = Watched()
    watched.go_on.set()
    stub = Stub(lambda _: Response(200, dict(SSE), events=watched.events()))
    with client_on("http://mock", transport=MockTransport(stub)) as client:
        updates = client.complete(messages=MESSAGES, stream=True)
        next(updates)
        updates.close()
    assert watched.closed.is_set()


def test_pace_is_kept_by_the_transport_that_was_asked_to_keep_it():
    slept: list[float] = []
    stub = Stub(lambda _: stream("a", "b", delay=0.25))
    with client_on("http://mock", transport=MockTransport(stub, sleep=slept.append)) as client:
        list(client.complete(messages=MESSAGES, stream=True))
    assert slept == [0.25, 0.25]


def test_pace_is_kept_over_a_socket(serve):
    server, _ = serve(lambda _: stream("a", "b", "c", delay=0.02))
    with client_on(server.url) as client:
        before = time.perf_counter()
        list(client.complete(messages=MESSAGES, stream=True))
        assert time.perf_counter() - before >= 0.06


def test_other_requests_are_answered_while_a_stream_waits(serve):
    watched = Watched()

    def answer(request: Request) -> Response:
        if json.loads(request.body).get("stream"):
            return Response(200, dict(SSE), events=watched.events(delay=3600))
        return completion()

    server, _ = serve(answer)
    with client_on(server.url) as client, client.complete(messages=MESSAGES, stream=True) as updates:
        next(updates)
        assert client.complete(messages=MESSAGES).choices[0].message.content == "Hi there"


# How it breaks


def test_a_dropped_stream_raises_after_what_was_sent(connect):
    client, _ = connect(lambda _: stream("half", abort=True))
    with client:
        updates = client.complete(messages=MESSAGES, stream=True)
        assert next(updates).choices[0].delta.content == "half"
        with pytest.raises(HttpResponseError, match="Response ended prematurely") as caught:
            next(updates)
    assert caught.type is HttpResponseError


async def test_a_dropped_asynchronous_stream_raises_as_aiohttp_has_it(connect_async):
    async with connect_async(lambda _: stream("half", abort=True)) as client:
        updates = await client.complete(messages=MESSAGES, stream=True)
        assert (await anext(updates)).choices[0].delta.content == "half"
        with pytest.raises(IncompleteReadError, match="Response payload is not completed"):
            await anext(updates)


def test_a_dropped_answer_raises(connect):
    def answer(_: Request) -> Response:
        response = completion()
        response.abort = True
        return response

    client, _ = connect(answer)
    with client, pytest.raises(HttpResponseError):
        client.complete(messages=MESSAGES)


def test_a_refusal_raises_the_exception_of_its_status(connect):
    client, _ = connect(lambda _: refusal(404, "unknown_model"))
    with client, pytest.raises(ResourceNotFoundError) as caught:
        client.complete(messages=MESSAGES, stream=True)
    assert caught.value.error is not None
    assert caught.value.error.code == "unknown_model"
    assert caught.value.reason == "Not Found"
    assert caught.value.response is not None
    assert caught.value.response.json()["error"]["message"] == "no"


def test_the_sdk_retries_and_reads_its_hooks_in_process():
    slept: list[float] = []
    answers = iter([refusal(429, "429", {"retry-after": "7"}), refusal(429, "429", {"retry-after": "9"}), completion()])
    stub = Stub(lambda _: next(answers))
    with client_on("http://mock", transport=MockTransport(stub, sleep=slept.append)) as client:
        reply = client.complete(messages=MESSAGES)
    assert reply.choices[0].message.content == "Hi there"
    assert slept == [7, 9]
    assert len({request.headers["x-ms-client-request-id"] for request in stub.requests}) == 1


def test_a_late_answer_meets_the_clients_read_timeout(connect):
    def answer(_: Request) -> Response:
        response = completion()
        response.delay = 3600
        return response

    client, _ = connect(answer)
    with client, pytest.raises(ServiceResponseTimeoutError):
        client.complete(messages=MESSAGES, read_timeout=0.05)


@pytest.mark.parametrize("shell", ["socket", "in process"])
def test_a_fault_of_the_service_is_its_own_500_and_keeps_the_key_to_itself(serve, capfd, shell):
    def broken(request: Request) -> Response:
        raise RuntimeError(f"a bug near {request.headers['authorization']}")

    if shell == "socket":
        client = client_on(serve(broken)[0].url)
    else:
        client = client_on("http://mock", transport=MockTransport(Stub(broken)))
    with client, pytest.raises(HttpResponseError) as caught:
        client.complete(messages=MESSAGES, retry_total=0)
    assert caught.value.status_code == 500
    assert caught.value.error is not None
    assert "server had an error" in str(caught.value.message)
    errors = capfd.readouterr().err
    assert "RuntimeError: a bug near Bearer ***" in errors
    assert KEY not in errors


def fails_after(text: str) -> Response:
    def events() -> Iterator[Event]:
        yield Event(chunk(text))
        raise RuntimeError("a bug")

    return Response(200, dict(SSE), events=events())


def test_a_fault_in_the_middle_of_a_stream_breaks_the_stream(serve, capfd):
    server, _ = serve(lambda _: fails_after("half"))
    with client_on(server.url) as client, pytest.raises(HttpResponseError):
        list(client.complete(messages=MESSAGES, stream=True))
    assert "RuntimeError: a bug" in capfd.readouterr().err


def test_events_that_came_together_leave_in_one_write_and_wait_for_nothing(serve):
    def events() -> Iterator[Event]:
        yield Event(b"a", more=True)
        yield Event(b"b", more=True)
        yield Event(b"c")
        yield Event(b"d", more=True)
        yield Event(b"e", 0.001)
        yield Event(b"f", more=True)
        raise BrokenOff

    server, _ = serve(lambda _: Response(200, dict(SSE), events=events()))
    with raw(server, b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n") as sock:
        received = b"".join(iter(lambda: sock.recv(2**16), b""))
    assert received.partition(b"\r\n\r\n")[2] == b"3\r\nabc\r\n1\r\nd\r\n1\r\ne\r\n1\r\nf\r\n"


def test_a_drop_on_purpose_leaves_no_traceback(serve, capfd):
    server, _ = serve(lambda _: stream("half", abort=True), own=True)
    with client_on(server.url) as client, pytest.raises(HttpResponseError):
        list(client.complete(messages=MESSAGES, stream=True))
    server.stop()
    assert capfd.readouterr() == ("", "")


# An old client


@pytest.mark.skipif(sys.platform == "win32", reason="SO_LINGER is of another size there")
def test_a_connection_that_was_reset_leaves_nothing_waiting(serve, monkeypatch):
    lost: Queue[tuple[Exception | None, object]] = Queue()
    real = listening._Connection.connection_lost

    def connection_lost(connection: listening._Connection, exc: Exception | None) -> None:
        real(connection, exc)
        lost.put((exc, connection.timeout_keep_alive_task))

    monkeypatch.setattr(listening._Connection, "connection_lost", connection_lost)
    server, _ = serve(lambda _: completion())
    with raw(server, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") as sock:
        assert sock.recv(65_536).startswith(b"HTTP/1.1 200")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    error, timer = lost.get(timeout=10)
    assert (type(error), timer) == (ConnectionResetError, None)


def by_http_1_0(server: MockServer) -> tuple[bytes, bytes]:
    """Head and body of an answer to a client of HTTP/1.0."""
    with raw(server, b"POST /x HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}") as sock, sock.makefile("rb") as file:
        head, _, body = file.read().partition(b"\r\n\r\n")
    return head.lower(), body


def test_a_stream_to_http_1_0_comes_in_one_piece_at_its_pace(serve):
    server, _ = serve(lambda _: stream("a", "b", delay=0.05))
    before = time.perf_counter()
    head, body = by_http_1_0(server)
    assert time.perf_counter() - before >= 0.1
    assert body == chunk("a") + chunk("b") + b"data: [DONE]\n\n"
    assert b"transfer-encoding" not in head
    assert b"connection: close" in head
    assert f"content-length: {len(body)}".encode() in head


@pytest.mark.parametrize("break_off", [lambda: stream("half", abort=True), lambda: fails_after("half")])
def test_a_stream_to_http_1_0_that_breaks_off_is_shorter_than_it_says(serve, capfd, break_off):
    head, body = by_http_1_0(serve(lambda _: break_off())[0])
    assert body == chunk("half")
    assert f"content-length: {len(body) + 1}".encode() in head


# A body that is too large


def test_a_body_over_the_limit_is_refused_and_never_reaches_the_service(serve):
    server, stub = serve(lambda _: completion(), max_body=1000)
    with client_on(server.url) as client, pytest.raises(HttpResponseError) as caught:
        client.complete(messages=[{"role": "user", "content": "x" * 2_000_000}])
    assert caught.value.status_code == 413
    assert "1000 bytes" in str(caught.value.message)
    assert stub.requests == []


def test_an_announced_length_over_the_limit_is_refused_before_the_body_is_sent(serve):
    server, _ = serve(lambda _: completion(), max_body=1000)
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=10) as sock:
        sock.sendall(b"POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n")
        assert sock.recv(20).startswith(b"HTTP/1.1 413 ")


def test_a_body_of_unknown_length_is_counted_as_it_comes(serve):
    server, stub = serve(lambda _: completion(), max_body=1000)
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
    connection.request("POST", "/x", iter([b"a" * 600, b"b" * 600]), encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.request("POST", "/x", iter([b"a" * 600, b"b" * 400]), encode_chunked=True)
    assert connection.getresponse().status == 200
    assert len(stub.requests[0].body) == 1000
    connection.close()


def test_a_large_body_is_handled_beside_the_event_loop(serve):
    threads: dict[int, int] = {}

    def answer(request: Request) -> Response:
        threads[len(request.body)] = threading.get_ident()
        return completion()

    server, _ = serve(answer)
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
    for size in (10, 20, 300_000):
        connection.request("POST", "/x", b"x" * size)
        connection.getresponse().read()
    connection.close()
    assert threads[10] == threads[20] != threads[300_000]


# Requests that never become one


def raw(server: MockServer, *pieces: bytes) -> socket.socket:
    """A connection on which these bytes have been sent."""
    sock = socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=10)
    for piece in pieces:
        sock.sendall(piece)
    return sock


def answered(sock: socket.socket) -> tuple[int, dict[str, Any]]:
    """Status and body of the one answer after which the server closes the connection."""
    with sock, sock.makefile("rb") as file:
        head, _, body = file.read().partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /mod",
        b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Le",
        b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf",
        b"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe",
    ],
    ids=["request line", "headers", "body", "chunk"],
)
def test_a_request_that_stays_half_sent_is_refused_and_its_connection_closed(serve, sent):
    server, stub = serve(lambda _: completion(), read_seconds=0.2)
    status, body = answered(raw(server, sent))
    assert status == 408
    assert "within 0.2 seconds" in body["error"]["message"]
    assert stub.requests == []


def test_a_body_that_trickles_is_refused_although_something_always_comes(serve):
    server, stub = serve(lambda _: completion(), read_seconds=0.3)
    sock = raw(server, b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
    ended = threading.Event()

    def trickle() -> None:
        with suppress(OSError):  # the server has closed
            while not ended.wait(0.02):
                sock.sendall(b"x")

    sender = threading.Thread(target=trickle)
    sender.start()
    try:
        head = sock.recv(65_536)
    finally:
        ended.set()
        sender.join()
        sock.close()
    assert head.startswith(b"HTTP/1.1 408 ")
    assert stub.requests == []


def test_a_body_that_comes_slowly_but_in_good_pieces_is_read(serve):
    server, stub = serve(lambda _: completion(), read_seconds=0.3)
    body = b"x" * 80_000
    with raw(server, b"POST /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 80000\r\n\r\n") as sock:
        for start in range(0, len(body), 20_000):  # each is more than has to come within the time
            threading.Event().wait(0.12)
            sock.sendall(body[start : start + 20_000])
        assert sock.recv(65_536).startswith(b"HTTP/1.1 200 ")
    assert stub.requests[0].body == body


def test_a_connection_beyond_the_limit_gets_the_plain_503_of_uvicorn(serve, monkeypatch):
    monkeypatch.setitem(SETTINGS, "limit_concurrency", 2)  # the second connection reaches it
    server, stub = serve(lambda _: completion(), own=True)
    with raw(server), raw(server, b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n") as late:
        status, _, rest = late.recv(65_536).partition(b"\r\n")
    assert status == b"HTTP/1.1 503 Service Unavailable"
    assert b"content-type: text/plain" in rest
    assert rest.endswith(b"Service Unavailable")
    assert stub.requests == []


def test_half_of_a_second_request_is_refused_as_well(serve):
    server, stub = serve(lambda _: completion(), read_seconds=0.2)
    with raw(server, b"GET /x HTTP/1.1\r\nHost: h\r\n\r\nGET /y HT") as sock:
        answers = sock.makefile("rb").read()
    assert answers.startswith(b"HTTP/1.1 200 ")
    assert answers.count(b"HTTP/1.1 408 ") == 1
    assert len(stub.requests) == 1


def test_a_connection_that_never_sends_is_closed(serve):
    server, _ = serve(lambda _: completion(), read_seconds=0.2)
    with raw(server) as sock:
        assert sock.recv(1) == b""


def test_a_connection_between_two_requests_and_one_whose_answer_takes_long_are_left_alone(serve):
    def events() -> Iterator[Event]:
        yield Event(chunk("first"))
        yield Event(chunk("second"), 0.4)

    def answer(request: Request) -> Response:
        return Response(200, dict(SSE), events=events()) if request.path == "/slow" else completion()

    server, _ = serve(answer, read_seconds=0.1)
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
    for path in ("/slow", "/quick"):
        connection.request("GET", path)
        assert connection.getresponse().read()
        threading.Event().wait(0.3)  # a reader thinks: longer than a request may take to arrive
    connection.request("GET", "/quick")
    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.parametrize("pieces", [1, 20])
@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"], ids=["without end", "complete"])
def test_a_head_beyond_64_kilobytes_is_refused(serve, pieces, end):
    server, stub = serve(lambda _: completion())
    filler = b"X-Long: " + b"a" * (200_000 // pieces) + b"\r\n"
    status, body = answered(raw(server, b"GET /x HTTP/1.1\r\nHost: h\r\n", *([filler] * pieces), end))
    assert (status, body["error"]["code"]) == (431, "RequestHeaderFieldsTooLarge")
    assert stub.requests == []


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02\x00\x01\x00", b"hello\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"])
def test_what_is_not_http_is_told_so_in_the_services_form(serve, sent):
    server, _ = serve(lambda _: completion())
    status, body = answered(raw(server, sent))
    assert status == 400
    assert "not HTTP/1.1" in body["error"]["message"]


@pytest.mark.parametrize(
    "first_line", ["POST /x HTTP/1.1", "HEAD /x HTTP/1.1", "GET /x?q=%41 HTTP/1.1", "POST /x HTTP/1.0"]
)
@pytest.mark.parametrize(
    ("status", "fields"),
    [(200, {}), (299, {"x-name": "Łódź"}), (500, {"x-odd": "a\tb"}), (200, {"connection": "close"})],
    ids=["usual", "another alphabet", "a tab", "closing"],
)
def test_what_is_answered_at_once_is_the_same_byte_for_byte(serve, monkeypatch, first_line, status, fields):
    def received() -> bytes:
        request = f"{first_line}\r\nHost: h\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}"
        with raw(server, request.encode()) as sock, sock.makefile("rb") as file:
            return re.sub(rb"date: [^\r]*", b"date", file.read())

    server, stub = serve(lambda _: Response(status, JSON | fields, b"[1]"))
    at_once = received()
    monkeypatch.setattr(Shell, "at_once", lambda *_: None)
    assert at_once == received()
    assert at_once.startswith(b"HTTP/1.1 %d " % status)
    assert stub.requests[0] == stub.requests[1]


def test_as_many_requests_as_one_piece_holds_are_answered_in_their_order(serve):
    server, stub = serve(lambda request: Response(200, {}, request.path.encode()))
    count = 1_500
    ahead = b"".join(b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n" % number for number in range(count))
    with raw(server, ahead + b"GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n") as sock:
        received = b"".join(iter(lambda: sock.recv(2**16), b""))
    assert received.count(b"HTTP/1.1 200 OK") == count + 1
    assert [request.path for request in stub.requests] == [*(f"/{number}" for number in range(count)), "/last"]


def test_requests_sent_ahead_are_answered_in_their_order(serve):
    server, stub = serve(lambda request: completion(request.path))
    heads = [b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n" % number for number in range(20)]
    heads[-1] = heads[-1].replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with raw(server, b"".join(heads)) as sock:
        answers = sock.makefile("rb").read()
    places = [answers.index(b'"/%d"' % number) for number in range(20)]
    assert places == sorted(places)
    assert [request.path for request in stub.requests] == [f"/{number}" for number in range(20)]


@pytest.mark.slow
def test_a_thousand_idle_connections_do_not_keep_the_others_out(serve):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2_600  # both ends of the connections are in this process
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip("this system opens too few files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    server, _ = serve(lambda _: completion(), read_seconds=3)
    idle = [raw(server, b"POST /x HTTP/1.1\r\n" if number % 2 else b"") for number in range(1000)]
    with client_on(server.url) as client:
        assert client.complete(messages=MESSAGES).choices[0].message.content == "Hi there"
        for sock in idle:  # each is closed within seconds
            while sock.recv(4096):
                pass
            sock.close()
        assert client.complete(messages=MESSAGES).choices[0].message.content == "Hi there"
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


# The ASGI application by itself, and the server around it


async def run_application(scope: dict[str, Any], *received: dict[str, Any]) -> list[dict[str, Any]]:
    waiting, sent = list(received), []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await Shell(Stub(lambda _: completion()))(scope, receive, send)
    return sent


async def test_lifespan_is_completed():
    sent = await run_application({"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_a_client_that_leaves_within_its_request_gets_no_answer():
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    half = {"type": "http.request", "body": b"ha", "more_body": True}
    assert await run_application(scope, half, {"type": "http.disconnect"}) == []


async def test_without_a_host_header_the_origin_is_the_servers_address():
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], "server": ("h", 81)}
    seen: list[Request] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, Any]) -> None: ...

    await Shell(Stub(lambda request: seen.append(request) or completion()))(scope, receive, send)
    assert seen[0].origin == "http://h:81"


def test_one_service_answers_http_and_https(serve):
    server, stub = serve(lambda _: completion(), tls=True)
    with client_on(server.url) as client:
        client.complete(messages=MESSAGES)
    with client_on(server.https_url, connection_verify=str(server.authority.ca_file)) as client:
        client.complete(messages=MESSAGES)
    assert [request.origin for request in stub.requests] == [server.url, server.https_url]


def test_an_address_in_use_is_said_at_once(serve):
    server, _ = serve(lambda _: completion())
    with pytest.raises(OSError, match="in use"):
        MockServer(Stub(lambda _: completion()), int(server.url.rpartition(":")[2])).start()


def test_a_failed_start_frees_the_first_port(serve):
    busy, _ = serve(lambda _: completion())
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = probe.getsockname()[1]
    failing = MockServer(Stub(lambda _: completion()), free, tls=True, tls_port=int(busy.url.rpartition(":")[2]))
    with pytest.raises(OSError, match="in use"):
        failing.start()
    assert serve(lambda _: completion(), port=free)[0].url == f"http://127.0.0.1:{free}"


def test_a_stopped_server_no_longer_listens_and_stops_again_without_harm(serve):
    server, _ = serve(lambda _: completion(), own=True)
    server.stop()
    server.stop()
    assert not server.running
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])))


def test_stopping_takes_no_time_and_tells_a_connection_that_is_open(serve):
    took: list[float] = []
    for _ in range(5):
        server, _ = serve(lambda _: completion(), own=True)
        with client_on(server.url) as client:
            client.complete(messages=MESSAGES)
            before = time.perf_counter()
            server.stop()
            took.append(time.perf_counter() - before)
    assert min(took) < 0.08, "uvicorn sleeps for a tenth of a second"


def test_stopping_does_not_wait_for_a_stream(serve):
    watched = Watched()
    server, _ = serve(lambda _: Response(200, dict(SSE), events=watched.events(delay=3600)), own=True)
    with client_on(server.url) as client:
        updates = client.complete(messages=MESSAGES, stream=True)
        next(updates)
        before = time.perf_counter()
        server.stop()
        assert time.perf_counter() - before < 2
        with pytest.raises(HttpResponseError):
            next(updates)
    assert watched.closed.is_set()


def test_an_address_is_asked_for_only_when_there_is_one():
    server = MockServer(Stub(lambda _: completion()))
    with pytest.raises(RuntimeError, match="not been started"):
        server.url  # noqa: B018
    with server:
        assert server.url.startswith("http://127.0.0.1:")
        with pytest.raises(RuntimeError, match="with tls"):
            server.https_url  # noqa: B018


# The response objects of the in-process transport


def test_a_streamed_response_is_read_once():
    with client_on("http://mock", transport=MockTransport(Stub(lambda _: stream("a")))) as client:
        response = client.send_request(HttpRequest("GET", "http://mock/x"), stream=True)
        with pytest.raises(ResponseNotReadError):
            response.content  # noqa: B018
        assert b"".join(response.iter_raw()) == chunk("a") + b"data: [DONE]\n\n"
        assert response.is_closed
        with pytest.raises(StreamConsumedError):
            response.read()


def test_a_closed_response_is_not_read():
    with client_on("http://mock", transport=MockTransport(Stub(lambda _: stream("a")))) as client:
        with client.send_request(HttpRequest("GET", "http://mock/x"), stream=True) as response:
            pass
        with pytest.raises(StreamClosedError):
            response.read()


def test_a_whole_response_is_read_as_often_as_wanted():
    with client_on("http://mock", transport=MockTransport(Stub(lambda _: refusal(418, "tea")))) as client:
        response = client.send_request(HttpRequest("GET", "http://mock/x"))
    assert response.json()["error"]["code"] == "tea"
    assert b"".join(response.iter_bytes()) == response.read() == response.content
    assert (response.reason, response.content_type, response.encoding) == ("I'm a Teapot", "application/json", None)
    with pytest.raises(HttpResponseError, match="tea"):
        response.raise_for_status()


def test_the_charset_of_the_answer_decodes_its_text():
    latin = Response(200, {"content-type": "text/plain; charset=latin-1"}, "Grüße".encode("latin-1"))
    with client_on("http://mock", transport=MockTransport(Stub(lambda _: latin))) as client:
        response = client.send_request(HttpRequest("GET", "http://mock/x"))
    assert response.text() == "Grüße"
    assert response.text("utf-8") != "Grüße"
