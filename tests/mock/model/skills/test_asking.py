"""A question is put otherwise where a prompt asks for that: standing by itself, as keywords, in several ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.mock.messages import Message
from helpers.mock.model.answers import answer
from helpers.mock.model.reading.conversation import read
from tests.support.made_up import made_up, names, nouns, several


def said(*turns: str, system: str = "") -> str:
    messages = [Message("system", system)] if system else []
    messages += [Message(("user", "assistant")[place % 2], text) for place, text in enumerate(turns)]
    return answer(read(messages)).text.plain()


CONDENSE = """Given the following conversation and a follow up question, rephrase the follow up question to be a
standalone question, in its original language.

Chat History:
Human: How many {thing}s are in {first}?
Assistant: Many.
Follow Up Input: And in {second}?
Standalone question:"""
IN_TURNS = "Given a chat history and the latest question, formulate a standalone question. Do NOT answer the question."


@made_up(20)
@given(nouns, several(names, 2))
def test_a_follow_up_stands_by_itself(thing: str, places: list[str]):
    wanted = f"How many {thing}s are in {places[1]}?"
    assert said(CONDENSE.format(thing=thing, first=places[0], second=places[1])) == wanted
    turns = (f"How many {thing}s are in {places[0]}?", "Many.", f"And in {places[1]}?")
    assert said(*turns, system=IN_TURNS) == wanted


@pytest.mark.parametrize(
    "prompt",
    [
        "History: {before} Many. Follow-up: {asked}, rewrite as a standalone question",
        "History:\nUser: {before}\nAssistant: Many.\nFollow-up: {asked}\nRewrite it as a standalone question.",
    ],
)
@made_up(10)
@given(nouns, several(names, 2))
def test_a_history_is_no_question_that_is_put_again(prompt: str, thing: str, places: list[str]):
    before, asked = f"How many {thing}s are in {places[0]}?", f"And in {places[1]}"
    assert said(prompt.format(before=before, asked=asked)) == f"How many {thing}s are in {places[1]}?"


@pytest.mark.parametrize(
    "prompt",
    [
        "Generate a search query for the question. Return only the query.\n\nQuestion: {asked}",
        "Extract the keywords of this question.\n\nQuestion: {asked}",
        "Turn the question into keywords: {asked}",
    ],
)
@made_up(10)
@given(several(nouns, 2), names)
def test_keywords_are_the_words_that_say_something(prompt: str, things: list[str], name: str):
    asked = f"What is the {things[0]} of the {things[1]} in {name}?"
    assert said(prompt.format(asked=asked)) == f"{things[0]} {things[1]} {name}"


@made_up(10)
@given(several(nouns, 2), st.integers(2, 5))
def test_so_many_ways_are_so_many_lines(things: list[str], count: int):
    asked = f"Where is the {things[0]} of the {things[1]}?"
    prompt = (
        f"Generate {count} different versions of the given question, separated by newlines. Original question: {asked}"
    )
    told = said(prompt).splitlines()
    assert len(told) == len(set(told)) == count
    assert told[0] == asked


@pytest.mark.parametrize("asked", ["Rewrite this text in capital letters: good morning", "What is a search engine?"])
def test_other_prompts_put_no_question(asked: str):
    assert said(asked) != asked.rpartition(": ")[2]
