"""The panel of lesson 09, used as a reader would: what it shows, and what it sends."""

from __future__ import annotations

import re
from typing import Any

from azure.ai.inference import EmbeddingsClient
from azure.core.credentials import AzureKeyCredential

from helpers.mock.testing import Mock
from helpers.widgets import Panel, similarity_panel

SENTENCES = ["Breakfast is from seven to ten.", "Dogs are welcome.", "Cars are parked <behind> the barn."]


def client(mock: Mock, model: str = "text-embedding-3-small") -> EmbeddingsClient:
    return EmbeddingsClient(mock.endpoint, AzureKeyCredential(mock.key), model=model, transport=mock.transport())


def panel(mock: Mock, question: str = "May I bring my puppy?", again: str = "", **options: Any) -> Panel:
    return similarity_panel(client(mock, **options), SENTENCES, question, again)


def ranking(shown: Panel) -> list[str]:
    """The sentences of the first wording, the nearest first."""
    found = re.findall("|".join(map(re.escape, SENTENCES)), shown.shown.text)
    return found[: len(SENTENCES)]


def sent(mock: Mock) -> list[dict[str, Any]]:
    return [request.json for request in mock.requests]


def test_the_nearest_sentence_stands_first_with_its_cosine(mock: Mock):
    shown = panel(mock)
    assert ranking(shown)[0] == "Dogs are welcome."
    numbers = [float(number) for number in re.findall(r"-?\d\.\d\d", shown.shown.text)]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > 0.3


def test_another_question_lines_them_up_anew(mock: Mock):
    shown = panel(mock)
    shown.controls[0].value = "Where do I leave my vehicle?"
    assert ranking(shown)[0] == "Cars are parked <behind> the barn."
    assert "<behind>" not in shown.shown.html


def test_two_wordings_stand_side_by_side_and_an_empty_one_is_left_out(mock: Mock):
    shown = panel(mock, again="Is my dog allowed?")
    assert shown.shown.text.count("Nearest to") == 2
    shown.controls[0].value = "  "
    assert shown.shown.text.count("Nearest to") == 1
    assert "Is my dog allowed?" in shown.shown.text
    shown.controls[1].value = ""
    assert "Type a question" in shown.shown.text


def test_the_sentences_are_embedded_once_for_each_length(mock: Mock):
    shown = panel(mock)
    shown.controls[0].value = "Is my dog allowed?"
    shown.controls[2].value = 64
    shown.controls[2].value = 0
    assert [(len(body["input"]), body.get("dimensions")) for body in sent(mock)] == [
        (4, None),
        (1, None),
        (4, 64),
        (1, None),
    ]


def test_with_fewer_dimensions_other_numbers_come_out(mock: Mock):
    shown = panel(mock)
    before = shown.shown.text
    shown.controls[2].value = 16
    assert shown.shown.text != before


def test_a_model_with_one_length_says_so_in_the_panel(mock: Mock):
    shown = panel(mock, model="Cohere-embed-v3-english")
    assert ranking(shown)[0] == "Dogs are welcome."
    shown.controls[2].value = 64
    assert "body.dimensions" in shown.shown.text
    shown.controls[2].value = 0
    assert ranking(shown)[0] == "Dogs are welcome."
