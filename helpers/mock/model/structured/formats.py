"""The formats that are kept: when a string has one, and strings that have it. Other formats are annotations."""

from __future__ import annotations

import re
from datetime import date
from ipaddress import IPv6Address
from typing import NamedTuple

from ..reading.slots import Slot


class Format(NamedTuple):
    """A format: what a string with it looks like, as many of them as are wanted, and what a slot asks for then."""

    test: re.Pattern[str]
    made: str
    kind: str = ""


_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
FORMATS = {
    name: Format(re.compile(pattern, re.ASCII), *more)
    for name, (pattern, *more) in {
        "date": (r"\d{4}-\d{2}-\d{2}", "2025-01-{:02}", "date"),
        "date-time": (rf"\d{{4}}-\d{{2}}-\d{{2}}T{_CLOCK}", "2025-01-{:02}T00:00:00Z", "datetime"),
        "time": (_CLOCK, "00:{:02}:00Z", "time"),
        "duration": (
            r"P(?:\d+W|(?=[\dT])(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)", "PT{}H"
        ),
        "email": (r"[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", "user{}@example.com", "email"),
        "uri": (
            r"[A-Za-z][A-Za-z0-9+.-]*:(?:[\w:/?#@!$&'()*+,;=.~-]|%[0-9A-Fa-f]{2})+", "https://example.com/{}", "url"
        ),
        "uuid": (r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "00000000-0000-4000-8000-0000000000{:02}"),
        "ipv4": (r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}", "192.0.2.{}"),
        "ipv6": (r"[0-9a-fA-F:]{2,39}", "2001:db8::{}"),
        "hostname": (rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*", "host{}.example.com"),
    }.items()
}  # fmt: skip


def kept_formats(names: list[str]) -> list[str]:
    """Those of the formats that are kept."""
    return [name for name in names if name in FORMATS]


def has_format(text: str, name: str) -> bool:
    """Whether a string has a format that is kept."""
    if not FORMATS[name].test.fullmatch(text) or not text.isascii():
        return False
    try:
        if name in {"date", "date-time"}:
            date.fromisoformat(text[:10])
        elif name == "ipv6":
            IPv6Address(text)
    except ValueError:
        return False
    return True


def formatted(slot: Slot, formats: list[str]) -> Slot:
    """The slot, or one that asks for what the format says when the format is telling."""
    kind = next((FORMATS[name].kind for name in formats if FORMATS[name].kind), None)
    return Slot(kind) if kind and slot.kind != kind else slot


def as_format(text: str, formats: list[str]) -> list[str]:
    """What a conversation says in the spelling of the formats, where it has one: "14:30" is 14:30:00Z."""
    if not formats:
        return [text]
    completed = [text, *([f"{text}:00Z"] if re.fullmatch(r"\d{2}:\d{2}", text) and "time" in formats else [])]
    return [option for option in completed if all(has_format(option, name) for name in formats)]
