"""The twins of a call: in each language they send the same request again, print its answer, and read as they should."""

import ast
import base64
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient, ImageEmbeddingsClient
from azure.ai.inference.models import ImageEmbeddingInput
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import curl, javascript, python, show_wire, wire
from helpers.wire import masking
from helpers.wire.exchange import Exchange, Request, Response
from tests.helpers.conftest import COMPLETION, Entra, ask, text_of, words
from tests.support.languages import PROGRAMS, Ran, run, start

pytestmark = pytest.mark.heavy

AWKWARD = "It's \"quoted\" $HOME ${PATH} {a} `id` $(id) \\ \\n back\\\\slash\nEOF\n'EOF'\n\ttab 🎉 naïve 日本 %s !x"
AWKWARD += "\u2028\x7f"
WAYS = [*((language, "bash") for language in PROGRAMS), *([("curl", "dash")] if shutil.which("dash") else [])]

each_way = pytest.mark.parametrize("way", WAYS, ids="-".join)
each_language = pytest.mark.parametrize("language", PROGRAMS)
each_program = pytest.mark.parametrize("language", ["python", "javascript"])


def twin(language: str) -> str:
    return getattr(wire.last(), language)()


def run_twins(exchanges: list[wire.Exchange], way: tuple[str, str], folder: Path) -> list[Ran]:
    """Runs the twins of exchanges, `folder` being the current one."""
    language, shell = way
    environment = {**os.environ, "TOKEN": "eyJ-a-token-from-entra"}
    return run(language, [getattr(exchange, language)() for exchange in exchanges], environment, folder, folder, shell)


def run_twin(server: Any, way: tuple[str, str], folder: Path) -> Ran:
    """Runs the twin of the last exchange; the server must be sent the same as before."""
    (ran,) = run_twins([wire.last()], way, folder)
    assert_same(*server.seen[-2:])
    return ran


def assert_same(before: Any, again: Any) -> None:
    """Two requests are the same, but for what varies."""
    assert (again.method, unquote(again.path)) == (before.method, unquote(before.path))
    for name in ("content-type", "api-key", "extra-parameters", "x-mock-fault", "x-quoted"):
        assert again.headers.get(name) == before.headers.get(name)
    if before.body:
        assert again.json == before.json
    else:
        assert again.body == b""


# What is sent


@each_way
def test_a_twin_sends_the_same_request(client, server, tmp_path, way):
    headers = {"x-mock-fault": 'it\'s "$HOME" `id`', "x-quoted": f'{server.KEY} \\ "$HOME"'}
    extras = ["", f" {server.endpoint}x {server.origin}/a.png", server.KEY]
    for extra in extras:
        text = AWKWARD + extra + AWKWARD
        ask(client, text, headers=headers, model_extras={"n": 2, text: [True, None]}, params={"a": "b'$c d"})
        assert ("<<'EOF'" in wire.last().curl()) == (extra == "")
    run_twins(wire.exchanges()[-3:], way, tmp_path)
    for before, again in zip(server.seen[:3], server.seen[3:], strict=True):
        assert_same(before, again)


@each_way
def test_the_twin_of_a_get_has_no_body(client, server, tmp_path, way):
    server.play(server.answer({"model_name": "m", "model_type": "chat-completion", "model_provider_name": "p"}))
    client.get_model_info(raw_response_hook=show_wire)
    assert wire.last().summary == "GET /info → 200"
    run_twin(server, way, tmp_path)


@each_language
def test_every_route_has_its_twin(server, tmp_path, language):
    key = AzureKeyCredential(server.KEY)
    for route in ("models", "serverless/phi", "openai/deployments/gpt-4o", "openai/v1"):
        with ChatCompletionsClient(f"{server.origin}/{route}", key) as client:
            ask(client)
    server.play(server.answer({"data": [{"index": 0, "embedding": [0.5]}]}))
    with EmbeddingsClient(server.endpoint, key) as client:
        client.embed(input=["a", "b"], dimensions=8, raw_response_hook=show_wire)
    with ImageEmbeddingsClient(server.endpoint, key) as client:
        client.embed(input=[ImageEmbeddingInput(image="data:image/png;base64,AAAA")], raw_response_hook=show_wire)
    count = len(server.seen)
    run_twins(wire.exchanges()[-count:], (language, "bash"), tmp_path)
    for before, again in zip(server.seen[:count], server.seen[count:], strict=True):
        assert_same(before, again)


