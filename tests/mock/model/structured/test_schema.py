"""Whatever schema is accepted, the value conforms to it; what cannot be met is refused, quickly and with a reason."""

import json
import re
from contextlib import suppress
from datetime import date
from time import process_time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator
from jsonschema.validators import validator_for
from referencing import Registry

from helpers.mock.model.structured.schema import Context, Schema, UnsupportedSchema, inspect

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


KEPT_FORMATS = ["date", "date-time", "time", "duration", "email", "uri", "uuid", "ipv4", "ipv6", "hostname"]
_LEAVES = st.one_of(
    st.booleans(),
    st.builds(lambda value: {"const": value}, _VALUES),
    st.builds(lambda values: {"enum": values}, st.lists(_VALUES, min_size=1, max_size=4)),
    _some(
        type=st.sampled_from(["string", ["string", "null"]]),
        minLength=_SMALL,
        maxLength=st.integers(2, 12),
        pattern=st.sampled_from(
            ["^[a-z]+$", r"\d", "^(foo|bar)", "e", r"^\S*$", r"^(?=.*\d)(?=.*[a-z]).{4,}$", "(a+)+$"]
        ),
        format=st.sampled_from([*KEPT_FORMATS, "odd"]),
    ),
    st.builds(
        lambda form, rest: {"type": "string", "format": form, **rest},
        st.sampled_from(KEPT_FORMATS),
        st.sampled_from([{}, {"maxLength": 12}, {"minLength": 30}, {"pattern": "^2"}, {"pattern": "[0-9]$"}]),
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
            minContains=st.integers(0, 3),
            maxContains=st.integers(1, 3),
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
        st.builds(lambda values: {"oneOf": [{"const": value} for value in values]}, st.lists(_VALUES, min_size=1)),
    )


SCHEMAS = st.builds(
    lambda schema, shared: {**schema, "$defs": {"shared": shared}} if isinstance(schema, dict) else schema,
    st.recursive(_LEAVES, _nested, max_leaves=8),
    st.recursive(_LEAVES, _nested, max_leaves=3),
)


def valid(schema: Any, value: Any) -> bool:
    """The library's verdict, by the draft that the schema names."""
    kind = validator_for(schema, default=Draft202012Validator)
    return kind(schema, registry=Registry()).is_valid(value)


def conforming(schema: Any, context: Context) -> Any:
    return Schema(schema).conforming(context)


def check(schema: Any) -> None:
    conforming(schema, Context(""))


CONTEXTS = st.sampled_from([TALK, Context(""), Context("Tell me a joke"), Context("2 chairs at 45 EUR each, 1 table")])
SECONDS = 4.0  # of processor time for any schema: about 1 where nothing else runs, the rest for a busy machine


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SCHEMAS, CONTEXTS)
def test_what_is_accepted_is_met(schema: Any, context: Context) -> None:
    _met_or_refused(schema, context)


@pytest.mark.slow
@settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck))
@given(SCHEMAS, CONTEXTS)
def test_what_is_accepted_is_met_three_thousand_times(schema: Any, context: Context) -> None:
    begin = process_time()
    _met_or_refused(schema, context)
    assert process_time() - begin < 3 * SECONDS  # it is built twice, and judged


def _met_or_refused(schema: Any, context: Context) -> None:
    try:
        value = conforming(schema, context)
    except UnsupportedSchema:
        return
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
        {"type": "array", "items": I, "minItems": 3, "uniqueItems": True},
        {"type": "array", "prefixItems": [S, I], "items": False, "minItems": 2},
        {"type": "object", "patternProperties": {"^x_": I}, "additionalProperties": S, "minProperties": 3},
        {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$", "maxLength": 6},
        {"type": "string", "minLength": 500, "maxLength": 501},
        {"type": "number", "multipleOf": 0.1, "exclusiveMinimum": 1, "exclusiveMaximum": 1.25},
        {"type": "integer", "minimum": 0, "exclusiveMaximum": 2**64},
        {**_obj(required=False, a=S, b=S), "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        {
            **_obj(a=S, b=S, c=S),
            "required": ["a"],
            "dependentRequired": {"a": ["b"]},
            "dependentSchemas": {"b": {"required": ["c"]}},
        },
        {"type": "array", "minItems": 1000, "uniqueItems": True, "items": S},
        {"type": "string", "pattern": "(a+)+$"},
        {"type": "array", "items": {"type": "string", "pattern": "^[A-Z]{3}$"}, "minItems": 3, "uniqueItems": True},
    ],
)
def test_hard_schemas_are_met(schema: Any) -> None:
    assert valid(schema, conforming(schema, TALK))


