"""Lists between commas, which programs take apart."""

from __future__ import annotations

import re

from ..reading.conversation import Conversation
from ..reading.facts import facts
from ..reading.numbers import COUNT_WORDS, read_number
from ..writing.markup import escape

_NUMBER = rf"(?:\d{{1,4}}|(?:{COUNT_WORDS})(?![- ](?:hundred|thousand|million)))"
_SEPARATED = re.compile(r"\bcomma[- ]?(?:separated|delimited)\b|\b(?:separated|delimited) (?:by|with) commas?\b", re.I)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_THINGS = re.compile(
    rf"\b(?:list|name|give(?: me)?|suggest|generate|create|write|enumerate|find|provide) (?:an? list of |some |the )?"
    rf"(?:(?P<count>{_NUMBER}) )?(?P<things>[a-z][\w -]{{1,60}})",
    re.IGNORECASE,
)
_PLAIN, _MOST_PLAIN = 3, 20  # things that nobody has named


def separate(conversation: Conversation) -> str | None:
    """A list between commas, where that is asked for: of what the text lists, or of numbered things."""
    if not _SEPARATED.search(f"{conversation.system}\n{conversation.question}"):
        return None
    parts = _SENTENCE.split(conversation.question)
    bare = " ".join(part for part in parts if not _SEPARATED.search(part))
    bare = bare or _SEPARATED.sub("", conversation.question).strip(" ,.")
    found = facts(bare)
    if items := next((some for some in (found.items, found.names) if len(some) > 1), ()):
        return escape(", ".join(items))
    wish = _THINGS.search(bare)
    if not wish:
        return None
    number = min(int(read_number(wish["count"])), _MOST_PLAIN) if wish["count"] else _PLAIN
    thing = wish["things"].strip().removesuffix("s")
    return escape(", ".join(f"{thing} {place}" for place in range(1, number + 1)))
