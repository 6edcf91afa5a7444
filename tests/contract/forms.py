"""The forms in which the service was recorded to answer, as data: `recorded/*.toml`, and a checker for them.

A file holds the forms of one family of models (or of the hosts). `family`, `model` and `ways` at its top hold for every
`form` that does not say otherwise:

    kind      what the form is about
    hosts     where it was recorded: aoai, resource, gateway, serverless
    ways      the ways of the mock on which it has to hold
    model     who is asked;  card: a deployment of that model with other fields
    to        the operation when it is not a chat completion
    ask       the request's body; "$picture" and the like stand for what `test_recorded.py` puts there
    status    200 when it is not given
    answer    the shape of the body, by name or written out;  change: what is different in it
    chunks    instead of an answer: the shapes of a stream's chunks in their order, "text +" for one or more;
              each: what is different in all of them but the first and those without choices
    headers   the shape of the headers, by name
    date      of the newest recording;  sources: paths in Azure/azure-sdk-assets, with #N for the entry of a file,
              @DATE where a path was recorded anew

A shape is a table of keys, and closed: a key that it does not name is a fault; one with a question mark may be absent.
A value is another table, a list with the shape of every item, "@name" for a shape of the file, or one of these words:

    text whole number flag list object some null any     types; `some` is a list that is not empty
    {} []                                                 an empty one
    = X    ~ REGEX                                        this very value (as a text);  a text of this pattern
    uuid digits json                                      texts: an id, a number, a JSON object
    never                                                 not there (in a `change` or among headers)

and "a|b" for either. `like` takes another shape over; keys with dots change what lies deeper, in every item of a list.
`older` says what recordings before a date, or those of some models or clients, have otherwise: those faults are no
faults there. Only the comparison with the recordings themselves (`test_corpus.py`) reads it.
"""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, groupby
from pathlib import Path
from typing import Any

from helpers.mock.gateway.routes import Kind

FOLDER = Path(__file__).with_name("recorded")

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WORDS = {
    "any": lambda value: True,
    "text": lambda value: isinstance(value, str),
    "whole": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "flag": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "list": lambda value: isinstance(value, list),
    "some": lambda value: isinstance(value, list) and bool(value),
    "object": lambda value: isinstance(value, dict),
    "{}": lambda value: value == {},
    "[]": lambda value: value == [],
    "uuid": lambda value: isinstance(value, str) and _UUID.fullmatch(value) is not None,
    "digits": lambda value: isinstance(value, str) and value.isdecimal(),
    "json": lambda value: isinstance(value, str) and _is_object(value),
}


