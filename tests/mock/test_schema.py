"""Whatever schema is accepted, the value conforms to it; what cannot be met is refused, quickly and with a reason."""

import json
import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry

from helpers.mock.schema import Context, UnsupportedSchema, check, check_strict, conforming
from helpers.mock.schema import valid as judged_valid

TALK = Context(
    "Book 3 nights for Ana Ruiz and Bo Lind in Zorvek and Bexlum from 12 May, with breakfast; write to ana@x.org. "
    "A flight from Öståra to Quillmoz costs €99.",
    earlier=("I prefer a green room.",),
    answer="Yes. The mood is positive, and the total is 3.",
)

_NAMES = st.sampled_from(
    ["city", "origin_city", "to", "count", "answer", "guests", "date", "email", "x", "is_ok", "tags"]
)
_VALUES = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.sampled_from(["a", "green", "celsius", ""]))
_SMALL = st.integers(0, 4)


def _some(**keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=keywords)


_LEAVES = st.one_of(
    st.booleans(),
    st.builds(lambda value: {"const": value}, _VALUES),
    st.builds(lambda values: {"enum": values}, st.lists(_VALUES, min_size=1, max_size=4)),
    _some(
        type=st.sampled_from(["string", ["string", "null"]]),
        minLength=_SMALL,
        maxLength=st.integers(2, 12),
        pattern=st.sampled_from(["^[a-z]+$", r"\d", "^(foo|bar)", "e", r"^\S*$"]),
        format=st.sampled_from(
            ["date", "date-time", "time", "email", "uri", "uuid", "ipv4", "hostname", "duration", "odd"]
        ),
    ),
    _some(
        type=st.sampled_from(["integer", "number", ["integer", "string"], ["number", "null"]]),
        minimum=st.integers(-10, 10),
        maximum=st.floats(0, 20, allow_nan=False),
        exclusiveMinimum=st.integers(-10, 10),
        exclusiveMaximum=st.integers(0, 20),
        multipleOf=st.sampled_from([1, 2, 3, 0.5, 0.1, 2.5]),
    ),
    st.builds(
        lambda kind: {"type": kind}, st.sampled_from(["boolean", "null", "object", "array", "string", "integer"])
    ),
    st.just({"$ref": "#/$defs/shared"}),
    st.just({"$ref": "#"}),
)


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    members = st.dictionaries(_NAMES, inner, max_size=3)
    return st.one_of(
        _some(
            type=st.just("object"),
            properties=members,
            required=st.lists(_NAMES, unique=True, max_size=2),
            additionalProperties=inner,
            patternProperties=st.dictionaries(st.sampled_from(["^x", "t", "^[a-c]+$"]), inner, max_size=1),
            propertyNames=st.sampled_from([{"maxLength": 6}, {"pattern": "^[a-z_]+$"}]),
            minProperties=_SMALL,
            maxProperties=st.integers(1, 5),
            dependentRequired=st.dictionaries(_NAMES, st.lists(_NAMES, unique=True, max_size=2), max_size=1),
            dependentSchemas=st.dictionaries(_NAMES, inner, max_size=1),
        ),
        _some(
            type=st.just("array"),
            items=inner,
            prefixItems=st.lists(inner, min_size=1, max_size=2),
            minItems=_SMALL,
            maxItems=st.integers(1, 5),
            uniqueItems=st.booleans(),
            contains=inner,
        ),
        st.builds(
            lambda key, parts: {key: parts},
            st.sampled_from(["anyOf", "oneOf", "allOf"]),
            st.lists(inner, min_size=1, max_size=3),
        ),
        st.builds(
            lambda part, other: {**other, "not": part} if isinstance(other, dict) else {"not": part}, inner, inner
        ),
        st.builds(lambda a, b, c: {"if": a, "then": b, "else": c}, inner, inner, inner),
    )


SCHEMAS = st.builds(
    lambda schema, shared: {**schema, "$defs": {"shared": shared}} if isinstance(schema, dict) else schema,
    st.recursive(_LEAVES, _nested, max_leaves=8),
    st.recursive(_LEAVES, _nested, max_leaves=3),
)


def valid(schema: Any, value: Any) -> bool:
    return Draft202012Validator(schema, registry=Registry()).is_valid(value)


