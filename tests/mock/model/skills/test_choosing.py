"""Choosing: one of what the request offers, as it is spelled there; the likest, else the first; never anything else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.mock.messages import Message
from helpers.mock.model.answers import answer
from helpers.mock.model.reading.conversation import read
from helpers.mock.model.reading.likeness import likest
from helpers.mock.model.skills.choosing import offered
from tests.support.made_up import made_up, names, nouns, several


def said(question: str, *before: str, system: str = "") -> str:
    messages = [Message("system", system)] if system else []
    messages += [Message(("user", "assistant")[place % 2], text) for place, text in enumerate(before)]
    told = answer(read([*messages, Message("user", question)]))
    assert told.known, question
    return told.text.plain()


SELECTOR = """You are in a role play game. The following roles are available:
{roles}

Read the following conversation. Then select the next role from {listed} to play. Only return the role.

{history}

Read the above conversation. Then select the next role from {listed} to play. Only return the role."""


@made_up(30)
@given(several(names, 3), several(nouns, 3), st.integers(0, 2))
def test_the_one_whose_description_the_talk_is_about_speaks_next(roles: list[str], things: list[str], place: int):
    described = "\n".join(f"{role}: Knows about the {thing}." for role, thing in zip(roles, things, strict=True))
    history = f"user: Please tell me about the {things[place]}."
    assert said(SELECTOR.format(roles=described, listed=roles, history=history)) == roles[place]


@made_up(30)
@given(several(names, 3), st.integers(0, 2))
def test_nobody_speaks_twice_in_a_row(roles: list[str], last: int):
    described = "\n".join(f"{role}: One of us." for role in roles)
    history = f"user: Begin.\n{roles[last]}: It is done."
    assert said(SELECTOR.format(roles=described, listed=roles, history=history)) in {*roles} - {roles[last]}


WAYS = (
    ("Choose one of {row}. Answer with the name only.", "{text}"),
    ("Classify the message into one of these categories: {row}.", "{text}"),
    ("Categories: {row}. Reply with only the category.", "{text}"),
    ("Choose the best agent for the request. Reply with the name only.\n\nAgents:\n{lines}", "{text}"),
    ("Pick the label that fits. The labels are [{quoted}]. Output only the label.", "{text}"),
    ("You route tickets. Departments: {row}. Respond with exactly one department and nothing else.", "{text}"),
    ("Queue names: {row}. One queue for each ticket; output just that.", "{text}"),
)


@pytest.mark.parametrize(("system", "turn"), WAYS)
@made_up(12)
@given(several(nouns, 4), st.integers(0, 3))
def test_the_option_that_the_text_names_is_chosen_and_else_the_first(
    system: str, turn: str, options: list[str], place: int
):
    told = system.format(
        row=", ".join(options),
        lines="\n".join(f"- {option}: for some requests" for option in options),
        quoted=", ".join(f"'{option}'" for option in options),
    )
    text = turn.format(text=f"My neighbour has a new {options[place]}.")
    assert said(text, system=told) == options[place]
    assert said(f"{told}\n\n{text}") == options[place]
    assert said("Nobody came to the party.", system=told) == options[0]


@made_up(20)
@given(several(nouns, 4), st.integers(0, 3))
def test_where_letters_are_wanted_the_letter_is_given(options: list[str], place: int):
    listed = "\n".join(f"{letter}) {option}" for letter, option in zip("ABCD", options, strict=True))
    question = (
        f"What did she bring? She brought the {options[place]}.\n\nOptions:\n{listed}\n\nAnswer with the letter only."
    )
    assert said(question) in {*"ABCD"}


@pytest.mark.parametrize(
    "asked",
    ["Answer yes or no: {text}", "{text} Answer only 'yes' or 'no'.", "{text}\nReply with yes/no.",
     "Give a binary score 'yes' or 'no' to indicate whether the document is relevant.\n\nDocument:\n{text}"],
)  # fmt: skip
@made_up(10)
@given(nouns)
def test_yes_or_no_is_one_of_both(asked: str, thing: str):
    assert said(asked.format(text=f"Is the {thing} here?")).lower() in {"yes", "no"}


@made_up(20)
@given(st.integers(0, 3), st.integers(4, 100), nouns)
def test_a_score_lies_in_its_range(low: int, high: int, thing: str):
    for asked in (f"Rate the answer on a scale from {low} to {high}", f"Give it a score between {low} and {high}"):
        assert low <= int(said(f"{asked}. Only the number.\n\nAnswer: a {thing}")) <= high


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("Classify the sentiment as positive, negative or neutral: I love this phone!", "positive"),
        ("Classify the sentiment as positive, negative or neutral: The food was not good.", "negative"),
        ("Classify as POSITIVE or NEGATIVE. Text: What a waste of money.", "NEGATIVE"),
        ("Which category: billing, technical, other?\nI was charged twice for my subscription.", "billing"),
        ("Which category: billing, technical, other?\nWhere are you located?", "other"),
        ("Is this review positive or negative? The screen is gorgeous.", "positive"),
        ("Review: great plot\nSentiment: good\n\nReview: awful plot\nSentiment: bad\n\nReview: I hate it\nSentiment:",
         "bad"),
    ],
)  # fmt: skip
def test_labels_that_the_table_explains(question: str, label: str):
    assert said(question) == label


def test_each_text_of_a_numbered_list_gets_its_own_label():
    each = "Classify each review as positive or negative. Write its number and the label, one line for each."
    assert said(f"{each}\n\n1. A lovely breakfast!\n2. The shower was cold.") == "1. positive\n2. negative"


def test_examples_show_the_form_of_the_label():
    assert said("What a great day", "I love it", "#positive", "I hate it", "#negative") == "#positive"


@given(several(nouns, 2, 6), st.text(max_size=200))
def test_what_is_likest_was_an_option(options: list[str], text: str):
    assert likest(dict.fromkeys(options, ""), text) in options


@pytest.mark.parametrize(
    "question",
    ["What is the difference between a list and a tuple?", "Give me 3 names for a cat", "Is it raining or not?",
     "Write about cats, dogs and birds", "Sort these cities by population: Rome, Paris", "Tell me about categories",
     "Ingredients: flour, eggs, sugar. Choose a title for the cake."],
)  # fmt: skip
def test_what_offers_no_choice_is_not_chosen_from(question: str):
    assert not answer(read([Message("user", question)])).known


@made_up(10)
@given(several(nouns, 2))
def test_what_is_set_against_something_else_is_no_option(words: list[str]):
    one, other = words
    assert offered(f"Return it as the {one}, not a {other}. Pick one of the rest.") == {}
    assert [*offered(f"Classify it as {one} or not {other}.")] == [one, f"not {other}"]


@pytest.mark.parametrize("filling", [" ", "\t", "\n", "- ", "a: ", "a or ", "a, ", "a | "])
def test_a_long_instruction_costs_in_proportion_to_its_length(filling: str):
    """Blanks by the thousand, and rows without an end, once kept the mock busy for minutes."""

    def took(length: int) -> float:
        told = f"Classify it as one of the labels: {filling * (length // len(filling))}\nThat is all."
        start = time.process_time()
        answer(read([Message("system", told), Message("user", "What about Rome?")]))
        return time.process_time() - start

    took(100)  # what is loaded once
    assert took(20_000) < 1


JUDGING = (
    ("Is the answer in line with the text? Answer either YES or NO.\n\nAnswer: {told}\nText: {text}\n", "YES", "NO"),
    ("Judge the answer. Your score has to be between 1 and 5.\n\n## Answer\n{told}\n\n## Text\n{text}\n", "5", "1"),
    (
        "Judge the answer with a score between 1 and 5. Give your reasoning on a separate line.\n\n"
        "## Answer\n{told}\n\n## Text\n{text}\n",
        "5\nThe answer says what was asked for.",
        "1\nThere is no answer to judge.",
    ),
)


@pytest.mark.parametrize(("prompt", "good", "bad"), JUDGING)
@made_up(10)
@given(several(nouns, 2))
def test_an_answer_that_is_not_there_is_judged_as_none(prompt: str, good: str, bad: str, things: list[str]):
    text = f"The {things[0]} is beside the {things[1]}."
    assert said(prompt.format(told=text, text=text)) == good
    assert said(prompt.format(told="", text=text)) == bad
