"""After a validator's complaint the next try changes what was complained of, and nothing else."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, StringConstraints, ValidationError, create_model

from helpers.mock.http import Request
from helpers.mock.messages import Message
from helpers.mock.model.structured.complaint import complaint_in, mended
from helpers.mock.service import Service
from tests.support.made_up import made_up, nouns, several

SERVICE = Service()
ROUNDS = 4


def ask(messages: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    body = {"model": "gpt-4o", "messages": messages, **options}
    headers = {"authorization": "Bearer mock-key", "content-type": "application/json"}
    answer = SERVICE.handle(Request("POST", "/openai/v1/chat/completions", {}, headers, json.dumps(body).encode(), "x"))
    return json.loads(answer.read())["choices"][0]["message"]


def by_text(kind: type[BaseModel], wish: str) -> BaseModel:
    """The object that the mock gives in so many rounds, asked in words, the complaint sent back as a turn."""
    messages = [
        {
            "role": "system",
            "content": f"Extract the facts. Answer with JSON of this schema: {kind.model_json_schema()}",
        },
        {"role": "user", "content": wish},
    ]
    for _ in range(ROUNDS):
        said = ask(messages)["content"]
        try:
            return kind.model_validate_json(said)
        except ValidationError as error:
            messages += [
                {"role": "assistant", "content": said},
                {"role": "user", "content": f"Correct your JSON response, based on the following errors:\n{error}"},
            ]
    raise AssertionError(messages)


def by_tool(kind: type[BaseModel], wish: str) -> BaseModel:
    """The same as arguments of a tool, the complaint sent back as its result."""
    loose = {name: {} for name in kind.model_json_schema()["properties"]}
    parameters = {"type": "object", "properties": loose, "required": list(loose)}
    tools = [{"type": "function", "function": {"name": "result", "parameters": parameters}}]
    messages = [{"role": "user", "content": wish}]
    for _ in range(ROUNDS):
        said = ask(messages, tools=tools, tool_choice="required")
        [call] = said["tool_calls"]
        try:
            return kind.model_validate_json(call["function"]["arguments"])
        except ValidationError as error:
            complaint = f"{error}\n\nFix the errors and try again."
            messages += [said, {"role": "tool", "tool_call_id": call["id"], "content": complaint}]
    raise AssertionError(messages)


Upper = Annotated[str, StringConstraints(to_upper=False, pattern="^[A-Z ]+$")]
KINDS: tuple[tuple[Any, Any], ...] = (
    (Annotated[int, Field(ge=100, le=200)], 100),
    (Annotated[float, Field(gt=0, lt=1)], 0.5),
    (Annotated[list[str], Field(min_length=1)], ["x"]),
    (Annotated[str, Field(max_length=5)], "x"),
    (Literal["krambo", "dralipo"], "krambo"),
    (bool, True),
    (Annotated[int, Field(gt=0, lt=3)], 1),
)


@pytest.mark.parametrize("way", [by_text, by_tool])
@pytest.mark.parametrize(("kind", "example"), KINDS, ids=str)
@made_up(6)
@given(several(nouns, 2))
def test_an_object_is_right_in_a_few_rounds(way: Any, kind: Any, example: Any, words: list[str]):
    wanted = create_model("Wanted", **{words[0]: (kind, ...)})
    told = way(wanted, f"The {words[0]} of the {words[1]} is 7.")
    assert isinstance(getattr(told, words[0]), type(example))


@made_up(20)
@given(several(nouns, 2), st.integers(0, 50), st.integers(60, 90))
def test_only_what_was_complained_of_is_changed(keys: list[str], low: int, high: int):
    tried = {keys[0]: low, keys[1]: "blue"}
    messages = [
        Message("user", "Extract it."),
        Message("assistant", json.dumps(tried)),
        Message("user", f"1 validation error\n{keys[0]}\n  Input should be greater than or equal to {high}"),
    ]
    complaint = complaint_in(messages)
    assert complaint
    assert mended(complaint, tried, lambda value: value[keys[0]] >= high) == {keys[0]: high, keys[1]: "blue"}


@pytest.mark.parametrize(
    ("said", "old", "new"),
    [
        ("The city must be in capital letters.", "Lyon", "LYON"),
        ("city should be lower case", "Lyon", "lyon"),
        ("city: Input should be 'Paris' or 'Rome' [type=literal_error, input_value='Lyon']", "Lyon", "Paris"),
        ("city must have at most 3 characters", "Lyon", "Lyo"),
        ("city: Input should be a valid integer [input_value='12 km']", "12 km", 12),
        ("city is wrong, e.g. Nantes", "Lyon", "Nantes"),
    ],
)
def test_a_complaint_says_what_would_be_right(said: str, old: str, new: Any):
    turns = [Message("user", "Go."), Message("assistant", json.dumps({"city": old})), Message("user", f"Error: {said}")]
    complaint = complaint_in(turns)
    assert complaint
    assert mended(complaint, {"city": old}) == {"city": new}


@pytest.mark.parametrize("last", ["Thank you!", "And in Rome?"])
def test_another_turn_is_no_complaint(last: str):
    assert complaint_in([Message("user", "Go."), Message("assistant", '{"a": 1}'), Message("user", last)]) is None
    assert (
        complaint_in([Message("user", "Go."), Message("assistant", "Words."), Message("user", "That is wrong.")])
        is None
    )
