"""What the model does about tools in its turn: the calls it makes, or what it asks back.

Shapes: 2024-05-01-preview, ChatCompletionsToolDefinition, ChatCompletionsToolCall and the tool message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from ...messages import Message
from .arguments import calls_for, lacking
from .calls import Call
from .choosing import asked_by_itself, asked_for, best, is_about_tools
from .follow_up import follow_up
from .instructed import told_to_call
from .results import reported_failure
from .talk import Talk
from .tool import read_tools

# Requests about a subject rather than for a service.
_IN_WORDS = re.compile(
    r"\W*(?:please\s+)?(?:write|tell me (?:a|about|why|how)|explain|describe|define|discuss|why|"
    r"how (?:do|does|did|are|is)|what (?:is|are) an?|who|compose|invent|imagine)\b",
    re.IGNORECASE,
)


class Turn:
    """The model's turn in a conversation, with the tools that are offered in wire format.

    Raises UnsupportedSchema for parameters that are no schema of an object.
    """

    def __init__(self, offered: Iterable[Mapping[str, Any]], messages: Sequence[Message]) -> None:
        self._tools = read_tools(offered)
        self._messages = messages

    @cached_property
    def _talk(self) -> Talk:
        return Talk(self._messages)

    def calls(self, tool_choice: Any = None, *, parallel: bool = True) -> list[Call]:
        """The calls the model makes now, in order; empty when it should answer in words.

        `tool_choice` is "auto" (also None), "none", "required" or
        ``{"type": "function", "function": {"name": ...}}``. Several calls are parallel calls. A follow-up ("and back?",
        "what about Boston?") reuses the earlier call. After a tool has answered, only a tool that has not been called
        in this turn and that the request clearly asks for is called. With `parallel` False
        (``parallel_tool_calls: false``) there is at most one call; the others follow one by one, each after the answer
        to the one before, unless those that were made are none of the model's.
        Raises UnsupportedSchema for parameters that cannot be satisfied, ValueError for a named tool that is not there.
        """
        if not self._tools or tool_choice == "none":
            return []
        if isinstance(tool_choice, Mapping):
            calls = self._insisted([tool_choice.get("function", {}).get("name", "")])
        else:
            calls = [] if is_about_tools(self._tools, self._talk.request) else self._wanted(self._talk)
            if not calls and not parallel and self._talk.answered:
                made, wanted = self._talk.made_now, self._wanted(self._talk.unanswered())
                calls = [call for call in wanted if call not in made] if any(call in made for call in wanted) else []
            if not calls and tool_choice == "required":
                calls = self._insisted([name for name in self._tools if name not in self._talk.called_now])
        return calls if parallel else calls[:1]

    def question(self) -> str:
        """What the model asks back when a tool fits the request and lacks something to be called with; "" otherwise."""
        if not self._tools or self._talk.answered:
            return ""
        request = self._talk.request
        if _IN_WORDS.match(request) or is_about_tools(self._tools, request):
            return ""
        for asked in asked_for(self._tools, request):
            if names := lacking(asked.tool, asked.words, self._talk):
                wanted = " and the ".join(asked.tool.spoken_name(name) for name in names)
                return f"Please tell me the {wanted}, and I will call {asked.tool.name}."
        return ""

    def _insisted(self, names: Sequence[str]) -> list[Call]:
        """The calls of that one of the tools which fits best, however badly."""
        for name in names:
            if name not in self._tools:
                raise ValueError(f"tool_choice names {name!r}, which is not among the tools")
        text = self._talk.request or self._talk.said
        tool = best({name: self._tools[name] for name in names} or self._tools, text)
        return follow_up({tool.name: tool}, self._talk) or calls_for(tool, text, self._talk, insist=True)

    def _wanted(self, talk: Talk) -> list[Call]:
        """The calls that the request asks for and that have not been made in this turn."""
        if not talk.answered and (reused := follow_up(self._tools, talk)):
            return reused
        completes = talk.reply_to and not talk.answered and asked_by_itself(self._tools, talk.request) is None
        if completes and asked_by_itself(self._tools, talk.reply_to):
            return self._wanted(talk.completed())
        asked = asked_for(self._tools, talk.request)
        if not asked and not _IN_WORDS.match(talk.request):
            asked = told_to_call(self._tools, talk.instructions, talk.request)
        calls: list[Call] = []
        for tool, words, is_sequel in asked:
            if tool.name in talk.called_now:
                continue
            if is_sequel and (calls or not talk.answered):
                break  # it needs the answer of the call before it
            if talk.answered and any(map(reported_failure, talk.results)):
                break
            made = [call for call in calls_for(tool, words, talk, insist=is_sequel) if call not in calls]
            if talk.answered:
                return made
            calls += made
        return calls
