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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

from .extract import clipped, facts, vocabulary
from .schema import Context, UnsupportedSchema, conforming, valid
from .slots import Slot, split_words, stem

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool; `arguments` is a JSON object."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


_CLEAR = 3.0  # from this score on a request asks for a tool: one word of its name, or three of its description
# What nobody would make up: without it the model asks instead of calling.
_PARTICULAR = frozenset({"place", "person", "email", "url"})
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
_SEQUENCE = re.compile(r"\b(?:then|after that|afterwards)\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:it|that one|them|the result|the first|the cheapest|the best)\b", re.IGNORECASE)
_SPEAKING = ("info", "message", "answer", "result", "summary", "text", "description", "content", "output")


def plan_calls(tools: Sequence[Mapping[str, Any]], tool_choice: Any, messages: Sequence[Message]) -> list[Call]:
    """The calls the model makes now, in order; empty when it should answer in words.

    `tools` and `messages` are in wire format; `tool_choice` is "auto" (also None), "none", "required" or
    ``{"type": "function", "function": {"name": ...}}``. Several calls are parallel calls. A follow-up ("and back?",
    "what about Boston?") reuses the earlier call. After a tool has answered, only a tool that has not been called in
    this turn and that the request clearly asks for is called.
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
        return _follow_up(only, talk) or _calls(known[name], talk.request, talk, insist=True)
    calls = _wanted(known, talk)
    if not calls and tool_choice == "required":
        open_tools = {name: tool for name, tool in known.items() if name not in talk.called_now} or known
        best = max(open_tools.values(), key=lambda tool: tool.score(talk.request))
        calls = _follow_up({best.name: best}, talk) or _calls(best, talk.request, talk, insist=True)
    return calls


def question(tools: Sequence[Mapping[str, Any]], messages: Sequence[Message]) -> str:
    """What the model asks back when a tool fits the request and lacks something to be called with; "" otherwise."""
    known = {tool["function"]["name"]: _Tool(tool["function"]) for tool in tools}
    talk = _Talk(messages)
    if not known or talk.answered or _IN_WORDS.match(talk.request):
        return ""
    for tool, text, _ in _groups(known, talk.request):
        if lacking := _lacking(tool, text, talk):
            wanted = [" ".join(split_words(name)) for name in lacking]
            return f"Please tell me the {' and the '.join(wanted)}, and I will call {tool.name}."
    return ""


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


def _stems(text: str) -> set[str]:
    return {stem(word) for word in split_words(text)}


_OPERATIONS = {
    r"\d\s*[*×]\s*\d|\d times \d": "calculate multiply",
    r"\d\s*(?:\*\*|\^)\s*\d": "calculate power",
    r"\d\s*\+\s*\d|\d plus \d": "calculate sum add",
    r"\d\s*÷\s*\d|\d\s+/\s+\d|\d divided by \d": "calculate divide",
    r"\d\s+[-−]\s+\d|\d minus \d": "calculate minus subtract",
}


def _operations(text: str) -> set[str]:
    """The words for what the signs of a sum ask for: "17 * 23" asks to multiply."""
    return {stem(word) for sign, words in _OPERATIONS.items() if re.search(sign, text) for word in split_words(words)}


def _with_synonyms(stems: set[str]) -> set[str]:
    return stems.union(*(group for group in _synonyms() if group & stems))


# The conversation


class _Talk:
    """What of a conversation matters for calling tools."""

    def __init__(self, messages: Sequence[Message]) -> None:
        last = max((place for place, message in enumerate(messages) if message.get("role") == "user"), default=-1)
        self.request = clipped(text_of(messages[last])) if last >= 0 else ""
        self.before = tuple(text for text in _told_before(messages[: max(last, 0)]) if text)
        now = messages[last + 1 :]
        self.results = tuple(text for message in now if message.get("role") == "tool" and (text := text_of(message)))
        self.answered = any(message.get("role") == "tool" for message in now)
        self.called_now = {name for message in now for name, _ in _made(message)}
        turns = [made for message in messages[: max(last, 0)] if (made := _made(message))]
        self.earlier_calls = turns[-1] if turns else []

    def context(self, text: str, tool: _Tool) -> Context:
        whole = (self.request,) if text != self.request else ()
        return Context(text, (*self.before, *self.results, *whole), topic=tool.topic)


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


def text_of(message: Message) -> str:
    """The text of a message, its text parts joined; "" when there is none."""
    content = message.get("content")
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, Mapping) and part.get("type") == "text")
        return "\n".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


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


class _Tool:
    def __init__(self, function: Mapping[str, Any]) -> None:
        self.name: str = function["name"]
        self.schema = _object_schema(function.get("parameters"))
        properties = self.schema.get("properties", {})
        self.properties: Mapping[str, Any] = properties if isinstance(properties, Mapping) else {}
        self.required = [name for name in self.schema.get("required", []) if isinstance(name, str)]
        named = _stems(self.name)
        self.named = named - _idle() or named
        self.described = _stems(str(function.get("description") or "")) - _idle()
        values = [
            value for part in self.properties.values() if isinstance(part, Mapping) for value in part.get("enum") or []
        ]
        words = [*self.properties, *(value for value in values if isinstance(value, str))]
        self.parameters = {stem(word) for text in words for word in split_words(text)} - _idle()
        self.particular = [
            name for name in self.required if name in self.properties and self.slot(name).kind in _PARTICULAR
        ]
        self.topic = frozenset(named | {stem(word) for key in self.properties for word in split_words(key)})

    def score(self, text: str) -> float:
        """How much a request has in common with the tool: 3 for a word of its name, 1 for any other."""
        said = _stems(text) - (_idle() - self.named) | _operations(text)
        kin = _with_synonyms(said)
        score = 3.0 * len(self.named & kin) + 1.0 * len((self.described - self.named) & said)
        score += 0.5 * len((self.described - self.named) & (kin - said)) + 1.0 * len(self.parameters & said)
        return score + (0.5 if self.named <= said else 0.0)

    def slot(self, name: str) -> Slot:
        part = self.properties[name]
        return Slot(name, str(part.get("description", "")) if isinstance(part, Mapping) else "")


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


def _groups(known: Mapping[str, _Tool], request: str) -> list[tuple[_Tool, str, bool]]:
    """The request cut into what each tool is asked for: tool, words, and whether it continues the one before."""
    # A quotation is content: nothing in it asks for a tool.
    quoted = [match.span() for match in re.finditer(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^'\n]*'(?!\w)", request)]
    cuts = [cut for cut in _SPLIT.finditer(request) if not any(start < cut.start() < end for start, end in quoted)]
    edges = [(0, 0), *(cut.span() for cut in cuts), (len(request), len(request))]
    groups: list[tuple[_Tool | None, int, int, bool]] = []
    for (before, start), (end, _) in pairwise(edges):
        words = request[start:end]
        plain = re.sub(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^'\n]*'(?!\w)", " ", words)
        best = max(known.values(), key=lambda tool: tool.score(plain))
        tool = best if best.score(plain) >= _CLEAR else None
        joint = request[before:start]
        sequel = bool(groups) and bool(
            _SEQUENCE.search(joint) or (_PRONOUN.search(words) and best.named & _with_synonyms(_stems(words)))
        )
        starts_anew = tool is not None and groups and (groups[-1][0] is not tool or bool(facts(words).places))
        if not groups:
            groups.append((tool, start, end, False))
        elif not starts_anew or tool is None:
            previous = groups[-1]
            groups[-1] = (previous[0], previous[1], end, previous[3])
        elif groups[-1][0] is None:
            groups[-1] = (tool, groups[-1][1], end, False)
        else:
            groups.append((tool, start, end, sequel))
    whole = max(known.values(), key=lambda tool: tool.score(request))
    chosen = [(tool, request[start:end], sequel) for tool, start, end, sequel in groups if tool is not None]
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
    if not insist and (tool.name, arguments) in talk.earlier_calls and not _AGAIN.search(text):
        own = _said(tool, Context(text, topic=tool.topic))
        if tool.particular and not any(name in own for name in tool.particular):
            return []
    return _spread(tool, arguments, text)


def _lacking(tool: _Tool, text: str, talk: _Talk) -> list[str]:
    """The required places, people and addresses that the conversation does not name."""
    if not tool.particular:
        return []
    spoken = _said(tool, talk.context(text, tool))
    return [name for name in tool.particular if name not in spoken]


def _spread(tool: _Tool, arguments: dict[str, Any], text: str) -> list[Call]:
    """One call for each thing that the text names for the same parameter."""
    listed = any(isinstance(value, list) for value in arguments.values())
    for name, value in arguments.items():
        if name not in tool.properties or not isinstance(value, str):
            continue
        if listed and tool.slot(name).kind not in _PARTICULAR:  # what is enumerated is in the list already
            continue
        several = _several(tool, name, text)
        if len(several) > 1 and value in several:
            calls = [Call(tool.name, {**arguments, name: other}) for other in several]
            return [call for call in calls if valid(tool.schema, call.arguments)]
    return [Call(tool.name, arguments)]


def _several(tool: _Tool, name: str, text: str) -> list[str]:
    slot, found = tool.slot(name), facts(text)
    part = tool.properties[name]
    listed = part.get("enum") if isinstance(part, Mapping) else None
    if listed:
        return [
            value for value in listed if isinstance(value, str) and found.mentions(value) and not found.denies(value)
        ]
    if slot.kind == "place":
        role = slot.role or "location"
        named = [place for place in found.places if place.role == role]
        named = named or (
            [place for place in found.places if place.role == "location"] if role == "destination" else []
        )
        full = {"location", "address"}.intersection(slot.words)
        return list(dict.fromkeys(f"{p.name}, {p.region}" if p.region and full else p.name for p in named))
    if slot.kind == "person":
        return list(found.people)
    if slot.kind == "email":
        return list(found.emails)
    if slot.kind == "url":
        return list(found.urls)
    return list(found.items or found.quoted) if slot.kind in {"", "code"} else []


# Follow-ups


def _follow_up(known: Mapping[str, _Tool], talk: _Talk) -> list[Call]:
    """The earlier call again, with what the request changes; empty when the request stands on its own."""
    earlier = [(known[name], arguments) for name, arguments in talk.earlier_calls if name in known]
    if not earlier or len(talk.request.split()) > 14:
        return []
    back = _BACK.search(talk.request)
    if not (back or _FOLLOW_UP.match(talk.request)):
        return []
    asked = max(known.values(), key=lambda tool: tool.score(talk.request))
    if asked.score(talk.request) >= _CLEAR:
        same = [(tool, arguments) for tool, arguments in earlier if tool is asked]
        if not same:
            return []
        earlier = same
    calls: list[Call] = []
    for tool, arguments in earlier:
        changed = _said(tool, Context(talk.request, topic=tool.topic | {stem("back"), stem("about")}))
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
        calls += _spread(tool, merged, talk.request)
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
            return _sentence(value)
    elif isinstance(value, list):
        value = _listed(value)
    else:
        value = _inline(value)
    if about and several:
        return f"{_capital(about)}: {value}."
    return f"Here is what I found for {about}: {value}." if about else f"Here is what I found: {value}."


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
            return _bare(str(value))


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
