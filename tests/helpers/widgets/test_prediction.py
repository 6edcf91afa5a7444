"""Predict, then run: what the panel asks, answers and keeps to itself; and the questions of all lessons."""

from __future__ import annotations

import pytest

from helpers import predict
from helpers.exercises.predicting import PREDICTIONS, Choice, Question, questions
from helpers.widgets.prediction import Prediction

ASKED = Question(
    "1.z",
    "What does `complete` return?",
    (Choice("a reply"), Choice("a <text>", "That is in it."), Choice("nothing", "It would be `None`.")),
    "It returns the whole reply.",
    "ChatCompletions",
)
ALL = [one for file in sorted(PREDICTIONS.glob("*.toml")) for one in questions(file.stem).values()]


@pytest.fixture
def panel() -> Prediction:
    return Prediction(ASKED)


def commit(panel: Prediction, place: int) -> str:
    panel.choice.index = place
    assert panel.button
    panel.button.click()
    return panel.shown.text


def test_it_asks_and_nothing_is_chosen_yet(panel: Prediction):
    assert panel.choice.index is None
    assert "Choose, commit" in panel.shown.text
    assert panel.button
    panel.button.click()
    assert "Choose, commit" in panel.shown.text


def test_choosing_alone_says_nothing(panel: Prediction):
    panel.choice.index = 1
    assert "Choose, commit" in panel.shown.text


def test_the_right_choice_is_told_why(panel: Prediction):
    assert commit(panel, 0) == "✓ So it is. It returns the whole reply."


def test_a_wrong_choice_has_a_word_of_its_own_and_the_rest_is_folded(panel: Prediction):
    assert commit(panel, 1).startswith("↻ That is in it.\n")
    assert commit(panel, 2).startswith("↻ It would be `None`.\n")
    word, _, folded = panel.shown.html.partition("<details>")
    assert "<code>None</code>" in word
    assert "whole reply" not in word
    assert "a reply\nIt returns the whole reply." in folded


def test_on_paper_it_is_the_question_with_boxes_and_no_answer(panel: Prediction):
    commit(panel, 0)
    still = panel.still
    assert still.text.splitlines() == [
        "[Predict, then run]",
        "What does `complete` return?",
        "☐ a reply",
        "☐ a <text>",
        "☐ nothing",
    ]
    assert "a &lt;text&gt;" in still.html
    assert "whole reply" not in still.html
    assert "Run the cell to use it" not in still.html


def test_the_live_panel_holds_the_question_the_choices_and_the_button(panel: Prediction):
    bundle = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    box = panel.widget.children[1]
    assert "<code>complete</code>" in box.children[0].value
    assert box.children[1:] == (panel.choice, panel.button)


def test_a_number_that_there_is_not_is_an_error_that_names_the_others():
    with pytest.raises(LookupError, match=r"no prediction '1\.x' in this lesson; there are 1\.a"):
        predict("1.x")


@pytest.mark.parametrize("asked", ALL, ids=lambda asked: asked.number)
def test_a_question_has_one_right_answer_and_a_word_for_each_other(asked: Question):
    right = [choice for choice in asked.choices if not choice.word]
    assert len(right) == 1
    assert 2 <= len(asked.choices) <= 5
    assert len({choice.says for choice in asked.choices}) == len(asked.choices)
    assert asked.question.endswith("?")
    assert asked.shown.strip()
    for told in (asked.why, *(choice.word for choice in asked.choices if choice.word)):
        assert told[-1] in ".?!)"
    assert not any("`" in choice.says for choice in asked.choices), "a label shows its letters as they are"


@pytest.mark.parametrize("file", sorted(PREDICTIONS.glob("*.toml")), ids=lambda file: file.stem)
def test_the_right_answer_is_not_always_at_the_same_place(file):
    asked = questions(file.stem).values()
    places = [one.choices.index(one.right) for one in asked]
    assert len(places) < 2 or len(set(places)) > 1
    assert all(one.number.split(".")[0].zfill(2) == file.stem for one in asked)
