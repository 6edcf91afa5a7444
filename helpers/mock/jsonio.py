"""The one door to the JSON library, so that another can stand in where orjson has no wheel (the browser)."""

from __future__ import annotations

from typing import Any

try:
    import orjson
except ImportError:  # no wheel on this platform: the standard library is slower and knows the same documents
    orjson = None
import json


def loads(text: bytes | str) -> Any:
    """Parse JSON as RFC 8259 has it: no NaN, no lone surrogates, no bytes that are not UTF-8.

    Raises ValueError with the position for everything else, nesting deeper than about 1,000 levels included.
    """
    if orjson is not None:
        return orjson.loads(text)
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("Recursion limit reached") from None


def dumps(value: Any) -> bytes:
    """Compact UTF-8 JSON, keys in the order of the value, as the service sends it."""
    if orjson is not None:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def pretty(value: Any) -> str:
    """JSON for people: two spaces, one member a line."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
