"""What is to be written before a token of it is: an answer in words, JSON that conforms, or tool calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..clock import DEFAULT_TODAY
from ..model.answers import Said, answer
from ..model.reading.conversation import Conversation
from ..model.structured import shape
from ..model.tools.calls import Call, WrittenCall, call_id, calls_text
from ..model.writing.generate import Generation, Text
from ..model.writing.markup import escape, parse_markup
from ..model.writing.tokens import TOOL_CALLS
from . import render
from .capabilities import unsupported_schema
from .checking import ChatRequest

if TYPE_CHECKING:
    from ..model.structured import schema
    from ..scripted.replies import Reply, ToolCall


class Plan(NamedTuple):
    """The text to write; `calls` are the tool calls that it spells, if it does.

    `finish_reason` is the one to report instead of what comes about by itself.
    """

    text: Text
    calls: tuple[WrittenCall, ...] = ()
    finish_reason: str | None = None


def plan(asked: ChatRequest, conversation: Conversation) -> Plan:
    """Decide what to write. Raises ApiError 400 for a schema that cannot be met."""
    told = ""
    if asked.tools or conversation.messages[-1].role == "tool":
        calls, told = _tools_say(asked, conversation)
        if calls:
            return _calling(calls)
    said = Said(parse_markup(escape(told)), True) if told else answer(conversation)
    wanted = asked.options.response_format
    if wanted is None or wanted.type == "text":
        if "json_object" not in asked.card.response_formats and shape.asks_for_json(conversation):
            return Plan(shape.fenced(_json_object(conversation, said)))
        return Plan(said.text)
    if wanted.type == "json_object":
        value = _json_object(conversation, said)
    else:
        value = _json_schema(conversation, said, wanted.json_schema)
    return Plan(Text((_written(value),), fixed=True))


def _tools_say(asked: ChatRequest, conversation: Conversation) -> tuple[list[Call], str]:
    """The calls to make; with none, what the tools make the model say: their answer, or a question back."""
    from ..model.structured.schema import UnsupportedSchema
    from ..model.tools.results import tool_answer
    from ..model.tools.turn import Turn

    choice, parallel = asked.body.get("tool_choice") or "auto", asked.body.get("parallel_tool_calls") is not False
    try:
        turn = Turn(asked.tools, conversation.messages)
        if calls := turn.calls(choice, parallel=parallel):
            return calls, ""
        if conversation.messages[-1].role == "tool":
            return [], tool_answer(conversation.messages)
        # A tool fits, and the conversation does not say what it needs: ask for it.
        return [], "" if choice == "none" else turn.question()
    except UnsupportedSchema as error:
        raise unsupported_schema("the parameters of a tool", error) from None


def scripted(reply: Reply) -> Plan:
    """The plan for an answer that a test has laid down: word for word, whatever the sampler would rather say."""
    if not reply.calls:
        return Plan(Text((reply.text or "",), fixed=True), finish_reason=reply.finish_reason)
    return _calling(reply.calls, reply.finish_reason)


def _calling(calls: Sequence[Call | ToolCall], finish_reason: str | None = None) -> Plan:
    written = tuple(WrittenCall(call.name, _arguments(call.arguments)) for call in calls)
    return Plan(Text((calls_text(written),), fixed=True, opening=(TOOL_CALLS,)), written, finish_reason)


def calls_written(written: Generation, calls: Sequence[WrittenCall], digest: str) -> list[render.ToolCallText]:
    """The calls as far as they were written, each with the pieces of its arguments token by token."""
    found: list[render.ToolCallText] = []
    end = len(written.text)
    start = 1  # behind the opening bracket
    for index, call in enumerate(calls):
        arguments, whole = call.arguments, call.text
        begin = start + len(whole) - 1 - len(arguments)
        if begin > end:
            break
        item = render.ToolCallText(call_id(digest, index), call.name, written.text[begin : begin + len(arguments)])
        position = 0
        for step in written.steps:
            piece = step.text[max(0, begin - position) : max(0, begin + len(arguments) - position)]
            position += len(step.text)
            if piece:
                item.deltas.append(piece)
        found.append(item)
        start += len(whole) + 2
    return found


def _context(conversation: Conversation, said: Said) -> schema.Context:
    from ..model.reading.calendar import stated_today
    from ..model.structured.schema import Context

    plain = said.text.plain()
    return Context(
        text=conversation.meaning,
        earlier=conversation.asked[:-1],
        answer=plain if said.known else "",
        excuse="" if said.known else plain,
        today=stated_today(conversation.system, *conversation.asked) or DEFAULT_TODAY,
    )


def _json_object(conversation: Conversation, said: Said) -> dict[str, Any]:
    """An object like the one that the instructions show."""
    from ..model.structured import schema

    like = shape.shape_wanted(f"{conversation.system}\n{conversation.question}")
    if len(like["properties"]) == 1:  # the one member is the answer, whatever its name
        return dict.fromkeys(like["properties"], said.text.plain())
    try:
        value = schema.conforming(like, _context(conversation, said))
    except schema.UnsupportedSchema:
        value = None
    return value if isinstance(value, dict) else {"answer": said.text.plain()}


def _json_schema(conversation: Conversation, said: Said, wanted: Any) -> Any:
    from ..model.structured import schema

    try:
        if wanted.strict:
            schema.check_strict(wanted.json_schema)
        return schema.conforming(wanted.json_schema, _context(conversation, said))
    except schema.UnsupportedSchema as error:
        raise unsupported_schema(f"response_format '{wanted.name}'", error) from None


def _arguments(arguments: Any) -> str:
    """Arguments as they are written; a text is taken as it is, broken JSON included."""
    return arguments if isinstance(arguments, str) else _written(arguments)


def _written(value: Any) -> str:
    """JSON on one line with a space behind commas and colons, as models write it."""
    return json.dumps(value, ensure_ascii=False)
