"""What the words of a request and of a tool have in common: stems, synonyms, signs, and whether they tell or act."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import cache, lru_cache

from ..reading.facts import facts
from ..reading.numbers import COUNT_WORDS
from ..reading.vocabulary import ROLES, split_words, stem, stems_of, vocabulary, with_synonyms, words_of

_ADDRESSES = re.compile(r"(?<!\S)\S*[@/]\S*")  # their parts are no words: "docs/README.md" asks for no document
_POLITE = re.compile(
    r"\W*(?:(?:please|hi|hello|hey|ok|okay|now|also|and|then|just|only|instead|can you|could you|would you|"
    r"will you|i['’]d like(?: you)?(?: to)?|"
    r"let me|i (?:want|need|would like)(?: you)?(?: to)?|let['’]s|help me(?: to)?)\b\W*)*",
    re.IGNORECASE,
)
_OPERATIONS = {
    rf"\d\s*[*×]\s*\d|(?:\d|\b(?:{COUNT_WORDS})) times (?:\d|(?:{COUNT_WORDS})\b)": "calculate multiply",
    r"\d\s*(?:\*\*|\^)\s*\d": "calculate power",
    r"\d\s?(?:%|percent) of \d": "calculate percent",
    r"\d\s*\+\s*\d|\d plus \d": "calculate sum add",
    r"\d\s?°|\d degrees": "temperature degrees",
    r"\d\s*÷\s*\d|\d\s+/\s+\d|\d divided by \d": "calculate divide",
    r"\d\s+[-−]\s+\d|\d minus \d": "calculate minus subtract",
    r"(?s)\b(?:SELECT\b.+\bFROM|INSERT INTO|UPDATE\b.+\bSET|DELETE FROM)\b": "query sql statement database",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What choosing needs to know of a text, the same for every tool: all its stems, those that say something, these
    with their synonyms, the stems of its units."""

    stems: frozenset[str]
    said: frozenset[str]
    kin: Set[str]
    units: frozenset[str]


@lru_cache(maxsize=256)
def heard(text: str) -> Heard:
    stems = stems_of(_ADDRESSES.sub(" ", text))
    said = stems - idle() | operations(text)
    units = frozenset(stem(quantity.unit) for quantity in facts(text).numbers if quantity.unit)
    return Heard(stems, said, with_synonyms(said), units)


@cache
def idle() -> frozenset[str]:
    """The stems of words that say nothing about what is wanted."""
    return frozenset(stem(word) for word in vocabulary().idle)


@lru_cache(maxsize=512)
def operations(text: str) -> frozenset[str]:
    """The words for what the signs of a sum ask for: "17 * 23" asks to multiply."""
    said = [words for sign, words in _OPERATIONS.items() if re.search(sign, text)]
    return frozenset(stem(word) for words in said for word in split_words(words))


def bare_text(text: str) -> str:
    """A request behind its courtesies."""
    polite = _POLITE.match(text)
    return text[polite.end() if polite else 0 :]


def bare_words(text: str) -> tuple[str, ...]:
    """The words of a request behind its courtesies."""
    return words_of(bare_text(text))


def use_of_request(text: str) -> str:
    """Whether a request asks to be told something ("tell") or for something to be done ("act"); "" for neither."""
    words = bare_words(text)
    if not words:
        return ""
    if words[0] in vocabulary().act or (words[0] == "give" and words[1:2] not in {("me",), ("us",)}):
        return "act"
    if words[0] in vocabulary().tell or text.rstrip().endswith("?"):
        return "tell"
    return "act" if vocabulary().act & openings(text) else ""


def openings(text: str) -> set[str]:
    """The words with which the clauses of a request open."""
    return {word for clause in re.split(r"[,.;:!?]\s", text) for word in bare_words(clause)[:3]}


_ORDER = re.compile(
    r"(?!(?:i|we|you|he|she|it|they|this|that|there|such|quite|thanks?|all|not|is|was|with|by)\b)([a-z]+) "
    r"(?:me|us|it|him|her|them|on|off|up|down|an?|the|my|our|some|something|all|\d\S*)\b",
    re.IGNORECASE,
)


def is_order(text: str) -> bool:
    """Whether a request opens as an order does, whatever its verb: "Take me to …", "Put on …"."""
    opening = _ORDER.match(bare_text(text))
    return opening is not None and opening[1].casefold() not in ROLES


def use_of_tool(name: str, description: str = "") -> str:
    """Whether a tool tells or acts, by the verb that opens its name or its description, else by one in its name."""
    named = split_words(name)
    for words in (named[:1], split_words(description)[:1], named[1:]):
        for word in words:
            for use, verbs in _verbs():
                if word in verbs or (stem(word) in verbs and not word.endswith("ing")):  # "opening hours" do nothing
                    return use
    return ""


@cache
def _verbs() -> tuple[tuple[str, frozenset[str]], ...]:
    """The verbs of each use as they are and as stems."""
    words = vocabulary()
    return tuple(
        (use, verbs | {stem(verb) for verb in verbs}) for use, verbs in (("tell", words.tell), ("act", words.act))
    )
