"""Which of the facts a conversation mentions a property of a schema asks for, judged by its name and description.

"origin_city" asks for the place after "from", "guests" for the number beside "guests", "answer" for the plain answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from itertools import zip_longest
from typing import Any

from .facts import DEFAULT_TODAY, Facts, Line, Place, Quantity, clipped, facts, folded, is_common, vocabulary


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


_NAMED = frozenset({"product", "item", "name", "article", "description", "title", "service", "material"})
_COUNTED = frozenset({"quantity", "qty", "count", "number", "amount", "units", "pieces", "hours"})
_PRICED = frozenset({"price", "cost", "rate", "amount"})
_GOODS = frozenset({"article", "articles", "product", "products", "item", "goods", "part", "material", "merchandise"})
_MOMENTS = frozenset({"start", "starts", "begin", "begins", "end", "ends"})
_WHOLE = frozenset({"total", "sum", "subtotal"})
_REMEMBERED = 12  # how many earlier texts are searched
_REMEMBERED_TEXT = 12_000  # and how many characters of them
_PASSED_ON = 50_000  # characters of a request or an answer that a value may repeat
_DESCRIBED = 2_000  # characters of a name or a description that are read
_NEAR = 8  # names above a slot that say something about it
_READINGS = 1_500_000  # characters that may be read for one value, each as often as a slot asks for it
_SIGN = r"(?:\*\*|[-+*/×÷^%−]|times|plus|minus|divided by)"
_SUM = re.compile(rf"(?<![\w.,/-])[-(√]*\d[\d.,]*\)*(?:\s*{_SIGN}\s*[-(]*\d(?:[\d.,]*\d)?\)*)+(?![\w/-])")
# Kinds that one word of a name settles, wherever it stands: "file_name" is a path, "postal_code" no code of ours.
_STRONG = ("timezone", "phone", "path", "channel", "repository", "postcode", "street")
_ENDINGS = (("nummer", "code"), ("datum", "date"), ("stadt", "place"), ("sprache", "language"), ("währung", "currency"))
_ENDS = frozenset({"from", "to", "source", "src", "origin", "target", "destination", "dest", "start", "end"})
_ADDRESSED = frozenset(
    {"to", "from", "recipient", "recipients", "sender", "address", "addresses", "attendees", "cc", "bcc"}
)
_OPPOSITES = (
    ("on", "off"), ("lock", "unlock"), ("open", "close"), ("enable", "disable"),
    ("mute", "unmute"), ("active", "inactive"),
)  # fmt: skip
_ORDINALS = frozenset({"first", "second"})
_UNIT_SIGNS = {"celsius": "°c", "fahrenheit": "°f", "metric": "°c", "imperial": "°f", "c": "°c", "f": "°f"}
_UNIT_WORDS = (
    {"percent", "%", "pct"}, {"kg", "kilogram", "kilo", "kilograms", "kilos"},
    {"m", "meter", "metre", "meters", "metres"},
    {"rating", "stars", "star"},
    {"minutes", "minute", "min", "mins", "duration"}, {"hours", "hour", "h"},
    {"degrees", "degree", "°", "°c", "°f", "temperature"},
    {"km", "kilometers", "kilometres"}, {"years", "year"},
    {"people", "persons", "guests", "passengers", "party", "adults"},
    {"days", "day"}, {"g", "gram", "grams"}, {"cm", "centimeters", "centimetres"}, {"seconds", "second", "s"},
    {"results", "top", "limit", "k", "documents", "hits", "max", "lines", "entries"}, {"rate", "interest", "%"},
)  # fmt: skip
# What is recognised by its form alone; what stands in a quotation counts as well.
_FORMS = {
    "phone": re.compile(r"(?<![\w-])\+?\d[\d ()/-]{6,20}\d(?!\w)"),
    "path": re.compile(
        r"(?<![\w@/.:-])(?:[A-Za-z]:\\[^\s\"'?*<>|]+|(?:~|\.{1,2})?/[\w.~-][\w./~-]*|[\w.-]+(?:/[\w.-]+)+/?|"
        r"\.?[\w-]+(?:\.[\w-]+)*\.[A-Za-z][A-Za-z0-9]{0,5}(?![\w@]))"
    ),
    "channel": re.compile(r"(?<!\w)#[a-z][\w-]*", re.IGNORECASE),
    "repository": re.compile(r"(?<![\w/.:@-])[A-Za-z][\w.-]*/[\w-][\w.-]*(?![/\w])"),
    "timezone": re.compile(
        r"\b(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)/[A-Z]\w+(?:/\w+)?|"
        r"\b(?:UTC|GMT)(?:[+-]\d{1,2}(?::\d{2})?)?\b|\b(?:CES?T|[ECMP][SD]T|JST|BST)\b"
    ),
    "postcode": re.compile(
        r"\b(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d{2} [A-Z\d]{4}|"
        r"\d{4} ?[A-Z]{2}|\d{5}(?:-\d{4})?)\b"
    ),
    "street": re.compile(
        r"\b\d{1,5}[A-Za-z]? (?:[A-Z][\w'’.-]*\s?){1,4}(?<=\w)|"
        r"\b[A-ZÄÖÜ][\w-]*(?:str\.|straße|strasse|gasse|weg|platz|allee) ?\d{1,4}[a-z]?\b"
    ),
    "room": re.compile(
        r"(?<!\w)(?:(?:living|dining|bed|bath|guest|class|meeting|conference|"
        r"kids['’]?|children['’]s) ?room(?: (?-i:[A-Z0-9])[\w-]*)?|"
        r"kitchen|hallway|office|garage|garden|attic|basement|cellar|bathroom|bedroom|nursery|hall|balcony|terrace|study|"
        r"(?<=room )(?-i:[A-Z0-9])[\w-]*)(?!\w)", re.IGNORECASE),
}  # fmt: skip
_ADDRESS = re.compile(rf"(?:{_FORMS['street'].pattern})(?:,\s*[A-Z0-9][\w' -]*[\w])*")
_CODE = re.compile(
    r"(?<![\w-])(?!USD|EUR|GBP)[A-Z]{2,3} \d{1,4}(?![\w-]|[.,:]\d)|"
    r"(?<![\w.@-])(?=[A-Za-z_-]*\d)[A-Za-z]{1,12}[_-]?\d[\w-]*|(?<![\w.$€£,-])\d[\w-]*(?![.,]?\d)|(?<![\w-])[A-Z]{2,6}(?![\w-])"
)
_SQL = re.compile(r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\b.+?(?=;|\s--|\n\n|$)", re.DOTALL)
_FENCED = re.compile(r"```(?:\w+\n)?(.+?)```", re.DOTALL)
# Where a request says what it is about, the first that fits.
_ABOUT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:search|look|google|browse|query)\b[^?.!]*?\b(?:for|up|about|regarding)\s+(?P<topic>[^?!]+)",
        r"\b(?:find|get|show|give|fetch|retrieve|any|latest|list|read)\b[^?.!]*?\b(?:about|on|regarding|concerning|of)\s+"
        r"(?P<topic>[^?!]+)",
        r"\b(?:say|says|know|state|tell (?:me|us))\s+(?:about|on|regarding)\s+(?P<topic>[^?!]+)",
        r"\b(?:image|picture|photo|drawing|illustration|logo|painting)\s+(?:of|showing|with|for)\s+(?P<topic>[^?!]+)",
        r"\b(?:search|google|look up)\s+(?P<topic>[^?!]+)",
    )
)
_TITLES = frozenset({"title", "subject"})
_CALLED = re.compile(r"\b(?:called|titled|entitled|named)\s+([A-Z][\w'’-]*(?:\s+[A-Z0-9][\w'’-]*)*)")
# Where a text names the goods that it is about.
_THING = r"(?P<thing>(?:(?!(?:are|is|do|does|in|at|of|to|for|from|on|and|with|left|stock)\b)[^\W_][\w'’-]*\s?){1,3}?)"
_GOODS_NAMED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^\W*(?:the|a|an|this|my|our|your)?\s*{_THING}\s+(?:costs?|is priced|are priced|sells? for|is on sale)\b",
        rf"\bhow (?:many|much)\s+{_THING}\s+(?:are|is|do|does|can|have)\b",
        rf"\b(?:are|is) there\s+(?:any\s+|some\s+|still\s+|enough\s+)*{_THING}\s+(?:in|at|left|on|available)\b",
        rf"\b(?:do|does) (?:we|you|they|the \w+) (?:still )?have\s+(?:any\s+|some\s+)?{_THING}"
        r"(?=\s+(?:in|at|left|on)\b|\W*$)",
        rf"\bof\s+(?:the\s+)?{_THING}(?=\s+(?:in|at|are|is|do|from|for|on)\b|\W*$)",
    )
)
_ABOUT_TAIL = re.compile(
    r"(?:,\s*(?:the\s+)?(?:top|max|limit|only|at most|\d|with|in|please|size)\b.*|"
    r"\s+(?:on (?:wikipedia|the (?:web|internet))|online|please|"
    r"for me|in (?:the|our|my) (?:documents?|docs|knowledge base|database))|[\s.,;]+)$",
    re.IGNORECASE,
)
_TOLD = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"\b(?:remind (?:me|us|him|her|them)|reminder) (?:to|about|that|of|for)\s+(?P<told>.+)",
        r"\b(?:saying|says|to say|telling (?:him|her|them|you) that|"
        r"(?:with|and) the (?:text|message|body))\s*:?\s+(?P<told>.+)",
        r"\bhow (?:do|would) (?:you|i|we) say\s+(?P<told>.+?)\s+in\s+[A-Z]",
        r"\btranslate\s+(?P<told>(?!this|that|it\b|from|to|into).+?)\s+(?:from|to|into)\s+[A-Z]",
        r"(?:@[\w.-]+|\b(?:email|tell|inform|notify|message)\s+\w+)\s+that\s+(?P<told>.+)",
        r":\s+(?P<told>\S.*)",
    )
)
_TOLD_TAIL = re.compile(
    r"(?:,?\s*(?:and\s+)?(?:with\s+)?(?:the\s+)?subject\b.*|"
    r"\s+(?:today|tonight|tomorrow|(?:on|next|this) \w+day|at \d[\d:.]*\s*(?:[ap]m)?|"
    r"at noon|in \d+ (?:minutes?|hours?|days?))|[\s.]+)$",
    re.IGNORECASE | re.DOTALL,
)


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
        described = split_words(self.description)
        if self.words and set(self.words) <= _ADDRESSED and {"email", "mail"}.intersection(described):
            return "email"
        if self.words and (german := next((kind for end, kind in _ENDINGS if self.words[-1].endswith(end)), "")):
            return german
        if strong := next((kind for kind in _STRONG if vocabulary().kinds[kind].intersection(self.words)), ""):
            return strong
        if _ENDS.issuperset(self.words) and (kind := _kind_of(described, scan=True)):
            return kind
        if {"pytz", "iana"}.intersection(described):
            return "timezone"
        return _kind_of(self.words) or _kind_of(split_words(self.description), scan=True) or _kind_of(self._above)

    @cached_property
    def _above(self) -> tuple[str, ...]:
        return tuple(word for parent in self.parents[-_NEAR:] for word in split_words(parent))

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
    def of_line(self) -> bool:
        """Whether the slot may hold a number of a line of an order: how many, or at which price."""
        return not (_COUNTED | _PRICED | _WHOLE).isdisjoint(self.words)

    @cached_property
    def ordinal(self) -> bool:
        """Whether the slot is one of several alike ("city1", "second city"), to be filled in reading order."""
        return bool(re.search(r"[^\W\d]_?[12]$|^[ab]$", self.name)) or not _ORDINALS.isdisjoint(
            (*self.words, *split_words(self.description))
        )


def split_words(name: str) -> tuple[str, ...]:
    """The lower-case words of an identifier or a sentence, numbers left out."""
    return words_of(name[:_DESCRIBED])


@lru_cache(maxsize=2_048)
def words_of(text: str) -> tuple[str, ...]:
    """As `split_words`, of a text of any length."""
    spaced = re.sub(r"(?<=[^\W\dA-Z_])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return tuple(word.casefold() for word in re.findall(r"[^\W\d_]+", spaced))


@lru_cache(maxsize=8_192)
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


# Words that say what a property holds when they are its name, and nothing in a sentence that describes it.
_SMALL_WORDS = frozenset(
    {"to", "from", "where", "when", "no", "first", "last", "stop", "stops", "port", "state", "due", "check",
    "key", "user",
     "work", "works", "because", "end", "by", "track", "book", "number"}
)  # fmt: skip


@lru_cache(maxsize=512)
def stems_of(text: str) -> frozenset[str]:
    """The stems of a text's words."""
    return frozenset(stem(word) for word in words_of(text))


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
                if kind == "person" and {"name"} >= members.intersection(group):
                    other = _kind_of(tuple(word for word in words if word not in members), scan=scan)
                    return other or kind
                return kind
    return ""


