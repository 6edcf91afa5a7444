"""The word that ends the work, and the words for what is not known, as a prompt lays them down."""

from __future__ import annotations

import pytest
from hypothesis import given

from helpers.mock.messages import Message
from helpers.mock.model.answers import answer
from helpers.mock.model.reading.conversation import read
from tests.support.made_up import made_up, nouns

ENDS = (
    "Solve the task. Reply with {word} when the task has been completed.",
    "When you are done, say {word}.",
    'Give feedback on the draft. Respond with "{word}" when your feedback has been addressed.',
    "If the draft is good, answer {word}, otherwise say what is missing.",
    "Once everything is finished, output the word '{word}' to end the conversation.",
    "Say {word} to end the conversation when there is nothing more to do.",
)


def said(system: str, *turns: str) -> str:
    messages = [Message(("user", "assistant")[place % 2], text) for place, text in enumerate(turns)]
    return answer(read([Message("system", system), *messages])).text.plain()


@pytest.mark.parametrize("prompt", ENDS)
@made_up(15)
@given(nouns.map(str.upper), nouns)
def test_the_word_that_ends_the_work_is_said_where_nothing_else_can_be(prompt: str, word: str, thing: str):
    told = prompt.format(word=word)
    assert said(told, f"Write an essay about the {thing}.") == word
    assert said(told, f"Write about the {thing}.", f"The {thing} is old.", "Go on.") == word
    assert said("You are helpful.", f"{told} Write an essay about the {thing}.") == word


@pytest.mark.parametrize("prompt", ENDS)
@made_up(5)
@given(nouns.map(str.upper))
def test_it_stands_behind_what_is_known(prompt: str, word: str):
    assert said(prompt.format(word=word), "What is 12 * 12?") == f"12 * 12 is 144.\n{word}"


@made_up(15)
@given(nouns, nouns)
def test_what_is_not_known_is_said_in_the_words_that_are_asked_for(word: str, thing: str):
    told = f"If you do not know the answer, say '{word}'."
    assert said(told, f"Who built the {thing}?") == word
    assert said(told, "What is 12 * 12?") == "12 * 12 is 144."


@pytest.mark.parametrize(
    "system", ["Answer in JSON when you are done.", "Use SQL if it is good.", "NEVER say more than needed."]
)
def test_other_words_in_capitals_end_nothing(system: str):
    assert said(system, "What is 12 * 12?") == "12 * 12 is 144."
