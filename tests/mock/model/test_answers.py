"""The mock reflects what it was asked, in the light of the conversation; a lesson's answer is for its question."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from helpers.mock.http import Request
from helpers.mock.jsonio import dumps, loads
from helpers.mock.messages import Message
from helpers.mock.model.answers import answer
from helpers.mock.model.lessons import entries
from helpers.mock.model.reading.conversation import read
from helpers.mock.model.writing.markup import parse_markup
from helpers.mock.service import Service

SERVICE = Service()
SYLLABLES = st.sampled_from(
    "ba ke li mo nu ra sti vo zan dor fel gim hur jas pol quen tir wex yor".split()  # noqa: SIM905
)
NOUN = st.lists(SYLLABLES, min_size=2, max_size=4).map(lambda parts: "".join(parts) + "s")
PLACE = st.lists(SYLLABLES, min_size=2, max_size=4).map(lambda parts: "".join(parts).title())


def say(*turns: str) -> str:
    """What the mock answers to the last of these user turns."""
    messages = []
    for turn in turns:
        messages += [{"role": "user", "content": turn}, {"role": "assistant", "content": "..."}]
    body = dumps({"model": "mistral-large-2407", "messages": messages[:-1]})
    headers = {"api-key": "mock-key", "content-type": "application/json"}
    query = {"api-version": "2024-05-01-preview"}
    response = SERVICE.handle(Request("POST", "/models/chat/completions", query, headers, body))
    assert response.status == 200
    return loads(response.body)["choices"][0]["message"]["content"]


@given(NOUN, PLACE, PLACE, PLACE)
@settings(deadline=None, max_examples=30)
def test_a_chain_of_follow_ups_keeps_the_thread(noun, first, second, third):
    assume(len({first, second, third}) == 3 and first not in third)
    text = say(f"How many {noun} are in {first}?", f"And in {second}?", f"and how many of them in {third}?")
    assert noun in text
    assert third in text
    assert first not in text


@pytest.mark.parametrize("question", ["Why {this|that}? } | {", "Why \0 so \0?", "Why\u2581so?", "Why not, “then”?"])
def test_the_honest_answer_quotes_whatever_was_asked_and_loses_none_of_its_own_words(question):
    said = say(question)
    assert f"“{question}”".replace("\u2581", " ") in said
    assert said.endswith("lay one down in a script, or let a real model write it with `--upstream`.")


def test_the_honest_answer_is_short_and_says_that_it_is_the_mock():
    said = say("Who painted the fence?")
    assert "mock" in said
    assert len(said) < 300
    assert len(say("Who painted the fence? " * 100)) < 420


def test_from_the_third_time_on_the_log_knows_once_that_a_conversation_goes_in_circles(caplog):
    turns = []
    for place in range(5):
        turns += [Message("user", f"Who painted the fence {place}?")]
        turns += [Message("assistant", answer(read(turns)).text.plain())]
        assert len(caplog.records) == (place >= 2)
    assert "script" in caplog.text
    assert "--upstream" in caplog.text


def test_a_system_message_alone_is_the_prompt():
    assert answer(read([Message("system", "What is 12 * 12?")])).text.plain() == "12 * 12 is 144."


@given(NOUN, PLACE)
@settings(deadline=None, max_examples=30)
def test_the_answer_reflects_the_meaning_and_not_only_the_words(noun, place):
    text = say(f"How many {noun} are in Somewhere?", f"and how many of them in {place}?")
    assert f"how many {noun}" in text.lower()
    alone = say(f"and how many of them in {place}?")
    assert noun not in alone


@pytest.mark.parametrize("place", ["Antarctica", "Utrecht", "the Alps"])
def test_the_world_is_not_the_answer_for_every_place(place):
    assert "7,000" not in say(f"How many languages are in {place}?")
    assert "7,000" not in say("How many languages are in the world?", f"And how many of them in {place}?")


def test_only_the_first_style_of_a_kind_and_all_lesson_answers_parse():
    for entry in entries():
        text = parse_markup(entry.say)
        assert "{" not in text.plain()
        assert "|" not in text.plain()