HEAVY = pytest.mark.heavy
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
        ({"$ref": "#none"}, ("$ref",), "leads nowhere"),
        ({"$ref": "#"}, (), "bounds of the search"),
        ({"anyOf": [{"$ref": "#"}, S]}, (), "bounds of the search"),
        (_obj(a={"$ref": "#"}), (), "no value satisfies"),
        (_obj(a={"minimum": 3, "maximum": 2}), ("properties", "a", "minimum"), "greater than"),
        ({"allOf": [{"minimum": 3}, {"maximum": 2}], "type": "integer"}, (), "no value satisfies"),
        ({"enum": []}, (), "no value satisfies"),
        ({"type": "string", "pattern": r"^(?!.*\d)a"}, ("pattern",), "assert"),
        ({"type": "array", "minItems": 1001}, ("minItems",), "more than"),
        ({"type": "string", "minLength": 10**9}, ("minLength",), "more than"),
        ({"unevaluatedProperties": False}, ("unevaluatedProperties",), "not supported"),
        (_deep(200), None, "levels deep"),
        (_deep(4_000), None, "levels deep"),
        ({"enum": list(range(6_000))}, (), "values in the schema"),
        pytest.param({"$ref": "#/$defs/a0", "$defs": {**_BILLION, "a30": S}}, (), "bounds of the search", marks=HEAVY),
        ({"type": "array", "minItems": 1000, "items": {"type": "array", "minItems": 1000}}, (), "bounds of the search"),
        ({"type": "number", "minimum": 1e300}, (), "no value satisfies"),
        ({"type": "number", "minimum": float("inf")}, (), "none of JSON"),
        pytest.param({"type": "string", "pattern": "(a?){1000}a{1000}"}, (), "bounds of the search", marks=HEAVY),
    ],
)
def test_refusals_say_where_and_why(schema: Any, path: tuple[Any, ...] | None, reason: str) -> None:
    with pytest.raises(UnsupportedSchema, match=re.escape(reason)) as refusal:
        check(schema)
    if path is not None:
        assert refusal.value.path == path


def test_of_several_faults_every_process_tells_the_same() -> None:
    with pytest.raises(UnsupportedSchema) as refusal:
        check(_obj(**{name: {"title": number} for number, name in enumerate("cafbed")}))
    assert refusal.value.path == ("properties", "a", "title")


def test_a_hundred_levels_are_accepted() -> None:
    schema: Any = S
    for _ in range(49):
        schema = _obj(a=schema)
    assert valid(schema, conforming(schema, TALK))


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket", None)
    with pytest.raises(UnsupportedSchema):
        check({"allOf": [{"$ref": "http://127.0.0.1:1/schema.json"}]})


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf", "allOf"])
@pytest.mark.parametrize("below", [{}, {"not": {}}])
def test_references_that_double_at_every_level_end_the_search(keyword, below):
    levels = {f"l{n}": {keyword: [{"$ref": f"#/$defs/l{n + 1}"}] * 2} for n in range(40)}
    chain = {"$defs": {**levels, "l40": {"enum": [1]}}}
    part = {"not": {"$ref": "#/$defs/l0"}} if below else {"$ref": "#/$defs/l0"}
    with suppress(UnsupportedSchema):  # what matters is that it ends
        schema = Schema(part | chain)
        assert schema.valid(schema.conforming(Context("Ann is 34.")))


