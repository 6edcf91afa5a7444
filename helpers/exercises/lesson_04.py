"""The checks of lesson 04, JSON mode."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from typing import Any

from pydantic import BaseModel, ValidationError

from .kinds import a_kind, called, code, expect_function, given
from .registry import exercise, expect

_WORDS = {"starter", "main", "dessert"}


@exercise(
    "4.1",
    "A shape with a way out",
    first="A class with three annotated members. `Literal[...]` lists the words that are allowed.",
    second="Each member is a line, `name: type`. Of the three types, one lists words and one has a way out.",
)
def _(Meal: Any) -> str:  # noqa: N803 (as the lesson calls it)
    begin = "`class Meal(BaseModel):`, with the three members under it. Then `Meal` is the class."
    one = "That is one meal, and this should be the class that it was made of."
    expect(not isinstance(Meal, BaseModel), one, begin)
    expect(isinstance(Meal, type), f"This should be a class, and it is {a_kind(Meal)}.", begin)
    expect(issubclass(Meal, BaseModel), "This class is not a pydantic model yet.", begin)
    names = set(Meal.model_fields)
    expect(
        names == {"course", "dish", "price"},
        f"The members should be course, dish and price; these are {', '.join(sorted(names)) or 'none'}.",
        "A member is a name with a type: `dish: str`. Without the colon and the type pydantic does not see it.",
    )
    main = {"course": "main", "dish": "Pelmeni", "price": 9.5}
    told = "What pydantic says is in parentheses: the member, and what belongs there."
    for course in ("main", "starter", "dessert"):
        _takes(Meal, main | {"course": course}, f"A {course} with everything in it is refused", told)
    words = _words(Meal)
    expect(
        not _fits(Meal, main | {"course": "soup"}) and words in (set(), _WORDS),
        f"It takes the course {code(min(words - _WORDS, default='soup'))}. Only the three words may be allowed.",
        '`Literal["one", "other"]` allows the words in it and no more.',
    )
    expect(
        not _fits(Meal, main | {"course": None}),
        "It takes a course of null. A line of a menu always has one of the three.",
        "Only the price may be null: `| None` belongs there and nowhere else.",
    )
    for dish in (None, 7):
        expect(
            not _fits(Meal, main | {"dish": dish}),
            f"It takes the dish `{json.dumps(dish)}`. Every dish has a name, which is text.",
            "`str` takes text and nothing else.",
        )
    silent = "`float | None`: a number, or null."
    _takes(Meal, main | {"price": None}, "A price of null is refused, and a menu may be silent about prices", silent)
    expect(
        not _fits(Meal, main | {"price": "as usual"}),
        "It takes the price `'as usual'`. A price is a number, or null.",
        silent,
    )
    required = set(Meal.model_json_schema().get("required", []))
    expect(
        required == names,
        f"A default takes a member off the list of required ones: {', '.join(names - required)}.",
        "Nothing after the type: without `= None` the member must be there, and may still be null.",
    )
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


def _takes(kind: type[BaseModel], value: dict[str, Any], otherwise: str, more: str = "") -> None:
    complaint = _complaint(kind, value)
    expect(not complaint, f"{otherwise}: `{json.dumps(value)}`. ({complaint})", more)


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
    takes="text",
    first="Three cases: the whole text is JSON, a fence holds it, or it is somewhere between sentences.",
    second='Where does the object begin, and where does it end? `text.find("{")` finds the first brace.',
)
def _(object_in: Any) -> str:
    expect_function(object_in)
    plain = '{"city": "Tallinn", "nights": 5}'
    right = json.loads(plain)
    told = called(object_in, plain, when="For a text that is JSON from end to end")
    given(told, "For a text that is JSON from end to end")
    expect(
        isinstance(told, dict),
        f"It should return a dictionary, and it returns {a_kind(told)}.",
        "`json.loads` makes a dictionary of JSON text.",
    )
    ends = 'From the first `{` to the last `}`: `text.find("{")` and `text.rfind("}")` give the two places.'
    reads = "`json.loads` reads JSON as it is; no Python and no repairs in between."
    silent = '{"guide": null, "breakfast": true}'
    quoting = '{"note": "null and true are words, too", "city": "L\'Aquila"}'
    nested = '{"trip": {"city": "Tallinn"}, "nights": 5}'
    cases = {
        "in a code fence": (f"Here you are:\n```json\n{plain}\n```\nAnything else?", right, ends),
        "between two sentences": (f"Certainly! {plain} I hope that this helps.", right, ends),
        "in a fence without a language": (f"```\n{plain}\n```", right, ends),
        "over several lines": (f"So:\n{json.dumps(right, indent=2)}\n", right, ends),
        "with `null` and `true` in it, which are JSON's words and not Python's,": (silent, json.loads(silent), reads),
        "whose strings hold such words, and an apostrophe,": (quoting, json.loads(quoting), reads),
        "that holds another (the last brace ends it, not the first)": (f"It is {nested}.", json.loads(nested), ends),
    }
    for where, (text, wanted, more) in cases.items():
        told = called(object_in, text, when=f"For an object {where}", more=more)
        expect(told == wanted, f"For an object {where} it returns {code(told)}.", more)
    ran = None
    with suppress(Exception):  # what is not JSON may well stop it; that comes next
        ran = object_in('{"city": (lambda: "Tallinn")()}')
    expect(
        ran != {"city": "Tallinn"},
        "Your function ran code that was hidden in the text.",
        "A model writes that text, and `eval` does whatever it says. `json.loads` only reads.",
    )
    none = "`json.loads` raises a `json.JSONDecodeError` for what is not JSON: catch it, and return `None`."
    for nothing in ("I cannot read that email.", '{"city": "Tallinn", "ni', "I cannot fill in {city}."):
        told = called(object_in, nothing, when=f"For {code(nothing)}, where there is no object,", more=none)
        expect(told is None, f"For {code(nothing)} there is no object to return: `None`, and not {code(told)}.", none)
    return "Right: frame or no frame, and `None` where there is no whole object."


@exercise(
    "4.3",
    "Make it strict",
    takes="schema",
    first="Every object needs `additionalProperties`, and `required` with all its names. Objects hold objects.",
    second="A function that calls itself: for a dict, on each value; for a list, on each item; anything else stays.",
)
def _(strict: Any) -> str:
    expect_function(strict)
    flat = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]}
    before = copy.deepcopy(flat)
    told = called(strict, flat, when="For an object with two members")
    given(told)
    expect(type(told) is dict, f"It should return a schema, a dictionary, and it returns {a_kind(told)}.")
    new = "Build a new dictionary, `{name: ... for name, part in schema.items()}`, and return that one."
    expect(flat == before, "It changes the schema that it was given. Return a new one instead.", new)
    expect(
        told.get("additionalProperties") is False,
        f"At the top, `additionalProperties` is {code(told.get('additionalProperties', 'missing'))}.",
        "It should be `False`, in every part whose type is `object`.",
    )
    required = told.get("required")
    all_names = '`list(schema["properties"])` has the names of all members.'
    expect(isinstance(required, list | tuple), f"`required` is {code(required)}; JSON wants a list there.", all_names)
    expect(sorted(required) == ["a", "b"], f"`required` is {code(required)}, and should name a and b.", all_names)
    expect(told.get("properties") == flat["properties"], "The properties are not what they were.")
    guest = {"type": "object", "properties": {"name": {"type": "string"}}}
    guests = {"type": "array", "items": guest}
    deeper = "An object may hide in any value: call `strict` on each of them."
    in_lists = "`anyOf` holds a list: call `strict` on each item of a list as well."
    bare = 'Not every object lists members: `schema.get("properties", {})` is empty for one that does not.'
    places = {
        "an object in an object": ({"type": "object", "properties": {"guest": guest}}, deeper),
        "the items of a list": ({"type": "object", "properties": {"guests": guests}}, deeper),
        "a definition in `$defs`": (
            {"type": "object", "properties": {"g": {"$ref": "#/$defs/G"}}, "$defs": {"G": guest}},
            deeper,
        ),
        "a choice, `anyOf`": (
            {"type": "object", "properties": {"g": {"anyOf": [guest, {"type": "null"}]}}},
            in_lists,
        ),
        "an object without `properties`": ({"type": "object", "properties": {"any": {"type": "object"}}}, bare),
    }
    for place, (schema, more) in places.items():
        before = copy.deepcopy(schema)
        told = called(strict, schema, when=f"For {place}", more=more)
        expect(_all_strict(told), f"Not strict yet: {place}.", more)
        expect(schema == before, f"It changes the schema that it was given: {place}. Copy what is inside as well.", new)
    odd = {"type": "object", "properties": {"properties": {"type": "string"}}}
    named = called(strict, odd, when="For a member that is called properties,")
    expect(
        list(named["required"]) == ["properties"] and named["properties"] == odd["properties"],
        "A member may be called properties, and is a member like any other.",
        'What makes a part an object is its type: `schema.get("type") == "object"`.',
    )
    return "Right: whatever is inside, strict mode accepts it now."


def _all_strict(schema: Any) -> bool:
    if isinstance(schema, list):
        return all(map(_all_strict, schema))
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object":
        names = set(schema.get("properties", {}))
        right = schema.get("additionalProperties") is False and set(schema.get("required", [])) == names
        return right and all(map(_all_strict, schema.values()))
    return all(map(_all_strict, schema.values()))
