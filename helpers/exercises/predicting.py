"""What readers are asked to predict before they run a cell: one file a lesson, `predictions/NN.toml`.

    ["1.a"]
    question = "What comes back?"
    shown = "How many of what?"      # a piece of what the next cell shows: a test holds that it does
    why = "A model keeps nothing between two calls."
    [["1.a".choices]]
    says = "About 300"
    word = "That is what it would say if it remembered."
    [["1.a".choices]]
    says = "A question"              # the right one: it has no `word`, `why` is about it

Code stands between backticks in `question`, `word` and `why`; a choice is a button's label and shows its letters as
they are. A `word` is kind: it says what was sensible about the choice, and not yet what is right.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

PREDICTIONS = Path(__file__).parent / "predictions"


@dataclass(frozen=True)
class Choice:
    """What can be chosen, and what is said to those who choose it; nothing where it is right."""

    says: str
    word: str = ""


@dataclass(frozen=True)
class Question:
    """One prediction; `number` is lesson and letter, such as "1.a"."""

    number: str
    question: str
    choices: tuple[Choice, ...]
    why: str
    shown: str

    @property
    def right(self) -> Choice:
        """The choice that comes true."""
        return next(choice for choice in self.choices if not choice.word)


def questions(lesson: str) -> dict[str, Question]:
    """The predictions of a lesson ("01") by their numbers, in its order; none for a lesson without any."""
    file = PREDICTIONS / f"{lesson}.toml"
    found = tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    return {number: _question(number, **row) for number, row in found.items()}


def _question(number: str, question: str, choices: list[dict[str, str]], why: str, shown: str) -> Question:
    return Question(number, question, tuple(Choice(**choice) for choice in choices), why, shown)


def question(number: str) -> Question:
    """The prediction of that number. Raises LookupError that names those of its lesson when there is none."""
    found = questions(number.partition(".")[0].zfill(2))
    if number not in found:
        raise LookupError(f"There is no prediction {number!r} in this lesson; there are {', '.join(found) or 'none'}.")
    return found[number]
