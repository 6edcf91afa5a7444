"""A sum of several steps with tools of one step each: "20+(2*4)" is multiply(2, 4), then add(20, 8)."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence

from ..reading.numbers import read_number
from .calls import Call
from .tool import Tool
from .words import operations

_SIDES, _LONGEST = 2, 200  # of a sign, and characters of a sum
_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}


def next_step(tools: Mapping[str, Tool], request: str, results: Sequence[str]) -> list[Call]:
    """The call for the first step of a sum that has no result yet; none for a single step, or where a tool lacks."""
    written = max((match[0].strip() for match in re.finditer(r"[-+*/()\d.\s]{5,}", request)), key=len, default="")
    if len(written) > _LONGEST:
        return []
    try:
        tree = ast.parse(written, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return []
    steps = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp)][::-1]  # the innermost first
    if len(steps) < 2 or len(results) >= len(steps):
        return []
    made = [_made_by(tools, node.op) for node in steps]
    told = dict(zip(map(id, steps), results, strict=False))
    step, tool = steps[len(results)], made[len(results)]
    values = [_value(node, told) for node in (step.left, step.right)]
    if tool is None or None in (*made, *values):
        return []
    call = Call(tool.name, dict(zip(tool.required, values, strict=True)))
    return [call] if tool.schema.valid(call.arguments) else []


def _made_by(tools: Mapping[str, Tool], sign: ast.operator) -> Tool | None:
    """The tool for a sign: one that takes two things and is called or described as the sign says."""
    words = operations(f"1 {_SIGNS.get(type(sign), '?')} 2")
    takes_two = (tool for tool in tools.values() if len(tool.required) == _SIDES)
    return next((tool for tool in takes_two if words & (tool.named | tool.described)), None)


def _value(node: ast.expr, told: Mapping[int, str]) -> int | float | None:
    """A number, or the number that the tool has told for a step."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    number = re.search(r"-?\d[\d,]*(?:\.\d+)?", told.get(id(node), ""))
    return read_number(number[0]) if number else None
