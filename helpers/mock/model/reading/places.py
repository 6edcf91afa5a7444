"""Places that a text mentions and the part each plays, by its position: "from X to Y", "in X", "X–Y".

No list of places is asked: a name that stands in no table is found as well as a known one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .calendar import MONTHS
from .names import Word, name_at, names_other, next_in_list, unpossessed
from .numbers import CARDINALS
from .vocabulary import ROLES, Role, is_common, vocabulary


@dataclass(frozen=True, slots=True)
class Place:
    """A place and the part it plays. `region` is what qualified it: "TX" in "Austin, TX"; it is `sure` where its
    position says that it is one, and not only a name."""

    name: str
    role: Role
    region: str = ""
    sure: bool = True


def places_in(words: list[Word], text: str, names: list[Word], people: list[str]) -> tuple[list[Place], list[str]]:
    """The places, and the people whom "for" announced: in "a room in Rome for Ana", "in" has the place already."""
    found: list[Place] = []
    announced: list[Place] = []
    taken: set[int] = set()
    for index, word in enumerate(words[:-1]):
        role = ROLES.get(word.lower)
        if role is None or text[word.end : words[index + 1].start].strip(" "):
            continue
        start = index + 2 if words[index + 1].text in {"the", "The"} and index + 2 < len(words) else index + 1
        listed = list(_enumeration(words, start, role, text, taken, word.lower == "between"))
        (announced if word.lower == "for" else found).extend(listed)
    found += _before_to(words, text, names, taken)
    guests = [place.name for place in announced if not place.region] if found else []
    found += [place for place in announced if place.name not in guests]
    if not found:
        found += [
            Place(name.text, "location", sure=False)
            for name in names
            if name.text not in people and not (name.opens and name.text.casefold() in vocabulary().common)
        ]
    if not found:
        found += _lower_location(words, text)
    return [place for place in found if place.role != "location" or place.name not in people], guests


def _enumeration(
    words: list[Word], start: int, role: Role, text: str, taken: set[int], between: bool
) -> Iterator[Place]:
    """The places from `start` on that share one preposition: "in Paris, Rome and Oslo"."""
    members: list[tuple[str, bool]] = []  # name, joined by a comma alone
    index: int | None = start
    comma = False
    while index is not None and index not in taken:
        end = name_at(words, index, text)
        if end == index:
            break
        taken.update(range(index, end))
        members.append((unpossessed(text[words[index].start : words[end - 1].end]), comma))
        following = next_in_list(words, end, text)
        comma = following == end
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


def _before_to(words: list[Word], text: str, names: list[Word], taken: set[int]) -> Iterator[Place]:
    """The origin in "Oslo to Bergen", "Oslo–Bergen" and "Oslo -> Bergen", where no preposition marks it."""
    starts = {word.start: index for index, word in enumerate(words)}
    for left, right in zip(names, [*names[1:], None], strict=False):
        if starts.get(left.start) in taken:
            continue
        to = re.match(r"\s+to\s+(?:the\s+)?(?=[^\W\d_])", text[left.end :])
        if to and right and right.start == left.end + to.end():
            yield Place(left.text, "origin")
        elif re.search(r"\bis\s+$", text[: left.start]) and re.match(r"\s+from\s+[^\W\d_]", text[left.end :]):
            yield Place(left.text, "destination")  # "How far is Madrid from Barcelona?"
        elif right and re.fullmatch(r"\s*(?:–|—|->|→|=>)\s*", text[left.end : right.start]):
            yield Place(left.text, "origin")
            yield Place(right.text, "destination")


def _lower_name(words: list[Word], start: int, text: str) -> int:
    """The index after a name written without capitals: up to four words, ended by a common word or punctuation."""
    end = start
    while end < len(words) and end - start < 4:
        lower = words[end].lower
        apart = end > start and text[words[end - 1].end : words[end].start].strip(" ")
        counted = lower in CARDINALS or lower[0].isdigit()
        if apart or counted or is_common(lower) or names_other(lower) or lower in MONTHS:
            break
        end += 1
    return end


def _lower_location(words: list[Word], text: str) -> Iterator[Place]:
    """ "from miami to seattle" and "what about rome?", only where nothing in the text is capitalised as a name."""
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
            yield Place(_title(text[words[following].start : words[end - 1].end]), ROLES[word.lower])
            following = next_in_list(words, end, text)


def _title(name: str) -> str:
    """A name with capitals: "rio de janeiro" is Rio de Janeiro."""
    words = unpossessed(name).split()
    small = {place for place, word in enumerate(words) if place and word in vocabulary().joiners}
    return " ".join(word if place in small else word[:1].upper() + word[1:] for place, word in enumerate(words))
