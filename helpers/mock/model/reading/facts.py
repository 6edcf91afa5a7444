"""What a text mentions: places with their roles, people, numbers, dates, lists, addresses.

Everything is found by form and by position ("from X to Y"), so names that stand in no table work as well as known ones.
The same text always gives the same facts: "tomorrow" is counted from a date that is passed in, never from the clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, Literal

from ...data import table

_READ = 6_000  # characters of a text that are searched for facts
_LONGEST_NUMBER = 40  # characters; what is longer is no quantity
DEFAULT_TODAY = date(2024, 6, 18)
"""What "today" means when the conversation does not say: the day of the mock's fixed clock, which stamps `created` of
every completion (a Tuesday)."""

Role = Literal["origin", "destination", "location"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place and the part it plays. `region` is what qualified it: "TX" in "Austin, TX"."""

    name: str
    role: Role
    region: str = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and the words beside it: `unit` follows it ("3 nights"), `before` precedes it ("room 12")."""

    value: int | float
    unit: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount and its ISO 4217 code."""

    amount: int | float
    currency: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order or an invoice: "2 chairs at 45 EUR each". `price` is for one; None where nothing says it."""

    name: str
    quantity: int | float
    price: int | float | None = None
    currency: str = ""
    text: str = ""

    @property
    def total(self) -> int | float | None:
        """The price of all of them, rounded to cents."""
        return None if self.price is None else _plain_number(round(self.price * self.quantity, 2))


@dataclass(frozen=True, slots=True)
class Facts:
    """What `text` mentions, each list in reading order and without repeats; `text` is as `clipped` gives it.

    `dates` are ISO 8601 ("2025-03-04"), `times` are "HH:MM". `names` are all capitalised names, whatever they name;
    `people` and `places` are those whose position says what they are. `items` are the members of the longest
    enumeration ("apples, pears and plums"), `lines` the things that are counted or priced one by one.
    """

    text: str
    places: tuple[Place, ...] = ()
    people: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    numbers: tuple[Quantity, ...] = ()
    money: tuple[Money, ...] = ()
    dates: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()

    def with_role(self, role: Role) -> tuple[Place, ...]:
        """The places that play this part."""
        return tuple(place for place in self.places if place.role == role)

    def mentions(self, words: str) -> bool:
        """Whether the words occur as such, whatever their case; `_` and `-` count as spaces."""
        wanted, plain = folded(words).strip(), folded(self.text)
        found = plain.find(wanted) if wanted else -1
        while found >= 0:
            end = found + len(wanted)
            if not (_is_word(plain[found - 1 : found]) or _is_word(plain[end : end + 1])):
                return True
            found = plain.find(wanted, found + 1)
        return False

    def denies(self, words: str) -> bool:
        """Whether the words occur after "no", "not", "without" or "don't"."""
        wanted, plain = folded(words).strip(), folded(self.text)
        if wanted not in plain:
            return False
        denial = r"(?<!\w)(?:no|not|without|never|(?:do|does|is|are|was|need)n['’]?t)(?: \w+){0,2}? "
        return re.search(rf"{denial}{re.escape(wanted)}(?!\w)", plain) is not None


@lru_cache(maxsize=512)
def folded(text: str) -> str:
    """A text in one case, its white space, `_` and `-` as single spaces."""
    return re.sub(r"[\s_-]+", " ", text).casefold()


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


_ROLES: dict[str, Role] = {
    "from": "origin", "leaving": "origin", "departing": "origin",
    "to": "destination", "into": "destination", "towards": "destination", "reach": "destination",
    "in": "location", "at": "location", "near": "location", "for": "location", "about": "location", "of": "location",
    "around": "location", "visit": "location", "visiting": "location", "via": "location", "between": "origin",
}  # fmt: skip
_MONTHS: list[str] = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
]  # fmt: skip
_WEEKDAYS: list[str] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_UNITS = {"celsius", "fahrenheit", "kelvin"}
_CARDINALS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "hundred": 100, "dozen": 12, "thirteen": 13, "fourteen": 14, "sixteen": 16, "seventeen": 17, "eighteen": 18,
    "nineteen": 19, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
COUNT_WORDS = rf"(?:{_TENS})[ -](?:one|two|three|four|five|six|seven|eight|nine)|{'|'.join(_CARDINALS)}"
_WORD = re.compile(r"(?:St|Mt|Ft|Dr|Mr|Ms|Mrs|Prof)\.|(?:[^\W\d_]\.){2,}|[^\W_]+(?:['’ʻ-][^\W_]+)*")
_NUMBER = re.compile(r"(?<![\w.,:/-])[-−+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w]*[-/:]\d)")
_AMOUNT = r"\d[\d,]*(?:\.\d+)?"
_MONEY = re.compile(
    rf"(?<!\w)(US\$|[$€£¥]|[A-Z]{{3}})\s?({_AMOUNT})|(?<![\w.,])({_AMOUNT})\s?(?:([$€£¥])|([A-Za-z]{{3,7}})\b)"
)
_QUOTED = re.compile(
    r"\"([^\"\n]+)\"|“([^”\n]+)”|«\s*([^»\n]+?)\s*»|`([^`\n]+)`|"
    r"(?<!\w)['‘]([^'’\n]+(?:['’](?=\w)[^'’\n]+)*)['’](?!\w)"
)
# What parts the members of a list; the comma in "1,184.50" does not.
_LISTED = re.compile(r"(?:(?<!\s)\s+)?(?:,(?!\d{3}(?!\d))|(?<!\d),)\s*(?:(?:and|or)\s+)?|(?<!\s)\s+(?:and|or|&)\s+")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_URL = re.compile(r"\b(?:https?|ftp)://[^\s<>\"'`]+")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of `data/words.toml`, folded to lower case; the file says what each list is for."""

    common: frozenset[str]
    joiners: frozenset[str]
    idle: frozenset[str]
    origin: frozenset[str]
    destination: frozenset[str]
    region: frozenset[str]
    counted: frozenset[str]
    filler: frozenset[str]
    regions: frozenset[str]
    languages: dict[str, str]
    currencies: dict[str, str]
    synonyms: tuple[tuple[str, ...], ...]
    kinds: dict[str, frozenset[str]]
    timezones: dict[str, str]
    tell: frozenset[str]
    act: frozenset[str]
    signs: dict[str, frozenset[str]]


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary, read once."""
    words = table("words.toml")
    plain = {key: frozenset(text.split()) for key, text in words.items() if isinstance(text, str)}
    return Vocabulary(
        **plain,
        regions=frozenset(name.casefold() for name in words["regions"]),
        languages={name.casefold(): name for name in words["languages"]},
        currencies={name.casefold(): code for name, code in words["currencies"].items()},
        synonyms=tuple(tuple(group.split()) for group in words["synonyms"]),
        kinds={kind: frozenset(text.split()) for kind, text in words["kinds"].items()},
        timezones={city.casefold(): zone for city, zone in words["timezones"].items()},
        signs={value: frozenset(text.split()) for value, text in words["signs"].items()},
        **{use: frozenset(text.split()) for use, text in words["verbs"].items()},
    )


def facts(text: str, today: date = DEFAULT_TODAY) -> Facts:
    """The facts of a text, see `Facts`. Relative dates count from `today`; a very long text is read at its ends."""
    return _facts(clipped(text), today)


@lru_cache(maxsize=512)
def _facts(text: str, today: date) -> Facts:
    emails, urls = _unique(_EMAIL.findall(text)), _unique(url.rstrip(".,;:!?)") for url in _URL.findall(text))
    bare = _URL.sub(lambda m: " " * len(m[0]), _EMAIL.sub(lambda m: " " * len(m[0]), text))
    words_known = vocabulary()
    dates, times, rest = _calendar(bare, today)
    words = _words(bare)
    quotations = [match.span() for match in _QUOTED.finditer(bare)]
    names = [name for name in _names(words, bare) if not any(start <= name.start < end for start, end in quotations)]
    people = _people(words, bare)
    places, guests = _places(words, bare, names, people)
    people = _unique((*people, *guests))
    lowered = [word.text.casefold() for word in words]
    return Facts(
        text=text,
        places=places,
        people=people,
        names=_unique(name.text for name in names),
        numbers=_numbers(rest),
        money=_money(rest),
        dates=dates,
        times=times,
        quoted=_unique(next(part for part in match.groups() if part) for match in _QUOTED.finditer(text)),
        emails=emails,
        urls=urls,
        languages=_unique(words_known.languages[word] for word in lowered if word in words_known.languages),
        currencies=_unique(
            words_known.currencies[token.casefold()]
            for token in re.findall(r"US\$|[$€£¥]|[^\W\d_]+", bare)
            if token.casefold() in words_known.currencies
        ),
        items=_items(bare),
        lines=_lines(bare),
    )


_STATES_TODAY = re.compile(
    r"\b(?:today(?:['’]s date)?|(?:current|today['’]s) (?:date|time|datetime|date and time|day)|"
    r"date today|it['’]s|it is|now)\b"
    r"(?:\s+\([^)]{0,20}\))?(?:\s+(?:is|being))?\s*[:=]?\s*",
    re.IGNORECASE,
)


def stated_today(text: str) -> date | None:
    """The day that a text says it is: "Today is 2026-11-20", "Current date: Friday, 20 November 2026"; None for none.

    A day without its year says too little, and the last statement counts.
    """
    found = None
    for cue in _STATES_TODAY.finditer(clipped(text)):
        named = re.match(
            rf"(?:(?:{'|'.join(_WEEKDAYS)}),?\s+)?(?:the\s+)?([^;?!\n]{{6,30}})", text[cue.end() :], re.IGNORECASE
        )
        if named and re.search(r"\d{4}", named[1]):
            dates = [(place, day) for place, day in _dated(named[1]) if place < 4]
            found = date.fromisoformat(dates[0][1]) if dates else found
    return found


def _dated(text: str) -> list[tuple[int, str]]:
    """The dates of a text that name their year, with their places."""
    days, _, _ = _calendar(text, DEFAULT_TODAY)
    return [(0, day) for day in days if day[:4] in text]


def clipped(text: str, most: int = _READ) -> str:
    """A text with single spaces, of a very long one the beginning and the end: requests stand there."""
    if len(text) > 8 * most:  # so that what is never read costs nothing
        text = f"{text[: 4 * most]}\n{text[-4 * most :]}"
    return _spaced(text, most)


@lru_cache(maxsize=512)
def _spaced(text: str, most: int) -> str:
    text = re.sub(r"\n\s+", "\n", re.sub(r"[^\S\n]+", " ", text))
    half = most // 2 - 1
    return text if len(text) <= most else f"{text[:half]}\n{text[-half:]}"


def is_common(word: str) -> bool:
    """Whether a word is one of the everyday words of requests, which name nothing."""
    return word.casefold() in vocabulary().common or word.casefold() in _ROLES


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int
    opens: bool  # the first word of a sentence

    @property
    def lower(self) -> str:
        return re.sub(r"['’]s$", "", self.text).casefold()

    @property
    def capital(self) -> bool:
        article, apostrophe, named = self.text.replace("’", "'").partition("'")
        elided = bool(apostrophe) and len(article) <= 4 and named[:1].isupper()  # d'Isère, dell'Umbria
        return self.text[0].isupper() or self.text[0] == "ʻ" or elided


def _words(text: str) -> list[_Word]:
    found: list[_Word] = []
    for match in _WORD.finditer(text):
        before = text[found[-1].end if found else 0 : match.start()]
        opens = not found or bool(re.search(r"[.!?:\n]", before))
        found.append(_Word(match[0], match.start(), match.end(), opens))
    return found


def _name_at(words: list[_Word], first: int, text: str) -> int:
    """The index after the name that starts at `first`, or `first` when none starts there."""
    if first >= len(words) or not _nameable(words[first]):
        return first
    end = first + 1
    while end < len(words) and text[words[end - 1].end : words[end].start].strip(" ") == "":
        if words[end - 1].text.endswith(("'s", "’s")):
            break
        following = end
        while following < len(words) and following - end < 2 and words[following].text in vocabulary().joiners:
            following += 1
        blank = all(
            text[left.end : right.start].strip(" ") == "" for left, right in pairwise(words[end - 1 : following + 1])
        )
        if following >= len(words) or not blank or not _nameable(words[following]):
            break
        end = following + 1
    return end


def _nameable(word: _Word) -> bool:
    lower = word.lower
    if not word.capital or lower in _WEEKDAYS or lower in _UNITS or lower in {"i", "i'm", "i'd", "i'll", "i've"}:
        return False
    if lower in _MONTHS and lower not in {"may", "april", "june", "august"}:
        return False
    if word.text in {"January", "April", "May", "June", "August", "AM", "PM", "JSON", "OK"}:
        return False
    return lower not in vocabulary().languages and lower not in vocabulary().currencies


def _spell(text: str) -> str:
    return re.sub(r"['’]s$", "", text)


def _names(words: list[_Word], text: str) -> list[_Word]:
    """All capitalised names as spans; a lone common word that opens a sentence is none."""
    spans: list[_Word] = []
    index = 0
    while index < len(words):
        start = index
        while words[start].capital and words[start].lower in vocabulary().common and start + 1 < len(words):
            gap = text[words[start].end : words[start + 1].start]
            if not (words[start].opens or start > index) or gap.strip(" ") or not words[start + 1].capital:
                break
            start += 1
        end = _name_at(words, start, text)
        lower = words[start].lower
        common = end == start + 1 and (
            lower in vocabulary().common or (words[start].opens and lower in vocabulary().act | vocabulary().tell)
        )
        if end > start and not common:
            spans.append(_Word(_spell(text[words[start].start : words[end - 1].end]), words[start].start,
                               words[end - 1].end, words[start].opens))  # fmt: skip
        index = max(end, start + 1)
    return spans


_PERSON_CUES = re.compile(
    r"\b(?:my name is|assigned to|name is|named|called|"
    r"call me|i am|i['’]m|this is|with|invite|ask|tell|email|contact|meet|remind|"
    r"mr|ms|mrs|dr|prof)\.?\s+(?=[^\W\d_])",
    re.IGNORECASE,
)


# "a meeting called Standup" names no person, "a friend called Ana" does.
_THING_CALLED = re.compile(
    r"\b(?:an?|the|my|our|new)\s+(?:[\w-]+\s+){0,2}?"
    r"(?:meeting|event|appointment|project|file|folder|document|list|playlist|task|reminder|issue|ticket|channel|group|"
    r"room|note|board|branch|repository|product|company|team|call|table|column|item|album|song|film|movie|book)\s+"
    r"(?:called|named)\s+$",
    re.IGNORECASE,
)


def _people(words: list[_Word], text: str) -> tuple[str, ...]:
    found: list[str] = []
    starts = {word.start: index for index, word in enumerate(words)}
    for cue in _PERSON_CUES.finditer(text):
        index = starts.get(cue.end())
        if _THING_CALLED.search(text[max(cue.start() - 60, 0) : cue.end()]):
            continue
        while index is not None:
            end = _name_at(words, index, text)
            if end == index or words[index].lower in vocabulary().common or words[index].text.endswith("."):
                break
            found.append(_spell(text[words[index].start : words[end - 1].end]))
            index = _next_in_list(words, end, text)
    return _unique(found)


def _next_in_list(words: list[_Word], index: int, text: str) -> int | None:
    """The index of the next member of an enumeration whose last member ended before `index`."""
    if index >= len(words):
        return None
    gap = text[words[index - 1].end : words[index].start].strip()
    if gap in {",", "&", "/"} and words[index].lower not in {"and", "or"}:
        return index
    if gap in {"", ","} and words[index].lower in {"and", "or", "und", "oder"} and index + 1 < len(words):
        return index + 1
    return None


def _places(
    words: list[_Word], text: str, names: list[_Word], people: tuple[str, ...]
) -> tuple[tuple[Place, ...], tuple[str, ...]]:
    """The places, and the people whom "for" announced: in "a room in Rome for Ana", "in" has the place already."""
    found: list[Place] = []
    announced: list[Place] = []
    taken: set[int] = set()
    for index, word in enumerate(words[:-1]):
        role = _ROLES.get(word.lower)
        if role is None or text[word.end : words[index + 1].start].strip(" "):
            continue
        start = index + 2 if words[index + 1].text in {"the", "The"} and index + 2 < len(words) else index + 1
        listed = list(_enumeration(words, start, role, text, taken, word.lower == "between"))
        (announced if word.lower == "for" else found).extend(listed)
    found += _before_to(words, text, names, taken)
    guests = tuple(place.name for place in announced if not place.region) if found else ()
    found += [place for place in announced if place.name not in guests]
    if not any(place.role != "location" for place in found):
        found += _lower_route(words, text)
    if not found:
        found += [
            Place(name.text, "location")
            for name in names
            if name.text not in people and not (name.opens and name.text.casefold() in vocabulary().common)
        ]
    if not found:
        found += _lower_location(words, text)
    return _unique(place for place in found if place.role != "location" or place.name not in people), guests


def _enumeration(
    words: list[_Word], start: int, role: Role, text: str, taken: set[int], between: bool
) -> Iterator[Place]:
    """The places from `start` on that share one preposition: "in Paris, Rome and Oslo"."""
    members: list[tuple[str, bool]] = []  # name, joined by a comma alone
    index: int | None = start
    comma = False
    while index is not None and index not in taken:
        end = _name_at(words, index, text)
        if end == index:
            break
        taken.update(range(index, end))
        members.append((_spell(text[words[index].start : words[end - 1].end]), comma))
        following = _next_in_list(words, end, text)
        comma = following == end
        if following is not None and words[following].lower in _ROLES:  # "in Oslo and to Bergen"
            break
        index = following
    merged: list[tuple[str, str]] = []
    for position, (name, by_comma) in enumerate(members):
        alone = len(members) == 2 and position == 1
        code = len(name) == 2 and name.isupper()
        if by_comma and merged and not merged[-1][1] and (alone or code or name.casefold() in vocabulary().regions):
            merged[-1] = (merged[-1][0], name)
        else:
            merged.append((name, ""))
    for position, (name, region) in enumerate(merged):
        yield Place(name, "destination" if between and position == 1 else role, region)


def _before_to(words: list[_Word], text: str, names: list[_Word], taken: set[int]) -> Iterator[Place]:
    """The origin in "Oslo to Bergen", "Oslo–Bergen" and "Oslo -> Bergen", where no preposition marks it."""
    starts = {word.start: index for index, word in enumerate(words)}
    for left, right in zip(names, [*names[1:], None], strict=False):
        if starts.get(left.start) in taken:
            continue
        if re.match(r"\s+to\s+(?:the\s+)?(?=[^\W\d_])", text[left.end :]):
            following = re.match(r"\s+to\s+(?:the\s+)?", text[left.end :])
            if following and right and right.start == left.end + following.end():
                yield Place(left.text, "origin")
        elif re.search(r"\bis\s+$", text[: left.start]) and re.match(r"\s+from\s+[^\W\d_]", text[left.end :]):
            yield Place(left.text, "destination")  # "How far is Madrid from Barcelona?"
        elif right and re.fullmatch(r"\s*(?:–|—|->|→|=>)\s*", text[left.end : right.start]):
            yield Place(left.text, "origin")
            yield Place(right.text, "destination")


def _lower_name(words: list[_Word], start: int, text: str) -> int:
    """The index after a name written without capitals: up to four words, ended by a common word or punctuation."""
    end = start
    while end < len(words) and end - start < 4:
        lower = words[end].lower
        known = lower in vocabulary().languages or lower in vocabulary().currencies or lower in _UNITS
        if end > start and text[words[end - 1].end : words[end].start].strip(" "):
            break
        if (
            lower in vocabulary().common
            or lower in _ROLES
            or lower in _WEEKDAYS
            or lower in _MONTHS
            or known
            or lower[0].isdigit()
        ):
            break
        if lower in _CARDINALS:
            break
        end += 1
    return end


def _lower_route(words: list[_Word], text: str) -> list[Place]:
    """ "from miami to seattle" and "to seattle from miami"; both ends must be there."""
    ends: dict[str, Place] = {}
    for index, word in enumerate(words):
        if word.lower in {"from", "to"} and word.lower not in ends:
            end = _lower_name(words, index + 1, text)
            if end > index + 1:
                name = _title(text[words[index + 1].start : words[end - 1].end])
                ends[word.lower] = Place(name, _ROLES[word.lower])
    return list(ends.values()) if len(ends) == 2 else []


def _lower_location(words: list[_Word], text: str) -> Iterator[Place]:
    """ "in oslo" and "what about rome and paris?", only where nothing in the text is capitalised as a name."""
    for index, word in enumerate(words):
        if word.lower not in {"in", "at", "near", "for", "about", "visit", "around", "to", "from"}:
            continue
        if word.lower == "about" and index and words[index - 1].lower not in {"what", "how"}:
            continue
        following: int | None = index + 1
        while following is not None:
            end = _lower_name(words, following, text)
            if end == following:
                break
            yield Place(_title(text[words[following].start : words[end - 1].end]), _ROLES[word.lower])
            following = _next_in_list(words, end, text)


def _title(name: str) -> str:
    name = _spell(name)
    parts = re.split(r"(\s+)", name)
    return "".join(
        part if part in vocabulary().joiners and position else _capitalised(part, first=not position)
        for position, part in enumerate(parts)
    )


def _capitalised(word: str, *, first: bool) -> str:
    """ "l'aquila" is L'Aquila, "o'hare" O'Hare, and "val d'isère" keeps its small d."""
    elided = re.fullmatch(r"([^\W\d_]{1,2})(['’])(\w{2,}.*)", word)
    if not elided:
        return word[:1].upper() + word[1:]
    article = elided[1] if elided[1] == "d" and not first else _capitalised(elided[1], first=True)
    return article + elided[2] + _capitalised(elided[3], first=True)


