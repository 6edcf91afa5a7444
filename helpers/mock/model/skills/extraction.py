"""What a text mentions, as it stands there: addresses, dates, numbers, amounts, names.

Names are found by `extract`; what has a form of its own is found by that form and given back as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..reading.conversation import Conversation
from ..reading.facts import facts
from ..writing.markup import escape
from .dates import DATE
from .lists import kinds
from .shared import listed, tasks, wants_only

_READ = 4_000  # characters of a text
_READ_NAMES = 1_000  # characters of a text in which names are looked for, which takes longer

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'`]{1,2000}")
_PHONE = re.compile(r"(?<![\w.+-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{1,5}\)[ .-]?)?\d{2,5}(?:[ .-]?\d{2,5}){1,4}(?![\w-])")
_MONTH_NAME = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
)
_DATE = re.compile(
    rf"\b{DATE}\b|\b\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH_NAME}\b|\b{_MONTH_NAME}\s\d{{1,2}}(?:st|nd|rd|th)?\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?<![\d:])\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?|(?<![\w:])\d{1,2}\s?[ap]m\b", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<![\w.,-])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w]|[.,]\d)")
_AMOUNT = re.compile(
    r"(?:US\$|[$€£¥])\s?\d[\d,]*(?:\.\d+)?(?:\s?(?:million|billion|k|m)\b)?|"
    r"(?<![\w.,])\d[\d,]*(?:\.\d+)?\s?(?:[€£¥]|(?:USD|EUR|GBP|CHF|JPY|dollars?|euros?|pounds)\b)"
)
_HASHTAG = re.compile(r"(?<!\w)#\w{1,100}")


class Found(NamedTuple):
    """A kind of thing to find: its name in the singular and plural, and what finds it."""

    one: str
    many: str
    find: Callable[[str], Sequence[str]]


def _by(pattern: re.Pattern[str]) -> Callable[[str], list[str]]:
    return lambda text: [match.rstrip(".,;:!?)") for match in pattern.findall(text)]


def _dates(text: str) -> list[str]:
    return [match.strip() for match in _DATE.findall(text)]


def _times(text: str) -> list[str]:
    return [match.strip() for match in _TIME.findall(text)]


def _phones(text: str) -> list[str]:
    bare = _DATE.sub(" ", text)
    return [match for match in _PHONE.findall(bare) if 7 <= len(re.sub(r"\D", "", match)) <= 15]


def _numbers(text: str) -> list[str]:
    return _NUMBER.findall(text)


def _names(text: str) -> list[str]:
    return list(facts(text).names) if len(text) <= _READ_NAMES else []


def _people(text: str) -> list[str]:
    """Names that are no places; empty where some may be neither."""
    if len(text) > _READ_NAMES:
        return []
    known = facts(text)
    places = {place.name for place in known.places if place.name not in known.people} | {p.region for p in known.places}
    return [name for name in known.names if name not in places and name not in _elsewhere()]


def _places(text: str) -> list[str]:
    known = facts(text) if len(text) <= _READ_NAMES else None
    return [place.name for place in known.places] if known else []


def _elsewhere() -> frozenset[str]:
    return frozenset(member for kind in ("country", "city", "language", "planet") for member in kinds()[kind].members)


EMAIL = Found("e-mail address", "e-mail addresses", _by(_EMAIL))
URL = Found("URL", "URLs", _by(_URL))
PHONE = Found("phone number", "phone numbers", _phones)
DATES = Found("date", "dates", _dates)
TIME = Found("time", "times", _times)
NUMBER = Found("number", "numbers", _numbers)
AMOUNT = Found("amount", "amounts", _by(_AMOUNT))
NAME = Found("name", "names", _people)
PLACE = Found("place", "places", _places)
HASHTAG = Found("hashtag", "hashtags", _by(_HASHTAG))
KINDS: dict[str, Found] = {
    name: found
    for found, names in (
        (EMAIL, ("email", "emails", "e-mail", "e-mails", "email address", "email addresses", "e-mail address",
                 "e-mail addresses")),
        (URL, ("url", "urls", "link", "links", "web address", "web addresses")),
        (PHONE, ("phone", "phone number", "phone numbers", "telephone number", "telephone numbers", "phones")),
        (DATES, ("date", "dates")),
        (TIME, ("time", "times")),
        (NUMBER, ("number", "numbers")),
        (AMOUNT, ("amount", "amounts", "price", "prices", "amount of money", "amounts of money", "cost", "costs")),
        (NAME, ("name", "names", "person", "people", "person names", "names of people",
                "person's name", "people's names")),
        (PLACE, ("place", "places", "location", "locations", "city", "cities")),
        (HASHTAG, ("hashtag", "hashtags")),
    )
    for name in names
}  # fmt: skip
_SCOPE = r"(?:from|in|of|mentioned in|that appear in|contained in|out of|within|found in)"
_KIND = "|".join(re.escape(name) for name in sorted(KINDS, key=len, reverse=True))
_WANTED = re.compile(
    r"^\W*(?:(?:please|can you|could you|hi|hello)[\s,]+)*"
    r"(?:extract|find|list|get|pull out|identify|give me|return|what(?: is| are)?|which)[\s:]+(?:(?:all|the|"
    r"every|any|each|me|of)\s+)*"
    rf"(?P<kinds>(?:{_KIND})(?:(?:\s*,\s*(?:and )?|\s+and\s+)(?:the )?(?:{_KIND}))*)"
    rf"(?:\s+(?:mentioned|are mentioned|is mentioned))?(?:\s+{_SCOPE}\b[\w' -]{{0,60}})?"
    r"(?P<form>(?:[.,;:]?\s*(?:as a list|one per line|comma[- ]separated|separated by commas|as bullet points|"
    r"and nothing else|"
    r"(?:please )?(?:return|give|output|answer|reply|respond)(?: with| me)? (?:only|just)[\w ,'-]{0,60}|only|"
    r"just[\w ]{0,30}))*)\s*[.:?!]*\s*$",
    re.IGNORECASE,
)


def extract_things(conversation: Conversation) -> str | None:
    """The things of the kinds that are asked for, from the text that is given; JSON is drawn from it elsewhere."""
    if re.search(r"\bJSON\b", f"{conversation.system[:2000]} {conversation.question}", re.IGNORECASE):
        return None
    for instruction, text in tasks(conversation):
        wanted = _WANTED.match(instruction)
        if wanted and len(text) <= _READ:
            asked = re.split(r"\s*,\s*(?:and )?(?:the )?|\s+and\s+(?:the )?", wanted["kinds"].lower())
            return _told([KINDS[name] for name in asked], text, instruction, conversation)
    return None


def _told(kinds_wanted: list[Found], text: str, form: str, conversation: Conversation) -> str | None:
    found = [list(dict.fromkeys(kind.find(text))) for kind in kinds_wanted]
    if len(kinds_wanted) == 1:
        kind, items = kinds_wanted[0], found[0]
        if not items:
            if kind in (NAME, PLACE):
                return None  # there may be some that cannot be told by their form
            return "None" if wants_only(conversation) else f"There is no {kind.one} in the text."
        return escape(
            items[0] if len(items) == 1 else listed(items, form, "lines" if wants_only(conversation) else "bullets")
        )
    if not any(found) or any(
        kind in (NAME, PLACE) and not items for kind, items in zip(kinds_wanted, found, strict=True)
    ):
        return None
    lines = []
    for kind, items in zip(kinds_wanted, found, strict=True):
        label = kind.one if len(items) < 2 else kind.many
        lines.append(f"{label[:1].upper()}{label[1:]}: {', '.join(items) or 'none'}")
    return escape("\n".join(lines))
