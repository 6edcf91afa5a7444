"""Whether what a model wrote is what the request asked for: JSON, its schema, tools that were offered.

The service promises it, by a grammar that holds the model's pen; an upstream may have none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..jsonio import loads
from ..model.reading.effort import ExhaustedError, bounded
from ..model.structured.validator import validator
from ..scripted.replies import ToolCall
from .asked import ChatRequest


def misfit(asked: ChatRequest, text: str, calls: Sequence[ToolCall]) -> str:
    """What is wrong with an answer that has come to its end; "" for nothing."""
    if calls:
        return next(filter(None, (_call_misfit(asked, call) for call in calls)), "")
    if asked.tools and asked.tool_choice not in ("auto", "none"):
        return "it called no tool, and the request wants a call"
    wanted = asked.options.response_format
    if wanted is None or wanted.type == "text":
        return ""
    try:
        value = loads(text)
    except ValueError:
        return "its answer is no JSON, which the request wants"
    if wanted.type == "json_object":
        return "" if isinstance(value, dict) else "its answer is no JSON object, which the request wants"
    return _schema_misfit(value, wanted.json_schema.json_schema, "its answer")


def _call_misfit(asked: ChatRequest, call: ToolCall) -> str:
    functions = {tool["function"]["name"]: tool["function"] for tool in asked.tools}
    if asked.named_tool:
        name = asked.tool_choice["function"]["name"]
        functions = {name: functions[name]}
    function = functions.get(call.name)
    if function is None or asked.tool_choice == "none":
        return f"it called {call.name[:64]!r}, and the request does not want that"
    if isinstance(call.arguments, str):
        return f"the arguments of its call of {call.name!r} are no JSON object"
    return (
        _schema_misfit(call.arguments, function.get("parameters") or {}, "its call") if function.get("strict") else ""
    )


def _schema_misfit(value: Any, schema: Any, what: str) -> str:
    try:
        with bounded():
            fault = next(validator(schema).iter_errors(value), None)
    except ExhaustedError:
        return f"{what} cannot be judged by the schema"
    if fault is None:
        return ""
    place = ".".join(map(str, fault.absolute_path)) or "the whole"
    return f"{what} does not conform to the schema: {place}: {str(fault.message)[:100]}"
