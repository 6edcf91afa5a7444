"""Lists of so many things of a kind, from the table `lists.toml`; counting."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from ...data import table
from ...text import lowered
from ..reading.conversation import Conversation
from ..reading.numbers import SMALL, read_number
from .shared import listed, wants_only

_READ = 200  # characters of a question
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


_WORD = re.compile(r"[a-z]+")
_WISH = re.compile(
    r"^\W*(?:(?:please|can you|could you|hi|hello|i need you to|i want you to)[\s,]+)*"
    r"(?:(?:list|name|enumerate|write|print|show|suggest)(?: down| out| me)?|give me|tell me|what are|"
    r"(?P<bare>))[:\s]*(?:a (?:numbered |bulleted |short |simple )?list (?:of|with) )?"
    rf"(?:the names of )?(?:the |all (?:of )?(?:the )?)*(?P<first>first )?(?P<count>an? |some |{_NUMBER} )?(?:of the )?"
    r"(?:(?:different|random|common|popular|well-known|famous|basic|typical|various|examples? of|kinds? of|"
    r"types? of|names? of|example|other) )*"
    r"(?P<kind>[a-z]+(?: [a-z0-9]+){0,5}?)"
    r"(?P<form>(?:,? (?:in (?:alphabetical|their|the right|correct) order|in order|alphabetically|please|only|"
    r"(?:as|in|using|with)(?: a| an)? (?:numbered |bulleted |comma[- ]separated |bullet(?:ed)? |simple |plain "
    r")?(?:list|points?|bullets?|numbers|commas)|"
    r"(?:as )?(?:bullet points|comma[- ]separated)|separated by (?:commas?|new ?lines?)|(?:on |in )?one (?:line|"
    r"per line)|one (?:on )?(?:each|per) line|on separate lines|as json|for me))*)\s*(?P<end>[.?!:\n]|"
    r"$)\s*(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_FORM = re.compile(
    r"(?:(?:please|only|just|and|answer|reply|respond|return|output|give|write|format|separate|them|it|the|list|"
    r"names?|by|with|as|in|on|a|an|"
    r"numbered|bulleted|bullets?|points?|comma[- ]?separated|commas?|one|per|each|single|line|own|its|items?|no|"
    r"explanations?|other|text|nothing|else|"
    r"do|not|don['’]t|add|any|number|words?|use|json|array)\W*)*$",
    re.IGNORECASE,
)


def enumerate_things(conversation: Conversation) -> str | None:
    """So many things of a kind, each once; or numbers counted up or down."""
    question = " ".join(conversation.meaning.split())
    words = _WORD.findall(question.lower())
    if len(question) > _READ or _kind_words().isdisjoint(words):
        return None
    counted = "count" in words and _count(question)
    if counted:
        return counted
    wish = _WISH.match(question)
    if not wish or not _FORM.match(wish["rest"]):
        return None
    name = wish["kind"].lower()
    wanted = lowered(wish["count"] or "").strip()
    if wish["bare"] is not None and (not wanted or wanted in {"a", "an"} or wish["end"] == "?"):
        return None  # "colours" alone is no wish
    number = _amount(wanted)
    form = f"{wish[0]} {conversation.system}"
    kind = kinds().get(name)
    if not kind:
        return None
    members = list(kind.members)
    number = number or (len(members) if kind.closed else 0)
    if not 0 < number <= len(members):
        if kind.closed and number > len(members):
            return f"There are only {len(members)} {kind.many}: {', '.join(members)}."
        return None
    if number == 1:
        return _one(members, conversation)
    chosen = members[:number]
    if "alphabetical" in wish[0].lower():
        chosen.sort(key=str.casefold)
    return listed(chosen, form)


def _one(members: list[str], conversation: Conversation) -> str:
    end = "" if wants_only(conversation) else "."
    return (
        "{" + "|".join(f"{member}{end}" for member in members[:4]) + "}" if len(members) > 1 else f"{members[0]}{end}"
    )


def _amount(word: str) -> int:
    uncounted = _UNCOUNTED.get(word)
    return int(read_number(word)) if uncounted is None else uncounted


_WHOLE = rf"\b(?![- ](?:{'|'.join(_NUMBERS)}|hundred|thousand|million)\b)"
_COUNT = re.compile(
    rf"\bcount (?:(?P<back>down|backwards?) )?(?:up )?(?:from )?(?:(?P<first>{_NUMBER}){_WHOLE} ?)?"
    rf"(?:(?:up |down )?to (?P<last>{_NUMBER}){_WHOLE})?(?: (?:by|in steps of) (?P<step>\d{{1,3}})s?\b)?",
    re.IGNORECASE,
)
_MOST_COUNTED = 2000


def _count(question: str) -> str | None:
    match = _COUNT.search(question)
    if not match or (match["last"] is None and not (match["back"] and match["first"])):
        return None
    first, last = _amount(match["first"] or "1"), _amount(match["last"] or "1")
    if match["back"] and not match["first"]:
        first, last = last, 1
    step = max(int(match["step"] or 1), 1) * (1 if last >= first else -1)
    numbers = range(first, last + (1 if step > 0 else -1), step)
    return listed([str(number) for number in numbers[:_MOST_COUNTED]], question, "commas")
