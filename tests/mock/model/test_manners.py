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


def test_beginning_and_end_as_told():
    told = "Begin every answer with 'Well,' and end your answers with 'Cheers!'"
    assert in_manner(told, "Count to 3") == "Well, 1, 2, 3 Cheers!"
