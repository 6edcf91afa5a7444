"""What a text is about, as weighted features: its words, the concepts and topics they belong to, and their order.

The concepts are a table, `data/concepts.toml`, written for everyday English. Words that are not in it still count by
their spelling, so any language and any name can be found again, but only in its own words.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice, pairwise

from ...data import table
from .vocabulary import stem

# Scripts whose words no space parts: Thai and Lao, Chinese and Japanese, Korean.
_UNSPACED = "\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"([{_UNSPACED}]+)|((?:(?![{_UNSPACED}_])\w){{1,40}}(?:'[a-z]{{1,2}}\b)?)|([^\w\s\x00-\x7f])")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOT = re.compile(r"(?:\bca|\bwo)?n't\b")
_ACCENTS = re.compile("[\u0300-\u036f]")

_READ = 20_000  # words (or characters, where words are not parted): no model takes a text as long
_LONGEST = 8 * _READ  # characters

# How much of a word is its meaning (topic and concept, shared with others) and how much the word itself.
_TOPIC, _CONCEPT, _WORD = 0.45, 0.85, 0.5
_UNKNOWN = 0.7  # of a word that is not in the table: a name or a term, which is rare and so tells texts apart
_KIN = 0.3  # of a topic that is near the word's own
_SPELLING = 0.45  # of a word itself, what it shares with words spelt like it
_FUNCTION, _COMMON = 0.03, 0.3  # what words of grammar and words that fit any topic count, of 1
_PAIR = 0.06  # of two words that follow each other
_REPEATED = 0.75  # exponent: what is said nine times counts 5.2 times


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """`senses`: what a stem, or a phrase of stems, may mean: for each of its concepts, that and topics with weights."""

    senses: Mapping[str, Sequence[Mapping[str, float]]]
    weights: Mapping[str, float]
    openings: Mapping[str, int]  # the first stem of a phrase -> the stems of the longest phrase that begins with it


def features(text: str) -> dict[str, float]:
    """The features of a text with weights: ``{"topic:pets": 0.4, "concept:pets.cat": 0.8, "word:kitten": 0.3, ...}``.

    Upper case, accents and punctuation play no part. The squares of the weights sum up to 1; a text that holds neither
    letters, digits nor symbols has no features. The first 20,000 words are read, of the first 160,000 characters.
    """
    lexicon = _lexicon()
    tokens = list(islice(_tokens(text[:_LONGEST]), _READ))
    stems = [stem(token) for token in tokens]
    weights = [lexicon.weights.get(token, 1.0) for token in tokens]
    counted: dict[str, float] = {}
    for root, weight in zip(stems, weights, strict=True):
        counted[root] = counted.get(root, 0.0) + weight
    meanings: dict[str, float] = {}
    bag: dict[str, float] = {}
    for root, weight in counted.items():
        for name, share in _merged(root).items():
            meanings[name] = meanings.get(name, 0.0) + weight * share
        damped = weight**_REPEATED
        for name, share in _written(root):
            bag[name] = bag.get(name, 0.0) + damped * share
    for phrase in _phrases(stems, lexicon):
        for name, share in _merged(phrase).items():
            meanings[name] = meanings.get(name, 0.0) + share
    telling = [root for root, weight in zip(stems, weights, strict=True) if weight == 1.0 and len(root) > 2]
    for left, right in pairwise(telling):
        bag[f"pair:{left} {right}"] = _PAIR
    bag |= {name: weight**_REPEATED for name, weight in meanings.items()}
    return scaled(bag)


def meaning(words: Iterable[str]) -> dict[str, float]:
    """What words mean together, as `features` of unit length without spelling and order: quick, for short texts."""
    weights, bag = _lexicon().weights, dict[str, float]()
    for word in words:
        root, weight = stem(word), weights.get(word, 1.0)
        for name, share in _merged(root).items():
            bag[name] = bag.get(name, 0.0) + weight * share
        bag[root] = bag.get(root, 0.0) + weight * _WORD
    return scaled(bag)


def is_known(word: str) -> bool:
    """Whether the table has a word in lower case, or one of its family."""
    return word in _lexicon().weights or bool(_merged(stem(word)))


def meanings() -> list[str]:
    """The names of all topics and concepts, as `features` has them."""
    return sorted({name for senses in _lexicon().senses.values() for sense in senses for name in sense})


def scaled(bag: Mapping[str, float], length: float = 1.0) -> dict[str, float]:
    """The same features with weights whose squares sum up to the square of `length`."""
    size = math.sqrt(math.fsum(weight * weight for weight in bag.values())) or 1.0
    return {name: weight * length / size for name, weight in bag.items()}


@lru_cache(maxsize=16_384)
def _written(root: str) -> tuple[tuple[str, float], ...]:
    """A word's own features: itself, and its groups of three letters, which words spelt like it have too."""
    share = _WORD if _merged(root) else _UNKNOWN
    marked = f"<{root}>"
    groups = {marked[at : at + 3] for at in range(len(root))} if len(root) > 2 else ()
    if not groups:
        return ((f"word:{root}", share),)
    own, each = share * math.sqrt(1 - _SPELLING), share * math.sqrt(_SPELLING / len(groups))
    return (f"word:{root}", own), *((f"spelling:{group}", each) for group in sorted(groups))


