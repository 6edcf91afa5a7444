"""A tool that the conversation says to call, or spells as a call: "What is the value of double(3)?".

Recorded 2025-02 of gpt-4o (Azure/azure-sdk-assets, the tests of the Azure SDK for Go): told "You help users to query
the data by calling the query function", it calls a function without a description for a request that shares no word
with its name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..reading.vocabulary import vocabulary
from .calls import Call
from .choosing import Asked, best
from .tool import Tool
from .words import bare_words, heard

_CALLING = (
    r"(?i)\b(?:call|calling|use|using|invoke|invoking|run|running|with|through|via)\s+(?:the\s+|your\s+)?"
    r"[`'\"]?{}[`'\"]?\s+(?:function|tool)\b"
)
_QUESTIONS = frozenset({
    "what", "which", "who", "when", "where", "how", "is", "are", "was", "did", "do", "does", "has", "have", "will",
    "any",
})  # fmt: skip


def told_to_call(tools: Mapping[str, Tool], instructions: str, request: str) -> list[Asked]:
    """The tool that the instructions say to call, when the request is one to look something up or to do it, or a
    question that speaks of what the tool is for."""
    named = {
        name: tool for name, tool in tools.items()
        if name in instructions and re.search(_CALLING.format(re.escape(name)), instructions)
    }  # fmt: skip
    if not named:
        return []
    tool = best(named, request)
    verbs = (vocabulary().tell | vocabulary().act) - _QUESTIONS
    spoken_of = (tool.topic | tool.parameters | tool.described) & heard(request).said
    return [Asked(tool, request)] if spoken_of or not verbs.isdisjoint(bare_words(request)[:1]) else []


_SPELLED = r"(?<!def )(?<![\w.])(?P<name>{})\((?P<arguments>[^()\n]{{0,400}})\)"


def spelled_out(tools: Mapping[str, Tool], request: str) -> list[Call]:
    """The calls that a request spells as a program would, their arguments by place or by name: "add(2, b=3)"."""
    if "(" not in request:
        return []
    spelled = re.finditer(_SPELLED.format("|".join(map(re.escape, tools))), request)
    calls = [Call(one["name"], dict(_arguments(tools[one["name"]], one["arguments"]))) for one in spelled]
    return [
        call
        for place, call in enumerate(calls)
        if call not in calls[:place] and tools[call.name].schema.valid(call.arguments)
    ]


def _arguments(tool: Tool, spelled: str) -> Iterator[tuple[str, Any]]:
    """Names and values; what stands for a value is none."""
    try:
        call = ast.parse(f"call({spelled})", mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return
    if isinstance(call, ast.Call):
        named = [(keyword.arg, keyword.value) for keyword in call.keywords]
        for name, value in [*zip(tool.properties, call.args, strict=False), *named]:
            try:
                yield name or "", ast.literal_eval(value)
            except (ValueError, TypeError):
                continue
