"""The checks of lesson 05, tools."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from azure.ai.inference.models import (
    AssistantMessage,
    ChatCompletionsToolCall,
    ChatCompletionsToolDefinition,
    FunctionCall,
)

from .kinds import a_kind, as_list, called, code, expect_function, expect_type, given, role_of
from .registry import exercise, expect

_BY_NAME = "`json.loads` makes a dictionary of the arguments, and `**` hands its members over by name."
_DUMPS = "`json.dumps` takes care of quotes, line breaks and `None`; JSON that is put together by hand does not."


@exercise(
    "5.1",
    "Describe a function",
    first="`define(...)` from above reads a function. Or write it by hand: `type`, and `function` with three members.",
    second="The parameters are a JSON Schema: `properties` says what each of them is, and `required` which are needed.",
)
def _(converter: Any) -> str:
    if isinstance(converter, ChatCompletionsToolDefinition):
        converter = converter.as_dict()
    expect(
        not callable(converter),
        "That is a function, and this should be its definition.",
        "`define(...)`, from above, makes one of it.",
    )
    expect(
        not isinstance(converter, list),
        "That is a list, and this should be one definition on its own.",
        "The list comes later, in `tools=[...]`.",
    )
    expect(
        not isinstance(converter, str),
        "That is text, and this should be a definition.",
        "The dictionary itself will do: the client makes JSON of it.",
    )
    expect(isinstance(converter, Mapping), f"This should be a definition, and it is {a_kind(converter)}.")
    expect(
        converter.get("type") == "function",
        "The outer frame is missing.",
        '`{"type": "function", "function": {...}}`: name, description and parameters belong in the inner braces.',
    )
    function = converter.get("function") or {}
    expect(
        function.get("name") == "convert",
        f"The name is {code(function.get('name'))}, and the model should ask for `convert`.",
        "`define` takes the function's own name.",
    )
    schema = function.get("parameters") or {}
    expect(
        schema.get("type") == "object" and isinstance(schema.get("properties"), Mapping),
        "The parameters should be a JSON Schema.",
        '`{"type": "object", "properties": {...}}`, with a schema for each parameter under its name.',
    )
    properties = schema["properties"]
    expect(
        set(properties) == {"amount", "currency"},
        f"The parameters should be amount and currency; these are {', '.join(sorted(properties)) or 'none'}.",
        "The model knows the definition only, so they have to be called as in the function.",
    )
    for name, part in properties.items():
        expect(
            isinstance(part, Mapping),
            f"{name} is {code(part)}, and should be a schema.",
            'A schema is a dictionary, such as `{"type": "number"}`.',
        )
    amount, currency = _types(properties["amount"]), _types(properties["currency"])
    expect(
        amount & {"number", "integer"},
        f"An amount is a number, and its type here is {_said(amount)}.",
        "In Python `float`, in JSON Schema `number`.",
    )
    expect(
        "string" in currency,
        f"A currency is text such as USD, and its type here is {_said(currency)}.",
        "In Python `str`, in JSON Schema `string`.",
    )
    expect(
        set(schema.get("required") or []) == {"amount", "currency"},
        "Both are needed, and `required` does not name both.",
        "It is a list beside `properties`. A default value in the function takes a parameter off it.",
    )
    description = str(function.get("description") or "")
    expect(
        len(description.split()) >= 3 or len(description) >= 20,
        "The parts are right. The description is all that the model sees of what it does: say that in a sentence.",
        "`define` takes it from the docstring, the text in triple quotes under `def`.",
    )
    return "Right: a name, a description, and a schema. That is all a model knows of your code."


@exercise(
    "5.2",
    "Answer every call",
    takes="message, functions",
    first="First the model's own message, then one `ToolMessage` for each of its calls.",
    second="In a loop over `message.tool_calls`: find the function, read the arguments, call it, answer under the id.",
)
def _(answered: Any) -> str:
    expect_function(answered, lists=True)
    two = {"a1": ("double", {"number": 4}), "b2": ("half", {"number": 9})}
    told = _messages(answered, two, "a message with two calls", _BY_NAME)
    roles = [role_of(item) for item in told]
    expect(
        roles[:1] == ["assistant"],
        "The model's own message comes first: without it, nobody asked for these answers.",
        "The list begins with `message` itself.",
    )
    expect(
        roles.count("assistant") == 1,
        "The model's message comes once, and after it all the answers to its calls.",
        "Put it into the list before the loop.",
    )
    expect(
        {call["id"] for call in told[0].get("tool_calls") or []} == {"a1", "b2"},
        "The first message is not the one that asks for the calls.",
        "Put `message` in as it is: a new one has lost its `tool_calls`.",
    )
    expect(
        roles[1:] == ["tool", "tool"],
        f"Two calls need two answers, in tool messages; after the first come: {', '.join(roles[1:]) or 'none'}.",
        "Go through all of `message.tool_calls`: each call has an answer of its own.",
    )
    answers = {item.get("tool_call_id"): item.get("content") for item in told[1:]}
    expect(
        set(answers) == {"a1", "b2"},
        f"The ids of the calls are a1 and b2, and answered are {', '.join(map(str, answers))}.",
        "Each call has an `id`; its answer has the same as `tool_call_id`.",
    )
    written = "`str(result)` writes Python, `json.dumps(result)` writes JSON."
    _results(told, {"a1": {"result": 8}, "b2": {"result": 4.5}}, written)
    turned = {"c3": ("take", {"part": 2, "whole": 9})}
    told = _messages(answered, turned, "arguments in an order of their own", _BY_NAME)
    _results(told, {"c3": {"result": 7}}, _BY_NAME)
    _expect_no_eval(lambda call, functions: list(answered(AssistantMessage(tool_calls=[call]), functions)))
    odd = {"city": "L'Aquila", "exact": True, "country": None}
    reads = "`json.loads` reads JSON as it is. Repairs, and Python's own `eval` or `literal_eval`, break it."
    told = _messages(answered, {"d4": ("spell", odd)}, "an apostrophe, `true` and `null` in the arguments", reads)
    _results(told, {"d4": _spell(**odd)}, _DUMPS)
    return as_list("Right: each call has its answer, under its id.", answered)


def _messages(answered: Any, calls: dict[str, tuple[str, Any]], what: str, more: str) -> list[Any]:
    """The messages that the reader's function returns for one of the model's with these calls."""
    message = AssistantMessage(tool_calls=[_call(identifier, *asked) for identifier, asked in calls.items()])
    functions = {"double": _double, "half": _half, "take": _take, "spell": _spell}
    told = called(answered, message, functions, when=f"For {what}", more=more, lists=True)
    given(told)
    expect_type(told, list | tuple, "a list of messages", "Put `message` and the answers into one list.")
    expect(
        all(isinstance(item, Mapping) for item in told),
        "Not everything in the list is a message.",
        "A result is put into a `ToolMessage`, with the id of its call.",
    )
    expect(
        all("role" in item for item in told),
        "A message lost its role: its content is a dictionary, and should be text.",
        "`ToolMessage(json.dumps(...), tool_call_id=...)`: `json.dumps` makes text of what the function returned.",
    )
    return list(told)


def _results(told: list[Any], wanted: dict[str, Any], more: str) -> None:
    """Ends the check unless the tool messages hold these results as JSON."""
    contents = {item.get("tool_call_id"): item.get("content") for item in told[1:]}
    expect(
        all(isinstance(content, str) for content in contents.values()),
        "The content of an answer is text.",
        "`json.dumps` makes text of what the function returned.",
    )
    expect(
        {identifier: _parsed(content) for identifier, content in contents.items()} == wanted,
        f"The answers should be the results as JSON. These are {code(contents)}; the results were {code(wanted)}.",
        more,
    )


def _expect_no_eval(answer: Callable[[ChatCompletionsToolCall, dict[str, Any]], Any]) -> None:
    """Ends the check if code that stands in the arguments of a call is run."""
    reached = []
    functions = {"share": lambda number: reached.append(number) or {}}
    with suppress(Exception):  # arguments that are not JSON may well stop it
        answer(_call("e5", "share", '{"number": (lambda: 4)()}'), functions)
    expect(
        not reached,
        "Your function ran code that was hidden in the arguments.",
        "The arguments are a text that the model wrote, and `eval` does whatever it says. `json.loads` only reads.",
    )


@exercise(
    "5.3",
    "Trust nobody",
    takes="call, functions",
    first="Three things may be wrong with a call: its name, its arguments, and what the function does with them.",
    second='Ask for the name before you use it; what may raise goes into `try`, and `except` answers `{"error": ...}`.',
)
def _(safely: Any) -> str:
    expect_function(safely)

    def share(number: int) -> dict[str, Any]:
        return {"result": 12 / _number(number), "note": None, "of": 'a "dozen"'}

    def fail(number: int) -> dict[str, Any]:
        raise ValueError(f'"{number}" is not allowed\n(see C:\\tools)')

    tools = {"share": share, "fail": fail}
    plain = _call("c1", "share", {"number": 4})
    told = called(safely, plain, tools, when="With a call that is in order", more=_BY_NAME)
    given(told)
    expect(
        isinstance(told, str),
        f"The answer goes into a message, so it is text, and this is {a_kind(told)}.",
        "`json.dumps` makes text of what the function returned.",
    )
    expect(
        _parsed(told) == share(4),
        f"A call that is in order should be answered with its result as JSON, and the answer is {code(told)}.",
        _DUMPS,
    )
    table = "`functions` lists what may be called. Ask `if call.function.name in functions`, and look nowhere else."
    inside = "Put the whole of it into `try`: reading the arguments and calling the function."
    all_of_it = f"{inside} `except Exception` catches whatever it is."
    cases = {
        "a name that is not in the table": (_call("c2", "exit_program", {}), table),
        "arguments that are not JSON": (_call("c3", "share", '{"number": 4'), inside),
        "an argument that the function does not have": (_call("c4", "share", {"divisor": 4}), all_of_it),
        "a function that raises": (_call("c5", "share", {"number": 0}), all_of_it),
        "an error whose text has quotes in it": (_call("c6", "fail", {"number": 4}), _DUMPS),
    }
    for what, (call, more) in cases.items():
        told = called(safely, call, tools, when=f"With {what}", more=more)
        answer = _parsed(told)
        expect(
            isinstance(answer, dict) and isinstance(answer.get("error"), str) and answer["error"].strip(),
            f'With {what}, the answer should be JSON with an `"error"` that says so; it is {code(told)}.',
            _DUMPS if answer is None else more,
        )
    _expect_no_eval(safely)
    for name, arguments in {"dict": {"result": 3}, "get_weather": {"city": "Vienna"}}.items():
        answer = _parsed(called(safely, _call("c7", name, arguments), tools, when=f"With a call of {name}", more=table))
        expect(
            isinstance(answer, dict) and "error" in answer,
            f"`{name}` is not in the table, and your function called it all the same.",
            table,
        )
    return "Right: nothing that a model writes can stop your program, and the model hears of every mistake."


def _double(number: float) -> dict[str, float]:
    return {"result": 2 * _number(number)}


def _half(number: float) -> dict[str, float]:
    return {"result": _number(number) / 2}


def _take(whole: float, part: float) -> dict[str, float]:
    return {"result": _number(whole) - _number(part)}


def _spell(city: str, exact: bool, country: str | None) -> dict[str, Any]:
    return {"result": f'{city}: "{city.upper()}"\n', "exact": exact, "country": country}


def _number(value: Any) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"this should be a number, and it is a {type(value).__name__}")
    return value


def _types(schema: Mapping[str, Any]) -> set[str]:
    """The JSON types that a schema allows, as far as it says so itself or by its choices; a reference may be any."""
    named = schema.get("type", [])
    found = {named} if isinstance(named, str) else set(named)
    found |= {"string"} if "$ref" in schema or all(isinstance(word, str) for word in schema.get("enum", [0])) else set()
    return found.union(*(_types(option) for option in schema.get("anyOf", [])))


def _said(types: set[str]) -> str:
    return " or ".join(sorted(types)) or "not given"


def _call(identifier: str, name: str, arguments: dict[str, Any] | str) -> ChatCompletionsToolCall:
    written = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return ChatCompletionsToolCall(id=identifier, function=FunctionCall(name=name, arguments=written))


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None
