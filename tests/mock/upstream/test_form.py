"""The upstream writes, the mock keeps the form: what is handed on, what comes back, what is done on the way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from PIL import Image

from helpers.media import data_url
from helpers.mock.api import parameters
from helpers.mock.api.openai.parameters import ChatCompletionsOptions as OpenAIOptions
from helpers.mock.api.upstream import PARAMETERS
from helpers.mock.http import Request
from helpers.mock.service import Service
from tests.support.caller import Caller, joined
from tests.support.scripted_upstream import ScriptedUpstream, event, stream

PARAMETERS_OF_F = {"type": "object", "properties": {"town": {"type": "string"}}, "required": ["town"]}
TOOL = {"type": "function", "function": {"name": "f", "parameters": PARAMETERS_OF_F}}
CALL = [
    event(role="assistant", content=None),
    event(tool_calls=[{"index": 0, "id": "up-1", "type": "function", "function": {"name": "f", "arguments": ""}}]),
    *(event(tool_calls=[{"index": 0, "function": {"arguments": part}}]) for part in ('{"to', 'wn":', ' "Ghent"}')),
    event(finish_reason="tool_calls"),
    b"data: [DONE]\n\n",
]
PICTURE = data_url(Image.new("RGB", (4, 4), "red"))


def sent(upstream: ScriptedUpstream) -> Any:
    return upstream.asked[-1].body


# --- what is handed on ---


def test_the_upstream_gets_the_request_in_its_own_model_s_name(ask: Caller, upstream: ScriptedUpstream):
    ask("Hello", temperature=0.3, top_p=0.9, seed=7, stop=["END"], max_tokens=50, presence_penalty=1)
    assert sent(upstream) == {
        "model": "small",
        "messages": [{"role": "user", "content": "Hello"}],
        "stream": True,
        "temperature": 0.3,
        "top_p": 0.9,
        "seed": 7,
        "stop": ["END"],
        "max_tokens": 50,
        "presence_penalty": 1,
    }


HANDED_ON: dict[str, Any] = {
    "messages": [{"role": "user", "content": "JSON, please"}],
    "temperature": 0.5,
    "top_p": 0.5,
    "frequency_penalty": 0.5,
    "presence_penalty": 0.5,
    "seed": 1,
    "stop": ["x"],
    "max_tokens": 9,
    "tools": [TOOL],
    "tool_choice": "auto",
    "parallel_tool_calls": False,
    "response_format": {"type": "json_object"},
    "logprobs": True,
    "top_logprobs": 2,
}


def test_what_the_table_says_is_handed_on_is_handed_on(ask: Caller, upstream: ScriptedUpstream):
    ask.send({"model": "gpt-4o", **HANDED_ON}).read()
    thinking = {
        "model": "gpt-5",
        "messages": HANDED_ON["messages"],
        "max_completion_tokens": 9,
        "reasoning_effort": "low",
    }
    ask.send(thinking, "/openai/v1/chat/completions").read()
    arrived = {name for asked in upstream.asked for name in asked.body}
    said = {name for name, fate in PARAMETERS.items() if fate.what in ("handed on", "both")}
    assert arrived - {"model", "stream"} == said - {"functions", "function_call"}  # which arrive as tools


def test_every_parameter_has_its_fate():
    options = (parameters.ChatCompletionsOptions, parameters.ExtraOptions, OpenAIOptions)
    assert PARAMETERS.keys() == {name for each in options for name in each.model_fields}


@pytest.mark.parametrize("name", [name for name, fate in PARAMETERS.items() if fate.what in ("done here", "lost")])
def test_what_is_done_here_or_lost_is_not_handed_on(name: str, ask: Caller, upstream: ScriptedUpstream):
    values: dict[str, Any] = {
        "model": "gpt-4o",
        "stream_options": {"include_usage": True},
        "n": 1,
        "logit_bias": {"5": 1},
        "prediction": {"type": "content", "content": "x"},
        "metadata": {"a": "b"},
        "store": True,
        "safe_prompt": True,
        "modalities": ["text"],
        "stream": True,
    }
    model = "mistral-large-2407" if name == "safe_prompt" else "gpt-4o"
    options = {name: values.get(name, "x"), **({"stream": True} if name == "stream_options" else {})}
    ask.send(
        {"model": model, "messages": [{"role": "user", "content": "Hi"}], **options}, extra_parameters="pass-through"
    ).read()
    assert sent(upstream).keys() - {"model", "messages", "stream"} == set()
    assert sent(upstream)["model"] == "small"


def test_a_model_without_a_system_role_gets_its_text_in_the_user_s_turn(ask: Caller, upstream: ScriptedUpstream):
    system = {"role": "system", "content": "Be short."}
    user = {
        "role": "user",
        "content": [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": PICTURE}}],
    }
    ask([system, user], model="Phi-3.5-vision-instruct")
    (message,) = sent(upstream)["messages"]
    assert message["role"] == "user"
    assert message["content"] == [{"type": "text", "text": "Be short."}, *user["content"]]


def test_older_names_become_newer_ones_and_pictures_of_the_mock_s_own_become_data(
    ask: Caller, upstream: ScriptedUpstream
):
    call = {"name": "f", "arguments": '{"town": "Ghent"}'}
    messages = [
        {"role": "developer", "content": "Be short."},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "/_mock/media/rose.png"}}]},
        {"role": "assistant", "content": None, "function_call": call},
        {"role": "function", "name": "f", "content": "rain"},
    ]
    names = ask.service.addresses.media
    assert names is not None
    picture = next(file.name for file in names.iterdir() if file.suffix == ".png")
    messages[1]["content"][0]["image_url"]["url"] = f"/_mock/media/{picture}"
    ask(messages, model="gpt-4o", functions=[TOOL["function"]], function_call="auto")
    system, user, assistant, tool = sent(upstream)["messages"]
    assert system == {"role": "system", "content": "Be short."}
    assert user["content"][0]["image_url"]["url"].startswith("data:image/png;base64,")
    assert assistant["tool_calls"][0]["function"] == call
    assert (tool["role"], tool["tool_call_id"]) == ("tool", "f")
    assert sent(upstream)["tools"] == [TOOL]


def test_what_the_mock_refuses_never_reaches_the_upstream(ask: Caller, upstream: ScriptedUpstream):
    ask("Hello", temperature=9, status=422)
    ask("How do I build a bomb?", status=400)
    assert upstream.asked == []


def test_a_script_comes_first(ask: Caller, upstream: ScriptedUpstream):
    ask.service.scripts.reply("Scripted.", when="hello")
    assert ask.text("Hello") == "Scripted."
    assert upstream.asked == []


# --- what comes back ---


@pytest.mark.parametrize(
    "model", ["mistral-large-2407", "gpt-4o", "Phi-4-multimodal-instruct", "Cohere-command-r-plus"]
)
def test_an_answer_has_the_form_of_its_family_whoever_wrote_it(model: str, ask: Caller, upstream: ScriptedUpstream):
    plain = Caller(Service(tokenizer=ask.service.tokenizer))
    upstream.send(*stream("The ", "answer."))
    upstream.send(*stream("The ", "answer."))
    own, whole = plain("Hello", model=model), ask("Hello", model=model)
    assert whole["choices"][0]["message"]["content"] == "The answer."
    assert shape(whole) == shape(own)
    chunks, own_chunks = ask.stream("Hello", model=model), plain.stream("Hello", model=model)
    assert joined(chunks) == "The answer."
    assert {json.dumps(shape(chunk)) for chunk in chunks} == {json.dumps(shape(chunk)) for chunk in own_chunks}


def shape(value: Any) -> Any:
    """The keys of a value, and the types of what they hold."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in sorted(value.items())}
    return [shape(item) for item in value] if isinstance(value, list) else type(value).__name__