class _Readings:
    """What has been looked up in the texts of a scene, and how many characters may still be read for that.

    Many slots ask for the same, and a schema of a few kilobytes can have thousands of them: each look-up is made once,
    and all of them together are bounded, whatever the schema and however long the conversation.
    """

    def __init__(self, left: list[int] | None = None) -> None:
        self._made: dict[Hashable, Any] = {}
        self._left = [_READINGS] if left is None else left

    def anew(self) -> _Readings:
        """Readings of other texts, from the same supply."""
        return _Readings(self._left)

    def found(self, key: Hashable, find: Callable[[], Any], nothing: Any, size: int) -> Any:
        """What `find` gives, called once for a key; `nothing` when `size` characters are more than may be read."""
        if key not in self._made:
            self._left[0] -= size + 50  # a look-up in nothing is work, too
            self._made[key] = find() if self._left[0] > 0 else nothing
        return self._made[key]


@dataclass(frozen=True)
class Scene:
    """What the conversation offers; every answer lists the best first and is empty when nothing fits."""

    sources: tuple[Facts, ...]
    answer: str = ""
    excuse: str = ""
    taken: frozenset[Any] = field(default_factory=frozenset)
    topic: frozenset[str] = frozenset()
    today: date = DEFAULT_TODAY
    line: Line | None = None
    member: tuple[str, str, str] | None = None  # of a list: its kind, itself, and the text that names the list
    whole: str = ""  # the latest request, as much of it as is ever handed on
    readings: _Readings = field(default_factory=lambda: _Readings(), compare=False, repr=False)

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
        whole = whole if len(whole) <= _PASSED_ON else clipped(whole)
        answer = context.answer if len(context.answer) <= _PASSED_ON else clipped(context.answer)
        excuse = context.excuse if len(context.excuse) <= _PASSED_ON else clipped(context.excuse)
        return cls(sources, answer, excuse, topic=context.topic, today=context.today, whole=whole)

    @property
    def _spoken(self) -> list[Facts]:
        return [facts(self.answer)] if self.answer else []

    @property
    def _request(self) -> str:
        return self.sources[0].text if self.sources else ""

    def without(self, value: Any) -> Scene:
        """The scene after a sibling has been given this value."""
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            return self
        return replace(self, taken=self.taken | {value})

    def focus(self, kind: str, member: str) -> Scene:
        """The scene in which only one member of a list is mentioned."""
        first = self.sources[0] if self.sources else facts("")
        place = next((place for place in first.places if place.name == member), Place(member, "location"))
        only: dict[str, Any] = {
            "place": {"places": (place,), "names": (member,)},
            "person": {"people": (member,), "names": (member,)},
            **{kind: {f"{kind}s": (member,)} for kind in ("email", "url", "date", "time", "language")},
            "currency": {"currencies": (member,)},
        }.get(kind, {"text": member, "items": (member,), "quoted": (member,), "places": (), "people": (), "names": ()})
        source = replace(first, **only)
        named = (kind, member, first.text)
        scene = replace(self, sources=(source,), taken=frozenset(), member=named, whole=source.text)
        return replace(scene, readings=self.readings.anew())

    def on(self, line: Line) -> Scene:
        """The scene in which only one line of an order is mentioned."""
        first = self.sources[0] if self.sources else facts("")
        only = {"text": line.text, "places": (), "people": (), "names": (), "quoted": (), "items": (), "lines": (line,)}
        sources = (replace(first, **only),)
        scene = replace(self, sources=sources, taken=frozenset(), line=line, whole=line.text)
        return replace(scene, readings=self.readings.anew())

    def _read(self, what: str, slot: Slot, find: Callable[[], Any], nothing: Any, weight: int = 1) -> Any:
        """What `find` gives, found once for slots that ask for the same; `nothing` when enough has been read."""
        size = weight * (sum(len(source.text) for source in self.sources) + len(self.answer))
        return self.readings.found((what, slot.name, slot.description, slot.kind, slot.role), find, nothing, size)

    def texts(self, slot: Slot) -> list[str]:
        """Strings for a slot."""
        if self.line is not None:
            if slot.kind == "currency":
                return [self.line.currency] if self.line.currency else []
            named = slot.kind in {"", "text", "person", "work"} or _NAMED.intersection(slot.words)
            return [self.line.name] if named and slot.kind != "unit" else []
        found = self._read("texts", slot, lambda: self._texts(slot), [])
        return [text for text in found if text not in self.taken]

    def _texts(self, slot: Slot) -> list[str]:
        found = self._of_kind(slot)
        if self.member and self.member[0] == slot.kind and _names_list(slot, self.member[1], self.member[2]):
            found = [self.member[1], *found]
        labelled = [] if slot.kind in {"answer", "query"} else self._labelled(slot)
        if slot.kind in {"", "room", "company", "sort", "reason", "path"}:
            found = [*labelled, *found, *self._modifiers(slot)]
            labelled = []
        if slot.kind in {"place", "date", "time", "datetime", "email", "url"}:
            found = found + labelled
        else:
            found = labelled + found
        return [text for text in dict.fromkeys(found) if text]

    def numbers(self, slot: Slot) -> tuple[list[int | float], list[int | float]]:
        """Numbers for a slot, and other numbers of the latest request or the answer, which may have been meant.

        The first stand beside one of the slot's words ("3 guests"); a slot that counts or measures takes any.
        """
        if self.line is not None:
            return self._of_line(slot, self.line), []
        beside, others = self._read("numbers", slot, lambda: self._numbers(slot), ([], []))
        return [number for number in beside if number not in self.taken], [
            number for number in others if number not in self.taken
        ]

    def _numbers(self, slot: Slot) -> tuple[list[int | float], list[int | float]]:
        stems = {stem(word) for word in slot.words}
        measured = _units_of(slot)
        beside: list[int | float] = []
        others: list[int | float] = []
        if _WHOLE.intersection(slot.words) and not _COUNTED.intersection(slot.words):
            beside += self._sums()
        spoken = self._spoken
        for position, source in enumerate([*spoken, *self.sources]):
            for quantity in source.numbers:
                near = {stem(word) for word in (quantity.unit, quantity.before) if word}
                latest = position == 0
                if near & (stems - {"number", "count"}) or self._is_meant(quantity, slot, measured, latest=latest):
                    beside.append(quantity.value)
                elif latest or (spoken and position == 1):
                    others.append(quantity.value)
            if {"price", "cost", "amount", "budget", "money"}.intersection(slot.words):
                beside += [money.amount for money in source.money]
        if vocabulary().counted.intersection(slot.words):
            beside, others = beside + others, []
        return list(dict.fromkeys(beside)), list(dict.fromkeys(others))

    def _is_meant(self, quantity: Quantity, slot: Slot, measured: frozenset[str], *, latest: bool) -> bool:
        """Whether a slot asks for a quantity by its unit ("30 percent"), by its size (a year), or as the number of what
        the task is about ("light 2"); "top 3" and "the last 50" are limits."""
        unit, value = quantity.unit.casefold().replace(" ", ""), quantity.value
        if unit in measured or (unit[:1] == "°" and {"temperature", "degrees"}.intersection(slot.words)):
            return True
        if slot.kind == "code":
            return bool(quantity.before) and stem(quantity.before) in self.topic
        if "year" in slot.words:
            return isinstance(value, int) and 1900 <= value <= 2100
        return "top" in measured and latest and isinstance(value, int) and 0 < value <= 100

    def _of_line(self, slot: Slot, line: Line) -> list[int | float]:
        """The numbers of one line of an order: how many, at which price, together."""
        words = set(slot.words)
        if words & _WHOLE or ("line" in words and "amount" in words):
            return [] if line.total is None else [line.total]
        if words & _PRICED and (line.price is not None or not words & _COUNTED):
            return [] if line.price is None else [line.price]
        return [line.quantity] if words & _COUNTED else []

    def _sums(self) -> list[int | float]:
        """What the lines of the latest request come to, where each has a price."""
        lines = self.sources[0].lines if self.sources else ()
        totals = [line.total for line in lines]
        if not totals or None in totals or re.search(r"(?i)\btotal\b[^.\n]{0,30}\d", self.sources[0].text):
            return []
        whole = round(sum(total for total in totals if total is not None), 2)
        return [int(whole) if float(whole).is_integer() else whole]

    def truth(self, slot: Slot) -> bool | None:
        """Whether the conversation says yes or no to a flag; None when it says nothing."""
        return self._read("truth", slot, lambda: self._truth(slot), None)

    def _truth(self, slot: Slot) -> bool | None:
        words = [word for word in slot.words if word not in vocabulary().filler]
        phrase = " ".join(words)
        meant = re.search(
            r"(?i)\btrue (?:to|if|for|=|means?)\s+(\w+).*?\bfalse (?:to|if|for|=|means?)\s+(\w+)", slot.description
        )
        for source in self.sources:
            spoken = words_of(source.text)
            for yes, no in [meant.groups()] if meant else _OPPOSITES:
                if not meant and not {yes, f"{yes}ed", f"{yes}d"}.intersection(slot.words):
                    continue
                said = [word for word in spoken if stem(word) in {stem(yes), stem(no)}]
                if said:
                    return stem(said[0]) == stem(yes)
            if phrase and (source.denies(phrase) or (len(words) > 1 and source.denies(words[0]))):
                return False
            stems = stems_of(source.text)
            if words and all(stem(word) in stems for word in words):
                return True
        verdict = re.match(r"\W*(yes|no|true|false)\b", self.answer, re.IGNORECASE)
        return verdict[1].casefold() in {"yes", "true"} if verdict else None

    def mentioned(self, slot: Slot, values: Iterable[Any]) -> list[Any]:
        """Those of the values that the answer or the conversation mentions, the answer's and the latest first."""
        values = list(values)
        few = len(values) // 40 + 1
        return self._read(f"among {values!r}", slot, lambda: self._mentioned(slot, values), [], few)

    def _mentioned(self, slot: Slot, values: list[Any]) -> list[Any]:
        found: list[tuple[int, int, Any]] = []
        beside, others = self.numbers(slot)
        numbers = beside + others
        texts = [*self._spoken, *self.sources]
        for value in values:
            if isinstance(value, bool) or value is None:
                if isinstance(value, bool) and self.truth(slot) is value:
                    found.append((0, 0, value))
            elif isinstance(value, (int, float)):
                if value in numbers:
                    found.append((0, numbers.index(value), value))
            elif isinstance(value, str) and len(value) <= 200:
                sign = _UNIT_SIGNS.get(value.casefold(), "")
                signs = vocabulary().signs.get(value.casefold(), frozenset())
                for age, source in enumerate(texts):
                    plain = folded(source.text)
                    word = " ".join(split_words(value)) or value.casefold()
                    hit = source.mentions(value) or source.mentions(word)
                    hit = hit and not source.denies(word) and len(value) > 1
                    if not hit and age == 0 and len(word) > 3:
                        stems = {stem(part) for part in split_words(word)}
                        hit = bool(stems) and stems <= stems_of(source.text)
                    if not hit and signs and age == 0:
                        hit = any(part in signs and not source.denies(part) for part in words_of(source.text))
                    hit = hit or (slot.kind == "currency" and value in source.currencies)
                    if hit or (sign and sign in plain):
                        direct = source.mentions(value) or source.mentions(word)
                        found.append((age, plain.find(word) if direct else len(plain), value))
                        break
        return [value for *_, value in sorted(found, key=lambda hit: hit[:2])]

    def members(self, slot: Slot) -> list[str]:
        """The strings of a list that a slot asks for."""
        return self._read("members", slot, lambda: self._members(slot), [])

    def _members(self, slot: Slot) -> list[str]:
        kind = slot.kind
        spoken = self._spoken
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
            if kind in _FORMS:
                options[kind] = _of_form(kind, source)
            elif kind == "code":
                options[kind] = codes(source.text) or source.items
            listed = list(options.get(kind, source.items or source.quoted))
            if listed:
                return listed
        return []

    def fallback(self, slot: Slot) -> str:
        """A string where nothing in the conversation was clearly meant: the answer, or what the request is about."""
        if slot.kind in {"date", "datetime"} and not self.answer:
            return self.today.isoformat() + ("T00:00:00Z" if slot.kind == "datetime" else "")
        if slot.kind == "language" and self.sources:
            return "English"
        if slot.kind == "query" and self.sources and not self.answer:
            return self.whole.strip()
        if (
            slot.kind not in {"", "text", "work", "venue", "room", "company", "sort"}
            or not slot.name
            or not self.sources
        ):
            return self.answer or "unknown"
        if slot.role and _MOMENTS.issuperset(slot.words):
            return self.answer or "unknown"
        latest = self.sources[0]
        claimed = {*self.taken, *(place.name for place in latest.places)}
        for named in (latest.quoted, () if self.answer else latest.names):
            free = [name for name in named if name not in claimed and stem(name) not in self.topic]
            if free:
                return free[0]
        rest = self.answer or self._read(
            "rest", slot, lambda: next(iter(self._sorts(latest)), "") or self._residue(slot), ""
        )
        return rest or (self.whole.strip() if slot.kind == "text" else "unknown")

    def _residue(self, slot: Slot) -> str:
        """The longest run of words of the latest request that are neither common nor the task's own."""
        aside = self.topic | {stem(word) for word in slot.words}
        text = re.sub(r"\S+@\S+|https?://\S+|\"[^\"]*\"", ",", self.sources[0].text)
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
        latest = self.whole.strip() if self.sources else ""
        if kind == "answer":
            return [text for text in (self.answer or self.excuse, latest) if text]
        if kind == "query":
            return _asked_about(slot, self._request)
        if kind == "text":
            if {"code", "script", "program"}.intersection(split_words(slot.description)):
                found = [*(match.strip() for match in _FENCED.findall(latest)), *found]
            return [*found, *_told(self._request), self.answer]
        if self.answer and not found:
            found = self._one_source(kind, slot, self._spoken[0])
        return found

    def _one_source(self, kind: str, slot: Slot, source: Facts) -> list[str]:
        match kind:
            case "place":
                if "address" in slot.words and (whole := _ADDRESS.findall(source.text)):
                    return [one.strip() for one in whole]
                streets = (
                    "" if {"address", "location"}.intersection(slot.words) else " ".join(_of_form("street", source))
                )
                return [
                    _spelled(place, slot)
                    for place in _by_role(slot, source)
                    if not {stem(word) for word in split_words(place.name)} <= self.topic and place.name not in streets
                ]
            case "date" | "time" | "email" | "url":
                return list(
                    {"date": source.dates, "time": source.times, "email": source.emails, "url": source.urls}[kind]
                )
            case "datetime":
                clock = source.times[0] if source.times else "00:00"
                days = source.dates or ((self.today.isoformat(),) if source.times else ())
                return [
                    f"{day}T{time}:00Z" for day, time in zip_longest(days, source.times[: len(days)], fillvalue=clock)
                ]
            case "language" | "currency":
                found = list(source.languages if kind == "language" else source.currencies)
                # "into French" names the target alone; "100 USD" names the source alone.
                if slot.role == "destination":
                    return found[-1:] if kind == "language" else found[1:][-1:]
                if slot.role == "origin" and kind == "language":
                    named = re.search(r"\b(?i:from)\s+(?:the\s+)?([A-Z]\w+)|\b([A-Z]\w+) (?:in)?to [A-Z]", source.text)
                    return [one for one in found[:1] if named and one in named.groups()]
                return found[:1] if slot.role == "origin" else found
            case "unit":
                said = [
                    quantity.unit for quantity in source.numbers if quantity.unit and quantity.unit not in {"to", "in"}
                ]
                if slot.role == "destination":
                    into = re.search(r"\bhow many ([^\W\d_]+)|\b(?:to|into|in) ([^\W\d_]+)(?=\W*$)", source.text, re.I)
                    return [next(filter(None, into.groups()))] if into else said[1:]
                return said
            case "expression":
                return [match[0].strip() for match in _SUM.finditer(source.text)]
            case "person":
                places = {place.name for place in source.places if place.role != "location"}
                named = [*source.people, *source.quoted, *(name for name in source.names if name not in places)]
                named += [place.name for place in source.with_role("destination")]  # "pay 40 euros to Lukas Meyer"
                if {"doctor", "dr"}.intersection(slot.words):
                    named = [*re.findall(r"\bDr\.? (?:[A-Z][\w'’-]+ ?){1,2}(?<=\w)", source.text), *named]
                return [part for name in named if (part := _part_of_name(name, slot))]
            case "text":
                named = _CALLED.findall(source.text) if _TITLES.intersection(slot.words) else ()
                return [*source.quoted, *named]
            case "code":
                text = source.text
                if slot.role:
                    word = "(?:from|of)" if slot.role == "origin" else "(?:to|into)"
                    ends = re.findall(rf"(?i:\b{word}\s+(?:\w+\s+){{0,2}}?)({_CODE.pattern})", text)
                    if ends:
                        return ends
                beside = [code for word in slot.words for code in _codes_after(word, text)]
                return [*beside, *codes(text), *source.quoted]
            case "timezone":
                zones = (vocabulary().timezones.get(place.name.casefold(), place.name) for place in source.places)
                return _of_form(kind, source) or list(zones)
            case "path" if slot.role:
                word = "from|of" if slot.role == "origin" else "to|into|in|as"
                text = source.text
                ends = re.findall(
                    rf"\b(?i:{word})\s+(?:the\s+|folder\s+|file\s+)*"
                    rf"({_FORMS['path'].pattern}|[\w-]+(?= folder| directory))",
                    text,
                )
                every = _of_form(kind, source)
                return ends or (every[:1] if slot.role == "origin" else every[1:])
            case "phone" | "path" | "channel" | "repository" | "postcode" | "street" | "room":
                return _of_form(kind, source)
            case "maker":
                return re.findall(r"\b(?:by|from) ((?:[A-Z][\w'’.-]*(?: (?=[A-Z]))?)+)", source.text)
            case "work":
                before = re.findall(r"\b([A-Z0-9][^.?!,;:\"]{0,60}?)\s+by\s+[A-Z]", source.text)
                plain = [
                    re.sub(r"(?i)^(?:(?:please|now|can you|play|put on|find|listen to|the song)\s+)+", "", name)
                    for name in before
                ]
                return [*source.quoted, *plain]
            case "company":
                text = source.text
                name = r"(?:[A-Z][\w&'’.-]*(?: (?=[A-Z]))?)+"
                marked = re.findall(rf"({name} (?:Corp|Inc|Ltd|LLC|GmbH|AG|Co|SE)\b)", text)
                return [*marked, *re.findall(rf"\b(?:from|at|of|works? for) ({name})", text)]
            case "venue":
                return [*(place.name for place in source.with_role("location")), *source.quoted]
            case "sort":
                return self._sorts(source)
            case "reason":
                why = re.search(r"\b(?:because(?: of)?|due to)\s+([^.?!]+)", source.text, re.IGNORECASE)
                return [why[1].strip()] if why else []
            case "" if slot.role and self.topic & {"exchang", "currency", "convert", "rate"}:
                return list(source.currencies[:1] if slot.role == "origin" else source.currencies[1:][-1:])
            case "" if slot.role:
                ends = source.with_role("origin" if slot.role == "origin" else "destination")
                if not ends and _MOMENTS.issuperset(slot.words):
                    moments = self._one_source("datetime", slot, source)
                    return moments[:1] if slot.role == "origin" else moments[1:]
                return [_spelled(place, slot) for place in ends]
            case "" if _GOODS.intersection(slot.words):
                return _goods(source)
            case _:
                return []

    def _sorts(self, source: Facts) -> list[str]:
        """What stands before the word for what is looked for: "a cheap italian restaurant"."""
        words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", source.text)
        for place, word in enumerate(words):
            if stem(word) not in self.topic or not place:
                continue
            run: list[str] = []
            for before in reversed(words[max(place - 2, 0) : place]):
                plain = is_common(before) and before.casefold() not in vocabulary().languages
                if plain or stem(before) in self.topic or before.casefold() in _JUDGING:
                    break
                run.insert(0, before)
            if run:
                return [" ".join(run)]
        return []

    def _modifiers(self, slot: Slot) -> list[str]:
        """What stands before the slot's own word: "in the finance department", "the Berlin store"."""
        words = [word for word in slot.words if word not in vocabulary().filler]
        if not words or not self.sources or words[-1] in _UNMODIFIED:
            return []
        label = re.compile(
            rf"(?:\b(?:the|my|our|your|a|an|in|at|for|from|to|this|that)\s+|^\W*|\block\s+|\bopen\s+)"
            rf"((?:[^\W\d_][\w-]*\s+){{0,1}}[^\W\d_][\w-]*)\s+{re.escape(words[-1])}s?(?!\w)",
            re.IGNORECASE,
        )
        found: list[str] = []
        for match in label.finditer(self.sources[0].text):
            rest = match[1].split()
            while rest and (is_common(rest[0]) or stem(rest[0]) in self.topic):
                rest.pop(0)
            if rest and not any(is_common(word) for word in rest):
                found.append(" ".join(rest))
        return found

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
        return [source.text for source in (*self._spoken, *self.sources)]


