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
    FOUNDRY,
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
    USUAL,
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
WIDE = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
NOBODY = {"type": "object", "properties": {"x": False}, "required": ["x"]}
FLY = {"type": "function", "function": {"name": "fly"}}
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
    """A body for one model, with the status that it gets; `openai` is the status on Azure OpenAI's routes."""

    name: str
    body: Any
    model: str | None = GPT
    status: int = 200
    openai: int | None = None
    kind: str = ""
    to: str = "chat/completions"
    ways: tuple[Kind, ...] = KINDS
    headers: tuple[tuple[str, str], ...] = ()
    version: str = USUAL


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
    _Line("no token at all", chat(max_tokens=0), MISTRAL),
    _Line("cut by a stop sequence", chat(stop="languages")),
    _Line("a stream", chat(stream=True)),
    _Line("a stream with usage", chat(stream=True, stream_options={"include_usage": True})),
    _Line("a stream of two choices with log probabilities", chat(stream=True, n=2, logprobs=True, max_tokens=9)),
    _Line("a stream of no token", chat(stream=True, max_tokens=0), MISTRAL),
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
    _Line("embeddings of token ids", {"input": [[1, 2], [3]]}, TEXTS, to="embeddings"),
    _Line("a publisher before the name", chat(), "openai/gpt-4o", ways=("models", "v1")),
    _Line("a function of former times", chat(TRONDHEIM, functions=[WEATHER["function"]], function_call="auto")),
    _Line("a prediction", chat(prediction={"type": "content", "content": "There are about 7,000 languages."})),
    _Line("an embedding of fewer dimensions", {"input": "a cat", "dimensions": 64}, TEXTS, to="embeddings"),
    _Line("a picture's embedding", {"input": [{"image": picture(), "text": "red"}, {"image": picture()}]}, PICTURES,
          to="images/embeddings", ways=("models", "serverless")),
    *(_Line(f"embeddings in {form}", {"input": ["a cat"], "encoding_format": form, "input_type": kind}, PICTURES,
            to="embeddings")
      for form, kind in (("float", "query"), ("base64", "document"), ("int8", "text"), ("uint8", "query"),
                         ("binary", "query"), ("ubinary", "document"))),
    )  # fmt: skip


def _refusals() -> tuple[_Line, ...]:
    return (*_of_hosts(), *_of_all_models(), *_of_mistrals(), *_of_openais())


def _of_hosts() -> tuple[_Line, ...]:
    return (
    _Line("no JSON", b"{", status=400, kind="body_not_json"),
    _Line("no model", chat(), None, 400, kind="no_model", ways=("models", "v1")),
    _Line("an unknown model", chat(), "gpt-9", 400, 404, kind="unknown_model", ways=("models", "v1")),
    _Line("an unknown deployment", {}, "gpt-9", 404, kind="deployment_not_found", ways=("openai",)),
    _Line("an unknown endpoint", {}, "gpt-9", 404, kind="endpoint_not_found", ways=("serverless",)),
    _Line("a model of another kind", chat(), TEXTS, 400, kind="operation_not_supported", ways=("models", *OPENAI)),
    _Line("a model of another kind", chat(), TEXTS, 404, kind="not_offered", ways=("serverless",)),
    _Line("an extra parameter without the header", chat(n=2), MISTRAL, 422, kind="extra_parameters", ways=FOUNDRY,
          headers=(("extra-parameters", "error"),)),
    _Line("a model newer than the version", chat(), "o3-mini", 400, kind="model_version", ways=("openai",),
          version="2024-06-01"),
    _Line("a schema newer than the version", chat(response_format=json_schema(CITY)), status=400,
          kind="json_schema_version", ways=("models", "openai"), version="2024-05-01-preview"),
    _Line("an api-version that there is not", chat(), status=404, kind="not_found", ways=("models", "openai"),
          version="2024-05-13"),
    _Line("another content type", chat(), status=415, kind="unsupported_media_type",
          headers=(("content-type", "text/plain"),)),
    _Line("a compressed body", chat(), status=415, kind="unsupported_content_encoding",
          headers=(("content-encoding", "gzip"),)),
    _Line("a wrong key", chat(), status=401, kind="unauthorized_key", headers=(("api-key", "wrong"),)),
    _Line("a wrong key in both headers", chat(), status=401, kind="unauthorized_token",
          headers=(("api-key", "wrong"), ("authorization", "Bearer wrong"))),
    _Line("a header of the mock that means nothing", chat(), status=400, kind="bad_mock_header",
          headers=(("x-mock-fault", "nonsense"),)),
    *(_Line(f"a failure on request, {status}", chat(), status=status, kind="a fault",
            headers=(("x-mock-fault", str(status)),))
      for status in (400, 401, 403, 404, 408, 413, 415, 418, 422, 424, 429, 500, 502, 503, 504)),
    )  # fmt: skip


