"""The panel of lesson 03, used as a reader would: what it shows, and what it sends."""

from __future__ import annotations

import re
from math import exp
from typing import Any

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential

from helpers.mock.testing import Mock
from helpers.widgets import Panel, parameter_panel

QUESTION = "Name a colour. Answer in one word."


def client(mock: Mock, model: str = "mistral-large-2407", key: str = "") -> ChatCompletionsClient:
    credential = AzureKeyCredential(key or mock.key)
    return ChatCompletionsClient(mock.endpoint, credential, model=model, transport=mock.transport())


@pytest.fixture
def panel(mock: Mock) -> Panel:
    return parameter_panel(client(mock))


def turn(panel: Panel, **values: Any) -> str:
    """What the panel shows after its controls were set, by their descriptions."""
    for name, value in values.items():
        (control,) = [each for each in panel.controls if each.description == name]
        control.value = value
    return panel.shown.text


def answers(panel: Panel) -> tuple[str, str]:
    """What stands under temperature 0, and what under the reader's settings."""
    steady, yours = re.findall(r"^\[(?:temperature 0|your settings) · \w+\]\n(.*)$", panel.shown.text, re.MULTILINE)
    return steady, yours


def shares(panel: Panel) -> dict[str, int]:
    """The bars: token and per cent."""
    return {token: int(share) for token, share in re.findall(r"^'(.+?)' .* (\d+)%", panel.shown.text, re.MULTILINE)}


def test_it_starts_with_two_answers_and_the_chances_between_them(panel: Panel, mock: Mock):
    steady, yours = answers(panel)
    assert steady == "Blue"
    assert yours == "Green"
    assert "Token 1 could have been another" in panel.shown.text
    assert len(mock.requests) == 2


def test_the_bars_are_the_probabilities_that_the_endpoint_tells(panel: Panel, mock: Mock):
    extras = {"logprobs": True, "top_logprobs": 5}
    messages: list[Any] = [{"role": "user", "content": QUESTION}]
    reply: Any = client(mock).complete(messages=messages, temperature=1, seed=1, model_extras=extras)
    told = {top["token"]: exp(top["logprob"]) for top in reply.choices[0]["logprobs"]["content"][0]["top_logprobs"]}
    assert shares(panel)
    for token, share in shares(panel).items():
        assert abs(told[token] - share / 100) <= 0.005
    assert sum(shares(panel).values()) == pytest.approx(100, abs=3)


def test_the_token_that_was_written_is_marked_and_others_were_likely_too(panel: Panel):
    (marked,) = re.findall(r"^'(.+?)' .*← written$", panel.shown.text, re.MULTILINE)
    assert marked == answers(panel)[1]
    assert len(shares(panel)) > 1


def test_at_temperature_0_both_answers_are_the_same(panel: Panel):
    turn(panel, temperature=0.0)
    steady, yours = answers(panel)
    assert steady == yours


def test_at_temperature_0_nothing_is_left_to_chance(panel: Panel):
    assert turn(panel, temperature=0.0).endswith("none could have been another.")
    assert not shares(panel)
    assert "Token 1 could have been another" in turn(panel, temperature=0.5)


def test_another_seed_can_give_another_answer_and_the_same_seed_gives_the_same(panel: Panel):
    found = {}
    for seed in (1, 2, 3, 4, 5, 6):
        turn(panel, seed=seed)
        found[seed] = answers(panel)[1]
    assert len(set(found.values())) > 1
    assert turn(panel, seed=6) == turn(panel, seed=6)
    turn(panel, seed=1)
    assert answers(panel)[1] == found[1]
    assert answers(panel)[0] == "Blue", "the steady side never changes"


def test_a_small_top_p_leaves_only_the_likeliest(panel: Panel):
    for seed in (1, 2, 3):
        turn(panel, seed=seed, top_p=0.1)
        assert answers(panel)[0] == answers(panel)[1]


def test_max_tokens_cuts_both_answers_and_says_so(panel: Panel, mock: Mock):
    text = turn(panel, question="How many languages are in the world?", max_tokens=5)
    assert "[temperature 0 · length]" in text
    assert "[your settings · length]" in text
    assert [request.json["max_tokens"] for request in list(mock.requests)[-2:]] == [5, 5]


def test_only_your_side_has_the_settings(panel: Panel, mock: Mock):
    turn(panel, temperature=0.4, top_p=0.75, seed=7)
    yours, steady = [request.json for request in list(mock.requests)[-2:]]
    assert (yours["temperature"], yours["top_p"], yours["seed"]) == (0.4, 0.75, 7)
    assert steady["temperature"] == 0
    assert "top_p" not in steady
    assert "seed" not in steady


def test_where_one_token_is_nearly_certain_everywhere_it_says_so(panel: Panel):
    assert "Token 8 could have been another" in turn(panel, question="What is 12 times 12?")
    text = turn(panel, top_p=0.1)
    assert text.endswith("With these settings no token could have been another.")
    assert not shares(panel)


def test_a_model_that_gives_no_log_probabilities_refuses_in_the_panel(mock: Mock):
    shown = parameter_panel(client(mock, "Cohere-command-r-plus-08-2024")).shown.text
    assert "logprobs" in shown


def test_an_endpoint_that_keeps_them_to_itself_leaves_the_bars_out():
    class Silent:
        def complete(self, **_: Any) -> Any:
            class Choice(dict[str, Any]):
                message = type("Message", (), {"content": "<Blue>"})
                finish_reason = "stop"

            return type("Reply", (), {"choices": [Choice()]})

    panel = parameter_panel(Silent())
    assert panel.shown.text.endswith("The endpoint sent no logprobs.")
    assert "&lt;Blue&gt;" in panel.shown.html


def test_a_wrong_key_is_told_in_the_panel(mock: Mock):
    assert "401" in parameter_panel(client(mock, key="wrong")).shown.text


def test_dragging_a_slider_asks_once_when_it_is_let_go(panel: Panel):
    assert not any(control.continuous_update for control in panel.controls)
    assert all(control.description for control in panel.controls)