def _tokens(text: str) -> Iterator[str]:
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text).replace("’", "'"))
        text = unicodedata.normalize("NFKC", text)
    for unspaced, word, symbol in _TOKEN.findall(_NOT.sub(" not", _CAMEL.sub(" ", text).casefold())):
        if word:
            yield word
        elif unspaced:
            yield from unspaced
            yield from (left + right for left, right in pairwise(unspaced))
        else:  # an emoji is called what it shows: "cat face"
            yield symbol
            yield from re.findall(r"[a-z]{3,}", unicodedata.name(symbol, "").lower())


def _phrases(stems: list[str], lexicon: _Lexicon) -> Iterator[str]:
    for start, root in enumerate(stems):
        longest = min(lexicon.openings.get(root, 1), len(stems) - start)
        for size in range(2, longest + 1):
            phrase = " ".join(stems[start : start + size])
            if phrase in lexicon.senses:
                yield phrase


@cache
def _lexicon() -> _Lexicon:
    data = table("concepts.toml")
    topics = data["topic"]
    found: dict[str, list[Mapping[str, float]]] = {}
    for topic, row in topics.items():
        near = {} if row.get("loose") else _topic(topic, row.get("kin", ()))
        for concept, listed in row["concepts"].items():
            sense = near | {f"concept:{topic}.{concept}": _CONCEPT}
            for phrase in {
                " ".join(stem(token) for token in _tokens(word.replace("_", " "))) for word in listed.split()
            }:
                found.setdefault(phrase, []).append(sense)
    weights = dict.fromkeys(data["words"]["common"].split(), _COMMON)
    weights |= {stem(word): weight for word, weight in weights.items()}
    weights |= dict.fromkeys(data["words"]["function"].split(), _FUNCTION)
    openings: dict[str, int] = {}
    for first, *others in (phrase.split() for phrase in found):
        openings[first] = max(openings.get(first, 1), 1 + len(others))
    return _Lexicon(found, weights, openings)


def _topic(topic: str, kin: Iterable[str]) -> dict[str, float]:
    shares = {f"topic:{topic}": 1.0} | {f"topic:{other}": _KIN for other in kin}
    return scaled(shares, _TOPIC)


@lru_cache(maxsize=16_384)
def _merged(phrase: str) -> Mapping[str, float]:
    """What a stem or a phrase means, all its concepts together, of one length for all; nothing outside of the table."""
    together = Counter[str]()
    for sense in _lexicon().senses.get(phrase, ()):
        together.update(sense)
    length = math.hypot(_TOPIC, _CONCEPT)
    return scaled(together, length)