_JUDGING = frozenset({"cheap", "expensive", "moderate", "nearest", "some", "new", "latest", "old"})
_UNMODIFIED = frozenset(
    {"name", "value", "type", "status", "state", "query", "data", "text", "mode", "format", "item", "size"}
)


def _names_list(slot: Slot, member: str, text: str) -> bool:
    """Whether a text speaks of the list itself: "with the labels bug and urgent"."""
    if slot.kind == "" and re.search(
        rf"(?i)\b(?:with|using|including|containing|of|add)\s[^.?!]{{0,80}}?{re.escape(member)}(?!\w)", text
    ):
        return True
    words = stems_of(text)
    return bool(words & {stem(word) for word in slot.words if word not in vocabulary().filler})


def _units_of(slot: Slot) -> frozenset[str]:
    """The words for the unit in which a slot counts, from its name and description."""
    words = {*slot.words, *split_words(slot.description)}
    return frozenset(word for group in _UNIT_WORDS if group & words for word in group)


def _of_form(kind: str, source: Facts) -> list[str]:
    text = source.text
    if kind == "path":
        for address in (*source.emails, *source.urls):
            text = text.replace(address, " ")
    found = [match.strip().rstrip(".,;:") for match in _FORMS[kind].findall(text)]
    if kind == "phone":
        found = [one for one in found if not re.fullmatch(r"\d{4}-\d{2}-\d{2}|\d+", one) or len(one) > 10]
    if kind == "path":
        quoted = [one for one in found if not is_common(one) and not re.fullmatch(r"[\d./-]+", one)]
        return list(dict.fromkeys(quoted))
    return list(dict.fromkeys(found))


