"""Bad input over HTTP, on every way and operation: each gets a clear 4xx within seconds, and the server goes on.

One mock in a process of its own gets all of it, so that its memory can be measured at the end. Half-sent requests and
idle connections are the part of test_shells; hostile schemas, pictures and sounds have tests of their own beside.
"""

from __future__ import annotations

import gzip
import http.client
import json
import re
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from helpers.mock.gateway.routes import Kind
from helpers.mock.http import Request, Response
from tests.contract import plain_words
from tests.contract.ways import (
    AUDIO,
    FOUNDRY,
    GPT,
    KINDS,
    PICTURES,
    TEXTS,
    chat,
    contract,
    data_url,
    huge_picture,
    json_schema,
    listen,
    look,
    picture,
    request,
    tool,
    user,
)
from tests.support.ending import WITH_US
from tests.support.places import ROOT

pytestmark = pytest.mark.heavy

SECONDS = 10  # for one answer, on a machine that has much else to do
MEMORY = 2**30  # bytes at the highest; a body has at most 32 MB, and as Python's values some twenty times that
ANSWER = 2**20  # bytes of a refusal
DEEP = 100_000
MILLION = 1_000_000
OPERATIONS = {  # the model and the fields that a right request has
    "chat/completions": (GPT, "messages", [user("Hi")]),
    "embeddings": (TEXTS, "input", ["Hi"]),
    "images/embeddings": (PICTURES, "input", [{"image": picture()}]),
}
PLACES: list[tuple[Kind, str]] = [
    (way, operation) for operation in OPERATIONS for way in KINDS if operation[0] != "i" or way in FOUNDRY
]


@dataclass
class Server:
    """The mock in its own process."""

    process: subprocess.Popen[str]
    url: str

    def send(self, asked: Request) -> tuple[Response, float]:
        """The answer, and how many seconds it took."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        start = time.monotonic()
        path = f"{asked.path}?{urlencode(asked.query)}"
        connection.request(asked.method, path, asked.body, dict(asked.headers))
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        response = Response(answer.status, headers, answer.read())
        connection.close()
        return response, time.monotonic() - start

    def refuses(self, asked: Request, *statuses: int) -> None:
        """A clear refusal: 4xx (one of `statuses` when given) by the contract, short and soon."""
        response, seconds = self.send(asked)
        contract().check(asked, response)
        plain_words.check(asked, response)
        assert response.status in (statuses or range(400, 500)), response.body[:500]
        assert len(response.body) < ANSWER
        assert seconds < SECONDS

    def peak(self) -> int | None:
        """The most memory it has had, in bytes; None where the system does not tell."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        except OSError:
            return None
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) * 1024 if found else None


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    command = [sys.executable, "-m", "helpers.mock", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **WITH_US) as process:
        assert process.stdout is not None
        url = re.search(r"http://[\d.]+:\d+", process.stdout.readline())
        assert url is not None
        yield Server(process, url[0])
        process.terminate()


@pytest.fixture(autouse=True)
def still_answering(server: Server) -> Iterator[None]:
    """After each test the server answers a good request soon, and has never had much memory."""
    yield
    response, seconds = server.send(request("v1", "chat/completions", chat()))
    assert (response.status, server.process.poll()) == (200, None)
    assert seconds < SECONDS
    assert (server.peak() or 0) < MEMORY


def nested(opening: str, closing: str) -> str:
    return opening * DEEP + "1" + closing * DEEP


def with_field(operation: str, name: str, value: str) -> bytes:
    """A right request with one more field, whose value is JSON as it stands."""
    model, field, right = OPERATIONS[operation]
    return f'{{"model": "{model}", "{field}": {json.dumps(right)}, "{name}": {value}}}'.encode()


# --- bodies that are no JSON, or too deep ---

NO_JSON: dict[str, Callable[[str], bytes]] = {
    "nothing": lambda _: b"",
    "half an object": lambda _: b'{"model": ',
    "bytes that are no UTF-8": lambda _: b'{"model": "\xff\xfe"}',
    "UTF-16": lambda _: '{"model": "gpt-4o"}'.encode("utf-16"),
    "two documents": lambda operation: with_field(operation, "user", '"x"') * 2,
    "a comma too many": lambda operation: with_field(operation, "user", '"x",'),
    "a number that is none": lambda operation: with_field(operation, "user", "NaN"),
    "a number beyond all": lambda operation: with_field(operation, "temperature", "1e999"),
    "a NUL as it is": lambda operation: with_field(operation, "user", '"\0"'),
    "a lone surrogate": lambda operation: with_field(operation, "user", '"\\ud800"'),
    "nesting of arrays": lambda operation: with_field(operation, "user", nested("[", "]")),
    "nesting of objects": lambda operation: with_field(operation, "user", nested('{"a": ', "}")),
    "nesting that never closes": lambda _: b"[" * DEEP,
}


