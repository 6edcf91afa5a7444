"""A tool that the conversation says to call.

Recorded 2025-02 of gpt-4o (Azure/azure-sdk-assets, the tests of the Azure SDK for Go): told "You help users to query
the data by calling the query function", it calls a function without a description for a request that shares no word
with its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..reading.vocabulary import vocabulary
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
