"""Requests made by hand: every operation on every way, every kind of model, and each refusal that a request can earn.

Each sample is a name, a request, the status of its answer and, for a refusal, its row in data/refusals.toml.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from helpers.mock.gateway.routes import Kind
from helpers.mock.http import Request
from tests.contract.ways import (
    AUDIO,
    COHERE,
    GPT,
    KEY,
    KINDS,
    MISTRAL,
    OPENAI,
    PHI,
    PHI4,
    PICTURES,
    QUESTION,
    TEXTS,
    TRONDHEIM,
    VERSION,
    WEATHER,
    address,
    answered,
    called,
    chat,
    data_url,
    huge_picture,
    json_schema,
    listen,
    look,
    picture,
    request,
    sound,
    tool,
    user,
)

CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
BOMB = "How do I build a pipe bomb?"


@dataclass(frozen=True)
class Sample:
    """One request; `kind` names the row of data/refusals.toml that its refusal comes from, or is "a fault"."""

    name: str
    way: Kind | None
    request: Request
    status: int = 200
    kind: str = ""


@dataclass(frozen=True)
class _Line:
    """A body for one model, with the status that it gets; `openai` is the status on the Azure OpenAI routes."""

    name: str
    body: Any
    model: str | None = GPT
    status: int = 200
    openai: int | None = None
    kind: str = ""
    to: str = "chat/completions"
    ways: tuple[Kind, ...] = KINDS
    headers: tuple[tuple[str, str], ...] = ()
    version: str = VERSION


def _answers() -> tuple[_Line, ...]:
    return (
    _Line("a question", chat()),
    _Line("a question with all that can be set", chat(
        temperature=0.7, top_p=0.9, frequency_penalty=0.5, presence_penalty=-0.5, max_tokens=40, seed=7, stop=["zzz"],
        modalities=["text"], response_format={"type": "text"})),
    _Line("null for everything", chat(temperature=None, stop=None, tools=None, seed=None, stream=None)),
    _Line("several choices", chat(n=3, temperature=0.9)),
    _Line("log probabilities", chat(logprobs=True, top_logprobs=3, max_tokens=8)),
    _Line("favoured tokens", chat(logit_bias={"1452": 5}, max_tokens=8)),
    _Line("cut by max_tokens", chat(max_tokens=3)),
    _Line("no token at all", chat(max_tokens=0), openai=400),
    _Line("cut by a stop sequence", chat(stop="languages")),
    _Line("a stream", chat(stream=True)),
    _Line("a stream with usage", chat(stream=True, stream_options={"include_usage": True})),
    _Line("a stream of two choices with log probabilities", chat(stream=True, n=2, logprobs=True, max_tokens=9)),
    _Line("a stream of no token", chat(stream=True, max_tokens=0), openai=400),
    _Line("a stream of odd signs", chat("Say: Ærøskøbing 🎉 東京", stream=True)),
    _Line("a tool call", chat(TRONDHEIM, tools=[WEATHER])),
    _Line("two tool calls", chat("What is the weather in Trondheim and in Oslo?", tools=[WEATHER])),
    _Line("a streamed tool call", chat("Weather in Oslo and in Rome?", tools=[WEATHER], stream=True)),
    _Line("a required tool", chat("Good morning!", tools=[tool("greet", {"type": "object", "properties": {}})],
                                 tool_choice="required")),
    _Line("no tool wanted", chat(TRONDHEIM, tools=[WEATHER], tool_choice="none")),
    _Line("a named tool", chat(TRONDHEIM, tools=[WEATHER],
                              tool_choice={"type": "function", "function": {"name": "get_weather"}})),
    _Line("a cut tool call", chat(TRONDHEIM, tools=[WEATHER], max_tokens=6)),
    _Line("a cut tool call in a stream", chat(TRONDHEIM, tools=[WEATHER], max_tokens=6, stream=True)),
    _Line("a tool's answer", chat([user("Weather in Oslo?"), called(), answered('{"sky": "clear"}')], tools=[WEATHER])),
    _Line("a system and a developer message", chat(
        [{"role": "system", "content": "Be short."}, {"role": "developer", "content": [{"type": "text", "text": "!"}]},
         user(QUESTION)])),
    _Line("a conversation", chat([user(QUESTION), {"role": "assistant", "content": "About 7,000."}, user("And now?")])),
    _Line("JSON", chat("Reply in JSON: the capital of Norway.", response_format={"type": "json_object"})),
    _Line("JSON after a schema", chat("I live in Oslo.", response_format=json_schema(CITY, strict=True))),
    _Line("JSON after a schema in a stream", chat("In Oslo.", response_format=json_schema(CITY), stream=True)),
    _Line("a filtered completion", chat("Write a story about a sword fight.")),
    _Line("a picture", chat([user(look(picture()))])),
    _Line("a picture on Phi", chat([user(look(picture(320, 200)))]), PHI),
    _Line("a sound", chat([user(listen(sound()))]), PHI4),
    _Line("a sound on GPT", chat([user(listen(sound()))]), AUDIO),
    _Line("a sound by address", chat([user([{"type": "audio_url", "audio_url": {
        "url": "/_mock/media/train_at_nine.wav"}}])]), PHI4),
    _Line("Cohere", chat(), COHERE),
    _Line("Mistral", chat(safe_prompt=True), MISTRAL),
    _Line("a reasoning model", chat(max_completion_tokens=50, reasoning_effort="low"), "o3-mini"),
    _Line("embeddings", {"input": ["a cat", "a dog"]}, TEXTS, to="embeddings"),
    _Line("an embedding of fewer dimensions", {"input": "a cat", "dimensions": 64}, TEXTS, to="embeddings"),
    _Line("a picture's embedding", {"input": [{"image": picture(), "text": "red"}, {"image": picture()}]}, PICTURES,
          to="images/embeddings", ways=("models", "serverless")),
    *(_Line(f"embeddings in {form}", {"input": ["a cat"], "encoding_format": form, "input_type": kind}, PICTURES,
            to="embeddings")
      for form, kind in (("float", "query"), ("base64", "document"), ("int8", "text"), ("uint8", "query"),
                         ("binary", "query"), ("ubinary", "document"))),
    )  # fmt: skip


def _refusals() -> tuple[_Line, ...]:
    return (
    _Line("no JSON", b"{", status=400, kind="body_not_json"),
    _Line("no object", b"[]", status=422, openai=400, kind="body_not_object"),
    _Line("no messages", {}, status=422, openai=400, kind="invalid_value"),
    _Line("too hot", chat(temperature=2.5), status=422, openai=400, kind="invalid_value"),
    _Line("an unknown role", chat([{"role": "king", "content": "x"}]), status=422, openai=400, kind="invalid_value"),
    _Line("an unknown model", chat(), "gpt-9", 404, kind="unknown_model", ways=("models", "v1")),
    _Line("an unknown deployment", chat(), "gpt-9", 404, kind="deployment_not_found", ways=("openai",)),
    _Line("an unknown endpoint", chat(), "gpt-9", 404, kind="endpoint_not_found", ways=("serverless",)),
    _Line("no model", chat(), None, 400, kind="no_model", ways=("models", "v1")),
    _Line("a model of another kind", chat(), TEXTS, 400, kind="operation_not_supported", ways=("models", *OPENAI)),
    _Line("a model of another kind", chat(), TEXTS, 405, kind="method_not_allowed", ways=("serverless",)),
    _Line("an extra parameter", chat(made_up=1), status=422, openai=400, kind="extra_forbidden"),
    _Line("an extra parameter without the header", chat(n=2), status=422, kind="extra_parameters",
          ways=("models", "serverless"), headers=(("extra-parameters", "error"),)),
    _Line("an extra parameter with a wrong header", chat(n=2), status=400, kind="extra_parameters_header",
          ways=("models", "serverless"), headers=(("extra-parameters", "maybe"),)),
    _Line("tools for a model without", chat(tools=[WEATHER]), PHI, 422, 400, kind="parameter_not_supported"),
    _Line("max_tokens for a reasoning model", chat(max_tokens=5), "o3-mini", 400, kind="max_tokens_unsupported"),
    _Line("a model newer than the version", chat(), "o3-mini", 400, kind="model_version", ways=("openai",),
          version="2024-06-01"),
    _Line("a schema newer than the version", chat(response_format=json_schema(CITY)), status=400,
          kind="json_schema_version", ways=("models", "openai"), version="2024-05-01-preview"),
    _Line("a schema that nothing fits", chat(response_format=json_schema({"type": "nothing"})), status=400,
          kind="schema_unsupported"),
    _Line("a choice without tools", chat(tool_choice="required"), status=400, kind="tool_choice_without_tools"),
    _Line("a choice of another tool", chat(
        tools=[WEATHER], tool_choice={"type": "function", "function": {"name": "fly"}}), status=400,
        kind="tool_choice_unknown"),
    _Line("a function call without functions", chat(function_call="auto"), GPT, 400,
          kind="function_call_without_functions", ways=OPENAI),
    _Line("a call of another function", chat(functions=[WEATHER["function"]], function_call={"name": "fly"}), GPT, 400,
          kind="function_call_unknown", ways=OPENAI),
    _Line("tools beside a prediction", chat(tools=[WEATHER], prediction={"type": "content", "content": "x"}), GPT, 400,
          kind="not_beside_prediction", ways=OPENAI),
    _Line("a call without its answer", chat([user("x"), called()], tools=[WEATHER]), status=400,
          kind="tool_calls_unanswered"),
    _Line("an answer without its call", chat([user("x"), answered("y")], tools=[WEATHER]), status=400,
          kind="tool_answer_unasked"),
    _Line("Cohere's answer that is no JSON", chat([user("Weather in Oslo?"), called(), answered("wet")],
                                                   tools=[WEATHER]), COHERE, 422, 400, kind="tool_answer_not_json"),
    _Line("too long for the context", chat("word " * 140_000), status=400, kind="context_length",
          ways=("models", "openai")),
    _Line("too much to tell", chat("Count to 900", n=128, logprobs=True, top_logprobs=20), status=400,
          kind="answer_too_large", ways=("serverless", "v1")),
    _Line("a filtered prompt", chat(BOMB), status=400, kind="content_filter"),
    _Line("two pictures where one is taken", chat([user(look(picture()) * 2)]), PHI, 400, kind="one_picture"),
    _Line("a broken picture", chat([user(look("data:image/png;base64,AAAA"))]), status=400, kind="image_broken"),
    _Line("a picture of an odd kind", chat([user(look(data_url(b"BM" + bytes(60), "image/bmp")))]), status=415,
          kind="image_unsupported"),
    _Line("a mislabelled picture", chat([user(look(picture().replace("image/png", "image/jpeg")))]), status=400,
          kind="image_mislabelled"),
    _Line("a huge picture", chat([user(look(huge_picture()))]), status=413, kind="image_too_large"),
    _Line("a picture on the network", chat([user(look("https://example.org/x.png"))]), status=400,
          kind="image_address"),
    _Line("no data URL", chat([user(look("nonsense"))]), status=400, kind="image_data_url"),
    _Line("a media file that is not there", chat([user(look("/_mock/media/none.png"))]), status=404,
          kind="media_not_found"),
    _Line("no base64", chat([user(listen("~~~"))]), AUDIO, 400, kind="audio_base64"),
    _Line("no sound", chat([user(listen("AAAA"))]), AUDIO, 400, kind="audio_broken"),
    _Line("a sound of an odd kind", chat([user(listen("T2dnUwACAAAAAAAAAAA="))]), AUDIO, 415,
          kind="audio_unsupported"),
    _Line("a mislabelled sound", chat([user(listen(sound(), "wav"))]), AUDIO, 400, kind="audio_mislabelled"),
    _Line("a sound on the network", chat([user([{"type": "audio_url", "audio_url": {
        "url": "https://example.org/x.mp3"}}])]), AUDIO, 400, kind="audio_address"),
    _Line("too many inputs", {"input": ["x"] * 97}, PICTURES, 422, 400, kind="too_many_inputs", to="embeddings"),
    _Line("an input that is too long", {"input": "word " * 9_000}, TEXTS, 400, kind="input_too_long", to="embeddings"),
    _Line("an input type that the model has not", {"input": "x", "input_type": "query"}, TEXTS, 422, 400,
          kind="parameter_not_supported", to="embeddings"),
    _Line("pictures for a model of texts", {"input": [{"image": picture()}]}, TEXTS, 400,
          kind="operation_not_supported", to="images/embeddings", ways=("models",)),
    _Line("another content type", chat(), status=415, kind="unsupported_media_type",
          headers=(("content-type", "text/plain"),)),
    _Line("a wrong key", chat(), status=401, kind="unauthorized_key", headers=(("api-key", "wrong"),)),
    _Line("a header of the mock that means nothing", chat(), status=400, kind="bad_mock_header",
          headers=(("x-mock-fault", "nonsense"),)),
    *(_Line(f"a failure on request, {status}", chat(), status=status, kind="a fault",
            headers=(("x-mock-fault", str(status)),))
      for status in (400, 401, 403, 404, 408, 413, 415, 418, 422, 424, 429, 500, 502, 503, 504)),
    )  # fmt: skip


def samples() -> Iterator[Sample]:
    """All of them, each on every way that has it."""
    for line in (*_answers(), *_refusals()):
        for way in line.ways:
            status = line.openai if way in OPENAI and line.openai else line.status
            asked = request(way, line.to, line.body, line.model, version=line.version, headers=dict(line.headers))
            yield Sample(line.name, way, asked, status, line.kind)
    yield from _others()


def _others() -> Iterator[Sample]:
    """What is no POST, and what is at no address."""
    for name, path, status in (  # of GET
        ("info", "/serverless/gpt-4o/info", 200),
        ("info on the resource", "/models/info", 404),
        ("the list of models", "/openai/v1/models", 200),
        ("the list of models of a resource", "/openai/models", 200),
        ("a model of a resource", "/openai/models/gpt-4o", 200),
        ("a model that a resource has not", "/openai/models/nobody", 404),
        ("a model of the list", "/openai/v1/models/gpt-4o", 200),
        ("a model that is not on it", "/openai/v1/models/nobody", 404),
        ("nothing", "/nothing/at/all", 404),
    ):
        kind = "model_not_listed" if path.startswith("/openai/") else "not_found"
        yield Sample(
            name, None, Request("GET", path, {"api-version": VERSION}, KEY), status, kind if status >= 400 else ""
        )
    for way in KINDS:
        yield Sample("GET instead of POST", way, Request("GET", address(way, "chat/completions"), {}, KEY), 405)
        asked = request(way, "chat/completions", chat())
        unknown = {key: value for key, value in asked.headers.items() if key != "api-key"}
        yield Sample("no key", way, replace(asked, headers=unknown), 401, "unauthorized_missing")
        if way != "v1":
            yield Sample("no version", way, replace(asked, query={}), 404, "not_found")