def codes(text: str) -> list[str]:
    """The identifiers in a text: "ORD-1234", "order_12", "MSFT"; numbers alone come last."""
    source = facts(text)
    tokens = [
        token
        for token in _CODE.findall(source.text)
        if not is_common(token) and token.casefold() not in vocabulary().currencies and not _is_amount(token, source)
    ]
    return sorted(dict.fromkeys(tokens), key=str.isdigit)


def of_form(kind: str, text: str) -> list[str]:
    """What a text has of a kind that is known by its form ("path", "phone", "channel"); empty for other kinds."""
    return _of_form(kind, facts(text)) if kind in _FORMS else []


def _is_amount(token: str, source: Facts) -> bool:
    """Whether digits are a quantity of something, a price or a part of a date, and so no code."""
    if not token.isdigit():
        return False
    amounts = {money.amount for money in source.money} | {line.quantity for line in source.lines}
    if int(token) in amounts:
        return True
    return not any(str(quantity.value) == token for quantity in source.numbers) and 2 < len(token) < 5


def _asked_about(slot: Slot, text: str) -> list[str]:
    """What a request for information is about, without the words that ask for it."""
    if "sql" in {*slot.words, *split_words(slot.description)} and (statement := _SQL.search(text)):
        return [statement[0].strip()]
    for pattern in _ABOUT:
        if match := pattern.search(text):
            topic, before = match["topic"], ""
            while topic != before:
                before, topic = topic, _ABOUT_TAIL.sub("", topic)
            topic = re.sub(r"^(?:the|a|an|our|my|information (?:about|on))\s+", "", topic.strip(), flags=re.IGNORECASE)
            if topic:
                return [topic]
    return []


