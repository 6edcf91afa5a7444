"""The panel of lesson 11, used as a reader would: what it shows, and what it sends."""

from __future__ import annotations

from typing import Any

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential

from helpers.mock.testing import Mock
from helpers.widgets import Panel, budget_panel

TOKENS_IN, TOKENS_OUT = 20, 50


@pytest.fixture
def panel(mock: Mock) -> Panel:
    return budget_panel(client(mock), price_in=2.0, price_out=6.0)


def client(mock: Mock) -> ChatCompletionsClient:
    key = AzureKeyCredential(mock.key)
    return ChatCompletionsClient(mock.endpoint, key, model="mistral-large-2407", transport=mock.transport())


class Counting:
    """A client whose every answer costs `TOKENS_IN` and `TOKENS_OUT`; without usage when `told` is false."""

    def __init__(self, told: bool = True) -> None:
        usage = {"prompt_tokens": TOKENS_IN, "completion_tokens": TOKENS_OUT}
        choice = {"message": {"content": "Many."}, "finish_reason": "stop"}
        self.reply = {"choices": [choice], "usage": usage if told else None}

    def complete(self, **_: Any) -> dict[str, Any]:
        return self.reply


def turn(panel: Panel, **values: Any) -> str:
    """The panel after its controls were set, by the beginning of their descriptions; what it shows."""
    for name, value in values.items():
        (control,) = [
            each for each in panel.controls if each.description.replace("_", " ").startswith(name.replace("_", " "))
        ]
        control.value = value
    return panel.shown.text


def amount(text: str, row: str) -> float:
    """The number that a bar's line ends in."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"{row}  ")]
    return float(line.split()[-1].replace(",", ""))


def test_it_starts_with_a_whole_answer_and_what_a_day_of_them_costs(mock: Mock, panel: Panel):
    text, (request,) = panel.shown.text, mock.requests
    usage = request.usage or {}
    assert "a whole answer" in text
    assert amount(text, "tokens in") == usage["prompt_tokens"]
    assert f"{usage['completion_tokens']} of 100 allowed" in text
    assert amount(text, "prompts") == round(10_000 * usage["prompt_tokens"] * 2 / 1_000_000, 2)
    assert amount(text, "answers") == round(10_000 * usage["completion_tokens"] * 6 / 1_000_000, 2)
    assert text in panel.still.text


def test_the_day_is_one_call_multiplied_by_the_readers_numbers():
    panel = budget_panel(Counting(), price_in=1.0, price_out=10.0)
    text = turn(panel, calls=100_000)
    assert (amount(text, "prompts"), amount(text, "answers")) == (2.0, 50.0)
    assert amount(text, "together") == 52.0
    assert amount(text, "if every answer filled max_tokens") == 2.0 + 100.0
    text = turn(panel, price_of_1M_tokens_in=5.0, price_of_1M_tokens_out=0.0)
    assert (amount(text, "prompts"), amount(text, "answers")) == (10.0, 0.0)


def test_what_the_cache_answers_is_not_paid_for():
    panel = budget_panel(Counting(), price_in=1.0, price_out=10.0)
    text = turn(panel, calls=100_000, from_a_cache=50)
    assert "100,000 questions, 50,000 of them put to the model" in text
    assert amount(text, "saved by the cache") == amount(text, "together") == 26.0


def test_a_limit_below_the_answer_cuts_it_and_says_so(mock: Mock, panel: Panel):
    text = turn(panel, max_tokens=10)
    assert mock.requests.last.json["max_tokens"] == 10
    assert "cut off: paid for, and of no use" in text


def test_a_short_answer_by_instruction_is_whole_and_cheaper(panel: Panel):
    before = amount(panel.shown.text, "answers")
    text = turn(panel, instruction="Answer in one sentence.")
    assert "a whole answer" in text
    assert amount(text, "answers") < before / 2


def test_the_cost_at_the_start_stays_to_compare_with(panel: Panel):
    before = amount(panel.shown.text, "together")
    text = turn(panel, instruction="Answer in five words.", calls=1_000)
    assert amount(text, "together, as the panel began") == before > amount(text, "together")


def test_earlier_turns_make_the_prompt_longer_and_not_the_answer(mock: Mock, panel: Panel):
    before = panel.shown.text
    text = turn(panel, earlier=6)
    assert len(mock.requests.last.messages) == 2 + 2 * 6
    assert amount(text, "tokens in") > 4 * amount(before, "tokens in")
    assert amount(text, "answers") == amount(before, "answers")


def test_one_change_is_one_call(mock: Mock, panel: Panel):
    turn(panel, from_a_cache=30)
    assert len(mock.requests) == 2


def test_without_token_counts_it_says_that_there_is_nothing_to_multiply():
    assert "does not count tokens" in budget_panel(Counting(told=False), 1.0, 1.0).shown.text


def test_a_price_below_nothing_is_told_and_not_computed(panel: Panel):
    assert "A price is 0 or more." in turn(panel, price_of_1M_tokens_in=-1.0)


def test_an_error_of_the_service_is_shown_in_the_panel(mock: Mock):
    wrong = ChatCompletionsClient(mock.endpoint, AzureKeyCredential("wrong"), transport=mock.transport())
    assert "401" in budget_panel(wrong, 1.0, 1.0).shown.text


def test_every_control_has_a_label(panel: Panel):
    assert all(control.description for control in panel.controls)
