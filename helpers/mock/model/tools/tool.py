"""A tool as it is offered, read once for a request: its words, its parameters, and its schema.

Shapes: 2024-05-01-preview, ChatCompletionsToolDefinition.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any

from ..reading.facts import facts
from ..reading.forms import unclaimed
from ..reading.lexicon import meaning
from ..reading.slots import Slot
from ..reading.vocabulary import split_words, stem, stems_of, vocabulary
from ..reading.wording import told_in
from ..structured.schema import Context, Schema, UnsupportedSchema
from .words import idle, use_of_tool

_WORDS = frozenset({"text", "query", "answer"})  # kinds that are written
_FREE = _WORDS | {""}  # kinds that any words may fill
_NUMBERS = ("integer", "number")
_WRITTEN_IN = ("sql", "select", "graphql", "regex", "regular", "cron", "statement")  # what no question is
_SEARCHING = stems_of("search query look up lookup retrieve retriever find ask tool context rag")
_SOURCES = stems_of(  # that have an answer to any question
    "web internet online wikipedia wiki google engine document docs knowledge faq article note passage information "
    "library manual policy handbook guide text question memory news"
)
_AS_FORMAT = {"date": "YYYY-MM-DD", "date-time": "ISO 8601", "time": "HH:MM", "email": "e-mail address"}
_KEPT = 16  # texts of which a tool knows what they say for it
_DESCRIBED = 2_000  # characters of a tool's description
# What nobody would make up: without it the model asks instead of calling.
PARTICULAR = frozenset({"place", "person", "email", "url", "code", "path", "phone", "timezone"})
_WHEN = frozenset({"date", "time", "datetime"})  # nor when to do something; to be told something, today will do
_ENDING = re.compile(
    r"(?:final_?(?:answer|result|response|output)|finish|done|submit(?:_\w+)?|complete(?:_task)?|terminate|end(?:_task)?|"
    r"attempt_completion|(?:give|return)_(?:final_)?(?:answer|result))$|.*_final_(?:answer|result)$",
    re.IGNORECASE,
)
_ENDS = re.compile(r"\bfinal (?:answer|response|result)\b|\bends? (?:the|this) (?:task|conversation)\b", re.IGNORECASE)
_HANDOFF = re.compile(
    r"(?:transfer|hand_?off|hand_over|delegate|route|escalate|ask)(?:_\w*)?_?to_(?P<to>\w+)$", re.IGNORECASE
)
_LISTED = re.compile(r"\bone of the (?:following )?(\w+):\s*([^\n.]+)", re.IGNORECASE)
_ROLES = {"to": "to send to", "from": "to start from", "cc": "to copy in", "bcc": "to copy in"}


class Tool:
    """A function that may be called. Raises UnsupportedSchema when its parameters are no object."""

    def __init__(self, function: Mapping[str, Any]) -> None:
        self.name: str = function["name"]
        self._parameters = _object_schema(function.get("parameters"))
        properties = self._parameters.get("properties", {})
        said = str(function.get("description") or "")[:_DESCRIBED]
        about = " ".join(word for word in split_words(self.name)[1:] if word not in vocabulary().idle)
        self.properties: Mapping[str, Any] = (
            {name: _told(name, part, about, said) for name, part in properties.items()}
            if isinstance(properties, Mapping)
            else {}
        )
        self.slots = {name: _slot(name, part) for name, part in self.properties.items()}
        self.required = [name for name in self._parameters.get("required", []) if isinstance(name, str)]
        self.description = str(function.get("description") or "")[:_DESCRIBED]
        told = all(self.slots[name].kind != "code" for name in self.required if name in self.slots)  # nothing of many
        self.closes = told and bool(_ENDING.match(self.name) or _ENDS.search(self.description))
        self.hands_to = hands_over(self.name)
        self._said: dict[Context, dict[str, Any]] = {}
        self._read_words(self.description)
        self._read_parameters()

    def _read_words(self, description: str) -> None:
        named = stems_of(self.name)
        self.named = named - idle() or named
        self.described = stems_of(description[:_DESCRIBED]) - idle()
        self.use = use_of_tool(self.name, description)
        self.takings = frozenset(stem(word) for slot in self.slots.values() for word in slot.words)
        self.topic = frozenset(named | self.takings)

    def _read_parameters(self) -> None:
        values = {value for name in self.properties for value in self.listed(name) if isinstance(value, str)}
        self.parameters = {stem(word) for text in (*self.properties, *values) for word in split_words(text)} - idle()
        self.measures = frozenset(stem(word) for name in self.required for word in split_words(name))
        taken = [name for name in self.required if name in self.properties]
        self.kinds = frozenset(self.slots[name].kind for name in taken)
        self.ends = frozenset(self.slots[name].role for name in taken if self.slots[name].kind == "place")
        lacked = PARTICULAR | (_WHEN if self.use == "act" else frozenset())
        text = (
            name for name in taken if _type_of(self.properties[name]) not in _NUMBERS or self.slots[name].kind == "code"
        )
        text = {name for name in text if self.slots[name].kind in lacked}
        needed = (name for name in taken if name in text or self._measures(name))
        self.particular = [name for name in needed if not self.listed(name)]

    @cached_property
    def meaning(self) -> Mapping[str, float]:
        """What its name, twice, its description and its parameters are about."""
        named = split_words(self.name)
        said = (
            *named,
            *named,
            *split_words(self.description),
            *(word for one in self.slots.values() for word in one.words),
        )
        values = (value for name in self.properties for value in self.listed(name) if isinstance(value, str))
        return meaning((*said, *(word for value in values for word in split_words(value))))

    def _measures(self, name: str) -> bool:
        """Whether an argument is a list or a number by which something is done and that counts nothing: one will do."""
        slot, kind = self.slots[name], _type_of(self.properties[name])
        counts = kind in _NUMBERS and (slot.counts or slot.of_line or slot.counting)
        return self.use == "act" and kind in {*_NUMBERS, "array"} and not counts

    @cached_property
    def schema(self) -> Schema:
        """The schema of the arguments. Raises UnsupportedSchema for one that is not accepted."""
        ordered = {name: self.properties[name] for name in sorted(self.properties, key=self._choosiness)}
        return Schema({**self._parameters, "properties": ordered} if ordered else self._parameters)

    def arguments(self, context: Context) -> dict[str, Any]:
        """All arguments of a call. Raises UnsupportedSchema."""
        found = self.schema.conforming(context)
        return {name: found[name] for name in (*self.properties, *found) if name in found}

    def _choosiness(self, name: str) -> int:
        """The place of an argument among those that are filled: what takes few values before any words."""
        kind, made = self.slots[name].kind, _type_of(self.properties[name])
        if self.listed(name) or made == "boolean":
            return 0
        if kind in {"place", "person", "company"} and name not in self.required:
            kind = "text"  # which may be what another argument has to be
        ranks = ("date", "time", "datetime"), ("code",), (), ("place", "person", "company"), ("", "room"), _WORDS
        rank = next((rank for rank, kinds in enumerate(ranks, 1) if kind in kinds), 3)
        if made == "array":  # a list of numbers leaves the others
            return 3 if _type_of(self.properties[name].get("items")) in _NUMBERS else 2 * max(rank, 5)
        rank = min(rank, 3) if made in _NUMBERS else rank
        return 2 * rank + (name not in self.required)

    @property
    def looks_up(self) -> bool:
        """Whether it answers a question of any kind: all that it must be told is the question."""
        free = self.kinds == {"query"} and not any(map(self.listed, self.required))
        free = free and not any(self.slots[name].speaks_of(*_WRITTEN_IN) for name in self.required)
        anything = not self.named - _SEARCHING or not _SOURCES.isdisjoint(self.named | self.described)
        return bool(self.required) and free and anything and self.use != "act"

    def said(self, context: Context) -> dict[str, Any]:
        """Only those arguments that a text itself speaks of."""
        found = self._said.get(context)
        if found is None:
            try:
                found = self.schema.undemanding().conforming(context)
            except UnsupportedSchema:
                found = {}
            self._said = {**(self._said if len(self._said) < _KEPT else {}), context: found}
        return found

    def told(self, context: Context) -> set[str]:
        """The arguments that a text speaks of, and the required ones that something in it may be."""
        said = self.said(context)
        return {*said, *self.guessed(said, context.text)}

    def met(self, text: str) -> float:
        """How far a text meets the tool's needs: 1 for each thing that it names for it, minus what must be named."""
        said = self.said(Context(text, topic=self.topic, asked=self.takings))
        named = self.named_in(said, text)
        values = {str(said[name]): self.takes(name) for name in named}
        guessed = self.guessed(said, text)
        numbers = (name for name in self.required if _type_of(self.properties.get(name)) in _NUMBERS)
        lacks = len({*self.particular, *numbers}.difference(said, guessed))
        needed = len({*self.particular}.intersection(named))
        return 0.5 * (len(values) + sum(values.values()) + len(guessed)) + 1.5 * needed - 2.5 * lacks

    def is_met_by(self, words: str) -> bool:
        """Whether some words say by themselves all of the several things that it must be told."""
        listed = any(_type_of(self.properties.get(name)) == "array" for name in self.required)
        several = len(self.required) > 1 and not listed
        return several and {*self.required} <= {*self.said(Context(words, topic=self.topic, asked=self.takings))}

    def named_in(self, said: Mapping[str, Any], text: str) -> list[str]:
        """Those of the arguments that a text says which it names as such, not only in its own words."""
        told = {*facts(text).quoted, told_in(text)}
        return [name for name in said if self.slot(name).kind not in _WORDS or said[name] in told]

    def guessed(self, said: Mapping[str, Any], text: str) -> list[str]:
        """The required arguments beside those which a text says, as far as it names something more that they may be: a
        number, or a name where any will do."""
        source = facts(text)
        spare = {
            True: [one for one in source.numbers if one.value not in said.values()],
            False: [one for one in unclaimed(source, said.values()) if not stems_of(one) & self.parameters],
        }
        found: list[str] = []
        for name in self.required:
            counts = _type_of(self.properties.get(name)) in _NUMBERS
            open_to_any = (not self.listed(name) and self.slot(name).kind == "") or "title" in self.slot(name).words
            if name not in said and (counts or open_to_any) and spare[counts]:
                spare[counts].pop(0)
                found.append(name)
        return found

    def takes(self, name: str) -> bool:
        """Whether an argument is of a kind that not any words are."""
        return bool(self.listed(name)) or self.slot(name).kind not in _FREE

    def slot(self, name: str) -> Slot:
        """The slot of an argument, also of one that the parameters take without declaring it."""
        return self.slots.get(name) or Slot(name)

    def listed(self, name: str) -> list[Any]:
        """The values that a parameter lists, if it does."""
        part = self.properties.get(name)
        values = part.get("enum") if isinstance(part, Mapping) else None
        return values if isinstance(values, list) else []

    def spoken_name(self, name: str) -> str:
        """A parameter in words: "origin city"; a bare "to" by what it takes."""
        words = split_words(name)
        if len(words) == 1 and len(words[0]) < 5 and words[0] in _ROLES:
            kind = self.slot(name).kind
            what = "e-mail address" if kind == "email" or "email" in self.named | self.described else kind or "value"
            return f"{what} {_ROLES[words[0]]}"
        return " ".join(words) or name


