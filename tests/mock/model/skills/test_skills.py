"""The plain skills: right wherever they answer, silent where they are not sure, quick on anything."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.mock.messages import Message
from helpers.mock.model import skills
from helpers.mock.model.answers import answer
from helpers.mock.model.reading.conversation import Conversation, read
from helpers.mock.model.skills import sums
from helpers.mock.model.writing.markup import parse_markup

TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=60)
WORD = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9)


def known(question: str, *before: str, system: str = "") -> str | None:
    """What the skills say to a question, after turns that user and assistant took by turns; None where they pass."""
    messages = [Message("system", system)] if system else []
    messages += [Message(("user", "assistant")[place % 2], text) for place, text in enumerate(before)]
    said = answer(read([*messages, Message("user", question)]))
    return said.text.plain() if said.known else None


def said(question: str, *before: str, system: str = "") -> str:
    """The same, where a skill must know the answer."""
    text = known(question, *before, system=system)
    assert text is not None, question
    return text


# --- calculate --------------------------------------------------------------------------------------------------------

NUMBER = st.decimals(0, 99_999, places=2).map(str)


@given(NUMBER, st.lists(st.tuples(st.sampled_from("+-*"), NUMBER), min_size=1, max_size=4))
def test_a_sum_is_what_decimal_arithmetic_says(first, rest):
    expression = " ".join([first, *(f"{sign} {number}" for sign, number in rest)])
    by_decimal = eval(re.sub(r"[\d.]+", lambda match: f"Decimal('{match[0]}')", expression), {"Decimal": Decimal})
    value = sums.value_of(expression)
    assert value == Fraction(by_decimal)
    assert f"{sums.shown(value)[0]}." in said(f"What is {expression}?")


@given(st.integers(-999, -1), st.integers(0, 999), st.sampled_from("+-*"))
def test_a_sum_may_begin_below_zero(left, right, sign):
    value = {"+": left + right, "-": left - right, "*": left * right}[sign]
    assert f" is {value:,}." in said(f"What is {left} {sign} {right}?")


@given(st.integers(-999, 999), st.integers(1, 999))
def test_a_quotient_is_exact_or_said_to_be_rounded(left, right):
    text, exact = sums.shown(Fraction(left, right))
    assert exact == (Fraction(text.replace(",", "")) == Fraction(left, right))
    assert ("about" in said(f"What is {left} / {right}?")) == (not exact)


@given(st.integers(0, 200), st.integers(0, 5_000))
def test_a_percentage(percent, whole):
    assert said(f"What is {percent}% of {whole}?").endswith(f"is {sums.shown(Fraction(percent * whole, 100))[0]}.")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is 2 + 3 * 4?", "2 + 3 * 4 is 14."),
        ("What is (2 + 3) * 4?", "(2 + 3) * 4 is 20."),
        ("What is 7 times 8?", "7 * 8 is 56."),
        ("What is 12 x 12?", "12 * 12 is 144."),
        ("10x12", "10 * 12 is 120."),
        ("What is 2 to the power of 8?", "2 ^ 8 is 256."),
        ("compute 2**16", "2**16 is 65,536."),
        ("What is 17 * 23? Answer with the number only.", "391"),
    ],
)
def test_sums_in_words_and_signs(question, answer):
    assert said(question) == answer


@pytest.mark.parametrize(
    "question",
    [
        "What happened in 2020-2021?",
        "What does 24/7 mean?",
        "What is 24/7?",
        "What is the phone number 555-1234?",
        "What is 2024-05-17?",
        "What is 9**9**9?",
        "What is 1 / 0?",
        "What is 2 ** 99999999?",
        "1+" * 5000,
        "What is " + "(" * 60 + "1" + ")" * 60 + "?",
        "What is 3 km + 4 minutes?",
        "What is two hundred plus three?",
        "What is 10 % 3?",
    ],
)
def test_what_is_no_sum_is_not_worked_out(question):
    assert known(question) is None


@pytest.mark.parametrize(
    "question", ["List 3 reasons to exercise", "Name 5 animals that live in Africa", "List 5 fruits"]
)
def test_lists_of_what_nobody_has_named(question):
    assert known(question) is None


# --- rewrite, recall, look up -----------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=40))
def test_a_repeated_text_is_the_text(text):
    assert said(f"Say: {text}") == text


@given(WORD.filter(lambda word: word not in {"is", "are"}), WORD.map(str.title))
def test_what_was_told_is_recalled(noun, value):
    question = f"What is my favourite {noun}?"
    assert f" is {value}" in said(question, f"Hello! My favourite {noun} is {value}.", "Good.", "Thanks.", "Sure.")
    assert f" is {value}" not in said(question, "Hello!", "Hello!")


def test_names_are_recalled():
    assert "Grace" in said("What is my name?", "Hi, I'm Grace.", "Hello!")
    assert known("Write an email to my boss that my car is broken") is None


@pytest.mark.parametrize(
    ("country", "capital"), [("France", "Paris"), ("the Netherlands", "Amsterdam"), ("Bosnia", "Sarajevo")]
)
def test_capitals(country, capital):
    for question in ("What is the capital of {}?", "what's the capital of {}", "Can you tell me? Capital of {}"):
        assert (capital in (known(question.format(country)) or "")) == ("tell me" not in question)


@pytest.mark.parametrize("question", ["Hello", "Hi there!", "Who are you?", "What can you do?", "Are you ChatGPT?"])
def test_it_says_that_it_is_the_mock(question):
    assert "mock of the Azure AI Model Inference API" in said(question)


# --- all of them ------------------------------------------------------------------------------------------------------


@given(st.one_of(TEXT, st.lists(st.sampled_from(
    ["{", "}", "|", "{a|b}", "\x01", "Write", "backwards", "Sort:", "sum of", "1,", "9**9", "how many", "a", "in",
     "List six", "Classify as positive or negative:", "My name is", "what is my", "Convert", "5 km", "?"]
), max_size=12).map(" ".join)))  # fmt: skip
@settings(max_examples=200)
def test_any_text_is_answered_and_markup_in_it_is_only_text(question):
    text = answer(read([Message("user", question)])).text
    assert text.plain()
    for skill in skills.SKILLS:
        conversation = Conversation(system="", question=question, meaning=question, asked=(question,))
        written = skill.answer(conversation)
        assert written is None or parse_markup(written).plain()


def test_braces_of_a_request_are_no_choice():
    assert said("Repeat: {a|b}") == "{a|b}"


HONEST = [
    "What is Python?", "Who painted the fence?", "What is 1984 about?", "Is 7-Eleven open on Sundays?",
    "Give me 3 names for a cat", "What is the difference between a list and a tuple?",
    "Explain gravity in one sentence", "Summarise the plot of Hamlet.",
    "Write a Python function that adds two numbers", "How many people live in Berlin?", "What's the weather today?",
    "How many days does it take to fly to Mars?", "What is the best day to visit Rome?", "Make it shorter",
    "Who is the president of France?", "Sort these cities by population: Rome, Paris", "Translate this document",
    "My printer is broken, what should I do?", "What is the plural of mouse?", "What is the name of my dog's breed?",
]  # fmt: skip


@pytest.mark.parametrize("question", HONEST)
def test_outside_the_skills_the_mock_is_honest(question):
    assert known(question) is None


@pytest.mark.parametrize(
    "filler", ["a", "1", "(", "√", "a, ", "\n", "A. ", "a@", "x: ", "how many ", "1-2-3 ", "my a is b "]
)
def test_a_long_text_is_no_trap(filler):
    """Only the ends of a turn hold an instruction, and every pattern is read in time that grows with the text."""
    for head in ("Count ", "Sort: ", "Reverse: ", "What is ", "Classify as good or bad: "):
        question = (head + filler * 4_000)[:3_999]
        conversation = Conversation(system="", question=question, meaning=question, asked=(question,))
        for skill in skills.SKILLS:
            skill.answer(conversation)


def test_half_a_text_is_not_answered():
    assert known("Repeat: " + "half a text " * 1_000) is None


def test_what_was_told_in_the_same_turn_or_last_counts():
    assert "Anna" in said("My name is Anna. What is my name?")
    before = ("My favourite colour is blue.", "Noted.", "My favourite colour is green now.", "Noted.")
    assert "green" in said("What is my favourite colour?", *before)
