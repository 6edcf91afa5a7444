"""What the mock says: to the lessons' questions, to what the plain skills know, and to all else the honest answer.

Each is asked in turn for an answer in markup (`writing.markup`) and returns None where it has none. Asked what nobody
knows, the mock says that it is the mock and reflects what it was asked: it never pretends.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from ..text import Lookout, Seen
from . import ending, lessons, manners, skills
from .manners import manners_wanted, with_wish_apart
from .reading.conversation import Conversation
from .writing.generate import Text
from .writing.markup import BLANK, escape, filled, filled_markup, parse_markup


class Said(NamedTuple):
    """An answer in words, and whether a skill knew it; else it is the honest answer to everything else."""

    text: Text
    known: bool


def answer(conversation: Conversation) -> Said:
    """The mock's answer in words, in the manner that the system text or the question asks for."""
    seen = Seen(_lookout())
    notes = skills.from_notes(seen, conversation)
    known, system, question = notes or (None, conversation.system, conversation.question)
    known = known or lessons.known(seen, conversation)
    if not known and (chosen := skills.chosen(seen, conversation)):
        return Said(parse_markup(chosen), True)
    known = known or skills.known(seen, conversation)
    if not known and (asked := with_wish_apart(seen, conversation)):
        known = _known(seen, asked)
    done = ending.ending(seen, conversation)
    if not known and (word := done or ending.unknowing(seen, conversation)):
        return Said(parse_markup(escape(word)), True)
    wanted = manners_wanted(seen, system, question, bool(known))
    if known:
        markup = known
    else:
        honest, words = _reflect(conversation)
        if not wanted:
            return Said(filled(honest, words), False)
        markup = filled_markup(honest, words)
    for manner, match in wanted:
        markup = manner(markup, match)
    if done:
        markup = f"{markup}\n{escape(done)}"
    return Said(lessons.texts().get(markup) or parse_markup(markup), bool(known))


def _known(seen: Seen, conversation: Conversation) -> str | None:
    return lessons.known(seen, conversation) or skills.known(seen, conversation)


@cache
def _lookout() -> Lookout:
    """For the words that somebody looks for in a request before it is read closely."""
    return Lookout(lessons.words() | skills.words() | manners.WORDS | ending.WORDS)


_NOTHING_ASKED = (
    "{This is the mock of the Azure AI Model Inference API.|You are talking to the mock of the Azure AI Model "
    "Inference API.} Your request holds no user message with text, so there is nothing to answer."
)
_ASKED = (
    "{This is the mock of the Azure AI Model Inference API, not a language model|You are talking to the mock of "
    "the Azure AI Model Inference API and not to a language model}, so it {has no knowledge of its own|knows "
    f"nothing by itself}} to answer with. {{You asked|Your question was}}: “{BLANK}” "
)
_MEANT = f"{{After what you asked before, I take it to mean|In the light of the turn before, that means}}: “{BLANK}” "
_REAL = (
    "{Everything around the words is real|All but the words is real}: the tokens are counted, the parameters act, "
    "and the request and its answer have the form of the API. {For a model's own answer|For the answer of a real "
    "model}, point the same code at a deployment of yours."
)


def _reflect(conversation: Conversation) -> tuple[str, tuple[str, ...]]:
    """The honest answer to everything else: full, useful, and in the light of the conversation.

    Given as markup with blanks and what fills them, since the markup is always the same.
    """
    question = _shortened(conversation.question)
    if not question:
        return _NOTHING_ASKED, ()
    meaning = question if conversation.meaning == conversation.question else _shortened(conversation.meaning)
    if meaning == question:
        return f"{_ASKED}{_REAL}", (question,)
    return f"{_ASKED}{_MEANT}{_REAL}", (question, meaning)


def _shortened(text: str, limit: int = 300) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[:limit]}…"
