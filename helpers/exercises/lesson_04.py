"""The checks of lesson 04, JSON mode."""

from __future__ import annotations

import copy
import json
from typing import Any

from pydantic import BaseModel, ValidationError

from .kinds import called, expect_function, given
from .registry import exercise, expect

_WORDS = {"starter", "main", "dessert"}


@exercise(
    "4.1",
    "A shape with a way out",
    first="A class with three annotated members. Literal[...] lists the words that are allowed.",
    second="float | None without a default: the member must be there, and may be null.",
)
def _(kind: Any) -> str:
    expect(not isinstance(kind, BaseModel), "That is one meal. Wanted is the class that it was made of.")
    expect(
        isinstance(kind, type) and issubclass(kind, BaseModel), "Wanted is the class, a BaseModel; pass it by its name."
    )
    names = set(kind.model_fields)
    expect(
        names == {"course", "dish", "price"},
        f"The members should be course, dish and price; these are {', '.join(sorted(names)) or 'none'}.",
    )
    main = {"course": "main", "dish": "Pelmeni", "price": 9.5}
    for course in ("main", "starter", "dessert"):
        _takes(kind, main | {"course": course}, f"A {course} with everything in it is refused")
    words = _words(kind)
    expect(
        not _fits(kind, main | {"course": "soup"}) and words in (set(), _WORDS),
        f"It takes the course {min(words - _WORDS, default='soup')!r}. Only the three words may be allowed.",
    )
    for dish in (None, 7):
        expect(
            not _fits(kind, main | {"dish": dish}),
            f"It takes the dish {json.dumps(dish)}. Every dish has a name, a text.",
        )
    _takes(kind, main | {"price": None}, "A price of null is refused, and a menu may be silent about prices")
    expect(not _fits(kind, main | {"price": "dear"}), "It takes the price 'dear'. A price is a number, or null.")
    required = set(kind.model_json_schema().get("required", []))
    expect(required == names, f"A default takes a member off the list of required ones: {', '.join(names - required)}.")
    return "Right: the schema says what may be there, and lets the model say that it does not know."


def _complaint(kind: type[BaseModel], value: dict[str, Any]) -> str:
    """What pydantic has against a value, first of all; empty when nothing."""
    try:
        kind.model_validate_json(json.dumps(value))
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return ""


def _fits(kind: type[BaseModel], value: dict[str, Any]) -> bool:
    return not _complaint(kind, value)


def _takes(kind: type[BaseModel], value: dict[str, Any], otherwise: str) -> None:
    complaint = _complaint(kind, value)
    expect(not complaint, f"{otherwise}: {json.dumps(value)}. ({complaint})")


def _words(kind: type[BaseModel]) -> set[str]:
    """The words that the schema lists for `course`; none when it says that in another way."""
    schema = kind.model_json_schema()
    course = schema["properties"]["course"]
    if "$ref" in course:
        course = schema["$defs"][course["$ref"].rpartition("/")[2]]
    options = [course, *course.get("anyOf", [])]
    return {word for option in options for word in option.get("enum", [option.get("const")]) if word is not None}


@exercise(
    "4.2",
    "The object in the frame",
    first="Three cases: the whole text is JSON, a fence holds it, or it stands between sentences.",
    second="text[text.find('{') : text.rfind('}') + 1] finds it in all three; json.loads may still refuse it.",
)
def _(object_in: Any) -> str:
    expect_function(object_in)
    plain = '{"city": "Tallinn", "nights": 5}'
    right = json.loads(plain)
    told = called(object_in, plain, when="For a text that is JSON from end to end")
    expect(told is not None, "For a text that is JSON from end to end it returns nothing: is there a return?")
    expect(
        isinstance(told, dict), f"Wanted is a dictionary, and this returns {type(told).__name__}: json.loads makes one."
    )
    silent = '{"guide": null, "breakfast": true}'
    nested = '{"trip": {"city": "Tallinn"}, "nights": 5}'
    cases = {
        "in a code fence": (f"Here you are:\n```json\n{plain}\n```\nAnything else?", right),
        "between two sentences": (f"Certainly! {plain} I hope that this helps.", right),
        "in a fence without a language": (f"```\n{plain}\n```", right),
        "over several lines": (f"So:\n{json.dumps(right, indent=2)}\n", right),
        "with null and true in it, which are JSON's words and not Python's,": (silent, json.loads(silent)),
        "that holds another (the last brace ends it, not the first)": (f"It is {nested}.", json.loads(nested)),
    }
    for where, (text, wanted) in cases.items():
        told = called(object_in, text, when=f"For an object {where}")
        expect(told == wanted, f"For an object {where} it returns {told!r}.")
    for nothing in ("I cannot read that mail.", '{"city": "Tallinn", "ni', "I cannot fill in {city}."):
        told = called(object_in, nothing, when=f"For {nothing!r}, where there is no object,")
        expect(told is None, f"For {nothing!r} there is no object to return: None, and not {told!r}.")
    return "Right: frame or no frame, and None where nothing whole is to be had."


@exercise(
    "4.3",
    "Make it strict",
    first="Two entries for every object: additionalProperties, and required with all its names. Objects hold objects.",
    second="A function that calls itself: for a dict, on each value; for a list, on each item; else the value itself.",
)
def _(strict: Any) -> str:
    expect_function(strict)
    flat = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]}
    before = copy.deepcopy(flat)
    told = called(strict, flat, when="For an object with two members")
    given(told)
    expect(type(told) is dict, f"Wanted is a schema, a dictionary, and this returns {type(told).__name__}.")
    expect(flat == before, "It changes the schema that it was given. Return a new one instead.")
    expect(
        told.get("additionalProperties") is False,
        f"At the top, additionalProperties is {told.get('additionalProperties', 'missing')!r}; wanted is False.",
    )
    required = told.get("required")
    expect(isinstance(required, list | tuple), f"required is {required!r}; JSON wants a list there.")
    expect(sorted(required) == ["a", "b"], f"required is {required}, and should name a and b.")
    expect(told.get("properties") == flat["properties"], "The properties are not what they were.")
    guest = {"type": "object", "properties": {"name": {"type": "string"}}}
    places = {
        "an object in an object": {"type": "object", "properties": {"guest": guest}},
        "the items of a list": {"type": "object", "properties": {"guests": {"type": "array", "items": guest}}},
        "a definition in $defs": {"type": "object", "properties": {"g": {"$ref": "#/$defs/G"}}, "$defs": {"G": guest}},
        "a choice, anyOf": {"type": "object", "properties": {"g": {"anyOf": [guest, {"type": "null"}]}}},
    }
    for place, schema in places.items():
        before = copy.deepcopy(schema)
        told = called(strict, schema, when=f"For {place}")
        expect(_all_strict(told), f"Not strict yet: {place}.")
        expect(schema == before, f"It changes the schema that it was given: {place}. Copy what is inside, too.")
    odd = {"type": "object", "properties": {"properties": {"type": "string"}}}
    named = called(strict, odd, when="For a member that is called properties")
    expect(
        list(named["required"]) == ["properties"] and named["properties"] == odd["properties"],
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
