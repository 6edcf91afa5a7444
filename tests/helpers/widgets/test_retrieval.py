"""The panel of lesson 09, used as a reader would: what it shows, and what it sends."""

from __future__ import annotations

import re
from typing import Any

import pytest
from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient
from azure.core.credentials import AzureKeyCredential

from helpers.mock.testing import Mock
from helpers.widgets import Panel, retrieval_panel

NOTES = ["Breakfast is from seven to ten.", "Dogs are welcome.", "Cars are parked <behind> the barn."]


def panel(mock: Mock, question: str = "May I bring my puppy?", model: str = "text-embedding-3-small") -> Panel:
    key = AzureKeyCredential(mock.key)
    client = EmbeddingsClient(mock.endpoint, key, model=model, transport=mock.transport())
    chat = ChatCompletionsClient(mock.endpoint, key, model="mistral-large-2407", transport=mock.transport())
    return retrieval_panel(client, chat, NOTES, question)


def controls(shown: Panel) -> dict[str, Any]:
    return {control.description.partition(" ")[0]: control for control in shown.controls}


def ranking(shown: Panel) -> list[str]:
    """The notes, the nearest first."""
    return re.findall("|".join(map(re.escape, NOTES)), shown.shown.text)[: len(NOTES)]


def prompts(mock: Mock) -> list[str]:
    return [request.system_text for request in mock.requests if request.operation == "chat"]


def test_the_nearest_note_stands_first_with_its_cosine_and_becomes_the_answer(mock: Mock):
    shown = panel(mock)
    assert ranking(shown)[0] == "Dogs are welcome."
    numbers = [float(number) for number in re.findall(r"-?\d\.\d\d", shown.shown.text)]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > 0.3
    assert "Answer from 2 notes: Dogs are welcome [1]." in shown.shown.text


def test_another_question_lines_them_up_anew(mock: Mock):
    shown = panel(mock)
    controls(shown)["question"].value = "Where do I leave my vehicle?"
    assert ranking(shown)[0] == "Cars are parked <behind> the barn."
    assert "<behind>" not in shown.shown.html
    controls(shown)["question"].value = "  "
    assert "Type a question" in shown.shown.text


@pytest.mark.parametrize("most", [1, 3])
def test_so_many_notes_go_into_the_prompt_in_their_order(mock: Mock, most: int):
    shown = panel(mock)
    controls(shown)["notes"].value = most
    lines = prompts(mock)[-1].splitlines()
    assert [line for line in lines if re.match(r"\[\d\] ", line)] == [
        f"[{number}] {note}" for number, note in enumerate(ranking(shown)[:most], 1)
    ]


def test_without_notes_the_model_answers_alone_and_with_them_it_does_not_tell(mock: Mock):
    shown = panel(mock, "Who painted the Mona Lisa?")
    assert "The notes do not tell." in shown.shown.text
    controls(shown)["notes"].value = 0
    assert "Answer without notes: Leonardo da Vinci" in shown.shown.text
    assert prompts(mock)[-1] == ""


def test_the_notes_are_embedded_once_for_each_length(mock: Mock):
    shown = panel(mock)
    controls(shown)["question"].value = "Is my dog allowed?"
    controls(shown)["dimensions"].value = 64
    controls(shown)["dimensions"].value = 0
    sent = [request.json for request in mock.requests if request.operation == "embeddings"]
    assert [(len(body["input"]), body.get("dimensions")) for body in sent] == [(4, None), (1, None), (4, 64), (1, None)]


def test_with_fewer_dimensions_other_numbers_come_out(mock: Mock):
    shown = panel(mock)
    before = shown.shown.text
    controls(shown)["dimensions"].value = 16
    assert shown.shown.text != before


def test_a_model_with_one_length_says_so_in_the_panel(mock: Mock):
    shown = panel(mock, model="Cohere-embed-v3-english")
    assert ranking(shown)[0] == "Dogs are welcome."
    controls(shown)["dimensions"].value = 64
    assert "body.dimensions" in shown.shown.text
    controls(shown)["dimensions"].value = 0
    assert ranking(shown)[0] == "Dogs are welcome."
