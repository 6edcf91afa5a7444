"""Sums of several steps, with tools that make one step each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from helpers.mock.messages import Message
from helpers.mock.model.tools.turn import Turn

STEPS = {"add": lambda a, b: a + b, "multiply": lambda a, b: a * b}


def tool(name: str) -> dict[str, Any]:
    number = {"type": "number"}
    schema = {"type": "object", "properties": {"a": number, "b": number}, "required": ["a", "b"]}
    return {"type": "function", "function": {"name": name, "description": f"{name} two numbers", "parameters": schema}}


def worked_out(request: str) -> tuple[list[str], str]:
    """The calls one after the other, each with its result in the conversation, and what is said at the end."""
    offered, messages, made = [tool(name) for name in STEPS], [Message("user", request)], []
    while calls := Turn(offered, messages).calls():
        (call,) = calls
        made.append(f"{call.name}({call.arguments['a']}, {call.arguments['b']})")
        use = {"id": f"c{len(made)}", "function": {"name": call.name, "arguments": json.dumps(call.arguments)}}
        result = str(STEPS[call.name](**call.arguments))
        messages += [
            Message("assistant", "", {"tool_calls": [use]}),
            Message("tool", result, {"tool_call_id": use["id"]}),
        ]
        assert len(made) < 9
    return made, Turn(offered, messages).told


@pytest.mark.parametrize(
    ("request_", "calls", "end"),
    [
        ("What is 20+(2*4)?", ["multiply(2, 4)", "add(20, 8)"], "28"),
        ("What is (3 + 5) * 12?", ["add(3, 5)", "multiply(8, 12)"], "96"),
        ("Work out 1.5 * (2 + 3) * 4, please.", ["add(2, 3)", "multiply(1.5, 5)", "multiply(7.5, 4)"], "30"),
        ("What is 6 * 7?", ["multiply(6, 7)"], "42"),
    ],
)
def test_each_step_is_a_call_with_the_results_of_those_before(request_: str, calls: list[str], end: str) -> None:
    made, told = worked_out(request_)
    assert made == calls
    assert end in told


def test_a_sign_that_no_tool_makes_begins_nothing() -> None:
    assert Turn([tool("multiply")], [Message("user", "What is 9 - (3 * 2)?")]).calls() != []
    assert len(worked_out("What is 9 - (3 * 2)?")[0]) <= 1