def _of_all_models() -> tuple[_Line, ...]:
    return (
    _Line("no object", b"[]", status=422, openai=400, kind="body_not_object", ways=("models", *OPENAI)),
    _Line("a schema that nothing fits", chat(response_format=json_schema(NOBODY)), status=400,
          kind="schema_unsupported"),
    _Line("a schema that strict does not allow", chat(response_format=json_schema(WIDE, strict=True)), status=400,
          kind="schema_refused"),
    _Line("a strict schema of Mistral", chat(response_format=json_schema(WIDE, strict=True)), MISTRAL, 400,
          kind="schema_refused"),
    _Line("a choice without tools", chat(tool_choice="required"), status=400, kind="tool_choice_without_tools"),
    _Line("a choice without tools", chat(tool_choice="required"), COHERE, 400, kind="tool_choice_without_tools"),
    _Line("a choice of another tool", chat(tools=[WEATHER], tool_choice=FLY), status=400, kind="tool_choice_unknown"),
    _Line("a choice of another tool", chat(tools=[WEATHER], tool_choice=FLY), COHERE, 400, kind="tool_choice_unknown"),
    _Line("a call without its answer", chat([user("x"), called()], tools=[WEATHER]), status=400,
          kind="tool_calls_unanswered"),
    _Line("a call without its answer", chat([user("x"), called()], tools=[WEATHER]), COHERE, 400,
          kind="tool_calls_unanswered"),
    _Line("an answer without its call", chat([user("x"), answered("y")], tools=[WEATHER]), status=400,
          kind="tool_answer_unasked"),
    _Line("an answer without its call", chat([user("x"), answered("y")], tools=[WEATHER]), COHERE, 400,
          kind="tool_answer_unasked"),
    _Line("too long for the context", chat("word " * 140_000), status=400, kind="context_length",
          ways=("models", "openai")),
    _Line("too much to tell", chat("Say: " + "ha " * 1_000, n=128, logprobs=True, top_logprobs=20), status=400,
          kind="answer_too_large", ways=("serverless", "v1")),
    _Line("a filtered prompt", chat(BOMB), status=400, kind="content_filter"),
    _Line("a filtered prompt", chat(BOMB), MISTRAL, 400, kind="content_filter"),
    _Line("no eyes", chat([user(look(picture()))]), MISTRAL, 422, kind="content_not_supported"),
    _Line("no eyes", chat([user(look(picture()))]), "gpt-4", 400, kind="content_not_supported"),
    _Line("no speech", chat(modalities=["text", "audio"]), MISTRAL, 422, kind="speech_not_supported"),
    _Line("no speech", chat(modalities=["text", "audio"]), AUDIO, 400, kind="speech_not_supported"),
    _Line("two pictures where one is taken", chat([user(look(picture()) * 2)]), PHI, 400, kind="one_picture"),
    _Line("a broken picture", chat([user(look("data:image/png;base64,AAAA"))]), status=400, kind="image_broken"),
    _Line("a picture of an odd kind", chat([user(look(data_url(b"BM" + bytes(60), "image/bmp")))]), PHI, 415,
          kind="image_unsupported"),
    _Line("a picture of an odd kind", chat([user(look(data_url(b"BM" + bytes(60), "image/bmp")))]), status=400,
          kind="image_unsupported"),
    _Line("a mislabelled picture", chat([user(look(picture().replace("image/png", "image/jpeg")))]), status=400,
          kind="image_mislabelled"),
    _Line("a huge picture", chat([user(look(huge_picture()))]), status=413, kind="image_too_large"),
    _Line("a picture on the network", chat([user(look("https://example.org/x.png"))]), PHI, 400,
          kind="image_address"),
    _Line("no data URL", chat([user(look("data:image/png,abc"))]), status=400, kind="image_data_url"),
    _Line("a media file that is not there", chat([user(look("/_mock/media/none.png"))]), status=404,
          kind="media_not_found"),
    _Line("no base64", chat([user(listen("~~~"))]), AUDIO, 400, kind="audio_base64"),
    _Line("no sound", chat([user(listen("AAAA"))]), AUDIO, 400, kind="audio_broken"),
    _Line("a sound of an odd kind", chat([user(listen("T2dnUwACAAAAAAAAAAA="))]), AUDIO, 415,
          kind="audio_unsupported"),
    _Line("a mislabelled sound", chat([user(listen(sound(), "wav"))]), AUDIO, 400, kind="audio_mislabelled"),
    _Line("a sound on the network", chat([user([{"type": "audio_url", "audio_url": {
        "url": "https://example.org/x.mp3"}}])]), PHI4, 400, kind="audio_address"),
    _Line("too many inputs", {"input": ["x"] * 97}, PICTURES, 422, kind="too_many_inputs", to="embeddings"),
    _Line("too many inputs", {"input": ["x"] * 2049}, TEXTS, 400, kind="too_many_inputs", to="embeddings"),
    _Line("an input that is too long", {"input": "word " * 9_000}, TEXTS, 400, kind="input_too_long", to="embeddings"),
    _Line("pictures for a model of texts", {"input": [{"image": picture()}]}, TEXTS, 400,
          kind="operation_not_supported", to="images/embeddings", ways=("models",)),
    )  # fmt: skip


