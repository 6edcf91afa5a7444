"""What a property of a schema asks for, judged by its name and its description.

"origin_city" asks for the place after "from", "guests" for the number beside "guests", "answer" for the plain answer.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property, lru_cache

from .units import counted_alike
from .vocabulary import split_words, stem, vocabulary

_NEAR = 8  # names above a slot that say something about it
COUNTED = frozenset({"quantity", "qty", "count", "number", "amount", "units", "pieces", "hours"})
PRICED = frozenset({"price", "cost", "rate", "amount"})
WHOLE = frozenset({"total", "sum", "subtotal"})
_COUNTING = frozenset({"days", "weeks", "months", "years", "nights", "minutes", "seconds", "count", "quantity", "qty"})
_WRITTEN = (
    ("8601(?! du)(?! date$)", "datetime"),
    ("YYYY-MM-DD", "date"),
    ("HH:MM", "time"),
)  # how a description says that a text is to be written
_OF_A_NAME = frozenset({"first", "last", "full", "given", "family", "middle", "display"})
_MARKS = frozenset(
    {"score", "rating", "grade", "confidence", "probability", "certainty", "relevance", "pass", "passed", "passes",
     "correct", "valid", "relevant", "supported", "grounded", "approved", "satisfied", "success"}
)  # fmt: skip
_SORTS = frozenset({"kind", "category", "type"})
_MOMENTS = frozenset({"start", "starts", "begin", "begins", "end", "ends"})
# Kinds that one word of a name settles, wherever it stands: "file_name" is a path, "postal_code" no code of ours.
_STRONG = ("timezone", "phone", "path", "channel", "repository", "postcode", "street", "host")
_BOUNDS = (("start", "end"), ("min", "max"), ("minimum", "maximum"), ("from", "to"), ("first", "last"), ("low", "high"))
_ENDS = frozenset({"from", "to", "source", "src", "origin", "target", "destination", "dest", "start", "end"})
_ADDRESSED = frozenset(
    {"to", "from", "recipient", "recipients", "sender", "address", "addresses", "attendees", "cc", "bcc"}
)
# Words that say what a property holds when they are its name, and nothing in a sentence that describes it.
_SMALL_WORDS = frozenset(
    {"to", "from", "where", "when", "no", "first", "last", "stop", "stops", "port", "state", "due", "check", "key",
     "user", "work", "works", "because", "end", "by", "track", "book", "number"}
)  # fmt: skip


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
    def own_words(self) -> tuple[str, ...]:
        """The words of the name without those that many names have ("name", "value")."""
        return tuple(word for word in self.words if word not in vocabulary().filler)

    @cached_property
    def _described(self) -> tuple[str, ...]:
        return split_words(self.description)

    def speaks_of(self, *words: str) -> bool:
        """Whether the name or the description has one of the words."""
        return not {*self.words, *self._described}.isdisjoint(words)

    @cached_property
    def addressed(self) -> bool:
        """Whether the name is that of an end of a message: "to", "sender", "cc"."""
        return bool(self.words) and _ADDRESSED.issuperset(self.words)

    @cached_property
    def kind(self) -> str:
        """The kind of content asked for, a key of the table of kinds, or "" when nothing says."""
        if self._counts_things or _SORTS.issuperset(self.words):  # "kind", of place
            return ""
        if strong := next((kind for kind in _STRONG if vocabulary().kinds[kind].intersection(self.words)), ""):
            return strong
        if self.words == ("name",) and "name" in self._described and (thing := _named_in(self._described)):
            return _kind_of(thing)  # the name of a place, of a person
        form = next((kind for form, kind in _WRITTEN if re.search(form, self.description)), "")
        if form and _kind_of(self.words) != "date":
            return form
        opening = self._described[: 2 if self._described[:1] == ("e",) else 1]  # "E-mail of the owner"
        own = _kind_of(self.words)
        strong = (*_STRONG, "email") if own != "text" else ()
        if told := next((kind for kind in strong if vocabulary().kinds[kind].intersection(opening)), ""):
            return told
        if _ENDS.issuperset(self.words) and (kind := _kind_of(self._described, scan=True)):
            return kind
        if self.description and {"last", "final"}.intersection(self.words) and "digits" in self._described:
            return "code"
        if {"regex", "regexp", "regular"}.intersection((*self.words, *self._described)):
            return "query"
        return own or _kind_of(self._described, scan=True) or _kind_of(self._above)

    @cached_property
    def _above(self) -> tuple[str, ...]:
        return tuple(word for parent in self.parents[-_NEAR:] for word in split_words(parent))

    @cached_property
    def role(self) -> str:
        """ "origin", "destination" or "" for neither."""
        for words in (self.words, self._above, self._described):
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
    def of_line(self) -> bool:
        """Whether the slot may hold a number of a line of an order: how many, or at which price."""
        return not (COUNTED | PRICED | WHOLE).isdisjoint(self.words)

    @cached_property
    def counts(self) -> bool:
        """Whether the slot holds a number, also where its type is text: "days", "the number of …"."""
        if self.kind or self.speaks_of("week", "weekday", "weekdays"):
            return False
        return not _COUNTING.isdisjoint(self.words) or self._counts_things

    @cached_property
    def _counts_things(self) -> bool:
        """Whether it is described as a number of something: "The number of bins", not "Number of the order"."""
        return re.match(r"(?i)(?:the )?number of (?!the\b)", self.description) is not None

    @cached_property
    def counting(self) -> bool:
        """Whether it says so itself: "num_results", "Number of travellers"."""
        return not {"num", "number", "count"}.isdisjoint((*self.words, *self._described[:1])) and not self.is_identifier

    @cached_property
    def scores(self) -> bool:
        """Whether the slot holds a mark or a verdict, which is a full one where nothing speaks against it."""
        return not _MARKS.isdisjoint(self.words)

    @cached_property
    def counts_days(self) -> bool:
        """Whether it holds a number of days."""
        return "days" in self.words or "number of days" in " ".join(self._described)

    @cached_property
    def counts_ahead(self) -> bool:
        """Whether these days are counted from today: "daysInAdvance", "days_from_now"."""
        return self.counts_days and self.speaks_of("advance", "ahead", "future", "forward", "offset", "now", "today")

    @cached_property
    def ordinal(self) -> bool:
        """Whether the slot is one of several alike ("city1", "second city"), to be filled in reading order."""
        return bool(re.search(r"[^\W\d]_?[12]$|^[ab]$", self.name)) or self.speaks_of("first", "second")

    def bound(self, asked: Set[str]) -> int | None:
        """Of a span that another slot bounds as well ("start_line" and "end_line"): 0 for its low end, 1 for its high
        one; None for no end."""
        for ends in _BOUNDS:
            for place, end in enumerate(ends):
                if end in self.words and stem(ends[1 - place]) in asked:
                    return place
        return None

    @cached_property
    def of_moment(self) -> bool:
        """Whether nothing but "start" or "end" names the slot: moments bound it as well as places."""
        return _MOMENTS.issuperset(self.words)

    @cached_property
    def units(self) -> frozenset[str]:
        """The words for the unit in which the slot counts: "Interest per year in percent", else what it speaks of."""
        for word in re.findall(r"\bin ([^\W\d_]+)", self.description):
            if stated := counted_alike((*self.words, word.casefold())):
                return stated
        return counted_alike((*self.words, *self._described))


@lru_cache(maxsize=2_048)
def _kind_of(words: tuple[str, ...], *, scan: bool = False) -> str:
    if not words:
        return ""
    words = tuple(word for word in words if word not in _SMALL_WORDS) if scan else words
    last = () if scan else (words[-1],)
    for group in (last, words):
        for kind, members in vocabulary().kinds.items():
            if scan and kind in {"query", "answer", "text"}:  # "to narrow the search" is none
                group = words[:4]
            if members.intersection(group):
                if kind == "person" and {"name", "names"} >= members.intersection(group):
                    others = tuple(word for word in words if word not in members | _OF_A_NAME)
                    others = others if not scan else _named_in(words)
                    return _kind_of(others, scan=scan) or ("" if others else kind)  # of a class, a field
                return kind
    return ""


def _named_in(described: tuple[str, ...]) -> tuple[str, ...]:
    """What a description says that a name is of: "Table name", "Name of the table"; nothing for one of anybody."""
    place = next(place for place, word in enumerate(described) if word in {"name", "names"})
    before = described[max(place - 1, 0) : place]
    after = described[place + 1 : place + 4] if described[place + 1 : place + 2] == ("of",) else ()
    idle = vocabulary().common | vocabulary().filler | _OF_A_NAME
    return tuple(word for word in (*before, *after) if word not in idle)
