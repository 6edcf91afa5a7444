"""The situation a slot is filled in: what a conversation offers to it of texts, numbers, flags and members of lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

from ...clock import DEFAULT_TODAY
from ...text import clipped
from .amounts import Line, Quantity, result_in
from .calendar import MONTHS, WEEKDAYS, days_ahead
from .effort import READING, spend
from .facts import Facts, facts
from .forms import FORMS, SQL, codes, unclaimed
from .kinds import Asked, offered, spelled
from .likeness import likest
from .numbers import read_number, without_point
from .places import Place
from .slots import COUNTED, PRICED, WHOLE, Slot
from .units import counted_alike
from .vocabulary import (
    OPPOSITES,
    ROLES,
    folded,
    is_common,
    signs_of,
    split_words,
    stem,
    stems_of,
    vocabulary,
    with_synonyms,
    words_of,
)
from .wording import asked_about, labelled, modifiers_of, residue, told_in

NOTHING = "unknown"
"""What a text says where it has to and nothing is known."""
_IN_FRONT = re.compile(r"\bthe [\w-]+ [\w-]+: ")  # "Page the payments team: checkout is down"
_TOLD_OF = ("places", "numbers", "money", "dates", "times", "emails")
_BODY = frozenset({"body", "text", "message", "content"})
_NAMED = frozenset({"product", "item", "name", "article", "description", "title", "service", "material"})
_REMEMBERED = 12  # how many earlier texts are searched
_MOST_NUMBERS = 50  # of a request that a list holds
_REMEMBERED_TEXT = 12_000  # and how many characters of them
_PASSED_ON = 50_000  # characters of a request or an answer that a value may repeat
_LONGEST_OPTION = 200  # characters of one of several values to choose from
_INVENTING = re.compile(
    r"\W*(?:please |can you |could you )*(?:create|generate|invent|imagine|make up|compose|suggest|propose|plan|"
    r"design|come up with|brainstorm|draft)\b",
    re.IGNORECASE,
)
_LIMITS = "under|below|over|above|up to|(?:less|more|cheaper) than|at (?:most|least)|no more than|between"
_SPAN = re.compile(
    r"(?<![\w.-])[$€£]?(\d[\d,]*(?:\.\d+)?)[^\W\d_]?\s*(?:-|–|to|and|through|until)\s*[$€£]?(\d[\d,]*(?:\.\d+)?)(?![\w-])"
)
_LIST = re.compile(r"-?\d[\d.]*(?:(?:,|,? and)\s+-?\d[\d.]*)+")  # of numbers
_LISTED = frozenset({*FORMS, "date", "time", "email", "url", "language", "currency"})  # kinds known by their form
_SWITCHED = frozenset(map(stem, ("on", "enabled", "active", "power")))  # what is on or off, however that is told
_TIMES = frozenset(map(stem, ("date", "time", "datetime", "when", "due", "start", "deadline", "at", "day", "schedule")))

_SCALES = {"celsius": "°c", "c": "°c", "metric": "°c", "fahrenheit": "°f", "f": "°f", "imperial": "°f"}


@dataclass(frozen=True, slots=True)
class Context:
    """The conversation a value is drawn from.

    `text` is the user's latest request, `earlier` the requests before it (oldest first), `answer` what the model would
    say in plain words (empty for tool arguments, and where it has nothing to say); `excuse` is what it says then, for a
    property that asks for the answer itself. "tomorrow" counts from `today`. `topic` are stems of words that name
    the task itself ("play", "song") and are therefore no content; `asked` are those of what else is asked for.
    """

    text: str
    earlier: tuple[str, ...] = ()
    answer: str = ""
    excuse: str = ""
    today: date = DEFAULT_TODAY
    topic: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Scene:
    """What the conversation offers; every answer lists the best first and is empty when nothing fits."""

    sources: tuple[Facts, ...]
    answer: str = ""
    excuse: str = ""
    taken: frozenset[Any] = field(default_factory=frozenset)
    topic: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    today: date = DEFAULT_TODAY
    line: Line | None = None
    member: tuple[str, str, str] | None = None  # of a list: its kind, itself, and the text that names the list
    whole: str = ""  # the latest request, as much of it as is ever handed on
    readings: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)  # what was looked up already

    @classmethod
    def of(cls, context: Context) -> Scene:
        """The scene of a context, its latest text first."""
        left = _REMEMBERED_TEXT
        texts: list[str] = []
        for text in (context.text, *reversed(context.earlier[-_REMEMBERED:])):
            text = clipped(text) if not texts else clipped(text, max(left, 2))
            if text.strip():
                left -= len(text) if texts else 0
                texts.append(text)
            if left <= 0:
                break
        sources = tuple(facts(text, context.today) for text in texts)
        whole = next((text for text in (context.text, *reversed(context.earlier)) if text[:_PASSED_ON].strip()), "")
        whole, answer, excuse = (
            text if len(text) <= _PASSED_ON else clipped(text) for text in (whole, context.answer, context.excuse)
        )
        return cls(sources, answer, excuse, topic=context.topic, asked=context.asked, today=context.today, whole=whole)

    @property
    def _spoken(self) -> list[Facts]:
        return [facts(self.answer)] if self.answer else []

    @property
    def _texts_heard(self) -> list[str]:
        return [source.text for source in (*self._spoken, *self.sources)]

    @property
    def _request(self) -> str:
        return self.sources[0].text if self.sources else ""

    @property
    def invents(self) -> bool:
        """Whether an answer is to be made up, "Create a recipe", rather than read or passed to a tool."""
        return bool(self.answer or self.excuse) and _INVENTING.match(self._request) is not None

    def without(self, value: Any) -> Scene:
        """The scene after a sibling has been given this value."""
        if isinstance(value, list):
            return replace(self, taken=self.taken.union(folded(str(one)) for one in value))
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            return self
        return replace(self, taken=self.taken | {folded(str(value))})

    def focus(self, kind: str, member: str, until: str = "") -> Scene:
        """The scene in which only one member of a list is mentioned, with what is said of it before the next one."""
        first = self.sources[0] if self.sources else facts("")
        place = next((place for place in first.places if place.name == member), Place(member, "location"))
        only: dict[str, Any] = {
            "place": {"places": (place,), "names": (member,)},
            "person": {"people": (member,), "names": (member,)},
            **{kind: {f"{kind}s": (member,)} for kind in ("email", "url", "date", "time", "language")},
            "currency": {"currencies": (member,)},
        }.get(kind, {"text": member, "items": (member,), "quoted": (member,), "places": (), "people": (), "names": ()})
        _, _, behind = first.text.partition(member)
        told = facts(behind.partition(until)[0]) if until else facts(behind)
        own = {key: found for key in _TOLD_OF if (found := getattr(told, key)) and key not in only}
        source = replace(first, **(only if kind in _LISTED or kind == "place" else only | own))
        named = (kind, member, first.text)
        return replace(self, sources=(source,), taken=frozenset(), member=named, whole=source.text, readings={})

    def is_place(self, name: str) -> bool:
        """Whether the latest request says of a name that something is there: "in Toronto"."""
        return bool(re.search(rf"\b(?:in|at|from|to|near)\s+{re.escape(name)}(?!\w)", self._request))

    def of_numbers(self) -> list[Scene]:
        """A scene for each number of the latest request, where it has several; of a list alone, where it has one."""
        first = self.sources[0] if self.sources else facts("")
        listed = max(
            map(facts, (found[0] for found in _LIST.finditer(first.text))),
            key=lambda run: len(run.numbers),
            default=first,
        )
        each = [replace(first, numbers=(number,)) for number in listed.numbers]
        return [self._holding(one) for one in each[:_MOST_NUMBERS]] if len(each) > 1 else []

    def _holding(self, source: Facts) -> Scene:
        return replace(self, sources=(source,), member=("number", "", source.text), readings={})

    def on(self, line: Line) -> Scene:
        """The scene in which only one line of an order is mentioned."""
        first = self.sources[0] if self.sources else facts("")
        only = {"text": line.text, "places": (), "people": (), "names": (), "quoted": (), "items": (), "lines": (line,)}
        sources = (replace(first, **only),)
        return replace(self, sources=sources, taken=frozenset(), line=line, whole=line.text, readings={})

    def _read(self, what: str, slot: Slot, find: Callable[[], Any], weight: int = 1) -> Any:
        """What `find` gives, found once for slots that ask for the same: a small schema can have thousands of them."""
        key = (what, slot.name, slot.description, slot.kind, slot.role)
        if key not in self.readings:
            spend(READING + weight * (sum(len(source.text) for source in self.sources) + len(self.answer)) // 2)
            self.readings[key] = find()
        return self.readings[key]

    def texts(self, slot: Slot) -> list[str]:
        """Strings for a slot."""
        if self.line is not None:
            if slot.kind == "currency":
                return [self.line.currency] if self.line.currency else []
            if slot.kind == "code":
                return codes(self.line.name)
            named = slot.kind in {"", "text", "person"} or _NAMED.intersection(slot.words)
            return [self.line.name] if named and slot.kind != "unit" else []
        found = self._read("texts", slot, lambda: self._texts(slot))
        free = [text for text in found if folded(text) not in self.taken]
        return free or (found if _BODY.intersection(slot.words) else [])  # a subject may say no less

    def _texts(self, slot: Slot) -> list[str]:
        if said := [text for text in _named_as(slot, self._request) if text]:
            return said
        if slot.counts and not self.answer:
            return self._measured(slot) or list(map(str, self.numbers(slot)[0]))
        found = self._of_kind(slot)
        if self.member and self.member[0] == slot.kind:
            found = [self.member[1], *found]
        written = slot.kind == "query" or (slot.kind == "answer" and not self.topic)
        announced = [] if written else labelled(slot, self._texts_heard)
        if slot.kind in {"", "room", "path"}:
            kinds = _modifying(self._request, self.topic) if slot.speaks_of(*_KINDS) else []
            before = modifiers_of(slot, self._request, self.topic)
            announced, before = (before, announced) if _IN_FRONT.search(self._request) else (announced, before)
            found = [*announced, *found, *before, *kinds]
        elif slot.kind in {"place", "date", "time", "datetime", "email", "url"}:
            found = [*found, *announced]
        else:
            found = [*announced, *found]
        return [text for text in dict.fromkeys(map(self._without_verb, found)) if text]

    def _without_verb(self, name: str) -> str:
        """A name without the verb that opens the request: "Invoice Contoso"."""
        verb, _, rest = name.partition(" ")
        opens = rest[:1].isupper() and self._request.startswith(name) and stem(verb) in self.topic
        return rest if opens else name

    def _measured(self, slot: Slot) -> list[str]:
        """Amounts with their unit, where the slot names none itself: "2 kg" for a quantity."""
        amounts = self.sources[0].numbers if self.sources and COUNTED.intersection(slot.words) else ()
        return [f"{one.value} {one.unit}" for one in amounts if one.unit and counted_alike([one.unit.casefold()])]

    def numbers(self, slot: Slot) -> tuple[list[int | float], list[int | float]]:
        """Numbers for a slot, and other numbers of the latest request or the answer, which may have been meant.

        The first stand beside one of the slot's words ("3 guests"); a slot that counts or measures takes any.
        """
        if self.line is not None:
            return self._of_line(slot, self.line), []
        beside, others = self._read("numbers", slot, lambda: self._numbers(slot))
        free = [[number for number in numbers if str(number) not in self.taken] for numbers in (beside, others)]
        return free[0], free[1]

    def _numbers(self, slot: Slot) -> tuple[list[int | float], list[int | float]]:
        if self.member and self.member[0] == "number":
            return [one.value for one in self.sources[0].numbers], []
        stems = {stem(word) for word in slot.words}
        beside: list[int | float] = []
        meant: list[int | float] = []
        others: list[int | float] = []
        elsewhere: list[int | float] = []  # beside a word of another slot
        if slot.counts_days:
            beside += [days for source in self.sources for days in days_ahead(source.text)]
        if slot.counts_ahead:
            days = ((date.fromisoformat(day) - self.today).days for source in self.sources for day in source.dates)
            beside += [ahead for ahead in days if ahead >= 0]
        if (end := slot.bound(self.asked)) is not None:
            spans = (found for source in self.sources[:1] for found in _SPAN.finditer(source.text))
            beside += [read_number(found[end + 1].replace(",", "")) for found in spans]
        if WHOLE.intersection(slot.words) and not COUNTED.intersection(slot.words):
            beside += self._sums()
        spoken = self._spoken
        if self.answer and (result := result_in(self.answer)) is not None:
            others.append(result)
        for position, source in enumerate([*spoken, *self.sources]):
            for quantity in source.numbers:
                near = {stem(word) for word in (quantity.unit, quantity.before) if word}
                latest = position == 0
                alone = slot.kind == "code" and latest and len(source.numbers) == 1 and not source.money
                if alone or near & (stems - {"number", "count"}):
                    beside.append(quantity.value)
                elif self._is_meant(quantity, slot, latest=latest):
                    meant.append(quantity.value)
                elif latest or (spoken and position == 1):
                    (elsewhere if near & (self.asked - stems) else others).append(quantity.value)
            if {"price", "cost", "amount", "budget", "money"}.intersection(slot.words):
                beside += [money.amount for money in source.money]
        beside, others = beside + meant, others + elsewhere
        if not self.answer:  # "two sides" are told after "4 and 5"
            written = self._request.replace(",", "")
            others.sort(key=lambda number: str(number) not in written)
        if vocabulary().counted.intersection(slot.words):
            years = [number for number in others if slot.counting and 1900 <= number <= 2100]
            beside, others = beside + [number for number in others if number not in years], years
        return list(dict.fromkeys(beside)), list(dict.fromkeys(others))

    def _is_meant(self, quantity: Quantity, slot: Slot, *, latest: bool) -> bool:
        """Whether a slot asks for a quantity by its unit ("30 percent"), by its size (a year), or as the number of what
        the task is about ("light 2"); "top 3" and "the last 50" are limits."""
        unit, value = quantity.unit.casefold().replace(" ", ""), quantity.value
        if unit in slot.units or (unit[:1] == "°" and {"temperature", "degrees"}.intersection(slot.words)):
            return True
        if slot.kind == "code":
            return bool(quantity.before) and stem(quantity.before) in self.topic
        if "year" in slot.words:
            return isinstance(value, int) and 1900 <= value <= 2100
        return "top" in slot.units and latest and isinstance(value, int) and 0 < value <= 100

    def _of_line(self, slot: Slot, line: Line) -> list[int | float]:
        """The numbers of one line of an order: how many, at which price, together."""
        words = set(slot.words)
        if words & WHOLE or ("line" in words and "amount" in words):
            return [] if line.total is None else [line.total]
        if words & PRICED and (line.price is not None or not words & COUNTED):
            return [] if line.price is None else [line.price]
        return [line.quantity] if words & COUNTED else []

    def _sums(self) -> list[int | float]:
        """What the lines of the latest request come to, where each has a price."""
        lines = self.sources[0].lines if self.sources else ()
        totals = [line.total for line in lines]
        if not totals or None in totals or re.search(r"(?i)\btotal\b[^.\n]{0,30}\d", self.sources[0].text):
            return []
        return [without_point(round(sum(total for total in totals if total is not None), 2))]

    def truth(self, slot: Slot) -> bool | None:
        """Whether the conversation says yes or no to a flag; None when it says nothing."""
        return self._read("truth", slot, lambda: self._truth(slot))

    def _truth(self, slot: Slot) -> bool | None:
        if verdict := re.match(r"\W*(yes|no|true|false)\b", self.answer, re.IGNORECASE):
            return verdict[1].casefold() in {"yes", "true"}
        words = slot.own_words
        phrase = " ".join(words)
        for source in self.sources:
            spoken = words_of(source.text)
            for yes, no in OPPOSITES:
                switches = {stem(yes), stem(no)} if yes not in _SWITCHED else _SWITCHED
                if switches.isdisjoint(map(stem, slot.words)):
                    continue
                said = [word for word in spoken if stem(word) in {stem(yes), stem(no)}]
                if said:
                    return stem(said[0]) == stem(yes)
            if phrase and (source.denies(phrase) or (len(words) > 1 and source.denies(words[0]))):
                return False
            stems = stems_of(source.text)
            if words and all(stem(word) in stems for word in words):
                return True
        return None

    def likest(self, values: Iterable[Any]) -> list[str]:
        """That of several strings which the conversation speaks for most; none where it is about nothing."""
        options = {value: "" for value in values if isinstance(value, str) and value}
        return [likest(options, "\n".join(self._texts_heard))] if options and self.sources else []

    def mentioned(self, slot: Slot, values: Iterable[Any]) -> list[Any]:
        """Those of the values that the answer or the conversation mentions, the answer's and the latest first."""
        values = list(values)
        few = len(values) // 40 + 1
        return self._read(f"among {values!r}", slot, lambda: self._mentioned(slot, values), few)

    def _mentioned(self, slot: Slot, values: list[Any]) -> list[Any]:
        beside, others = self.numbers(slot)
        numbers = beside + others
        found: list[tuple[tuple[int, int], Any]] = []
        for value in values:
            place: tuple[int, int] | None = None
            if isinstance(value, bool):
                place = (0, 0) if self.truth(slot) is value else None
            elif isinstance(value, (int, float)):
                place = (0, numbers.index(value)) if value in numbers else None
            elif isinstance(value, str) and len(value) <= _LONGEST_OPTION:
                place = self._place_of(value, slot)
            if place:
                found.append((place, value))
        taken = [folded(str(value)) in self.taken for _, value in found]
        spare = {value for (_, value), gone in zip(found, taken, strict=True) if not gone and any(taken)}
        named = sorted(found, key=lambda hit: (hit[1] not in spare, _stem_of(hit[1]) in self.topic, hit[0]))
        return [value for _, value in named]

    def _place_of(self, value: str, slot: Slot) -> tuple[int, int] | None:
        """How old the latest text is that mentions a string, itself or by a sign of it, and where it stands there."""
        word = " ".join(split_words(value)) or value.casefold()
        signs = signs_of(value)
        unit = _SCALES.get(value.casefold(), "")
        for age, source in enumerate([*self._spoken, *self.sources]):
            plain = folded(source.text)
            named = any(map(source.mentions, (value, word, f"{word}s") if len(value) > 1 else (value,)))
            hit = named and not source.denies(word) and (len(value) > 1 or value.isupper())
            if not hit and age == 0:
                hit = any(part in signs and not source.denies(part) for part in words_of(source.text) if signs)
            scaled = unit and (unit in plain or re.search(rf"\bin {unit[1].upper()}\b", source.text))
            if hit or scaled or (slot.kind == "currency" and value in source.currencies):
                return age, plain.find(word) if named else len(plain)
        return None

    def members(self, slot: Slot) -> list[str]:
        """The strings of a list that a slot asks for."""
        found = self._read("members", slot, lambda: self._members(slot))
        return [member for member in found if folded(member) not in self.taken]

    def _members(self, slot: Slot) -> list[str]:
        kind, spoken, asked = slot.kind, self._spoken, self.sources[:1]
        for source in [*asked, *spoken] if kind in {"place", "person"} else [*spoken, *asked]:
            named: dict[str, Iterable[str]] = {
                "place": dict.fromkeys(spelled(place, slot) for place in source.places),
                "person": source.people or source.names,
                "code": codes(source.text) or source.items,
            }
            if kind in _LISTED:
                named[kind] = offered(self._asked(Slot(kind), source))
            labels = labelled(Slot(slot.name.removesuffix("s")), [source.text]) if len(source.items) < 2 else []
            if listed := list(named.get(kind, labels or source.items or source.quoted)):
                return listed
        return []

    def _ordered(self) -> str:
        """What an order is for, behind its verb and without what other slots have taken of it: "play Miles Davis"."""
        verb, _, rest = self._request.strip(" .!").partition(" ")
        if not self.topic or stem(verb) not in self.topic:
            return ""
        return self._without_taken(rest)

    def _without_taken(self, text: str) -> str:
        """A text up to what other slots have taken of it: "headphones under $100"."""
        taken = "|".join(map(re.escape, sorted(self.taken, key=len, reverse=True))) or "(?!)"
        joint = rf"in|on|at|by|for|from|to|with|{_LIMITS}"
        return re.sub(
            rf"(?i),?\s+(?:{joint})\s+(?:(?:the|my|last|past|next)\s+){{0,2}}[$€£]?(?:{taken})\b.*$", "", text
        )

    def fallback(self, slot: Slot) -> str:
        """A string where nothing in the conversation was clearly meant: the answer, or what the request is about."""
        if slot.kind in {"date", "datetime"} and not self.answer:
            return self.today.isoformat() + ("T00:00:00Z" if slot.kind == "datetime" else "")
        if slot.kind == "language" and self.sources:
            return "English"
        if slot.kind in {"query", "answer"} and self.sources and not self.answer:
            return self.whole.strip()
        if slot.counts and not self.answer:
            beside, others = self.numbers(slot)
            return str(next(iter(beside + others), 0 if slot.counts_ahead else 1))
        free = slot.kind in {"", "text", "room"}  # any words may fill it
        if not free or not slot.name or not self.sources or (slot.role and slot.of_moment):
            return self.answer or NOTHING
        latest = self.sources[0]
        places = latest.places if not self.topic or self.topic & _place_stems() else ()  # which another slot asks for
        claimed = {*self.taken, *(folded(place.name) for place in places if place.sure or self.is_place(place.name))}
        aside = self.topic | {stem(word) for word in slot.words} | stems_of(" ".join(map(str, self.taken)))
        ordered = self._ordered() if slot.words and stem(slot.words[-1]) in self.topic else ""
        if ordered and not any(word in ROLES or word in {"a", "an", "the"} for word in ordered.casefold().split()):
            return ordered
        rest = self.answer or self._read("rest", slot, lambda: residue(latest, aside))
        for name in latest.quoted if self.answer else unclaimed(latest, ()):
            if folded(name) not in claimed and stem(name) not in self.topic:
                whole = rest.startswith(f"{name} ") and latest.text.rstrip(" ?!.").endswith(f" the {rest}")
                return rest if whole and name[0].isupper() else name  # "the Nebra sky disc"
        return rest or (self.whole.strip() if slot.kind == "text" else NOTHING)

    def _asked(self, slot: Slot, source: Facts) -> Asked:
        return Asked(slot, source, self.today, self.topic)

    def _of_kind(self, slot: Slot) -> list[str]:
        kind = slot.kind
        found = [text for source in self.sources for text in offered(self._asked(slot, source))]
        bare = found and "email" not in self.topic and {"to", "from"}.issuperset(slot.words)
        if kind == "place" and slot.addressed and not bare:
            found = [email for source in self.sources for email in source.emails] or found  # of a message, it seems
        latest = self.whole.strip() if self.sources else ""
        if kind == "answer" and self.topic:  # of a tool's arguments
            return [told_in(self._request)]
        if kind == "answer":
            return [text for text in (self.answer or self.excuse, latest) if text]
        if kind == "query":
            sql = SQL.search(self._request) if slot.speaks_of("sql", "select") or "sql" in self.topic else None
            quoted = self.sources[0].quoted if self.topic and self.sources else ()
            about = quoted[0] if len(quoted) == 1 else asked_about(self._request) or self._ordered()
            about = self._without_taken(about) if self.topic else about
            told = stems_of(about) - with_synonyms(self.topic) if self.topic else about
            return [sql[0].strip() if sql else about if told else ""]
        if kind == "text":
            return [
                *found,
                told_in(self._request, timed=bool(self.asked & _TIMES) or not self.topic),
                self.answer,
            ]
        if self.answer and not found:
            found = offered(self._asked(slot, self._spoken[0]))
        return found


