"""The checks of lesson 04, JSON mode."""

from __future__ import annotations

import copy
import json
from typing import Any

from pydantic import BaseModel, ValidationError

from .core import exercise, expect


@exercise(
    "4.1",
    "A shape with a way out",
    first="A class with three annotated members. Literal[...] lists the words that are allowed.",
    second="float | None without a default: the member must be there, and may be null.",
)
def _(kind: Any) -> str:
    expect(
        isinstance(kind, type) and issubclass(kind, BaseModel), "Wanted is the class, a BaseModel; pass it by its name."
    )
    names = set(kind.model_fields)
    expect(
        names == {"course", "dish", "price"},
        f"The members should be course, dish and price; these are {', '.join(sorted(names))}.",
    )
    main = {"course": "main", "dish": "Pelmeni", "price": 9.5}
    _takes(kind, main, "A dish with everything in it is refused")
    for course in ("starter", "dessert"):
        _takes(kind, main | {"course": course}, f"The course {course!r} is refused")
    expect(
        not _fits(kind, main | {"course": "soup"}), "It takes the course 'soup'. Only the three words may be allowed."
    )
    _takes(kind, main | {"price": None}, "A price of null is refused, and a menu may be silent about prices")
    expect(not _fits(kind, main | {"price": "dear"}), "It takes the price 'dear'. A price is a number, or null.")
    required = set(kind.model_json_schema().get("required", []))
    expect(required == names, f"A default takes a member off the list of required ones: {', '.join(names - required)}.")
    return "Right: the schema says what may be there, and lets the model say that it does not know."


def _fits(kind: type[BaseModel], value: dict[str, Any]) -> bool:
    try:
        kind.model_validate_json(json.dumps(value))
    except ValidationError:
        return False
    return True


def _takes(kind: type[BaseModel], value: dict[str, Any], otherwise: str) -> None:
    expect(_fits(kind, value), f"{otherwise}: {json.dumps(value)}.")


@exercise(
    "4.2",
    "The object in the frame",
    first="Three cases: the whole text is JSON, a fence holds it, or it stands between sentences.",
    second="text[text.find('{') : text.rfind('}') + 1] finds it in all three; json.loads may still refuse it.",
)
def _(object_in: Any) -> str:
    expect(callable(object_in), "Wanted is the function itself: pass its name, without calling it.")
    plain = '{"city": "Tallinn", "nights": 5}'
    right = json.loads(plain)
    told = object_in(plain)
    expect(told is not None, "For a text that is JSON from end to end it returns nothing: is there a return?")
    expect(
        isinstance(told, dict), f"Wanted is a dictionary, and this returns {type(told).__name__}: json.loads makes one."
    )
    cases = {
        "in a code fence": f"Here you are:\n```json\n{plain}\n```\nAnything else?",
        "between two sentences": f"Certainly! {plain} I hope that this helps.",
        "in a fence without a language": f"```\n{plain}\n```",
        "over several lines": f"So:\n{json.dumps(right, indent=2)}\n",
    }
    for where, text in cases.items():
        expect(
            _of(object_in, text, where) == right, f"For an object {where} it returns {_of(object_in, text, where)!r}."
        )
    nested = 'It is {"trip": {"city": "Tallinn"}, "nights": 5}.'
    expect(
        _of(object_in, nested, "in an object") == {"trip": {"city": "Tallinn"}, "nights": 5},
        "An object may hold another: the last brace ends it, not the first.",
    )
    for nothing in ("I cannot read that mail.", '{"city": "Tallinn", "ni'):
        expect(_of(object_in, nothing, "missing") is None, f"For {nothing!r} there is no object to return: None.")
    return "Right: frame or no frame, and None where nothing whole is to be had."


def _of(function: Any, text: str, where: str) -> Any:
    try:
        return function(text)
    except (ValueError, AttributeError, TypeError, IndexError) as error:
        expect(False, f"For an object that is {where} it stops with {type(error).__name__}: {error}")
        raise


@exercise(
    "4.3",
    "Make it strict",
    first="Two entries for every object: additionalProperties, and required with all its names. Objects hold objects.",
    second="A function that calls itself: for a dict, on each value; for a list, on each item; else the value itself.",
)
def _(strict: Any) -> str:
    expect(callable(strict), "Wanted is the function itself: pass its name, without calling it.")
    flat = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]}
    before = copy.deepcopy(flat)
    told = strict(flat)
    expect(told is not None, "The function returns nothing: it needs a return.")
    expect(flat == before, "It changes the schema that it was given. Return a new one instead.")
    expect(
        told.get("additionalProperties") is False,
        "additionalProperties is not false at the top of what it returns.",
    )
    expect(
        sorted(told.get("required", [])) == ["a", "b"], f"required is {told.get('required')}, and should name a and b."
    )
    expect(told["properties"] == flat["properties"], "The properties are not what they were.")
    guest = {"type": "object", "properties": {"name": {"type": "string"}}}
    places = {
        "an object in an object": {"type": "object", "properties": {"guest": guest}},
        "the items of a list": {"type": "object", "properties": {"guests": {"type": "array", "items": guest}}},
        "a definition": {"type": "object", "properties": {"g": {"$ref": "#/$defs/G"}}, "$defs": {"G": guest}},
        "a choice": {"type": "object", "properties": {"g": {"anyOf": [guest, {"type": "null"}]}}},
    }
    for place, schema in places.items():
        expect(_all_strict(strict(copy.deepcopy(schema))), f"{place.capitalize()} is not strict yet.")
    named = strict({"type": "object", "properties": {"properties": {"type": "string"}}})
    expect(
        named["required"] == ["properties"] and named["properties"] == {"properties": {"type": "string"}},
        "A member may be called properties. It is a member like any other: look at type instead.",
    )
    return "Right: whatever is inside, strict mode takes it now."


def _all_strict(schema: Any) -> bool:
    if isinstance(schema, list):
        return all(map(_all_strict, schema))
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object":
        right = schema.get("additionalProperties") is False and set(schema.get("required", [])) == set(
            schema["properties"]
        )
        return right and all(map(_all_strict, schema.values()))
    return all(map(_all_strict, schema.values()))
