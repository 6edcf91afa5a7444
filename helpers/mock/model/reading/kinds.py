"""For each kind of content the values of it that a text offers to a slot, the best first."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from .facts import Facts
from .forms import ADDRESS, FORMS, SUM, codes, codes_after, is_english, of_form
from .places import Place
from .slots import Slot
from .units import counted_alike
from .vocabulary import split_words, stem, vocabulary


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of one text: `source` is what it mentions; `today` and `topic` are those of a scene's context."""

    slot: Slot
    source: Facts
    today: date
    topic: frozenset[str]


def offered(asked: Asked) -> list[str]:
    """What the text offers to the slot by the slot's kind; nothing for a kind that no text answers ("answer")."""
    find = _BY_KIND.get(asked.slot.kind)
    return find(asked) if find else []


def _places(asked: Asked) -> list[str]:
    slot, source = asked.slot, asked.source
    if "address" in slot.words and (whole := ADDRESS.findall(source.text)):
        return [one.strip() for one in whole]
    streets = "" if {"address", "location"}.intersection(slot.words) else " ".join(of_form("street", source))
    towns: list[str] = []
    if not any(place.sure for place in source.places):  # "in westeurope"
        towns = [name for name in _LOWER_PLACE.findall(source.text) if not is_english(name)]
    return towns or [
        spelled(place, slot)
        for place in _by_role(slot, source)
        if not ({stem(word) for word in split_words(place.name)} <= asked.topic or stem(place.name) in asked.topic)
        and not re.search(r"\w-\d", place.name)  # a code
        and (place.role != "location" or place.name not in streets)
    ]


_LOWER_PLACE = re.compile(r"\bin (?:the )?([a-z][a-z0-9-]{3,})\b")


def _by_role(slot: Slot, source: Facts) -> list[Place]:
    if slot.role == "origin":
        return list(source.with_role("origin"))
    if slot.role == "destination":
        return list(source.with_role("destination") or source.with_role("location"))
    if slot.ordinal:
        return list(source.places)
    return [*source.with_role("location"), *source.with_role("destination"), *source.with_role("origin")]


def spelled(place: Place, slot: Slot) -> str:
    """A place as the slot wants it: the region alone for a country, city and region for a location."""
    if place.region and vocabulary().region.intersection(slot.words):
        return place.region
    whole = ({"location", "address"} & {*slot.words} and not slot.speaks_of("city")) or re.search(
        r"city and state|city, ", slot.description, re.I
    )
    return f"{place.name}, {place.region}" if place.region and whole else place.name


def _datetimes(asked: Asked) -> list[str]:
    """Each day at its time, at the first time where a day has none of its own; a time alone is today's."""
    times = asked.source.times
    days = asked.source.dates or ((asked.today.isoformat(),) if times else ())
    clock = times[0] if times else "00:00"
    return [f"{day}T{time}:00Z" for day, time in zip_longest(days, times[: len(days)], fillvalue=clock)]


_FROM_LANGUAGE = re.compile(r"\b(?i:from)\s+(?:the\s+)?([A-Z]\w+)|\b([A-Z]\w+) (?:in)?to [A-Z]")


def _languages(asked: Asked) -> list[str]:
    """ "into French" names the target alone."""
    found = list(asked.source.languages)
    if asked.slot.role == "destination":
        return found[-1:]
    if asked.slot.role == "origin":
        named = _FROM_LANGUAGE.search(asked.source.text)
        return [language for language in found[:1] if named and language in named.groups()]
    return found


def _currencies(asked: Asked) -> list[str]:
    """ "100 USD" names the source alone."""
    paid = {money.currency for money in asked.source.money}  # "how many pounds for 1,200 euros" has the target first
    found = sorted(asked.source.currencies, key=lambda currency: currency not in paid)
    return {"origin": found[:1], "destination": found[1:][-1:]}.get(asked.slot.role, found)


_INTO_UNIT = re.compile(r"\bhow many ([^\W\d_]+)|\b(?:to|into|in) ([^\W\d_]+)(?=\W*$)", re.IGNORECASE)


def _units(asked: Asked) -> list[str]:
    said = [quantity.unit for quantity in asked.source.numbers if quantity.unit not in {"", "to", "in"}]
    if asked.slot.role != "destination":
        return said if asked.slot.role or len({*said}) == 1 else []  # "85 kg and 180 cm" has none
    into = _INTO_UNIT.search(asked.source.text)
    named = (into[1] or into[2]) if into else ""
    capital = named in asked.source.names and not counted_alike([named.casefold()])  # "in Berlin" is no unit
    return [named] if named and not capital else said[1:]


