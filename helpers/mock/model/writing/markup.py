"""The markup that answers are written in: ``{about|around|roughly}`` is a place that can be worded in several ways.

The most natural wording stands first (`generate.Choice`). What comes from a request goes through `escape`.
"""

from __future__ import annotations

import re

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