def test_many_alternatives_that_nothing_satisfies_end_the_search():
    groups = [{"anyOf": [{"enum": [a, b]} for a in range(20)]} for b in range(60)]
    with pytest.raises(UnsupportedSchema):
        check({"anyOf": groups, "not": {"type": "integer"}})


@pytest.mark.slow
@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^(([a-z])+.)+[A-Z]([a-z])+$", "minLength": 3000},
        {"type": "string", "pattern": "(.*a){200}", "minLength": 5000},
        {"type": "string", "pattern": "(a?){1000}a{1000}"},
        {"type": "object", "patternProperties": {f"^p{n}(a+)+$": I for n in range(1000)}, "minProperties": 3},
        {"enum": [f"v{n}" for n in range(4900)]},
        {"oneOf": [{"const": n} for n in range(1000)]},
        {"const": "x" * 2_000_000},
        _obj(required=False, **{f"p{n}": S for n in range(1600)}),
        {"type": "array", "items": _obj(a=S, b=I, c=S), "minItems": 1000},
        {"type": "number", "multipleOf": 1e-300, "minimum": 0.1},
        {"allOf": [{"anyOf": [{"enum": [a, b]} for a in range(10)]} for b in range(30)]},
        {"$defs": {**{f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(2000)}, "d2000": S}, "$ref": "#/$defs/d0"},
        {"$ref": "#/" + "a/" * 5000},
        _obj(**{f"p{n}": S for n in range(10_000)}),
    ],
)
def test_no_schema_takes_long(schema: Any) -> None:
    begin = process_time()
    with suppress(UnsupportedSchema):
        conforming(schema, TALK)
    assert process_time() - begin < SECONDS


DRAFT_7 = {"$schema": "http://json-schema.org/draft-07/schema#"}


@pytest.mark.parametrize("more", [{"additionalItems": False}, {"additionalItems": B}, {}])
def test_tuples_as_older_drafts_spell_them(more: Any) -> None:
    schema = {**DRAFT_7, **_obj(pair={"type": "array", "items": [B, I], "minItems": 2, **more})}
    value = conforming(schema, TALK)
    assert valid(schema, value)
    assert list(map(type, value["pair"][:2])) == [bool, int]


@pytest.mark.parametrize("name", KEPT_FORMATS)
@pytest.mark.parametrize("more", [{}, {"minLength": 3}, {"pattern": "[0-9a-zA-Z]$"}])
def test_formats_are_kept_beside_lengths_and_patterns(name: str, more: dict[str, Any]) -> None:
    schema = {"type": "string", "format": name, **more}
    value = conforming(schema, Context("Hello"))
    assert Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).is_valid(value)


def test_a_format_is_refused_rather_than_broken() -> None:
    with pytest.raises(UnsupportedSchema):
        check({"type": "string", "format": "uuid", "maxLength": 10})


@pytest.mark.parametrize(
    ("pattern", "matching"),
    [
        (r"^(?=.*[A-Z])(?=.*\d).{8,}$", r".{8}"),
        (r"(?<year>\d{4})-\d\d", r"\d{4}-\d\d"),
        (r"^[\w-\.]+@x$", r"[\w.-]+@x"),
    ],
)
def test_patterns_as_javascript_spells_them(pattern: str, matching: str) -> None:
    assert re.search(matching, conforming({"type": "string", "pattern": pattern}, Context("")))


ORDER = Context("Order for Globex: 2 chairs at 45 EUR each, 1 table for 120 EUR.", today=date(2026, 11, 20))
LINE = _obj(product=S, quantity=I, unit_price={"type": "number"})


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (
            _obj(items={"type": "array", "items": LINE}, total={"type": "number"}, currency=S),
            {
                "items": [
                    {"product": "chairs", "quantity": 2, "unit_price": 45},
                    {"product": "table", "quantity": 1, "unit_price": 120},
                ],
                "total": 210,
                "currency": "EUR",
            },
        ),
        (
            _obj(lines={"type": "array", "items": _obj(description=S, qty=I, line_total={"type": "number"})}),
            {
                "lines": [
                    {"description": "chairs", "qty": 2, "line_total": 90},
                    {"description": "table", "qty": 1, "line_total": 120},
                ]
            },
        ),
    ],
)
def test_the_lines_of_an_order_fill_an_array_of_objects(schema: Any, expected: Any) -> None:
    assert conforming(schema, ORDER) == expected


