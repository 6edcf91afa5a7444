"""What the model does about tools in its turn: the calls it makes, or what it asks back.

Shapes: 2024-05-01-preview, ChatCompletionsToolDefinition, ChatCompletionsToolCall and the tool message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from ...messages import Message
from ..reading.facts import facts
from ..reading.forms import codes
from ..reading.likeness import likest, shares
from ..reading.vocabulary import stems_of
from ..reading.wording import residue
from .arguments import calls_for, lacking
from .calls import Call, calls_of
from .choosing import (
    FEW,
    SHORT,
    Asked,
    asked_by_itself,
    asked_for,
    best,
    clearly_asked,
    fit,
    is_about_tools,
    nearness,
    score,
)
from .follow_up import follow_up
from .instructed import told_to_call
from .results import reported_failure, tool_answer
from .talk import Talk
from .tool import Tool, hands_over, read_tools
from .words import is_order, use_of_request

# Requests about a subject rather than for a service.
_IN_WORDS = re.compile(
    r"\W*(?:please\s+)?(?:write(?! to\b)|tell me (?:a|about|why|how)|explain|describe|define|discuss|why|"
    r"how (?:do|does|did|are|is)\b(?! (?:my|our)\b)(?!(?<=did) (?:i|we)\b)|"
    r"what(?: is| are|['’]s) (?:an?|the difference)\b|"
    r"what(?: is| are|['’]s) (?!(?:the|my|our|your|his|her|their|this|that|it|in|on|at|new|next|left|up|due|open)\b)"
    r"[a-z]+(?: [a-z]+)?(?=\W*$)|"
    r"who(?! (?:works?|has|have|can|needs?|will|owns?|reports?)\b)|compose|invent|imagine)\b",
    re.IGNORECASE,
)


_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
_LITTLE = 1.0  # of a score
_NEAR = 0.15  # in meaning
_INCIDENTAL = {"place", "date", "time", "datetime"}  # kinds of what is named in requests of any sort
_PEOPLE = frozenset({"user", "human", "customer", "person", "requester", "caller", "agent", "representative"})
_WANTS_A_PERSON = re.compile(
    r"\b(?:talk|speak|chat|connect(?:ed)?|transfer(?:red)?)\b[^.?!]*\b(?:to|with)\b[^.?!]*"
    r"\b(?:human|person|agent|representative|operator|manager|someone|somebody)\b|\b(?:real|actual) (?:human|person)\b",
    re.IGNORECASE,
)
_TASK = 2  # arguments: a task, and to whom it is given
_SAYING = 3  # words of a request that says something
_ASKS = re.compile(r"\?\s*$|^\W*(?:what|who|when|where|which|how|is|are|does|find|tell)\b", re.IGNORECASE)


class Turn:
    """The model's turn in a conversation, with the tools that are offered in wire format.

    `say` tells what it would say in words, and whether it knows that. Raises UnsupportedSchema for parameters that are
    no schema of an object.
    """

    def __init__(
        self,
        offered: Iterable[Mapping[str, Any]],
        messages: Sequence[Message],
        say: Callable[[], tuple[str, bool]] = lambda: ("", False),
    ) -> None:
        every = read_tools(offered)
        self._ending = next((tool for tool in every.values() if tool.closes), None)
        self._handoffs = {name: tool for name, tool in every.items() if tool.hands_to}
        self._tools = {name: one for name, one in every.items() if not (one.closes or one.hands_to)}
        self._every = every
        self._messages, self._handed_over = _without_handoffs(messages)
        self._say = say

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
        if not self._every or tool_choice == "none":
            return []
        if isinstance(tool_choice, Mapping):
            calls = self._insisted([tool_choice.get("function", {}).get("name", "")], named=True)
        else:
            calls = [] if is_about_tools(self._every, self._talk.request) else self._wanted(self._talk)
            if not calls and not parallel and self._talk.answered:
                made, wanted = self._talk.made_now, self._wanted(self._talk.unanswered())
                calls = [call for call in wanted if call not in made] if any(call in made for call in wanted) else []
            calls = calls or self._otherwise(required=tool_choice == "required")
            if not calls and tool_choice == "required":
                calls = self._insisted([name for name in self._every if name not in self._talk.called_now])
        return calls if parallel else calls[:1]

    def _otherwise(self, *, required: bool) -> list[Call]:
        """Where no tool is asked for: the tool that the system text is about, a look-up for a question that nobody
        knows, somebody else who is there for it, or the tool that ends the work."""
        talk = self._talk
        if not talk.request:
            return []
        failed = any(map(reported_failure, talk.results))
        if not talk.answered and (calls := self._instructed(talk)):
            return calls
        text, known = (self.told, True) if talk.results and not failed else self._say()
        lookups = [tool for tool in self._tools.values() if tool.looks_up and tool.name not in talk.called_now]
        if len(lookups) == 1 and not known and not talk.answered and _ASKS.search(talk.request):
            return calls_for(lookups[0], talk.request, talk, insist=True)[:1]
        if self._handoffs and (tool := self._to_who_knows() or self._handed(known=known)):
            given = [
                name for name in tool.required if name in tool.slots and not (tool.takes(name) or tool.listed(name))
            ]
            arguments = {**tool.arguments(talk.context(talk.request, tool)), **dict.fromkeys(given, talk.request)}
            return [Call(tool.name, arguments)] if tool.schema.valid(arguments) else []
        if self._ending is None or self._ending.name in talk.called_now:
            return []
        ready = self._ending.required and _ready(self._ending, talk.request, talk)
        if required or known or talk.answered or ready:
            return [Call(self._ending.name, _with_answer(self._ending, talk, text))]
        return []

    def _likely(self, talk: Talk) -> list[Asked]:
        """The tool that has a little in common with the request and all of whose needs the request meets; or the only
        one that takes what it names: a person, a code."""
        text = talk.request
        if talk.answered or len(self._tools) > FEW or len(text) > SHORT:
            return []
        ready = {name: tool for name, tool in self._tools.items() if _ready(tool, text, talk)}
        if not ready:
            return []
        tool = best(ready, text)
        known = tool.required or use_of_request(text) == tool.use
        if use_of_request(text) and score(tool, text) >= (_LITTLE if known else 2 * _LITTLE):
            return [Asked(tool, text)]
        fits = sorted(((tool.met(text) + fit(tool, text), tool.name) for tool in ready.values()), reverse=True)
        tool = ready[fits[0][1]]
        said = tool.said(talk.context(text, tool))
        named = [tool.slot(name).kind for name in (*tool.named_in(said, text), *tool.guessed(said, text))]
        ordered = tool.use != "tell" and is_order(text)
        asked = use_of_request(text) in {tool.use, ""} if tool.use else use_of_request(text) == "tell"
        # "Is it windy in Galway?", to a tool that tells the weather; and what says nothing else
        meant = nearness(tool, text) > _NEAR or not residue(
            facts(text), _stems_in((*said.values(), *tool.guessed(said, text)))
        )
        telling = meant or {*named} - _INCIDENTAL if asked else ordered or len(named) > 1
        return [Asked(tool, text)] if named and telling else []

    def _instructed(self, talk: Talk) -> list[Call]:
        """The calls of the tools that the system text is about, where the request has all that they need."""
        if len(talk.request.split()) < _SAYING or _IN_WORDS.match(talk.request) or not talk.instructions:
            return []
        about = [tool for tool in self._tools.values() if clearly_asked({tool.name: tool}, talk.instructions)]
        ready = [tool for tool in about if _ready(tool, talk.request, talk)]
        return [call for tool in ready for call in calls_for(tool, talk.request, talk, insist=True)[:1]]

    def _to_who_knows(self) -> Tool | None:
        """Whom the model gives the turn to when it has asked for what a tool lacks and nobody has answered."""
        question = self.question()
        last = max((place for place, turn in enumerate(self._messages) if turn.role == "user"), default=0)
        asked = any(turn.role == "assistant" and turn.text == question for turn in self._messages[last:])
        people = (tool for tool in self._handoffs.values() if tool.hands_to in _PEOPLE)
        return next(people, None) if question and asked else None

    def _handed(self, *, known: bool) -> Tool | None:
        """Who is there for the request: by what they are called and what is said of them; once in a turn for each."""
        talk = self._talk
        left = {name: tool for name, tool in self._handoffs.items() if name not in self._handed_over}
        if not left or ((talk.answered or self._handed_over) and not (talk.answered and talk.hands_back)):
            return None
        said = _SENTENCE.split(talk.instructions)
        options = {
            tool.hands_to: " ".join([tool.description, *(one for one in said if tool.hands_to in one.casefold())])
            for tool in left.values()
        }
        to = likest(options, talk.instructions if talk.answered else talk.request)
        people = _WANTS_A_PERSON.search(talk.request) and next(filter(_PEOPLE.__contains__, options), "")
        to = people or to
        fits = people or shares(to, options[to], talk.request) or talk.answered
        alone = len(self._every) == len(self._handoffs)
        return next(tool for tool in left.values() if tool.hands_to == to) if fits or (alone and not known) else None

    @property
    def told(self) -> str:
        """What the results of this turn tell, "" for none."""
        return tool_answer(self._messages)

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

    def _insisted(self, names: Sequence[str], *, named: bool = False) -> list[Call]:
        """The calls of that one of the tools which fits best, however badly."""
        for name in names:
            if name not in self._every:
                raise ValueError(f"tool_choice names {name!r}, which is not among the tools")
        text = self._talk.request
        offered = {name: self._every[name] for name in names} or self._every
        if not named and clearly_asked(offered, text) is None:  # rather one that lacks nothing
            few = len(offered) <= FEW  # more take too long to be tried one by one
            ready = [tool for tool in offered.values() if not tool.required or (few and _ready(tool, text, self._talk))]
            idle = [tool for tool in self._every.values() if not tool.required]
            offered = {tool.name: tool for tool in ready or idle} or offered
        tool = best(offered, text)
        return follow_up({tool.name: tool}, self._talk) or calls_for(tool, text, self._talk, insist=True)

    def _wanted(self, talk: Talk) -> list[Call]:
        """The calls that the request asks for and that have not been made in this turn."""
        if not self._tools:
            return []
        if not talk.answered and (reused := follow_up(self._tools, talk)):
            return reused
        completes = talk.reply_to and not talk.answered and asked_by_itself(self._tools, talk.request) is None
        if completes and asked_by_itself(self._tools, talk.reply_to):
            return self._wanted(talk.completed())
        asked = asked_for(self._tools, talk.request)
        if in_words := _IN_WORDS.match(talk.request):
            asked = [one for one in asked if _ready(one.tool, one.words, talk)]
        roles = {place.role for place in facts(talk.request).places}  # "How do I get from the library to the station?"
        if not asked and (not in_words or codes(talk.request) or {"origin", "destination"} <= roles):
            asked = told_to_call(self._tools, talk.instructions, talk.request) or self._likely(talk)
        elif not in_words and not talk.answered and all(lacking(one.tool, one.words, talk) for one in asked):
            asked = [one for one in self._likely(talk) if one.tool.required] or asked
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


def _without_handoffs(messages: Sequence[Message]) -> tuple[Sequence[Message], set[str]]:
    """The messages without those that hand the turn to somebody else, and by which tools that was done in this turn."""
    # Who is given a task comes back with an answer; the others answer themselves.
    ids = {
        use.id: use.name for turn in messages for use, call in zip(turn.calls, calls_of(turn), strict=True)
        if hands_over(use.name) and len(call.arguments) < _TASK
    }  # fmt: skip
    if not ids:
        return messages, set()
    last = max((place for place, turn in enumerate(messages) if turn.role == "user"), default=0)
    now = {use.name for turn in messages[last:] for use in turn.calls if use.id in ids}
    kept = (turn for turn in messages if turn.call_id not in ids and not any(use.id in ids for use in turn.calls))
    return list(kept), now


def _ready(tool: Tool, text: str, talk: Talk) -> bool:
    """Whether the conversation says all that a tool must be told, or names what may be meant by it."""
    return {*tool.required} <= tool.told(talk.context(text, tool))


def _with_answer(tool: Tool, talk: Talk, answer: str) -> dict[str, Any]:
    """The arguments of a tool that ends the work: the answer, and what else it wants to be told."""
    arguments = tool.arguments(replace(talk.context(talk.request, tool), answer=answer))
    only = tool.required[0] if len(tool.required) == 1 else ""
    return (
        {**arguments, only: answer} if only and answer and tool.schema.valid({**arguments, only: answer}) else arguments
    )


def _stems_in(values: Iterable[Any]) -> frozenset[str]:
    """The stems of all words of values."""
    return frozenset[str]().union(*(stems_of(str(value)) for value in values))
