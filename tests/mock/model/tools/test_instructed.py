"""A conversation can say which function to call: then a request to look something up is a call of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from helpers.mock.messages import Message, read_messages
from helpers.mock.model.tools.turn import Turn
from tests.support.made_up import made_up, nouns

# As recorded 2025-02 of gpt-4o: no description, nested parameters that are all required, strict
PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "table_name": {"type": "string", "enum": ["orders"]},
        "columns": {"type": "array", "items": {"type": "string", "enum": ["id", "status", "ordered_at"]}},
        "conditions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"column": {"type": "string"}, "operator": {"type": "string", "enum": ["=", ">", "<"]}},
                "required": ["column", "operator"],
                "additionalProperties": False,
            },
        },
        "order_by": {"type": "string", "enum": ["asc", "desc"]},
    },
    "required": ["table_name", "columns", "conditions", "order_by"],
    "additionalProperties": False,
}
QUERY = {"type": "function", "function": {"name": "query", "parameters": PARAMETERS, "strict": True}}
TOLD = "You help users to get the data that they are looking for by calling the query function."


def turn(text: str, *, told: str = TOLD, role: str = "system") -> Turn:
    return Turn([QUERY], read_messages([{"role": role, "content": told}, {"role": "user", "content": text}]))


@pytest.mark.parametrize("role", ["system", "developer", "assistant"])
@pytest.mark.parametrize(
    "text",
    [
        "look up everything in may of last year that was not delivered on time",
        "Please find the late ones",
        "Show me what was cancelled",
        "How many orders were late?",
    ],
)
def test_a_request_to_look_up_is_a_call(text: str, role: str):
    (call,) = turn(text, role=role).calls("auto")
    assert call.name == "query"
    Draft202012Validator(PARAMETERS).validate(call.arguments)


@pytest.mark.parametrize("told", ["You are helpful. Use the `query` tool.", "Answer with the query tool if you can."])
def test_it_can_be_said_in_other_words(told: str):
    assert turn("Find the late ones", told=told).calls("auto")


@pytest.mark.parametrize(
    "text",
    ["Hello", "Thanks!", "What can you do?", "Who are you?", "Tell me a joke", "What is the capital of France?"],
)
def test_small_talk_is_none(text: str):
    assert turn(text).calls("auto") == []


def test_a_function_that_nobody_names_is_not_called():
    assert turn("Find the late ones", told="You are helpful. A query is a question.").calls("auto") == []


def test_it_is_called_once():
    call = {"id": "1", "type": "function", "function": {"name": "query", "arguments": "{}"}}
    talk = [
        {"role": "system", "content": TOLD},
        {"role": "user", "content": "Find the late ones"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "3 orders"},
    ]
    assert Turn([QUERY], read_messages(talk)).calls("auto") == []


@made_up(25)
@given(nouns, st.integers(0, 900))
def test_a_call_that_the_request_spells_is_made(name: str, number: int):
    parameters = {"type": "object", "properties": {"input": {"type": "integer"}}, "required": ["input"]}
    offered = [{"type": "function", "function": {"name": name, "parameters": parameters}}]
    calls = Turn(offered, [Message("user", f"What is the value of {name}({number})? Use the tool.")]).calls()
    assert [(call.name, call.arguments) for call in calls] == [(name, {"input": number})]
