"""What is wrong with a body for an OpenAI model is told with its place, in OpenAI's words and with OpenAI's code.

Where each of them is known from stands in data/refusals.toml.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from helpers.mock.api.openai.parameters import OpenAIOptions
from tests.contract.plain_words import foreign
from tests.mock.api.openai.conftest import Refused
from tests.support.caller import Caller

HI = {"role": "user", "content": "Hi"}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
ROLES = "'system', 'assistant', 'user', 'function', 'tool', and 'developer'"
TEXTS = "one of a string or array of objects"


def error(message: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    return {"message": message, "param": param, "code": code}


def messages(*items: Any) -> dict[str, Any]:
    return {"messages": list(items)}


# --- types ---


@pytest.mark.parametrize(
    ("body", "param", "expected", "given"),
    [
        ({"messages": "Hi"}, "messages", "an array of objects", "a string"),
        ({"messages": None}, "messages", "an array of objects", "null"),
        (messages(7), "messages[0]", "an object", "an integer"),
        (messages({"role": 7, "content": "Hi"}), "messages[0].role", "a string", "an integer"),
        (messages({"role": "user", "content": 7}), "messages[0].content", TEXTS, "an integer"),
        (messages({"role": "user", "content": None}), "messages[0].content", TEXTS, "null"),
        (messages({"role": "user", "content": ["Hi"]}), "messages[0].content[0]", "an object", "a string"),
        (messages({"role": "assistant", "tool_calls": {}}), "messages[0].tool_calls", "an array of objects",
         "an object"),
        ({"temperature": "hot"}, "temperature", "a decimal", "a string"),
        ({"temperature": True}, "temperature", "a decimal", "a boolean"),
        ({"max_tokens": 1.5}, "max_tokens", "an integer", "a decimal"),
        ({"max_tokens": []}, "max_tokens", "an integer", "an array"),
        ({"stream": "yes"}, "stream", "a boolean", "a string"),
        ({"stop": 7}, "stop", "one of a string or array of strings", "an integer"),
        ({"stop": ["a", 7]}, "stop[1]", "a string", "an integer"),
        ({"tools": {}}, "tools", "an array of objects", "an object"),
        ({"tools": [{**TOOL, "function": "f"}]}, "tools[0].function", "an object", "a string"),
        ({"tools": [TOOL], "tool_choice": 7}, "tool_choice", "one of a string or object", "an integer"),
        ({"response_format": "foo"}, "response_format", "an object", "a string"),
        ({"stream_options": True, "stream": True}, "stream_options", "an object", "a boolean"),
        ({"logit_bias": []}, "logit_bias", "an object", "an array"),
        ({"logit_bias": {"1": "x"}}, "logit_bias.1", "a decimal", "a string"),
        ({"user": 7}, "user", "a string", "an integer"),
    ],
)  # fmt: skip
def test_a_wrong_type_is_named_with_the_right_one(refused: Refused, body: Any, param: str, expected: str, given: str):
    message = f"Invalid type for '{param}': expected {expected}, but got {given} instead."
    assert refused(body) == error(message, param, "invalid_type")


# --- missing, unknown, none of the values ---


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (messages({"role": "user"}), "messages[0].content"),
        (messages({"content": "Hi"}), "messages[0].role"),
        (messages(HI, {"role": "tool", "content": "1"}), "messages[1].tool_call_id"),
        (messages({"role": "user", "content": [{"text": "Hi"}]}), "messages[0].content[0].type"),
        (messages({"role": "assistant", "tool_calls": [{**CALL, "function": {"name": "f"}}]}),
         "messages[0].tool_calls[0].function.arguments"),
        ({"tools": [{"function": {"name": "f"}}]}, "tools[0].type"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
        ({"response_format": {}}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}},
         "response_format.json_schema.name"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(refused: Refused, body: Any, param: str):
    assert refused(body) == error(f"Missing required parameter: '{param}'.", param, "missing_required_parameter")


def test_messages_are_required(refused: Refused):
    told = refused(json.dumps({"model": "gpt-4o"}).encode())
    assert told == error("Missing required parameter: 'messages'.", "messages", "missing_required_parameter")


@pytest.mark.parametrize(
    ("body", "param", "given", "supported"),
    [
        (messages({"role": "robot", "content": "Hi"}), "messages[0].role", "robot", ROLES),
        ({"tools": [TOOL], "tool_choice": "any"}, "tool_choice", "any", "'none', 'auto', and 'required'"),
        ({"response_format": {"type": "yaml"}}, "response_format.type", "yaml",
         "'text', 'json_object', and 'json_schema'"),
        ({"tools": [{**TOOL, "type": "tool"}]}, "tools[0].type", "tool", "'function'"),
        ({"model": "o3-mini", "reasoning_effort": "x"}, "reasoning_effort", "x", "'low', 'medium', and 'high'"),
    ],
)  # fmt: skip
def test_none_of_the_values_is_told_them_all(refused: Refused, body: Any, param: str, given: str, supported: str):
    message = f"Invalid value: '{given}'. Supported values are: {supported}."
    assert refused(body) == error(message, param, "invalid_value")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"foo": 1}, "Unrecognized request argument supplied: foo"),
        ({"foo": 1, "bar": 2}, "Unrecognized request arguments supplied: foo, bar"),
        ({"reasoning_effort": "low"}, "Unrecognized request argument supplied: reasoning_effort"),
        ({"safe_prompt": True}, "Unrecognized request argument supplied: safe_prompt"),
    ],
)
def test_unknown_arguments_are_named(refused: Refused, body: Any, message: str):
    assert refused(body) == error(message)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (messages({**HI, "foo": 1}), "messages[0].foo"),
        (messages({"role": "user", "content": [{"type": "text", "text": "Hi", "foo": 1}]}),
         "messages[0].content[0].foo"),
        ({"tools": [{**TOOL, "foo": 1}]}, "tools[0].foo"),
        ({"response_format": {"type": "text", "foo": 1}}, "response_format.foo"),
        ({"stream": True, "stream_options": {"foo": True}}, "stream_options.foo"),
    ],
)  # fmt: skip
def test_what_is_unknown_further_in_is_named_with_its_place(refused: Refused, body: Any, param: str):
    assert refused(body) == error(f"Unknown parameter: '{param}'.", param, "unknown_parameter")


# --- ranges and lengths ---

FAULTS = {
    "integer_below_min_value": "integer below minimum value",
    "integer_above_max_value": "integer above maximum value",
    "decimal_below_min_value": "decimal below minimum value",
    "decimal_above_max_value": "decimal above maximum value",
    "empty_array": "empty array",
    "array_above_max_length": "array too long",
    "empty_string": "empty string",
    "string_above_max_length": "string too long",
}
NAMED = {"name": "f" * 65}
DESCRIBED = {"name": "f", "description": "x" * 1103}


@pytest.mark.parametrize(
    ("code", "body", "param", "wanted", "got"),
    [
        ("integer_below_min_value", {"max_tokens": 0}, "max_tokens", ">= 1", "0"),
        ("integer_below_min_value", {"max_completion_tokens": -5}, "max_completion_tokens", ">= 1", "-5"),
        ("integer_above_max_value", {"n": 200}, "n", "<= 128", "200"),
        ("integer_above_max_value", {"top_logprobs": 21, "logprobs": True}, "top_logprobs", "<= 20", "21"),
        ("decimal_below_min_value", {"temperature": -1}, "temperature", ">= 0", "-1"),
        ("decimal_below_min_value", {"frequency_penalty": -2.5}, "frequency_penalty", ">= -2", "-2.5"),
        ("decimal_above_max_value", {"temperature": 3}, "temperature", "<= 2", "3"),
        ("decimal_above_max_value", {"top_p": 1.5}, "top_p", "<= 1", "1.5"),
        ("empty_array", {"messages": []}, "messages", "1", ""),
        ("empty_array", messages(HI, {"role": "assistant", "tool_calls": []}), "messages[1].tool_calls", "1", ""),
        ("empty_array", {"tools": []}, "tools", "1", ""),
        ("array_above_max_length", {"stop": list("abcde")}, "stop", "4", "5"),
        ("array_above_max_length", {"tools": [TOOL] * 129}, "tools", "128", "129"),
        ("array_above_max_length", {"messages": [HI] * 2049}, "messages", "2048", "2049"),
        ("empty_string", {"stop": ""}, "stop", "1", ""),
        ("string_above_max_length", {"tools": [{**TOOL, "function": NAMED}]}, "tools[0].function.name", "64", "65"),
        ("string_above_max_length", {"tools": [{**TOOL, "function": DESCRIBED}]}, "tools[0].function.description",
         "1024", "1103"),
    ],
)  # fmt: skip
def test_ranges_and_lengths_are_told(refused: Refused, code: str, body: Any, param: str, wanted: str, got: str):
    if code.endswith("value"):
        expected = f"a value {wanted}, but got {got}"
    else:
        kind = "an array" if "array" in code else "a string"
        bound, given = ("maximum", f"{kind} with length {got}") if got else ("minimum", f"an empty {kind.split()[1]}")
        expected = f"{kind} with {bound} length {wanted}, but got {given}"
    assert refused(body) == error(f"Invalid '{param}': {FAULTS[code]}. Expected {expected} instead.", param, code)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"tools": [{**TOOL, "function": {"name": "get weather"}}]}, "tools[0].function.name"),
        (messages(HI, {"role": "assistant", "tool_calls": [{**CALL, "function": {"name": "a.b", "arguments": "{}"}}]}),
         "messages[1].tool_calls[0].function.name"),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "a b", "schema": {}}}},
         "response_format.json_schema.name"),
    ],
)  # fmt: skip
def test_a_name_is_of_letters_digits_and_two_signs(refused: Refused, body: Any, param: str):
    pattern = "Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
    assert refused(body) == error(
        f"Invalid '{param}': string does not match pattern. {pattern}", param, "invalid_value"
    )


def test_metadata_has_few_members(refused: Refused):
    told = refused({"metadata": {str(number): "x" for number in range(17)}})
    assert told["code"] == "object_above_max_properties"
    assert "at most 16 properties, but got an object with 17" in told["message"]


# --- which comes first, and what is not refused ---


def test_the_first_fault_in_the_order_of_the_body_is_told(refused: Refused):
    # recorded 2024-07: a response_format that is a text, before a picture that cannot be fetched
    body = {"temperature": "hot", "messages": [{"role": "robot"}], "foo": 1}
    assert refused(body)["param"] == "messages[0].role"  # messages come first there
    assert refused({"foo": 1, "temperature": "hot"})["param"] == "temperature"


@pytest.mark.parametrize("field", [name for name in OpenAIOptions.model_fields if name not in ("messages", "model")])
def test_null_is_nothing(ask: Caller, field: str):
    model = "gpt-5" if field in ("reasoning_effort", "verbosity") else "gpt-4o"
    if field != "safe_prompt":
        response = ask.send({"model": model, "messages": [HI], field: None}, path="/openai/v1/chat/completions")
        assert response.status == 200, response.read()


def test_an_answer_can_be_sent_back_as_it_came(ask: Caller):
    body = {"model": "gpt-4o", "messages": [HI], "tools": [TOOL], "tool_choice": "required"}
    for more in ({}, {"stream": True}):
        sent = ask.send({**body, **more}, path="/openai/v1/chat/completions").read().decode()
        if not more:
            message = json.loads(sent)["choices"][0]["message"]
        else:
            deltas = [json.loads(line[6:])["choices"] for line in sent.split("\n\n")[:-2]]
            message = next(delta for choices in deltas for choice in choices if (delta := choice["delta"]).get("role"))
            message["tool_calls"][0]["function"]["arguments"] = "{}"
        answer = {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "7"}
        response = ask.send({**body, "messages": [HI, message, answer]}, path="/openai/v1/chat/completions")
        assert response.status == 200, response.read()


# --- whatever is sent, the words are OpenAI's ---

VALUES: list[Any] = [
    *(None, True, 0, -1, 1e30, "", "x", [], [None], [[]], [{}], ["x", 7], {}, {"x": None}, {"type": "x"}),
    {"type": "function"},
    {"type": "json_schema", "json_schema": {}},
    [{"role": "user"}],
    [{"role": "user", "content": [{"type": "image_url"}, 7]}],
    [{"role": "assistant", "tool_calls": [{}]}],
    [{"type": "function", "function": {"name": 7}}],
]


@pytest.mark.parametrize("field", OpenAIOptions.model_fields)
def test_a_wrong_value_of_any_kind_is_told_in_openais_words(ask: Caller, field: str):
    for value in VALUES:
        content = json.dumps({"model": "gpt-4o", "messages": [HI], field: value})
        response = ask.send(content.encode(), path="/openai/v1/chat/completions")
        if response.status != 200 and field != "model":
            told = json.loads(response.read())
            assert response.status == 400
            assert told["error"]["type"] == "invalid_request_error"
            assert not told["error"]["message"].startswith("The value of"), content  # which is for what has no words
            assert foreign(told, content) == [], told


@pytest.mark.parametrize("value", VALUES, ids=json.dumps)
def test_a_wrong_input_of_embeddings_is_told_in_openais_words(ask: Caller, value: Any):
    for field in ("input", "encoding_format", "dimensions", "input_type", "user"):
        content = json.dumps({"model": "text-embedding-3-small", "input": "x", field: value})
        response = ask.send(content.encode(), path="/openai/v1/embeddings")
        told = json.loads(response.read())
        assert response.status in (200, 400)
        assert foreign(told, content) == [], told


# --- pictures ---

FORMS = "['png', 'jpeg', 'gif', 'webp']"


@pytest.mark.parametrize(
    ("head", "got"),
    [
        ("data:application/pdf;base64,AAAA", "unsupported MIME type 'application/pdf'"),
        ("data:image/png,AAAA", "a value without the ';base64' separator"),
        ("data:image/png;base64,", "empty base64-encoded bytes"),
        ("data:image/png;base64,@@", "an invalid base64-encoded value"),
    ],
)
def test_a_data_url_that_cannot_be_read_is_told_with_what_came(refused: Refused, head: str, got: str):
    told = refused(messages({"role": "user", "content": [{"type": "image_url", "image_url": {"url": head}}]}))
    place, example = "messages[0].content[0].image_url.url", "data:image/png;base64,aW1nIGJ5dGVzIGhlcmU="
    expected = f"Expected a base64-encoded data URL with an image MIME type (e.g. '{example}')"
    assert told == error(f"Invalid image URL: '{place}'. {expected}, but got {got}.", place, "invalid_value")


@pytest.mark.parametrize(
    ("data", "wish", "code"),
    [
        ("AAAA", "is valid", "image_parse_error"),
        ("Qk0AAAAAAAAA", f"has of one the following formats: {FORMS}", "invalid_image_format"),
    ],
)
def test_bytes_that_are_no_picture_are_unsupported(refused: Refused, data: str, wish: str, code: str):
    url = {"url": f"data:image/png;base64,{data}"}
    told = refused(messages({"role": "user", "content": [{"type": "image_url", "image_url": url}]}))
    assert told == error(f"You uploaded an unsupported image. Please make sure your image {wish}.", None, code)
