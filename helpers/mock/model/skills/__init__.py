"""The plain skills for everyday prompts: functions in a table, each from a conversation to an answer or None.

A skill answers only what it is sure of; precision comes before reach, since a wrong answer is worse than the honest one
that the mock gives to everything else. An answer is written in markup; what comes from a request goes through
`escape`. Most prompts are for no skill, so each row names words: a request without any of them passes it by.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from functools import cache
from importlib import import_module
from itertools import chain
from typing import NamedTuple

from ...text import FIGURE, Seen
from ..reading.conversation import READ, Conversation

__all__ = ["SKILLS", "Skill", "from_notes", "known"]


class Skill(NamedTuple):
    """What a skill does, its function as "module.name", and the words of which a request must hold one.

    Without words it is always asked. A module is imported when its skill is first asked: their patterns take a while to
    compile, and a mock should start at once.
    """

    purpose: str
    home: str
    words: str

    def answer(self, conversation: Conversation) -> str | None:
        """The answer in markup; None when the skill is not sure."""
        return _function(self.home)(conversation)


@cache
def _function(home: str) -> Callable[..., str | None]:
    module, _, name = home.partition(".")
    return getattr(import_module(f".{module}", __name__), name)


SKILLS: tuple[Skill, ...] = (
    Skill("look up a common question: greetings, who the mock is, capitals", "common.look_up", ""),
    Skill("repeat a text", "repeating.repeat", "echo repeat say write"),
    Skill("calculate", "sums.calculate", "0 divided minus multiplied percent plus power times"),
    Skill("recall what the conversation said", "recall.recall", "am call i i'm my"),
)


@cache
def _guards() -> tuple[tuple[Skill, frozenset[str]], ...]:
    return tuple((skill, frozenset(f" {word} " for word in skill.words.split())) for skill in SKILLS)


def words() -> frozenset[str]:
    """What a lookout is to tell of a request."""
    return _NOTES | _CHOOSING | _PUTTING | frozenset(chain.from_iterable(guard for _, guard in _guards()))


_ENDS = 600  # characters at each end of a turn in which an instruction may stand


def known(seen: Seen, conversation: Conversation) -> str | None:
    """The answer of the first skill that knows one."""
    if len(conversation.question) >= READ:
        return None
    words = _words(seen, conversation)
    for skill, guard in _guards():
        if not guard or not guard.isdisjoint(words):
            said = skill.answer(conversation)
            if said:
                return said
    return None


# What notes are called: with none of these words there are none.
_NOTES = frozenset([
    "note", "context", "source", "document", "docs", "passage", "fact", "excerpt", "snippet", "chunk", "knowledge base",
    "faq", "handbook", "manual", "information", "article", "text", "table", "data", "result",
    "summary", "summari", "key point", "tldr", "tl;dr",
])  # fmt: skip


def from_notes(held: frozenset[str], conversation: Conversation) -> tuple[str, str, str] | None:
    """What notes tell that the request brings along: they go before everything that is known otherwise.

    Gives the answer in markup, and what was said beside the notes: the instructions and the question. `held` is what a
    lookout tells of the system text and of all that was asked.
    """
    if held.isdisjoint(_NOTES):
        return None
    notes = import_module(".notes", __name__)
    given = notes.notes_given(conversation)
    told = notes.answer_from_notes(given) if given else None
    return (told, given.instructions, given.question) if told else None


# Where a question is to be put otherwise, one of these stands.
_PUTTING = frozenset([
    "standalone", "stand-alone", "self-contained", "rephrase", "reformulate", "rewrite", "condense", "search",
    "keyword", "key words", "version", "variation", "alternative", "queries",
])  # fmt: skip


def put_otherwise(held: frozenset[str], conversation: Conversation) -> str | None:
    """The question of a prompt that asks for it in other words, in markup. `held` is what a lookout tells of it."""
    if held.isdisjoint(_PUTTING):
        return None
    return _function("asking.put_otherwise")(conversation)


# Where options are offered, one of these stands; or examples show them.
_CHOOSING = frozenset([
    "choose", "select", "pick", "classif", "categor", "label", "sentiment", "topic", "intent", "class", "decide",
    "route", "which", "one of", "either", "whether", "yes", "true", "next", "only", "just", "exactly", "alone",
    "positive", "negative", "score", "rate", "rating", "grade", "judge", "evaluate", "assess",
])  # fmt: skip


def chosen(held: frozenset[str], ever: frozenset[str], conversation: Conversation) -> str | None:
    """One of the options that the request offers, in markup. `held` is what a lookout tells of the system text and the
    question, `ever` of these and all that was asked before."""
    if held.isdisjoint(_CHOOSING) and len(conversation.shown) < 2 and conversation.question.count(":") < 4:
        return None
    return _function("choosing.choose")(ever, conversation)


def _words(seen: Seen, conversation: Conversation) -> Set[str]:
    """The words of a request in which an instruction may stand, and FIGURE for any figure."""
    turn = conversation.meaning
    if len(turn) > 2 * _ENDS:
        turn = f"{turn[:_ENDS]} {turn[-_ENDS:]}"
    words = seen[turn]
    if conversation.system:
        words |= seen[conversation.system[:_ENDS]] - {FIGURE}
    return words | {" label "} if conversation.shown else words  # examples may show one