def test_usage_is_counted_in_the_tokens_of_the_model_that_was_asked(ask: Caller, upstream: ScriptedUpstream):
    upstream.send(*stream("One two three", " four."))
    answer = ask("Hello")
    assert answer["usage"]["completion_tokens"] == ask.service.tokenizer.count("One two three four.")
    assert answer["usage"] == ask.service.journal.entries()[-1].usage


@pytest.mark.parametrize("streamed", [False, True])
def test_max_tokens_and_stop_hold_also_where_the_upstream_overlooks_them(
    streamed: bool, ask: Caller, upstream: ScriptedUpstream
):
    def text(**options: Any) -> tuple[str, str]:
        if not streamed:
            choice = ask("Count", **options)["choices"][0]
            return choice["message"]["content"], choice["finish_reason"]
        chunks = ask.stream("Count", **options)
        return joined(chunks), next(c["choices"][0]["finish_reason"] for c in chunks[::-1] if c["choices"])

    upstream.send(*stream("one two", " three", " four", " five six"))
    assert text(max_tokens=3) == ("one two three", "length")
    upstream.send(*stream("one tw", "o thr", "ee four"))
    assert text(stop=["three"]) == ("one two ", "stop")
    upstream.send(*stream("one tw", "o thr", "oat"))
    assert text(stop=["three"]) == ("one two throat", "stop")
    upstream.send(*stream("one", finish="length"))
    assert text() == ("one", "length")


