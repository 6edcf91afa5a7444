"""The words that the mock knows and how it tells words: the lists of `data/words.toml`, prepositions, stems.

Names stand in no list; they are found by their form and place (`names`, `places`).
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from ...data import table

_VOWEL = re.compile("[aeiouy]")
_DESCRIBED = 2_000  # characters of a name or a description that are read

Role = Literal["origin", "destination", "location"]
"""The part that a place plays."""

ROLES: dict[str, Role] = {
    "from": "origin", "leaving": "origin", "departing": "origin",
    "to": "destination", "into": "destination", "towards": "destination", "reach": "destination",
    "in": "location", "at": "location", "near": "location", "for": "location", "about": "location", "of": "location",
    "around": "location", "visit": "location", "visiting": "location", "via": "location", "between": "origin",
}  # fmt: skip
"""The role of the place behind a preposition."""

OPPOSITES = (
    ("lock", "unlock"), ("open", "close"), ("enable", "disable"),
    ("mute", "unmute"), ("active", "inactive"), ("activate", "deactivate"), ("on", "off"), ("correct", "incorrect"),
    ("valid", "invalid"), ("pass", "fail"),
)  # fmt: skip
"""What a flag switches."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of `data/words.toml`, folded to lower case; the file says what each list is for."""

    common: frozenset[str]
    joiners: frozenset[str]
    idle: frozenset[str]
    asking: frozenset[str]
    origin: frozenset[str]
    destination: frozenset[str]
    region: frozenset[str]
    counted: frozenset[str]
    filler: frozenset[str]
    regions: frozenset[str]
    languages: dict[str, str]
    language_codes: dict[str, str]
    currencies: dict[str, str]
    synonyms: tuple[tuple[str, ...], ...]
    kinds: dict[str, frozenset[str]]
    timezones: dict[str, str]
    tell: frozenset[str]
    act: frozenset[str]
    signs: dict[str, frozenset[str]]


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary, read once."""
    words = table("words.toml")
    plain = {key: frozenset(text.split()) for key, text in words.items() if isinstance(text, str)}
    return Vocabulary(
        **plain,
        regions=frozenset(name.casefold() for name in words["regions"]),
        languages={name.casefold(): name for name in words["languages"]},
        language_codes=words["languages"],
        currencies={name.casefold(): code for name, code in words["currencies"].items()},
        synonyms=tuple(tuple(group.split()) for group in words["synonyms"]),
        kinds={kind: frozenset(text.split()) for kind, text in words["kinds"].items()},
        timezones={city.casefold(): zone for city, zone in words["timezones"].items()},
        signs={value: frozenset(text.split()) for value, text in words["signs"].items()},
        **{use: frozenset(words["verbs"][use].split()) for use in ("tell", "act")},
    )


def signs_of(value: str) -> frozenset[str]:
    """The words that speak for a value without naming it; for "price_asc" those of its last word."""
    signs = vocabulary().signs
    return signs.get(value.casefold()) or signs.get("".join(split_words(value)[-1:]), frozenset())


def is_common(word: str) -> bool:
    """Whether a word is one of the everyday words of requests, which name nothing."""
    return word.casefold() in vocabulary().common or word.casefold() in ROLES


def before_common(words: list[str]) -> list[str]:
    """The words up to the first common one; the first word stays whatever it is."""
    cut = next(
        (place for place, word in enumerate(words) if place and word.casefold() in vocabulary().common), len(words)
    )
    return words[:cut]


def after_common(words: list[str]) -> list[str]:
    """The words behind the last common one."""
    cut = max((place for place, word in enumerate(words, 1) if word.casefold() in vocabulary().common), default=0)
    return words[cut:]


@lru_cache(maxsize=512)
def folded(text: str) -> str:
    """A text in one case, its white space, `_` and `-` as single spaces."""
    return re.sub(r"[\s_-]+", " ", text).casefold()


def split_words(name: str) -> tuple[str, ...]:
    """The lower-case words of an identifier or a sentence, numbers left out."""
    return words_of(name[:_DESCRIBED])


@lru_cache(maxsize=2_048)
def words_of(text: str) -> tuple[str, ...]:
    """As `split_words`, of a text of any length."""
    text = text.replace("to-do", "todo")
    spaced = re.sub(r"(?<=[^\W\dA-Z_])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return tuple(word.casefold() for word in re.findall(r"[^\W\d_]+", spaced))


@lru_cache(maxsize=16_384)
def stem(word: str) -> str:
    """An English word in lower case, without the endings of its inflections: "kittens" -> "kitten", "baking" -> "bak".

    What it gives is a key and no word; it is the same for the forms of one word, not always different for two words.
    """
    word = word.casefold().removesuffix("'s")
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith(("sses", "xes", "ches", "shes", "zes")):
        word = word[:-2]
    elif word[-1] == "s" and word[-2] not in "sui":
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3 and _VOWEL.search(rest):
            word = rest[:-1] if rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    else:
        for ending in ("ly", "ness"):
            if word.endswith(ending) and len(word) - len(ending) >= 4:
                word = word.removesuffix(ending)
                break
    word = word[:-1] + "i" if word[-1] == "y" and len(word) > 3 else word
    return word[:-1] if word[-1] == "e" and len(word) > 3 else word


@lru_cache(maxsize=512)
def stems_of(text: str) -> frozenset[str]:
    """The stems of a text's words."""
    return frozenset(stem(word) for word in words_of(text))


def with_synonyms(stems: Set[str]) -> Set[str]:
    """The stems with those of all words that mean the same."""
    return frozenset(stems).union(*(group for group in _synonyms() if group & stems))


@cache
def _synonyms() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(stem(word) for word in group) for group in vocabulary().synonyms)
