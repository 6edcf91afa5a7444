"""Days and times of day that a text names, in figures and in words: "3 May", "tomorrow", "in two weeks", "at noon".

The same text always names the same days: "tomorrow" is counted from a date that is passed in, never from the clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from ...clock import DEFAULT_TODAY
from ...text import clipped, lowered
from .numbers import CARDINALS

MONTHS: list[str] = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
]  # fmt: skip
WEEKDAYS: list[str] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Moments(NamedTuple):
    """The `dates` ("2025-03-04") and `times` ("17:30") of a text in reading order, without repeats; `rest` is the text
    with both blanked out, so that their digits are not counted as numbers."""

    dates: tuple[str, ...]
    times: tuple[str, ...]
    rest: str


def moments_in(text: str, today: date) -> Moments:
    """What a text says of days and times; a day without its year is the next one from `today` on."""
    dates, text = _taken(text, _DATES, today)
    times, text = _taken(text, _TIMES, today)
    return Moments(dates, times, text)


_Reader = Callable[[re.Match[str], date], str | None]


def _taken(text: str, rows: tuple[tuple[str, _Reader], ...], today: date) -> tuple[tuple[str, ...], str]:
    """What the rows read in a text, each with what the rows before it have left, and what all of them leave."""
    found: list[tuple[int, str]] = []
    for pattern, read in rows:

        def blank(match: re.Match[str], read: _Reader = read) -> str:
            value = read(match, today)
            if value is None:
                return match[0]
            found.append((match.start(), value))
            return " " * len(match[0])

        text = re.sub(pattern, blank, text, flags=re.IGNORECASE)
    return tuple(dict.fromkeys(value for _, value in sorted(found))), text


def iso(year: int, month: int, day: int) -> str | None:
    """A day in ISO 8601; None where the calendar has no such day."""
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _in_days(today: date, days: int) -> str | None:
    try:
        return (today + timedelta(days=days)).isoformat()
    except OverflowError:
        return None


def _of_month(day: str, name: str, year: str | None, today: date) -> str | None:
    month = next(number for number, full in enumerate(MONTHS, 1) if full.startswith(lowered(name)[:3]))
    if year:
        return iso(int(year), month, int(day))
    this_year = iso(today.year, month, int(day))
    return this_year if this_year and this_year >= today.isoformat() else iso(today.year + 1, month, int(day))


def _weekday(name: str, today: date) -> str | None:
    return _in_days(today, (WEEKDAYS.index(lowered(name)) - today.weekday()) % 7 or 7)


def _ahead(count: str, unit: str, today: date) -> str | None:
    number = int(count) if count.isdigit() else CARDINALS.get(lowered(count), 1)
    return _in_days(today, number * (7 if unit[0] in "wW" else 1))


def _clock(hour: str, minute: str, half: str) -> str | None:
    hours, minutes = int(hour), int(minute or 0)
    if half:
        hours = hours % 12 + (12 if half[0] in "pP" else 0)
    return f"{hours:02}:{minutes:02}" if hours < 24 and minutes < 60 else None


_NEAR = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}
_MONTH = "|".join(rf"{month[:3]}(?:{month[3:]})?" if month[3:] else month for month in MONTHS)
_SEVERAL = rf"\d{{1,3}}|{'|'.join(CARDINALS)}|a"
_FROM_NOW = (
    rf"\b(?:in ({_SEVERAL})|({_SEVERAL})(?= \w+ from (?:now|today)\b)) (days?|weeks?)\b(?: from (?:now|today)\b)?"
)

# How a text names a day and a time of day, and how that is read; what a row has taken is gone for the rows below it.
_DATES: tuple[tuple[str, _Reader], ...] = (
    (r"\b(\d{4})-(\d{2})-(\d{2})(?=T|\b)", lambda m, _: iso(int(m[1]), int(m[2]), int(m[3]))),
    (
        rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({_MONTH})\b\.?(?:,?\s+(\d{{4}}))?",
        lambda m, today: _of_month(m[1], m[2], m[3], today),
    ),
    (
        rf"\b({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(\d{{4}}))?",
        lambda m, today: _of_month(m[2], m[1], m[3], today),
    ),
    (
        r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b",
        lambda m, _: iso(int(m[3]), int(m[2]), int(m[1])) or iso(int(m[3]), int(m[1]), int(m[2])),
    ),
    (r"\bday after tomorrow\b", lambda _, today: _in_days(today, 2)),
    (_FROM_NOW, lambda m, today: _ahead(m[1] or m[2], m[3], today)),
    (rf"\b({'|'.join(_NEAR)})\b", lambda m, today: _in_days(today, _NEAR[lowered(m[1])])),
    (rf"\b({'|'.join(WEEKDAYS)})\b", lambda m, today: _weekday(m[1], today)),
)
_TIMES: tuple[tuple[str, _Reader], ...] = (
    (
        r"(?<![^\W\d_])T(\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?",
        lambda m, _: _clock(m[1], m[2], ""),
    ),
    (r"\b(\d{1,2})(?:[:.](\d{2}))?\s*([ap]\.?m\b\.?)", lambda m, _: _clock(m[1], m[2], m[3])),
    (r"\b(\d{1,2}):(\d{2})(?::\d{2})?\b", lambda m, _: _clock(m[1], m[2], "")),
    (r"\b(?:noon|(midnight))\b", lambda m, _: "00:00" if m[1] else "12:00"),
)


def days_ahead(text: str) -> list[int]:
    """How many days ahead a text speaks of, where it counts them: "in 3 days", "two weeks from now"."""
    found = [_ahead(match[1] or match[2], match[3], date.min) for match in re.finditer(_FROM_NOW, text, re.IGNORECASE)]
    return [(date.fromisoformat(day) - date.min).days for day in found if day]


_STATES_TODAY = re.compile(
    r"\b(?:today(?:['’]s date)?|(?:current|today['’]s) (?:date|time|datetime|date and time|day)|"
    r"date today|it['’]s|it is|now)\b"
    r"(?:\s+\([^)]{0,20}\))?(?:\s+(?:is|being))?\s*[:=]?\s*",
    re.IGNORECASE,
)
_STATED = re.compile(rf"(?:(?:{'|'.join(WEEKDAYS)}),?\s+)?(?:the\s+)?([^;?!\n]{{6,30}})", re.IGNORECASE)


def stated_today(*texts: str) -> date | None:
    """The day that texts say it is: "Today is 2026-11-20", "Current date: Friday, 20 November 2026"; None for none.

    A day without its year says too little, and the last statement counts.
    """
    found = None
    for text in map(clipped, texts):
        for cue in _STATES_TODAY.finditer(text):
            named = _STATED.match(text, cue.end())
            if named and re.search(r"\d{4}", named[1]):
                days = [day for day in moments_in(named[1], DEFAULT_TODAY).dates if day[:4] in named[1]]
                found = date.fromisoformat(days[0]) if days else found
    return found