def _numbers(text: str) -> tuple[Quantity, ...]:
    found: list[tuple[int, Quantity]] = []
    cardinals = re.compile(rf"\b(?:{COUNT_WORDS})\b", re.IGNORECASE)
    for match in [*_NUMBER.finditer(text), *cardinals.finditer(text)]:
        if len(match[0]) > _LONGEST_NUMBER:
            continue
        value = _value(match[0]) if match[0][-1].isdigit() else _count(match[0])
        after = re.match(r"[\s-]*([°%]\s?[CFK]?\b|%|[^\W\d_]+)", text[match.end() :])
        before = re.search(
            r"([^\W\d_]+)\s*(?:(?:is|of|=|:|#|to|at|above|"
            r"over|below|under|about|around|between|at (?:least|most))\s*)?$",
            text[max(match.start() - 40, 0) : match.start()],
            re.IGNORECASE,
        )
        unit = after[1].strip() if after else ""
        found.append((match.start(), Quantity(value, unit, before[1] if before else "")))
    return tuple(quantity for _, quantity in sorted(found, key=lambda pair: pair[0]))


def _value(digits: str) -> int | float:
    plain = digits.replace(",", "").replace("−", "-")
    return float(plain) if "." in plain else int(plain)


def _count(words: str) -> int:
    """The value of a number in words: "forty-two" is 42."""
    return sum(_CARDINALS[word] for word in re.split(r"[ -]", words.casefold()))


