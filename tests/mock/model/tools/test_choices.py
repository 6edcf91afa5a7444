"""Tool choice and arguments, judged strictly: the right tools, with the arguments a reader expects and no others."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from helpers.mock.messages import Message
from helpers.mock.model.tools.turn import Turn

SETS: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("choices.toml").read_text("utf-8"))["set"]


def parameter(told: str | dict[str, Any]) -> dict[str, Any]:
    """The schema of "integer: How many", "low|high", "[string]" or "date: Day of arrival"; a schema as it is."""
    if not isinstance(told, str):
        return told
    form, _, description = told.partition(": ")
    schema: dict[str, Any] = {"type": form}
    if "|" in form:
        schema = {"type": "string", "enum": form.split("|")}
    elif form.startswith("["):
        schema = {"type": "array", "items": {"type": form[1:-1]}}
    elif form in {"date", "date-time", "email"}:
        schema = {"type": "string", "format": form}
    return {**schema, "description": description} if description else schema


def offered(tools: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "type": "function",
            "function": {
                "name": name,
                "description": tool["says"],
                "parameters": {
                    "type": "object",
                    "properties": {key.rstrip("?"): parameter(told) for key, told in tool["takes"].items()},
                    "required": [key for key in tool["takes"] if not key.endswith("?")],
                },
            },
        }
        for name, tool in tools.items()
    ]


def as_wanted(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, str) and wanted.startswith("~"):
        return re.search(wanted[1:], str(got), re.IGNORECASE) is not None
    if isinstance(wanted, str) and isinstance(got, str):
        return wanted.strip(" .").casefold() == got.strip(" .").casefold()
    if isinstance(wanted, list) and isinstance(got, list):
        return len(wanted) == len(got) and all(map(as_wanted, wanted, got))
    return wanted == got and isinstance(wanted, bool) is isinstance(got, bool)


def right(tools: Mapping[str, Any], case: Mapping[str, Any]) -> bool:
    """Whether exactly the wanted calls are made, in any order."""
    calls = Turn(offered(tools), [Message("user", case["user"])]).calls(case.get("choice"))
    left = {(call.name, str(call.arguments)): call for call in calls}
    for wanted in case["calls"]:
        ((name, arguments),) = wanted.items()
        needs = {key for key in arguments if not key.endswith("?")}
        plain = {key.rstrip("?"): value for key, value in arguments.items()}
        found = [
            key
            for key, call in left.items()
            if call.name == name
            and needs <= {*call.arguments} <= {*plain}
            and all(as_wanted(plain[key], value) for key, value in call.arguments.items())
        ]
        if not found:
            return False
        del left[found[0]]
    return not left


@pytest.mark.parametrize(("unseen", "floor"), [(False, 0.9), (True, 0.85)])
def test_the_right_tool_is_called_with_the_right_arguments(unseen: bool, floor: float) -> None:
    judged = [(right(part["tools"], case), case) for part in SETS if part["unseen"] is unseen for case in part["cases"]]
    wrong = [case["user"] for good, case in judged if not good]
    assert len(judged) >= 25
    assert 1 - len(wrong) / len(judged) >= floor, wrong


def test_a_case_can_be_wrong() -> None:
    part = SETS[0]
    case = part["cases"][0]
    assert right(part["tools"], case)
    assert not right(part["tools"], {**case, "user": "Thank you!"})
