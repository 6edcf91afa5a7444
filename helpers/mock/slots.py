"""Which of the facts a conversation mentions a property of a schema asks for, judged by its name and description.

"origin_city" asks for the place after "from", "guests" for the number beside "guests", "answer" for the plain answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from .extract import DEFAULT_TODAY, Facts, Place, clipped, facts, is_common, vocabulary


@dataclass(frozen=True, slots=True)
class Context:
    """The conversation a value is drawn from.

    `text` is the user's latest request, `earlier` the requests before it (oldest first), `answer` what the model would
    say in plain words (empty for tool arguments, and where it has nothing to say); `excuse` is what it says then, for a
    property that asks for the answer itself. "tomorrow" counts from `today`. `topic` are stems of words that name
    the task itself ("play", "song") and are therefore no content.
    """

    text: str
    earlier: tuple[str, ...] = ()
    answer: str = ""
    excuse: str = ""
    today: date = DEFAULT_TODAY
    topic: frozenset[str] = frozenset()


_REMEMBERED = 12  # how many earlier texts are searched
_SIGN = r"(?:\*\*|[-+*/×÷^%−]|times|plus|minus|divided by)"
_SUM = re.compile(rf"(?<![\w.,/-])[-(√]*\d[\d.,]*\)*(?:\s*{_SIGN}\s*[-(]*\d(?:[\d.,]*\d)?\)*)+(?![\w/-])")
_ORDINALS = frozenset({"first", "second"})
_UNIT_SIGNS = {"celsius": "°c", "fahrenheit": "°f", "metric": "°c", "imperial": "°f", "c": "°c", "f": "°f"}


@dataclass(frozen=True)
class Slot:
    """A property's name (empty at the top), its description, and the names above it, innermost last."""

    name: str = ""
    description: str = ""
    parents: tuple[str, ...] = ()

    def child(self, name: str, description: str = "") -> Slot:
        """The slot of a member; an array's items keep the array's own slot."""
        return Slot(name, description, (*self.parents, self.name) if self.name else self.parents)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the name: "departureCity" and "departure_city" are (departure, city)."""
        return split_words(self.name)

    @cached_property
    def kind(self) -> str:
        """The kind of content asked for, a key of the table of kinds, or "" when nothing says."""
        return _kind_of(self.words) or _kind_of(split_words(self.description), scan=True) or _kind_of(self._above)

    @cached_property
    def _above(self) -> tuple[str, ...]:
        return tuple(word for parent in self.parents for word in split_words(parent))

    @cached_property
    def role(self) -> str:
        """ "origin", "destination" or "" for neither."""
        for words in (self.words, self._above, split_words(self.description)):
            ends = [word for word in words if word in vocabulary().origin or word in vocabulary().destination]
            if ends and len({word in vocabulary().origin for word in ends}) == 1:
                return "origin" if ends[0] in vocabulary().origin else "destination"
        return ""

    @cached_property
    def is_identifier(self) -> bool:
        """Whether the slot names something by a code: "order_number", not "number" or "total_number"."""
        counted = vocabulary().counted - {"number", "num"}
        return len(self.words) > 1 and _kind_of(self.words) == "code" and counted.isdisjoint(self.words)

    @cached_property
    def ordinal(self) -> bool:
        """Whether the slot is one of several alike ("city1", "second city"), to be filled in reading order."""
        return bool(re.search(r"[^\W\d]_?[12]$|^[ab]$", self.name)) or not _ORDINALS.isdisjoint(
            (*self.words, *split_words(self.description))
        )


def split_words(name: str) -> tuple[str, ...]:
    """The lower-case words of an identifier or a sentence, numbers left out."""
    spaced = re.sub(r"(?<=[^\W\dA-Z_])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return tuple(word.casefold() for word in re.findall(r"[^\W\d_]+", spaced))


def stem(word: str) -> str:
    """A word without its commonest English endings, long enough to stay itself."""
    word = word.casefold()
    for ending, least in (("ies", 4), ("ings", 5), ("ing", 5), ("ers", 6), ("es", 5), ("ed", 5), ("s", 4)):
        if word.endswith(ending) and len(word) >= least and not word.endswith("ss"):
            word = word[: -len(ending)] + ("y" if ending == "ies" else "")
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] in "bdgmnprt":
        word = word[:-1]
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def _kind_of(words: Sequence[str], *, scan: bool = False) -> str:
    if not words:
        return ""
    last = () if scan else (words[-1],)
    for group in (last, words):
        for kind, members in vocabulary().kinds.items():
            if members.intersection(group):
                if kind == "person" and {"name"} >= members.intersection(group):
                    other = _kind_of([word for word in words if word not in members], scan=scan)
                    return other or kind
                return kind
    return ""


@dataclass(frozen=True)
class Scene:
    """What the conversation offers; every answer lists the best first and is empty when nothing fits."""

    sources: tuple[Facts, ...]
    answer: str = ""
    excuse: str = ""
    taken: frozenset[Any] = field(default_factory=frozenset)
    topic: frozenset[str] = frozenset()

    @classmethod
    def of(cls, context: Context) -> Scene:
        """The scene of a context, its latest text first."""
        texts = [text for text in (context.text, *reversed(context.earlier[-_REMEMBERED:])) if text.strip()]
        sources = tuple(facts(text, context.today) for text in texts)
        return cls(sources, context.answer, context.excuse, topic=context.topic)

    def without(self, value: Any) -> Scene:
        """The scene after a sibling has been given this value."""
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            return self
        return replace(self, taken=self.taken | {value})

    def focus(self, kind: str, member: str) -> Scene:
        """The scene in which only one member of a list is mentioned."""
        first = self.sources[0] if self.sources else facts("")
        place = next((place for place in first.places if place.name == member), Place(member, "location"))
        only = {
            "place": {"places": (place,), "names": (member,)},
            "person": {"people": (member,), "names": (member,)},
        }.get(kind, {"text": member, "items": (member,), "quoted": (member,), "places": (), "people": (), "names": ()})
        return replace(self, sources=(replace(first, **only),), taken=frozenset())

    def texts(self, slot: Slot) -> list[str]:
        """Strings for a slot."""
        found = self._of_kind(slot)
        labelled = [] if slot.kind in {"answer", "query"} else self._labelled(slot)
        if slot.kind in {"place", "date", "time", "datetime", "email", "url"}:
            found = found + labelled
        else:
            found = labelled + found
        return [text for text in dict.fromkeys(found) if text and text not in self.taken]

    def numbers(self, slot: Slot) -> tuple[list[int | float], list[int | float]]:
        """Numbers for a slot, and other numbers of the latest request or the answer, which may have been meant.

        The first stand beside one of the slot's words ("3 guests"); a slot that counts or measures takes any.
        """
        stems = {stem(word) for word in slot.words}
        beside: list[int | float] = []
        others: list[int | float] = []
        spoken = [facts(self.answer)] if self.answer else []
        for position, source in enumerate([*spoken, *self.sources]):
            for quantity in source.numbers:
                near = {stem(word) for word in (quantity.unit, quantity.before) if word}
                if near & (stems - {"number", "count"}):
                    beside.append(quantity.value)
                elif position == 0 or (spoken and position == 1):
                    others.append(quantity.value)
            if {"price", "cost", "amount", "budget", "money"}.intersection(slot.words):
                beside += [money.amount for money in source.money]
        if vocabulary().counted.intersection(slot.words):
            beside, others = beside + others, []
        fresh = [number for number in dict.fromkeys(beside) if number not in self.taken]
        return fresh, [number for number in dict.fromkeys(others) if number not in self.taken]

    def truth(self, slot: Slot) -> bool | None:
        """Whether the conversation says yes or no to a flag; None when it says nothing."""
        words = [word for word in slot.words if word not in vocabulary().filler]
        phrase = " ".join(words)
        for source in self.sources:
            if phrase and (source.denies(phrase) or (len(words) > 1 and source.denies(words[0]))):
                return False
            stems = {stem(word) for word in split_words(source.text)}
            if words and all(stem(word) in stems for word in words):
                return True
        verdict = re.match(r"\W*(yes|no|true|false)\b", self.answer, re.IGNORECASE)
        return verdict[1].casefold() in {"yes", "true"} if verdict else None

    def mentioned(self, slot: Slot, values: Iterable[Any]) -> list[Any]:
        """Those of the values that the answer or the conversation mentions, the answer's and the latest first."""
        found: list[tuple[int, int, Any]] = []
        beside, others = self.numbers(slot)
        numbers = beside + others
        texts = [facts(self.answer), *self.sources] if self.answer else list(self.sources)
        for value in values:
            if isinstance(value, bool) or value is None:
                if isinstance(value, bool) and self.truth(slot) is value:
                    found.append((0, 0, value))
            elif isinstance(value, (int, float)):
                if value in numbers:
                    found.append((0, numbers.index(value), value))
            elif isinstance(value, str):
                sign = _UNIT_SIGNS.get(value.casefold(), "")
                for age, source in enumerate(texts):
                    plain = re.sub(r"[\s_-]+", " ", source.text).casefold()
                    word = " ".join(split_words(value)) or value.casefold()
                    hit = source.mentions(word) and not source.denies(word) and len(word) > 1
                    if hit or (sign and sign in plain):
                        found.append((age, plain.find(word), value))
                        break
        return [value for *_, value in sorted(found, key=lambda hit: hit[:2])]

    def members(self, slot: Slot) -> list[str]:
        """The strings of a list that a slot asks for."""
        kind = slot.kind
        spoken = [facts(self.answer)] if self.answer else []
        for source in [*self.sources[:1], *spoken] if kind in {"place", "person"} else [*spoken, *self.sources[:1]]:
            options: dict[str, Iterable[str]] = {
                "place": dict.fromkeys(_spelled(place, slot) for place in source.places),
                "person": source.people or source.names,
                "date": source.dates,
                "time": source.times,
                "email": source.emails,
                "url": source.urls,
                "language": source.languages,
                "currency": source.currencies,
            }
            listed = list(options.get(kind, source.items or source.quoted))
            if listed:
                return listed
        return []

    def fallback(self, slot: Slot) -> str:
        """A string where nothing in the conversation was clearly meant: the answer, or what the request is about."""
        if slot.kind not in {"", "text"} or not slot.name or not self.sources:
            return self.answer or "unknown"
        latest = self.sources[0]
        claimed = {*self.taken, *(place.name for place in latest.places)}
        for named in (latest.quoted, () if self.answer else latest.names):
            free = [name for name in named if name not in claimed and stem(name) not in self.topic]
            if free:
                return free[0]
        rest = self.answer or self._residue(slot)
        return rest or (self.sources[0].text.strip() if slot.kind == "text" else "unknown")

    def _residue(self, slot: Slot) -> str:
        """The longest run of words of the latest request that are neither common nor the task's own."""
        aside = self.topic | {stem(word) for word in slot.words}
        text = re.sub(r"\S+@\S+|https?://\S+|\"[^\"]*\"", ",", clipped(self.sources[0].text))
        runs: list[list[str]] = [[]]
        for word in re.findall(r"[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]", text):
            if not word[0].isalnum() or is_common(word) or stem(word) in aside:
                runs.append([])
            else:
                runs[-1].append(word)
        listed = self.sources[0].items  # meant for a list rather than for this slot
        return max(
            (" ".join(run) for run in reversed(runs)),
            key=lambda run: (run not in listed, not run.replace(" ", "").isdigit(), len(run.split())) if run else (),
        )

    def _of_kind(self, slot: Slot) -> list[str]:
        kind = slot.kind
        every = [self._one_source(kind, slot, source) for source in self.sources]
        found = [text for texts in every for text in texts]
        if kind == "place" and not found and {"to", "from"}.intersection(slot.words):  # of a message, it seems
            found = [email for source in self.sources for email in source.emails]
        latest = self.sources[0].text.strip() if self.sources else ""
        if kind == "answer":
            return [text for text in (self.answer or self.excuse, latest) if text]
        if kind == "query":
            return [latest]
        if kind == "text":
            after = re.search(r":\s+(\S.*)", latest, re.DOTALL)
            return [*found, after[1] if after else "", self.answer]
        if self.answer and not found:
            found = self._one_source(kind, slot, facts(self.answer))
        return found

    def _one_source(self, kind: str, slot: Slot, source: Facts) -> list[str]:
        match kind:
            case "place":
                return [
                    _spelled(place, slot)
                    for place in _by_role(slot, source)
                    if not {stem(word) for word in split_words(place.name)} <= self.topic
                ]
            case "date" | "time" | "email" | "url":
                return list(
                    {"date": source.dates, "time": source.times, "email": source.emails, "url": source.urls}[kind]
                )
            case "datetime":
                clock = source.times[0] if source.times else "00:00"
                return [f"{day}T{clock}:00Z" for day in source.dates]
            case "language" | "currency":
                found = list(source.languages if kind == "language" else source.currencies)
                # "into French" names the target alone; "100 USD" names the source alone.
                if slot.role == "destination":
                    return found[-1:] if kind == "language" else found[1:][-1:]
                return found[:1] if slot.role == "origin" and (kind == "currency" or len(found) > 1) else found
            case "unit":
                return [quantity.unit for quantity in source.numbers if quantity.unit]
            case "expression":
                return [match[0].strip() for match in _SUM.finditer(clipped(source.text))]
            case "person":
                places = {place.name for place in source.places if place.role != "location"}
                named = [*source.people, *source.quoted, *(name for name in source.names if name not in places)]
                return [part for name in named if (part := _part_of_name(name, slot))]
            case "text":
                return list(source.quoted)
            case "code":
                tokens = re.findall(
                    r"(?<![\w-])(?!USD|EUR|GBP)[A-Z]{2,3} \d{1,4}(?![\w-]|[.,:]\d)|"
                    r"(?<![\w.-])[A-Za-z]{0,6}-?\d[\w-]*(?!\.?\d)|(?<![\w-])[A-Z]{2,6}(?![\w-])",
                    clipped(source.text),
                )
                beside = [code for word in slot.words for code in _codes_after(word, clipped(source.text))]
                return [*beside, *(token for token in tokens if not is_common(token)), *source.quoted]
            case _:
                return []

    def _labelled(self, slot: Slot) -> list[str]:
        """What follows the slot's own words and "is", "are", ":" or "="."""
        words = [word for word in slot.words if word not in vocabulary().filler]
        if not words:
            return []
        label = re.compile(
            rf"(?<!\w){'[ _-]?'.join(map(re.escape, words))}(?!\w)(?:(?!\bis\b)[^.?!:=\n]){{0,60}}?"
            r"(?:\s+(?:is|are)\s+|\s*[:=]\s+|\s+(?=[\"“]))(?:called\s+)?(?:\"([^\"\n]+)\"|([^\s.,;:!?\"][^.,;:!?\n\"]{0,80}))",
            re.IGNORECASE,
        )
        found = [match for text in self._readings() for match in label.finditer(text)]
        values = [(match[1] or match[2]).strip() for match in found]
        return [value for value in values if re.search(r"\w", value)]  # "..." in a pattern to be filled says nothing

    def _readings(self) -> list[str]:
        return [clipped(text) for text in (self.answer, *(source.text for source in self.sources))]


