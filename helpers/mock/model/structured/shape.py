"""JSON that a prompt asks for: whether it does, in which shape, and how a model writes it.

A shape is told by a JSON schema, by an example, or by a list of keys. What stands in an example for a value ("...",
`<0-1>`, "a|b|c", integer) says of which type it is or among which values to choose: it is never a value itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

from ..reading.conversation import Conversation
from ..reading.likeness import OFFERED, offered_in
from ..writing.generate import Choice, Text
from .keywords import walk

_READ = 20_000  # characters in which a shape is looked for
_LONGEST, _DEEPEST = 6_000, 12  # characters of an example, and objects in each other


class Shape(NamedTuple):
    """A JSON schema, whether the prompt tells it, and the conversation without what it says of the shape."""

    schema: dict[str, Any]
    shown: bool
    rest: Conversation


def shape_wanted(conversation: Conversation) -> Shape:
    """The shape that a prompt shows or tells; an object with the member "answer" where it does neither."""
    whole = f"{conversation.system}\n\n{conversation.question}"[:_READ]
    schema, said = _shown(whole) or _told(whole) or (None, ())
    schema = schema and _with_choices(schema, whole)
    told = about(conversation, _without(conversation.question, said))
    rest = replace(conversation, system=_without(conversation.system, said), question=told, meaning=told)
    return Shape(schema or PLAIN, schema is not None, rest)


def about(conversation: Conversation, question: str) -> str:
    """What an object is about: the parts of a question that say nothing of its shape."""
    told = _about(question)
    return conversation.meaning if told == conversation.question else told


def beside_schemas(conversation: Conversation) -> Conversation:
    """The conversation without the schemas that its question shows; itself where there is none."""
    question = conversation.question
    shown = _shown(question[:_READ]) if '"properties"' in question else None
    if not shown:
        return conversation
    told = about(conversation, _without(question, shown[1]))
    return replace(conversation, question=told, meaning=told)


def _without(text: str, pieces: tuple[str, ...]) -> str:
    for piece in sorted(pieces, key=len, reverse=True):  # one may be a part of another
        text = text.replace(piece, " ")
    return text


_ASKING = re.compile(
    r"\b(?:respond|reply|answer|return|output|produce|generate|give|provide|format(?:ted)?|extract|write|as|in|into|"
    r"using|valid|strict|only|single|responses?)\b[^.\n]{0,60}?\bJSON\b|"
    r"\bJSON (?:object|format|schema|array|only|with)\b|```json",
    re.IGNORECASE,
)
_KEYED = re.compile(r"[\"'`]([A-Za-z_]\w{0,40})[\"'`]")
_ABOUT_JSON = re.compile(r"\b(?:function|program|script|code|library|parser?|explain|difference)\b", re.IGNORECASE)


def asks_for_json(conversation: Conversation) -> bool:
    """Whether the words of the request ask for JSON."""
    text = f"{conversation.system}\n{conversation.question}"
    return any(not _ABOUT_JSON.search(asking[0]) for asking in _ASKING.finditer(text))


def fenced(value: Any) -> Text:
    """JSON as a model writes it that was only asked in words: inside a code fence, with a sentence before it."""
    body = json.dumps(value, ensure_ascii=False, indent=2)
    return Text((Choice(("Here is the JSON you asked for:", "Sure, here is the JSON:")), f"\n\n```json\n{body}\n```"))


# What the object is about

_INSTRUCTION = re.compile(
    r"\b(?:JSON|schema|well-formatted|keys?|fields?|code (?:block|fence|snippet)|markdown|format)\b|"
    r"^\W*(?:extract|return|respond|reply|answer|output|use|do not|don['’]t|classify|analy[sz]e|here is) "
    r"(?:only|an?|the|this|these|your|valid|in|with|as|it|them|all|any|each|no)\b[^?]*$|```|"
    r"^\W*(?:do not|don['’]t|never) (?:include|wrap|add|write|prepend|append|explain|repeat|rewrite)\b|"
    r"^\W*(?:preserve|keep|ensure|make sure)\b.*\b(?:content|output|response|answer|wording)\b|"
    r"\b(?:your|the|as) (?:final|complete) (?:answer|response|output)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^\W*\w+:\s*")
_QUOTED = re.compile(r"\W*?(?:\"([^\"]+)\"|“([^”]+)”|'([^'\n]+)')\W*")
_FRAME = re.compile(
    r"^[ \t]*(?:\w+ )?(?:task|text|question|query|request|input|prompt|instructions?|message):[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_PART = re.compile(r"(?<=[.!?:])\s+|\n+")


def _about(question: str) -> str:
    """The parts of a question that say nothing of the shape; all of it where nothing else is said."""
    parts = [part for part in _PART.split(question) if re.search(r"\w", part) and not _INSTRUCTION.search(part)]
    about = _FRAME.sub("", "\n".join(parts)).strip()
    quoted = _QUOTED.fullmatch(_LABEL.sub("", about))
    return next(filter(None, quoted.groups())) if quoted else about or question


# A shape that is shown


_Said = tuple[dict[str, Any], tuple[str, ...]]  # a schema, and the pieces of the text that tell it


def _shown(text: str) -> _Said | None:
    """The last schema in a text, else the first example of an object, and the piece that shows it."""
    example: dict[str, Any] = {}
    schema: dict[str, Any] = {}
    pieces: list[str] = []
    place = 0
    for brace in list(re.finditer(r"[{\[]", text))[:40]:
        if brace.start() < place or not (found := _read(text[brace.start() : brace.start() + _LONGEST])):
            continue
        value, size = found
        place = brace.start() + size
        if _is_schema(value):
            schema = value
        elif _is_shape(like := _like(value)):
            example = example or like
        else:
            continue
        pieces.append(text[brace.start() : place])
    return (schema or example, tuple(pieces)) if pieces else None


def _read(text: str) -> tuple[Any, int] | None:
    """The JSON, or nearly JSON, that a text begins with, and how much of the text it is."""
    try:
        return json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        reader = _Reader(text)
        try:
            return reader.value(0), reader.place
        except _NoExampleError:
            return None


def _is_schema(value: Any) -> bool:
    members = value.get("properties") if isinstance(value, dict) else None
    written = isinstance(members, dict) and all(isinstance(member, dict) for member in members.values())
    return written and not any(isinstance(part, _Placeholder) for part in walk(value))


def _is_shape(schema: dict[str, Any]) -> bool:
    return bool(schema.get("properties") or (schema.get("type") == "array" and schema["items"].get("properties")))


def _like(example: Any) -> dict[str, Any]:
    """A schema of values like the example."""
    match example:
        case dict():
            return _object({name: _like(value) for name, value in example.items()})
        case list():
            return {"type": "array", "items": _like(example[0]) if example else {}, "minItems": min(len(example), 1)}
        case bool():
            return {"type": "boolean"}
        case int() | float():
            return {"type": "number"}
        case None:
            return {"type": ["string", "null"]}
        case _Placeholder():
            return placeholder(*example)
    return placeholder(example)


def _object(members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members)}


PLAIN = _object({"answer": {"type": ["number", "string"]}})
"""The shape of an answer of which none is told."""


class _NoExampleError(Exception):
    """What stands there is no example of JSON."""


class _Placeholder(NamedTuple):
    """What stands for a value, the comment behind it, and whether it stands between quotes."""

    told: str
    comment: str = ""
    quoted: bool = True


class _Reader:
    """Reads an example that is not quite JSON: Python's spelling, bare names, placeholders, comments, no commas."""

    _BLANK = re.compile(r"(?:[\s,]|//[^\n]*|#[^\n]*|\.\.\.)*")
    _KEY = re.compile(r"[\"']?([A-Za-z_$][\w $-]{0,60}?)[\"']?\s*(?:\([^()\n]{0,80}\)\s*)?:\s*")
    _QUOTED = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'")
    _BARE = re.compile(r"<[^<>\n]{0,200}>|[^,\]}\n{\[/#]{1,200}(?:/(?!/)[^,\]}\n{\[/#]{1,100}){0,5}")
    _COMMENT = re.compile(r"[ \t]*,?[ \t]*(?://|#)[ \t]*([^\n]*)")
    _ALTERNATIVE = re.compile(r"\s*\|\s*(?:\"[^\"\n]*\"|[\w.-]+)")
    _IN_JSON: ClassVar = {"True": "true", "False": "false", "None": "null"}

    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0

    def value(self, depth: int) -> Any:
        """The value, or the placeholder, that stands here."""
        if depth > _DEEPEST:
            raise _NoExampleError
        if self._taken("{"):
            return {name: self.value(depth + 1) for name in self._keys()}
        if self._taken("["):
            items: list[Any] = []
            while not self._taken("]", behind_blanks=True):
                items.append(self.value(depth + 1))
            return items
        said = self._QUOTED.match(self.text, self.place) or self._BARE.match(self.text, self.place)
        if not said:
            raise _NoExampleError
        quoted = said.re is self._QUOTED
        told = (said[1] or said[2] or "") if quoted else said[0].strip()
        self.place = said.end()
        while more := self._ALTERNATIVE.match(self.text, self.place):
            told += more[0].replace('"', "")
            self.place = more.end()
        comment = self._COMMENT.match(self.text, self.place)
        if quoted and not comment:
            return told
        try:
            return json.loads(self._IN_JSON.get(told, told) if not comment else "")
        except ValueError:
            return _Placeholder(told, comment[1] if comment else "", quoted)

    def _keys(self) -> Iterator[str]:
        while not self._taken("}", behind_blanks=True):
            key = self._KEY.match(self.text, self.place)
            if not key:
                raise _NoExampleError
            self.place = key.end()
            yield key[1]

    def _taken(self, mark: str, *, behind_blanks: bool = False) -> bool:
        if behind_blanks and (blank := self._BLANK.match(self.text, self.place)):
            self.place = blank.end()
        found = self.text.startswith(mark, self.place)
        self.place += found
        return found


