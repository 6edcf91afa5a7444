"""Small programs in the style of the frameworks: each ends within the rounds that it allows, with values of its kind.

Selectors, reviewers, agents with tools in words or in code, look-ups with citations, extraction with retries, judges,
routers and planners with handoffs; all of their names and things are made up anew in each run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError, create_model, field_validator

from helpers.mock.http import Request
from helpers.mock.service import Service
from tests.support.made_up import made_up, names, nouns, several

SERVICE = Service()
ROUNDS = 6

Turn = dict[str, Any]


def ask(messages: list[Turn], **options: Any) -> Turn:
    body = {"model": "gpt-4o", "messages": messages, **options}
    headers = {"authorization": "Bearer mock-key", "content-type": "application/json"}
    answer = SERVICE.handle(Request("POST", "/openai/v1/chat/completions", {}, headers, json.dumps(body).encode(), "x"))
    return json.loads(answer.read())["choices"][0]["message"]


def say(*texts: str) -> str:
    roles = ["user"] if len(texts) == 1 else ["system", "user", *["assistant", "user"] * len(texts)]
    return ask([{"role": role, "content": text} for role, text in zip(roles, texts, strict=False)])["content"]


def function(name: str, description: str, **properties: Any) -> Turn:
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


def agent(
    messages: list[Turn], tools: dict[str, tuple[Turn, Callable[..., str]]], ends: str = "", **options: Any
) -> str | None:
    """What an agent comes to: the words in which it ends, or the arguments of the tool that ends it."""
    offered = [tool for tool, _ in tools.values()]
    for _ in range(ROUNDS):
        said = ask(messages, tools=offered, **options)
        messages.append(said)
        if not said.get("tool_calls"):
            return said["content"]
        for call in said["tool_calls"]:
            name, arguments = call["function"]["name"], json.loads(call["function"]["arguments"])
            assert "unknown" not in arguments.values()
            if name == ends:
                return next(iter(arguments.values()))
            told = tools[name][1](**arguments)
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": told})
    return None


TEXT = {"type": "string"}


@made_up(15)
@given(several(names, 3), several(nouns, 3))
def test_a_selector_lets_others_speak_until_the_end_is_said(speakers: list[str], things: list[str]):
    roles = "\n".join(f"{one}: Knows about the {thing}." for one, thing in zip(speakers, things, strict=True))
    history = [f"user: Find out about the {things[0]}."]
    for _ in range(ROUNDS):
        chosen = say(
            f"You are in a role play game. The following roles are available:\n{roles}\n\nRead the following "
            f"conversation. Then select the next role from {speakers} to play. Only return the role.\n\n"
            + "\n".join(history)
            + f"\n\nRead the above conversation. Then select the next role from {speakers}. Only return the role."
        )
        assert chosen in speakers
        assert not history[-1].startswith(f"{chosen}:")
        told = say(f"You are {chosen}. When the task is done, say TERMINATE.", history[0].removeprefix("user: "))
        history.append(f"{chosen}: {told}")
        if "TERMINATE" in told:
            return
    raise AssertionError(history)


@pytest.mark.parametrize("word", ["APPROVE", "DONE", "LGTM"])
@made_up(5)
@given(nouns)
def test_a_reviewer_lets_a_draft_pass(word: str, thing: str):
    draft = say(f"You write about the {thing}.", f"Write a poem about the {thing}.")
    for _ in range(ROUNDS):
        review = say(f"Give feedback. Respond with '{word}' when your feedback has been addressed.", draft)
        if word in review:
            return
        draft = say("You write.", draft, "A draft.", review)
    raise AssertionError(draft)


@made_up(15)
@given(several(nouns, 2), names, st.booleans())
def test_an_agent_with_a_final_tool_ends_with_the_answer(things: list[str], place: str, required: bool):
    tools = {
        f"get_{things[0]}": (
            function(f"get_{things[0]}", f"Gives the {things[0]} of a city.", city=TEXT),
            lambda city: f"The {things[0]} of {city} is {things[1]}.",
        ),
        "final_answer": (function("final_answer", "Gives the final answer and ends the task.", answer=TEXT), str),
    }
    wish = [{"role": "user", "content": f"What is the {things[0]} in {place}?"}]
    told = agent(wish, tools, "final_answer", tool_choice="required" if required else "auto")
    assert told == f"The {things[0]} of {place} is {things[1]}."


@made_up(10)
@given(st.integers(2, 99), st.integers(2, 99), nouns)
def test_a_final_tool_is_told_what_is_known_without_tools(one: int, other: int, thing: str):
    tools = {
        f"get_{thing}": (function(f"get_{thing}", f"Gives the {thing} of a city.", city=TEXT), str),
        "final_answer": (function("final_answer", "Ends the task.", answer={"type": "number"}), str),
    }
    wish = [{"role": "user", "content": f"What is {one} * {other}?"}]
    assert agent(wish, tools, "final_answer", tool_choice="required") == one * other


@made_up(10)
@given(several(nouns, 2))
def test_a_tool_without_arguments_goes_before_a_made_up_argument(things: list[str]):
    tools = {
        f"read_{things[0]}": (function(f"read_{things[0]}", "Reads one.", **{f"{things[0]}_id": TEXT}), str),
        f"list_{things[1]}": (function(f"list_{things[1]}", "Lists all."), lambda: "All of them."),
    }
    assert agent([{"role": "user", "content": "Please begin with it now."}], tools, tool_choice="required") is None


REACT = """Answer the question. You have access to the following tools:

