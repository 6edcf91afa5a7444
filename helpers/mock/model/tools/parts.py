"""A request in parts: where it is cut, what is quoted in it, and what it forbids."""

from __future__ import annotations

import re
from functools import cache

from ..reading.vocabulary import vocabulary

MOST_PARTS = 24  # of a request that are looked at one by one

_QUOTED = r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^'\n]*'(?!\w)"
QUOTATION = re.compile(_QUOTED)
# What must not be done asks for nothing; "Don't forget to ..." is an order, and "Don't worry" forbids nothing.
_FORBIDDING = re.compile(
    rf"(?P<kept>{_QUOTED})|(?:^\W*|(?<=[.!?;,])\s*|,?\s+(?:and|but)\s+)(?:(?:please|no|ok|you)[,\s]+)*"
    r"(?:(?:do(?:n['’]?t| not)|never|must(?:n['’]t| not))\s+"
    r"(?!you|we|i\b|forget|hesitate|worry|mind|know|have|need|want|think|care)|"
    r"(?:i|we)\s+(?:do(?:n['’]?t| not)|wo(?:n['’]t)|will not)\s+(?:need|want)\s+(?!to\b)|no need to\s+)"
    r"(?:[^.?!;\n,]|\.(?=\S))*?(?=[.?!;,\n](?:\s|$)|\s*$|\s+(?:but|instead|just|only|rather)\b)",
    re.IGNORECASE,
)
_REMINDING = re.compile(r"\b(?:don['’]?t|do not|never) forget to\s+", re.IGNORECASE)
_CUT = re.compile(
    r"(?<=[.?!;])(?<!\b[SM]t\.)(?<!\bFt\.)(?<!\b[DM]r\.)(?<!\bMs\.)\s+|"
    r"(?<!\s)(?:\s*,)?\s+(?:and\s+)?(?:then|after that|afterwards)\s+|"
    r"(?<!\s)(?:\s*,)?\s+(?:and(?:\s+also)?|also|plus|as well as)\s+|,\s+",
    re.IGNORECASE,
)
Span = tuple[int, int]


def cuts(text: str) -> list[Span]:
    """Where a text may be cut into what it asks for; not inside a quotation, which is content."""
    quoted = _quoted(text)
    found = (cut for cut in _CUT.finditer(text) if not _inside(cut.start(), quoted))
    return [cut.span() for cut in found if not _region().match(text, cut.end())]


@cache
def _region() -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(map(re.escape, sorted(vocabulary().regions)))})\b", re.IGNORECASE)


def without_forbidden(text: str) -> str:
    """A request without what it forbids; the text of a quotation forbids nothing."""
    return _FORBIDDING.sub(lambda found: found["kept"] or "", _REMINDING.sub("", text)).strip()


def _quoted(text: str) -> list[Span]:
    return [match.span() for match in QUOTATION.finditer(text)]


def _inside(place: int, spans: list[Span]) -> bool:
    return any(start < place < end for start, end in spans)