def hands_over(name: str) -> str:
    """To whom a tool of this name hands the conversation, "" where it is none that does."""
    handoff = _HANDOFF.match(name)
    return handoff["to"] if handoff else ""


def read_tools(offered: Iterable[Mapping[str, Any]]) -> dict[str, Tool]:
    """The tools by name, from their wire format; programs offer the same ones turn after turn, and these are kept."""
    return {tool["function"]["name"]: _read(json.dumps(tool["function"])) for tool in offered}


@lru_cache(maxsize=128)
def _read(function: str) -> Tool:
    return Tool(json.loads(function))


def _object_schema(parameters: Any) -> Mapping[str, Any]:
    if not parameters:
        return {"type": "object", "properties": {}, "additionalProperties": False}
    if not isinstance(parameters, Mapping):
        raise UnsupportedSchema((), "the parameters of a function are a JSON Schema of an object")
    kind = parameters.get("type", "object")
    if kind != "object" and not (isinstance(kind, list) and "object" in kind):
        raise UnsupportedSchema(("type",), f"the parameters of a function are an object, not {kind!r}")
    return {**parameters, "type": "object"}


def _slot(name: str, part: Any) -> Slot:
    if not isinstance(part, Mapping):
        return Slot(name)
    return Slot(name, f"{part.get('description', '')} {_AS_FORMAT.get(str(part.get('format')), '')}".strip())


def _told(name: str, part: Any, about: str, said: str) -> Any:
    """A parameter with what is said of it elsewhere: a bare "name" is of what the tool is about, and a description may
    list what there is: "one of the following desks: North, South"."""
    if not isinstance(part, Mapping) or part.get("type") != "string" or "enum" in part:
        return part
    listed = _LISTED.search(said)
    if listed and listed[1].casefold() in {name, f"{name}s", f"{name}es"}:
        return {**part, "enum": [one.strip(" \"'`") for one in re.split(r",\s*|\s+or\s+", listed[2])]}
    bare = name == "name" and about and not part.get("description")
    return {**part, "description": f"Name of the {about}"} if bare else part


def _type_of(part: Any) -> str:
    return str(part.get("type", "")) if isinstance(part, Mapping) else ""