@pytest.mark.parametrize("name", NO_JSON)
def test_a_body_that_is_no_json_is_400(server, name):
    for way, operation in PLACES:
        server.refuses(request(way, operation, NO_JSON[name](operation), OPERATIONS[operation][0]), 400)


def test_a_compressed_bomb_is_415(server):
    bomb = gzip.compress(bytes(50_000_000))
    for way, operation in PLACES:
        headers = {"content-encoding": "gzip"}
        server.refuses(request(way, operation, bomb, OPERATIONS[operation][0], headers=headers), 415)


# --- values of the wrong type, and a great many of them ---

WRONG = [None, True, 7, -0.5, {}, [], [None], [[]], [{}], [7, "x"], {"0": "x"}, [{"role": 1, "image": 2}], ""]


@pytest.mark.parametrize("value", WRONG, ids=json.dumps)
def test_a_value_of_the_wrong_type_is_refused(server, value):
    for way, operation in PLACES:
        model, field, _ = OPERATIONS[operation]
        server.refuses(request(way, operation, {field: value}, model), 400, 422)
        server.refuses(request(way, operation, json.dumps(value).encode(), model), 400, 422)


MANY: dict[str, Callable[[str], bytes]] = {
    "wrong items": lambda operation: with_field(operation, OPERATIONS[operation][1], f"[{'0.5,' * MILLION}0.5]"),
    "empty items": lambda operation: with_field(operation, OPERATIONS[operation][1], f"[{'{},' * 200_000}{{}}]"),
    "unknown fields": lambda operation: with_field(
        operation, "made_up", "1," + ",".join(f'"made_up_{number}": {number}' for number in range(200_000)) + ', "x": 1'
    ),
    "wrong entries": lambda operation: with_field(
        operation, "logit_bias", "{" + ",".join(f'"{number}": "x"' for number in range(500_000)) + "}"
    ),
    "a long name": lambda operation: with_field(operation, "m" * 5_000_000, "1"),
    "a long wrong value": lambda operation: with_field(operation, "model", f'["{"x" * 5_000_000}"]'),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MANY)
def test_many_faults_at_once_are_told_shortly(server, name):
    for way, operation in PLACES:
        server.refuses(request(way, operation, MANY[name](operation), OPERATIONS[operation][0]), 400, 422)


# --- too much of a good thing ---

BIG: dict[str, tuple[str, str, Callable[[], Any]]] = {  # operation, model, body
    "a million choices": ("chat/completions", GPT, lambda: chat(n=MILLION)),
    "a million messages": ("chat/completions", GPT, lambda: chat([user("x")] * MILLION)),
    "200,000 stop sequences": ("chat/completions", GPT, lambda: chat("x " * 200_000, stop=["x"] * 200_000)),
    "10 MB of text": ("chat/completions", GPT, lambda: chat("word " * 2_000_000)),
    "200,000 tools": ("chat/completions", GPT, lambda: chat(tools=[tool(f"f{n}", {}) for n in range(200_000)])),
    "a million favoured tokens": (
        "chat/completions",
        GPT,
        lambda: chat(logit_bias={str(number): 1 for number in range(MILLION)}),
    ),
    "a million texts": ("embeddings", TEXTS, lambda: {"input": ["x"] * MILLION}),
    "10 MB in one text": ("embeddings", TEXTS, lambda: {"input": "word " * 2_000_000}),
    "a million dimensions": ("embeddings", TEXTS, lambda: {"input": "x", "dimensions": MILLION}),
    "100,000 pictures": ("images/embeddings", PICTURES, lambda: {"input": [{"image": picture()}] * 100_000}),
    "a picture of 200 million pixels": ("images/embeddings", PICTURES, lambda: {"input": [{"image": huge_picture()}]}),
    "the same in a chat": ("chat/completions", GPT, lambda: chat([user(look(huge_picture()))])),
    "a picture with a bomb inside": ("chat/completions", GPT, lambda: chat([user(look(bomb()))])),
    "a picture of 20 MB of noise": ("images/embeddings", PICTURES, lambda: {
        "input": [{"image": data_url(b"\x89PNG\r\n\x1a\n" + bytes(15_000_000), "image/png")}]}),
    "a sound of 15 MB of nothing": ("chat/completions", AUDIO, lambda: chat([user(listen("A" * 20_000_000, "wav"))])),
}  # fmt: skip


