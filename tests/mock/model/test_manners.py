"""The manner of an answer is the one that the system text asks for, whatever the answer."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.mock.messages import Message
from helpers.mock.model.answers import answer
from helpers.mock.model.reading.conversation import read


def in_manner(system, question="How many languages are in the world?"):
    return answer(read([Message("system", system), Message("user", question)])).text.plain()


@pytest.mark.parametrize("count", ["one", "two", "3"])
def test_so_many_sentences(count):
    said = in_manner(f"Answer in {count} sentences, please.", "Who painted the fence?")
    sentences = re.findall(r"[.!?]”?(?=\s|$)", said)
    assert len(sentences) == {"one": 1, "two": 2, "3": 3}[count]


@pytest.mark.parametrize(
    ("count", "said"),
    [
        ("one", "7,000."),
        ("three", "About 7,000 languages."),
        ("five", "There are about 7,000 languages."),
        ("six", "About 7,000 languages in the world."),
        ("sıx", "About 7,000 languages in the world."),
        ("ten", "There are about 7,000 languages in the world today."),
    ],
)
def test_so_many_words_say_something(count, said):
    assert in_manner(f"Answer in {count} words.") == said


@given(st.integers(1, 40))
@settings(deadline=None, max_examples=40)
def test_never_more_words_than_told(count):
    for question in ("How many languages are in the world?", "Who painted the fence?"):
        assert 1 <= len(in_manner(f"Use at most {count} words.", question).split()) <= count


def test_brief_is_one_sentence():
    assert in_manner("Be brief.") == in_manner("Answer in one sentence.") != in_manner("You are a helpful assistant.")


def test_beginning_as_told():
    assert in_manner("Begin every answer with 'Well,'", "Say: 1, 2, 3") == "Well, 1, 2, 3"


# --- a wish in the question -------------------------------------------------------------------------------------------

LANGUAGES = "How many languages are in the world?"
SENTENCE = "There are about 7,000 languages in the world today."


def asked(*turns):
    """What is said to the last of these user turns; those before it were answered."""
    earlier = [message for turn in turns[:-1] for message in (Message("user", turn), Message("assistant", "I see."))]
    return answer(read([*earlier, Message("user", turns[-1])])).text.plain()


@pytest.mark.parametrize(
    "question",
    [
        f"{LANGUAGES} Answer in one sentence.",
        "In one sentence: how many languages are in the world?",
        "How many languages are in the world, in one sentence?",
        f"{LANGUAGES} In at most 20 words, please.",
        f"Please be brief. {LANGUAGES}",
    ],
)
def test_a_wish_in_the_question_is_followed_like_one_in_the_system_text(question):
    assert asked(question) == SENTENCE == in_manner("Answer in one sentence.")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (f"{LANGUAGES} A number only.", "7,000"),
        (f"{LANGUAGES} Answer with just a number, please.", "7,000"),
        (f"Only the number, please: {LANGUAGES}", "7,000"),
        ("How many languages are in Europe? Just the number.", "300"),
        ("What is 12 * 12? A number only.", "144"),
        ("What is the capital of France? Answer in one word.", "Paris"),
        ("What is the capital of France? In capitals.", "THE CAPITAL OF FRANCE IS PARIS."),
        (f'{LANGUAGES} Begin your answer with "Ahoy!" In one sentence.', f"Ahoy! {SENTENCE}"),
    ],
)
def test_wishes_about_form(question, said):
    assert asked(question) == said


@pytest.mark.parametrize("wish", ["Answer with a number only.", "Nothing but the number.", "Just a single number!"])
def test_a_number_alone_for_the_system_text(wish):
    assert in_manner(wish) == "7,000"
    assert in_manner(f"{wish} Answer in French.") == "7 000"


def test_a_turn_that_is_only_a_wish_is_about_the_turn_before():
    assert asked(LANGUAGES, "In one sentence, please.") == SENTENCE
    assert asked(LANGUAGES, "And in Europe?", "A number only.") == "300"


@pytest.mark.parametrize(
    "question",
    [
        "What are the capitals of Europe?",
        "How many letters are in a word?",
        'What does "in one sentence" mean?',
        "Translate into French: He told me in one sentence.",
        "How tall is the Eiffel Tower? A number only.",
        "Who painted the fence? In at most ten words.",
    ],
)
def test_what_is_quoted_or_not_known_is_told_in_full(question):
    assert f"You asked: “{question}”" in asked(question)