def refused(schema: Any) -> bool:
    try:
        check(schema)
    except UnsupportedSchema:
        return True
    return False


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SCHEMAS, st.sampled_from([TALK, Context(""), Context("Tell me a joke")]))
def test_what_is_accepted_is_met(schema: Any, context: Context) -> None:
    if refused(schema):
        with pytest.raises(UnsupportedSchema):
            conforming(schema, context)
        return
    value = conforming(schema, context)
    assert valid(schema, value)
    assert json.loads(json.dumps(value, allow_nan=False)) == value
    assert conforming(schema, context) == value


def _obj(required: bool = True, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties) if required else []}


S, I, B = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}  # noqa: E741


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (_obj(origin_city=S, destination_city=S), {"origin_city": "Öståra", "destination_city": "Quillmoz"}),
        (_obj(flight=_obj(**{"from": S, "to": S})), {"flight": {"from": "Öståra", "to": "Quillmoz"}}),
        (
            _obj(origin=_obj(city=S), destination=_obj(city=S)),
            {"origin": {"city": "Öståra"}, "destination": {"city": "Quillmoz"}},
        ),
        (_obj(cities={"type": "array", "items": S}), {"cities": ["Zorvek", "Bexlum", "Öståra", "Quillmoz"]}),
        (
            _obj(guests={"type": "array", "items": _obj(name=S)}),
            {"guests": [{"name": "Ana Ruiz"}, {"name": "Bo Lind"}]},
        ),
        (
            _obj(nights=I, breakfast=B, color={"enum": ["red", "green"]}),
            {"nights": 3, "breakfast": True, "color": "green"},
        ),
        (_obj(date={"type": "string", "format": "date"}), {"date": "2025-05-12"}),
        (_obj(email={"type": "string", "format": "email"}), {"email": "ana@x.org"}),
        (_obj(price={"type": "number"}), {"price": 99}),
        (_obj(answer=S), {"answer": TALK.answer}),
        (_obj(mood={"enum": ["negative", "positive"]}), {"mood": "positive"}),
        (_obj(required=False, nights=I, weight=I, nickname=S), {"nights": 3}),
        (
            _obj(phone={"anyOf": [S, {"type": "null"}]}, nights={"type": ["integer", "null"]}),
            {"phone": None, "nights": 3},
        ),
    ],
)
def test_content_comes_from_the_conversation(schema: Any, expected: Any) -> None:
    assert conforming(schema, TALK) == expected


def test_the_answer_labels_its_parts() -> None:
    context = Context("What is the capital of Zorvekia?", answer="The capital of Zorvekia is Bexlum.")
    assert conforming(_obj(capital=S, country=S), context) == {"capital": "Bexlum", "country": "Zorvekia"}
    context = Context("How many languages are there?", answer="There are about 7,100 languages.")
    assert conforming(_obj(count=I), context) == {"count": 7100}


def test_defaults_where_the_conversation_is_silent() -> None:
    schema = _obj(
        a={"type": "string", "default": "plain"}, b={"type": "integer", "minimum": 5}, c=B, d={"type": "array"}
    )
    assert conforming(schema, Context("Hello")) == {"a": "plain", "b": 5, "c": False, "d": []}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/n", "$defs": {"n": _obj(value=I, next={"anyOf": [{"$ref": "#/$defs/n"}, {"type": "null"}]})}},
        {"$id": "https://example.com/tree", **_obj(children={"type": "array", "items": {"$ref": "#"}})},
        {"$ref": "#leaf", "$defs": {"l": {"$anchor": "leaf", "type": "integer", "minimum": 3}}},
        _obj(left={"oneOf": [{"$ref": "#"}, {"type": "null"}]}),
        {"oneOf": [{"type": "number"}, {"type": "integer"}]},
        {"type": "array", "contains": {"const": 5}, "items": I, "minItems": 3, "uniqueItems": True},
        {"type": "array", "prefixItems": [S, I], "items": False, "minItems": 2},
        {"type": "object", "patternProperties": {"^x_": I}, "additionalProperties": False, "minProperties": 3},
        {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$", "maxLength": 6},
        {"type": "string", "minLength": 500, "maxLength": 501},
        {"type": "number", "multipleOf": 0.1, "exclusiveMinimum": 1, "exclusiveMaximum": 1.25},
        {**_obj(required=False, a=S, b=S), "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        {**_obj(a=S), "dependentRequired": {"a": ["b"]}, "dependentSchemas": {"b": {"required": ["c"]}}},
        {"if": {"type": "string"}, "then": {"minLength": 9}, "else": False},
        {"type": "array", "minItems": 1000, "uniqueItems": True, "items": S},
        {"type": "string", "pattern": "(a+)+$"},
    ],
)
def test_hard_schemas_are_met(schema: Any) -> None:
    assert valid(schema, conforming(schema, TALK))


