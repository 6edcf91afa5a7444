"""The panel of lesson 01, used as a reader would: what it shows, and what it sends."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential

from helpers.mock import Error
from helpers.mock.testing import Mock
from helpers.widgets import Panel, chat, chat_panel

SYSTEM, REMEMBER, MESSAGE, AGAIN = range(4)  # the places of the controls


def client(mock: Mock, key: str = "") -> ChatCompletionsClient:
    credential = AzureKeyCredential(key or mock.key)
    return ChatCompletionsClient(mock.endpoint, credential, model="mistral-large-2407", transport=mock.transport())


@pytest.fixture
def panel(mock: Mock) -> Panel:
    return chat_panel(client(mock))


def send(panel: Panel, text: str) -> str:
    """What the panel shows after a message."""
    panel.controls[MESSAGE].value = text
    assert panel.button
    panel.button.click()
    return panel.shown.text


def sent(mock: Mock) -> list[tuple[str, str]]:
    """The messages of the last request: who, and what."""
    return [(message["role"], message["content"]) for message in mock.requests.last.json["messages"]]


def prompt_tokens(panel: Panel) -> list[int]:
    return [int(count) for count in re.findall(r"(\d+) prompt", panel.shown.text)]


def test_it_starts_with_a_question_and_its_answer_and_the_next_question_ready(panel: Panel, mock: Mock):
    assert panel.shown.text.startswith("You: How many languages are in the world?\nModel: There are about 7,000")
    assert panel.controls[MESSAGE].value == "And how many of them in Europe?"
    assert len(mock.requests) == 1


def test_the_turns_before_are_sent_along_and_paid_for_again(panel: Panel, mock: Mock):
    text = send(panel, "And how many of them in Europe?")
    assert [who for who, _ in sent(mock)] == ["system", "user", "assistant", "user"]
    assert "300" in text.split("Europe?")[1]
    first, second = prompt_tokens(panel)
    assert second > first + 60, "the whole first answer is in the second prompt"


def test_without_memory_each_turn_stands_alone_and_costs_little(panel: Panel, mock: Mock):
    panel.controls[REMEMBER].value = False
    text = send(panel, "And how many of them in Europe?")
    assert [who for who, _ in sent(mock)] == ["system", "user"]
    assert "languages, close to 300" not in text, "whose, it cannot know"
    first, second = prompt_tokens(panel)
    assert abs(second - first) < 10


def test_changing_memory_or_the_system_text_sends_nothing_by_itself(panel: Panel, mock: Mock):
    panel.controls[REMEMBER].value = False
    panel.controls[SYSTEM].value = "You are a pirate."
    assert len(mock.requests) == 1


def test_the_system_text_goes_first_and_an_empty_one_not_at_all(panel: Panel, mock: Mock):
    panel.controls[SYSTEM].value = "You answer in one word."
    send(panel, "Name a colour.")
    assert sent(mock)[0] == ("system", "You answer in one word.")
    panel.controls[SYSTEM].value = "  "
    send(panel, "Name a colour.")
    assert sent(mock)[0][0] == "user"


def test_each_turn_has_a_bar_with_what_it_cost_and_the_dearest_is_longest(panel: Panel):
    send(panel, "And how many of them in Europe?")
    rows = [line for line in panel.shown.text.splitlines() if line.startswith("turn ")]
    assert [row.split("  ")[0] for row in rows] == ["turn 1", "turn 2"]
    assert rows[0].count("█") < rows[1].count("█"), "the prompt grows"
    assert rows[0].count("░") > rows[1].count("░"), "the second answer is shorter"
    assert max(row.count("█") + row.count("░") for row in rows) in (19, 20, 21)
    assert all(re.search(r"\d+ prompt \+ \d+ completion$", row) for row in rows)


def test_the_field_is_empty_after_sending_and_an_empty_message_is_not_sent(panel: Panel, mock: Mock):
    send(panel, "Name a colour.")
    assert panel.controls[MESSAGE].value == ""
    before = panel.shown.text
    assert send(panel, "   ") == before
    assert len(mock.requests) == 2


def test_enter_in_the_message_field_sends(panel: Panel, mock: Mock):
    panel.controls[MESSAGE].value = "Name a colour."
    panel.controls[MESSAGE]._handle_custom_msg({"event": "submit"}, [])
    assert sent(mock)[-1] == ("user", "Name a colour.")


def test_enter_waits_for_the_letters_that_it_has_overtaken(panel: Panel, mock: Mock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(chat, "_ON_THEIR_WAY", 0)

    async def kernel() -> None:
        panel.controls[MESSAGE].value = "Name a col"
        panel.controls[MESSAGE]._handle_custom_msg({"event": "submit"}, [])
        panel.controls[MESSAGE].value = "Name a colour."
        emptied = asyncio.Event()
        panel.controls[MESSAGE].observe(lambda change: None if change.new else emptied.set(), "value")
        await asyncio.wait_for(emptied.wait(), 10)

    asyncio.run(kernel())
    assert sent(mock)[-1] == ("user", "Name a colour.")


def test_start_again_forgets_the_turns(panel: Panel, mock: Mock):
    panel.controls[AGAIN].click()
    assert panel.shown.text == "Nothing has been said yet."
    send(panel, "Name a colour.")
    assert [who for who, _ in sent(mock)] == ["system", "user"]
    assert len(prompt_tokens(panel)) == 1


def test_what_was_not_answered_is_not_lost_and_not_remembered(mock: Mock, panel: Panel):
    mock.replies(Error(400, message="not <this>"), "Blue.")
    text = send(panel, "Name a colour.")
    assert "400" in text
    assert "not <this>" in text
    assert panel.controls[MESSAGE].value == "Name a colour."
    assert "You: Name a colour.\nModel: Blue." in send(panel, "Name a colour.")
    assert [who for who, _ in sent(mock)].count("user") == 2


def test_a_cut_answer_says_that_it_was_cut(mock: Mock, panel: Panel):
    mock.reply("Blue and", finish_reason="length")
    assert "Model: Blue and [length]" in send(panel, "Name some colours.")


def test_characters_in_messages_are_escaped_and_the_log_is_announced(panel: Panel):
    send(panel, "What is <b>?")
    assert "What is &lt;b&gt;?" in panel.shown.html
    assert '<div role="log" aria-label="conversation" tabindex="0"' in panel.shown.html


def test_the_conversation_is_above_its_field_in_a_box_that_scrolls_and_its_costs_are_below(panel: Panel):
    send(panel, "Name a colour.")
    parts = [panel.output, *panel.under, panel.below]
    row, *rest = panel.widget.children[2:]
    assert row is parts[0]
    assert [*rest[0].children[:1], rest[1]] == [panel.controls[MESSAGE], panel.below]
    assert "column-reverse" in panel.output.value, "so it begins at its end"
    assert "overflow-y: auto" in panel.output.value
    assert "Tokens of each turn" not in panel.output.value
    assert "Tokens of each turn" in panel.below.value


def test_prompt_and_completion_are_told_apart_by_colour_and_without(panel: Panel):
    html = panel.below.value
    assert "#1976d2" in html
    assert "repeating-linear-gradient" in html
    assert "#c75b12" in panel.output.value


def test_a_refused_question_leaves_the_conversation_in_sight(mock: Mock, panel: Panel):
    mock.replies(Error(400, message="not this"))
    text = send(panel, "Name a colour.")
    assert "How many languages" in text
    assert "not this" in text


def test_thousands_are_written_with_a_comma():
    def answer(prompt: int) -> Any:
        usage = type("Usage", (), {"prompt_tokens": prompt, "completion_tokens": 2_345})
        choice = type("Choice", (), {"message": type("Message", (), {"content": "Yes."}), "finish_reason": "stop"})
        return type("Reply", (), {"choices": [choice], "usage": usage})

    client: Any = type("Client", (), {"complete": lambda self, **_: answer(12_000)})()
    assert "12,000 prompt + 2,345 completion" in chat_panel(client).shown.text


def test_an_endpoint_that_counts_no_tokens_gets_no_bars():
    class Silent:
        def complete(self, **_: Any) -> Any:
            message = type("Message", (), {"content": "Many."})
            choice = type("Choice", (), {"message": message, "finish_reason": "stop"})
            return type("Reply", (), {"choices": [choice], "usage": None})

    assert chat_panel(Silent()).shown.text.splitlines() == ["You: How many languages are in the world?", "Model: Many."]


def test_a_wrong_key_is_told_in_the_panel(mock: Mock):
    assert "401" in chat_panel(client(mock, "wrong")).shown.text


def test_every_control_has_a_label(panel: Panel):
    assert all(control.description for control in panel.controls)