{search}(query: str) - Finds things out about anything.
add_{thing}(name: str) - Adds a {thing}.

Use the following format:

Question: the input question you must answer
Thought: you should always think about what to do
Action: the action to take, should be one of [{search}, add_{thing}]
Action Input: the input to the action
Observation: the result of the action
Thought: I now know the final answer
Final Answer: the final answer to the original input question

Begin!

Question: Who built the {thing}?
Thought:{steps}"""


@pytest.mark.parametrize("as_turns", [False, True])
@made_up(10)
@given(nouns, names)
def test_an_agent_whose_tools_are_words_calls_one_and_then_answers(as_turns: bool, thing: str, person: str):
    steps, turns = "", []
    for _ in range(ROUNDS):
        prompt = REACT.format(search="look_up", thing=thing, steps=steps)
        said = ask([{"role": "user", "content": prompt}, *turns])["content"]
        if ended := re.search(r"Final Answer: (.+)", said):
            assert ended[1] == f"The {thing} was built by {person}."
            return
        called = re.search(r"Action: (\w+)\nAction Input: (.+)", said)
        assert called
        assert called[1] == "look_up"
        result = f"Observation: The {thing} was built by {person}."
        if as_turns:
            turns += [{"role": "assistant", "content": said}, {"role": "user", "content": result}]
        else:
            steps += f" {said}\n{result}\nThought:"
    raise AssertionError(steps)


CODER = """You solve the task by code in a <code> block that calls these functions, and end with final_answer(answer).

def get_{thing}(city: str) -> str:
    \"\"\"Gives the {thing} of a city.\"\"\"

