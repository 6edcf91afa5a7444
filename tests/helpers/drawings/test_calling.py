"""The loop of a tool call, drawn: each message once, in its order, and each request with what it sends."""

from __future__ import annotations

import json

import pytest
from azure.ai.inference.models import (
    AssistantMessage,
    ChatCompletionsToolCall,
    FunctionCall,
    SystemMessage,
    ToolMessage,
    UserMessage,
)

from helpers.drawings import tool_loop
from tests.helpers.drawings.layout import faults

ASKED = [SystemMessage("Help."), UserMessage("How is the weather in Oslo and in Rome?")]


def call(number: int, city: str) -> ChatCompletionsToolCall:
    function = FunctionCall(name="get_weather", arguments=json.dumps({"city": city}))
    return ChatCompletionsToolCall(id=f"c{number}", function=function)


def round_of(*cities: str) -> list[AssistantMessage | ToolMessage]:
    calls = [call(number, city) for number, city in enumerate(cities)]
    told = [ToolMessage(json.dumps({"info": f"{city}: sunny"}), tool_call_id=f"c{n}") for n, city in enumerate(cities)]
    return [AssistantMessage(tool_calls=calls), *told]


def test_it_says_who_does_what_in_the_order_of_the_messages():
    told = tool_loop([*ASKED, *round_of("Oslo"), AssistantMessage("Sunny.")]).text
    assert told == (
        "Request 1 sends messages 1 to 2 and the tools. "
        'The model asks for get_weather({"city": "Oslo"}). '
        "Your program runs get_weather and appends what it gave. "
        "Request 2 sends messages 1 to 4 and the tools. "
        "The model answers in words: “Sunny.”"
    )


def test_parallel_calls_are_asked_for_in_one_answer_and_run_one_by_one():
    told = tool_loop([*ASKED, *round_of("Oslo", "Rome"), AssistantMessage("Sunny.")]).text
    assert told.count("The model asks for") == told.count("Your program runs") == 2
    assert "Request 2 sends messages 1 to 5" in told
    assert "Request 3" not in told


@pytest.mark.parametrize("cities", [["Oslo"], ["Oslo", "Rome"], ["A town with a name that goes on and on " * 5]])
@pytest.mark.parametrize("rounds", [1, 2])
@pytest.mark.parametrize("asked", [ASKED, ASKED[1:]], ids=["with a system prompt", "without one"])
def test_it_can_be_read_whatever_was_said(cities: list[str], rounds: int, asked: list[SystemMessage | UserMessage]):
    talk = [*asked, *[message for _ in range(rounds) for message in round_of(*cities)], AssistantMessage("Well. " * 60)]
    assert faults(tool_loop(talk).svg) == []


def test_a_long_message_is_shortened_between_words_and_told_whole():
    drawing = tool_loop([*ASKED, AssistantMessage("sunshine " * 30)])
    assert "sunshine …" in drawing.svg
    assert "sunshine " * 30 in drawing.text
