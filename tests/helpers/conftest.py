"""A small HTTP server that plays back canned answers and records what it was sent."""

import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AccessToken, AzureKeyCredential

from helpers import display, show_wire
from helpers.mock.testing import Mock, in_process

COMPLETION: dict[str, Any] = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "mistral-large-2407",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Paris & Rome"}}],
    "usage": {"prompt_tokens": 19, "completion_tokens": 72, "total_tokens": 91},
}

MESSAGES = [{"role": "user", "content": "?"}]
CALL = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"city": "<Paris>"}'}}


@dataclass
class Canned:
    """An answer: `body` is bytes, something for JSON, or a list of blocks that are sent as separate chunks.

    A block that is a `threading.Event` holds the server until the event is set; None drops the connection.
    """

    body: Any = field(default_factory=lambda: COMPLETION)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def event(delta: dict[str, Any] | None, finish_reason: str | None = None, **more: Any) -> bytes:
    """One server-sent event of a streamed completion; without a delta it has no choices."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish_reason}]
    return b"data: " + json.dumps({"id": "1", "choices": choices, **more}, ensure_ascii=False).encode() + b"\n\n"


class Recorder:
    """`answers` are played in order, the last one again and again; `seen` are the requests."""

    KEY = "a-key-of-the-tests"
    DONE = b"data: [DONE]\n\n"
    USAGE = COMPLETION["usage"]
    answer = Canned
    event = staticmethod(event)

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self.endpoint = f"{self.origin}/models"
        self.answers: list[Canned] = [Canned()]
        self.seen: list[Seen] = []

    def play(self, *answers: Canned) -> None:
        self.answers = list(answers)

    def next(self) -> Canned:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            recorder.seen.append(Seen(self.command, self.path, headers, body))
            canned = recorder.next()
            self.send_response(canned.status)
            for name, value in {"Content-Type": "application/json", **canned.headers}.items():
                self.send_header(name, value)
            if isinstance(canned.body, list):
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for block in canned.body:
                    if block is None:
                        self.close_connection = True
                        return
                    if isinstance(block, threading.Event):
                        assert block.wait(20)
                    else:
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(block), block))
                self.wfile.write(b"0\r\n\r\n")
            else:
                data = canned.body if isinstance(canned.body, bytes) else json.dumps(canned.body).encode()
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            if not isinstance(sys.exception(), ConnectionError):  # a client that leaves a stream early is no error
                super().handle_error(request, client_address)

    http = Server(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    recorder = Recorder(http.server_port)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    for name in ("AZUREAI_ENDPOINT_URL", "AZUREAI_ENDPOINT_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_INFERENCE_ENDPOINT", recorder.endpoint)
    monkeypatch.setenv("AZURE_INFERENCE_CREDENTIAL", recorder.KEY)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield recorder
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture
def client(server: Any) -> Iterator[ChatCompletionsClient]:
    with ChatCompletionsClient(server.endpoint, AzureKeyCredential(server.KEY), retry_backoff_factor=0) as client:
        yield client


def ask(client: ChatCompletionsClient, content: Any = "Capital of France?", **options: Any) -> Any:
    return client.complete(messages=[{"role": "user", "content": content}], raw_response_hook=show_wire, **options)


class Entra:
    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken("eyJ-a-token-from-entra", 4_000_000_000)


def words(server: Any, count: int) -> list[bytes]:
    deltas = [server.event({"content": f"é{number}"}) for number in range(count)]
    return [server.event({"role": "assistant", "content": ""}), *deltas, server.event({}, "stop", usage=server.USAGE)]


def text_of(updates: Any) -> str:
    return "".join(choice.delta.content or "" for update in updates for choice in update.choices)


@pytest.fixture
def mock() -> Iterator[Mock]:
    """A mock in this process, without a port: what the panels' clients talk to."""
    with in_process() as mock:
        yield mock


def completion(
    content: str | None, finish_reason: str = "stop", completion_tokens: int = 72, **more: Any
) -> dict[str, Any]:
    return {
        "model": "a-model",
        "choices": [
            {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", "content": content, **more}}
        ],
        "usage": {"prompt_tokens": 19, "completion_tokens": completion_tokens, "total_tokens": 19 + completion_tokens},
    }


@pytest.fixture
def displayed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What a notebook would be given: display() collects, and the code believes it runs in a kernel."""
    import IPython.display

    things: list[Any] = []
    monkeypatch.setattr(display, "in_notebook", lambda: True)
    monkeypatch.setattr(IPython.display, "display", things.append)
    return things


def html_of(displayed: list[Any]) -> str:
    (thing,) = displayed
    bundle = thing._repr_mimebundle_()
    assert bundle["text/plain"] == str(thing)
    Outline(bundle["text/html"])
    return bundle["text/html"]


class Outline(HTMLParser):
    """Fails on tags that do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