<code>
final_answer("the answer")
</code>"""


@made_up(10)
@given(several(nouns, 2), names)
def test_an_agent_that_writes_code_calls_and_then_ends(things: list[str], place: str):
    wish = {"role": "user", "content": f"New task:\nWhat is the {things[0]} in {place}?"}
    messages = [{"role": "system", "content": CODER.format(thing=things[0])}, wish]
    for _ in range(ROUNDS):
        said = ask(messages)["content"]
        code = re.search(r"<code>\n(.*)\n</code>", said, re.DOTALL)
        assert code
        ended: list[str] = []
        logs: list[str] = []
        known = {f"get_{things[0]}": lambda city: f"It is {things[1]} in {city}.", "print": logs.append}
        exec(code[1], {"__builtins__": {}}, {**known, "final_answer": ended.append})
        if ended:
            assert ended == [f"It is {things[1]} in {place}."]
            return
        observed = f"Observation:\nExecution logs:\n{logs[0]}\nLast output from code snippet:\nNone"
        messages += [{"role": "assistant", "content": said}, {"role": "user", "content": observed}]
    raise AssertionError(messages)


@made_up(15)
@given(several(nouns, 4), several(names, 4), st.integers(0, 3))
def test_what_was_looked_up_is_told_with_its_citation(things: list[str], people: list[str], place: int):
    chunks = [
        f"[{n}] The {thing} belongs to {one}." for n, (thing, one) in enumerate(zip(things, people, strict=True), 1)
    ]
    told = say(
        "Answer from the sources only and cite them.",
        "Sources:\n" + "\n".join(chunks) + f"\n\nQuestion: To whom does the {things[place]} belong?",
    )
    assert told == f"The {things[place]} belongs to {people[place]} [{place + 1}]."


def _upper(value: str) -> str:
    if not value.isupper():
        raise ValueError("must be in capital letters")
    return value


@made_up(10)
@given(several(nouns, 2), names, st.integers(18, 99))
def test_an_extraction_is_right_after_a_retry(things: list[str], name: str, number: int):
    checks: Any = {"upper": field_validator("name")(_upper)}
    fields: Any = {"name": (str, ...), things[0]: (int, Field(ge=100)), "kind": (Literal[things[1], "other"], ...)}
    kind = create_model("Kind", __validators__=checks, **fields)
    messages = [
        {"role": "system", "content": f"Answer with JSON of this schema:\n{json.dumps(kind.model_json_schema())}"},
        {"role": "user", "content": f"{name} has the {things[0]} {number}."},
    ]
    for _ in range(ROUNDS):
        said = ask(messages, response_format={"type": "json_object"})["content"]
        try:
            assert kind.model_validate_json(said).model_dump()["name"] == name.upper()
        except ValidationError as error:
            messages += [
                {"role": "assistant", "content": said},
                {"role": "user", "content": f"Fix the errors: {error}"},
            ]
        else:
            return
    raise AssertionError(messages)


@made_up(10)
@given(st.integers(0, 2), st.integers(5, 100), nouns)
def test_a_judge_gives_a_score_and_a_verdict(low: int, high: int, thing: str):
    class Verdict(BaseModel):
        score: int = Field(ge=low, le=high)
        passed: bool
        reason: str

    told = say(
        f'Judge the answer. Respond in JSON: {{"score": <{low}-{high}>, "passed": true/false, "reason": "<why>"}}',
        f"Question: What is a {thing}?\nAnswer: A kind of {thing}.",
    )
    assert Verdict.model_validate_json(told)
    assert low <= int(say(f"Rate this answer from {low} to {high}. Only the number.\n\nA {thing}.")) <= high


@made_up(15)
@given(several(nouns, 3), st.integers(0, 2))
def test_a_router_names_one_of_its_routes(things: list[str], place: int):
    routes = "\n".join(f"- {thing}_desk: questions about the {thing}" for thing in things)
    route = say(
        f"Choose the best route. Reply with the name only.\nRoutes:\n{routes}", f"My {things[place]} is broken."
    )
    assert route == f"{things[place]}_desk"


@made_up(15)
@given(several(nouns, 3), st.integers(0, 2))
def test_a_planner_hands_over_to_who_is_there_for_it_and_once(things: list[str], place: int):
    tools = {
        f"transfer_to_{thing}_agent": (
            function(f"transfer_to_{thing}_agent", f"Handles every {thing}."),
            lambda: "Transferred.",
        )
        for thing in things
    }
    messages = [
        {"role": "system", "content": "You are a triage agent. Hand over to the right agent."},
        {"role": "user", "content": f"There is a problem with my {things[place]}."},
    ]
    assert agent(messages, tools)
    made = [call["function"]["name"] for turn in messages for call in turn.get("tool_calls") or ()]
    assert made == [f"transfer_to_{things[place]}_agent"]


SECTIONS = """Your input fields are:
1. `question` (str):
Your output fields are:
1. `reasoning` (str):
2. `{result}` (float):
3. `kind` (Literal['{kinds[0]}', '{kinds[1]}']):
All interactions will be structured in the following way, with the appropriate values filled in.

[[ ## question ## ]]
{{question}}
In adhering to this structure, your objective is: Answer the question."""


@made_up(10)
@given(st.integers(2, 99), st.integers(2, 99), several(nouns, 3))
def test_a_prompt_in_sections_is_answered_in_sections(one: int, other: int, words: list[str]):
    fields = ("reasoning", words[0], "kind")
    wanted = ", then ".join(f"`[[ ## {field} ## ]]`" for field in fields)
    told = say(
        SECTIONS.format(result=words[0], kinds=words[1:]),
        f"[[ ## question ## ]]\nWhat is {one} * {other}?\n\nRespond with the corresponding output fields, starting "
        f"with the field {wanted}, and then ending with the marker for `[[ ## completed ## ]]`.",
    )
    found = dict(re.findall(r"\[\[ ## (\w+) ## \]\]\n(.+)", told))
    assert tuple(found) == fields
    assert float(found[words[0]]) == one * other
    assert found["kind"] in words[1:]
    assert told.endswith("[[ ## completed ## ]]")