def _of_mistrals() -> tuple[_Line, ...]:
    """What the models of others refuse, in the manner of the document's."""
    return (
    *(_Line(f"{name}, {model}", body, model, 422, kind=kind)
      for model in (MISTRAL, COHERE, PHI)
      for name, body, kind in (
        ("no messages", {}, "invalid_value"),
        ("too hot", chat(temperature=2.5), "invalid_value"),
        ("an unknown role", chat([{"role": "king", "content": "x"}]), "invalid_value"),
        ("an unknown preset", chat(tools=[WEATHER], tool_choice="perhaps"), "invalid_value"),
        ("a parameter that nobody knows", chat(made_up=1), "extra_forbidden"))),
    _Line("tools for a model without", chat(tools=[WEATHER]), PHI, 422, kind="parameter_not_supported"),
    _Line("JSON of a model without", chat("JSON", response_format={"type": "json_object"}), PHI, 422,
          kind="response_format_not_supported"),
    _Line("a user behind a tool", chat([user("x"), called(), answered("y"), user("z")], tools=[WEATHER]), MISTRAL, 400,
          kind="message_order"),
    _Line("Cohere's answer that is no JSON", chat([user("Weather in Oslo?"), called(), answered("wet")],
                                                   tools=[WEATHER]), COHERE, 422, kind="tool_answer_not_json"),
    _Line("dimensions that the model has not", {"input": "x", "dimensions": 8}, PICTURES, 422,
          kind="parameter_not_supported", to="embeddings"),
    )  # fmt: skip


