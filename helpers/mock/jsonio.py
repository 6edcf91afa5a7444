"""The one door to the JSON library, so that another can stand in where orjson has no wheel (the browser)."""

from __future__ import annotations

from typing import Any

try:
    import orjson
except ImportError:  # no wheel on this platform: the standard library is slower and knows the same documents
    orjson = None
import json

MAX_NESTING = 200  # levels that are read: orjson writes no more than 254
_SHORT = 2_000  # characters or bytes in which brackets are counted at once


def loads(text: bytes | str) -> Any:
    """Parse JSON as RFC 8259 has it: no NaN, no lone surrogates, no bytes that are not UTF-8.

    Raises ValueError with the position for everything else, and for what is `too_deep`.
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant) if orjson is None else orjson.loads(text)
    except RecursionError:
        raise ValueError("Recursion limit reached") from None
    # A text opens at least as many brackets as it has levels: only one with more than that many need be walked.
    if _openings(text) > MAX_NESTING and too_deep(value):
        raise ValueError(f"nested more than {MAX_NESTING} levels deep")
    return value


def _openings(text: bytes | str) -> int:
    """How many brackets a text opens; of a long one counted until they are enough: looking skips a picture's base64."""
    brackets: Any = ("[", "{") if isinstance(text, str) else (b"[", b"{")
    if len(text) <= _SHORT:
        return text.count(brackets[0]) + text.count(brackets[1])
    found = 0
    for bracket in brackets:
        place = text.find(bracket)
        while place >= 0 and found <= MAX_NESTING:
            found += 1
            place = text.find(bracket, place + 1)
    return found


def too_deep(value: Any) -> bool:
    """Whether arrays and objects are nested more than MAX_NESTING levels."""
    level = [value]
    for _ in range(MAX_NESTING + 1):
        inner = (item for item in level if isinstance(item, (dict, list)))
        level = [member for item in inner for member in (item.values() if isinstance(item, dict) else item)]
        if not level:
            return False
    return True


def dumps(value: Any) -> bytes:
    """Compact UTF-8 JSON, keys in the order of the value, as the service sends it."""
    if orjson is not None:
        try:
            return orjson.dumps(value)
        except TypeError:  # a key is no text, as in a test's own value; to look for such takes four times as long
            return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def pretty(value: Any) -> str:
    """JSON for people: two spaces, one member a line."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