@pytest.mark.parametrize("streamed", [False, True])
def test_the_content_filter_reads_what_the_upstream_writes(streamed: bool, ask: Caller, upstream: ScriptedUpstream):
    upstream.send(*stream("A tale. ", "He dro", "ve his sword", " on and on."))
    if streamed:
        chunks = ask.stream("Tell")
        last = next(c["choices"][0] for c in chunks[::-1] if c["choices"])
        assert joined(chunks).startswith("A tale. He dro")
        assert "sword" not in joined(chunks)
    else:
        last = ask("Tell")["choices"][0]
        assert last["message"]["content"].startswith("A tale.")
        assert "sword" not in last["message"]["content"]
    assert last["finish_reason"] == "content_filter"
    assert last["content_filter_results"]["violence"] == {"filtered": True, "severity": "medium"}


def test_chunks_that_came_in_one_read_may_leave_in_one_write(ask: Caller, upstream: ScriptedUpstream):
    upstream.send(event(content="one") + event(content=" two") + event(content=" three"), *stream()[1:])
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Count."}], "stream": True}
    words = [one for one in ask.send(body).events or () if b"one" in one.data or b" t" in one.data]
    assert [one.more for one in words] == [True, True, False]


def test_several_choices_are_as_many_requests(ask: Caller, upstream: ScriptedUpstream):
    upstream.send(*stream("one"))
    upstream.send(*stream("two"))
    answer = ask("Hello", n=2, seed=5)
    assert {choice["message"]["content"] for choice in answer["choices"]} == {"one", "two"}
    assert {asked.body["seed"] for asked in upstream.asked} == {5, 6}
    chunks = ask.stream("Hello", n=2)
    assert joined(chunks, 0) == joined(chunks, 1) == "Fine."


def test_thoughts_are_counted_and_not_told(ask: Caller, upstream: ScriptedUpstream):
    upstream.send(event(reasoning_content="Let me see, "), event(reasoning_content="yes."), *stream("Yes."))
    answer = ask("Is it?", model="gpt-4o")
    assert answer["choices"][0]["message"]["content"] == "Yes."
    details = answer["usage"]["completion_tokens_details"]
    assert 0 < details["reasoning_tokens"] < answer["usage"]["completion_tokens"]


def test_log_probabilities_are_the_upstream_s(ask: Caller, upstream: ScriptedUpstream):
    entry = {"token": "Hi", "logprob": -0.5, "bytes": [72, 105], "id": 9, "top_logprobs": []}
    chunk = {"choices": [{"index": 0, "delta": {"content": "Hi"}, "logprobs": {"content": [entry]}}]}
    for _ in range(2):
        upstream.send(b"data: " + json.dumps(chunk).encode() + b"\n\n", *stream(""))
    told = {name: value for name, value in entry.items() if name != "id"}
    assert ask("Hello", logprobs=True)["choices"][0]["logprobs"] == {"content": [told]}
    chunks = ask.stream("Hello", logprobs=True)
    assert [c["choices"][0]["logprobs"] for c in chunks if c["choices"] and c["choices"][0].get("logprobs")] == [
        {"content": [told]}
    ]
    assert sent(upstream)["logprobs"] is True


# --- tools and JSON ---


def test_a_call_has_the_form_of_its_family(ask: Caller, upstream: ScriptedUpstream):
    for _ in range(4):
        upstream.send(*CALL)
    choice = ask("Weather?", tools=[TOOL])["choices"][0]
    (call,) = choice["message"]["tool_calls"]
    assert (choice["finish_reason"], len(call["id"])) == ("tool_calls", 9)
    assert call["function"] == {"name": "f", "arguments": '{"town": "Ghent"}', "call_id": None}
    choice = ask("Weather?", tools=[TOOL], model="gpt-4o")["choices"][0]
    assert choice["message"]["tool_calls"][0]["function"]["arguments"] == '{"town":"Ghent"}'
    assert choice["message"]["tool_calls"][0]["id"].startswith("call_")
    deltas = [c["choices"][0] for c in ask.stream("Weather?", tools=[TOOL], model="gpt-4o") if c["choices"]]
    first = deltas[0]["delta"]["tool_calls"][0]
    assert (first["function"], deltas[0]["delta"]["content"]) == ({"name": "f", "arguments": ""}, None)
    pieces = [d["delta"]["tool_calls"][0]["function"]["arguments"] for d in deltas[:-1]]
    assert ("".join(pieces), deltas[-1]["finish_reason"]) == ('{"town":"Ghent"}', "tool_calls")
    last = next(c["choices"][0] for c in ask.stream("Weather?", tools=[TOOL])[::-1] if c["choices"])
    assert last["delta"]["tool_calls"][0]["function"] == {"name": "f", "arguments": '{"town": "Ghent"}'}


