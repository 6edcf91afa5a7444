"""The checks of lesson 05, tools."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from azure.ai.inference.models import (
    AssistantMessage,
    ChatCompletionsToolCall,
    ChatCompletionsToolDefinition,
    FunctionCall,
)

from .kinds import called, expect_function, expect_type, given, role_of
from .registry import exercise, expect


@exercise(
    "5.1",
    "Describe a function",
    first="define(...) of this lesson reads a function. Or write it by hand: type, and function with three members.",
    second="parameters is a JSON Schema: type object, properties amount and currency, required with both names.",
)
def _(converter: Any) -> str:
    if isinstance(converter, ChatCompletionsToolDefinition):
        converter = converter.as_dict()
    expect(not callable(converter), "Wanted is a definition, and this is a function: define(...) makes one of it.")
    expect(not isinstance(converter, list), "Wanted is a definition, alone. The list comes later, in tools=[...].")
    expect(not isinstance(converter, str), "Wanted is a definition, and this is text: the dictionary itself will do.")
    expect(isinstance(converter, Mapping), f"Wanted is a definition, and this is a {type(converter).__name__}.")
    expect(
        converter.get("type") == "function", 'At the top it says "type": "function", and beside it "function": {...}.'
    )
    function = converter.get("function") or {}
    expect(
        function.get("name") == "convert",
        f"The name is {function.get('name')!r}, and the model should ask for 'convert'.",
    )
    expect(
        len(str(function.get("description") or "")) >= 10,
        "The description is all that the model sees of what it does. Say it in a sentence.",
    )
    schema = function.get("parameters") or {}
    expect(
        schema.get("type") == "object" and isinstance(schema.get("properties"), Mapping),
        'The parameters are a JSON Schema: "type": "object", and the parameters by name under "properties".',
    )
    properties = schema["properties"]
    expect(
        set(properties) == {"amount", "currency"},
        f"The parameters should be amount and currency; these are {', '.join(sorted(properties)) or 'none'}.",
    )
    for name, part in properties.items():
        expect(isinstance(part, Mapping), f'{name} is {part!r}; it wants a schema, such as {{"type": "number"}}.')
    amount, currency = _types(properties["amount"]), _types(properties["currency"])
    expect(amount & {"number", "integer"}, f"An amount is a number, and its type here is {_said(amount)}.")
    expect("string" in currency, f"A currency is a text such as USD, and its type here is {_said(currency)}.")
    expect(
        set(schema.get("required") or []) == {"amount", "currency"},
        "Both are needed: list them in required, beside properties.",
    )
    return "Right: a name, a description, and a schema. That is all a model knows of your code."


@exercise(
    "5.2",
    "Answer every call",
    first="First the model's own message, then one ToolMessage for each of its calls.",
    second="ToolMessage(json.dumps(result), tool_call_id=call.id), with result = tools[name](**json.loads(arguments)).",
)
def _(answered: Any) -> str:
    expect_function(answered)
    calls = [_call("a1", "double", {"number": 4}), _call("b2", "half", {"number": 9})]
    functions = {"double": lambda number: {"result": 2 * _number(number)}, "half": _half}
    told = called(answered, AssistantMessage(tool_calls=calls), functions, when="For a message with two calls")
    given(told)
    expect_type(told, list | tuple, "a list of messages")
    expect(
        all(isinstance(item, Mapping) for item in told),
        "Not everything in the list is a message: a result is put into a ToolMessage.",
    )
    expect(
        all("role" in item for item in told), "A message lost its role: the content of an answer is text, json.dumps."
    )
    roles = [role_of(item) for item in told]
    expect(
        roles[:1] == ["assistant"], "The model's own message comes first: without it, nobody asked for these answers."
    )
    expect(roles.count("assistant") == 1, "The model's message comes once, and after it all the answers to its calls.")
    expect(
        {call["id"] for call in told[0].get("tool_calls") or []} == {"a1", "b2"},
        "The first message is not the one that asks for the calls. Put that in as it is.",
    )
    expect(
        roles[1:] == ["tool", "tool"],
        f"Two calls want two answers, in tool messages; after the first come: {', '.join(roles[1:]) or 'none'}.",
    )
    answers = {item.get("tool_call_id"): item.get("content") for item in told[1:]}
    expect(
        set(answers) == {"a1", "b2"},
        f"The ids of the calls are a1 and b2, and answered are {', '.join(map(str, answers))}.",
    )
    expect(
        all(isinstance(content, str) for content in answers.values()), "The content of an answer is text: json.dumps."
    )
    results = {name: _parsed(content) for name, content in answers.items()}
    expect(
        results == {"a1": {"result": 8}, "b2": {"result": 4.5}},
        f"Wanted are the functions' results as JSON, as json.dumps writes it, and this says {answers}.",
    )
    return "Right: each call has its answer, under its id."


@exercise(
    "5.3",
    "Trust nobody",
    first="Three things may be wrong with a call: its name, its arguments, and what the function does with them.",
    second='Look the name up with tools.get(name); put the rest into try, and answer {"error": ...} in except.',
)
def _(safely: Any) -> str:
    expect_function(safely)

    def share(number: int) -> dict[str, float]:
        return {"result": 12 / _number(number)}

    tools = {"share": share}
    told = called(safely, _call("c1", "share", {"number": 4}), tools, when="With a call in order")
    given(told)
    expect(
        isinstance(told, str),
        f"The answer goes into a message, so it is text, and this is a {type(told).__name__}: json.dumps.",
    )
    expect(
        _parsed(told) == {"result": 3.0}, f"A call in order should be answered with its result as JSON, not {told!r}."
    )
    cases = {
        "a name that is not in the table": _call("c2", "exit", {}),
        "arguments that are no JSON": _call("c3", "share", '{"number": 4'),
        "an argument that the function does not have": _call("c4", "share", {"divisor": 4}),
        "a function that raises": _call("c5", "share", {"number": 0}),
    }
    for what, call in cases.items():
        answer = _parsed(called(safely, call, tools, when=f"With {what}"))
        expect(
            isinstance(answer, dict) and isinstance(answer.get("error"), str) and answer["error"].strip(),
            f'With {what}, the answer should be JSON with an "error" that says so; it is {answer!r}.',
        )
    return "Right: nothing that a model writes can stop your program, and it hears of every mistake."


def _half(number: float) -> dict[str, float]:
    return {"result": _number(number) / 2}


def _number(value: Any) -> float:
    if not isinstance(value, int | float):
        kind = type(value).__name__
        raise TypeError(f"wanted is a number, given was a {kind}: json.loads, and the arguments by name, with **")
    return value


def _types(schema: Mapping[str, Any]) -> set[str]:
    """The JSON types that a schema allows, as far as it says so itself or by its choices; a reference may be any."""
    named = schema.get("type", [])
    found = {named} if isinstance(named, str) else set(named)
    found |= {"string"} if "$ref" in schema or all(isinstance(word, str) for word in schema.get("enum", [0])) else set()
    return found.union(*(_types(option) for option in schema.get("anyOf", [])))


def _said(types: set[str]) -> str:
    return " or ".join(sorted(types)) or "not told"


def _call(identifier: str, name: str, arguments: dict[str, Any] | str) -> ChatCompletionsToolCall:
    written = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return ChatCompletionsToolCall(id=identifier, function=FunctionCall(name=name, arguments=written))


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None
