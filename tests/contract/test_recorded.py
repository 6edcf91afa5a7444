"""Every recorded form, family by family and kind by kind: the mock answers in it, on every way where it holds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from helpers.mock.api.catalogue import bundled
from helpers.mock.gateway.routes import Kind
from helpers.mock.http import Request, Response
from tests.contract.forms import Form, forms
from tests.contract.ways import VERSIONS, WEATHER, address, answered, called, fresh, json_schema, picture, sound

FUNCTION = WEATHER["function"]
CALL = {"name": "get_weather", "arguments": '{"city": "Oslo"}'}
FEET = {"type": "object", "properties": {"feet": {"type": "integer"}}, "required": ["feet"]}
PLACED = {
    "$weather": WEATHER,
    "$function": FUNCTION,
    "$called": called(),
    "$answered": answered('{"temperature": 4}'),
    "$function called": {"role": "assistant", "content": None, "function_call": CALL},
    "$function answered": {"role": "function", "name": "get_weather", "content": '{"temperature": 4}'},
    "$schema": json_schema({**FEET, "additionalProperties": False}, strict=True),
}
DEPLOYED = "deployed-otherwise"


def placed(value: Any) -> Any:
    """A body with what its placeholders stand for."""
    if isinstance(value, dict):
        return {key: placed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [placed(item) for item in value]
    if value == "$picture":
        return picture()
    if value == "$sound":
        return sound()
    return PLACED.get(value, value) if isinstance(value, str) else value


def asked(form: Form, way: Kind) -> Request:
    """The request that a form speaks of, on one of the ways."""
    model = DEPLOYED if form.card else form.model
    headers = {**(form.credential or {"api-key": "mock-key"}), "x-ms-client-request-id": "a-call-of-the-tests"}
    if form.fault:
        headers["x-mock-fault"] = form.fault
    version = VERSIONS[way]
    query = {} if version is None else {"api-version": version}
    if form.ask is None:
        return Request("GET", address(way, form.to, model), query, headers)
    body = placed(form.ask)
    if way in ("models", "v1"):
        body = {"model": model, **body}
    return Request(
        "POST",
        address(way, form.to, model),
        query,
        {"content-type": "application/json", **headers},
        json.dumps(body).encode(),
    )


def received(response: Response) -> Any:
    """A body as a client reads it: parsed JSON, a text, or the events of a stream."""
    text = response.read().decode()
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        lines = [line.removeprefix("data: ") for line in text.split("\n\n") if line]
        return [line if line == "[DONE]" else json.loads(line) for line in lines]
    try:
        return json.loads(text)
    except ValueError:
        return text


CASES = [pytest.param(form, way, id=f"{form.name} ({way})") for form in forms() for way in form.ways]


@pytest.mark.parametrize(("form", "way"), CASES)
def test_the_mock_answers_in_the_recorded_form(form: Form, way: Kind):
    catalogue = bundled().with_models({DEPLOYED: form.card}) if form.card else bundled()
    response = fresh(catalogue=catalogue).handle(asked(form, way))
    assert response.status == form.status
    assert [*form.faults(received(response)), *form.header_faults(response.headers)] == []


@pytest.mark.parametrize("family", ["openai", "mistral", "phi"])
def test_the_same_request_has_the_same_ids_in_another_mock(family: str):
    form = next(form for form in forms() if form.name == f"{family}: plain")
    way = form.ways[0]
    first, second = (received(fresh().handle(asked(form, way))) for _ in range(2))
    assert first == second
