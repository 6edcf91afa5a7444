"""`functions` and `function_call`, which were before there were tools: the same calls in another form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.caller import Caller

WEATHER = {
    "name": "get_weather",
    "description": "Current weather in a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
TIME = {"name": "get_time", "description": "Local time in a city", "parameters": WEATHER["parameters"]}
QUESTION = {"role": "user", "content": "What is the weather in Trondheim?"}
CALLED = {
    "role": "assistant",
    "content": None,
    "function_call": {"name": "get_weather", "arguments": '{"city":"Trondheim"}'},
}
ANSWERED = {"role": "function", "name": "get_weather", "content": '{"temperature": 4, "unit": "celsius"}'}


def v1(ask: Caller, *messages: dict[str, Any], status: int = 200, **options: Any) -> bytes:
    body = {"model": "gpt-4o", "messages": list(messages) or [QUESTION], **options}
    response = ask.send(body, path="/openai/v1/chat/completions")
    content = response.read()
    assert response.status == status, content
    return content


def choice(body: bytes) -> dict[str, Any]:
    return json.loads(body)["choices"][0]


def chunks(body: bytes) -> list[dict[str, Any]]:
    return [json.loads(line.removeprefix("data: ")) for line in body.decode().split("\n\n")[:-2]]


def test_a_function_is_called_with_the_words_of_that_time(ask: Caller):
    # Recorded 2024-10 (gpt-4o-2024-08-06): no tool_calls, content null, finish reason function_call
    told = choice(v1(ask, functions=[WEATHER]))
    call = {"name": "get_weather", "arguments": '{"city":"Trondheim"}'}
    assert told["finish_reason"] == "function_call"
    assert told["message"]["content"] is None
    assert told["message"]["function_call"] == call
    assert "tool_calls" not in told["message"]


def test_the_same_tool_is_called_with_the_same_arguments(ask: Caller):
    tools = [{"type": "function", "function": WEATHER}]
    (called,) = choice(v1(ask, tools=tools))["message"]["tool_calls"]
    assert called["function"] == choice(v1(ask, functions=[WEATHER]))["message"]["function_call"]


def test_a_named_function_is_called_and_ends_with_stop(ask: Caller):
    told = choice(v1(ask, functions=[WEATHER, TIME], function_call={"name": "get_time"}))
    assert (told["message"]["function_call"]["name"], told["finish_reason"]) == ("get_time", "stop")


def test_no_function_is_called_where_none_is_wanted(ask: Caller):
    told = choice(v1(ask, functions=[WEATHER], function_call="none"))
    assert told["finish_reason"] == "stop"
    assert told["message"]["content"]
    assert "function_call" not in told["message"]


def test_there_is_one_call_at_a_time(ask: Caller):
    both = {"role": "user", "content": "What is the weather in Trondheim and in Bergen?"}
    tools = [{"type": "function", "function": WEATHER}]
    assert len(choice(v1(ask, both, tools=tools))["message"]["tool_calls"]) == 2
    assert json.loads(choice(v1(ask, both, functions=[WEATHER]))["message"]["function_call"]["arguments"]) == {
        "city": "Trondheim"
    }


def test_what_a_function_said_is_told(ask: Caller):
    told = choice(v1(ask, QUESTION, CALLED, ANSWERED, functions=[WEATHER]))
    assert told["finish_reason"] == "stop"
    assert "4 °C" in told["message"]["content"]


def test_a_call_is_streamed_in_pieces(ask: Caller):
    told = chunks(v1(ask, functions=[WEATHER], stream=True))
    _, opening, *pieces, end = told
    assert opening["choices"][0]["delta"] == {
        "role": "assistant",
        "content": None,
        "refusal": None,
        "function_call": {"name": "get_weather", "arguments": ""},
    }
    deltas = [piece["choices"][0]["delta"] for piece in pieces]
    assert all(list(delta) == ["function_call"] and list(delta["function_call"]) == ["arguments"] for delta in deltas)
    assert "".join(delta["function_call"]["arguments"] for delta in deltas) == '{"city":"Trondheim"}'
    assert (end["choices"][0]["delta"], end["choices"][0]["finish_reason"]) == ({}, "function_call")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"function_call": "auto"}, "'function_call' is only allowed when 'functions' are specified."),
        ({"functions": [WEATHER], "function_call": {"name": "fly"}}, "no function named 'fly' was specified"),
    ],
)
def test_a_choice_needs_the_function(ask: Caller, options: dict[str, Any], said: str):
    error = json.loads(v1(ask, status=400, **options))["error"]
    assert said in error["message"]
    assert (error["param"], error["code"]) == ("function_call", None)


def test_a_function_that_is_no_function_of_the_model_may_have_spoken(ask: Caller):
    assert choice(v1(ask, QUESTION, ANSWERED))["finish_reason"] == "stop"


def test_the_journal_tells_functions_as_tools(ask: Caller):
    v1(ask, QUESTION, CALLED, ANSWERED, functions=[WEATHER])
    received = ask.service.journal.entries()[-1]
    assert received.tools == ["get_weather"]
    assert list(received.tool_answers) == ["get_weather"]


def test_functions_are_no_parameter_of_mistrals_models(ask: Caller):
    ask([QUESTION], functions=[WEATHER], status=422)