_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:-|–|to|\.\.+|and)\s*(\d+(?:\.\d+)?)")
_TYPES = (
    ("boolean", re.compile(r"\bbool(?:ean)?\b|\btrue\b.{0,8}\bfalse\b", re.IGNORECASE)),
    ("integer", re.compile(r"\bint(?:eger)?\b|\bwhole number\b", re.IGNORECASE)),
    ("number", re.compile(r"\b(?:number(?! of)|float|decimal|double|numeric)\b|^-?\d+(?:\.\d+)?$", re.IGNORECASE)),
    ("array", re.compile(r"\b(?:list|array)\b", re.IGNORECASE)),
    ("string", re.compile(r"\bstr(?:ing)?\b", re.IGNORECASE)),
)
_CHOICES = re.compile(
    r"[\w .+-]{1,40}(?:\s*[|/]\s*[\w .+-]{1,40}){1,15}|[\w-]{1,30}(?:(?:,| or) [\w-]{1,30})*,? or [\w-]{1,30}"
)
_TYPED = re.compile(r"^(?:int(?:eger)?|float|number|score)\b[^\d-]*")
_DATE = re.compile(r"\b(?:YYYY-MM-DD|ISO ?8601 date|date)\b", re.IGNORECASE)


def placeholder(told: str, comment: str = "", quoted: bool = True) -> dict[str, Any]:
    """The schema of what stands for a value: `<0-1>`, "a|b|c", integer, "the name of the city"."""
    plain = told.strip(" <>\"'{}[]")
    described = {"description": text} if (text := f"{plain} {comment}".strip()) and (" " in text or "<" in told) else {}
    kind = next((kind for kind, pattern in _TYPES if pattern.search(plain) or pattern.search(comment)), "")
    if bounds := _RANGE.fullmatch(_TYPED.sub("", plain)) or _RANGE.search(comment):
        low, high = float(bounds[1]), float(bounds[2])
        whole = kind != "number" and "." not in bounds[0] and high - low > 1
        return {"type": "integer" if whole else "number", "minimum": low, "maximum": high, "default": high} | described
    if _CHOICES.fullmatch(plain) and kind != "boolean":
        choices = [choice.strip() for choice in re.split(r"\s*[|/]\s*|, (?:or )?| or ", plain) if choice.strip()]
        named = [next((kind for kind, pattern in _TYPES if pattern.fullmatch(choice)), "") for choice in choices]
        if all(kind or choice == "null" for kind, choice in zip(named, choices, strict=True)):
            return {"type": [kind or "null" for kind in named]}
        return {"enum": choices}
    if kind == "array":
        return {"type": "array", "items": {"type": "string"}, "minItems": 1, **described}
    if kind and (kind != "string" or not described):
        return {"type": kind, **described}
    if _DATE.fullmatch(plain) or "YYYY" in text:
        return {"type": "string", "format": "date", **described}
    return (
        {"type": "string", **described} if described or not quoted or "..." in plain else {"type": ["number", "string"]}
    )