@each_language
def test_the_twin_with_a_token_sends_the_token(server, tmp_path, language):
    with ChatCompletionsClient(server.endpoint, Entra()) as client:
        ask(client, enforce_https=False)
    run_twin(server, (language, "bash"), tmp_path)
    assert server.seen[-1].headers["authorization"] == "Bearer eyJ-a-token-from-entra"


@each_language
def test_the_twin_of_an_endpoint_with_a_slash(server, monkeypatch, tmp_path, language):
    monkeypatch.setenv("AZURE_INFERENCE_ENDPOINT", f"{server.endpoint}/")
    with ChatCompletionsClient(f"{server.endpoint}/", AzureKeyCredential(server.KEY)) as client:
        ask(client, f"see {server.origin}/_mock/media/chart.png")
    run_twin(server, (language, "bash"), tmp_path)


UNUSUAL = {
    "no JSON": b'{"messages": [\nEOF\n',
    "a whole number that JavaScript cannot hold": b'{"seed": 9007199254740993}',
    "not a number": b'{"temperature": NaN}',
    "infinite": b'{"temperature": 1e999}',
    "half of a character": b'{"content": "\\ud800 \\ud83c\\udf89"}',
    "names that JavaScript reads in its own way": b'{"__proto__": {"a": 1}, "b c": 2}',
}


@each_language
def test_the_twin_of_an_unusual_body_sends_it_too(client, server, tmp_path, language):
    for body in UNUSUAL.values():
        client.complete(body, raw_response_hook=show_wire)
    run_twins(wire.exchanges()[-len(UNUSUAL) :], (language, "bash"), tmp_path)
    sent = [json_or_text(seen.body) for seen in server.seen]
    assert sent[len(UNUSUAL) :] == sent[: len(UNUSUAL)]


def json_or_text(body: bytes) -> str:
    try:
        return repr(json.loads(body))
    except ValueError:
        return body.decode().strip()


@each_way
def test_the_twin_reads_a_file_of_the_course(client, server, tmp_path, monkeypatch, way):
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "it's a chart.png").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "media" / "1.wav").write_bytes(bytes(range(256)) * 30)
    monkeypatch.setattr(masking, "MEDIA_FOLDER", tmp_path / "media")
    picture, sound = (base64.b64encode(bytes(range(256)) * times).decode() for times in (40, 30))
    content = [
        {"type": "text", "text": AWKWARD},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}},
        {"type": "input_audio", "input_audio": {"data": sound, "format": "wav"}},
    ]
    ask(client, content)
    assert "run in the folder of the lessons\n" in twin(way[0])
    assert len(twin(way[0])) < 3_000
    run_twin(server, way, tmp_path)


@each_language
def test_the_twin_of_other_long_base64_reads_the_saved_body(client, server, tmp_path, language):
    data = base64.b64encode(os.urandom(3000)).decode()
    ask(client, [{"type": "input_audio", "input_audio": {"data": data, "format": "mp3"}}])
    assert 'helpers.wire.last().save_body("request.json")\n' in twin(language)
    wire.last().save_body(tmp_path / "request.json")
    run_twin(server, (language, "bash"), tmp_path)
    assert server.seen[-1].body == server.seen[-2].body


# What is printed


@each_program
def test_a_program_prints_the_answer_laid_out(client, server, tmp_path, language):
    ask(client)
    printed = run_twin(server, (language, "bash"), tmp_path).printed
    assert json.loads(printed) == COMPLETION
    assert '\n      "index": 0,\n' in printed


@each_program
def test_a_program_says_the_status_and_the_body_of_a_refusal(client, server, tmp_path, language):
    server.play(server.answer(b"<html>no</html>", 502, {"Content-Type": "text/html"}))
    for stream in (False, True):
        with pytest.raises(HttpResponseError):
            ask(client, stream=stream)
    ran = run_twins(wire.exchanges()[-2:], (language, "bash"), tmp_path)
    assert ran == [(502, "502 <html>no</html>\n")] * 2