def bomb() -> str:
    """A picture of one pixel whose pixel data are 50 MB once they are unpacked, and whose text says as much."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    packed = zlib.compress(bytes(50_000_000))
    head = (60_000).to_bytes(4, "big") + (60_000).to_bytes(4, "big") + b"\x08\x02\0\0\0"
    parts = chunk(b"IHDR", head) + chunk(b"zTXt", b"x\0\0" + packed) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return data_url(b"\x89PNG\r\n\x1a\n" + parts, "image/png")


@pytest.mark.slow
@pytest.mark.parametrize("name", BIG)
def test_too_much_is_refused(server, name):
    operation, model, body = BIG[name]
    content = json.dumps({"model": model, **body()}).encode()
    ways: list[Kind] = [way for way, offered in PLACES if offered == operation]
    for way in ways[:1] if len(content) > 5_000_000 else ways:
        if name == "200,000 stop sequences" and way in FOUNDRY:
            continue  # any number is allowed there, and so is an answer
        server.refuses(request(way, operation, content, model), 400, 413, 422)


def test_a_body_of_60_mb_is_413_whether_its_length_is_told_or_not(server):
    def pieces() -> Iterator[bytes]:
        for _ in range(60):
            yield b" " * 2**20

    for way, operation in PLACES:
        asked = request(way, operation, {})
        for body in (b" " * 60 * 2**20, pieces()) if way == "models" else (b" " * 60 * 2**20,):
            connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
            connection.request("POST", asked.path, body, dict(asked.headers))  # pieces go without a length, chunked
            assert connection.getresponse().status == 413
            connection.close()


# --- schemas ---

SCHEMAS: dict[str, Any] = {
    "impossible": {"type": "object", "properties": {"x": False}, "required": ["x"]},
    "of no type that there is": {"type": "nothing"},
    "recursive without end": {
        "$ref": "#/$defs/a",
        "$defs": {"a": {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "required": ["a"]}},
    },
    "its own reference": {"$ref": "#"},
    "remote": {"$ref": "https://example.org/schema.json"},
    "a file": {"$ref": "file:///etc/passwd"},
    "a hostile pattern": {"type": "string", "pattern": "^(a+)+b$", "maxLength": 30, "minLength": 30},
    "a pattern that is none": {"type": "string", "pattern": "("},
    "too long a string": {"type": "string", "minLength": 10**9},
    "too long a list": {"type": "array", "items": {"type": "integer"}, "minItems": 10**9},
    "alternatives that double": {
        "$ref": "#/$defs/l0",
        "$defs": {
            f"l{n}": {"allOf": [{"$ref": f"#/$defs/l{n + 1}"}, {"$ref": f"#/$defs/l{n + 1}"}]} for n in range(40)
        } | {"l40": {"type": "integer", "minimum": 2, "maximum": 1}},
    },
    "20,000 names": {"type": "object", "properties": {f"p{n}": {} for n in range(20_000)},
                      "required": [f"p{n}" for n in range(20_000)]},
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_hostile_schema_is_refused_or_met_soon(server, name):
    for way in KINDS:
        asked = request(way, "chat/completions", chat("aaaa", response_format=json_schema(SCHEMAS[name])))
        response, seconds = server.send(asked)
        contract().check(asked, response)
        plain_words.check(asked, response)
        assert response.status in (200, 400)
        if name not in ("a hostile pattern", "20,000 names"):
            assert response.status == 400, response.body[:300]
        assert seconds < SECONDS


def test_a_hostile_schema_of_a_tool_is_refused_or_met_soon(server):
    for name, schema in SCHEMAS.items():
        parameters = {"type": "object", "properties": {"x": schema}, "required": ["x"]}
        asked = request("models", "chat/completions", chat(tools=[tool("f", parameters)], tool_choice="required"))
        response, seconds = server.send(asked)
        contract().check(asked, response)
        plain_words.check(asked, response)
        assert response.status in (200, 400), name
        assert seconds < SECONDS


def test_a_schema_nested_100_000_deep_is_refused(server):
    schema = nested('{"items": ', "}")
    deep = f'{{"type": "json_schema", "json_schema": {{"name": "x", "schema": {schema}}}}}'
    for way in KINDS:
        server.refuses(request(way, "chat/completions", with_field("chat/completions", "response_format", deep)), 400)


# --- odd texts ---


@pytest.mark.parametrize("text", ["\0", "a\0b", "\u202e\ufeff", "�", "\U0010ffff", "\x1b[2J", "e\u0301" * 500])
def test_an_odd_text_is_a_text(server, text):
    for way, operation in PLACES:
        if operation == "images/embeddings":
            continue
        model, field, _ = OPERATIONS[operation]
        value = [user(f"Say: {text}")] if field == "messages" else [text]
        asked = request(way, operation, {field: value}, model)
        response, _ = server.send(asked)
        contract().check(asked, response)
        assert response.status == 200


@pytest.mark.parametrize(
    "path", ["/models/%00", "/serverless/%2e%2e/chat/completions", "/openai/deployments//x", "/%ff"]
)
def test_an_odd_address_is_404(server, path):
    asked = request("models", "chat/completions", chat())
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    connection.request("POST", f"{path}?api-version=2024-05-01-preview", asked.body, dict(asked.headers))
    assert connection.getresponse().status == 404
    connection.close()
