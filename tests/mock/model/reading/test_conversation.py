"""What a follow-up means in the light of the question before it, on generated words."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from helpers.mock.model.reading.conversation import resolve

SYLLABLES = st.sampled_from(
    "ba ke li mo nu ra sti vo zan dor fel gim hur jas pol quen tir wex yor".split()  # noqa: SIM905
)
NOUN = st.lists(SYLLABLES, min_size=2, max_size=4).map(lambda parts: "".join(parts) + "s")
PLACE = st.lists(SYLLABLES, min_size=2, max_size=4).map(lambda parts: "".join(parts).title())
VERB = st.sampled_from(["are in", "are there in", "live in", "can be found in", "are left in"])


@given(NOUN, PLACE, PLACE, VERB, st.sampled_from(["and how many of them in {}?", "And how many of these in {}?"]))
@settings(deadline=None, max_examples=60)
def test_how_many_of_them_means_what_was_counted_before(noun, first, second, verb, follow_up):
    assume(first not in second)
    meaning = resolve(follow_up.format(second), f"How many {noun} {verb} {first}?")
    assert noun in meaning
    assert second in meaning
    assert first not in meaning


@given(
    NOUN, PLACE, PLACE, st.sampled_from(["And in {}?", "and in {}", "What about {}?", "How about {}?", "But in {}?"])
)
@settings(deadline=None, max_examples=60)
def test_another_place_means_the_same_question_there(noun, first, second, follow_up):
    assume(first != second)
    meaning = resolve(follow_up.format(second), f"How many {noun} are there in {first}?")
    assert meaning == f"How many {noun} are there in {second}?"


def test_another_day_is_added_and_displaces_no_place():
    meaning = resolve("What about tomorrow?", "How is the weather in Oslo?")
    assert meaning == "How is the weather in Oslo tomorrow?"


@given(NOUN, PLACE)
@settings(deadline=None, max_examples=30)
def test_a_question_that_stands_on_its_own_is_left_alone(noun, place):
    question = f"Which {noun} were first seen near {place}?"
    assert resolve(question, "How many languages are in the world?") == question


def test_a_pronoun_brings_the_subject_along():
    assert resolve("Who built it?", "How tall is the Eiffel Tower?") == "Who built it? (How tall is the Eiffel Tower?)"


@pytest.mark.parametrize("question", ["And how many yards?", "how many yards"])
def test_what_is_counted_may_be_another_thing(question: str):
    assert resolve(question, "How many feet are in a mile?") == "How many yards are in a mile?"


def test_where_it_is_counted_may_be_another_place():
    assert resolve("And in a kilometre?", "How many feet are in a mile?") == "How many feet are in a kilometre?"
    assert resolve("And how many museums?", "How many bridges are in Ghent?") == "How many museums are in Ghent?"
    assert resolve("How many people live there?", "Who built it?").startswith("How many people live there?")
