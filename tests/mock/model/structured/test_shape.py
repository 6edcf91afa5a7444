"""JSON that a prompt asks for in words: the shape is read, and filled from the text; placeholders are never values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.mock.http import Request
from helpers.mock.messages import Message
from helpers.mock.model.reading.conversation import read
from helpers.mock.model.structured.schema import Context, Schema
from helpers.mock.model.structured.shape import asks_for_json, placeholder, shape_wanted
from helpers.mock.service import Service
from tests.support.made_up import made_up, names, nouns, several

SERVICE = Service()


def said(question: str, system: str = "", *, model: str = "gpt-4o", **options: Any) -> str:
    messages = [{"role": "system", "content": system}] if system else []
    body = {"model": model, "messages": [*messages, {"role": "user", "content": question}], **options}
    headers = {"authorization": "Bearer mock-key", "content-type": "application/json"}
    answer = SERVICE.handle(Request("POST", "/openai/v1/chat/completions", {}, headers, json.dumps(body).encode(), "x"))
    return json.loads(answer.read())["choices"][0]["message"]["content"]


def filled(question: str, system: str = "", **options: Any) -> Any:
    return json.loads(said(question, system, **options))


# Ways to tell that an object has these keys: a text, a whole number, a number up to one, and one of three words.
SHOWN = (
    '{{"{0}": "...", "{1}": <int>, "{2}": <0-1>, "{3}": "{x}|{y}|{z}"}}',
    '{{"{0}": "string", "{1}": "integer", "{2}": "0.0-1.0", "{3}": "{x}, {y} or {z}"}}',
    '{{\n  {0}: string, // the text\n  {1}: integer\n  {2}: <0.0 to 1.0>,\n  {3}: "{x}" | "{y}" | "{z}"\n}}',
    "the following fields:\n- {0} (string): any text\n- {1} (integer): how many\n- {2}: 0.0-1.0\n- {3}: {x}|{y}|{z}\n",
    "with the keys {0} (string), {1} (int), {2} (float, 0.0-1.0) and {3} ({x} or {y} or {z}).",
)


@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("mode", [{}, {"response_format": {"type": "json_object"}}])
@made_up(15)
@given(several(nouns, 7), names, st.integers(2, 900))
def test_the_shape_is_read_and_filled(mode: dict[str, Any], shown: str, words: list[str], name: str, number: int):
    keys, choices = words[:4], words[4:]
    form = shown.format(*keys, x=choices[0], y=choices[1], z=choices[2])
    for value in (
        filled(
            f"{name} has {number} {keys[1]} and a {choices[1]}.", f"Extract the facts. Respond in JSON: {form}", **mode
        ),
        filled(f"Respond in JSON: {form}\n\nText: {name} has {number} {keys[1]} and a {choices[1]}.", **mode),
    ):
        assert list(value) == keys
        assert isinstance(value[keys[0]], str)
        assert not {"string", "text", "..."} & {value[keys[0]]}
        assert value[keys[1]] == number
        assert 0 <= value[keys[2]] <= 1
        assert value[keys[3]] == choices[1]


@made_up(15)
@given(several(nouns, 3))
def test_a_schema_in_the_text_counts_more_than_an_example(keys: list[str]):
    schema = {"properties": {key: {"type": "string"} for key in keys[1:]}, "required": keys[1:]}
    prompt = (
        f'The output is JSON that conforms to the schema below. For {{"{keys[0]}": "x"}} it would be another.\n'
        f"```\n{json.dumps(schema)}\n```\nTell me about the moon."
    )
    assert list(filled(prompt)) == keys[1:]


@made_up(15)
@given(st.integers(2, 99), st.integers(2, 99), several(nouns, 2))
def test_the_result_of_a_sum_stands_in_a_number(one: int, other: int, keys: list[str]):
    form = f'{{"{keys[0]}": number, "explanation": "string"}}'
    assert filled(f"What is {one} * {other}? Answer in JSON: {form}")[keys[0]] == one * other


@pytest.mark.parametrize("form", ['like [{{ {0}: 1, {1}: "<why>" }}, ...]', 'as [{{"{0}": <int>, "{1}": "..."}}]'])
@made_up(10)
@given(several(nouns, 2))
def test_an_array_that_is_shown_has_a_member(form: str, keys: list[str]):
    [first] = filled(f"Return only JSON {form.format(*keys)}\n\nWhich is it?")
    assert list(first) == keys


@made_up(10)
@given(nouns)
def test_a_count_that_nothing_tells_is_at_least_one(thing: str):
    assert filled(f'Plan the {thing}. Respond in JSON: {{"title": "...", "minutes": <integer>}}')["minutes"] >= 1


def test_a_name_is_no_first_capital():
    form = 'Return JSON with the keys name and age: "Parcels are packed by Mia Huber, who is 31."'
    assert filled(form)["name"] == "Mia Huber"


@pytest.mark.parametrize(
    ("told", "schema"),
    [
        ("<0-1>", {"type": "number", "minimum": 0, "maximum": 1, "default": 1}),
        ("1-10", {"type": "integer", "minimum": 1, "maximum": 10, "default": 10}),
        ("true/false", {"type": "boolean"}),
        ("string|null", {"type": ["string", "null"]}),
        ("a|b", {"enum": ["a", "b"]}),
        ("YYYY-MM-DD", {"type": "string", "format": "date"}),
        ("list of strings", {"type": "array", "items": {"type": "string"}, "minItems": 1}),
    ],
)
def test_a_placeholder_is_a_type_or_a_choice(told: str, schema: dict[str, Any]):
    assert {key: value for key, value in placeholder(told).items() if key != "description"} == schema


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("Return the result as JSON.", True),
        ("Respond only with valid JSON.", True),
        ("The output should be a code snippet:\n```json\n{}\n```", True),
        ("What is JSON?", False),
        ("How do I parse JSON in Python?", False),
        ("Write a function that reads JSON.", False),
    ],
)
def test_what_asks_for_json(asked: str, wanted: bool):
    assert asks_for_json(read([Message("user", asked)])) is wanted


@pytest.mark.parametrize("model", ["gpt-4o", "mistral-large-2407"])
def test_a_model_with_json_mode_gives_json_when_the_prompt_asks_for_it(model: str):
    assert filled('Say hello. Answer with JSON like {"greeting": "..."}', model=model).keys() == {"greeting"}


@given(st.text(alphabet='{}[]":,<>|/# abc1\n', max_size=120))
def test_any_braces_are_read(text: str):
    assert shape_wanted(read([Message("user", f"JSON: {text}")])).schema


@pytest.mark.parametrize(
    "form",
    [
        "Give a binary {0} 'yes' or 'no'. Provide the {0} as JSON with a single key '{0}' and no preamble.",
        "Return JSON with the key '{0}', which is yes or no.",
        "Return JSON with the keys {1} and {0}. The {0} is 'yes' or 'no', the {1} says why.",
        'Reply yes or no. Respond in JSON: {{"{0}": "..."}}',
    ],
)
@made_up(10)
@given(several(nouns, 2), names)
def test_a_key_for_which_words_offer_choices_holds_one_of_them(form: str, keys: list[str], name: str):
    mode = {"response_format": {"type": "json_object"}}
    value = filled(f"Is {name} red?", form.format(*keys), **mode)
    assert value[keys[0]] in {"yes", "no"}
    assert value.get(keys[1]) not in {"yes", "no"}
    either = form.replace("yes", "true").replace("no'", "false'").replace("or no", "or false")
    truth = filled(f"Is {name} red?", either.format(*keys), **mode)
    assert truth[keys[0]] in {"true", "false", True, False}


@made_up(10)
@given(several(nouns, 2), names, names)
def test_no_word_of_a_schema_or_of_its_instructions_is_a_value(keys: list[str], name: str, other: str):
    members = {key: {"title": key.title(), "type": "string"} for key in keys}
    schema = {"properties": members, "required": keys, "type": "object"}
    prompt = (
        "- Return only JSON that conforms to the schema. Do not include any additional text or headings.\n"
        '- Do not append text (e.g. do not write "Here you are:").\n'
        'As an example, for the schema {"properties": {"foo": {"title": "Foo", "type": "array", "items": '
        '{"type": "string"}}}, "required": ["foo"]} the object {"foo": ["bar"]} is a well-formatted instance. '
        'The object {"properties": {"foo": ["bar"]}} is not well-formatted.\n'
        f"```\n{json.dumps(schema, indent=2)}\n```\n"
        "IMPORTANT: Preserve the content as it is. You MUST return the actual content as the final answer.\n"
        f"Current Task: {name} saw {other}."
    )
    for options in (
        dict[str, Any](response_format={"type": "json_object"}),
        {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}},
    ):
        value = filled(prompt, **options)
        assert list(value) == keys
        assert name in value[keys[0]] or other in value[keys[0]]
        for said in ("properties", "type", "foo", "MUST", "IMPORTANT", "Task", "text", "answer", "Here"):
            assert said not in f"{value[keys[0]]} {value[keys[1]]}", value


@pytest.mark.parametrize("key", ["pass", "correct", "is_valid"])
@made_up(5)
@given(several(nouns, 2), names)
def test_a_verdict_is_good_where_nothing_speaks_against_it(key: str, things: list[str], name: str):
    thing, other = things
    judged = f"Question: Who built the {thing}?\nAnswer: {name} did.\nGive your verdict as JSON: "
    assert filled(f'{judged}{{"{key}": true|false, "reason": "..."}}')[key] is True
    against = {"pass": "fail", "correct": "incorrect", "is_valid": "invalid"}[key]
    assert filled(f'This is {against}.\n{judged}{{"{key}": true|false, "reason": "..."}}')[key] is False
    assert filled(f'{judged}{{"{other}": true|false}}')[other] is False


@made_up(10)
@given(several(nouns, 2), names, st.integers(2, 90))
def test_keys_that_are_only_named_hold_numbers_as_well(things: list[str], name: str, number: int):
    asked = f"There are {number} {things[0]}s in {name}. Answer in JSON with the keys city and {things[0]}s."
    assert filled(asked) == {"city": name, f"{things[0]}s": number}


@pytest.mark.parametrize("told", ["{0} {1}s", "{2} to {0} {1}s"])
@made_up(10)
@given(several(nouns, 2), st.integers(3, 8))
def test_a_list_has_as_many_members_as_are_asked_for(told: str, things: list[str], count: int):
    wanted = told.format(count, things[0], count - 1)
    listed = filled(f'Plan the {things[1]} in {wanted}. Answer in JSON: {{"{things[0]}s": ["..."]}}')[f"{things[0]}s"]
    assert len(listed) == len(set(listed)) == count


@made_up(10)
@given(several(nouns, 3), names)
def test_a_name_goes_on_behind_an_article_alone(things: list[str], name: str):
    schema = Schema({"type": "object", "properties": {things[2]: {"type": "string"}}, "required": [things[2]]})
    for text, wanted in (
        (f"Where is the {name} {things[0]}?", f"{name} {things[0]}"),
        (f"When do {things[0]}s of {name} {things[1]}?", name),
    ):
        assert schema.conforming(Context(text, topic=frozenset(["a"]))) == {things[2]: wanted}


@made_up(15)
@given(several(names, 4), st.integers(18, 60), st.integers(61, 99))
def test_of_several_people_each_has_what_is_said_of_them(words: list[str], young: int, old: int):
    one, here, other, there = words
    text = f"{one} is {young} and lives in {here}, and {other} is {old} and lives in {there}."
    person = {"properties": {"name": {"type": "string"}, "age": {"type": "integer"}, "city": {"type": "string"}}}
    person |= {"type": "object", "required": ["name", "age", "city"]}
    wanted = Schema({"type": "object", "properties": {"people": {"type": "array", "items": person}}})
    assert wanted.conforming(Context(text))["people"] == [
        {"name": one, "age": young, "city": here},
        {"name": other, "age": old, "city": there},
    ]