# Keys that are told

_KEYS = re.compile(
    r"\b(?:keys?|fields?|properties|attributes|members)\b[^:.\n]{0,40}?(?::|\bare\b|\bcalled\b|\bnamed\b|(?=\s[`\"'\w]))"
    r"[ \t]*(?P<row>(?:[^:.\n]|\.(?=\d))*)",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"^[ \t]*(?:[-*•]|\d+[.)])[ \t]*[`\"'*]*(?P<key>[A-Za-z_]\w{0,40})[`\"'*]*[ \t]*(?:\((?P<type>[^()\n]*)\))?[ \t]*"
    r"(?:[:–-][ \t]*(?P<told>[^\n]*))?$",
    re.MULTILINE,
)
_NAME = re.compile(r"[`\"']?(?P<key>[A-Za-z_]\w{0,40})[`\"']?\s*(?:\((?P<type>[^()]*)\))?")
_EXTRACT = re.compile(r"\bextract (?:the |all )?(?P<row>[\w ,]{3,120}?)(?: from| as| in| of|[.:\n]|$)", re.IGNORECASE)
_NO_KEYS = frozenset(
    {"and", "or", "the", "a", "an", "with", "only", "exactly", "following", "these", "as", "json", "in"}
)
_NUMERIC = re.compile(
    r"(?:^|_)(?:age|count|number|year|price|amount|total|quantity|score|rating|confidence|cost|minutes)$"
)


