"""What the mock says holds beyond the lessons' examples: follow-ups, memory and manner on generated words."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from helpers.mock.http import Request
from helpers.mock.jsonio import dumps, loads
from helpers.mock.model.answers import answer
from helpers.mock.model.lessons import entries
from helpers.mock.model.reading.conversation import read, resolve
from helpers.mock.model.writing.markup import parse_markup
from helpers.mock.service import Service

SERVICE = Service()
SYLLABLES = st.sampled_from(
    "ba ke li mo nu ra sti vo zan dor fel gim hur jas pol quen tir wex yor".split()  # noqa: SIM905
)
NOUN = st.lists(SYLLABLES, min_size=2, max_size=4).map(lambda parts: "".join(parts) + "s")
PLACE = st.lists(SYLLABLES, min_size=2, max_size=4).map(lambda parts: "".join(parts).title())
VERB = st.sampled_from(["are in", "are there in", "live in", "can be found in", "are left in"])


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
    assert said.endswith("point the same code at a deployment of yours.")


@given(NOUN, PLACE)
@settings(deadline=None, max_examples=30)
def test_the_answer_reflects_the_meaning_and_not_only_the_words(noun, place):
    text = say(f"How many {noun} are in Somewhere?", f"and how many of them in {place}?")
    assert f"how many {noun}" in text.lower()
    alone = say(f"and how many of them in {place}?")
    assert noun not in alone


@given(NOUN, PLACE)
@settings(deadline=None, max_examples=30)
def test_a_question_that_stands_on_its_own_is_left_alone(noun, place):
    question = f"Which {noun} were first seen near {place}?"
    assert resolve(question, "How many languages are in the world?") == question


def test_a_pronoun_brings_the_subject_along():
    assert resolve("Who built it?", "How tall is the Eiffel Tower?") == "Who built it? (How tall is the Eiffel Tower?)"


@given(NOUN, PLACE)
@settings(deadline=None, max_examples=30)
def test_what_was_told_is_recalled(noun, value):
    assert value in say(f"Hello! My favourite {noun} is {value}.", "Thanks.", f"What is my favourite {noun}?")
    assert value not in say("Hello!", f"What is my favourite {noun}?")


@given(st.integers(-999, 999), st.integers(-999, 999), st.sampled_from("+-*"))
@settings(deadline=None, max_examples=60)
def test_sums_are_right(left, right, sign):
    assume(right >= 0)
    value = {"+": left + right, "-": left - right, "*": left * right}[sign]
    assert f"{value:,}" in say(f"What is {left} {sign} {right}?")


@pytest.mark.parametrize("question", ["What is 1 / 0?", "What is 2 ** 99999999?", "Calculate (((((1)))))", "1+" * 5000])
def test_sums_that_are_none_do_no_harm(question):
    assert say(question)


@given(st.integers(0, 300), st.integers(0, 300))
@settings(deadline=None, max_examples=30)
def test_counting(first, last):
    step = 1 if last >= first else -1
    assert say(f"Count from {first} to {last}") == ", ".join(map(str, range(first, last + step, step)))


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=40))
@settings(deadline=None, max_examples=80)
def test_a_repeated_text_is_the_text(text):
    conversation = read([{"role": "user", "content": f"Say: {text}"}])
    assert answer(conversation).text.plain() == text


@pytest.mark.parametrize("count", ["one", "two", "3"])
def test_so_many_sentences(count):
    conversation = read(
        [
            {"role": "system", "content": f"Answer in {count} sentences, please."},
            {"role": "user", "content": "Who painted the fence?"},
        ]
    )
    sentences = re.findall(r"[.!?]”?(?=\s|$)", answer(conversation).text.plain())
    assert len(sentences) == {"one": 1, "two": 2, "3": 3}[count]


def in_manner(system, question="How many languages are in the world?"):
    messages = [{"role": "system", "content": system}, {"role": "user", "content": question}]
    return answer(read(messages)).text.plain()


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


@pytest.mark.parametrize("place", ["Antarctica", "Utrecht", "the Alps"])
def test_the_world_is_not_the_answer_for_every_place(place):
    assert "7,000" not in say(f"How many languages are in {place}?")
    assert "7,000" not in say("How many languages are in the world?", f"And how many of them in {place}?")


def test_beginning_and_end_as_told():
    messages = [
        {"role": "system", "content": "Begin every answer with 'Well,' and end your answers with 'Cheers!'"},
        {"role": "user", "content": "Count to 3"},
    ]
    assert answer(read(messages)).text.plain() == "Well, 1, 2, 3 Cheers!"


def test_only_the_first_style_of_a_kind_and_all_lesson_answers_parse():
    for entry in entries():
        text = parse_markup(entry.say)
        assert "{" not in text.plain()
        assert "|" not in text.plain()
