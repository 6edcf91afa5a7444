"""What people type into a first test: a greeting, "who are you?", a joke, a capital. Each is a row of `common.toml`.

A question is looked up whole, without its politeness and marks, so a row answers exactly what it lists.
"""

from __future__ import annotations

import re
from functools import cache

from ...data import table
from ..reading.conversation import Conversation

_LONGEST = 120  # characters of a question

_POLITE = frozenset(["please", "hi", "hello", "hey", "there", "ok", "okay", "so", "well", "and", "now", "quickly"])
_ASKING = frozenset(["can", "could", "would", "will"])  # you ...
_CLOSING = [
    closing.split() for closing in ("for me", "thank you", "my friend", "please", "thanks", "now", "then", "today")
]
_LAST = frozenset(closing[-1] for closing in _CLOSING)
_MARKS = str.maketrans(dict.fromkeys('!"#$%&()*,./:;<=>?@[]_`{}~“”', " ") | {"’": "'"})
_CAPITAL = ("what's the capital of", "what is the capital of", "what is the capital city of", "capital of")


@cache
def _asked() -> dict[str, tuple[str, str]]:
    """The answer for each question of the table, and how it is said in a word, "" for none."""
    rows = table("common.toml")
    found = {plain_question(question): (row["say"].strip(), "") for row in rows["answer"] for question in row["asked"]}
    for line in rows["capitals"].strip().splitlines():
        names, _, capital = line.partition(": ")
        country, *others = names.split("|")
        said = f"{{The capital of {country} is {capital}.|{capital} is the capital of {country}.}}"
        for name in map(str.lower, (country, *others)):
            found |= dict.fromkeys(
                (f"{asked} {the}{name}" for asked in _CAPITAL for the in ("", "the ")), (said, capital)
            )
    return found


def plain_question(question: str) -> str:
    """A question in lower case, without marks, doubled spaces and politeness."""
    words = question.lower().translate(_MARKS).split()
    kept = list(words)
    while len(kept) > 2 and (kept[0] in _POLITE or (kept[0] in _ASKING and kept[1] == "you")):
        del kept[: 1 if kept[0] in _POLITE else 2]
    for closing in _CLOSING if kept and kept[-1] in _LAST else ():
        if len(kept) > len(closing) + 1 and kept[-len(closing) :] == closing:
            del kept[-len(closing) :]
    return " ".join(kept or words)


def look_up(conversation: Conversation) -> str | None:
    """The answer to one of the common questions."""
    if len(conversation.meaning) > _LONGEST:
        return None
    found = _asked().get(plain_question(conversation.meaning))
    if found is None:
        return None
    said, bare = found
    return bare if bare and wants_only(conversation) else said


_ONLY = re.compile(
    r"\b(?:only|just|nothing (?:else|but)|(?:one|single) (?:word|number)|no explanation)\b", re.IGNORECASE
)


def wants_only(conversation: Conversation) -> bool:
    """Whether nothing but the bare answer is asked for: "Answer with the number only"."""
    return bool(_ONLY.search(conversation.question[-200:]) or _ONLY.search(conversation.system))
