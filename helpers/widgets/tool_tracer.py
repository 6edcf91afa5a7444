"""The panel of lesson 05: a conversation with tools, step by step, with what each step was and what it cost."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from azure.ai.inference.models import ToolMessage, UserMessage
from ipywidgets import Checkbox, Dropdown, IntSlider, Text
from pydantic import TypeAdapter, ValidationError, validate_call

from ..answers import usage_line
from ..display import Rich, stacked, table, words
from .panel import Panel

Function = Callable[..., Any]
Step = tuple[str, str, str]  # who, what, tokens
NOTHING = "nothing fails"


def tool_panel(
    client: Any, functions: Sequence[Function], question: str = "How is the weather in Trieste and in Split?"
) -> Panel:
    """Runs the whole loop of a question with tools and shows each step: what the model asks for, what your function
    answers, what the model makes of it.

    `client`: a `ChatCompletionsClient`; `functions`: Python functions with type hints and docstrings, from which the
    definitions are made. Each can be left out of the offer, or made to fail.
    """
    asked = Text(question, description="question")
    offered = {one.__name__: Checkbox(True, description=f"offer {one.__name__}", indent=False) for one in functions}
    choice = Dropdown(options=["auto", "none", "required"], description="tool_choice")
    fails = Dropdown(options=[NOTHING, *offered], description="make fail")
    rounds = IntSlider(4, min=1, max=6, description="rounds at most")

    def trace() -> Iterator[Rich]:
        tools = {one.__name__: one for one in functions if offered[one.__name__].value}
        options = {"tools": [_definition(one) for one in tools.values()], "tool_choice": choice.value} if tools else {}
        messages: list[Any] = [UserMessage(asked.value)]
        steps: list[Step] = [("you", asked.value, "")]
        for _ in range(rounds.value):
            reply = client.complete(messages=messages, **options)
            message, cost = reply.choices[0].message, usage_line(reply.usage)
            messages.append(message)
            if not message.tool_calls:
                yield _shown([*steps, ("model, in words", message.content or "(nothing)", cost)], "It answered.")
                return
            for call in message.tool_calls:
                steps.append(("model, asks for", f"{call.function.name}({call.function.arguments})", cost))
                answer = _run(call, tools, str(fails.value))
                messages.append(ToolMessage(answer, tool_call_id=call.id))
                steps.append(("your function", answer, ""))
                cost = ""  # one request, however many calls came of it
            yield _shown(steps, "The answers go back to the model.")
        yield _shown(steps, f"No answer in {rounds.value} rounds: the limit ended it.")

    controls = [asked, *offered.values(), choice, fails, rounds]
    return Panel("A question with tools, step by step", controls, trace, button="Ask")


def _definition(function: Function) -> dict[str, Any]:
    described = {
        "name": function.__name__,
        "description": inspect.getdoc(function) or "",
        "parameters": TypeAdapter[Any](function).json_schema(),  # pyright: ignore[reportArgumentType]
    }
    return {"type": "function", "function": described}


def _run(call: Any, tools: dict[str, Function], failing: str) -> str:
    """The answer to a call, as JSON; whatever goes wrong is the answer."""
    name = call.function.name
    if name not in tools:
        return json.dumps({"error": f"There is no such tool, only {', '.join(tools) or 'none at all'}"})
    if name == failing:
        return json.dumps({"error": "The server behind this tool does not answer"})
    try:
        return json.dumps(validate_call(tools[name])(**json.loads(call.function.arguments)), ensure_ascii=False)
    except ValidationError as error:
        found = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        return json.dumps({"error": "; ".join(found)})
    except Exception as error:  # the call has to be answered, whatever it was
        return json.dumps({"error": f"{type(error).__name__}: {error}"}, ensure_ascii=False)


def _shown(steps: list[Step], state: str) -> Rich:
    rows = [(str(number), *step) for number, step in enumerate(steps, 1)]
    return stacked(table("The conversation", ["", "who", "what", "tokens"], rows), words(state))
