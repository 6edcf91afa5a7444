"""Capitalised names in a text, whatever they name, and those of people, told by the words before them.

"assigned to Priya and Tom" names two people; "a meeting called Standup" names none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from .calendar import MONTHS, WEEKDAYS
from .vocabulary import vocabulary

_WORD = re.compile(r"(?:St|Mt|Ft|Dr|Mr|Ms|Mrs|Prof)\.|(?:[^\W\d_]\.){2,}|[^\W_]+(?:['’ʻ-][^\W_]+)*")
_SCALES = frozenset({"celsius", "fahrenheit", "kelvin", "c", "f", "k"})
_PRONOUNS = frozenset({"i", "i'm", "i'd", "i'll", "i've"})
# Months that are names of people as well, unless they are written as months are.
_NAMESAKES = frozenset({"april", "may", "june", "august"})
_NO_NAMES = frozenset({"April", "May", "June", "August", "AM", "PM", "JSON", "OK"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word or a name of several, and where it stands in its text."""

    text: str
    start: int
    end: int
    opens: bool  # the first word of a sentence

    @property
    def lower(self) -> str:
        return unpossessed(self.text).casefold()

    @property
    def capital(self) -> bool:
        article, apostrophe, named = self.text.replace("’", "'").partition("'")
        elided = bool(apostrophe) and len(article) <= 4 and named[:1].isupper()  # d'Isère, dell'Umbria
        return self.text[0].isupper() or self.text[0] == "ʻ" or elided


def words_in(text: str) -> list[Word]:
    """The words of a text; "St.", "U.S." and "d'Isère" are one each."""
    found: list[Word] = []
    for match in _WORD.finditer(text):
        before = text[found[-1].end if found else 0 : match.start()]
        opens = not found or bool(re.search(r"[.!?:\n]", before))
        found.append(Word(match[0], match.start(), match.end(), opens))
    return found


def name_at(words: list[Word], first: int, text: str) -> int:
    """The index after the name that starts at `first`, or `first` when none starts there."""
    if first >= len(words) or not _nameable(words[first]):
        return first
    end = first + 1
    while end < len(words) and _joined(words[end - 1], words[end], text):
        if words[end - 1].text.endswith(("'s", "’s")):
            break
        following = end
        while following < len(words) and following - end < 2 and words[following].text in vocabulary().joiners:
            following += 1
        blank = all(_joined(left, right, text) for left, right in pairwise(words[end - 1 : following + 1]))
        initial = following < len(words) and text[words[following].end : words[following].end + 1] == "."
        if following >= len(words) or not blank or not _nameable(words[following], initial=initial):
            break
        asking = vocabulary().asking | vocabulary().common
        asked = not asking.isdisjoint((words[first].lower, words[first].lower.removesuffix("s")))
        if following > end == first + 1 and words[first].opens and asked:
            break  # "Is the Northgate …?", "Scores of Leeds"
        end = following + 1
    return end


def _joined(word: Word, following: Word, text: str) -> bool:
    """Whether two words may belong to one name: nothing but blanks is between them, or the point of an initial."""
    between = text[word.end : following.start].strip(" ")
    return not between or (between == "." and len(word.text) == 1 and word.text.isupper() and word.start > 0)


def _nameable(word: Word, *, initial: bool = False) -> bool:
    lower = word.lower
    if initial and len(word.text) == 1:
        return word.capital
    if not word.capital or word.text in _NO_NAMES or lower in _PRONOUNS:
        return False
    return lower in _NAMESAKES or not (lower in MONTHS or names_other(lower))


def names_other(lower: str) -> bool:
    """Whether a word names a day of the week, a language, a currency or a temperature scale: no person and no place."""
    known = vocabulary()
    return lower in WEEKDAYS or lower in _SCALES or lower in known.languages or lower in known.currencies


def unpossessed(text: str) -> str:
    """A name without the "'s" of what belongs to it."""
    return re.sub(r"['’]s$", "", text)


_ORDERED = re.compile(r" (?:(?:the|an?|my|our|your|this|that|all)\b|\d)|  ", re.IGNORECASE)


def names_in(words: list[Word], text: str) -> list[Word]:
    """All capitalised names; a lone common word that opens a sentence is none."""
    found: list[Word] = []
    index = 0
    while index < len(words):
        start = index
        asking = vocabulary().common | vocabulary().act
        while words[start].capital and words[start].lower in asking and start + 1 < len(words):
            gap = text[words[start].end : words[start + 1].start]
            if not (words[start].opens or start > index) or gap.strip(" ") or not words[start + 1].capital:
                break
            start += 1
        end = name_at(words, start, text)
        lower = words[start].lower
        common = end == start + 1 and (
            lower in vocabulary().common or (words[start].opens and lower in vocabulary().act | vocabulary().tell)
        )
        lone = end == start + 1 and words[start].opens and start + 1 < len(words)
        ordered = lone and _ORDERED.match(text[words[start].end :]) is not None  # "Enrol the ...", "Block 203..."
        if end > start and not common and not ordered:
            first, last = words[start], words[end - 1]
            found.append(Word(unpossessed(text[first.start : last.end]), first.start, last.end, first.opens))
        index = max(end, start + 1)
    return found


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


def people_in(words: list[Word], text: str) -> list[str]:
    """The people whom the words before them introduce, also several at once: "invite Ana, Tom and Priya"."""
    found: list[str] = []
    starts = {word.start: index for index, word in enumerate(words)}
    for cue in _PERSON_CUES.finditer(text):
        index = starts.get(cue.end())
        if _THING_CALLED.search(text[max(cue.start() - 60, 0) : cue.end()]):
            continue
        while index is not None:
            end = name_at(words, index, text)
            if end == index or words[index].lower in vocabulary().common or words[index].text.endswith("."):
                break
            found.append(unpossessed(text[words[index].start : words[end - 1].end]))
            index = next_in_list(words, end, text)
    return found


def next_in_list(words: list[Word], index: int, text: str) -> int | None:
    """The index of the next member of an enumeration whose last member ended before `index`."""
    if index >= len(words):
        return None
    gap = text[words[index - 1].end : words[index].start].strip()
    if gap in {",", "&", "/"} and words[index].lower not in {"and", "or"}:
        return index
    if gap in {"", ","} and words[index].lower in {"and", "or", "und", "oder"} and index + 1 < len(words):
        return index + 1
    return None
