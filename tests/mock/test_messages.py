"""A message is read once: its text, the tools that it calls, and the call that it answers; all else is empty."""

from __future__ import annotations

import pytest

from helpers.mock.messages import Message, ToolUse, read_messages, text_of


def part(text):
    return {"type": "text", "text": text}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Hi", "Hi"),
        ([part("One."), {"type": "image_url", "image_url": {"url": "x"}}, part("Two.")], "One.\n\nTwo."),
        ([part(""), part("Two.")], "Two."),
        ([], ""),
        (None, ""),
        (3, ""),
        ([3, {"type": "text"}, part(3)], ""),
    ],
)
def test_the_text_is_the_content_or_its_text_parts_as_paragraphs(content, text):
    assert text_of({"content": content}) == text


def test_a_call_and_its_answer_name_each_other():
    function = {"name": "add", "arguments": '{"a": 1}'}
    asks = {"role": "assistant", "tool_calls": [{"id": "x", "type": "function", "function": function}]}
    answers = {"role": "tool", "tool_call_id": "x", "content": "2"}
    call, answer = read_messages([asks, answers])
    assert call.calls == [ToolUse("x", "add", '{"a": 1}')]
    assert (answer.role, answer.text, answer.call_id, answer.calls) == ("tool", "2", "x", [])


@pytest.mark.parametrize("calls", [None, "add", [3], [{}], [{"function": 3}], [{"id": None, "function": {}}]])
def test_calls_that_are_none_break_nothing(calls):
    assert not any(map(any, Message("assistant", "", {"tool_calls": calls}).calls))
