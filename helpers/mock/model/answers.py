"""What the mock says: to the lessons' questions, to what the plain skills know, and to all else the honest answer.

Each is asked in turn for an answer in markup (`writing.markup`) and returns None where it has none. Asked what nobody
knows, the mock says that it is the mock and reflects what it was asked: it never pretends.
"""

from __future__ import annotations

import logging
import re
from functools import cache
from typing import NamedTuple

from ..text import Lookout, Seen
from . import ending, lessons, manners, skills
from .manners import manners_wanted, with_wish_apart
from .reading.conversation import Conversation
from .writing.generate import Text
from .writing.markup import escape, parse_markup


class Said(NamedTuple):
    """An answer in words, whether it was known (else it is the honest answer to everything else), and by a lesson."""

    text: Text
    known: bool
    lesson: bool = False


def answer(conversation: Conversation) -> Said:
    """The mock's answer in words, in the manner that the system text or the question asks for."""
    seen = Seen(_lookout())
    held = seen[conversation.system] | seen[conversation.question]
    ever = held.union(*map(seen.__getitem__, conversation.asked[:-1]))
    if otherwise := skills.put_otherwise(held, conversation):
        return Said(parse_markup(otherwise), True)
    notes = skills.from_notes(ever, conversation)
    known, system, question = notes or (None, conversation.system, conversation.question)
    lesson = None if known else lessons.known(seen[conversation.meaning], conversation)
    known = known or lesson
    if not known and (chosen := skills.chosen(held, ever, conversation)):
        return Said(parse_markup(chosen), True)
    known = known or skills.known(seen, conversation)
    if not known and (asked := with_wish_apart(seen[question], conversation)):
        known = lessons.known(seen[asked.meaning], asked) or skills.known(seen, asked)
    done = ending.ending(ever, conversation)
    if not known and (word := done or ending.unknowing(ever, conversation)):
        return Said(parse_markup(escape(word)), True)
    wanted = manners_wanted(seen[system] | seen[question] if notes else held, system, question, bool(known))
    if known:
        markup = known
    else:
        before, meaning, behind = _reflect(conversation)
        if not wanted:
            return Said(Text((*_parts(before), meaning, *_parts(behind))), False)
        markup = f"{before}{escape(meaning)}{behind}"
    for manner, match in wanted:
        markup = manner(markup, match)
    if done:
        markup = f"{markup}\n{escape(done)}"
    return Said(lessons.texts().get(markup) or parse_markup(markup), bool(known), bool(lesson))


def ended(conversation: Conversation, told: str) -> str:
    """What tools told, with the word that ends the work where a prompt names one."""
    held = frozenset().union(*map(_lookout(), (conversation.system, *conversation.asked)))
    done = ending.ending(held, conversation)
    return f"{told}\n{done}" if done else told


@cache
def _lookout() -> Lookout:
    """For the words that somebody looks for in a request before it is read closely."""
    return Lookout(lessons.words() | skills.words() | manners.WORDS | ending.WORDS)


_LOG = logging.getLogger(__name__)
_PATIENCE = 3  # notices in one conversation, until the log speaks of them
_OPENING = re.compile(r"(?:This is|You are talking to) the mock of the Azure AI Model Inference API")
_THIS = "{This is the mock|You are talking to the mock} of the Azure AI Model Inference API, not a language model"
_NOTHING_ASKED = f"{_THIS}, and your request holds no text to answer."
_NOTICE = f"{_THIS}. You asked: “"
_ADVICE = (
    "” {It has no answer to that|To that it has no answer}: lay one down in a script, or let a real model write it "
    "with `--upstream`."
)
_parts = cache(lambda markup: parse_markup(markup).parts)


def _reflect(conversation: Conversation) -> tuple[str, str, str]:
    """The honest answer to everything else, in the light of the conversation: what was asked, between markup."""
    spoken = [turn.text for turn in conversation.messages if turn.role == "assistant"]
    told = sum(map(bool, map(_OPENING.match, spoken)))
    if told == _PATIENCE - 1:
        _LOG.warning(
            "The mock has told one conversation %d times that it has no answer. A program that goes on like this may "
            "never end: script its answers, or let a real model write them with --upstream.",
            _PATIENCE,
        )
    meaning = _shortened(conversation.meaning)
    return (_NOTICE, meaning, _ADVICE) if meaning else (_NOTHING_ASKED, "", "")


def _shortened(text: str, limit: int = 160) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[:limit]}…"
