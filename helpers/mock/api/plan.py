"""What is to be written before a token of it is: an answer in words, JSON that conforms, or tool calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..clock import DEFAULT_TODAY
from ..messages import SYSTEM, Message
from ..model.answers import Said, answer, ended
from ..model.reading.conversation import Conversation, read
from ..model.writing.generate import Generation, Text
from ..model.writing.markup import escape, parse_markup
from ..text import lowered
from .answer import ToolCallText
from .asked import ChatRequest
from .capabilities import refused_schema
from .families import Family
from .prompt import Prompt
from .reasoning import thought

if TYPE_CHECKING:
    from ..model.structured import schema, shape
    from ..model.structured.complaint import Complaint
    from ..model.tools.calls import Call
    from ..model.tools.protocol import Protocol
    from ..scripted.replies import Reply, ToolCall


class Plan(NamedTuple):
    """The text to write; `calls` are the tool calls that it spells, each with the place of its arguments in the text.

    `finish_reason` is the one to report instead of what comes about by itself, `thought` how many of the text's opening
    tokens are thought and not said.
    """

    text: Text
    calls: tuple[SpelledCall, ...] = ()
    finish_reason: str | None = None
    thought: int = 0


class SpelledCall(NamedTuple):
    """A tool call and where the plan's text has its arguments."""

    name: str
    begin: int
    end: int


def plain(asked: ChatRequest, prompt: Prompt) -> Plan:
    """What the mock says by itself. Raises ApiError 400 for a schema that cannot be met."""
    complaint = _complaint(asked.messages)
    if complaint and complaint.tool and (calls := _called_again(asked, complaint)):
        return _calling(asked, calls)
    messages = complaint.before if complaint and not complaint.tool else asked.messages
    if any(map(_programmed, messages)):
        from ..model.structured import sections
        from ..model.tools import protocol

        messages, sectioned = sections.unsectioned(protocol.with_results(messages))
        if sectioned:
            value = _json_of(sectioned, _read(messages, prompt))
            return _saying(asked, Text((sections.written(value),), fixed=True))
        if not asked.tools and (found := protocol.protocol_in(messages)):
            return _saying(asked, Text((_in_protocol(found),), fixed=True))
    conversation = _read(messages, prompt)
    told = ""
    if asked.tools or messages[-1].role == "tool":
        calls, told = _tools_say(asked, conversation)
        if calls:
            return _calling(asked, calls)
    said = Said(parse_markup(escape(ended(conversation, told))), True) if told else answer(conversation)
    wanted = asked.options.response_format
    if (wanted is None or wanted.type == "text") and not complaint and not _names_json(conversation):
        return _saying(asked, said.text)
    from ..model.structured import shape  # here, since most requests want none

    if wanted is None or wanted.type == "text":
        if not shape.asks_for_json(conversation):
            return _saying(asked, answer(read(asked.messages)).text if complaint and not told else said.text)
        form = shape.shape_wanted(conversation)
        if "json_object" not in asked.card.response_formats:
            return _saying(asked, shape.fenced(_conforming(form.schema, conversation, said, form, complaint)))
        if not form.shown and said.lesson:
            return _saying(asked, said.text)
        value = _conforming(form.schema, conversation, said, form, complaint)
    elif wanted.type == "json_object":
        form = shape.shape_wanted(conversation)
        like = form.schema if form.schema.get("type", "object") == "object" else shape.PLAIN
        value = _conforming(like, conversation, said, form, complaint)
    else:
        value = _json_schema(conversation, said, wanted.json_schema, complaint)
    return _saying(asked, Text((_written(value, asked.family),), fixed=True))


_LABEL = 24  # characters in which a label at the beginning of a turn ends: "Observation:", "User request:"


def _programmed(turn: Message) -> bool:
    """Whether a turn may be of a program that uses tools in words or fills templates: what reads those is loaded then,
    as most questions are of people."""
    text = turn.text
    labelled = ":" in text.lstrip()[:_LABEL]
    return labelled or "Action Input:" in text or "[[ ## " in text or "final_answer(" in text


def _read(messages: Sequence[Message], prompt: Prompt) -> Conversation:
    return read(messages, prompt.attached.pictures, prompt.attached.sounds)


def _complaint(messages: Sequence[Message]) -> Complaint | None:
    """What is complained of in the last try; there is none where the model has not spoken."""
    if "assistant" not in [turn.role for turn in messages]:
        return None
    from ..model.structured.complaint import complaint_in

    return complaint_in(messages)


def _in_protocol(protocol: Protocol) -> str:
    """The next step of a work that is done with tools in words: a call, or the answer that ends it."""
    from ..model.tools.turn import Turn

    bare = read([turn for turn in protocol.turns if turn.role not in SYSTEM])
    turn = Turn(protocol.tools, protocol.turns, lambda: _in_words(bare))
    if calls := turn.calls(parallel=False):
        return protocol.write(calls[0])
    return protocol.end(turn.told or _in_words(bare)[0])


def _called_again(asked: ChatRequest, complaint: Complaint) -> list[Call]:
    """The call that was complained of, mended; none where its tool is not offered any more."""
    from ..model.structured.complaint import mended
    from ..model.tools.calls import Call
    from ..model.tools.tool import read_tools

    tool = read_tools(asked.tools).get(complaint.tool)
    return [Call(complaint.tool, mended(complaint, {}, tool.schema.valid))] if tool else []


def _names_json(conversation: Conversation) -> bool:
    return "json" in lowered(f"{conversation.system}\n{conversation.question}")


def scripted(asked: ChatRequest, reply: Reply) -> Plan:
    """The plan for an answer that a test has laid down: word for word, whatever the sampler would rather say."""
    if not reply.calls:
        text = reply.text or "" if reply.json is None else _written(reply.json, asked.family)
        return _saying(asked, Text((text,), fixed=True), reply.finish_reason)
    return _calling(asked, reply.calls, reply.finish_reason)


