"""The panel of lesson 05, used as a reader would: each step of a question with tools, and what it cost."""

from __future__ import annotations

import re
from typing import Annotated, Any

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from pydantic import Field

from helpers.mock import ToolCall
from helpers.mock.testing import Mock
from helpers.widgets import Panel, tool_panel

QUESTION, WEATHER, TRAINS, CHOICE, FAIL, ROUNDS = range(6)  # the places of the controls
TABLE = {"Trieste": "windy", "Split": "clear"}
City = Annotated[str, Field(description="The name of a city", min_length=1)]


def get_weather(city: City) -> dict:
    """Returns today's weather in a city."""
    return {"info": f"{city} is {TABLE[city]}"}


def get_train_info(origin_city: City, destination_city: City) -> dict:
    """Returns the next train between two cities."""
    return {"info": f"{origin_city} to {destination_city} at nine"}


def client(mock: Mock, key: str = "") -> ChatCompletionsClient:
    credential = AzureKeyCredential(key or mock.key)
    return ChatCompletionsClient(mock.endpoint, credential, model="mistral-large-2407", transport=mock.transport())


@pytest.fixture
def panel(mock: Mock) -> Panel:
    return tool_panel(client(mock), [get_weather, get_train_info])


def ask(panel: Panel, **values: Any) -> str:
    """What the panel shows after its controls were set, by the names of their places, and the button pressed."""
    for name, value in values.items():
        panel.controls[globals()[name]].value = value
    assert panel.button
    panel.button.click()
    return panel.shown.text


def steps(text: str) -> list[tuple[str, str, str]]:
    """Who, what, tokens."""
    rows = [re.split(r" {2,}", row) for row in text.splitlines() if re.match(r"\d+ ", row)]
    return [(row[1], row[2], row[3] if len(row) > 3 else "") for row in rows]


def told_the_model(mock: Mock) -> list[str]:
    """The tools' answers in the last request."""
    return [message["content"] for message in mock.requests.last.json["messages"] if message["role"] == "tool"]


def test_it_starts_with_a_whole_conversation(panel: Panel, mock: Mock):
    who = [step[0] for step in steps(panel.shown.text)]
    assert who == ["you", *["model, asks for", "your function"] * 2, "model, in words"]
    assert panel.shown.text.endswith("It answered.")
    assert len(mock.requests) == 2, "one that asks for two calls, one that has their answers"


def test_the_calls_are_shown_as_the_model_wrote_them_with_what_your_function_said(panel: Panel):
    what = [step[1] for step in steps(panel.shown.text)]
    assert what[1:5] == [
        'get_weather({"city": "Trieste"})',
        '{"info": "Trieste is windy"}',
        'get_weather({"city": "Split"})',
        '{"info": "Split is clear"}',
    ]
    assert "windy" in what[5]
    assert "clear" in what[5]


def test_the_tokens_of_a_request_are_told_once_and_the_second_prompt_is_longer(panel: Panel):
    costs = [step[2] for step in steps(panel.shown.text) if step[2]]
    first, second = (int(cost.split()[0]) for cost in costs)
    assert second > first


def test_the_definitions_come_from_the_functions(mock: Mock, panel: Panel):
    offered = mock.requests.last.json["tools"]
    weather = offered[0]["function"]
    assert [tool["function"]["name"] for tool in offered] == ["get_weather", "get_train_info"]
    assert weather["description"] == "Returns today's weather in a city."
    assert weather["parameters"]["properties"]["city"]["description"] == "The name of a city"


def test_a_tool_that_is_not_offered_is_not_asked_for(panel: Panel, mock: Mock):
    text = ask(panel, WEATHER=False)
    assert [tool["function"]["name"] for tool in mock.requests.last.json["tools"]] == ["get_train_info"]
    assert "get_weather(" not in text


def test_without_any_tool_the_question_is_a_plain_one(panel: Panel, mock: Mock):
    text = ask(panel, WEATHER=False, TRAINS=False)
    assert "tools" not in mock.requests.last.json
    assert "tool_choice" not in mock.requests.last.json
    assert [step[0] for step in steps(text)] == ["you", "model, in words"]


def test_tool_choice_none_keeps_the_definitions_and_forbids_their_use(panel: Panel, mock: Mock):
    with_tools = int(steps(panel.shown.text)[1][2].split()[0])
    text = ask(panel, CHOICE="none")
    assert [step[0] for step in steps(text)] == ["you", "model, in words"]
    assert int(steps(text)[1][2].split()[0]) == with_tools, "they are paid for all the same"


def test_tool_choice_required_never_ends_by_itself(panel: Panel, mock: Mock):
    before = len(mock.requests)
    text = ask(panel, CHOICE="required", ROUNDS=2)
    assert text.endswith("No answer in 2 rounds: the limit ended it.")
    assert len(mock.requests) - before == 2


def test_one_round_is_not_enough_for_a_tool(panel: Panel):
    assert ask(panel, ROUNDS=1).endswith("No answer in 1 rounds: the limit ended it.")


def test_a_tool_that_fails_is_an_answer_and_the_model_goes_on(panel: Panel, mock: Mock):
    text = ask(panel, FAIL="get_weather")
    assert told_the_model(mock) == ['{"error": "The server behind this tool does not answer"}'] * 2
    assert text.endswith("It answered.")
    assert "could not get an answer" in steps(text)[-1][1]
    assert ask(panel, FAIL="get_train_info") == ask(panel, FAIL="nothing fails"), "nobody asked for a train"


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (ToolCall("get_weather", {"city": "Atlantis"}), "KeyError: 'Atlantis'"),
        (ToolCall("get_weather", {"city": ""}), "city: String should have at least 1 character"),
        (ToolCall("get_weather", {"place": "Split"}), "city: Missing required argument"),
        (ToolCall("get_weather", '{"city": "Spl'), "JSONDecodeError: "),
        (ToolCall("get_tides", {"city": "Split"}), "There is no such tool, only get_weather, get_train_info"),
    ],
)
def test_whatever_the_model_asks_for_it_gets_an_answer(panel: Panel, mock: Mock, call: ToolCall, error: str):
    mock.replies(call, "I see.", unoffered=True)
    text = ask(panel)
    (told,) = told_the_model(mock)
    assert error in told
    assert steps(text)[-1][:2] == ("model, in words", "I see.")


def test_a_function_whose_result_is_no_json_is_told_as_an_error(mock: Mock):
    def get_weather(city: str) -> object:
        """Returns today's weather in a city."""
        return object()

    assert "TypeError" in tool_panel(client(mock), [get_weather]).shown.text


def test_it_shows_each_round_as_it_happens(panel: Panel):
    seen: list[int] = []
    panel.output.observe(lambda _: seen.append(len(steps(panel.shown.text))), names="value")
    ask(panel, CHOICE="required", ROUNDS=3)
    assert len(seen) >= 3
    assert seen == sorted(seen)


def test_signs_in_questions_and_answers_are_escaped(panel: Panel):
    text = ask(panel, QUESTION="How is the <b>weather</b> in Split?")
    assert "<b>" in text
    assert "<b>" not in panel.shown.html


def test_controls_wait_for_the_button(panel: Panel, mock: Mock):
    for place, value in ((WEATHER, False), (CHOICE, "none"), (FAIL, "get_weather"), (ROUNDS, 1)):
        panel.controls[place].value = value
    assert len(mock.requests) == 2


def test_a_wrong_key_is_told_in_the_panel(mock: Mock):
    assert "401" in tool_panel(client(mock, "wrong"), [get_weather]).shown.text


def test_every_control_has_a_label(panel: Panel):
    assert all(control.description for control in panel.controls)
