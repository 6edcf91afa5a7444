"""The manner of an answer, as the system text or the question asks for it: so many sentences or words, a number alone,
capitals, an opening."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache, reduce

from ..text import lowered
from .reading.conversation import Conversation, resolve
from .reading.numbers import SMALL, read_number
from .writing.markup import escape, parse_markup

Manner = Callable[[str, re.Match[str]], str]

_ONE = ("a", "single")
# Patterns that few requests need are texts, which `re` compiles and keeps when they are first asked for.
_OPENING = r"(?i)(?:there|it|this|that|they|is|are|was|were)$"  # left out of a telegram
_LEANING = (
    r"(?i)(?:there|it|is|are|was|were|the|an?|of|in|on|at|to|for|from|by|with|and|or|but|because|which|that|who|about|"
    r"around|roughly|than|as|while|its|their)$"
)  # a word that cannot stand last


def _upper(markup: str, match: re.Match[str]) -> str:
    return markup.upper()


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
        if not re.match(_LEANING, chosen[-1]) and not (start and re.match(_OPENING, chosen[0])):
            text = " ".join(chosen)
            return text[:1].upper() + text[1:]
    return " ".join(words[:count])


_FIGURES = r"(?<![\w.,])-?(?:\d{1,3}(?:[., \u00a0\u202f]\d{3})+|\d+(?:[.,]\d+)?)(?!\d)"
_RESULT = rf"(?:\bis(?: about)?|=) ({_FIGURES})"


def _number_alone(markup: str, match: re.Match[str]) -> str:
    """The number that the answer comes to ("12 * 12 is 144."), else the first one in it."""
    text = parse_markup(markup).plain()
    found = re.search(_RESULT, text) or re.search(_FIGURES, text)
    return escape(found[found.lastindex or 0]) if found else markup


def _beginning(markup: str, match: re.Match[str]) -> str:
    return f"{escape(match['words'])} {markup}"


_NUMBER = rf"(?P<count>\d{{1,3}}|{'|'.join((*_ONE, *SMALL[1:13]))})"
_EACH_ANSWER = r"(?:each|every|all|your)(?: answers?| replies| reply| responses?)?"
_QUOTED = r"[\"“'](?P<words>[^\"”']{1,80})[\"”']"
_ARTICLE = r"(?:a |the |one |single )*"
MANNERS: tuple[tuple[str, str, Manner], ...] = (
    ("sentence", rf"\bin (?:at most |exactly |no more than |only )?{_NUMBER} (?:short )?sentences?\b", _sentences),
    ("word", rf"\b(?:in |at most |no more than |with )+{_NUMBER} words?\b", _so_many_words),
    (
        "brief short concise terse",
        r"\b(?:be|answer|reply|keep it|stay) (?:very |as )?(?:brief|short|concise|terse)(?:ly)?\b",
        _sentences,
    ),
    ("number", rf"\b(?:only|just|nothing but) {_ARTICLE}number\b|\b{_ARTICLE}number (?:only|alone)\b", _number_alone),
    ("capital upper", r"\b(?:in |only )?(?:capital letters|capitals(?! of)|upper ?case)\b", _upper),
    ("with", rf"\b(?:begin|start) {_EACH_ANSWER} with {_QUOTED}", _beginning),
)
"""Words of which every match of a pattern holds one, the pattern, and what becomes of the answer's markup."""

WORDS = frozenset(word for words, _, _ in MANNERS for word in words.split())

_PICKING = (_number_alone, _so_many_words)  # take something out of the answer, which has to be there for that


def manners_wanted(held: frozenset[str], system: str, question: str, known: bool) -> list[tuple[Manner, re.Match[str]]]:
    """What a system text and a question want to become of the answer's markup, in the order of the table.

    `held` is what a lookout for WORDS tells of them. Where no answer is `known`, nothing is picked out of the words in
    its place.
    """
    found = []
    for pattern, manner in _named(held):
        if (match := pattern.search(system)) and (known or manner is not _number_alone):
            found.append((manner, match))
        if (match := _asked(question, pattern, manner)) and (known or manner not in _PICKING):
            found.append((manner, match))
    return found


def with_wish_apart(held: frozenset[str], conversation: Conversation) -> Conversation | None:
    """The conversation with what the question says of its manner in the system text; None when it says nothing.

    `held` is what a lookout for WORDS tells of the question. A turn that is nothing but a wish ("In one sentence,
    please.") is about the question before it.
    """
    bare, wishes = conversation.question, [conversation.system]
    for pattern, manner in _named(held):
        if match := _asked(bare, pattern, manner):
            bare = bare.replace(match[0], "")
            wishes.append(match[0])
    if not wishes[1:]:
        return None
    bare = re.sub(_LEFT, "", bare).strip(" ,:;")
    earlier = conversation.asked[:-1]
    turns = (*earlier, bare) if re.search(r"\w\W+\w", bare) else earlier
    meaning = reduce(lambda before, turn: resolve(turn, before), turns, "")
    return replace(conversation, system="\n".join(wishes), question=turns[-1], meaning=meaning) if turns else None


_READ = 400  # characters of a question at either end: a wish is short
_HEAD = r"[^:\n\"“]*"
_VERBS = r"answer|reply|respond|be|keep|use|write|begin|start|end|give|in|at most|only|just|as|with|a number|number"
_LAST = rf"(?i)(?:^|[.?!:\n][\"”']?)\s*((?:please,? )?(?:{_VERBS})\b[^.?!:\n]*[.?!]?)\s*$"
_WISHED = rf"(?i)(?!in a word\b)(?:{_VERBS}|no|stay|the|one|nothing|using)\b"
_LEFT = (  # of a sentence that was a wish, at either end of the question
    r"(?i)(?:\b(?:please|shorter|(?:answer|reply|respond|write|tell|give)(?: (?:it|me))?(?: with)?)\W*)+$"
    r"|^(?:please)?\W+"
)


def _asked(question: str, pattern: re.Pattern[str], manner: Manner) -> re.Match[str] | None:
    """A wish of the question's: before any text that it is about, or in its last words. What is quoted is no wish, but
    for the words to begin with."""
    if manner is _beginning:
        return pattern.search(question[-_READ:])
    head, last = re.match(_HEAD, question[:_READ]), re.search(_LAST, question[-_READ:])
    for part in (head and head[0], last and last[1]):
        if part and (match := pattern.search(part)) and re.match(_WISHED, match[0]):
            return match
    return None


def _named(held: frozenset[str]) -> list[tuple[re.Pattern[str], Manner]]:
    """The rows of the table of whose words a text holds one."""
    if held.isdisjoint(WORDS):  # as in most texts
        return []
    return [(pattern, manner) for words, pattern, manner in _manners() if not held.isdisjoint(words)]


@cache
def _manners() -> tuple[tuple[list[str], re.Pattern[str], Manner], ...]:
    return tuple((words.split(), re.compile(pattern, re.IGNORECASE), manner) for words, pattern, manner in MANNERS)