@dataclass(frozen=True, slots=True)
class Form:
    """One recorded form. `shapes` are those of its file, with every `like` and change carried out."""

    family: str
    kind: str
    hosts: tuple[str, ...]
    ways: tuple[Kind, ...]
    model: str
    date: str
    sources: tuple[str, ...]
    shapes: Mapping[str, Any] = field(repr=False)
    ask: Mapping[str, Any] | None = None
    to: str = "chat/completions"
    card: Mapping[str, Any] | None = None
    credential: Mapping[str, str] | None = None
    fault: str = ""
    status: int = 200
    answer: Any = None
    chunks: tuple[tuple[str, Any, bool], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def name(self) -> str:
        return f"{self.family}: {self.kind}"

    def faults(self, body: Any) -> Iterator[str]:
        """What is wrong with a body: parsed JSON, a text, or the list of a stream's events."""
        if self.chunks:
            yield from self._stream_faults(body)
        else:
            yield from _faults(body, self.answer, self.shapes, "")

    def header_faults(self, headers: Mapping[str, str]) -> Iterator[str]:
        """What is wrong with the headers of an answer. Those that the form does not name are nobody's concern."""
        given = {name.lower(): value for name, value in headers.items()}
        for key, wanted in self.headers.items():
            name = key.removesuffix("?")
            if wanted == "never":
                if name in given:
                    yield f"header extra {name}"
            elif name not in given:
                if not key.endswith("?"):
                    yield f"header missing {name}"
            elif not _fits(given[name], wanted):
                yield f"header {name} is {given[name]!r}"

    def _stream_faults(self, events: Any) -> Iterator[str]:
        if not isinstance(events, list):
            yield "not a stream"
            return
        met = [self._nearest(event) for event in events if not _noted(event)]
        order = [name for name, _ in groupby(name for name, _ in met)]
        wanted = [name for name, _, _ in self.chunks]
        for name in wanted:
            if name not in order and not _noted(events[-1]):  # the corpus: the end was not read
                yield f"chunk {name} is missing"
        if order != [name for name in wanted if name in order]:
            yield f"chunks in the order {', '.join(order)}"
        for name, _, many in self.chunks:
            found = [faults for other, faults in met if other == name]
            if len(found) > 1 and not many:
                yield f"chunk {name} comes {len(found)} times"
            yield from (f"chunk {name}: {fault}" for fault in dict.fromkeys(chain.from_iterable(found)))

    def _nearest(self, event: Any) -> tuple[str, list[str]]:
        """The chunk that an event is most like, and what is wrong with it as that."""
        alike = [chunk for chunk in self.chunks if (chunk[0] == "[DONE]") == isinstance(event, str)]
        judged = [(name, list(_faults(event, shape, self.shapes, ""))) for name, shape, _ in alike]
        return min(judged, key=lambda pair: len(pair[1]))


@dataclass(frozen=True, slots=True)
class Older:
    """What older recordings have otherwise: patterns of faults, and which recordings are meant."""

    faults: tuple[str, ...]
    before: str = "9999"
    models: str = ".*"
    clients: str = ".*"

    def forgives(self, fault: str, *, date: str, model: str, source: str) -> bool:
        return (
            date < self.before
            and re.fullmatch(self.models, model) is not None
            and re.match(self.clients, source) is not None
            and any(re.fullmatch(rf"(chunk \w+: )?({pattern})", fault) for pattern in self.faults)
        )


@cache
def forms() -> tuple[Form, ...]:
    """Every recorded form, file by file."""
    return tuple(form for path in sorted(FOLDER.glob("*.toml")) for form in _read(path))


@cache
def older() -> Mapping[str, tuple[Older, ...]]:
    """What is forgiven to older recordings, by family."""
    found: dict[str, tuple[Older, ...]] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        table = tomllib.loads(path.read_text("utf-8"))
        rows = [{key: value for key, value in row.items() if key != "why"} for row in table.get("older", ())]
        found[table["family"]] = tuple(Older(**{**row, "faults": tuple(row["faults"])}) for row in rows)
    return found


def _read(path: Path) -> Iterator[Form]:
    table = tomllib.loads(path.read_text("utf-8"))
    shapes = {name: _built(name, table["shape"]) for name in table.get("shape", {})}
    headers = {name: _built(name, table["headers"]) for name in table["headers"]}
    common = {"model": table["model"], "ways": table["ways"]}
    for row in table["form"]:
        row = {**common, **row}
        each = row.pop("each", {})
        change = row.pop("change", {})
        answer = row.pop("answer", None)
        if isinstance(answer, str) and answer in shapes:
            answer = _changed(shapes[answer], change, shapes)
        chunks = [_chunk(name, each, shapes) for name in row.pop("chunks", ())]
        yield Form(
            family=table["family"],
            shapes=shapes,
            answer=answer,
            chunks=tuple(chunks),
            headers=headers[row.pop("headers")],
            hosts=tuple(row.pop("hosts")),
            ways=tuple(row.pop("ways")),
            sources=tuple(row.pop("sources")),
            **row,
        )


def _chunk(name: str, each: Mapping[str, Any], shapes: Mapping[str, Any]) -> tuple[str, Any, bool]:
    name, _, many = name.partition(" ")
    if name == "[DONE]":
        return name, "= [DONE]", False
    shape = shapes[name]
    with_delta = isinstance(shape["choices"], list) and "delta" in shape["choices"][0]
    return name, _changed(shape, each, shapes) if with_delta else shape, bool(many)


def _built(name: str, tables: Mapping[str, Any]) -> dict[str, Any]:
    """A shape with what it takes over from the one that it is like."""
    rows = dict(tables[name])
    like = rows.pop("like", None)
    base = _built(like, tables) if like else {}
    return _changed(base, rows, tables)


def _changed(shape: Any, changes: Mapping[str, Any], shapes: Mapping[str, Any]) -> dict[str, Any]:
    """A shape in which what the dotted keys name is another; "never" takes a key out (from headers it does not)."""
    changed = copy.deepcopy(shape)
    for key, value in changes.items():
        *steps, last = key.split(".")
        here = changed
        for step in steps:
            here[step] = _opened(here[step], shapes)
            here = here[step][0] if isinstance(here[step], list) else here[step]
            if isinstance(here, str):  # a list of a named shape
                raise TypeError(f"{key}: {step} is {here}")
        present = f"{last}?" if f"{last}?" in here else last
        if value == "never" and "-" not in last and last in here:
            del here[last]
        else:
            here.pop(present, None)
            here[last] = value
    return changed


def _opened(value: Any, shapes: Mapping[str, Any]) -> Any:
    """A shape that is only named, written out so that it can be changed."""
    if isinstance(value, str) and value.startswith("@"):
        return copy.deepcopy(shapes[value[1:]])
    if isinstance(value, list):
        return [_opened(value[0], shapes)]
    return value


def _faults(value: Any, shape: Any, shapes: Mapping[str, Any], path: str) -> Iterator[str]:
    if isinstance(shape, str) and shape.startswith("@"):
        shape = shapes[shape[1:]]
    if isinstance(shape, str):
        if not _fits(value, shape):
            yield f"{path or 'the body'} is {_told(value)}"
    elif isinstance(shape, list):
        if not isinstance(value, list) or not value:
            yield f"{path or 'the body'} is {_told(value)}"
            return
        for item in value:
            if not _noted(item):
                yield from _faults(item, shape[0], shapes, path)
    elif not isinstance(value, dict):
        yield f"{path or 'the body'} is {_told(value)}"
    else:
        inner = f"{path}." if path else ""
        names = {key.removesuffix("?"): wanted for key, wanted in shape.items()}
        for key, wanted in shape.items():
            name = key.removesuffix("?")
            if name not in value:
                if not key.endswith("?"):
                    yield f"missing {inner}{name}"
            else:
                yield from _faults(value[name], wanted, shapes, f"{inner}{name}")
        yield from (f"extra {inner}{name}" for name in value if name not in names)


def _fits(value: Any, wanted: str) -> bool:
    if _noted(value) or value == "Sanitized":  # the corpus: cut out, or made unrecognisable
        return wanted not in ("null", "{}", "[]")
    if wanted.startswith("= "):
        return str(value) == wanted[2:]
    if wanted.startswith("~ "):
        return isinstance(value, str) and re.fullmatch(wanted[2:], value, re.DOTALL) is not None
    return any(_WORDS[word](value) for word in wanted.split("|"))


def _noted(value: Any) -> bool:
    """Whether a value of the corpus is a note about what was cut out."""
    return isinstance(value, dict) and any(key.startswith("$") for key in value)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _told(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:120]
