"""What several rooms do with a text: its small letters, as much of a long one as is read, the words that it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeVar

FIGURE = " 0 "
"""What `Lookout` tells of a text with any figure in it."""

_Known = TypeVar("_Known")
_KNOWN_WORDS, _KNOWN_LENGTH = 20_000, 64  # how many words are kept with what is known of them, and how long they may be
_WORD, _LETTER = re.compile(r"[a-z']+"), re.compile(r"[a-z]")
_READ = 6_000  # characters of a text that are searched for facts


def lowered(text: str) -> str:
    """Small letters; the dotless i and the long s are what a pattern without regard to case takes them for."""
    text = text.lower()
    return text if text.isascii() else text.replace("ı", "i").replace("\u0307", "").replace("ſ", "s")


def clipped(text: str, most: int = _READ) -> str:
    """A text with single spaces, of a very long one the beginning and the end: requests stand there."""
    if len(text) > 8 * most:  # so that what is never read costs nothing
        text = f"{text[: 4 * most]}\n{text[-4 * most :]}"
    return _spaced(text, most)


@lru_cache(maxsize=512)
def _spaced(text: str, most: int) -> str:
    text = re.sub(r"\n\s+", "\n", re.sub(r"[^\S\n]+", " ", text))
    half = most // 2 - 1
    return text if len(text) <= most else f"{text[:half]}\n{text[-half:]}"


class Words(dict[str, _Known]):
    """What `made` tells of the words met lately, as every tokenizer keeps them: of words, never of a text."""

    def __init__(self, made: Callable[[str], _Known]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, word: str) -> _Known:
        known = self._made(word)
        if len(word) <= _KNOWN_LENGTH:
            if len(self) >= _KNOWN_WORDS:
                self.clear()
            self[word] = known
        return known


class Lookout:
    """Tells which of many pieces of text a text holds, in one pass over its words; patterns are slow to fail.

    The pieces are in small letters, and each of their words has some. None has a blank at an end but a whole word:
    " word " is told where it stands by itself. FIGURE is told for a figure.
    """

    def __init__(self, pieces: Iterable[str]) -> None:
        every = frozenset(pieces)
        self._whole = frozenset(piece for piece in every if piece[0] == " ")
        self._phrases = frozenset(piece for piece in every - self._whole if " " in piece)
        self._by_part: dict[str, list[str]] = {}  # pieces, under the word of each by which it is found
        self._parts: dict[str, set[str]] = {}  # these words, under their first letters
        for piece in every - self._whole:
            part = max(piece.split(), key=len)
            self._parts.setdefault(part[0], set()).add(part)
            self._by_part.setdefault(part, []).append(piece)
        self._words = Words(self._held)

    def __call__(self, text: str) -> frozenset[str]:
        """The pieces that a text holds."""
        found = _NOTHING.union(*filter(None, map(self._words.__getitem__, text.split())))
        if self._phrases.isdisjoint(found):
            return found
        small = lowered(text)
        return found.difference([piece for piece in found & self._phrases if piece not in small])

    def _held(self, word: str) -> frozenset[str]:
        """The pieces that a word holds, and the phrases of which it holds the longest word."""
        figure = (FIGURE,) if any(map(str.isdecimal, word)) else ()
        small = lowered(word)
        if not _LETTER.search(small):
            return frozenset(figure)
        parts = self._parts
        begun = [(part, at) for at, letter in enumerate(small) for part in parts.get(letter, ())]
        held = [self._by_part[part] for part, at in begun if small.startswith(part, at)]
        whole = self._whole.intersection([f" {run} " for run in _WORD.findall(small.replace("’", "'"))])
        return whole.union(figure, *held)


_NOTHING: frozenset[str] = frozenset()


class Seen(dict[str, frozenset[str]]):
    """What a lookout tells of the texts of one request, each of which it reads once."""

    def __init__(self, lookout: Lookout) -> None:
        super().__init__({"": _NOTHING})
        self._lookout = lookout

    def __missing__(self, text: str) -> frozenset[str]:
        held = self[text] = self._lookout(text)
        return held
