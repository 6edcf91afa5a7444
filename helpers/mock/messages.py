"""The messages of a conversation, read once from their wire format: who says each, its text, the tools it calls.

Nothing is checked here: what a message has not, or has in another form, is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

SYSTEM = ("system", "developer")
"""The roles whose text is the system text."""


class ToolUse(NamedTuple):
    """A tool call of an assistant's message; `arguments` is their JSON text."""

    id: str
    name: str
    arguments: str


class Message(NamedTuple):
    """A message: its role, its text, and all of it in wire format."""

    role: str
    text: str
    wire: Mapping[str, Any] = MappingProxyType({})

    @property
    def calls(self) -> list[ToolUse]:
        """The tools that an assistant's message calls; a `function_call` has its name for an id."""
        if isinstance(function := self.wire.get("function_call"), dict):
            return [_use({"id": function.get("name"), "function": function})]
        calls = self.wire.get("tool_calls")
        return [_use(call) for call in calls if isinstance(call, dict)] if calls and isinstance(calls, list) else []

    @property
    def call_id(self) -> str:
        """Which call a tool's message answers; a function's answers the call of its name."""
        return str(self.wire.get("tool_call_id", "") or self.wire.get("name", ""))


def read_messages(messages: Iterable[Mapping[str, Any]]) -> list[Message]:
    """Read messages in wire format. What a function says is what a tool says, as it was before there were tools."""
    return [Message(_role(message), text_of(message), message) for message in messages]


def text_of(message: Mapping[str, Any]) -> str:
    """The text of a message: the content itself, or its text parts as paragraphs."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"]
    return "\n\n".join([part for part in parts if isinstance(part, str) and part])


def _role(message: Mapping[str, Any]) -> str:
    role = message.get("role", "")
    return "tool" if role == "function" else role


def _use(call: Mapping[str, Any]) -> ToolUse:
    function = call.get("function")
    function = function if isinstance(function, dict) else {}
    return ToolUse(str(call.get("id") or ""), str(function.get("name", "")), function.get("arguments") or "")