_BILLION: dict[str, Any] = {
    f"a{n}": _obj(x={"$ref": f"#/$defs/a{n + 1}"}, y={"$ref": f"#/$defs/a{n + 1}"}) for n in range(30)
}


def _deep(levels: int) -> Any:
    schema: Any = S
    for _ in range(levels):
        schema = {"items": schema}
    return schema


@pytest.mark.parametrize(
    ("schema", "path", "reason"),
    [
        ("string", (), "object or a boolean"),
        (False, (), "no value satisfies"),
        ({"type": "strin"}, ("type",), "not a valid JSON Schema"),
        (_obj(a={"$ref": "https://example.com/a"}), ("properties", "a", "$ref"), "outside this schema"),
        ({"$ref": "#/$defs/none"}, ("$ref",), "leads nowhere"),
        ({"$ref": "#"}, (), "refers to itself"),
        ({"anyOf": [{"$ref": "#"}, S]}, None, "refers to itself"),
        (_obj(a={"$ref": "#"}), (), "no value satisfies"),
        (_obj(a={"minimum": 3, "maximum": 2}), ("properties", "a", "minimum"), "greater than"),
        ({"allOf": [{"minimum": 3}, {"maximum": 2}], "type": "integer"}, (), "no value satisfies"),
        ({"enum": []}, ("enum",), "allows nothing"),
        ({"type": "string", "pattern": r"^(?=.*\d)a"}, ("pattern",), "assert"),
        ({"type": "array", "minItems": 1001}, ("minItems",), "more than"),
        ({"type": "string", "minLength": 10**9}, ("minLength",), "more than"),
        ({"unevaluatedProperties": False}, ("unevaluatedProperties",), "not supported"),
        (_deep(200), None, "levels deep"),
        (_deep(20_000), None, "levels deep"),
        ({"enum": list(range(6_000))}, (), "values in the schema"),
        ({"$ref": "#/$defs/a0", "$defs": {**_BILLION, "a30": S}}, (), "bounds of the search"),
        ({"type": "array", "minItems": 1000, "items": {"type": "array", "minItems": 1000}}, (), "bounds of the search"),
        ({"type": "number", "minimum": 1e300}, (), "no value satisfies"),
    ],
)
def test_refusals_say_where_and_why(schema: Any, path: tuple[Any, ...] | None, reason: str) -> None:
    with pytest.raises(UnsupportedSchema, match=re.escape(reason)) as refusal:
        check(schema)
    if path is not None:
        assert refusal.value.path == path


def test_a_hundred_levels_are_accepted() -> None:
    schema: Any = S
    for _ in range(49):
        schema = _obj(a=schema)
    assert valid(schema, conforming(schema, TALK))


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket", None)
    with pytest.raises(UnsupportedSchema):
        check({"allOf": [{"$ref": "http://127.0.0.1:1/schema.json"}]})


def test_strict_wants_every_property_required_and_no_others() -> None:
    check_strict({**_obj(a=S), "additionalProperties": False})
    with pytest.raises(UnsupportedSchema, match="'additionalProperties' is required to be supplied and to be false"):
        check_strict(_obj(a=S))
    inner = {**_obj(required=False, b=S), "additionalProperties": False}
    with pytest.raises(UnsupportedSchema, match="Missing 'b'") as refusal:
        check_strict({**_obj(a=inner), "additionalProperties": False})
    assert refusal.value.path == ("properties", "a")
    with pytest.raises(UnsupportedSchema, match="type"):
        check_strict(S)


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf", "allOf"])
@pytest.mark.parametrize("below", [{}, {"not": {}}])
def test_references_that_double_at_every_level_end_the_search(keyword, below):
    levels = {f"l{n}": {keyword: [{"$ref": f"#/$defs/l{n + 1}"}] * 2} for n in range(40)}
    chain = {"$defs": {**levels, "l40": {"enum": [1]}}}
    part = {"not": {"$ref": "#/$defs/l0"}} if below else {"$ref": "#/$defs/l0"}
    with suppress(UnsupportedSchema):  # what matters is that it ends
        assert judged_valid(part | chain, conforming(part | chain, Context("Ann is 34.")))


def test_many_alternatives_that_nothing_satisfies_end_the_search():
    groups = [{"anyOf": [{"enum": [a, b]} for a in range(20)]} for b in range(60)]
    with pytest.raises(UnsupportedSchema):
        check({"anyOf": groups, "not": {"type": "integer"}})
