"""The checks of lesson 05, tools."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from azure.ai.inference.models import (
    AssistantMessage,
    ChatCompletionsToolCall,
    ChatCompletionsToolDefinition,
    FunctionCall,
)

from .core import exercise, expect


@exercise(
    "5.1",
    "Describe a function",
    first="define(...) of this lesson reads a function. Or write it by hand: type, and function with three members.",
    second="parameters is a JSON Schema: type object, properties amount and currency, required with both names.",
)
def _(converter: Any) -> str:
    if isinstance(converter, ChatCompletionsToolDefinition):
        converter = converter.as_dict()
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
    properties = schema.get("properties") or {}
    expect(
        set(properties) == {"amount", "currency"},
        f"The parameters should be amount and currency; these are {', '.join(sorted(properties)) or 'none'}.",
    )
    expect(
        properties["amount"].get("type") in ("number", "integer"),
        f"An amount is a number, and its type here is {properties['amount'].get('type')!r}.",
    )
    expect(set(schema.get("required", [])) == {"amount", "currency"}, "Both are needed: list them in required.")
    return "Right: a name, a description, and a schema. That is all a model knows of your code."


@exercise(
    "5.2",
    "Answer every call",
    first="First the model's own message, then one ToolMessage for each of its calls.",
    second="ToolMessage(json.dumps(result), tool_call_id=call.id), with result = tools[name](**json.loads(arguments)).",
)
def _(answered: Any) -> str:
    expect(callable(answered), "Wanted is the function itself: pass its name, without calling it.")
    message = AssistantMessage(tool_calls=[_call("a1", "double", {"number": 4}), _call("b2", "double", {"number": 5})])
    told = answered(message, {"double": lambda number: {"result": 2 * number}})
    expect(told is not None, "The function returns nothing: it needs a return.")
    expect(isinstance(told, list), f"Wanted is a list of messages, and this returns {type(told).__name__}.")
    roles = [str(getattr(item["role"], "value", item["role"])) for item in told]
    expect(
        roles[:1] == ["assistant"], "The model's own message comes first: without it, nobody asked for these answers."
    )
    expect(roles[1:] == ["tool", "tool"], f"Two calls want two answers; after the first message come {roles[1:]}.")
    answers = {item.get("tool_call_id"): item["content"] for item in told[1:]}
    expect(
        set(answers) == {"a1", "b2"},
        f"The ids of the calls are a1 and b2, and answered are {', '.join(map(str, answers))}.",
    )
    expect(
        all(isinstance(content, str) for content in answers.values()), "The content of an answer is text: json.dumps."
    )
    results = {name: _parsed(content) for name, content in answers.items()}
    expect(
        results == {"a1": {"result": 8}, "b2": {"result": 10}},
        f"Doubled 4 and 5 should be answered as JSON, and this says {answers}.",
    )
    return "Right: each call has its answer, under its id."


@exercise(
    "5.3",
    "Trust nobody",
    first="Three things may be wrong with a call: its name, its arguments, and what the function does with them.",
    second='Look the name up with tools.get(name); put the rest into try, and answer {"error": ...} in except.',
)
def _(safely: Any) -> str:
    expect(callable(safely), "Wanted is the function itself: pass its name, without calling it.")

    def half(number: int) -> dict[str, float]:
        return {"result": 12 / number}

    tools = {"half": half}
    told = _answer(safely, _call("c1", "half", {"number": 4}), tools, "a call in order")
    expect(told is not None, "The function returns nothing: it needs a return.")
    expect(
        isinstance(told, str), f"The answer goes into a message, so it is text, and this is a {type(told).__name__}."
    )
    expect(
        _parsed(told) == {"result": 3.0}, f"A call in order should be answered with its result as JSON, not {told!r}."
    )
    cases = {
        "a name that is not in the table": _call("c2", "exit", {}),
        "arguments that are no JSON": _call("c3", "half", '{"number": 4'),
        "an argument that the function does not have": _call("c4", "half", {"divisor": 4}),
        "a function that raises": _call("c5", "half", {"number": 0}),
    }
    for what, call in cases.items():
        answer = _parsed(_answer(safely, call, tools, what))
        expect(
            isinstance(answer, dict) and answer.get("error"),
            f'With {what}, the answer should be JSON with an "error" that says so; it is {answer!r}.',
        )
    return "Right: nothing that a model writes can stop your program, and it hears of every mistake."


def _answer(safely: Callable[..., Any], call: Any, tools: dict[str, Any], what: str) -> Any:
    try:
        return safely(call, tools)
    except Exception as error:
        expect(False, f"With {what}, it stops with {type(error).__name__}: {error}")
        raise


def _call(identifier: str, name: str, arguments: dict[str, Any] | str) -> ChatCompletionsToolCall:
    written = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return ChatCompletionsToolCall(id=identifier, function=FunctionCall(name=name, arguments=written))


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None