def _told(text: str) -> _Said | None:
    """Keys that are told in words: "with the keys name, age (integer) and city", or line by line."""
    found: dict[str, Any] = {}
    for named in (*_KEYS.finditer(text), *_EXTRACT.finditer(text)):
        if named.re is _KEYS and not re.search(r"\w", named["row"]):
            lines = list(_LISTED.finditer(text, named.end()))
            found = {
                line["key"]: _member(line["key"], line["type"] or line["told"], line["told"] or "") for line in lines
            }
            if found:
                return _object(found), tuple(line[0] for line in lines)
        for part in re.split(r",\s*(?:and\s+)?|\s+and\s+", re.sub(r"\([^()]*\)", _without_commas, named["row"])):
            words = [name for name in _NAME.finditer(part) if name["key"].lower() not in _NO_KEYS]
            if len(words) == 1:
                found[words[0]["key"]] = _member(words[0]["key"], words[0]["type"])
        if len(found) > 1 or (found and named.re is _KEYS):
            return _object(found), (named[0],)
        found = {}
    keyed = [
        _KEYED.findall(sentence) for sentence in _PART.split(text) if re.search(r"\bkeys?\b|\bfields?\b", sentence)
    ]
    quoted = next((keys for keys in keyed if keys), [])
    return (_object({key: _member(key) for key in quoted}), ()) if quoted else None


_YES_OR_NO = re.compile(r"\b(yes|true)\b\W{0,3}(?:or|/)\W{0,3}(?:no|false)\b", re.IGNORECASE)
_UNTOLD = ({"type": ["string", "number"]}, {"type": ["number", "string"]}, {"type": "number"})


def _with_choices(schema: dict[str, Any], text: str) -> dict[str, Any]:
    """The schema with the choices that a sentence offers for a key: "Give a score 'yes' or 'no'"."""
    members: dict[str, Any] = dict(schema.get("properties", {}))
    for sentence in _PART.split(text) if members else ():
        offer = OFFERED.search(sentence) or _YES_OR_NO.search(sentence)
        if not offer or (offer.re is OFFERED and not members.keys().isdisjoint(offered_in(sentence))):
            continue
        places = {key: re.search(rf"(?i)\b{re.escape(key)}\b", sentence) for key in members}
        before = [(place.start(), key) for key, place in places.items() if place and place.start() < offer.start()]
        key = max(before)[1] if before else next(iter(members)) if len(members) == 1 else ""
        if members.get(key) in _UNTOLD:
            words = ["yes", "no"] if offer.re is _YES_OR_NO else offered_in(sentence)
            members[key] = {"type": "boolean"} if offer[1].lower() == "true" else {"enum": words}
    return {**schema, "properties": members} if members else schema


def _without_commas(match: re.Match[str]) -> str:
    return match[0].replace(",", " |")


def _member(key: str, told: str | None = None, comment: str = "") -> dict[str, Any]:
    if told:
        return placeholder(told, comment)
    return {"type": "number"} if _NUMERIC.search(key.lower()) else {"type": ["string", "number"]}