def _plain_number(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value


_THING = r"(?:(?!(?:at|for|from|to|and|or|each|on|in|with|per|of|worth|please|x)\b)[^\W\d_][\w'’-]*)"


@cache
def _priced() -> re.Pattern[str]:
    signs = "|".join(sorted(map(re.escape, vocabulary().currencies), key=len, reverse=True))
    return re.compile(
        rf"(?<![\w.,:/-])(?P<count>\d{{1,6}}(?:\.\d{{1,3}})?|(?:{COUNT_WORDS}|an?)(?!\w))\s*"
        rf"(?:[x×]\s*|(?:pieces?|units?|boxes|packs?|bottles?) of\s+)?(?P<name>{_THING}(?:\s+{_THING}){{0,3}})"
        rf"(?:[\s,:(–—-]{{0,3}}(?P<link>at|for|@|à|costing|worth|priced at)?\s*"
        rf"(?P<money>(?:{signs})\s?{_AMOUNT}|{_AMOUNT}\s?(?:{signs})(?!\w)|(?:(?<=@ )|(?<=at )){_AMOUNT})"
        rf"(?:\s*(?P<each>each|apiece|per (?:piece|unit|item)|a piece))?)?",
        re.IGNORECASE,
    )


# What is counted and still is nothing to be bought.
_NO_THING = re.compile(
    r"(?:nights?|days?|weeks?|months?|years?|hours?|minutes?|seconds?|guests?|people|persons?|adults?|children|degrees?|"
    r"percent|am|pm|o['’]clock|times?|km|kg|g|m|cm|miles?|kilomet\w+|passengers?|rooms?)\b",
    re.IGNORECASE,
)


_STREET = re.compile(r"(?:street|road|avenue|lane|square|drive|way|str\.|stra(?:ss|ß)e)$", re.IGNORECASE)


def _lines(text: str) -> tuple[Line, ...]:
    """What is counted ("2 chairs"), with its price where the text names one ("at 45 EUR each", "for 120 EUR")."""
    found: list[Line] = []
    for match in _priced().finditer(text):
        name = " ".join(_before_common(match["name"].split())[:4]).strip(" -–—'’")
        article = match["count"].casefold() in {"a", "an"}
        money = _money(match["money"]) if match["money"] else ()
        if money:
            amount, currency = money[0].amount, money[0].currency
        else:
            digits = re.search(_AMOUNT, match["money"] or "")
            amount, currency = (_value(digits[0].rstrip(",")) if digits and not article else None), ""
        priced = amount is not None
        code = name.casefold() in vocabulary().currencies or name.casefold() in vocabulary().common
        measured = _NO_THING.match(name)
        if measured and priced and len(name) > measured.end():  # "4 hours consulting at 90 EUR"
            name, measured = name[measured.end() :].strip(), None
        if not name or code or measured or (article and not priced) or _STREET.search(name):
            continue
        count = 1 if article else _count(match["count"]) if match["count"][0].isalpha() else _value(match["count"])
        whole = priced and not match["each"] and (match["link"] or "").casefold() in {"for", "worth"}
        price = _plain_number(round(amount / count, 4)) if whole and amount is not None and count else amount
        found.append(Line(name, count, price, currency, match[0]))
    return tuple(found)


def _money(text: str) -> tuple[Money, ...]:
    found: list[Money] = []
    for match in _MONEY.finditer(text):
        sign, amount = (match[1], match[2]) if match[1] else (match[4] or match[5], match[3])
        code = vocabulary().currencies.get(sign.casefold())
        if code and len(amount) <= _LONGEST_NUMBER:
            found.append(Money(_value(amount.rstrip(",")), code))
    return tuple(dict.fromkeys(found))


def _calendar(text: str, today: date) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Dates, times, and the text with both blanked out, so that their digits are not counted as numbers."""
    dates: list[tuple[int, str]] = []
    times: list[tuple[int, str]] = []
    months = "|".join(rf"{month[:3]}(?:{month[3:]})?" if month[3:] else month for month in _MONTHS)

    def take(pattern: str, into: list[tuple[int, str]], read: Any) -> None:
        nonlocal text

        def blank(match: re.Match[str]) -> str:
            value = read(match)
            if value is None:
                return match[0]
            into.append((match.start(), value))
            return " " * len(match[0])

        text = re.sub(pattern, blank, text, flags=re.IGNORECASE)

    def month(name: str) -> int:
        return next(number for number, full in enumerate(_MONTHS, 1) if full.startswith(name.casefold()[:3]))

    def upcoming(month_number: int, day: str, year: str | None) -> str | None:
        if year:
            return _iso(int(year), month_number, int(day))
        this_year = _iso(today.year, month_number, int(day))
        return (
            this_year if this_year and this_year >= today.isoformat() else _iso(today.year + 1, month_number, int(day))
        )

    def weekday(match: re.Match[str]) -> str:
        ahead = (_WEEKDAYS.index(match[1].casefold()) - today.weekday()) % 7
        return (today + timedelta(days=ahead or 7)).isoformat()

    def ahead(match: re.Match[str]) -> str | None:
        count = int(match[1]) if match[1].isdigit() else _CARDINALS.get(match[1].casefold(), 1)
        days = count * (7 if match[2].casefold().startswith("week") else 1)
        try:
            return (today + timedelta(days=days)).isoformat()
        except OverflowError:
            return None

    def months_ahead(match: re.Match[str]) -> str | None:
        count = int(match[1]) if match[1].isdigit() else _CARDINALS.get(match[1].casefold(), 1)
        year, month_number = divmod(today.year * 12 + today.month - 1 + count, 12)
        return next((day for day in (_iso(year, month_number + 1, today.day - less) for less in range(4)) if day), None)

    def weekend(match: re.Match[str]) -> str:
        ahead = (5 - today.weekday()) % 7
        return (today + timedelta(days=ahead + (7 if match[1].casefold() == "next" else 0))).isoformat()

    def clock(match: re.Match[str]) -> str | None:
        hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").casefold()[:1]
        if half:
            hour = hour % 12 + (12 if half == "p" else 0)
        return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None

    take(r"\b(\d{4})-(\d{2})-(\d{2})(?=T|\b)", dates, lambda m: _iso(int(m[1]), int(m[2]), int(m[3])))
    take(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({months})\b\.?(?:,?\s+(\d{{4}}))?", dates,
         lambda m: upcoming(month(m[2]), m[1], m[3]))  # fmt: skip
    take(rf"\b({months})\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(\d{{4}}))?", dates,
         lambda m: upcoming(month(m[1]), m[2], m[3]))  # fmt: skip
    take(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b", dates,
         lambda m: _iso(int(m[3]), int(m[2]), int(m[1])) or _iso(int(m[3]), int(m[1]), int(m[2])))  # fmt: skip
    take(r"\bday after tomorrow\b", dates, lambda _: (today + timedelta(days=2)).isoformat())
    take(r"\b(?:a|one) week (?:from today|from now)\b", dates, lambda _: (today + timedelta(days=7)).isoformat())
    for word, days in {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}.items():
        take(rf"\b{word}\b", dates, lambda _, days=days: (today + timedelta(days=days)).isoformat())
    take(rf"\bin (\d{{1,3}}|{'|'.join(_CARDINALS)}|a) (days?|weeks?)\b", dates, ahead)
    take(rf"\b(\d{{1,3}}|{'|'.join(_CARDINALS)}|a) (days?|weeks?) from (?:now|today)\b", dates, ahead)
    take(rf"\bin (\d{{1,2}}|{'|'.join(_CARDINALS)}|a) months?\b", dates, months_ahead)
    take(r"\b(this|next|the) weekend\b", dates, weekend)
    take(rf"\b({'|'.join(_WEEKDAYS)})\b", dates, weekday)
    take(r"(?<![^\W\d_])T(\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?()(?:Z|[+-]\d{2}:?\d{2})?", times, clock)
    take(r"\b(\d{1,2})[:.](\d{2})\s*([ap]\.?m\b\.?)", times, clock)
    take(r"\b(\d{1,2}):(\d{2})(?::\d{2})?()\b", times, clock)
    take(r"\b(\d{1,2})()\s*([ap]\.?m\b\.?)", times, clock)
    take(r"\bat (\d{1,2}) o['’]clock()()", times, clock)
    take(r"\bnoon\b", times, lambda _: "12:00")
    take(r"\bmidnight\b", times, lambda _: "00:00")
    return _unique(value for _, value in sorted(dates)), _unique(value for _, value in sorted(times)), text


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _items(text: str) -> tuple[str, ...]:
    """The members of the longest enumeration with a comma or with "and"; a list after a colon is taken whole."""
    best: list[str] = []
    for sentence in re.split(r"[.!?;\n]+(?:\s|$)", text):
        _, colon, tail = sentence.rpartition(": ")
        body = tail if colon and "," in tail else sentence
        parts = [part.strip() for part in _members(body, whole=bool(colon and "," in tail)) if part.strip()]
        if len(parts) < 2 or len(parts) <= len(best):
            continue
        length = max((len(part.split()) for part in parts[1:-1]), default=len(parts[-1].split()))
        if not (colon and "," in tail):
            parts[0] = " ".join(_after_common(parts[0].split())[-length:])
            parts[-1] = " ".join(_before_common(parts[-1].split())[:length])
        parts = [part.strip("\"'“”‘’ ") for part in parts]
        if (
            all(part and part.casefold() not in vocabulary().common for part in parts)
            and max(len(part.split()) for part in parts) <= 4
        ):
            best = parts
    return _unique(best)


def _members(text: str, *, whole: bool) -> list[str]:
    """The parts of a list; what "and" announces is the last of them, unless the whole text is the list."""
    parts: list[str] = []
    end, closing = 0, False
    for joint in _LISTED.finditer(text):
        parts.append(text[end : joint.start()])
        if closing and len(parts) > 1:
            return parts
        closing, end = not whole and re.search(r"\b(?:and|or)\b|&", joint[0]) is not None, joint.end()
    return [*parts, text[end:]]


def _after_common(words: list[str]) -> list[str]:
    cut = max((place for place, word in enumerate(words, 1) if word.casefold() in vocabulary().common), default=0)
    return words[cut:]


def _before_common(words: list[str]) -> list[str]:
    cut = next(
        (place for place, word in enumerate(words) if place and word.casefold() in vocabulary().common), len(words)
    )
    return words[:cut]


def _unique(values: Any) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))