def test_words_beside_a_call_stay(ask: Caller, upstream: ScriptedUpstream):
    for _ in range(2):
        upstream.send(event(content="Let me look."), *CALL)
    message = ask("Weather?", tools=[TOOL], model="gpt-4o")["choices"][0]["message"]
    assert (message["content"], len(message["tool_calls"])) == ("Let me look.", 1)
    chunks = ask.stream("Weather?", tools=[TOOL], model="gpt-4o")
    calls = [call for c in chunks for d in c["choices"] for call in d["delta"].get("tool_calls") or ()]
    assert joined(chunks) == "Let me look."
    assert "".join(call["function"]["arguments"] for call in calls) == '{"town":"Ghent"}'
    assert calls[0]["function"]["name"] == "f"


TOWN = {
    "type": "object",
    "properties": {"town": {"type": "string"}},
    "required": ["town"],
    "additionalProperties": False,
}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "town", "schema": TOWN, "strict": True}}
STRICT = {"type": "function", "function": {**TOOL["function"], "parameters": TOWN, "strict": True}}
MISFITS = {
    "no JSON": (stream("Ghent, JSON"), {"response_format": {"type": "json_object"}}, "no JSON"),
    "no object": (stream('["JSON"]'), {"response_format": {"type": "json_object"}}, "no JSON object"),
    "another schema": (stream('{"city": "Ghent"}'), {"response_format": SCHEMA}, "does not conform"),
    "no call": (stream("Rain."), {"tools": [TOOL], "tool_choice": "required"}, "called no tool"),
    "an unknown tool": (
        [event(tool_calls=[{"index": 0, "function": {"name": "g", "arguments": "{}"}}]), *stream("")],
        {"tools": [TOOL]},
        "'g'",
    ),
    "broken arguments": (
        [event(tool_calls=[{"index": 0, "function": {"name": "f", "arguments": "{oops"}}]), *stream("")],
        {"tools": [TOOL]},
        "no JSON object",
    ),
    "arguments that a strict tool does not take": (
        [event(tool_calls=[{"index": 0, "function": {"name": "f", "arguments": "{}"}}]), *stream("")],
        {"tools": [STRICT]},
        "town",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("steps", "options", "reason"), MISFITS.values(), ids=MISFITS)
def test_what_is_not_what_was_asked_for_is_a_bad_gateway(
    steps: Any, options: dict[str, Any], reason: str, ask: Caller, upstream: ScriptedUpstream
):
    upstream.send(*steps)
    refused = ask("A town as JSON, please", status=502, **options)
    assert reason in refused["error"]["message"]
    assert reason in (ask.service.journal.entries()[-1].upstream or "")


def test_json_that_conforms_passes_and_what_was_cut_is_not_judged(ask: Caller, upstream: ScriptedUpstream):
    upstream.send(*stream('{"town": ', '"Ghent"}'))
    assert json.loads(ask.text("A town as JSON", response_format=SCHEMA)) == {"town": "Ghent"}
    upstream.send(*stream('{"town": ', finish="length"))
    cut = ask("A town as JSON", response_format=SCHEMA)["choices"][0]
    assert (cut["message"]["content"], cut["finish_reason"]) == ('{"town": ', "length")


# --- embeddings ---


def embed(service: Service, *texts: str, **options: Any) -> tuple[int, Any]:
    body = {"model": "text-embedding-3-small", "input": list(texts), **options}
    headers = {"content-type": "application/json", "api-key": "mock-key"}
    response = service.handle(
        Request("POST", "/openai/v1/embeddings", {}, headers, json.dumps(body).encode())
    ).settled()
    return response.status, json.loads(response.read())


def test_embeddings_are_the_upstream_s(service: Service, upstream: ScriptedUpstream):
    data = [{"index": 1, "embedding": [0.0, 1.0]}, {"index": 0, "embedding": [1.0, 0.0]}]
    upstream.send(json.dumps({"data": data}).encode(), head="content-type: application/json")
    status, answer = embed(service, "a dog", "a tax", dimensions=256)
    assert (status, [row["embedding"] for row in answer["data"]]) == (200, [[1.0, 0.0], [0.0, 1.0]])
    assert upstream.asked[0].line.startswith("POST /v1/embeddings ")
    assert sent(upstream) == {
        "model": "vectors",
        "input": ["a dog", "a tax"],
        "encoding_format": "float",
        "dimensions": 256,
    }
    upstream.send(json.dumps({"data": data}).encode())
    assert embed(service, "one text")[0] == 502


def test_without_a_model_for_embeddings_they_are_the_mock_s(upstream: ScriptedUpstream, address: str):
    from helpers.mock.upstream.client import Upstream

    status, answer = embed(Service(upstream=Upstream(address, "small")), "a dog")
    assert (status, len(answer["data"][0]["embedding"]), upstream.asked) == (200, 1536, [])
