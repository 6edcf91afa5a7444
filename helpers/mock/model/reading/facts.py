"""What a text mentions: places with their roles, people, numbers, dates, lists, addresses.

Everything is found by form and by position ("from X to Y"), so names that stand in no table work as well as known ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from ...clock import DEFAULT_TODAY
from ...text import clipped
from .amounts import Line, Money, Quantity, lines_in, money_in, quantities_in
from .calendar import moments_in
from .names import names_in, people_in, words_in
from .places import Place, places_in
from .vocabulary import Role, after_common, before_common, folded, vocabulary

_QUOTED = re.compile(
    r"\"([^\"\n]+)\"|“([^”\n]+)”|«\s*([^»\n]+?)\s*»|`([^`\n]+)`|"
    r"(?<!\w)['‘]([^'’\n]+(?:['’](?=\w)[^'’\n]+)*)['’](?!\w)"
)
# What parts the members of a list; the comma in "1,184.50" does not.
_LISTED = re.compile(
    r"(?:(?<!\s)\s+)?(?:,(?!\d{3}(?!\d))|(?<!\d),)\s*(?:(?:and|or)\s+)?|"
    r"(?<!\s)\s+(?:and|or|&|(?:together|along) with)\s+"
)
_DENIAL = re.compile(r"(?<!\w)(?:no|not|without|never|(?:do|does|is|are|was|need)n['’]?t) ")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_URL = re.compile(r"\b(?:https?|ftp)://[^\s<>\"'`]+")


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
        """Whether the words occur as such, whatever their case; `_` and `-` count as spaces. A capital alone is a grade
        or a size behind a word: "a B in biology"."""
        if len(words) == 1 and words.isupper():
            return re.search(rf"[a-z] {words}\b(?!['’])", self.text) is not None
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
        denied = (plain[found.end() :] for found in _DENIAL.finditer(plain)) if wanted in plain else ()
        ahead = rf"(?:\w+ ){{0,2}}{re.escape(wanted)}(?!\w)"
        return any(re.match(ahead, rest) for rest in denied)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def facts(text: str, today: date = DEFAULT_TODAY) -> Facts:
    """The facts of a text, see `Facts`. Relative dates count from `today`; a very long text is read at its ends."""
    return _facts(clipped(text), today)


@lru_cache(maxsize=512)
def _facts(text: str, today: date) -> Facts:
    emails, urls = _unique(_EMAIL.findall(text)), _unique(url.rstrip(".,;:!?)") for url in _URL.findall(text))
    bare = _URL.sub(lambda m: " " * len(m[0]), _EMAIL.sub(lambda m: " " * len(m[0]), text))
    words_known = vocabulary()
    dates, times, rest = moments_in(bare, today)
    words = words_in(bare)
    quotations = [match.span() for match in _QUOTED.finditer(bare)]
    names = [name for name in names_in(words, bare) if not any(start <= name.start < end for start, end in quotations)]
    people = people_in(words, bare)
    places, guests = places_in(words, bare, names, people)
    lowered = [word.text.casefold() for word in words]
    return Facts(
        text=text,
        places=_unique(places),
        people=_unique([*people, *guests]),
        names=_unique(name.text for name in names),
        numbers=quantities_in(rest),
        money=money_in(rest),
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
        lines=lines_in(bare),
    )


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
            parts[0] = " ".join(after_common(parts[0].split())[-length:])
            parts[-1] = " ".join(before_common(parts[-1].split())[:length])
        parts = [
            re.sub(
                r"^(?:(?:in|to|for|at|from)\s+)?(?:(?:the|an?|my|our|some)\s+)?(?=\w)",
                "",
                part.strip("\"'“”‘’ "),
                flags=re.I,
            )
            for part in parts
        ]
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


def _unique(values: Any) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))
