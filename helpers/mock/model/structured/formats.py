"""The formats that are kept: when a string has one, and strings that have it. Other formats are annotations."""

from __future__ import annotations

import re
from datetime import date
from ipaddress import IPv6Address
from typing import NamedTuple

from ..reading.slots import Slot


class Format(NamedTuple):
    """A format: what a string with it looks like, and where strings with it come from."""

    test: re.Pattern[str]
    pattern: str  # the same, narrower, for strings that have to meet a pattern or a length as well
    examples: tuple[str, str]
    numbered: str  # as many more as are wanted
    kind: str = ""  # what a slot is to ask a conversation for


_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
FORMATS = {
    "date": Format(
        re.compile(r"\d{4}-\d{2}-\d{2}"),
        r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$",
        ("2025-01-01", "2025-01-02"),
        "2025-03-{:02}",
        kind="date",
    ),
    "date-time": Format(
        re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}T{_CLOCK}"),
        r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+]0\d:00)$",
        ("2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z"),
        "2025-01-01T00:{:02}:00Z",
        kind="datetime",
    ),
    "time": Format(
        re.compile(_CLOCK),
        r"^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+]0\d:00)$",
        ("00:00:00Z", "12:00:00Z"),
        "00:{:02}:00Z",
        kind="time",
    ),
    "duration": Format(
        re.compile(r"P(?:\d+W|(?=[\dT])(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)"),
        r"^P(\d+D|T\d+[HMS]|\d+W)$",
        ("PT1H", "P1D"),
        "PT{}H",
    ),
    "email": Format(
        re.compile(r"[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII),
        r"^[a-z0-9][a-z0-9._-]*@[a-z0-9]+([.][a-z0-9]+)+$",
        ("user@example.com", "user2@example.com"),
        "user{}@example.com",
        kind="email",
    ),
    "uri": Format(
        re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[\w:/?#@!$&'()*+,;=.~-]|%[0-9A-Fa-f]{2})+", re.ASCII),
        r"^[a-z]+:(//)?[a-z0-9][a-z0-9./-]*$",
        ("https://example.com/", "https://example.com/2"),
        "https://example.com/{}",
        kind="url",
    ),
    "uuid": Format(
        re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
        r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
        ("00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000001"),
        "00000000-0000-4000-8000-0000000000{:02}",
    ),
    "ipv4": Format(
        re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}", re.ASCII),
        r"^(1\d\d|[1-9]?\d)([.](1\d\d|[1-9]?\d)){3}$",
        ("192.0.2.1", "192.0.2.2"),
        "192.0.2.{}",
    ),
    "ipv6": Format(
        re.compile(r"[0-9a-fA-F:]{2,39}"),
        r"^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}$",
        ("2001:db8::1", "2001:db8::2"),
        "2001:db8::{}",
    ),
    "hostname": Format(
        re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*"),
        r"^[a-z0-9]+([.-][a-z0-9]+)*$",
        ("example.com", "www.example.com"),
        "host{}.example.com",
    ),
}


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


def numbered(name: str, number: int) -> str:
    """One of many strings that have the format."""
    return FORMATS[name].numbered.format(number if name != "date" else min(number, 28))