def _of_openais() -> tuple[_Line, ...]:
    """What OpenAI's models refuse, 400 on every way."""
    function = WEATHER["function"]
    nested = {"type": "object", "properties": {"days": {"type": "array"}}}
    prediction = {"type": "content", "content": "x"}
    return tuple(_Line(name, body, model, 400, kind=kind, to=to) for name, kind, model, body, to in (
        *((name, kind, model, body, "chat/completions") for name, kind, model, body in (
    ("a wrong type", "wrong_type", GPT, chat(response_format="text")),
    ("no messages", "missing_parameter", GPT, {}),
    ("an unknown role", "wrong_value", GPT, chat([{"role": "king", "content": "x"}])),
    ("an unknown effort", "wrong_value", "o3-mini", chat(reasoning_effort="enormous")),
    ("no token", "integer_below", GPT, chat(max_tokens=0)),
    ("too many choices", "integer_above", GPT, chat(n=129)),
    ("too cold", "decimal_below", GPT, chat(temperature=-0.1)),
    ("too hot", "decimal_above", GPT, chat(temperature=2.5)),
    ("an empty list", "empty_array", GPT, chat(tools=[])),
    ("an empty list of calls", "empty_array", GPT, chat([user("x"), {"role": "assistant", "tool_calls": []}])),
    ("too many stop sequences", "array_too_long", GPT, chat(stop=list("abcde"))),
    ("an empty stop sequence", "empty_string", GPT, chat(stop="")),
    ("a long description", "string_too_long", GPT, chat(tools=[tool("f", CITY, description="x" * 1_025)])),
    ("a name with a dot", "string_pattern", GPT, chat(tools=[tool("a.b", CITY)])),
    ("too much metadata", "too_many_properties", GPT, chat(metadata={str(number): "x" for number in range(17)})),
    ("an unknown argument", "unknown_argument", GPT, chat(made_up=1)),
    ("an effort of a model without", "unknown_argument", GPT, chat(reasoning_effort="low")),
    ("an unknown member", "unknown_parameter", GPT, chat([{**user("x"), "made_up": 1}])),
    ("max_tokens of a reasoning model", "max_tokens_unsupported", "o3-mini", chat(max_tokens=5)),
    ("a temperature of a reasoning model", "parameter_not_supported", "o3-mini", chat(temperature=0.5)),
    ("a temperature of a newer one", "only_the_default", "gpt-5", chat(temperature=0.5)),
    ("a stream of o1", "only_the_default", "o1", chat(stream=True)),
    ("tools for a model without", "parameter_not_supported", "gpt-5-chat", chat(tools=[WEATHER])),
    ("JSON of a model without", "response_format_not_supported", "gpt-4",
     chat("JSON", response_format={"type": "json_object"})),
    ("both limits", "both_limits", GPT, chat(max_tokens=5, max_completion_tokens=5)),
    ("more tokens than it writes", "too_many_tokens", GPT, chat(max_tokens=20_000)),
    ("more tokens than there is room for", "completion_length", "gpt-4", chat(max_tokens=8_190)),
    ("stream options without a stream", "stream_options_without_stream", GPT,
     chat(stream_options={"include_usage": True})),
    ("parallel calls without tools", "parallel_calls_without_tools", GPT, chat(parallel_tool_calls=True)),
    ("a function call without functions", "function_call_without_functions", GPT, chat(function_call="auto")),
    ("a call of another function", "function_call_unknown", GPT,
     chat(functions=[function], function_call={"name": "fly"})),
    ("tools beside a prediction", "not_beside_prediction", GPT, chat(tools=[WEATHER], prediction=prediction)),
    ("top_logprobs alone", "top_logprobs_alone", GPT, chat(top_logprobs=2)),
    ("a word to favour", "logit_bias_key", GPT, chat(logit_bias={"about": 1})),
    ("a token that there is not", "logit_bias_above", GPT, chat(logit_bias={"999999": 1})),
    ("JSON mode without the word", "json_not_mentioned", GPT, chat(response_format={"type": "json_object"})),
    ("a function without properties", "schema_refused", GPT, chat(tools=[tool("f", {"type": "object"})])),
    ("a list without items", "schema_refused", GPT, chat(tools=[tool("f", nested)])),
    ("an answer of a function without a name", "function_without_name", GPT,
     chat([user("x"), {"role": "function", "content": "7"}])),
    ("an answer to another call", "tool_answer_unknown", GPT,
     chat([user("x"), called(), answered("y", "call_9")], tools=[WEATHER])))),
        *((name, kind, model, body, "embeddings") for name, kind, model, body in (
    ("no input", "wrong_input", TEXTS, {"input": []}),
    ("a format of others", "wrong_encoding_format", TEXTS, {"input": "x", "encoding_format": "int8"}),
    ("a kind of input", "unknown_argument", TEXTS, {"input": "x", "input_type": "query"}),
    ("too many dimensions", "integer_above", TEXTS, {"input": "x", "dimensions": 1_537}),
    ("dimensions of ada", "no_dimensions", "text-embedding-ada-002", {"input": "x", "dimensions": 512}))),
    ))  # fmt: skip


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
        asked = Request("GET", path, {"api-version": "2024-10-21"}, KEY)
        yield Sample(name, None, asked, status, kind if status >= 400 else "")
    for way in KINDS:
        yield Sample(
            "GET instead of POST",
            way,
            Request("GET", address(way, "chat/completions"), {}, KEY),
            405,
            "method_not_allowed",
        )
        asked = request(way, "chat/completions", chat())
        unknown = {key: value for key, value in asked.headers.items() if key != "api-key"}
        yield Sample("no key", way, replace(asked, headers=unknown), 401, "unauthorized_missing")
        if way != "v1":
            yield Sample("no version", way, replace(asked, query={}), 404, "not_found")
