"""Which tools the model calls, with which arguments, and what it says about their answers.

A tool is chosen by what the request has in common with its name, its description and its parameters, so tools that
nobody has foreseen work as well. Arguments come from the conversation and validate against the tool's own schema.
Shapes: 2024-05-01-preview, ChatCompletionsToolDefinition, ChatCompletionsToolCall and the tool message.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from ...messages import text_of
from ..reading.facts import COUNT_WORDS, DEFAULT_TODAY, clipped, facts, stated_today, vocabulary
from ..reading.slots import Slot, codes, of_form, split_words, stem, stems_of, words_of
from ..structured.schema import Context, UnsupportedSchema, conforming, valid

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool; `arguments` is a JSON object."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


_READ = 4_000  # characters of a request that are read for tools
_PARTS = 24  # of a request that are looked at one by one: its first and its last
_DESCRIBED = 2_000  # characters of a tool's description
_CLEAR = 3.0  # from this score on a request asks for a tool: one word of its name, or three of its description
# What nobody would make up: without it the model asks instead of calling.
_PARTICULAR = frozenset({"place", "person", "email", "url", "code", "path", "phone", "timezone"})
_WHEN = frozenset({"date", "time", "datetime"})  # nor when to do something; to be told something, today will do
_FOLLOW_UP = re.compile(
    r"\W*(?:(?:ok|okay|thanks|thank you|great|good|well)\b\W*)*"
    r"(?:and|or|but|also|now|same|what about|how about|what if|what of|then)\b",
    re.IGNORECASE,
)
# Requests about a subject rather than for a service.
_IN_WORDS = re.compile(
    r"\W*(?:please\s+)?(?:write|tell me (?:a|about|why|how)|explain|describe|define|discuss|why|"
    r"how (?:do|does|did|are|is)|what (?:is|are) an?|who|compose|invent|imagine)\b",
    re.IGNORECASE,
)
_AGAIN = re.compile(r"\b(?:again|now)\b", re.IGNORECASE)
_BACK = re.compile(r"\b(?:back|return(?:ing)?|reverse|the other way|opposite direction)\b", re.IGNORECASE)
_SPLIT = re.compile(
    r"(?<=[.?!;])(?<!\b[SM]t\.)(?<!\bFt\.)(?<!\b[DM]r\.)(?<!\bMs\.)\s+|"
    r"\s*,?\s+(?:and\s+)?(?:then|after that|afterwards)\s+|"
    r"\s*,?\s+(?:and(?:\s+also)?|also|plus|as well as)\s+|,\s+",
    re.IGNORECASE,
)
# What must not be done asks for nothing: "Don't send it.", "I won't need the weather in Oslo, just the time."
_FORBIDDING = re.compile(
    r"(?P<opening>^\W*|[.!?;\n]\s*|,\s+|,?\s+(?:and|but)\s+)(?:(?:please|no|ok|okay|so|and|but|you)[,\s]+)*"
    r"(?:(?:don['’]?t|do\s+not|never|must\s+not|mustn['’]t|should\s+not|shouldn['’]t)\s+(?:ever\s+)?(?P<verb>[a-z]+)|"
    r"(?:i|we)\s+(?:really\s+)?(?:don['’]?t|do\s+not|won['’]?t|will\s+not|no\s+longer|never)\s+(?:need|want)(?:ed)?\s+"
    r"(?:you\s+)?(?:to\s+(?P<wish>[a-z]+)|(?!to\b))|"
    r"(?:there(?:\s+is|['’]s)\s+)?no\s+need\s+(?:to\s+(?P<need>[a-z]+)|for))\b"
    r"(?:[^.?!;\n]|\.(?=\S))*?"
    r"(?=[.?!;\n](?:\s|$)|\s*$|,?\s+(?:but|instead|just|only|rather)\b|"
    r",\s+(?:please\s+)?(?:and\s+)?(?:what|how|i|can|could|will|is|are|@VERBS)\b)".replace(
        "@VERBS", "tell|show|give|get|find|list|read|send|book|set|create|call|check|search|look|write|play|turn|open"
    ),
    re.IGNORECASE,
)
# "Don't forget to ..." is an order, and "Don't worry" forbids nothing.
_NOT_FORBIDDEN = frozenset(
    {"forget", "hesitate", "mind", "worry", "you", "know", "have", "think", "care", "i", "we", "they", "be", "want",
     "need", "understand", "see", "get"}
)  # fmt: skip
_REMINDING = re.compile(r"\b(?:don['’]?t|do not|never) forget to\s+", re.IGNORECASE)
_SEQUENCE = re.compile(r"\b(?:then|after that|afterwards)\b", re.IGNORECASE)
_PRONOUN = re.compile(
    r"\b(?:it(?!['’]|\s+(?:rain|snow|be|is|will)\b)|that one|them|the result|the first|the cheapest|the best)\b",
    re.IGNORECASE,
)
_SPEAKING = ("info", "message", "answer", "result", "summary", "text", "description", "content", "output")


def plan_calls(
    tools: Sequence[Mapping[str, Any]], tool_choice: Any, messages: Sequence[Message], *, parallel: bool = True
) -> list[Call]:
    """The calls the model makes now, in order; empty when it should answer in words.

    `tools` and `messages` are in wire format; `tool_choice` is "auto" (also None), "none", "required" or
    ``{"type": "function", "function": {"name": ...}}``. Several calls are parallel calls. A follow-up ("and back?",
    "what about Boston?") reuses the earlier call. After a tool has answered, only a tool that has not been called in
    this turn and that the request clearly asks for is called. With `parallel` False (``parallel_tool_calls: false``)
    there is at most one call; the others follow one by one, each after the answer to the one before.
    Relative dates count from the day that the conversation states, else from `extract.DEFAULT_TODAY`.
    Raises UnsupportedSchema for parameters that cannot be satisfied, ValueError for a named tool that is not there.
    """
    known = {tool["function"]["name"]: _Tool(tool["function"]) for tool in tools}
    if not known or tool_choice == "none":
        return []
    talk = _Talk(messages)
    if isinstance(tool_choice, Mapping):
        name = tool_choice.get("function", {}).get("name", "")
        if name not in known:
            raise ValueError(f"tool_choice names {name!r}, which is not among the tools")
        only = {name: known[name]}
        calls = _follow_up(only, talk) or _calls(known[name], talk.request or talk.said, talk, insist=True)
        return calls if parallel else calls[:1]
    calls = [] if _is_about_tools(known, talk.request) else _wanted(known, talk)
    if not parallel:
        if talk.answered and not calls:
            calls = [
                call for call in _wanted(known, talk.unanswered()) if (call.name, call.arguments) not in talk.made_now
            ]
        calls = calls[:1]
    if not calls and tool_choice == "required":
        open_tools = {name: tool for name, tool in known.items() if name not in talk.called_now} or known
        text = talk.request or talk.said
        best = max(open_tools.values(), key=lambda tool: tool.rank(text))
        calls = _follow_up({best.name: best}, talk) or _calls(best, text, talk, insist=True)
    return calls if parallel else calls[:1]


def question(tools: Sequence[Mapping[str, Any]], messages: Sequence[Message]) -> str:
    """What the model asks back when a tool fits the request and lacks something to be called with; "" otherwise."""
    known = {tool["function"]["name"]: _Tool(tool["function"]) for tool in tools}
    talk = _Talk(messages)
    if not known or talk.answered or _IN_WORDS.match(talk.request) or _is_about_tools(known, talk.request):
        return ""
    for tool, text, _ in _groups(known, talk.request):
        if lacking := _lacking(tool, text, talk):
            wanted = [_spoken_name(tool, name) for name in lacking]
            return f"Please tell me the {' and the '.join(wanted)}, and I will call {tool.name}."
    return ""


def _spoken_name(tool: _Tool, name: str) -> str:
    """A parameter in words: "origin city"; a bare "to" by what it takes."""
    words = split_words(name)
    if len(words) == 1 and len(words[0]) < 5 and words[0] in _ROLES:
        kind = tool.slot(name).kind
        what = "e-mail address" if kind == "email" or "email" in tool.named | tool.described else kind or "value"
        return f"{what} {_ROLES[words[0]]}"
    return " ".join(words) or name


_ROLES = {"to": "to send to", "from": "to start from", "cc": "to copy in", "bcc": "to copy in"}


def call_id(seed: str, index: int) -> str:
    """The id of a tool call: nine letters and digits, as Mistral's models give. Equal seed and index, equal id."""
    number = int.from_bytes(hashlib.sha256(f"{seed}\0{index}".encode()).digest()[:16])
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return "".join(alphabet[number // 62**place % 62] for place in range(9))


@cache
def _idle() -> frozenset[str]:
    return frozenset(stem(word) for word in vocabulary().idle)


@cache
def _synonyms() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(stem(word) for word in group) for group in vocabulary().synonyms)


@cache
def _verbs() -> tuple[tuple[str, frozenset[str]], ...]:
    """The verbs of each use as they are and as stems."""
    words = vocabulary()
    return tuple(
        (use, verbs | {stem(verb) for verb in verbs}) for use, verbs in (("tell", words.tell), ("act", words.act))
    )


_OPERATIONS = {
    rf"\d\s*[*×]\s*\d|(?:\d|\b(?:{COUNT_WORDS})) times (?:\d|(?:{COUNT_WORDS})\b)": "calculate multiply",
    r"\d\s*(?:\*\*|\^)\s*\d": "calculate power",
    r"\d\s*\+\s*\d|\d plus \d": "calculate sum add",
    r"(?i)\b(?:turn|switch)\b.*\b(?:on|off)\b": "switch toggle power",
    r"\d\s?°|\d degrees": "temperature degrees",
    r"\d\s*÷\s*\d|\d\s+/\s+\d|\d divided by \d": "calculate divide",
    r"\d\s+[-−]\s+\d|\d minus \d": "calculate minus subtract",
}


@lru_cache(maxsize=512)
def _operations(text: str) -> frozenset[str]:
    """The words for what the signs of a sum ask for: "17 * 23" asks to multiply."""
    said = [words for sign, words in _OPERATIONS.items() if re.search(sign, text)]
    return frozenset(stem(word) for words in said for word in split_words(words))


def _with_synonyms(stems: Set[str]) -> Set[str]:
    return frozenset(stems).union(*(group for group in _synonyms() if group & stems))


# The conversation


def _without_forbidden(text: str) -> str:
    """A request without what it forbids; the text of a quotation forbids nothing."""
    quoted = [match.span() for match in _QUOTATION.finditer(text)]

    def left(match: re.Match[str]) -> str:
        verb = (match["verb"] or match["wish"] or match["need"] or "").casefold()
        known = verb in vocabulary().act | vocabulary().tell
        opens = match["opening"].strip(" ,").casefold() not in {"", "and", "but"} or not match.start()
        meant = known or (opens and verb not in _NOT_FORBIDDEN and not match["wish"])
        if (verb and not meant) or any(start < match.start() < end for start, end in quoted):
            return match[0]
        return match["opening"] if match["opening"].strip() in {".", "!", "?", ";"} else ""

    text = _REMINDING.sub("", text)
    return _FORBIDDING.sub(left, text).strip() if re.search(r"(?i)n['’]?t\b|\bno\b|never|not\b", text) else text


def _is_about_tools(names: Iterable[str], text: str) -> bool:
    """Whether a request asks what a tool is or does, rather than for what it gives: "What does get_weather do?"."""
    if not _ABOUT_A_TOOL.match(text):
        return False
    words = re.sub(r"[^\w-]+", " ", text).strip()
    end = _USE_OF_A_TOOL.search(words)
    named = words[: end.start()] if end else words
    return named.endswith(tuple(f" {name}" for name in names if not name.islower() or "_" in name)) or bool(
        end and re.match(r"(?i)\s*(?:tool|function)\b", end[0])
    )


_ABOUT_A_TOOL = re.compile(
    r"\W*(?:please\s+)?(?:what|how|which|explain|describe|tell me (?:about|what|how))\b[^.?!\n]{1,120}[.?!\s]*$",
    re.IGNORECASE,
)
_USE_OF_A_TOOL = re.compile(
    r"(?:\s+(?:tools?|functions?))?(?:\s+(?:do|does|is|work|works|mean|means|for|take|takes|need|needs|return|returns|"
    r"expect|expects|accept|accepts|used|good))*$",
    re.IGNORECASE,
)


class _Talk:
    """What of a conversation matters for calling tools."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.messages = messages
        stated = [day for message in messages if (day := stated_today(text_of(message))) is not None]
        self.today = stated[-1] if stated else DEFAULT_TODAY
        last = max((place for place, message in enumerate(messages) if message.get("role") == "user"), default=-1)
        self.said = clipped(text_of(messages[last]), _READ) if last >= 0 else ""
        self.request = _without_forbidden(self.said)
        self.reply_to = _answered_question(messages[: max(last, 0)])
        self.before = tuple(text for text in _told_before(messages[: max(last, 0)]) if text)
        now = messages[last + 1 :]
        self.results = tuple(text for message in now if message.get("role") == "tool" and (text := text_of(message)))
        self.answered = any(message.get("role") == "tool" for message in now)
        self.made_now = [made for message in now for made in _made(message)]
        self.called_now = {name for name, _ in self.made_now}
        turns = [made for message in messages[: max(last, 0)] if (made := _made(message))]
        self.earlier_calls = turns[-1] if turns else []

    def context(self, text: str, tool: _Tool, *, whole: bool = True) -> Context:
        """The context of a call for which `text` asks; with `whole` the rest of the request counts as said before."""
        rest = (self.request,) if whole and text != self.request else ()
        return Context(text, (*self.before, *self.results, *rest), today=self.today, topic=tool.topic)

    def unanswered(self) -> _Talk:
        """The conversation as it stood when the request was made."""
        last = max(place for place, message in enumerate(self.messages) if message.get("role") == "user")
        return _Talk(self.messages[: last + 1])

    def completed(self) -> _Talk:
        """The conversation with the request that this one completes: "Where is my order?", "Which one?", "ORD-12"."""
        whole = f"{self.reply_to.rstrip('?.! ')} {self.request}" if len(self.request) < 200 else self.request
        last = max(place for place, message in enumerate(self.messages) if message.get("role") == "user")
        asked = {"role": "user", "content": whole}
        return _Talk([*self.messages[:last], asked, *self.messages[last + 1 :]])


_ASKS_BACK = re.compile(
    r"\?\s*$|\b(?:please (?:tell|provide|give|share|let me know|specify)|could you (?:tell|provide))\b", re.I
)


def _answered_question(messages: Sequence[Message]) -> str:
    """The request before the last one, when the model has asked back instead of serving it; "" otherwise."""
    if len(messages) < 2 or messages[-1].get("role") != "assistant" or _made(messages[-1]):
        return ""
    asked = _ASKS_BACK.search(text_of(messages[-1]).strip())
    return text_of(messages[-2]) if asked and messages[-2].get("role") == "user" else ""


def _told_before(messages: Sequence[Message]) -> Iterator[str]:
    """The texts of earlier turns, oldest first. Where a turn made calls, its last word is where they went: "there" in
    the next question is the place that was asked about, whatever the answer said."""
    went = ""
    for place, message in enumerate(messages):
        if message.get("role") in {"user", "assistant"}:
            yield text_of(message)
        if message.get("role") == "assistant":
            went = " ".join(_places_of(arguments) for _, arguments in _made(message)) or went
        if went and (place + 1 == len(messages) or messages[place + 1].get("role") == "user"):
            yield went
            went = ""


def _places_of(arguments: Mapping[str, Any]) -> str:
    """The places in a call's arguments in words: "from Oslo to Bergen", "in Rome"."""
    slots = {key: Slot(key) for key, value in arguments.items() if isinstance(value, str) and 0 < len(value) <= 60}
    words = {"origin": "from", "destination": "to", "": "in"}
    return " ".join(f"{words[slot.role]} {arguments[key]}" for key, slot in slots.items() if slot.kind == "place")


def _made(message: Message) -> list[tuple[str, dict[str, Any]]]:
    """The calls an assistant message made; arguments that are not a JSON object count as none."""
    made: list[tuple[str, dict[str, Any]]] = []
    for call in message.get("tool_calls") or []:
        function = call.get("function") or {}
        try:
            arguments = json.loads(function.get("arguments") or "{}")
        except (ValueError, TypeError, RecursionError):
            arguments = {}
        made.append((str(function.get("name", "")), arguments if isinstance(arguments, dict) else {}))
    return made


# Choosing


def _listed_values(part: Any) -> list[Any]:
    values = part.get("enum") if isinstance(part, Mapping) else None
    return values if isinstance(values, list) else []


def _takes_records(part: Any) -> bool:
    items = part.get("items") if isinstance(part, Mapping) else None
    return isinstance(items, Mapping) and bool(items.get("properties"))


@dataclass(frozen=True, slots=True)
class _Heard:
    """What choosing needs to know of a text, the same for every tool: all its stems, those that say something, these
    with their synonyms, the stems of its units."""

    stems: frozenset[str]
    said: frozenset[str]
    kin: Set[str]
    units: frozenset[str]


@lru_cache(maxsize=256)
def _heard(text: str) -> _Heard:
    stems = stems_of(_ADDRESSES.sub(" ", _LABELS.sub(" ", text)))
    said = stems - _idle() | _operations(text)
    units = frozenset(stem(quantity.unit) for quantity in facts(text).numbers if quantity.unit)
    return _Heard(stems, said, _with_synonyms(said), units)


class _Tool:
    def __init__(self, function: Mapping[str, Any]) -> None:
        self.name: str = function["name"]
        self.schema = _object_schema(function.get("parameters"))
        properties = self.schema.get("properties", {})
        self.properties: Mapping[str, Any] = properties if isinstance(properties, Mapping) else {}
        self.required = [name for name in self.schema.get("required", []) if isinstance(name, str)]
        named = stems_of(self.name)
        self.named = named - _idle() or named
        description = str(function.get("description") or "")
        self.described = stems_of(description[:_DESCRIBED]) - _idle()
        self.use = _use_of_tool(self.name, description)
        values = [value for part in self.properties.values() for value in _listed_values(part)]
        words = [*self.properties, *(value for value in values if isinstance(value, str))]
        self.parameters = {stem(word) for text in words for word in split_words(text)} - _idle()
        asked = _PARTICULAR | (_WHEN if self.use == "act" else frozenset())
        self.particular = [
            name
            for name in self.required
            if name in self.properties and self.slot(name).kind in asked and not _listed_values(self.properties[name])
        ]
        self.strict = function.get("strict") is True
        taken = [name for name in self.required if name in self.properties]
        slots = [self.slot(name) for name in taken]
        self.asked = [slot.kind for slot in slots]
        self.kinds = frozenset(self.asked)
        self.ends = frozenset(slot.role for slot in slots if slot.kind == "place")
        self.takes_lines = any(_takes_records(self.properties[name]) for name in taken)
        self.measures = frozenset(stem(word) for name in self.required for word in split_words(name))
        listed = [_listed_values(self.properties[name]) for name in taken]
        self.choices = [[one for one in some if isinstance(one, str) and 2 < len(one) <= 200] for some in listed]
        strings = {value for value in values if isinstance(value, str)}
        signs = [signs for value, signs in vocabulary().signs.items() if value in strings]
        self.signs = frozenset[str]().union(*signs)
        self.topic = frozenset(named | {stem(word) for key in self.properties for word in split_words(key)})

    def score(self, text: str) -> float:
        """How much a request has in common with the tool: 3 for a word of its name, 1 for any other."""
        heard = _heard(text)
        own = heard.stems & self.named - heard.said
        said = heard.said | own
        kin = heard.kin | _with_synonyms(own) if own else heard.kin
        # Words of one group of synonyms count once: "calendar" asks for a calendar_event no more than for an event.
        named = self.named & said
        reached = _with_synonyms(named)
        for word in sorted((self.named & kin) - reached):
            named = named | {word}
            reached |= _with_synonyms({word})
        score = 3.0 * len(named) + 1.0 * len((self.described - self.named) & said)
        score += 0.5 * len((self.described - self.named) & (kin - said)) + 1.0 * len(self.parameters & said)
        score += 0.5 * len(self.named & said) + (0.5 if self.named <= said else 0.0)
        return score + self._form(text)

    def rank(self, text: str) -> float:
        """The score, by which tools are compared: of two that fit, the one that does what the verb says."""
        use = _use_of_request(text)
        same = 0.75 if use and use == self.use else -2.0 if use and self.use and not _operations(text) else 0.0
        return self.score(text) + same

    def _form(self, text: str) -> float:
        """What the form of the words says: a path for a tool that takes one, SQL for one that runs it."""
        kinds = self.kinds
        score = sum(1.5 for kind in sorted(kinds & _TELLING) if of_form(kind, text))
        if "query" in kinds and len(self.required) == 1:
            sql = "sql" in self.described | self.named
            score += 3.0 if sql and _STATEMENT.search(text) else 3.0 if not sql and _SEARCH.match(text) else 0.0
        found = facts(text)
        if self.takes_lines and found.lines:
            score += 1.0
        if {"origin", "destination"} <= self.ends and found.with_role("origin") and found.with_role("destination"):
            score += 2.0
        if len(found.currencies) > 1:
            score += 2.0 if self.asked.count("currency") > 1 else -1.0 if "unit" in kinds else 0.0
        if not self.signs.isdisjoint(words_of(text)):
            score += 1.0
        for listed in self.choices:
            if any(found.mentions(value) for value in listed):
                score += 0.5
        days = self.asked.count("date")
        if days > 1 and len(found.dates) >= days:
            score += 1.5
        if self.measures & _heard(text).units:
            score += 1.0
        if self.particular and {"code"} & kinds and (self.named | self.described) & stems_of(text):
            score += 1.0 if any(not code.isdigit() for code in codes(text)) else 0.0
        return score

    def slot(self, name: str) -> Slot:
        part = self.properties[name]
        return Slot(name, str(part.get("description", "")) if isinstance(part, Mapping) else "")


_TELLING = frozenset({"path", "channel", "repository", "phone"})
_STATEMENT = re.compile(r"\b(?:SELECT\b.+\bFROM|INSERT INTO|UPDATE\b.+\bSET|DELETE FROM)\b", re.DOTALL)
_SEARCH = re.compile(r"\W*(?:(?:please|can you|could you)\s+)*(?:search|google|look up|look for)\b", re.IGNORECASE)
# What is said about oneself asks for nothing: "my email is ana@x.org".
_LABELS = re.compile(
    r"\b(?:my|his|her|their|our)\s+(?:e-?mail|phone|name|address|number)(?:\s+\w+)?\s+is\b|\bemail:", re.I
)
_ADDRESSES = re.compile(r"(?<!\S)\S*[@/]\S*")  # their parts are no words: "docs/README.md" asks for no document
_POLITE = re.compile(
    r"\W*(?:(?:please|hi|hello|hey|ok|okay|now|also|and|then|can you|could you|would you|"
    r"will you|i['’]d like(?: you)?(?: to)?|"
    r"i (?:want|need|would like)(?: you)?(?: to)?|let['’]s|help me(?: to)?)\b\W*)*",
    re.IGNORECASE,
)


def _use_of_request(text: str) -> str:
    """Whether a request asks to be told something ("tell") or for something to be done ("act"); "" for neither."""
    polite = _POLITE.match(text)
    words = words_of(text[polite.end() if polite else 0 :])
    if not words:
        return ""
    if words[0] in vocabulary().act:
        return "act"
    if words[0] in vocabulary().tell or text.rstrip().endswith("?"):
        return "tell"
    return "act" if vocabulary().act.intersection(words) else ""


def _use_of_tool(name: str, description: str) -> str:
    """Whether a tool tells or acts, by the verb that opens its name or its description."""
    for words in (split_words(name), split_words(description)[:1]):
        for word in words:
            for use, verbs in _verbs():
                if word in verbs or stem(word) in verbs:
                    return use
    return ""


def _object_schema(parameters: Any) -> Mapping[str, Any]:
    if not parameters:
        return {"type": "object", "properties": {}, "additionalProperties": False}
    if not isinstance(parameters, Mapping):
        raise UnsupportedSchema((), "the parameters of a function are a JSON Schema of an object")
    kind = parameters.get("type", "object")
    if kind != "object" and not (isinstance(kind, list) and "object" in kind):
        raise UnsupportedSchema(("type",), f"the parameters of a function are an object, not {kind!r}")
    return {**parameters, "type": "object"}


def _wanted(known: Mapping[str, _Tool], talk: _Talk) -> list[Call]:
    """The calls that the request asks for and that have not been made in this turn."""
    if not talk.answered and (reused := _follow_up(known, talk)):
        return reused
    if talk.reply_to and not talk.answered and _own(known, talk.request) is None and _own(known, talk.reply_to):
        return _wanted(known, talk.completed())
    calls: list[Call] = []
    for tool, text, sequel in _groups(known, talk.request):
        if tool.name in talk.called_now:
            continue
        if sequel and (calls or not talk.answered):
            break  # it needs the answer of the call before it
        if talk.answered and any(_failure(_read(result)) for result in talk.results):
            break
        made = [call for call in _calls(tool, text, talk, insist=sequel) if call not in calls]
        if talk.answered:
            return made
        calls += made
    return calls


def _own(known: Mapping[str, _Tool], text: str) -> _Tool | None:
    """The tool that a text asks for by itself."""
    plain = _QUOTATION.sub(" ", text)
    best = max(known.values(), key=lambda tool: tool.rank(plain))
    return best if best.score(plain) >= _CLEAR else None


_QUOTATION = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^'\n]*'(?!\w)")


def _groups(known: Mapping[str, _Tool], request: str) -> list[tuple[_Tool, str, bool]]:
    """The request cut into what each tool is asked for: tool, words, and whether it continues the one before."""
    # A quotation is content: nothing in it asks for a tool.
    quoted = [match.span() for match in _QUOTATION.finditer(request)]
    cuts = [cut for cut in _SPLIT.finditer(request) if not any(start < cut.start() < end for start, end in quoted)]
    cuts = cuts if len(cuts) < _PARTS else [*cuts[: _PARTS // 2], *cuts[-_PARTS // 2 :]]
    edges = [(0, 0), *(cut.span() for cut in cuts), (len(request), len(request))]
    groups: list[tuple[_Tool | None, int, int, bool]] = []
    owned: dict[str, _Tool | None] = {}
    for (before, start), (end, _) in pairwise(edges):
        words = request[start:end]
        if words not in owned:
            more = (
                groups
                and facts(words).lines
                and not (vocabulary().act | vocabulary().tell).intersection(words_of(words))
            )
            owned[words] = _own(known, words) if re.search(r"[^\W_]", words) and not more else None
        tool = owned[words]
        joint = request[before:start]
        sequel = bool(groups) and bool(
            _SEQUENCE.search(joint)
            or (_PRONOUN.search(words) and tool and tool.named & _with_synonyms(stems_of(words)))
        )
        ordered = bool(re.match(r"[^\W\d_]+", words)) and words_of(words)[:1] and words_of(words)[0] in vocabulary().act
        again = ordered or bool(facts(words).places)
        starts_anew = tool is not None and groups and (groups[-1][0] is not tool or again)
        if not groups:
            groups.append((tool, start, end, False))
        elif not starts_anew or tool is None:
            previous = groups[-1]
            groups[-1] = (previous[0], previous[1], end, previous[3])
        elif groups[-1][0] is None:
            groups[-1] = (tool, groups[-1][1], end, False)
        else:
            groups.append((tool, start, end, sequel))
    whole = max(known.values(), key=lambda tool: tool.rank(request))
    # What followed without a tool of its own may say which tool was meant: "the weather in Oslo, over the next 5 days".
    chosen = [
        (_own(known, request[start:end]) or tool, request[start:end], sequel)
        for tool, start, end, sequel in groups
        if tool is not None
    ]
    if not chosen and whole.score(request) >= _CLEAR:
        return [(whole, request, False)]
    # One tool whose words are spread over the request is asked once, with all of them.
    if len(chosen) == 1:
        return [(chosen[0][0], request, False)]
    return chosen


# Arguments


def _said(tool: _Tool, context: Context) -> dict[str, Any]:
    """Only those arguments that this text itself speaks of."""
    loose = {**tool.schema, "required": []}
    loose.pop("minProperties", None)
    try:
        return conforming(loose, context)
    except UnsupportedSchema:
        return {}


def _calls(tool: _Tool, text: str, talk: _Talk, *, insist: bool) -> list[Call]:
    """The calls of one tool, several when the text names several things for one parameter. Unless the call is insisted
    on there is none when it lacks something particular, or when it would only repeat the call of the turn before."""
    if not insist and _lacking(tool, text, talk):
        return []
    arguments = conforming(tool.schema, talk.context(text, tool))
    if text != talk.request and not talk.answered:  # what another part of the request says is no option of this call
        own = _said(tool, talk.context(text, tool, whole=False))
        kept = {name: value for name, value in arguments.items() if name in own or name in tool.required}
        arguments = kept if valid(tool.schema, kept) else arguments
    if not insist and (tool.name, arguments) in talk.earlier_calls and not _AGAIN.search(text):
        own = _said(tool, Context(text, today=talk.today, topic=tool.topic))
        if tool.particular and not any(name in own for name in tool.particular):
            return []
    return _shared_out(tool, arguments, text, talk) or _spread(tool, arguments, text, talk.today)


def _shared_out(tool: _Tool, arguments: dict[str, Any], text: str, talk: _Talk) -> list[Call]:
    """One call for each part of a text that gives two or more parameters values of its own, which belong together:
    "$20 to Bob and €30 to Anna". Empty where the parts do not divide the text like that."""
    if len(arguments) < 2 or len(text) > _LONGEST_SHARED or any(isinstance(one, list) for one in arguments.values()):
        return []
    quoted = [match.span() for match in _QUOTATION.finditer(text)]
    cuts = [cut.span() for cut in _SPLIT.finditer(text) if not any(s < cut.start() < e for s, e in quoted)]
    edges = [(0, 0), *cuts, (len(text), len(text))]
    if not 2 < len(edges) <= _PARTS:
        return []
    parts = [_said(tool, Context(text[start:end], today=talk.today, topic=tool.topic))
             for (_, start), (end, _) in pairwise(edges)]  # fmt: skip
    shared = set.intersection(*({name for name, one in part.items() if not isinstance(one, bool)} for part in parts))
    if len(shared) < 2 or any(one[name] == other[name] for one, other in pairwise(parts) for name in shared):
        return []
    own = {name for part in parts for name in part}
    rest = {name: value for name, value in arguments.items() if name not in own}
    calls = [Call(tool.name, rest | part) for part in parts]
    order = {name: place for place, name in enumerate(tool.properties)}
    calls = [Call(call.name, dict(sorted(call.arguments.items(), key=lambda pair: order.get(pair[0], len(order)))))
             for call in calls]  # fmt: skip
    return calls if all(valid(tool.schema, call.arguments) for call in calls) else []


_LONGEST_SHARED = 1_000  # characters of a text that is shared out among calls


def _lacking(tool: _Tool, text: str, talk: _Talk) -> list[str]:
    """The required places, people and addresses that the conversation does not name."""
    if not tool.particular:
        return []
    spoken = _said(tool, talk.context(text, tool))
    return [name for name in tool.particular if name not in spoken]


def _spread(tool: _Tool, arguments: dict[str, Any], text: str, today: date) -> list[Call]:
    """One call for each thing that the text names for the same parameter."""
    listed = any(isinstance(value, list) for value in arguments.values())
    for name, value in arguments.items():
        if name not in tool.properties or not isinstance(value, str):
            continue
        if listed and tool.slot(name).kind not in _PARTICULAR:  # what is enumerated is in the list already
            continue
        several = _several(tool, name, text, today)
        if len(several) > 1 and value in several:
            calls = [Call(tool.name, {**arguments, name: other}) for other in several]
            return [call for call in calls if valid(tool.schema, call.arguments)]
    return [Call(tool.name, arguments)]


def _several(tool: _Tool, name: str, text: str, today: date) -> list[str]:
    slot, found = tool.slot(name), facts(text, today)
    part = tool.properties[name]
    if listed := _listed_values(part):
        return [
            value for value in listed if isinstance(value, str) and found.mentions(value) and not found.denies(value)
        ]
    if slot.kind == "place":
        alike = [place for place in found.places if place.role == (slot.role or "location")]
        alike = alike or [place for place in found.places if place.role == ("location" if slot.role else "destination")]
        full = {"location", "address"}.intersection(slot.words)
        return list(dict.fromkeys(f"{p.name}, {p.region}" if p.region and full else p.name for p in alike))
    if slot.kind == "date" and sum(tool.slot(other).kind == "date" for other in tool.properties) > 1:
        return []
    if slot.kind in {"code", "path", ""} and slot.role:
        return []
    if slot.kind == "code":
        named = codes(text)
        return [code for code in named if not code.isdigit()] or named
    by_kind = {
        "person": found.people, "email": found.emails, "url": found.urls, "date": found.dates,
        "": found.items or found.quoted,
        "timezone": tuple(of_form("timezone", text)), "path": tuple(of_form("path", text)),
        "language": found.languages if slot.role != "origin" and len(found.languages) > 1 else (),
    }  # fmt: skip
    if slot.kind == "timezone" and not by_kind["timezone"]:
        return [vocabulary().timezones.get(place.name.casefold(), place.name) for place in found.places]
    if slot.kind == "language" and re.search(r"(?i)\bfrom\s+[A-Z]\w+", text):
        return list(by_kind["language"][1:])
    return list(by_kind.get(slot.kind, ()))


# Follow-ups


def _follow_up(known: Mapping[str, _Tool], talk: _Talk) -> list[Call]:
    """The earlier call again, with what the request changes; empty when the request stands on its own."""
    earlier = [(known[name], arguments) for name, arguments in talk.earlier_calls if name in known]
    if not earlier or len(talk.request.split()) > 14:
        return []
    back = _BACK.search(talk.request)
    if not (back or _FOLLOW_UP.match(talk.request)):
        return []
    asked = max(known.values(), key=lambda tool: tool.rank(talk.request))
    if asked.score(talk.request) >= _CLEAR:
        same = [(tool, arguments) for tool, arguments in earlier if tool is asked]
        if not same:
            return []
        earlier = same
    calls: list[Call] = []
    for tool, arguments in earlier:
        changed = _said(tool, Context(talk.request, today=talk.today, topic=tool.topic | {stem("back"), stem("about")}))
        if not facts(talk.request).quoted:  # free text is whatever was written; only a quotation is meant to replace it
            free = {"query", "answer", "text"}
            changed = {name: value for name, value in changed.items() if tool.slot(name).kind not in free}
        if back:
            swapped = _swapped(tool, arguments)
            places = {name for name in changed if tool.slot(name).kind == "place"}
            if swapped is not None and not places:
                calls.append(Call(tool.name, {**swapped, **changed}))
                continue
        if not changed:
            continue
        merged = {**arguments, **changed}
        calls += _spread(tool, merged, talk.request, talk.today)
    unique = [call for place, call in enumerate(calls) if call not in calls[:place]]
    return [call for call in unique if valid(known[call.name].schema, call.arguments)]


def _swapped(tool: _Tool, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """The arguments with origin and destination exchanged; None for a tool without the two."""
    ends = {
        role: [name for name in arguments if name in tool.properties and tool.slot(name).role == role
               and tool.slot(name).kind in {"place", ""}]
        for role in ("origin", "destination")
    }  # fmt: skip
    if not ends["origin"] or not ends["destination"]:
        return None
    one, other = ends["origin"][0], ends["destination"][0]
    return {**arguments, one: arguments[other], other: arguments[one]}


# Answers


def tool_answer(messages: Sequence[Message]) -> str:
    """What the model says after tools have answered: their words where they have words, else their fields, readably.

    Takes the tool messages since the last user message, each with the call it answers. An error a tool reports is
    passed on as such. "" when no tool has answered.
    """
    last = max((place for place, message in enumerate(messages) if message.get("role") == "user"), default=-1)
    calls: dict[str, tuple[str, dict[str, Any]]] = {}
    for message in messages:
        for call, made in zip(message.get("tool_calls") or [], _made(message), strict=True):
            calls[str(call.get("id"))] = made
    answers = [message for message in messages[last + 1 :] if message.get("role") == "tool"]
    told: list[str] = []
    for message in answers:
        name, arguments = calls.get(str(message.get("tool_call_id")), ("", {}))
        told.append(_tell(_read(text_of(message)), name, arguments, several=len(answers) > 1))
    return " ".join(dict.fromkeys(told))


def _read(text: str) -> Any:
    """The value a tool's answer stands for: JSON, a Python literal (a frequent slip), or else its text."""
    stripped = text.strip()
    try:
        return json.loads(stripped)
    except (ValueError, RecursionError):
        pass
    if stripped[:1] in {"{", "["} and len(stripped) < 20_000:
        try:
            return ast.literal_eval(stripped)
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            pass
    return stripped


def _failure(value: Any) -> str:
    """The error a tool reports, "" for none."""
    if isinstance(value, Mapping):
        for key in ("error", "errors", "exception"):
            if value.get(key):
                told = value[key]
                if isinstance(told, Mapping):
                    told = told.get("message") or told.get("detail") or told.get("code") or _fields(told)
                elif told is True:
                    told = value.get("message") or value.get("detail") or "no reason given"
                return _inline(told)
        failed = any(value.get(key) is False for key in ("success", "ok", "succeeded"))
        if failed or str(value.get("status", "")).casefold() in {"error", "failed", "failure"}:
            told = next(
                (value[key] for key in ("message", "detail", "reason", "error_message") if value.get(key)), None
            )
            return _inline(told or "no reason given")
    if isinstance(value, str) and re.match(r"(?:\w*error|exception|traceback|failed)\b", value, re.IGNORECASE):
        return value.strip().splitlines()[-1]
    return ""


def _tell(value: Any, name: str, arguments: Mapping[str, Any], *, several: bool) -> str:
    about = _subject(arguments)
    if failure := _failure(value):
        where = f" for {about}" if about else ""
        return (
            f"I could not get an answer{where}: {name or 'the tool'} reported an error: {_bare(failure)}. "
            "Please check the request, or try again."
        )
    done = _use_of_tool(name, "") == "act" if name else False
    if done and (value is None or value is True or value in ("", [], {}) or _plainly_done(value)):
        return f"Done: {_spoken_call(name, about)}."
    if value is None or value in ("", [], {}):
        return f"I found nothing for {about}." if about else "I found nothing."
    if isinstance(value, Mapping):
        speaking = next(
            (key for key in _SPEAKING if isinstance(value.get(key), str) and " " in value[key].strip()), None
        )
        if speaking is not None:
            said = _sentence(value[speaking])
            rest = _fields({key: other for key, other in value.items() if key != speaking})
            return f"{said} ({_capital(rest)}.)" if rest else said
        value = _fields(value)
    elif isinstance(value, str):
        if " " in value:
            return _sentence(_shortened(value, _LONGEST_ANSWER))
    elif isinstance(value, list):
        value = _listed(value)
    else:
        value = _inline(value)
    if done:
        return f"Done: {_spoken_call(name, about)} ({value})."
    if about and several:
        return f"{_capital(about)}: {value}."
    return f"Here is what I found for {about}: {value}." if about else f"Here is what I found: {value}."


_LONGEST_ANSWER, _LONGEST_FIELD = 2_000, 300  # characters of a tool's answer that are passed on


def _plainly_done(value: Any) -> bool:
    """Whether a tool says that it has done its work, and nothing else: "ok", {"status": "success"}."""
    words = list(value.values()) if isinstance(value, Mapping) else [value]
    return bool(words) and all(
        word is True
        or (isinstance(word, str) and word.casefold().strip(".! ") in {"ok", "success", "done", "true", "completed"})
        for word in words
    )


def _spoken_call(name: str, about: str) -> str:
    """A call in words: "send email", "cancel order for A-5567"."""
    words = " ".join(split_words(name)) or name
    return f"{words} for {about}" if about else words


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0].rstrip(' ,;:.')}…"


def _subject(arguments: Mapping[str, Any]) -> str:
    """What a call was about, from its arguments: "Miami to Seattle", "Oslo", or ""."""
    slots = {key: Slot(key) for key, value in arguments.items() if isinstance(value, str) and 0 < len(value) <= 60}
    ends = {
        slots[key].role: arguments[key] for key in slots if slots[key].kind in {"place", "currency", "language", ""}
    }
    if ends.get("origin") and ends.get("destination"):
        return f"{ends['origin']} to {ends['destination']}"
    for kinds in ({"place"}, {"person"}, {"code", ""}):
        for key, slot in slots.items():
            if slot.kind in kinds:
                return str(arguments[key])
    return ""


_UNITS = {
    "celsius": "°C", "c": "°C", "fahrenheit": "°F", "f": "°F", "kelvin": "K", "percent": "%", "kmh": "km/h", "km": "km",
    "mph": "mph", "usd": "USD", "eur": "EUR", "gbp": "GBP", "minutes": "minutes", "hours": "hours", "days": "days",
}  # fmt: skip


def _fields(value: Mapping[Any, Any], depth: int = 0) -> str:
    """The fields of an object in words: "temperature: 21 °C, wind: 5 km/h"."""
    unit = str(value.get("unit") or value.get("units") or "")
    measures = [
        key for key, member in value.items() if isinstance(member, (int, float)) and not isinstance(member, bool)
    ]
    parts: list[str] = []
    for key, member in value.items():
        if key in {"unit", "units"} and measures:
            continue
        words = [*split_words(str(key))] or [str(key)]
        sign = ""
        if key in measures:
            if len(words) > 1 and words[-1] in _UNITS:
                sign = _UNITS[words.pop()]
            elif unit and key == measures[0]:
                sign = _UNITS.get(unit.casefold(), unit)
        shown = _inline(member, depth + 1)
        if shown:
            parts.append(f"{' '.join(words)}: {shown}{' ' + sign if sign and sign != '%' else sign}")
    return ", ".join(parts)


def _inline(value: Any, depth: int = 0) -> str:
    match value:
        case _ if value is None or value in ("", [], {}):
            return "none"
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case Mapping():
            return f"({_fields(value, depth)})" if depth and depth < 5 else "…" if depth else _fields(value)
        case list() | tuple():
            return _listed(value, depth) if depth < 5 else "…"
        case _:
            return _shortened(_bare(str(value)), _LONGEST_FIELD)


def _listed(values: Sequence[Any], depth: int = 0) -> str:
    shown = [
        _fields(value, depth + 1) if isinstance(value, Mapping) else _inline(value, depth + 1) for value in values[:10]
    ]
    if len(values) > 10:
        shown.append(f"{len(values) - 10} more")
    if any(isinstance(value, Mapping) for value in values):
        return "; ".join(f"({place}) {text}" if len(shown) > 1 else text for place, text in enumerate(shown, 1))
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _bare(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().rstrip(".")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    text = _capital(text.strip())
    return text if text.endswith((".", "!", "?", "…", ")", '"', "”")) else f"{text}."
