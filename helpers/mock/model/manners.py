"""The manner of an answer, as the system text asks for it: so many sentences or words, capitals, an opening, an end."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from ..text import lowered
from .reading.numbers import SMALL, read_number
from .writing.markup import escape, parse_markup

Manner = Callable[[str, re.Match[str]], str]

_ONE = ("a", "single")
_OPENING = re.compile(r"(?:there|it|this|that|they|is|are|was|were)$", re.IGNORECASE)  # left out of a telegram
_LEANING = re.compile(
    r"(?:there|it|is|are|was|were|the|an?|of|in|on|at|to|for|from|by|with|and|or|but|because|which|that|who|about|"
    r"around|roughly|than|as|while|its|their)$",
    re.IGNORECASE,
)  # a word that cannot stand last


def _upper(markup: str, match: re.Match[str]) -> str:
    return markup.upper()


def _lower(markup: str, match: re.Match[str]) -> str:
    return markup.lower()


def _sentences(markup: str, match: re.Match[str]) -> str:
    count = _amount(match.groupdict().get("count") or "one")
    ends = _sentence_ends(markup)
    return markup[: ends[count - 1]] if len(ends) >= count > 0 else markup


def _amount(word: str) -> int:
    return 1 if lowered(word) in _ONE else int(read_number(word))


def _sentence_ends(markup: str) -> list[int]:
    return [
        m.end()
        for m in re.finditer(r"[.!?]”?(?=\s|$)", markup)
        if markup.count("{", 0, m.end()) == markup.count("}", 0, m.end())
    ]


def _so_many_words(markup: str, match: re.Match[str]) -> str:
    """Whole sentences as far as they fit, else so many words of the first one, from where they say something."""
    count = _amount(match["count"])
    if len(parse_markup(markup).plain().split()) <= count:
        return markup
    fitting = [end for end in _sentence_ends(markup) if len(parse_markup(markup[:end]).plain().split()) <= count]
    if fitting:
        return markup[: fitting[-1]]
    words = parse_markup(markup).plain().split()
    return escape(_telegram(words, count).rstrip(",.;:!?") + ".")


def _telegram(words: list[str], count: int) -> str:
    for start in range(min(4, len(words) - count + 1)):
        chosen = words[start : start + count]
        if not _LEANING.match(chosen[-1]) and not (start and _OPENING.match(chosen[0])):
            text = " ".join(chosen)
            return text[:1].upper() + text[1:]
    return " ".join(words[:count])


def _ending(markup: str, match: re.Match[str]) -> str:
    return f"{markup} {escape(match['words'])}"


def _beginning(markup: str, match: re.Match[str]) -> str:
    return f"{escape(match['words'])} {markup}"


_NUMBER = rf"(?P<count>\d{{1,3}}|{'|'.join((*_ONE, *SMALL[1:13]))})"
_EACH_ANSWER = r"(?:each|every|all|your)(?: answers?| replies| reply| responses?)?"
_QUOTED = r"[\"“'](?P<words>[^\"”']{1,80})[\"”']"
MANNERS: tuple[tuple[str, str, Manner], ...] = (
    ("sentence", rf"\bin (?:at most |exactly |no more than |only )?{_NUMBER} (?:short )?sentences?\b", _sentences),
    ("word", rf"\b(?:in |at most |no more than |with )+{_NUMBER} words?\b", _so_many_words),
    (
        "brief short concise terse",
        r"\b(?:be|answer|reply|keep it|stay) (?:very |as )?(?:brief|short|concise|terse)(?:ly)?\b",
        _sentences,
    ),
    ("capital upper", r"\b(?:in |only )?(?:capital letters|capitals|upper ?case)\b", _upper),
    ("lower", r"\blower ?case\b", _lower),
    ("with", rf"\b(?:begin|start) {_EACH_ANSWER} with {_QUOTED}", _beginning),
    ("with", rf"\bend {_EACH_ANSWER} with {_QUOTED}", _ending),
)
"""Words of which every match of a pattern holds one, the pattern, and what becomes of the answer's markup."""


def manners_wanted(system: str) -> list[tuple[Manner, re.Match[str]]]:
    """What a system text wants to become of each answer's markup, in the order of the table."""
    small = lowered(system)
    return [
        (manner, match)
        for words, pattern, manner in _manners()
        if any(word in small for word in words) and (match := pattern.search(system))
    ]


@cache
def _manners() -> tuple[tuple[list[str], re.Pattern[str], Manner], ...]:
    return tuple((words.split(), re.compile(pattern, re.IGNORECASE), manner) for words, pattern, manner in MANNERS)
