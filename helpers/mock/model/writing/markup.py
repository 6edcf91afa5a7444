"""The markup that answers are written in: ``{about|around|roughly}`` is a place that can be worded in several ways.

The most natural wording stands first (`generate.Choice`). What comes from a request goes through `escape`, or into a
blank.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import chain, zip_longest

from .generate import Choice, Text

_PLACE_WITH_WORDINGS = re.compile(r"\{([^{}|]*(?:\|[^{}|]*)+)\}")


def parse_markup(markup: str) -> Text:
    """``It is {about|around} noon.`` as a planned text."""
    parts: list[str | Choice] = []
    for index, piece in enumerate(_PLACE_WITH_WORDINGS.split(markup)):
        if index % 2:
            parts.append(Choice(tuple(_unescape(wording) for wording in piece.split("|"))))
        elif piece:
            parts.append(_unescape(piece))
    return Text(tuple(parts))


_MARKS = str.maketrans("{}|", "\x01\x02\x03")
_ESCAPED = str.maketrans("\x01\x02\x03", "{}|")


def escape(text: str) -> str:
    """Text from a request, safe inside markup."""
    return text.translate(_MARKS)


def _unescape(text: str) -> str:
    return text.translate(_ESCAPED) if not text.isprintable() else text


# --- markup with blanks -----------------------------------------------------------------------------------------------

BLANK = "\0"


def filled(markup: str, words: Sequence[str]) -> Text:
    """A planned text of mostly constant markup, with what a request said at its blanks."""
    left = iter(words)
    return Text(
        tuple(
            f"{part[0]}{_unescape(next(left))}{part[1]}" if isinstance(part, tuple) else part
            for part in _with_blanks(markup)
        )
    )


@cache
def _with_blanks(markup: str) -> tuple[str | Choice | tuple[str, ...], ...]:
    """The parts of a markup; one with a blank as what stands before it and behind it."""
    return tuple(
        part.partition(BLANK)[::2] if isinstance(part, str) and BLANK in part else part
        for part in parse_markup(markup).parts
    )


def filled_markup(markup: str, words: Sequence[str]) -> str:
    """The same, still as markup."""
    return "".join(chain.from_iterable(zip_longest(markup.split(BLANK), map(escape, words), fillvalue="")))
