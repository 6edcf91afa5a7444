"""What an OpenAI model refuses of a body whose values are all right: with message, param and code, in a fixed order.

Where each of them is known from stands in data/refusals.toml.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from helpers.mock.api.catalogue import bundled
from helpers.mock.service import Service
from tests.contract.ways import picture, sound
from tests.mock.api.openai.conftest import Refused
from tests.support.caller import TOKENIZER, Caller

HI = {"role": "user", "content": "Hi"}
SYSTEM = {"role": "system", "content": "Be brief."}
OBJECT = {"type": "object", "properties": {}}
FUNCTION = {"name": "f", "parameters": OBJECT}
TOOL = {"type": "function", "function": FUNCTION}
NAMED = {"type": "function", "function": {"name": "g"}}
ALONE = "Invalid value for '{0}': '{0}' is only allowed when '{1}' are specified."


def error(message: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    return {"message": message, "param": param, "code": code}


def test_right_bodies_are_answered(ask: Caller):
    for model, more in (
        ("gpt-4o", {"tools": [TOOL], "tool_choice": "none", "parallel_tool_calls": False}),
        ("gpt-4o", {"max_completion_tokens": 16384, "store": True, "metadata": {"a": "b"}, "service_tier": "auto"}),
        ("gpt-4o", {"stream_options": {"include_usage": True}, "stream": True}),
        ("gpt-4o", {"stop": list("wxyz"), "temperature": 2, "n": 2, "logprobs": True, "top_logprobs": 20}),
        ("gpt-4o", {"functions": [FUNCTION], "function_call": "auto"}),
        ("gpt-4o", {"prediction": {"type": "content", "content": "Hello"}}),
        ("gpt-4o", {"logit_bias": {"200017": 1}}),
        ("o3", {"temperature": 1}),
        ("gpt-5", {"temperature": 1, "verbosity": "low", "reasoning_effort": "minimal"}),
        ("text-embedding-3-small", {"input": [[1, 2], [3]], "dimensions": 1}),
    ):
        body = {"model": model, **({} if "input" in more else {"messages": [HI]}), **more}
        response = ask.send(body, path=f"/openai/v1/{'embeddings' if 'input' in more else 'chat/completions'}")
        assert response.status == 200, (more, response.read())


# --- what the model has not ---


def unsupported(name: str, more: str = "") -> dict[str, Any]:
    message = f"Unsupported parameter: '{name}' is not supported with this model.{more}"
    return error(message, name, "unsupported_parameter")


def only(name: str, given: str, default: str) -> dict[str, Any]:
    message = (
        f"Unsupported value: '{name}' does not support {given} with this model. Only the default ({default}) value"
    )
    return error(f"{message} is supported.", name, "unsupported_value")


def too_large(name: str) -> dict[str, Any]:
    message = f"{name} is too large: 20000. This model supports at most 16384 completion tokens, whereas you provided"
    return error(f"{message} 20000.", name, "invalid_value")


def no_content(kind: str, param: str) -> dict[str, Any]:
    return error(f"Invalid content type. {kind} is only supported by certain models.", param)


def user(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": [*parts]}


ASKED = {"type": "text", "text": "What is this?"}
SEEN = {"type": "image_url", "image_url": {"url": picture()}}
HEARD = {"type": "input_audio", "input_audio": {"data": sound(), "format": "mp3"}}


@pytest.mark.parametrize(
    ("model", "body", "expected"),
    [
        ("o3-mini", {"max_tokens": 9}, unsupported("max_tokens", " Use 'max_completion_tokens' instead.")),
        ("o3-mini", {"temperature": 1}, unsupported("temperature")),
        ("o3-mini", {"top_p": 1}, unsupported("top_p")),
        ("o3-mini", {"presence_penalty": 0}, unsupported("presence_penalty")),
        ("o1", {"logprobs": True}, unsupported("logprobs")),
        ("gpt-5", {"logit_bias": {"1": 1}}, unsupported("logit_bias")),
        *[(model, {"temperature": 0.2}, only("temperature", "0.2", "1")) for model in ("o3", "o4-mini", "gpt-5")],
        ("o1", {"stream": True}, only("stream", "true", "false")),
        ("gpt-4o", {"reasoning_effort": "low"}, error("Unrecognized request argument supplied: reasoning_effort")),
        ("gpt-5-chat", {"tools": [TOOL]}, unsupported("tools")),
        ("gpt-4", {"response_format": {"type": "json_object"}},
         error("Invalid parameter: 'response_format' of type 'json_object' is not supported with this model.",
               "response_format")),
        ("gpt-4o", {"max_tokens": 20000}, too_large("max_tokens")),
        ("gpt-4o", {"max_completion_tokens": 20000}, too_large("max_completion_tokens")),
        ("o3-mini", {"messages": [HI, user(ASKED, SEEN)]}, no_content("image_url", "messages.[1].content.[1].type")),
        ("gpt-4o", {"messages": [user(HEARD)]}, no_content("input_audio", "messages.[0].content.[0].type")),
    ],
)  # fmt: skip
def test_what_a_model_has_not(refused: Refused, model: str, body: dict[str, Any], expected: dict[str, Any]):
    assert refused({"model": model, **body}) == expected


def test_a_model_without_a_system_role():
    cards = bundled().with_models({"o1-mini": {"like": "o3-mini", "system": False}})
    ask = Caller(Service(tokenizer=TOKENIZER, catalogue=cards))
    response = ask.send({"model": "o1-mini", "messages": [SYSTEM, HI]}, path="/openai/v1/chat/completions")
    told = json.loads(response.read())["error"]
    assert response.status == 400
    assert told["message"] == "Unsupported value: 'messages[0].role' does not support 'system' with this model."
    assert (told["param"], told["code"]) == ("messages[0].role", "unsupported_value")


# --- what does not go together ---


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"max_tokens": 9, "max_completion_tokens": 9},
         error("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", "max_tokens",
               "invalid_parameter_combination")),
        ({"stream_options": {"include_usage": True}},
         error("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options")),
        ({"parallel_tool_calls": True},
         error(ALONE.format("parallel_tool_calls", "tools"), "parallel_tool_calls")),
        *[({"tool_choice": choice}, error(ALONE.format("tool_choice", "tools"), "tool_choice"))
          for choice in ("auto", "none", "required", NAMED)],
        ({"tools": [TOOL], "tool_choice": NAMED},
         error("Invalid value for 'tool_choice': no function named 'g' was specified in the 'tools' parameter.",
               "tool_choice")),
        ({"function_call": "auto"}, error(ALONE.format("function_call", "functions"), "function_call")),
        ({"functions": [FUNCTION], "function_call": {"name": "g"}},
         error("Invalid value for 'function_call': no function named 'g' was specified in the 'functions' parameter.",
               "function_call")),
        ({"top_logprobs": 2}, error("top_logprobs is only allowed when logprobs is true.", "top_logprobs")),
        ({"logit_bias": {"hello": 1}},
         error("Invalid key in 'logit_bias': hello. You should only be submitting non-negative integers.",
               "logit_bias")),
        ({"logit_bias": {"200019": 1}},
         error("Invalid key in 'logit_bias': 200019. Maximum value is 200018.", "logit_bias")),
        ({"response_format": {"type": "json_object"}},
         error("'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
               "messages")),
    ],
)  # fmt: skip
def test_what_does_not_go_together(refused: Refused, body: dict[str, Any], expected: dict[str, Any]):
    assert refused(body) == expected


@pytest.mark.parametrize(
    "messages", [[{**SYSTEM, "content": "Write JSON."}, HI], [{"role": "user", "content": "As json, please"}]]
)
def test_the_word_json_may_stand_in_any_message_and_case(ask: Caller, messages: list[dict[str, Any]]):
    body = {"model": "gpt-4o", "messages": messages, "response_format": {"type": "json_object"}}
    assert ask.send(body).status == 200


# --- schemas ---

CLOSED = "'additionalProperties' is required to be supplied and to be false."
COMPLETE = "'required' is required to be supplied and to be an array including every key in properties. Missing '{}'."
NO_OBJECT = "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{}\"'."
TEXT = {"type": "string"}


def closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (OBJECT, f"In context=(), {CLOSED}"),
        (closed(a={"type": "object", "properties": {"b": TEXT}}), f"In context=('properties', 'a'), {CLOSED}"),
        ({**closed(a=TEXT, b=TEXT), "required": ["a"]}, f"In context=(), {COMPLETE.format('b')}"),
        (closed(list={"type": "array", "items": {"type": "object", "properties": {"b": TEXT}}}),
         f"In context=('properties', 'list', 'items'), {CLOSED}"),
        (closed(a={"type": "string", "minLength": 1}), "In context=('properties', 'a'), 'minLength' is not permitted."),
        ({"type": "array", "items": TEXT}, NO_OBJECT.format("array")),
    ],
)  # fmt: skip
def test_a_strict_schema_of_an_answer_or_a_function(refused: Refused, schema: Any, reason: str):
    answer = {"type": "json_schema", "json_schema": {"name": "a", "schema": schema, "strict": True}}
    assert refused({"response_format": answer}) == error(
        f"Invalid schema for response_format 'a': {reason}", "response_format"
    )
    second = {"type": "function", "function": {"name": "g", "parameters": schema, "strict": True}}
    assert refused({"tools": [TOOL, second]}) == error(
        f"Invalid schema for function 'g': {reason}", "tools[1].function.parameters", "invalid_function_parameters"
    )


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "object"}, "In context=(), object schema missing properties."),
        ({}, NO_OBJECT.format("None")),
        ({"type": "array", "items": TEXT}, NO_OBJECT.format("array")),
        ({"type": "object", "properties": {"a": {"type": "array"}}},
         "In context=('properties', 'a'), array schema missing items."),
    ],
)  # fmt: skip
def test_any_schema_of_a_function(refused: Refused, schema: Any, reason: str):
    for field, item, param in (
        (
            "tools",
            {"type": "function", "function": {"name": "f", "parameters": schema}},
            "tools[0].function.parameters",
        ),
        ("functions", {"name": "f", "parameters": schema}, "functions[0].parameters"),
    ):
        told = refused({field: [item]})
        assert told == error(f"Invalid schema for function 'f': {reason}", param, "invalid_function_parameters")


def test_a_schema_of_an_answer_is_of_an_object_strict_or_not(refused: Refused):
    answer = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "array", "items": TEXT}}}
    message = f"Invalid schema for response_format 'a': {NO_OBJECT.format('array')}"
    assert refused({"response_format": answer}) == error(message, "response_format")


# --- the order of messages ---


def asks(*ids: str) -> dict[str, Any]:
    calls = [{"id": item, "type": "function", "function": {"name": "f", "arguments": "{}"}} for item in ids]
    return {"role": "assistant", "tool_calls": calls}


def answers(item: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": item, "content": "1"}


UNANSWERED = (
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
    "The following tool_call_ids did not have response messages: {}"
)
UNASKED = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
UNKNOWN = "Invalid parameter: 'tool_call_id' of 'b' not found in 'tool_calls' of previous message."
NAMELESS = "Missing parameter 'name': messages with role 'function' must have a 'name'."


@pytest.mark.parametrize(
    ("messages", "message", "param"),
    [
        ([HI, asks("a", "b")], UNANSWERED.format("a, b"), "messages.[2].role"),
        ([HI, asks("a", "b"), answers("b")], UNANSWERED.format("a"), "messages.[3].role"),
        ([HI, asks("a"), HI, answers("a")], UNANSWERED.format("a"), "messages.[2].role"),
        ([HI, asks("a", "b"), answers("a"), HI], UNANSWERED.format("b"), "messages.[3].role"),
        ([answers("a")], UNASKED, "messages.[0].role"),
        ([HI, asks("a"), answers("a"), HI, answers("a")], UNASKED, "messages.[4].role"),
        ([HI, asks("a"), answers("b")], UNKNOWN, "messages.[2].tool_call_id"),
        ([HI, {"role": "function", "content": "7"}], NAMELESS, "messages.[1].name"),
        ([HI, {"role": "function", "content": "7", "name": None}], NAMELESS, "messages.[1].name"),
    ],
)  # fmt: skip
def test_calls_are_answered_at_once_and_nothing_else_is(refused: Refused, messages: Any, message: str, param: str):
    assert refused({"messages": messages}) == error(message, param)


def test_answers_may_come_in_any_order_and_a_user_right_behind_them(ask: Caller):
    messages = [HI, asks("a", "b"), answers("b"), answers("a"), HI, {"role": "assistant", "content": "Yes"}]
    assert ask.send({"model": "gpt-4o", "messages": messages}).status == 200


# --- the context ---


def test_too_long_a_conversation_is_counted_out(refused: Refused):
    long = {"messages": [{"role": "user", "content": "word " * 130_000}]}
    told = refused(long)
    begin = "This model's maximum context length is 128000 tokens. However, your messages resulted in 130"
    assert told["message"].startswith(begin)
    assert told["message"].endswith(" tokens. Please reduce the length of the messages.")
    assert (told["param"], told["code"]) == ("messages", "context_length_exceeded")
    message = refused({**long, "tools": [TOOL]})["message"]
    assert " in the functions). Please reduce the length of the messages or functions." in message
    message = refused({"messages": [{"role": "user", "content": "word " * 120_000}], "max_tokens": 16000})["message"]
    assert (
        " in the messages, 16000 in the completion). Please reduce the length of the messages or completion." in message
    )


# --- embeddings ---

GUIDE = "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference."


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        *[({"input": wrong}, error(GUIDE)) for wrong in (True, 7, {}, [], "", [""], ["a", 7], [[]], None)],
        ({"input": "x", "encoding_format": "foo"},
         error("Invalid value for 'encoding_format' = foo. Supported values: ['float', 'base64'].")),
        ({"input": "x", "input_type": "query"}, error("Unrecognized request argument supplied: input_type")),
        ({"input": "x", "dimensions": "many"},
         error("Invalid type for 'dimensions': expected an integer, but got a string instead.", "dimensions",
               "invalid_type")),
        ({"input": "x", "dimensions": 0},
         error("Invalid 'dimensions': integer below minimum value. Expected a value >= 1, but got 0 instead.",
               "dimensions", "integer_below_min_value")),
        ({"input": "x", "dimensions": 5, "model": "text-embedding-ada-002"},
         error("This model does not support specifying dimensions.")),
    ],
)  # fmt: skip
def test_embeddings(refused: Refused, body: dict[str, Any], expected: dict[str, Any]):
    assert refused({"model": "text-embedding-3-small", **body}, "embeddings") == expected


def test_the_recorded_body_with_three_faults_is_told_its_first(refused: Refused):
    # recorded 2024-07 and 2025-01: encoding_format and input_type "foo", dimensions 1
    body = {"input": ["first phrase"], "dimensions": 1, "encoding_format": "foo", "input_type": "foo"}
    told = refused({"model": "text-embedding-3-small", **body}, "embeddings")
    assert told["message"].startswith("Invalid value for 'encoding_format' = foo.")