def _saying(asked: ChatRequest, text: Text, finish_reason: str | None = None) -> Plan:
    thinking = thought(asked)
    if thinking:
        text = Text(text.parts, fixed=text.fixed, opening=(asked.tokenizer.end,) * thinking)
    return Plan(text, (), finish_reason, thinking)


def _calling(asked: ChatRequest, calls: Sequence[Call | ToolCall], finish_reason: str | None = None) -> Plan:
    """The calls as the model spells them, arguments between what stands around them."""
    thinking, family = thought(asked), asked.family
    calls = calls[:1] if asked.functions else calls  # there is room for one
    arguments = [_arguments(call.arguments, family) for call in calls]
    around = family.around([call.name for call in calls], named=asked.named_tool)
    spelled, places = around[0], []
    for call, said, behind in zip(calls, arguments, around[1:], strict=True):
        places.append(SpelledCall(call.name, len(spelled), len(spelled) + len(said)))
        spelled += said + behind
    marks = asked.tokenizer.opening(0 if family.compact and asked.named_tool else len(calls))
    opening = (asked.tokenizer.end,) * thinking + marks
    return Plan(Text((spelled,), fixed=True, opening=opening), tuple(places), finish_reason, thinking)


def calls_written(written: Generation, planned: Plan, family: Family, digest: str) -> list[ToolCallText]:
    """The calls as far as they were written, each with the pieces of its arguments token by token."""
    found: list[ToolCallText] = []
    for index, call in enumerate(planned.calls):
        if call.begin > len(written.text):
            break
        call_id = family.call_id(f"{digest}/{index}")
        item = ToolCallText(call_id, call.name, written.text[call.begin : call.end])
        position = 0
        for piece in written.steps.pieces:
            inside = piece[max(0, call.begin - position) : max(0, call.end - position)]
            position += len(piece)
            if inside:
                item.deltas.append(inside)
        found.append(item)
    return found


def _tools_say(asked: ChatRequest, conversation: Conversation) -> tuple[list[Call], str]:
    """The calls to make; with none, what the tools make the model say: their answer, or a question back."""
    from ..model.structured.schema import UnsupportedSchema
    from ..model.tools.turn import Turn

    choice = asked.tool_choice
    parallel = not asked.functions and asked.body.get("parallel_tool_calls") is not False
    try:
        turn = Turn(asked.tools, conversation.messages, lambda: _in_words(conversation))
        if calls := turn.calls(choice, parallel=parallel):
            return calls, ""
        if conversation.messages[-1].role == "tool":
            return [], turn.told
        # A tool fits, and the conversation does not say what it needs: ask for it.
        return [], "" if choice == "none" else turn.question()
    except UnsupportedSchema as error:
        raise refused_schema("the parameters of a tool", "tools", error, "invalid_function_parameters") from None


def _in_words(conversation: Conversation) -> tuple[str, bool]:
    said = answer(conversation)
    return said.text.plain(), said.known


def _context(conversation: Conversation, said: Said, text: str) -> schema.Context:
    from ..model.reading.calendar import stated_today
    from ..model.structured.schema import Context

    plain = said.text.plain()
    return Context(
        text=text,
        earlier=conversation.asked[:-1],
        answer=plain if said.known else "",
        excuse="" if said.known else plain,
        today=stated_today(conversation.system, *conversation.asked) or DEFAULT_TODAY,
    )


_WORDS = ("string", ["number", "string"])  # types that hold an answer in words


def _conforming(
    like: Any, conversation: Conversation, said: Said, form: shape.Shape, complaint: Complaint | None = None
) -> Any:
    """A value of the shape that a prompt shows; the answer in words where there is one member for it."""
    from ..model.structured import schema

    if not said.lesson:
        said = answer(form.rest)
    members = like.get("properties", {})
    if len(members) == 1 and (not form.shown or said.known) and "type" in like and not complaint:
        only = next(iter(members.values()))
        if not isinstance(only, dict) or ("enum" not in only and only.get("type", "string") in _WORDS):
            return dict.fromkeys(members, said.text.plain())
    try:
        wanted = schema.Schema(like)
        return _mended(wanted.conforming(_context(conversation, said, form.rest.meaning)), complaint, wanted)
    except schema.UnsupportedSchema:
        return {"answer": said.text.plain()}


def _json_of(like: Any, conversation: Conversation) -> dict[str, Any]:
    from ..model.structured import schema

    return schema.Schema(like).conforming(_context(conversation, answer(conversation), conversation.meaning))


def _json_schema(conversation: Conversation, said: Said, wanted: Any, complaint: Complaint | None) -> Any:
    from ..model.structured import schema, shape

    bare = shape.beside_schemas(conversation)
    if bare is not conversation and not said.lesson:
        said = answer(bare)
    try:
        like = schema.Schema(wanted.json_schema)
        return _mended(
            like.conforming(_context(conversation, said, shape.about(bare, bare.question))),
            complaint,
            like,
        )
    except schema.UnsupportedSchema as error:
        raise refused_schema(f"response_format '{wanted.name}'", "response_format", error) from None


def _mended(value: Any, complaint: Complaint | None, wanted: schema.Schema) -> Any:
    if not complaint or not isinstance(value, dict):
        return value
    from ..model.structured.complaint import mended

    return mended(complaint, value, wanted.valid)


def _arguments(arguments: Any, family: Family) -> str:
    """Arguments as they are written; a text is taken as it is, broken JSON included."""
    return arguments if isinstance(arguments, str) else _written(arguments, family)


def _written(value: Any, family: Family) -> str:
    """JSON on one line as the model writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":") if family.compact else None)
