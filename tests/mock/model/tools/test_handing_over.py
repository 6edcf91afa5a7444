"""Whom the model hands the turn to: who is there for a request, or the person who knows what a tool lacks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from helpers.mock.messages import Message
from helpers.mock.model.reading.likeness import shares
from helpers.mock.model.tools.turn import Turn
from tests.support.made_up import made_up, nouns, several


def tool(name: str, description: str, **parameters: str) -> dict[str, Any]:
    properties = {key: {"type": "string", "description": text} for key, text in parameters.items()}
    schema = {"type": "object", "properties": properties, "required": [*parameters]}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("what", ["ticket", "flight", "refund"])
def test_a_common_word_in_the_name_of_somebody_speaks_for_them(what: str, *, known: bool):
    offered = [tool(f"transfer_to_{name}", "Handoff.") for name in (f"{what}s_clerk", "user")]
    turn = Turn(offered, [Message("user", f"I lost my {what}.")], lambda: ("DONE", known))
    assert [call.name for call in turn.calls()] == [f"transfer_to_{what}s_clerk"]


def test_a_word_that_says_nothing_speaks_for_nobody():
    assert not shares("what_is_it", "", "What is it?")


@made_up(15)
@given(several(nouns, 2))
def test_what_nobody_has_told_is_asked_for_once_and_then_left_to_the_person(words: list[str]):
    thing, desk = words
    offered = [
        tool(f"cancel_{thing}", f"Cancel a {thing}.", **{f"{thing}_id": f"Number of the {thing}"}),
        tool(f"transfer_to_{desk}", "Handoff."),
        tool("transfer_to_user", "Handoff to user."),
    ]
    messages = [Message("user", f"Cancel my {thing}.")]
    question = Turn(offered, messages).question()
    assert question
    assert Turn(offered, messages).calls() == []
    messages.append(Message("assistant", question))
    assert [call.name for call in Turn(offered, messages).calls()] == ["transfer_to_user"]
    messages.append(Message("user", f"My {thing} id is 507811."))
    (call,) = Turn(offered, messages).calls()
    assert (call.name, call.arguments) == (f"cancel_{thing}", {f"{thing}_id": "507811"})


@made_up(15)
@given(several(nouns, 2))
def test_who_is_given_a_task_gets_the_request_and_comes_back_with_an_answer(words: list[str]):
    thing, desk = words
    said = f"Gives a task to one of the following desks: {desk}"
    offered = [tool("delegate_task_to_desk", said, desk="To whom", task="The task", context="What helps")]
    messages = [Message("user", f"Where is the {thing}?")]
    (call,) = Turn(offered, messages).calls()
    assert call.arguments == {"desk": desk, "task": messages[0].text, "context": messages[0].text}
    use = {"id": "a", "function": {"name": call.name, "arguments": json.dumps(call.arguments)}}
    messages += [Message("assistant", "", {"tool_calls": [use]})]
    messages += [Message("tool", f"The {thing} is upstairs.", {"tool_call_id": "a"})]
    after = Turn(offered, messages)
    assert after.calls() == []
    assert "upstairs" in after.told
