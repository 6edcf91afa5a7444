"""What people type into a first test: a greeting, "who are you?", a joke, a capital. Each is a row of `common.toml`.

A question is looked up whole, without its politeness and marks, so a row answers exactly what it lists.
"""

from __future__ import annotations

import re
from functools import cache

from ...data import table
from ..reading.conversation import Conversation
from .shared import wants_only

_LONGEST = 120  # characters of a question

_POLITE = frozenset(["please", "hi", "hello", "hey", "there", "ok", "okay", "so", "well", "and", "now", "quickly"])
_ASKING = frozenset(["can", "could", "would", "will"])  # you ...
_CLOSING = (
    ("for", "me"),
    ("thank", "you"),
    ("my", "friend"),
    ("please",),
    ("thanks",),
    ("now",),
    ("then",),
    ("today",),
)
_LAST = frozenset(closing[-1] for closing in _CLOSING)
_MARKS = str.maketrans(dict.fromkeys('!"#$%&()*,./:;<=>?@[]_`{}~“”', " ") | {"’": "'"})
_CAPITAL = re.compile(
    r"^(?:(?:what's|what is|name|tell me|which city is|what city is) )?(?:the )?capital(?: city)? of (?:the "
    r")?(?P<country>[\w '-]{2,40})$"
)


@cache
def _asked() -> dict[str, str]:
    """The answer for each question of the table."""
    return {
        plain_question(question): row["say"].strip()
        for row in table("common.toml")["answer"]
        for question in row["asked"]
    }


@cache
def capitals() -> dict[str, tuple[str, str]]:
    """For each country, by each of its names in lower case, its name and its capital."""
    found: dict[str, tuple[str, str]] = {}
    for line in table("common.toml")["capitals"].strip().splitlines():
        names, _, capital = line.partition(": ")
        first, *others = names.split("|")
        found |= dict.fromkeys((name.lower() for name in (first, *others)), (first, capital))
    return found


def plain_question(question: str) -> str:
    """A question in lower case, without marks, doubled spaces and politeness."""
    words = question.lower().translate(_MARKS).split()
    kept = list(words)
    while len(kept) > 2 and (kept[0] in _POLITE or (kept[0] in _ASKING and kept[1] == "you")):
        del kept[: 1 if kept[0] in _POLITE else 2]
    for closing in _CLOSING if kept and kept[-1] in _LAST else ():
        if len(kept) > len(closing) + 1 and tuple(kept[-len(closing) :]) == closing:
            del kept[-len(closing) :]
    return " ".join(kept or words)


def look_up(conversation: Conversation) -> str | None:
    """The answer to one of the common questions."""
    if len(conversation.meaning) > _LONGEST:
        return None
    question = plain_question(conversation.meaning)
    said = _asked().get(question)
    if said:
        return said
    if match := _CAPITAL.match(question):
        known = capitals().get(match["country"])
        if known:
            country, capital = known
            if wants_only(conversation):
                return capital
            return f"{{The capital of {country} is {capital}.|{capital} is the capital of {country}.}}"
    return None
