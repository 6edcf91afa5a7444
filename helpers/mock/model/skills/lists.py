"""Lists of so many things of a kind, from the table `lists.toml`; counting."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from ...data import table
from ...text import lowered
from ..reading.conversation import Conversation
from ..reading.facts import facts
from ..reading.numbers import SMALL, read_number
from ..writing.markup import escape
from .shared import listed, wants_only

_READ = 200  # characters of a question
_MOST_COUNTED = 2000
_NUMBERS = (*SMALL, "twenty")
_UNCOUNTED = {"": 0, "a": 1, "an": 1, "some": 5}
_NUMBER = rf"(?:\d{{1,4}}|{'|'.join(_NUMBERS)})"


class Kind(NamedTuple):
    """A kind of things. `closed` says that the members are all there are, in their order."""

    many: str
    members: tuple[str, ...]
    closed: bool


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by each of its names, singular and plural."""
    found: dict[str, Kind] = {}
    for row in table("lists.toml")["list"]:
        kind = Kind(row["many"], tuple(row["members"].split(", ")), row.get("closed", False))
        found |= dict.fromkeys((row["one"], row["many"], *row.get("names", ())), kind)
    return found


@cache
def _kind_words() -> frozenset[str]:
    """The last words of the kinds' names: a wish names one of them."""
    return frozenset(name.lower().split()[-1] for name in kinds()) | {"count"}


@cache
def _wish() -> re.Pattern[str]:
    """So many things of a kind, and what is said of their form."""
    names = "|".join(sorted(map(re.escape, kinds()), key=len, reverse=True))
    return re.compile(
        r"^\W*(?:(?:please|can you|could you|hi|hello|i need you to)[\s,]+)*"
        r"(?:(?:list|name|enumerate|write|print|show|suggest|give|tell|what are)(?: down| out| me)?[:\s]+)?"
        r"(?:a (?:\w+ )?list (?:of|with) )?(?:the (?:names of )?|all |of |first )*"
        rf"(?P<count>an? |some |{_NUMBER} )?(?:of the )?"
        r"(?:(?:different|random|common|popular|well-known|famous|typical|other|examples? of) )*"
        rf"(?P<kind>{names})\b(?P<form>.*)$",
        re.IGNORECASE | re.DOTALL,
    )


_WORD = re.compile(r"[a-z]+")
_FORM = re.compile(
    r"\W*(?:(?:please|only|just|and|answer|reply|respond|return|output|give|write|format|separated?|them|it|the|list|"
    r"names?|by|with|as|in|on|a|an|for me|numbered|bulleted|bullets?|points?|comma[- ]?separated|commas?|one|per|each|"
    r"single|simple|plain|lines?|own|its|items?|no|explanations?|other|text|nothing|else|do|not|don['’]t|add|any|"
    r"numbers?|words?|use|json|array|alphabetical(?:ly)?|order)\b\W*)*$",
    re.IGNORECASE,
)


def enumerate_things(conversation: Conversation) -> str | None:
    """So many things of a kind, each once; or numbers counted up or down."""
    question = " ".join(conversation.meaning.split())
    words = _WORD.findall(question.lower())
    if len(question) > _READ or _kind_words().isdisjoint(words):
        return None
    if "count" in words and (counted := _count(question)):
        return counted
    wish = _wish().match(question)
    if not wish or not _FORM.match(wish["form"]):
        return None
    kind = kinds()[wish["kind"].lower()]
    wanted = lowered(wish["count"] or "").strip()
    members = list(kind.members)
    number = _amount(wanted) or (len(members) if kind.closed else 0)
    if kind.closed and number > len(members):
        return f"There are only {len(members)} {kind.many}: {', '.join(members)}."
    if not 0 < number <= len(members):
        return None
    if number == 1:
        end = "" if wants_only(conversation) else "."
        return "{" + "|".join(f"{member}{end}" for member in members[:4]) + "}"
    chosen = sorted(members[:number], key=str.casefold) if "alphabetical" in words else members[:number]
    return listed(chosen, f"{question} {conversation.system}")


_SEPARATED = re.compile(r"\bcomma[- ]?(?:separated|delimited)\b|\b(?:separated|delimited) (?:by|with) commas?\b", re.I)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_THINGS = re.compile(
    rf"\b(?:list|name|give(?: me)?|suggest|generate|create|write|enumerate|find|provide) (?:an? list of |some |the )?"
    rf"(?:(?P<count>{_NUMBER}) )?(?P<things>[a-z][\w -]{{1,60}})",
    re.IGNORECASE,
)
_PLAIN, _MOST_PLAIN = 3, 20  # things that nobody has named


def separate(conversation: Conversation) -> str | None:
    """A list between commas, where that is asked for: of a known kind, of what the text lists, or of numbered things,
    since a program takes it apart."""
    if not _SEPARATED.search(f"{conversation.system}\n{conversation.question}"):
        return None
    parts = _SENTENCE.split(conversation.question)
    bare = " ".join(part for part in parts if not _SEPARATED.search(part)) or conversation.question
    if known := enumerate_things(replace(conversation, question=bare, meaning=f"{bare} separated by commas")):
        return known
    found = facts(bare)
    if items := next((some for some in (found.items, found.names) if len(some) > 1), ()):
        return escape(", ".join(items))
    wish = _THINGS.search(bare)
    if not wish:
        return None
    number = min(_amount(lowered(wish["count"])), _MOST_PLAIN) if wish["count"] else _PLAIN
    thing = wish["things"].strip().removesuffix("s")
    return escape(", ".join(f"{thing} {place}" for place in range(1, number + 1)))


def _amount(word: str) -> int:
    uncounted = _UNCOUNTED.get(word)
    return int(read_number(word)) if uncounted is None else uncounted


_WHOLE = rf"\b(?![- ](?:{'|'.join(_NUMBERS)}|hundred|thousand|million)\b)"
_COUNT = re.compile(
    rf"\bcount (?P<down>down )?(?:up )?(?:from (?P<first>{_NUMBER}){_WHOLE} ?)?(?:to (?P<last>{_NUMBER}){_WHOLE})?",
    re.IGNORECASE,
)


def _count(question: str) -> str | None:
    match = _COUNT.search(question)
    if not match or not (match["last"] or (match["down"] and match["first"])):
        return None
    first, last = _amount(match["first"] or "1"), _amount(match["last"] or "1")
    step = 1 if last >= first else -1
    return listed([str(number) for number in range(first, last + step, step)[:_MOST_COUNTED]], question, "commas")
