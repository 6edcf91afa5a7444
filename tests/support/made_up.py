"""Words that nobody has tuned for: syllables put together, for tests of what the mock does with names it never saw."""

from __future__ import annotations

from hypothesis import Phase, settings
from hypothesis import strategies as st

_OPENINGS = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "t", "v", "z", "br", "dr", "gl", "kr", "pl", "tr")
_VOWELS = ("a", "e", "i", "o", "u")

_syllable = st.tuples(st.sampled_from(_OPENINGS), st.sampled_from(_VOWELS)).map("".join)

nouns = st.lists(_syllable, min_size=3, max_size=4).map("".join)
"""Nouns of no language: "kramobu"."""

names = nouns.map(str.capitalize)
"""Names of nobody: "Dralipo"."""


def several(of: st.SearchStrategy[str], least: int, most: int | None = None) -> st.SearchStrategy[list[str]]:
    """Different words, none of which looks like another."""
    return st.lists(of, min_size=least, max_size=most or least, unique_by=lambda word: word[:4].casefold())


def made_up(examples: int) -> settings:
    """Settings for so many examples; nothing is learnt from a shorter word that means nothing."""
    return settings(max_examples=examples, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