def _codes_after(word: str, text: str) -> list[str]:
    """The codes that a word announces: "invoice no. 2025-117", "room 0412", "flight AD 210"."""
    label = rf"(?i:(?<!\w){re.escape(word)}\W{{1,3}}(?:(?:number|no|nr|code|reference|ref|id|is)\W{{1,3}}){{0,2}})"
    return re.findall(rf"{label}([A-Z]{{2,3}} \d{{1,4}}(?![\w-])|(?=[\w-]*\d)[A-Za-z0-9][\w-]*)", text)


def _part_of_name(name: str, slot: Slot) -> str:
    """The part of a person's name that a slot asks for; "" for the surname of someone who gave none."""
    first, _, last = name.partition(" ")
    if {"first", "forename", "given"}.intersection(slot.words):
        return first
    return last if {"last", "surname", "family"}.intersection(slot.words) else name


def _by_role(slot: Slot, source: Facts) -> list[Place]:
    if slot.role == "origin":
        return list(source.with_role("origin"))
    if slot.role == "destination":
        return [
            *source.with_role("destination"),
            *([] if source.with_role("destination") else source.with_role("location")),
        ]
    if slot.ordinal:
        return list(source.places)
    return [*source.with_role("location"), *source.with_role("destination"), *source.with_role("origin")]


def _spelled(place: Place, slot: Slot) -> str:
    """A place as the slot wants it: the region alone for a country, city and region for a location."""
    if place.region and vocabulary().region.intersection(slot.words):
        return place.region
    whole = {"location", "address"}.intersection(slot.words) or re.search(
        r"city and state|city, ", slot.description, re.I
    )
    return f"{place.name}, {place.region}" if place.region and whole else place.name
