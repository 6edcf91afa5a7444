"""The panel of lesson 04, used as a reader would: what it says while a schema is typed, and what it sends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential

from helpers.mock.testing import Mock
from helpers.widgets import Panel, schema_panel
from helpers.widgets.schema import MOST, PRESETS, answer_problems, schema_problems

PRESET, STRICT, SCHEMA, TEXT, ANSWER = range(5)  # the places of the controls
FINE = "The schema: no complaints."


def client(mock: Mock, model: str = "mistral-large-2407") -> ChatCompletionsClient:
    key = AzureKeyCredential(mock.key)
    return ChatCompletionsClient(mock.endpoint, key, model=model, transport=mock.transport())


@pytest.fixture
def panel(mock: Mock) -> Panel:
    return schema_panel(client(mock))


def ask(panel: Panel) -> str:
    assert panel.button
    panel.button.click()
    return panel.shown.text


def typed(panel: Panel, schema: Any) -> str:
    """What the panel says of a schema that was typed."""
    panel.controls[SCHEMA].value = schema if isinstance(schema, str) else json.dumps(schema)
    return panel.shown.text


def wrong(schema: Any, strict: bool = True) -> list[str]:
    return list(schema_problems(schema if isinstance(schema, str) else json.dumps(schema), strict))


def obj(properties: Any, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **more}


# The panel


def test_it_starts_with_a_schema_and_an_answer_that_keeps_to_it(panel: Panel):
    assert panel.shown.text.splitlines() == [FINE, "The answer: no complaints."]
    assert json.loads(panel.controls[ANSWER].value) == {"destination_city": "Tallinn", "guests": 2}


def test_the_schema_is_sent_as_it_stands_and_strict_if_that_is_ticked(panel: Panel, mock: Mock):
    sent = mock.requests.last.json
    assert sent["response_format"]["json_schema"]["schema"] == PRESETS["a trip"]
    assert sent["response_format"]["json_schema"]["strict"] is True
    assert sent["messages"][-1]["content"] == panel.controls[TEXT].value
    panel.controls[STRICT].value = False
    ask(panel)
    assert mock.requests.last.json["response_format"]["json_schema"]["strict"] is False


def test_each_keystroke_is_checked_and_nothing_is_sent_for_it(panel: Panel, mock: Mock):
    assert "this is not JSON" in typed(panel, '{"type": ')
    assert FINE in typed(panel, PRESETS["a trip"])
    assert len(mock.requests) == 1


def test_no_schema_no_request(panel: Panel, mock: Mock):
    typed(panel, {"type": "words"})
    assert "is not a type" in ask(panel)
    assert len(mock.requests) == 1


def test_the_answer_can_be_edited_and_is_held_against_the_schema(panel: Panel):
    panel.controls[ANSWER].value = '{"destination_city": "Tallinn", "guests": "two"}'
    assert "guests: 'two' is not of type 'integer'" in panel.shown.text
    panel.controls[ANSWER].value = '{"destination_city": "Tallinn", "guests": 2, "pets": 1}'
    assert "'pets' was unexpected" in panel.shown.text
    panel.controls[ANSWER].value = ""
    assert panel.shown.text == FINE


def test_another_schema_is_held_against_the_old_answer_at_once(panel: Panel):
    text = typed(panel, obj({"guests": {"type": "string"}}, required=["guests"], additionalProperties=False))
    assert "guests: 2 is not of type 'string'" in text
    assert "'destination_city' was unexpected" in text


@pytest.mark.parametrize(
    ("preset", "problem"),
    [
        ("a cabin, or null", ""),
        ("not strict yet", "strict mode wants"),
        ("a type that does not exist", "'int' is not a type"),
    ],
)
def test_each_beginning_shows_what_it_is_there_to_show(panel: Panel, preset: str, problem: str):
    panel.controls[PRESET].value = preset
    assert json.loads(panel.controls[SCHEMA].value) == PRESETS[preset]
    assert panel.controls[ANSWER].value == ""
    assert problem in panel.shown.text if problem else panel.shown.text == FINE


def test_what_the_text_does_not_say_is_null_where_the_schema_allows_it(panel: Panel):
    panel.controls[PRESET].value = "a cabin, or null"
    ask(panel)
    assert json.loads(panel.controls[ANSWER].value) == {"cabin": None}


def test_without_strict_the_two_rules_are_not_asked_for(panel: Panel):
    panel.controls[PRESET].value = "not strict yet"
    assert "strict mode wants" in panel.shown.text
    panel.controls[STRICT].value = False
    assert panel.shown.text == FINE


def test_a_refusal_of_the_service_is_shown_and_the_panel_goes_on(mock: Mock):
    panel = schema_panel(client(mock, "Phi-3.5-vision-instruct"))
    assert "422" in panel.shown.text or "400" in panel.shown.text
    assert typed(panel, PRESETS["a trip"]) == typed(panel, PRESETS["a trip"]) != ""


def test_signs_in_what_is_typed_are_escaped(panel: Panel):
    text = typed(panel, obj({"<b>": {"type": "<i>"}}))
    assert "<i>" in text
    assert "<i>" not in panel.shown.html
    assert "<b>" not in panel.shown.html


def test_every_control_has_a_label_and_typing_is_followed(panel: Panel):
    assert all(control.description for control in panel.controls)
    assert all(panel.controls[place].continuous_update for place in (SCHEMA, TEXT, ANSWER))


# What is wrong with a schema


def test_what_is_no_json_is_told_with_line_and_column():
    (said,) = wrong('{\n  "type": "object",\n  "properties": {,}\n}')
    assert said.startswith("Line 3, column 18: this is not JSON.")


@pytest.mark.parametrize("schema", ["[]", '"object"', "true", "3"])
def test_a_schema_is_an_object(schema: str):
    assert wrong(schema) == ["The schema must be an object, in braces."]


def test_at_the_top_there_is_an_object():
    (said,) = wrong({"type": "array", "items": {"type": "string"}})
    assert said == 'At the top there must be "type": "object": the API answers with an object.'


@pytest.mark.parametrize("name", ["int", "str", "float", "dict", "list"])
def test_a_type_of_python_is_named_with_its_place_and_what_there_is(name: str):
    (said,) = wrong(obj({"trip": obj({"guests": {"type": name}})}))
    place = "properties.trip.properties.guests.type"
    assert said.startswith(f"{place}: '{name}' is not a type. The types are array, boolean, ")


def test_strict_mode_wants_everything_required_and_nothing_more_at_every_level():
    inner = obj({"a": {"type": "string"}, "b": {"type": "string"}}, required=["a"])
    said = wrong(obj({"list": {"type": "array", "items": inner}}, required=["list"], additionalProperties=False))
    assert said == [
        'properties.list.items: strict mode wants "additionalProperties": false.',
        "properties.list.items: strict mode wants b in required.",
    ]
    assert wrong(obj({"x": inner}), strict=False) == []


def test_strict_mode_looks_into_alternatives():
    schema = obj({"x": {"anyOf": [{"type": "null"}, obj({})]}}, required=["x"], additionalProperties=False)
    assert wrong(schema) == ['properties.x.anyOf.1: strict mode wants "additionalProperties": false.']


def test_a_property_may_be_called_properties():
    named = obj({"properties": {"type": "string"}}, required=["properties"], additionalProperties=False)
    assert wrong(named) == []


def test_of_many_problems_the_first_are_listed_and_the_rest_counted(panel: Panel):
    text = typed(panel, obj({f"p{number}": {"type": "int"} for number in range(MOST + 3)}))
    assert text.count("is not a type") == MOST
    assert "… and 3 more" in text


# What is wrong with an answer


def test_an_answer_is_held_against_a_schema_only_when_there_are_both():
    schema = json.dumps(PRESETS["a trip"])
    assert list(answer_problems("", schema)) == []
    assert list(answer_problems("{}", "{")) == []
    (said,) = answer_problems('{"guests": 2', schema)
    assert "this is not JSON" in said
    (said,) = answer_problems('{"destination_city": "Tallinn"}', schema)
    assert said == "At the top: 'guests' is a required property"