def test_dates_count_from_the_day_of_the_conversation() -> None:
    schema = _obj(departure_date={"type": "string", "format": "date"})
    context = Context("We leave in two days.", today=date(2026, 11, 20))
    assert conforming(schema, context) == {"departure_date": "2026-11-22"}


def test_a_member_without_a_type_gets_what_its_name_asks_for() -> None:
    assert conforming(_obj(nights={}, destination_city={}, email={}), TALK) == {
        "nights": 3,
        "destination_city": "Quillmoz",
        "email": "ana@x.org",
    }


_KEYWORDS = st.sampled_from(
    ["type", "enum", "required", "properties", "items", "minimum", "multipleOf", "minLength",
    "anyOf", "pattern", "format",
     "uniqueItems", "dependentRequired", "prefixItems", "$ref", "title", "examples", "not", "$defs", "maxItems"]
)  # fmt: skip
_ODD = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-2, 9), st.floats(-2, 9), st.sampled_from(["string", "#", "x", "integer"])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYWORDS, inner, max_size=3)),
    max_leaves=6,
)


@given(st.dictionaries(_KEYWORDS, _ODD, max_size=3))
def test_what_the_metaschema_refuses_is_refused(schema: dict[str, Any]) -> None:
    try:
        inspect(schema)
    except UnsupportedSchema:
        return
    judges = (Draft202012Validator, Draft7Validator)  # a list of items is the older spelling
    assert any(judge(judge.META_SCHEMA).is_valid(schema) for judge in judges)


@pytest.mark.parametrize(
    ("text", "earlier"), [("x " * 10_000, 12), ("Anna and Bob, " * 50_000, 0), ("x" * 5_000_000, 0)]
)
def test_the_conversation_is_read_once_however_many_values_ask_for_it(text: str, earlier: int) -> None:
    levels = {f"a{n}": _obj(x0={"$ref": f"#/$defs/a{n + 1}"}, x1={"$ref": f"#/$defs/a{n + 1}"}) for n in range(40)}
    schema = {"$defs": {**levels, "a40": S}, "$ref": "#/$defs/a0"}
    begin = process_time()
    with pytest.raises(UnsupportedSchema):
        conforming(schema, Context(text, (text[:20_000],) * earlier, answer=text[:3_000]))
    assert process_time() - begin < SECONDS


def test_what_a_thing_is_called_ends_before_where_it_goes():
    hammers = _obj(article=S, quantity=I)
    assert conforming(hammers, Context("Please send 25 hammers to Oslo, it is urgent!")) == {
        "article": "hammers",
        "quantity": 25,
    }


@pytest.mark.parametrize("verb", ["Create", "Please generate", "Suggest", "Come up with"])
@pytest.mark.parametrize("items", [S, _obj(zorble=S)])
def test_a_list_that_is_to_be_made_up_is_not_empty(verb: str, items: Any):
    schema = _obj(krambs={"type": "array", "items": items})
    made = Context(f"{verb} a glorf.", excuse="This is the mock.")
    assert len(conforming(schema, made)["krambs"]) == 1
    assert conforming(schema, Context("Mia is 31.", excuse="This is the mock."))["krambs"] == []
    assert conforming(schema, Context(f"{verb} a glorf."))["krambs"] == []  # the argument of a tool
    people = _obj(attendees={"type": "array", "items": S})
    assert conforming(people, Context("Create a glorf.", excuse="This is the mock.")) == {
        "attendees": []
    }  # nobody is made up
