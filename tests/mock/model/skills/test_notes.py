"""Notes in a request: a question about them is answered from them, and where only they count, from nothing else."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.mock.messages import Message
from helpers.mock.model.answers import answer
from helpers.mock.model.reading.conversation import read

OFFICE = (
    "Breakfast is served from 7:30 to 9:00 in the canteen. Lunch costs 6 euros. The canteen is closed on Sundays. "
    "Ms Berg runs the reception."
)
WITH = f"Answer with these notes.\n\n{OFFICE}"
ONLY = f"Use only these notes: {OFFICE}"


def said(question: str, system: str = "", *before: str) -> tuple[str, bool]:
    messages = [Message("system", system)] if system else []
    messages += [Message(("user", "assistant")[place % 2], text) for place, text in enumerate(before)]
    told = answer(read([*messages, Message("user", question)]))
    return told.text.plain(), told.known


@pytest.mark.parametrize("system", [WITH, ONLY])
@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("When is breakfast served?", "Breakfast is served from 7:30 to 9:00 in the canteen."),
        ("Where can I have breakfast?", "Breakfast is served from 7:30 to 9:00 in the canteen."),
        ("What is the price of lunch?", "Lunch costs 6 euros."),
        ("Is the canteen open on Sunday?", "The canteen is closed on Sundays."),
        ("Who runs the reception?", "Ms Berg runs the reception."),
        (
            "When is breakfast served, and what does lunch cost?",
            "Breakfast is served from 7:30 to 9:00 in the canteen. Lunch costs 6 euros.",
        ),
    ],
)
def test_a_question_about_notes_is_answered_from_them(system: str, question: str, note: str):
    assert said(question, system) == (note, True)


@pytest.mark.parametrize(
    "system",
    [
        f"Answer from the context.\n\nContext:\n{OFFICE}",
        f"<documents>{OFFICE}</documents>\nAnswer from the documents.",
        f'Answer from these notes:\n"""\n{OFFICE}\n"""\nBe friendly.',
        "You know the following facts:\n- Lunch costs 6 euros.\n- The canteen is closed on Sundays.",
        "Sources:\n[1] Lunch costs 6 euros.\n[2] The canteen is closed on Sundays.",
        "Use the information in this handbook: 1. Lunch costs 6 euros.\n2. The canteen is closed on Sundays.",
    ],
)
def test_notes_stand_in_many_ways(system: str):
    assert said("How much is lunch?", system) == ("Lunch costs 6 euros.", True)


def test_notes_may_stand_above_the_question():
    asked = f"Answer only from the context.\n\nContext:\n- The museum opens at ten.\n- {OFFICE}\n\nQuestion: "
    assert said(f"{asked}When does the museum open?") == ("The museum opens at ten.", True)
    assert said(f"{asked}Who painted the Mona Lisa?")[0] in {
        "The context does not say that.",
        "That is not in the context.",
    }
    assert said("<notes>\nThe museum opens at ten.\n</notes>\nWhen does the museum open?")[1]


OUTSIDE = ["Who painted the Mona Lisa?", "What is the capital of France?", "When is dinner?", "Who serves breakfast?",
           "How many feet are in a mile?", "How many languages are in the world?", "What is 12 * 12?"]  # fmt: skip


@pytest.mark.parametrize("question", OUTSIDE)
@pytest.mark.parametrize(
    "system", [ONLY, f"Answer with nothing but the notes. {OFFICE}", f"Do not use other knowledge.\nNotes: {OFFICE}"]
)
def test_with_only_these_notes_a_question_beside_them_is_not_answered(system: str, question: str):
    assert said(question, system)[0] in {"The notes do not say that.", "That is not in the notes."}


def test_it_is_said_in_the_words_that_are_asked_for():
    system = f"{ONLY}\nIf the answer is not there, reply with 'I do not know.'"
    assert said("Who painted the Mona Lisa?", system) == ("I do not know.", True)
    assert said("How much is lunch?", system) == ("Lunch costs 6 euros.", True)


def test_without_only_what_is_known_otherwise_is_told():
    assert said("Who painted the Mona Lisa?", WITH) == ("Leonardo da Vinci painted the Mona Lisa.", True)
    assert not said("When is dinner?", WITH)[1]


def test_notes_go_before_what_is_known_otherwise():
    system = "Notes:\n- The capital of France is Lyon, says this test.\n- It rains."
    assert said("What is the capital of France?", system)[0] == "The capital of France is Lyon, says this test."


@pytest.mark.parametrize("text", ["Hello", "Thanks!", "Thank you very much"])
def test_courtesies_are_answered_as_ever(text: str):
    assert said(text, ONLY) == said(text)


def test_a_follow_up_is_about_the_notes_too():
    assert said("And how much is dinner?", ONLY, "How much is lunch?", "Lunch costs 6 euros.")[1]
    assert said("What about lunch?", ONLY, "What does breakfast cost?", "The notes do not say that.") == (
        "Lunch costs 6 euros.",
        True,
    )


@pytest.mark.parametrize(
    "system",
    [
        "You write release notes. Be brief.",
        "You are a helpful assistant that finds information about travelling.",
        "Classify the text that is given.",
        "Answer in one sentence.",
    ],
)
def test_other_system_texts_bring_no_notes(system: str):
    assert "Paris" in said("What is the capital of France?", system)[0]


def test_the_best_sentence_of_a_long_note_is_told():
    colours = ("blue", "green", "red", "white", "black", "yellow", "brown", "grey")
    long = " ".join(f"The {colour} room has {len(colour)} chairs and a table of wood." for colour in colours)
    told, known = said("How many chairs has the yellow room?", f"Notes:\n- {long}\n- Lunch costs 6 euros.")
    assert (told, known) == ("The yellow room has 6 chairs and a table of wood.", True)


@pytest.mark.parametrize(
    "piece", ["notes ", "<notes>", '"""', "if not say ", "only the notes ", "a: ", "- \n", "context:\n", "1. x\n"]
)
def test_long_notes_take_no_long_time(piece: str):
    text = piece * (60_000 // len(piece))
    start = process_time()
    said("When is breakfast served in the canteen?", text)
    said(f"{text[:3_900]}\nWhen is breakfast served?")
    assert process_time() - start < 1


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.text(max_size=80))
def test_any_notes_can_be_asked_about(notes: str, question: str):
    assert said(question, f"Only these notes:\n{notes}")[0]
