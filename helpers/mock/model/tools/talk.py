"""What of a conversation matters for calling tools."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from ...clock import DEFAULT_TODAY
from ...messages import SYSTEM, Message
from ...text import clipped, lowered
from ..reading.calendar import stated_today
from ..reading.facts import facts
from ..reading.scene import Context
from .calls import calls_of
from .parts import without_forbidden
from .results import subject
from .tool import Tool

_READ = 4_000  # characters of a request that are read for tools
_ENDS = {"origin": "From", "destination": "To"}
_SHORT = 200  # characters of a request that may be no more than the answer to a question
_ASKS_BACK = re.compile(
    r"\?\s*$|\b(?:please (?:tell|provide|give|share|let me know|specify)|could you (?:tell|provide))\b", re.I
)


_HANDS_BACK = re.compile(
    r"\b(?:when|once|after)\b[^.]{0,80}\b(?:complete|done|finished|over)\b[^.]{0,40}"
    r"\b(?:hand ?off|hand over|transfer)\b",
    re.IGNORECASE,
)


class Talk:
    """A conversation as it stands when the model has to decide about tools.

    `request` is the last user turn without what it forbids; `reply_to` is the request before it, where the model asked
    back instead of serving it. What follows it is this turn: `results` are what tools have said, `made_now` the calls
    they answer. `earlier_calls` are those of the last turn before that made any.
    Relative dates count from `today`: the day that the conversation states, else `DEFAULT_TODAY`.
    """

    def __init__(self, messages: Sequence[Message]) -> None:
        self._messages = messages
        self._last = max((place for place, message in enumerate(messages) if message.role == "user"), default=-1)
        before, now = messages[: max(self._last, 0)], messages[self._last + 1 :]
        self.today = _today(messages)
        self.request = without_forbidden(clipped(messages[self._last].text, _READ)) if self._last >= 0 else ""
        self.reply_to = _answered_question(before)
        self.before = tuple(text for text in _told_before(before) if text)
        self.results = tuple(message.text for message in now if message.role == "tool" and message.text)
        self.answered = any(message.role == "tool" for message in now)
        self.made_now = [call for message in now for call in calls_of(message)]
        self.called_now = {call.name for call in self.made_now}
        turns = [calls for message in before if (calls := calls_of(message))]
        self.earlier_calls = turns[-1] if turns else []

    @property
    def hands_back(self) -> bool:
        """Whether the system text says to hand over when the work is done."""
        return _HANDS_BACK.search(self.instructions) is not None

    @property
    def instructions(self) -> str:
        """What the model has been told to do: the system text, and what it said itself before anybody asked."""
        first = next((place for place, message in enumerate(self._messages) if message.role == "user"), 0)
        before = (message for message in self._messages[:first] if message.role == "assistant")
        system = (message for message in self._messages if message.role in SYSTEM)
        return "\n".join(clipped(message.text, _READ) for message in (*system, *before))

    def context(self, text: str, tool: Tool, *, whole: bool = True) -> Context:
        """The context of a call for which `text` asks; with `whole` the rest of the request counts as said before."""
        rest = (self.request,) if whole and text != self.request else ()
        earlier = (*self.before, *self.results, *rest)
        return Context(text, earlier, today=self.today, topic=tool.topic, asked=tool.takings)

    def alone(self, text: str, tool: Tool) -> Context:
        """The context of a text for which nothing around it counts."""
        return Context(text, today=self.today, topic=tool.topic, asked=tool.takings)

    def unanswered(self) -> Talk:
        """The conversation as it stood when the request was made."""
        return Talk(self._messages[: self._last + 1])

    def completed(self) -> Talk:
        """The conversation with the request that this one completes: "Where is my order?", "Which one?", "ORD-12"."""
        whole = self.request
        if len(self.request) < _SHORT:
            whole = f"{self.reply_to.rstrip('?.! ')}. {self._as_asked_for()}"
        return Talk([*self._messages[: self._last], Message("user", whole), *self._messages[self._last + 1 :]])

    def _as_asked_for(self) -> str:
        """The request as the answer to what the model asked: "Miami" is "From Miami" where it asked for an origin."""
        ends = [word for end, word in _ENDS.items() if end in lowered(self._messages[self._last - 1].text)]
        places = facts(self.request).places
        bare = len(ends) == len(places) == 1 and places[0].role == "location"
        return f"{ends[0]} {places[0].name}" if bare else self.request


def _today(messages: Sequence[Message]) -> date:
    return stated_today(*(message.text for message in messages)) or DEFAULT_TODAY


def _answered_question(messages: Sequence[Message]) -> str:
    """The request before the last one, when the model has asked back instead of serving it; "" otherwise."""
    if len(messages) < 2 or messages[-1].role != "assistant" or messages[-1].calls:
        return ""
    asked = _ASKS_BACK.search(messages[-1].text.strip())
    return messages[-2].text if asked and messages[-2].role == "user" else ""


def _told_before(messages: Sequence[Message]) -> Iterator[str]:
    """The texts of earlier turns, oldest first. Where a turn made calls, its last word is where they went: "there" in
    the next question is the place that was asked about, whatever the answer said."""
    went = ""
    for place, message in enumerate(messages):
        if message.role in {"user", "assistant"}:
            yield message.text
        if message.role == "assistant":
            went = ", ".join(subject(call.arguments) for call in calls_of(message)) or went
        if went and (place + 1 == len(messages) or messages[place + 1].role == "user"):
            yield went
            went = ""
