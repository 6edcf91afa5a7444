"""What the conversation has said: facts that the user told about themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..reading.conversation import Conversation
from ..writing.markup import escape

_READ = 300  # characters of a turn that tells or asks something

_TOLD = re.compile(r"\bmy (?P<what>[a-z][a-z ]{1,30}?) (?:is|are) (?P<value>[^.!?,;\n]{1,60})", re.IGNORECASE)
_WANTED = re.compile(
    r"\b(?:what(?:['’]?s| is| are)|tell me|do you (?:know|remember)|remind me of) my (?P<what>[a-z][a-z ]{1,30})",
    re.IGNORECASE,
)
_NOW = re.compile(r"\s+(?:now|instead|these days|nowadays|today)$|^now\s+", re.IGNORECASE)
_GREETING = (
    r"(?:(?:hello|hi|hey|good (?:morning|day|evening|afternoon)|please|thanks|note that|remember(?: "
    r"that)?|well|ok|okay)[\s,.!:]+)*"
)
_TELLING = re.compile(rf"^\W*{_GREETING}(?:and )?my ", re.IGNORECASE)
_I_AM = re.compile(
    rf"^\W*(?i:{_GREETING})(?:(?i:I am|I['’]m|call me)) (?P<value>[A-Z][\w'’-]{{1,30}}(?: "
    rf"[A-Z][\w'’-]{{1,30}})?)(?=[\s.!,]|$)"
)
_WHO = re.compile(r"^\W*who am i\W*$", re.IGNORECASE)
_NO_NAMES = frozenset([
    "I", "English", "French", "German", "Spanish", "Italian", "Portuguese", "American", "British", "Azure",
])  # fmt: skip


def recall(conversation: Conversation) -> str | None:
    """What was told in an earlier turn; that it was not told; or a word of thanks for what is told now."""
    question = conversation.question
    wanted = _WANTED.search(question)
    if wanted or _WHO.match(question):
        here = question[: wanted.start()] if wanted else ""
        what = wanted["what"].strip().lower() if wanted else "name"
        return _remembered(what, (*conversation.asked[:-1], here))
    told = _TOLD.search(question)
    if told and "?" not in question and len(question) <= _READ and _TELLING.match(question):
        return (
            f"{{Thank you|Thanks}}, I have noted that your {escape(told['what'])} is {escape(told['value'].strip())}."
        )
    return None


def _told_by(texts: Sequence[str]) -> dict[str, str]:
    """What the texts tell, oldest first, by what it is: {"name": "Anna"}; what was told last counts."""
    known: dict[str, str] = {}
    for text in texts:
        if (named := _I_AM.match(text)) and named["value"] not in _NO_NAMES:
            known["name"] = named["value"]
        for told in _TOLD.finditer(text):
            known[told["what"].strip().lower()] = _NOW.sub("", told["value"].strip())
    return known


def _remembered(what: str, texts: Sequence[str]) -> str:
    if value := escape(_told_by(texts).get(what, "")):
        return f"{{You told me that your {what} is {value}.|Your {what} is {value}, as you told me.}}"
    return (
        f"{{You have not told me your {what} in this conversation.|In this conversation you have not said what "
        f"your {what} is.}} A model knows only what is in the messages of the request."
    )
