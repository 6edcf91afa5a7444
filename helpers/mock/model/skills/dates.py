"""Questions about the calendar. "Today" is known only when the conversation says it: the mock asks no clock."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta

from ..reading.conversation import Conversation
from .shared import COUNT, count_of, sentences, wants_only

_READ = 300  # characters of a question
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTH = "|".join(rf"{name[:3]}(?:{name[3:]}|\.)?" if name != "may" else name for name in _MONTHS)
_WEEKDAY = rf"(?:(?:{'|'.join(_WEEKDAYS)}),?\s+)?(?:the\s+)?"
DATE = (
    rf"{_WEEKDAY}(?:\d{{4}}-\d{{1,2}}-\d{{1,2}}|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH}),?\s+\d{{4}}|"
    rf"(?:{_MONTH})\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}|\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}})"
)
"""A pattern for a date with its year, without groups; `day_of` reads what it matches."""
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})$")
_DAY_FIRST = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({_MONTH}),?\s+(\d{{4}})$", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})$", re.IGNORECASE)
_FIGURES = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})$")


def day_of(text: str) -> date | None:
    """The day that a date names; None where there is no such day, or where 3/4/2025 may be one of two."""
    try:
        if match := _ISO.search(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _DAY_FIRST.search(text):
            return date(int(match[3]), _month(match[2]), int(match[1]))
        if match := _MONTH_FIRST.search(text):
            return date(int(match[3]), _month(match[1]), int(match[2]))
        if match := _FIGURES.search(text):
            first, second, year = int(match[1]), int(match[2]), int(match[3])
            if first > 12 or first == second or "." in text:
                return date(year, second, first)
            return date(year, first, second) if second > 12 else None
    except ValueError:
        pass
    return None


def _month(name: str) -> int:
    return next(number for number, full in enumerate(_MONTHS, 1) if full.startswith(name.lower()[:3]))


def written(day: date) -> str:
    """A date as it is written in a sentence: "Friday, 17 May 2024"."""
    return f"{_WEEKDAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1].capitalize()} {day.year}"


_TODAY = re.compile(
    rf"\b(?:today(?:['’]s date)?(?: is|:|,)|(?:the )?current date(?: and time)?(?: is)?:?|the date(?: today)? "
    rf"is|date:)\s*"
    rf"(?P<day>{DATE})",
    re.IGNORECASE,
)


def today_of(conversation: Conversation) -> date | None:
    """What the conversation says that today is: its latest word on it, else the system text's."""
    for text in (*reversed(conversation.asked), conversation.system):
        if "date" in text.lower() or "today" in text.lower():
            for match in _TODAY.finditer(text[:2000]):
                if day := day_of(match["day"]):
                    return day
    return None


_OPENING = r"^\W*(?:(?:please|can you|could you|hi|hello|and|so|tell me|do you know|calculate)[\s,]+)*"
_WHICH_DAY = re.compile(
    _OPENING + r"(?:on )?(?:what|which) (?:day(?: of the week)?|weekday) (?:is|was|will|does|did|were)(?: it on)?\s+"
    rf"(?P<day>{DATE})(?: (?:be|fall|fall on|a))?[\s?.!]*$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    _OPENING + r"how many (?P<unit>days|weeks)(?: are| were)?(?: there)? (?:between|from) "
    rf"(?P<first>{DATE}) (?:and|to|until|till) (?P<last>{DATE})[\s?.!]*$",
    re.IGNORECASE,
)
_STEP = rf"(?P<count>an?|{COUNT}|\d{{4,6}}) (?P<unit>day|week|month|year)s?"
_AFTER = re.compile(
    _OPENING
    + r"(?:what|which)(?:['’]?s| is| was| will be)?(?: the)? (?:date|day)(?: is| was| will be| will it be)?(?: it)? "
    rf"{_STEP} (?P<way>after|from|before|since|prior to) (?P<day>{DATE}|today|now)[\s?.!]*$",
    re.IGNORECASE,
)
_ADD = re.compile(
    _OPENING + rf"(?P<way>add|subtract) {_STEP} (?:to|from) (?P<day>{DATE}|today)[\s?.!]*$", re.IGNORECASE
)
_LEAP = re.compile(
    _OPENING + r"(?:is|was|will)(?: the year)? (?P<year>\d{4})(?: be)? a leap year[\s?.!]*$", re.IGNORECASE
)
_LENGTH = re.compile(
    _OPENING + rf"how many days (?:are |were |will be )?(?:there )?(?:in|does|did)(?: the (?:month of|year))? "
    rf"(?:(?P<month>{_MONTH}) ?(?:of )?)?(?P<year>\d{{4}})?(?: have)?(?: in (?P<other>\d{{4}}))?[\s?.!]*$",
    re.IGNORECASE,
)
_NOW = re.compile(
    _OPENING
    + r"(?:what|which)(?:['’]?s| is)? (?:(?:the )?(?P<date>(?:current |today['’]?s )?date)|(?P<weekday>(?:week)?day)"
    r"(?: of the week)?|(?:today['’]?s date))?(?: is(?: it)?)?(?: it)?\s?(?P<when>today|tomorrow|right now|"
    r"now)?[\s?.!]*$",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    _OPENING + r"what(?:['’]?s)? (?:is )?(?:the )?(?:current )?time(?: is it)?(?: now| right now)?[\s?.!]*$",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    _OPENING + r"how many (?P<unit>days|weeks) (?:are (?:there )?(?:left )?|is it |left )?(?:until|till|to|before) "
    rf"(?P<day>{DATE}|christmas(?: day| eve)?|new year(?:['’]?s)?(?: day| eve)?|halloween)[\s?.!]*$",
    re.IGNORECASE,
)
_FEASTS = {
    "christmas eve": (12, 24),
    "christmas": (12, 25),
    "new year eve": (12, 31),
    "new year": (1, 1),
    "halloween": (10, 31),
}
_UNKNOWN = (
    "{I do not know today's date|I cannot know what day it is}: I have no clock, and "
    "{nothing in this conversation says it|this conversation does not say it}. {Put it|Write it} "
    "into the system message, such as “Today is 2025-03-03.”"
)


