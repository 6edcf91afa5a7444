"""How the families refuse that are not OpenAI's: Mistral's in a text inside the message, the others with details."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.caller import Caller, faults

HI = {"role": "user", "content": "Hi"}
SYSTEM = {"role": "system", "content": "Be brief."}
SAYS = {"role": "assistant", "content": "Hello"}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
LAST = "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant"
UNEQUAL = "Not the same number of function calls and responses"


def asks(*ids: str) -> dict[str, Any]:
    calls = [{"id": item, "type": "function", "function": {"name": "f", "arguments": "{}"}} for item in ids]
    return {"role": "assistant", "tool_calls": calls}


def answers(item: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": item, "content": "1"}


# --- Mistral ---


def test_mistral_lists_its_faults_in_a_text_inside_the_message(ask: Caller):
    # litellm#11696
    told = ask([HI], status=422, top_p=9, seed="x")
    assert {name: told["error"][name] for name in ("code", "status")} == {"code": "Invalid input", "status": 422}
    pages = "https://errors.pydantic.dev/2.10/v/"
    assert faults(told) == [
        {"type": "less_than_equal", "loc": ["body", "top_p"], "msg": "Input should be less than or equal to 1",
         "input": 9, "url": f"{pages}less_than_equal"},
        {"type": "int_type", "loc": ["body", "seed"], "msg": "Input should be a valid integer", "input": "x",
         "url": f"{pages}int_type"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([HI, asks("a"), answers("a"), HI], "Unexpected role 'user' after role 'tool'"),
        ([HI, answers("a")], "Unexpected role 'tool' after role 'user'"),
        ([HI, SAYS, SYSTEM, HI], "Unexpected role 'system' after role 'assistant'"),
        ([HI, SAYS], LAST),
        ([HI, asks("a")], LAST),
        ([HI, asks("a", "b"), answers("a")], UNEQUAL),
        ([HI, asks("a", "b"), answers("a"), SAYS, HI], UNEQUAL),
    ],
)
def test_mistral_says_who_may_speak_after_whom(ask: Caller, messages: list[dict[str, Any]], reason: str):
    # inspect_ai#1813, LibreChat#12429; the rules are mistral-common's, but for the user after a tool
    told = ask(messages, status=400, tools=[TOOL])["error"]
    assert (told["code"], told["status"]) == ("Bad Request", 400)
    said = {"object": "Error", "message": reason, "type": "invalid_request_error", "code": 3230}
    assert json.loads(told["message"]) == said


@pytest.mark.parametrize(
    "messages",
    [
        [HI, HI],
        [SYSTEM, HI, SAYS, HI],
        [HI, asks("a", "b"), answers("b"), answers("a")],
        [HI, asks("a"), answers("a"), SAYS, HI],
        [HI, {**SAYS, "prefix": True}],
    ],
)
def test_mistral_lets_others_pass(ask: Caller, messages: list[dict[str, Any]]):
    ask(messages, tools=[TOOL])


# --- the others ---


@pytest.mark.parametrize(
    "model", ["Cohere-command-r-plus-08-2024", "Phi-4", "Llama-3.3-70B-Instruct", "DeepSeek-V3-0324"]
)
def test_the_others_list_their_faults_as_details(ask: Caller, model: str):
    # recorded 2025-01 of Cohere
    told = ask([HI], status=422, model=model, top_p=9)["error"]
    (fault,) = told.pop("details")
    assert told == {"code": "Invalid input", "status": 422, "message": "invalid input error"}
    assert (fault["type"], fault["loc"], fault["input"]) == ("less_than_equal", ["body", "top_p"], 9)
    assert "url" not in fault


def test_an_extra_parameter_is_refused_before_the_model_sees_it(ask: Caller):
    # langchain-ai/langchain#29679
    for model in ("mistral-large-2407", "Phi-4"):
        told = ask([HI], status=422, model=model, n=2, headers={})
        assert told == {
            "detail": "Extra parameters ['n'] are not allowed when extra-parameters is not set or set to be 'error'. "
            "Set extra-parameters to 'pass-through' to pass to the model."
        }


@pytest.mark.parametrize("mode", ["pass-through", "allow", "Pass-Through", "whatever"])
def test_any_other_word_passes_extra_parameters_on(ask: Caller, mode: str):
    # recorded 2025-01: allow
    assert ask([HI], n=2, headers={"extra-parameters": mode})["choices"][1]


def test_what_is_to_be_dropped_is_dropped(ask: Caller):
    body = ask([HI], n=2, made_up=1, headers={"extra-parameters": "drop"})
    assert len(body["choices"]) == 1