def _people(asked: Asked) -> list[str]:
    slot, source = asked.slot, asked.source
    ends = {place.name for place in source.places if place.role != "location"}
    streets = " ".join(of_form("street", source))
    names = (name for name in source.names if name not in ends and name not in streets)
    given = (place.name for role in ("destination", "origin") for place in source.with_role(role))
    payees = (name for name in given if f"the {name}" not in source.text)  # "pay 40 euros to Lukas Meyer"
    whole = sorted(names, key=lambda name: " " not in name)  # a name alone may be any first capital
    named = [*source.people, *whole, *payees, *source.quoted]
    doctor = slot.speaks_of("doctor", "physician", "dentist", "surgeon")
    named.sort(key=lambda name: doctor is not bool(re.search(rf"\b(?:Dr|Prof)\.? {re.escape(name)}", source.text)))
    return [part for name in named if (part := _part_of_name(name, slot))]


def _part_of_name(name: str, slot: Slot) -> str:
    """The part of a person's name that a slot asks for; "" for the surname of someone who gave none."""
    first, _, last = name.partition(" ")
    if {"first", "forename", "given"}.intersection(slot.words):
        return first
    return last if {"last", "surname", "family"}.intersection(slot.words) else name


_OF_A_COMPANY = re.compile(
    r"(?<=[a-z])\s+(?:of|from|at|with|for)\s+((?:[A-Z][\w&'’-]*\s?)+)|"
    r"((?:[A-Z][\w&'’-]*\s)+(?:Inc|Ltd|LLC|GmbH|AG|Corp|plc|SA)\b)"
)


def _companies(asked: Asked) -> list[str]:
    """ "Mia Huber of Acme": what somebody is of."""
    return [next(filter(None, match.groups())).strip() for match in _OF_A_COMPANY.finditer(asked.source.text)]


_TITLES = frozenset({"title", "subject"})
_AFTER_A_TITLE = "and|as|at|after|before|between|by|for|from|in|into|of|on|to|today|tomorrow|tonight|until|with"
_CALLED = re.compile(
    r"\b(?:called|titled|entitled|named|[Pp]lay|[Ww]atch|[Rr]ead)\s+([A-Z][\w'’-]*"
    rf"(?:\s+(?:[A-Z0-9]|(?!(?:{_AFTER_A_TITLE})\b)[a-z])[\w'’-]*){{0,6}})"
)


def _texts(asked: Asked) -> list[str]:
    named = _CALLED.findall(asked.source.text) if _TITLES.intersection(asked.slot.words) else ()
    return [*asked.source.quoted, *named]


_TAIL = ("ending in", "ending with", "ends in", "ends with")  # of a long number: "the one ending in 4411"


def _codes(asked: Asked) -> list[str]:
    slot, text = asked.slot, asked.source.text
    if slot.role and asked.topic & _EXCHANGE and asked.source.currencies:
        return _currencies(asked)
    beside = [code for word in (*slot.words, *_TAIL) for code in codes_after(word, text)]
    found = [code for code in codes(text) if stem(code) not in asked.topic]
    marked = [f"#{code}" for code in found if "#" in slot.description and f"#{code}" in text]
    return [*marked, *beside, *found, *asked.source.quoted]


def _of_form(asked: Asked) -> list[str]:
    found = of_form(asked.slot.kind, asked.source)
    if asked.slot.kind == "channel" and not found and asked.slot.speaks_of("person", "people", "user", "name"):
        return _people(asked)
    return found


def _timezones(asked: Asked) -> list[str]:
    zones = vocabulary().timezones
    return _of_form(asked) or [zones.get(place.name.casefold(), place.name) for place in asked.source.places]


_EXCHANGE = frozenset(map(stem, ("exchange", "currency", "convert", "rate")))
_GOODS = frozenset({"article", "articles", "product", "products", "item", "goods", "part", "material", "merchandise"})


def _of_no_kind(asked: Asked) -> list[str]:
    """What "from" and "to" ask for: currencies to exchange, places, the moments of a start and an end; else goods."""
    slot, source = asked.slot, asked.source
    if not slot.role:
        return (
            [line.name for line in source.lines if not counted_alike([line.name])]
            if _GOODS.intersection(slot.words)
            else []
        )
    ends = source.with_role("origin" if slot.role == "origin" else "destination")
    if not ends and slot.of_moment:
        moments = _datetimes(asked)
        return moments[:1] if slot.role == "origin" else moments[1:]
    return [spelled(place, slot) for place in ends]


_BY_KIND: dict[str, Callable[[Asked], list[str]]] = {
    **dict.fromkeys(FORMS, _of_form),
    "place": _places,
    "date": lambda asked: list(asked.source.dates),
    "time": lambda asked: list(asked.source.times),
    "datetime": _datetimes,
    "email": lambda asked: list(asked.source.emails),
    "url": lambda asked: list(asked.source.urls),
    "language": _languages,
    "currency": _currencies,
    "unit": _units,
    "expression": lambda asked: [match[0].strip() for match in SUM.finditer(asked.source.text)],
    "person": _people,
    "company": _companies,
    "text": _texts,
    "code": _codes,
    "timezone": _timezones,
    "": _of_no_kind,
}
