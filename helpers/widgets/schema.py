"""The panel of lesson 04: a JSON schema checked while it is written, and the answer checked against it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from azure.ai.inference.models import JsonSchemaFormat, SystemMessage, UserMessage
from ipywidgets import Checkbox, Dropdown, Layout, Textarea

from ..display import Rich, preformatted, prose, stacked, words
from ..mock.model.structured.validator import jsonschema
from .panel import Panel

MOST = 6  # problems that are listed at once
_SCHEMAS_BY_NAME = {"properties", "$defs", "definitions"}  # what stands in them are the author's names, not keywords
TEXT = "You fly from Lisbon to Tallinn on 14 May 2026. The room is for 2 guests. The price is 1,184.50 EUR."


def _object(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **more}


_CITY = {"destination_city": {"type": "string"}}
_GUESTS = {"guests": {"type": "integer"}}
PRESETS = {
    "a trip": _object(_CITY | _GUESTS, required=["destination_city", "guests"], additionalProperties=False),
    "a cabin, or null": _object(
        {"cabin": {"anyOf": [{"enum": ["economy", "business"]}, {"type": "null"}]}},
        required=["cabin"],
        additionalProperties=False,
    ),
    "not strict yet": _object(_CITY | _GUESTS, required=["destination_city"]),
    "a type that does not exist": _object({"guests": {"type": "int"}}, required=["guests"]),
}


def schema_panel(client: Any, text: str = TEXT) -> Panel:
    """An editor for a JSON schema that names each problem as you type, asks `client` (a `ChatCompletionsClient`) to
    fill it from the text, and checks the answer, which can be edited as well, against the schema."""
    wide = {"layout": Layout(width="100%"), "continuous_update": True}
    preset = Dropdown(options=list(PRESETS), description="begin with")
    strict = Checkbox(True, description="strict", indent=False)
    schema = Textarea(json.dumps(PRESETS["a trip"], indent=2), description="schema", rows=10, **wide)
    source = Textarea(text, description="text", rows=3, **wide)
    answer = Textarea("", description="answer", rows=2, **wide)

    def checked() -> Rich:
        found = _listed("The schema", list(schema_problems(schema.value, strict.value)))
        if not answer.value.strip():
            return found
        return stacked(found, _listed("The answer", list(answer_problems(answer.value, schema.value))))

    def ask() -> Rich:
        if list(schema_problems(schema.value, False)):
            return checked()  # no schema yet: nothing is sent
        wanted = JsonSchemaFormat(name="panel", schema=json.loads(schema.value), strict=strict.value)
        messages = [SystemMessage("Extract the facts as JSON."), UserMessage(source.value)]
        reply = client.complete(messages=messages, response_format=wanted)
        answer.value = reply.choices[0].message.content or ""
        return checked()

    panel = Panel("A schema, checked while you type", [preset, strict, schema, source, answer], ask, button="Ask")

    def begin(_: Any) -> None:
        answer.value = ""
        schema.value = json.dumps(PRESETS[str(preset.value)], indent=2)

    preset.observe(begin, names="value")
    for control in (schema, strict, answer):
        control.observe(lambda _: panel.say(checked()), names="value")
    return panel


def schema_problems(text: str, strict: bool) -> Iterator[str]:
    """What is wrong with a schema, each with its place: JSON first, then JSON Schema (draft 2020-12), then, when it is
    `strict`, the two rules of strict mode: `additionalProperties` false, and every property in `required`."""
    try:
        schema = json.loads(text)
    except json.JSONDecodeError as error:
        yield _not_json(error)
        return
    if not isinstance(schema, dict):
        yield "The schema must be an object, in braces."
        return
    validator = jsonschema().Draft202012Validator
    wrong = validator(validator.META_SCHEMA).iter_errors(schema)
    found = [f"{_place(error.absolute_path)}: {_briefly(error)}" for error in wrong]
    yield from found
    if schema.get("type") != "object" and not found:
        yield 'At the top there must be "type": "object": the API answers with an object.'
    if strict and not found:
        yield from _not_strict(schema, [])


def answer_problems(text: str, schema: str) -> Iterator[str]:
    """Where an answer does not conform to a schema; nothing without an answer or without a schema."""
    if not text.strip() or list(schema_problems(schema, False)):
        return
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        yield _not_json(error)
        return
    for error in jsonschema().Draft202012Validator(json.loads(schema)).iter_errors(value):
        yield f"{_place(error.absolute_path)}: {_briefly(error)}"


def _not_strict(schema: Any, path: list[Any]) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            if schema.get("additionalProperties") is not False:
                yield f'{_place(path)}: strict mode wants "additionalProperties": false.'
            if missing := [name for name in schema["properties"] if name not in schema.get("required", [])]:
                yield f"{_place(path)}: strict mode wants {', '.join(missing)} in required."
        for name, part in schema.items():
            by_name = part if name in _SCHEMAS_BY_NAME and isinstance(part, dict) else {}
            for each, inner in by_name.items():
                yield from _not_strict(inner, [*path, name, each])
            if not by_name:
                yield from _not_strict(part, [*path, name])
    elif isinstance(schema, list):
        for number, part in enumerate(schema):
            yield from _not_strict(part, [*path, number])


def _not_json(error: json.JSONDecodeError) -> str:
    return f"Line {error.lineno}, column {error.colno}: this is not JSON. {error.msg}."


def _place(path: Any) -> str:
    return ".".join(map(str, path)) or "At the top"


def _briefly(error: Any) -> str:
    known = {"array", "boolean", "integer", "null", "number", "object", "string"}
    if error.absolute_path and error.absolute_path[-1] == "type" and error.instance not in known:
        return f"{error.instance!r} is not a type. The types are {', '.join(sorted(known))}."
    return error.message if len(error.message) <= 160 else f"{error.message[:160]}…"


def _listed(title: str, problems: list[str]) -> Rich:
    if not problems:
        return words(f"{title}: no complaints.")
    more = [f"… and {len(problems) - MOST} more"] if len(problems) > MOST else []
    lines = "\n".join(problems[:MOST] + more)
    return Rich(f"{title}:\n{lines}", prose(f"{title}:") + preformatted(lines))
