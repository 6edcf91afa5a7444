"""What several rooms do with a text: its small letters, and as much of a long one as is read."""

from __future__ import annotations

import re
from functools import lru_cache

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
