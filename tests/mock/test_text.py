"""What a lookout tells of a text is what a search for each piece by itself would find."""

import random
import re

import pytest

from helpers.mock.gateway.filters import watched
from helpers.mock.model import ending, lessons, manners, skills
from helpers.mock.model.writing.tokens import Tokenizer
from helpers.mock.text import FIGURE, Lookout, Seen, lowered

PIECES = frozenset(lessons.words() | skills.words() | manners.WORDS | ending.WORDS)


def searched(text: str) -> set[str]:
    small = lowered(text)
    words = set(re.findall(r"[a-z']+", small.replace("’", "'")))
    found = {piece for piece in PIECES if (piece.strip() in words if piece[0] == " " else piece in small)}
    return found | {FIGURE} if re.search(r"\d", text) else found - {FIGURE}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "How many languages are in the world?",
        "Name a colour\nand a city: NAME  A CITY!",
        "the knowledge  base, the knowledge base",
        "I’m 42; my NOTEBOOK is uppercased",
        "naïve ſentence in bullet-points… ٣",
    ],
)
def test_a_lookout_finds_what_a_search_for_each_piece_finds(text: str):
    assert Lookout(PIECES)(text) == searched(text)


def test_a_lookout_finds_the_same_in_any_text_made_of_its_words():
    dice, lookout = random.Random(1), Lookout(PIECES)
    parts = [*(piece.strip() for piece in sorted(PIECES)), "a", "of", "7", "'", "-", "\n", "Zebra"]
    for _ in range(300):
        text = "".join(dice.choice(parts) + dice.choice(["", " ", " ", "\n", "."]) for _ in range(8))
        assert lookout(text) == searched(text), text


def test_the_texts_of_a_request_are_read_once():
    read: list[str] = []

    class Counting(Lookout):
        def __call__(self, text: str) -> frozenset[str]:
            read.append(text)
            return super().__call__(text)

    seen = Seen(Counting(PIECES))
    assert seen["My note."] == seen["My note."] == searched("My note.")
    assert read == ["My note."]


@pytest.mark.parametrize(("text", "marked"), [("a quiet garden", False), ("They FOUGHT. A duel", True), ("a", False)])
def test_the_filters_words_are_marked_while_tokens_are_counted(text: str, marked: bool):
    tokenizer = Tokenizer(watched=watched)
    assert tokenizer.read(text) == (len(tokenizer.encode(text)), marked)


def test_a_tokenizer_that_watches_nothing_marks_everything():
    assert Tokenizer().read("a quiet garden") == (3, True)
