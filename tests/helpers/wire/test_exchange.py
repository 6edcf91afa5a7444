"""The wire view: what it shows, and what it hides."""

import base64
import json
import threading
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, HttpResponseError

from helpers import curl, show_wire, wire
from helpers.mock.http import Event, Request, Response
from helpers.mock.transports.azure import AsyncMockTransport, MockTransport
from helpers.wire.recording import _kept
from tests.helpers.conftest import Entra, ask, text_of, words


@pytest.fixture(autouse=True)
def empty_record() -> Iterator[None]:
    _kept.clear()
    yield
    _kept.clear()


def twins_of(exchange: wire.Exchange) -> list[str]:
    return [exchange.curl(), exchange.python(), exchange.javascript()]


class _Outline(HTMLParser):
    """Fails on tags that do not nest and collects tags, attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


# What is shown


def test_a_call_is_shown_as_it_went_over_the_wire(client, server, capsys):
    ask(client, temperature=0.5)
    shown = capsys.readouterr().out
    assert shown.startswith("POST /chat/completions → 200, 19 + 72 tokens\n")
    assert "POST $AZURE_INFERENCE_ENDPOINT/chat/completions?api-version=2024-05-01-preview\n" in shown
    assert '"temperature": 0.5' in shown
    assert '"content": "Paris & Rome"' in shown
    assert wire.last().request.body == server.seen[0].body
    assert json.loads(wire.last().response.body)["model"] == "mistral-large-2407"


def test_the_html_is_folded_escaped_and_needs_nothing_from_outside(client):
    ask(client, "<b>&")
    html = wire.last()._repr_html_()
    outline = _Outline(html)
    assert outline.tags.count("details") == outline.tags.count("summary") == 4
    assert "b" not in outline.tags
    assert "<b>&" in outline.text
    names = {name for name, _ in outline.attributes}
    assert names == {"style"}, "no ids, no links, and folded: no `open`"
    assert not any(word in html for word in ("color:", "background", "<script", "http"))
    assert wire.last()._repr_mimebundle_() == {"text/plain": str(wire.last()), "text/html": html}


def test_two_runs_on_two_servers_show_the_same(client, server, capsys, monkeypatch):
    ask(client, [{"type": "image_url", "image_url": {"url": f"{server.origin}/_mock/media/chart.png"}}])
    first, html = capsys.readouterr().out, wire.last()._repr_html_()
    # Nothing that is listed here may depend on the run.
    for part in (server.origin, server.origin.rpartition(":")[2], "127.0.0.1", "azsdk", "BaseHTTP", "2026", "GMT"):
        assert part not in first
        assert part not in html
    assert "${AZURE_INFERENCE_ENDPOINT%/models}/_mock/media/chart.png" in first
    for name in ("date", "server", "user-agent", "x-ms-client-request-id", "content-length"):
        assert f"\n{name}: (varies)\n" in first


def test_limits_that_count_down_vary_and_limits_that_stand_do_not(client, server, capsys):
    headers = {
        "x-ratelimit-remaining-tokens": "77",
        "x-ratelimit-reset-requests": "78",
        "x-ratelimit-limit-tokens": "79",
    }
    server.play(server.answer(headers={**headers, "apim-request-id": "80", "x-request-id": "81"}))
    ask(client)
    shown = capsys.readouterr().out
    assert "x-ratelimit-limit-tokens: 79" in shown
    assert not any(f": {number}" in shown for number in (77, 78, 80, 81))


@pytest.mark.parametrize("name", ["AZURE_INFERENCE", "AZUREAI"])
def test_no_secret_is_shown_wherever_it_hides(server, capsys, monkeypatch, name):
    key = "s3cr3t-of-this-test"
    monkeypatch.delenv("AZURE_INFERENCE_CREDENTIAL")
    monkeypatch.setenv("AZURE_INFERENCE_CREDENTIAL" if name == "AZURE_INFERENCE" else "AZUREAI_ENDPOINT_KEY", key)
    leaks = {"set-cookie": "session=4711", "x-ms-debug": f"key {key} used", "x-session-token": "0815"}
    server.play(server.answer(headers=leaks))
    with ChatCompletionsClient(server.endpoint, AzureKeyCredential(key)) as client:
        ask(client, f"my key is {key}", headers={"x-identity-header": "1234567"}, params={"trace": key})
    exchange = wire.last()
    for shown in (capsys.readouterr().out, exchange._repr_html_(), *twins_of(exchange), repr(exchange)):
        assert not any(secret in shown for secret in (key, "4711", "0815", "1234567"))
    assert "api-key: $AZURE_INFERENCE_CREDENTIAL\nauthorization: Bearer $AZURE_INFERENCE_CREDENTIAL\n" in str(exchange)


def test_not_even_the_beginning_of_a_key_that_looks_like_base64_is_shown(server, capsys):
    key = "aB3dE5fG7h" * 8 + "AzQ4"  # 84 letters and digits, the length of newer keys
    server.play(server.answer({"error": {"code": "401", "message": f"{key} is no key"}, "keys": [key]}, 401))
    with ChatCompletionsClient(server.endpoint, AzureKeyCredential(key)) as client, pytest.raises(HttpResponseError):
        ask(client, key)
    exchange = wire.last()
    for shown in (capsys.readouterr().out, exchange._repr_html_(), *twins_of(exchange)):
        assert key[:6] not in shown


def test_a_token_is_masked_whatever_it_is(server, capsys):
    with ChatCompletionsClient(server.endpoint, Entra()) as client:
        ask(client, enforce_https=False)
    shown = capsys.readouterr().out
    assert "authorization: Bearer $TOKEN\n" in shown
    assert "eyJ" not in "".join([shown, *twins_of(wire.last())])
    assert '--header "authorization: Bearer $TOKEN"' in wire.last().curl()


def test_the_endpoint_is_recognised_without_its_variable(client, server, capsys, monkeypatch):
    monkeypatch.delenv("AZURE_INFERENCE_ENDPOINT")
    ask(client)
    assert "POST $AZURE_INFERENCE_ENDPOINT/chat/completions?" in capsys.readouterr().out


def test_another_route_of_the_same_host_is_named_from_the_variable(server, capsys):
    with ChatCompletionsClient(f"{server.origin}/serverless/phi", AzureKeyCredential(server.KEY)) as client:
        ask(client)
    assert "POST ${AZURE_INFERENCE_ENDPOINT%/models}/serverless/phi/chat/completions?" in capsys.readouterr().out


def test_another_endpoint_or_key_than_the_environments_is_said(client, server, monkeypatch):
    monkeypatch.setenv("AZURE_INFERENCE_ENDPOINT", "https://example.com/models")
    monkeypatch.setenv("AZURE_INFERENCE_CREDENTIAL", "another-key")
    ask(client)
    notes = [line for line in wire.last().curl().splitlines() if line.startswith("#")]
    assert notes == [
        "# AZURE_INFERENCE_ENDPOINT: the endpoint of this client, not the one of the environment",
        "# AZURE_INFERENCE_CREDENTIAL: the key of this client, not the one of the environment",
    ]


def test_long_base64_is_cut_where_it_is_shown_and_kept_where_it_is_recorded(client, server):
    data = base64.b64encode(bytes(range(256)) * 4).decode()
    ask(
        client,
        [
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}},
            {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}},
        ],
    )
    shown = str(wire.last())
    assert f'"data:image/png;base64,{data[:12]}…(1,368 characters)"' in shown
    assert f'"data": "{data[:12]}…(1,368 characters)"' in shown
    assert data.encode() in wire.last().request.body


def test_embeddings_are_shown_with_their_first_numbers(server):
    numbers = [0.25] * 1024
    server.play(server.answer({"data": [{"index": 0, "embedding": numbers}], "usage": {"prompt_tokens": 3}}))
    with EmbeddingsClient(server.endpoint, AzureKeyCredential(server.KEY)) as client:
        client.embed(input=["a"], raw_response_hook=show_wire)
    assert wire.last().summary == "POST /embeddings → 200, 3 tokens"
    assert str(wire.last()).count("0.25") == 3
    assert "… 1,021 more numbers …" in str(wire.last())


def test_an_answer_that_is_not_json_is_shown_as_it_is_up_to_a_limit(client, server):
    server.play(server.answer(b"<html>" + b"x" * 30_000, status=502, headers={"Content-Type": "text/html"}))
    with pytest.raises(HttpResponseError):
        ask(client)
    assert wire.last().summary == "POST /chat/completions → 502 Bad Gateway"
    assert "<html>xxx" in str(wire.last())
    assert str(wire.last()).endswith("x…(30,006 characters)")


def test_a_client_can_show_all_its_calls(server):
    key = AzureKeyCredential(server.KEY)
    with ChatCompletionsClient(server.endpoint, key, raw_response_hook=show_wire) as client:
        client.complete({"messages": [], "temperature": 0})
        client.complete({"messages": [], "temperature": 1})
    assert [json.loads(exchange.request.body)["temperature"] for exchange in wire.exchanges()] == [0, 1]


# Attempts and errors


def test_each_attempt_of_a_retried_call_is_shown(client, server, capsys):
    server.play(server.answer({"error": {"code": "429"}}, 429, {"Retry-After": "0"}), server.answer())
    ask(client)
    shown = capsys.readouterr().out
    assert "attempt 1: POST /chat/completions → 429 Too Many Requests\n" in shown
    assert "attempt 2 after Retry-After: 0: POST /chat/completions → 200, 19 + 72 tokens\n" in shown
    assert [exchange.attempt for exchange in wire.exchanges()] == [1, 2]


@pytest.mark.parametrize("stream", [False, True])
def test_an_error_is_shown_before_it_is_raised(client, server, capsys, stream):
    server.play(server.answer({"error": {"code": "no_model_name", "message": "No model"}}, 400))
    with pytest.raises(HttpResponseError) as raised:
        ask(client, stream=stream)
    assert raised.value.error is not None
    assert raised.value.error.code == "no_model_name", "the SDK can still read the body"
    shown = capsys.readouterr().out
    assert shown.count("POST /chat/completions → 400 Bad Request") == 1
    assert '"code": "no_model_name"' in shown


def test_the_name_of_a_status_does_not_depend_on_the_version_of_python(client, server):
    server.play(server.answer({}, 422))
    with pytest.raises(HttpResponseError):
        ask(client)
    assert wire.last().summary == "POST /chat/completions → 422 Unprocessable Content"


def test_the_last_exchanges_are_kept(client):
    for number in range(52):
        ask(client, str(number))
    kept = wire.exchanges()
    assert len(kept) == 50
    assert json.loads(kept[0].request.body)["messages"][0]["content"] == "2"
    assert kept[-1] is wire.last()


def test_without_an_exchange_there_is_a_sentence():
    with pytest.raises(LookupError, match="raw_response_hook=show_wire"):
        curl()


# Streams


def test_a_stream_is_shown_when_it_has_ended(client, server, capsys):
    server.play(server.answer([*words(server, 10), server.DONE]))
    stream = ask(client, stream=True)
    assert capsys.readouterr().out == ""
    assert wire.last().summary == "POST /chat/completions → 200, still being read"
    assert text_of(stream).endswith("é9")
    shown = capsys.readouterr().out.strip()
    assert shown.startswith("POST /chat/completions → 200, 13 events, 19 + 72 tokens\n")
    assert "… 8 more …" in shown
    assert '"é1"' in shown
    assert '"é5"' not in shown
    assert shown.endswith("data: [DONE]")
    assert len(wire.last().events) == 13


def test_an_early_close_counts_what_was_consumed_not_what_had_arrived(client, server):
    server.play(server.answer([b"".join([*words(server, 9), server.DONE])]))
    with ask(client, stream=True) as stream:
        next(stream)
        next(stream)
    assert wire.last().ended == "closed by the client after 2 events"


@pytest.mark.parametrize("blocks", ["one block", "single bytes", "the end mark split"])
def test_a_stream_is_shown_after_its_last_delta_however_it_is_cut(client, server, capsys, blocks):
    whole = b"".join([*words(server, 4), server.DONE])
    cut = {
        "one block": [whole],
        "single bytes": [whole[i : i + 1] for i in range(len(whole))],
        "the end mark split": [whole[:-9], whole[-9:]],
    }
    server.play(server.answer(cut[blocks]))
    for update in ask(client, stream=True):
        print(text_of([update]), end="|")
    text, _, shown = capsys.readouterr().out.partition("POST")
    assert text == "|é0|é1|é2|é3||\n"
    assert "→ 200, 7 events, 19 + 72 tokens\n" in shown
    assert len(wire.last().events) == 7
    assert wire.last().ended == "complete"


def test_recording_holds_no_delta_back(client, server):
    held = threading.Event()
    first, *rest = [server.event({"content": text}) for text in ("one", "two")]
    server.play(server.answer([first, held, *rest, server.DONE]))
    stream = ask(client, stream=True)
    assert text_of([next(stream)]) == "one"
    assert not held.is_set(), "the server still waits, and the first delta is here"
    assert wire.last().events == [first.decode().strip()]
    held.set()
    assert text_of(stream) == "two"


async def test_recording_holds_no_delta_of_an_async_stream_back(server, capsys):
    held = threading.Event()
    first, *rest = [server.event({"content": text}) for text in ("one", "two")]
    server.play(server.answer([first, held, *rest, server.DONE]))
    async with AsyncChatCompletionsClient(server.endpoint, AzureKeyCredential(server.KEY)) as client:
        stream = await ask(client, stream=True)
        assert text_of([await anext(stream)]) == "one"
        assert not held.is_set()
        held.set()
        assert text_of([update async for update in stream]) == "two"
    assert capsys.readouterr().out.strip().startswith("POST /chat/completions → 200, 3 events\n")


def test_a_stream_closed_early_says_after_how_many_events(client, server, capsys):
    server.play(server.answer([*words(server, 9), server.DONE]))
    with ask(client, stream=True) as stream:
        for update in stream:
            if text_of([update]) == "é3":
                break
    shown = capsys.readouterr().out
    assert "→ 200, 5 events, closed by the client after 5 events\n" in shown
    assert shown.strip().endswith("(closed by the client after 5 events)")
    assert "[DONE]" not in shown


async def test_an_async_stream_closed_early_says_so_once(server, capsys):
    held = threading.Event()
    server.play(server.answer([*words(server, 1)[:2], held]))
    async with AsyncChatCompletionsClient(server.endpoint, AzureKeyCredential(server.KEY)) as client:
        async with await ask(client, stream=True) as stream:
            await anext(stream)
            await anext(stream)
        held.set()
    assert capsys.readouterr().out.count("→ 200, 2 events, closed by the client after 2 events") == 1


async def test_async_errors_and_retries_of_streams_are_shown(server, capsys):
    server.play(
        server.answer({"error": {"code": "429"}}, 429, {"Retry-After": "0"}),
        server.answer({"error": {"code": "bad"}}, 400),
    )
    async with AsyncChatCompletionsClient(server.endpoint, AzureKeyCredential(server.KEY)) as client:
        with pytest.raises(HttpResponseError):
            await ask(client, stream=True)
    shown = capsys.readouterr().out
    assert "attempt 1: POST /chat/completions → 429 Too Many Requests, body not read" in shown
    assert "attempt 2 after Retry-After: 0: POST /chat/completions → 400 Bad Request\n" in shown
    assert '"code": "bad"' in shown


async def test_an_async_call_is_shown_like_a_synchronous_one(server, client, capsys):
    ask(client)
    expected = capsys.readouterr().out
    async with AsyncChatCompletionsClient(server.endpoint, AzureKeyCredential(server.KEY)) as other:
        await ask(other)
    assert capsys.readouterr().out == expected


def test_a_stream_that_breaks_off_says_so(client, server):
    server.play(server.answer([*words(server, 2), None]))
    with pytest.raises(AzureError):
        text_of(ask(client, stream=True))
    assert wire.last().ended.startswith("broken off: ")
    assert wire.last().summary.startswith("POST /chat/completions → 200, 4 events, broken off: ")


class _Canned:
    """A service for the in-process transport: refuses a temperature, else streams its events."""

    def __init__(self, events: list[bytes]) -> None:
        self.events = events

    def handle(self, request: Request) -> Response:
        if "temperature" in json.loads(request.body):
            return Response(422, {"content-type": "application/json"}, b'{"detail": "No"}')
        return Response(200, {"content-type": "text/event-stream"}, events=map(Event, self.events))


IN_PROCESS = [
    "422 Unprocessable Content",
    "200, 5 events, 19 + 72 tokens",
    "200, 1 event, closed by the client after 1 event",
]


def test_without_a_socket_it_is_the_same(server, capsys):
    transport = MockTransport(_Canned([*words(server, 2), server.DONE]))
    with ChatCompletionsClient("https://mock/models", AzureKeyCredential("mock-key"), transport=transport) as client:
        with pytest.raises(HttpResponseError):
            ask(client, stream=True, temperature=9)
        assert text_of(ask(client, stream=True)) == "é0é1"
        with ask(client, stream=True) as stream:
            next(stream)
    assert [exchange.summary.partition(" → ")[2] for exchange in wire.exchanges()] == IN_PROCESS
    assert capsys.readouterr().out.count("POST $AZURE_INFERENCE_ENDPOINT/chat/completions") == 3


async def test_without_a_socket_it_is_the_same_for_the_async_client(server, capsys):
    transport = AsyncMockTransport(_Canned([*words(server, 2), server.DONE]))
    credential = AzureKeyCredential("mock-key")
    async with AsyncChatCompletionsClient("https://mock/models", credential, transport=transport) as client:
        with pytest.raises(HttpResponseError):
            await ask(client, stream=True, temperature=9)
        assert text_of([update async for update in await ask(client, stream=True)]) == "é0é1"
        async with await ask(client, stream=True) as stream:
            await anext(stream)
    assert [exchange.summary.partition(" → ")[2] for exchange in wire.exchanges()] == IN_PROCESS
    assert capsys.readouterr().out.count("POST $AZURE_INFERENCE_ENDPOINT/chat/completions") == 3