_OFFERED = re.compile(r"\(((?:[\w-]+, )+(?:or )?[\w-]+|[\w-]+ or [\w-]+)\)")
_KINDS = frozenset({"type", "kind", "form", "genre", "cuisine", "style", "category", "preference", "dietary", "diet"})


_BROKEN_DOWN = re.compile(
    r"\b(?P<what>[a-z]\w*)\s+(?:by|per|over|against|versus|vs\.?|as a function of|for each)\s+(?:the\s+)?"
    r"(?P<by>[a-z]\w*)",
    re.IGNORECASE,
)
_SIDES = {"x": "by", "group": "by", "dimension": "by", "y": "what", "metric": "what", "measure": "what"}


def _named_as(slot: Slot, text: str) -> list[str]:
    """What a text says of the few things that a slot may be: a month, a weekday, one of those in parentheses."""
    if re.search(r"YYYY-MM(?!-DD)", slot.description):
        return re.findall(r"\b\d{4}-\d\d(?![\d-])", text)
    if slot.words[-1:] == ("month",):
        return [word for word in re.findall(r"[^\W\d_]+", text) if word.istitle() and word.casefold() in MONTHS]
    if slot.words[-1:] == ("weekday",) or "day of the week" in slot.description.casefold():
        return [word for word in re.findall(r"[^\W\d_]+", text) if word.casefold() in WEEKDAYS]
    if slot.speaks_of("glob", "wildcard"):
        return re.findall(r"(?<!\S)[\"'`]?([\w./-]*\*[\w.*/-]*)", text)
    if (side := _SIDES.get(slot.words[0] if slot.words else "")) and (sides := _BROKEN_DOWN.search(text)):
        return [sides[side]]
    if slot.speaks_of("selector"):
        return re.findall(r"(?<![\w.])[#.][A-Za-z][\w-]*", text)
    offered = _OFFERED.search(slot.description)
    spoken = set(words_of(text))
    return [one for one in re.findall(r"[\w-]+", offered[1]) if one.casefold() in spoken - {"or"}] if offered else []


def _modifying(text: str, topic: frozenset[str]) -> list[str]:
    """The words right before those that the task is about: "Chinese restaurants", "a single room"."""
    words = re.findall(r"[^\W\d_](?:[\w'’-]*\w)?", text)
    pairs = pairwise(words)
    return [one for one, two in pairs if stem(two) in topic and not is_common(one) and stem(one) not in topic]


def _stem_of(value: Any) -> str:
    return stem(value) if isinstance(value, str) else ""


@cache
def _place_stems() -> frozenset[str]:
    return frozenset(map(stem, vocabulary().kinds["place"]))
