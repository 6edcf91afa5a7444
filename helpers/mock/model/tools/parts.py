"""A request in parts: where it is cut, what is quoted in it, and what it forbids."""

from __future__ import annotations

import re

from ..reading.vocabulary import vocabulary

MOST_PARTS = 24  # of a request that are looked at one by one

QUOTATION = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^'\n]*'(?!\w)")
_CUT = re.compile(
    r"(?<=[.?!;])(?<!\b[SM]t\.)(?<!\bFt\.)(?<!\b[DM]r\.)(?<!\bMs\.)\s+|"
    r"\s*,?\s+(?:and\s+)?(?:then|after that|afterwards)\s+|"
    r"\s*,?\s+(?:and(?:\s+also)?|also|plus|as well as)\s+|,\s+",
    re.IGNORECASE,
)
# What must not be done asks for nothing: "Don't send it.", "I won't need the weather in Oslo, just the time."
_FORBIDDING = re.compile(
    r"(?P<opening>^\W*|[.!?;\n]\s*|,\s+|,?\s+(?:and|but)\s+)(?:(?:please|no|ok|okay|so|and|but|you)[,\s]+)*"
    r"(?:(?:don['’]?t|do\s+not|never|must\s+not|mustn['’]t|should\s+not|shouldn['’]t)\s+(?:ever\s+)?(?P<verb>[a-z]+)|"
    r"(?:i|we)\s+(?:really\s+)?(?:don['’]?t|do\s+not|won['’]?t|will\s+not|no\s+longer|never)\s+(?:need|want)(?:ed)?\s+"
    r"(?:you\s+)?(?:to\s+(?P<wish>[a-z]+)|(?!to\b))|"
    r"(?:there(?:\s+is|['’]s)\s+)?no\s+need\s+(?:to\s+(?P<need>[a-z]+)|for))\b"
    r"(?:[^.?!;\n]|\.(?=\S))*?"
    r"(?=[.?!;\n](?:\s|$)|\s*$|,?\s+(?:but|instead|just|only|rather)\b|"
    r",\s+(?:please\s+)?(?:and\s+)?(?:what|how|i|can|could|will|is|are|@VERBS)\b)".replace(
        "@VERBS", "tell|show|give|get|find|list|read|send|book|set|create|call|check|search|look|write|play|turn|open"
    ),
    re.IGNORECASE,
)
# "Don't forget to ..." is an order, and "Don't worry" forbids nothing.
_NOT_FORBIDDEN = frozenset(
    {"forget", "hesitate", "mind", "worry", "you", "know", "have", "think", "care", "i", "we", "they", "be", "want",
     "need", "understand", "see", "get"}
)  # fmt: skip
_REMINDING = re.compile(r"\b(?:don['’]?t|do not|never) forget to\s+", re.IGNORECASE)

Span = tuple[int, int]


def cuts(text: str) -> list[Span]:
    """Where a text may be cut into what it asks for; not inside a quotation, which is content."""
    quoted = _quoted(text)
    return [cut.span() for cut in _CUT.finditer(text) if not _inside(cut.start(), quoted)]


def without_forbidden(text: str) -> str:
    """A request without what it forbids; the text of a quotation forbids nothing."""
    quoted = _quoted(text)

    def left(match: re.Match[str]) -> str:
        verb = (match["verb"] or match["wish"] or match["need"] or "").casefold()
        known = verb in vocabulary().act | vocabulary().tell
        opens = match["opening"].strip(" ,").casefold() not in {"", "and", "but"} or not match.start()
        meant = known or (opens and verb not in _NOT_FORBIDDEN and not match["wish"])
        if (verb and not meant) or _inside(match.start(), quoted):
            return match[0]
        return match["opening"] if match["opening"].strip() in {".", "!", "?", ";"} else ""

    text = _REMINDING.sub("", text)
    return _FORBIDDING.sub(left, text).strip() if re.search(r"(?i)n['’]?t\b|\bno\b|never|not\b", text) else text


def _quoted(text: str) -> list[Span]:
    return [match.span() for match in QUOTATION.finditer(text)]


def _inside(place: int, spans: list[Span]) -> bool:
    return any(start < place < end for start, end in spans)