@each_language
def test_the_twin_of_a_stream_prints_each_event_when_it_comes(client, server, tmp_path, language):
    events = [*words(server, 3), server.DONE]
    server.play(server.answer(events))
    text_of(ask(client, stream=True))
    held = threading.Event()
    server.play(server.answer([events[0], held, *events[1:]]))
    with start(language, twin(language), tmp_path) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == events[0].strip() + b"\n"
        held.set()
        rest = running.stdout.read()
    assert [line.encode() for line in rest.decode().splitlines() if line] == [event.strip() for event in events[1:]]
    assert_same(*server.seen[-2:])


# How it reads


def test_python_reads_like_a_persons(client):
    ask(client, 'Say "hi".', temperature=0.5, model_extras={"logprobs": True, "others": [None, False]})
    assert (
        wire.last().python()
        == """\
import json
import os

import requests

endpoint = os.environ["AZURE_INFERENCE_ENDPOINT"]
key = os.environ["AZURE_INFERENCE_CREDENTIAL"]

response = requests.post(
    f"{endpoint}/chat/completions?api-version=2024-05-01-preview",
    headers={"extra-parameters": "pass-through", "api-key": key},
    json={
        "messages": [{"role": "user", "content": 'Say "hi".'}],
        "temperature": 0.5,
        "logprobs": True,
        "others": [None, False],
    },
    timeout=60,
)
if response.ok:
    print(json.dumps(response.json(), indent=2, ensure_ascii=False))
else:
    print(response.status_code, response.text)"""
    )


def test_javascript_reads_like_a_persons(client, server):
    server.play(server.answer([server.DONE]))
    text_of(ask(client, "Hello", stream=True, model_extras={"top-k": True, "others": [None, {}]}))
    assert (
        wire.last().javascript()
        == """\
// an ES module for Node.js 18 or newer: node call.mjs
const endpoint = process.env.AZURE_INFERENCE_ENDPOINT;
const key = process.env.AZURE_INFERENCE_CREDENTIAL;

const response = await fetch(`${endpoint}/chat/completions?api-version=2024-05-01-preview`, {
  method: "POST",
  headers: {
    "content-type": "application/json",
    "extra-parameters": "pass-through",
    "api-key": key,
  },
  body: JSON.stringify({
    messages: [{ role: "user", content: "Hello" }],
    stream: true,
    "top-k": true,
    others: [null, {}],
  }),
});
if (response.ok) {
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    process.stdout.write(text);
  }
} else {
  console.log(response.status, await response.text());
}"""
    )


def test_python_is_formatted_as_ruff_does_it(client, server):
    ask(
        client,
        [{"type": "text", "text": AWKWARD}, {"type": "text", "text": server.endpoint + '"'}],
        tools=[],
        stop=["a"],
    )
    code = wire.last().python() + "\n"
    for command in ("format --line-length 88 -", "check --select ALL --ignore CPY,D,INP,RUF001,T20,E501 -"):
        ruff = [sys.executable, "-m", "ruff", *command.split(), "--isolated", "--quiet"]
        done = subprocess.run(ruff, input=code, capture_output=True, text=True, timeout=60, check=False)
        assert done.stdout in ("", code)


NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
LEAVES = st.none() | st.booleans() | NUMBERS | st.text()


@settings(max_examples=40, deadline=None)
@given(st.recursive(LEAVES, lambda value: st.lists(value) | st.dictionaries(st.text(), value), max_leaves=12))
def test_python_says_any_json(value):
    sent = Request("POST", "https://example.com/models/chat/completions", {}, json.dumps({"a": value}).encode())
    (call,) = (
        node
        for node in ast.walk(ast.parse(Exchange(sent, Response(200, {})).python()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "requests.post"
    )
    (body,) = (keyword.value for keyword in call.keywords if keyword.arg == "json")
    assert ast.literal_eval(body) == {"a": value}


def test_two_words_never_share_a_name(server):
    with ChatCompletionsClient(server.endpoint, AzureKeyCredential(server.KEY), headers={"key": "a secret"}) as client:
        ask(client)
    assert 'key_ = os.environ["AZURE_INFERENCE_CREDENTIAL"]' in wire.last().python()


def test_each_prints_the_last_twin_or_the_one_asked_for(client, capsys):
    ask(client, "one")
    ask(client, "two")
    capsys.readouterr()
    for printer in (curl, python, javascript):
        printer()
        assert '"two"' in capsys.readouterr().out
        printer(wire.exchanges()[-2])
        assert '"one"' in capsys.readouterr().out