def reckon(conversation: Conversation) -> str | None:
    """The answer to a question about dates."""
    text = " ".join(conversation.meaning.split())
    if len(text) > _READ:
        return None
    said = [part for part in sentences(text) if part]
    lowered = text.lower()
    if "today" in lowered or "date" in lowered:
        said = [part for part in said if not _TODAY.search(part)]
    if not said or any("?" in part for part in said[1:]):
        return None
    for pattern, work in _QUESTIONS:
        if match := pattern.match(said[0]):
            try:
                return work(match, conversation)
            except (ValueError, OverflowError):
                return None
    return None


def _which_day(match: re.Match[str], conversation: Conversation) -> str | None:
    day = day_of(match["day"])
    if not day:
        return None
    name = _WEEKDAYS[day.weekday()]
    if wants_only(conversation):
        return name
    short = written(day).partition(", ")[2]
    return f"{{{short} falls on a {name}.|{short}: a {name}.}}"


def _between(match: re.Match[str], conversation: Conversation) -> str | None:
    first, last = day_of(match["first"]), day_of(match["last"])
    return _distance(abs((last - first).days), match["unit"], conversation) if first and last else None


def _distance(days: int, unit: str, conversation: Conversation) -> str:
    if unit.lower() == "weeks":
        weeks, rest = divmod(days, 7)
        return " and ".join([_so_many(weeks, "week"), *([_so_many(rest, "day")] if rest else [])]) + "."
    return str(days) if wants_only(conversation) else f"{{It is {_so_many(days, 'day')}.|{_so_many(days, 'day')}.}}"


def _so_many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _after(match: re.Match[str], conversation: Conversation) -> str | None:
    day = today_of(conversation) if match["day"].lower() in {"today", "now"} else day_of(match["day"])
    if not day:
        return _UNKNOWN if match["day"].lower() in {"today", "now"} else None
    count = 1 if match["count"].lower() in {"a", "an"} else count_of(match["count"])
    if match["way"].lower() in {"before", "prior to", "subtract"}:
        count = -count
    unit = match["unit"].lower()
    there = moved(day, count, unit)
    if there is None:
        return None
    return there.isoformat() if wants_only(conversation) else f"{{It is|That is}} {written(there)}."


def moved(day: date, count: int, unit: str) -> date | None:
    """The day so many days, weeks, months or years later; None where the month has no such day, or no year is left."""
    if unit in {"day", "week"}:
        try:
            return day + timedelta(days=count * (7 if unit == "week" else 1))
        except OverflowError:
            return None
    months = day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1)
    try:
        return day.replace(year=months // 12, month=months % 12 + 1)
    except (ValueError, OverflowError):
        return None


def _leap(match: re.Match[str], conversation: Conversation) -> str | None:
    year = int(match["year"])
    if calendar.isleap(year):
        return "Yes" if wants_only(conversation) else f"Yes, {year} {{is a leap year|has 366 days}}."
    return "No" if wants_only(conversation) else f"No, {year} {{is not a leap year|has 365 days}}."


def _length(match: re.Match[str], conversation: Conversation) -> str | None:
    year = int(match["year"] or match["other"] or 0)
    if not match["month"]:
        return f"{year} has {366 if calendar.isleap(year) else 365} days." if year else None
    month = _month(match["month"])
    name = _MONTHS[month - 1].capitalize()
    if month == 2 and not year:
        return "February has 28 days, and 29 in a leap year."
    days = calendar.monthrange(year or 2001, month)[1]
    return str(days) if wants_only(conversation) else f"{name}{f' {year}' if year else ''} has {days} days."


def _now(match: re.Match[str], conversation: Conversation) -> str | None:
    if not match["date"] and not match["weekday"]:
        return None
    day = today_of(conversation)
    if not day:
        return _UNKNOWN
    if (match["when"] or "").lower() == "tomorrow":
        return f"Tomorrow is {written(day + timedelta(days=1))}."
    return f"{{Today is|It is}} {written(day)}{{, as this conversation says|, according to this conversation}}."


def _clock(match: re.Match[str], conversation: Conversation) -> str | None:
    return (
        "{I do not know the time|I cannot tell you the time}: I have no clock. A model knows only {what stands in its "
        "messages|what its messages say}, so a program that needs the time puts it there."
    )


def _until(match: re.Match[str], conversation: Conversation) -> str | None:
    today = today_of(conversation)
    if not today:
        return _UNKNOWN
    day = day_of(match["day"])
    if not day:
        name = re.sub(r"['’]?s? day$|['’]s|(?<=year)s", "", match["day"].lower())
        month_and_day = _FEASTS.get(name)
        if not month_and_day:
            return None
        day = date(today.year, *month_and_day)
        day = day if day >= today else date(today.year + 1, *month_and_day)
    return _distance((day - today).days, match["unit"], conversation) if day >= today else None


_QUESTIONS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Conversation], str | None]], ...] = (
    (_WHICH_DAY, _which_day),
    (_BETWEEN, _between),
    (_AFTER, _after),
    (_ADD, _after),
    (_LEAP, _leap),
    (_LENGTH, _length),
    (_NOW, _now),
    (_CLOCK, _clock),
    (_UNTIL, _until),
)
