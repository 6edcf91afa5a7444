"""Which of several options a text speaks for: by what both have in common, and by the words of `labels.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from ...data import table
from .vocabulary import stem, stems_of, vocabulary, with_synonyms

_READ = 6_000  # characters of a text
_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
_NEGATIONS = frozenset([
    "not", "no", "never", "without", "isn't", "wasn't", "aren't", "don't", "doesn't", "didn't", "can't", "couldn't",
    "won't", "wouldn't", "hardly", "nothing",
])  # fmt: skip
_OPPOSITE = {"positive": "negative", "negative": "positive"}
# What stands for "none of the others".
_REST = ("neutral", "other", "others", "general", "misc", "miscellaneous", "none", "not spam", "ham", "unknown")


def likest(options: Mapping[str, str], text: str) -> str:
    """The option, given with what is said of it, that a text speaks for most; without any the one for the rest, else
    the first. A text that speaks for opposites alike is mixed, where that is an option."""
    points = _points(options, text)
    first, most = max(points.items(), key=lambda pair: pair[1])
    named = {_plain(option): option for option in options}
    if not most:
        return next((named[rest] for rest in _REST if rest in named), first)
    opposite = named.get(_OPPOSITE.get(_plain(first), ""), "")
    if points.get(opposite) and (_plain("mixed") in named or points[opposite] == most):
        return named.get("mixed") or named.get("neutral") or first
    return first


def shares(option: str, told: str, text: str) -> bool:
    """Whether a text speaks for an option at all."""
    return any(_points({option: told}, text).values())


def _points(options: Mapping[str, str], text: str) -> dict[str, float]:
    """How much speaks for each option: its own words and those of the table twice, what else is said of it once."""
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text[-_READ:])]
    spoken = frozenset(map(stem, words))
    stems = spoken - _idle()
    kin = with_synonyms(stems)
    named = {_plain(option): option for option in options}
    points = dict.fromkeys(options, 0.0)
    for option, told in options.items():
        own = stems_of(option) - _empty()  # a word that is common elsewhere says much here: "refunds"
        points[option] += (
            2.0 * len(own & spoken) + len((own & kin) - spoken) + len((stems_of(told) - _idle() - own) & stems)
        )
    for place, word in enumerate(words):
        for name in [name for name in named if word in _cues().get(name, ())]:
            denied = _NEGATIONS.intersection(words[max(place - 3, 0) : place])
            meant = _OPPOSITE.get(name, name) if denied else name
            points[named.get(meant, named[name])] += 2.0
    return points


_QUOTED = r"[\"'“`]([\w -]{1,40})[\"'”`]"
OFFERED = re.compile(rf"{_QUOTED}(?:\s*(?:,|/|\||or|and)\s*)+{_QUOTED}")


def offered_in(description: str) -> list[str]:
    """The choices that a description quotes: "'yes' or 'no'"."""
    offered = OFFERED.search(description)
    return re.findall(_QUOTED, description[offered.start() :]) if offered else []


def is_label(option: str) -> bool:
    """Whether the table knows what speaks for an option, or that it stands for the rest."""
    return _plain(option) in _cues() or _plain(option) in _REST


def _plain(option: str) -> str:
    return re.sub(r"[\W_]+", " ", option.lower()).strip()


@cache
def _empty() -> frozenset[str]:
    """The stems of words that never say anything."""
    return frozenset(map(stem, vocabulary().idle | vocabulary().asking))


@cache
def _idle() -> frozenset[str]:
    return _empty() | frozenset(map(stem, vocabulary().common))


@cache
def _cues() -> dict[str, frozenset[str]]:
    """The words that speak for a label, by each name of the label."""
    found: dict[str, frozenset[str]] = {}
    for row in table("labels.toml")["label"]:
        found |= dict.fromkeys(row["names"], frozenset(row["words"].split()))
    return found