def _told(text: str) -> list[str]:
    """What is to be written or remembered: after "saying", "remind me to", a colon."""
    for pattern in _TOLD:
        if match := pattern.search(text):
            told, before = match["told"], ""
            while told != before:
                before, told = told, _TOLD_TAIL.sub("", told) if pattern is not _TOLD[-1] else told.strip()
            if told:
                return [told.strip('"“”')]
    return []


def _goods(source: Facts) -> list[str]:
    """The goods that a text counts or asks about: "25 hammers", "are there screws in ..."."""
    asked = [match["thing"].strip() for pattern in _GOODS_NAMED for match in pattern.finditer(source.text)]
    asked = [thing for thing in asked if thing.split()[0].casefold() not in _INDEFINITE]
    return list(dict.fromkeys([*asked, *(line.name for line in source.lines)]))


_INDEFINITE = frozenset({"a", "an", "any", "some", "the", "it", "them", "this", "that", "these", "those"})


def _codes_after(word: str, text: str) -> list[str]:
    """The codes that a word announces: "invoice no. 2025-117", "room 0412", "flight AD 210"."""
    label = (
        rf"(?i:(?<!\w){re.escape(word)}[\s:#=.]{{1,3}}"
        rf"(?:(?:number|no|nr|code|reference|ref|id|is)[\s:#=.]{{1,3}}){{0,2}})"
    )
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
