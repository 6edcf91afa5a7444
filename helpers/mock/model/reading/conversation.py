"""What a request says, read once: its texts, pictures and sounds, and what a follow-up means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from ...messages import SYSTEM, Message
from ...text import lowered

if TYPE_CHECKING:
    from ...media.pictures import Picture
    from ...media.sounds import Sound

READ = 4_000
"""Characters of a turn that are read; a turn as long as that was cut, and no skill answers half a text."""


@dataclass(slots=True)  # not frozen: there is one for each request, and frozen ones are made in twice the time
class Conversation:
    """What a request says, as skills and tools read it.

    `question` is the text of the last user turn; `meaning` is the same with what it leaves out filled in from the
    turns before ("and in Asia?" -> "How many languages are in Asia?"). `shown` pairs the earlier user turns with their
    replies. `pictures` and `sounds` are those that the model still has in context. `messages` are all of it, uncut.
    """

    system: str
    question: str
    meaning: str
    asked: tuple[str, ...] = ()
    shown: tuple[tuple[str, str], ...] = ()
    pictures: tuple[Picture, ...] = ()
    sounds: tuple[Sound, ...] = ()
    messages: Sequence[Message] = ()


def read(messages: Sequence[Message], pictures: Sequence[Picture] = (), sounds: Sequence[Sound] = ()) -> Conversation:
    """Read a conversation, with the pictures and sounds that it has in context."""
    asked = tuple([message.text[:READ] for message in messages if message.role == "user"])
    system = "\n".join([message.text for message in messages if message.role in SYSTEM and message.text])
    if not asked and system:  # which is the prompt then
        asked, system = (system[:READ],), ""
    meaning = ""
    for question in asked:
        meaning = resolve(question, meaning)
    return Conversation(
        system=system,
        question=asked[-1] if asked else "",
        meaning=meaning,
        asked=asked,
        shown=_shown(messages) if len(asked) > 1 else (),
        pictures=tuple(pictures),
        sounds=tuple(sounds),
        messages=messages,
    )


def _shown(messages: Sequence[Message]) -> tuple[tuple[str, str], ...]:
    """The user turns that got a reply, each with it."""
    return tuple(
        (turn.text[:READ], reply.text[:READ])
        for turn, reply in pairwise(messages)
        if turn.role == "user" and reply.role == "assistant"
    )


# --- what a follow-up means -------------------------------------------------------------------------------------------

_LEAD = re.compile(r"^\s*(?:and|but|so|ok(?:ay)?|now|then|well)\b[\s,]*", re.IGNORECASE)
_COUNTED = re.compile(
    r"\bhow (?:many|much) (?P<noun>.+?)"
    r"\s+(?:is|are|was|were|do|does|did|can|could|have|has|live|exist|there|in|on|at)\b",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(
    r"how (?:many|much)\b(?:\s+of (?:them|these|those|it)\b|\s+(?:are|in|on|at|live)\b)", re.IGNORECASE
)
_PLACE = re.compile(
    r"\b(in|on|at|for|of|from|to|near|during|by)\s+(?P<object>[^?.!,;]+?)\s*(?=[?.!,;]|$)", re.IGNORECASE
)
_ABOUT = re.compile(r"^(?:what|how) about\s+(?P<object>[^?!]+?)[\s?!.]*$", re.IGNORECASE)
_ONLY_PLACE = re.compile(
    r"^(?P<word>in|on|at|for|of|from|to|near|during|by)\s+(?P<object>[^?!]+?)[\s?!.]*$", re.IGNORECASE
)
_WHEN = re.compile(
    r"(?:today|tonight|tomorrow|yesterday|now|(?:next|this) (?:week|weekend|month|year)|"
    r"(?:(?:on|next|this) )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
# Another thing of which there are so many: "And how many museums?".
_HOW_MANY_OTHERS = re.compile(r"^how (?:many|much) (?P<noun>[^\W\d_]+(?: [^\W\d_]+)?)[\s?.!]*$", re.IGNORECASE)
_POINTING = frozenset([
    "it", "its", "they", "them", "their", "that", "this", "those", "these", "he", "she", "him", "her", "there", "one",
    "ones",
])  # fmt: skip
_WORD = re.compile(r"\w+")


def resolve(question: str, before: str) -> str:
    """What a question means in the light of the one before it.

    "How many bridges are in Ghent?", then "and how many of them in Bruges?" -> "How many bridges are in Bruges?".
    A question that stands on its own comes back unchanged.
    """
    if not before.strip():
        return question
    bare = _LEAD.sub("", question).strip()
    counted = _COUNTED.search(before)
    if counted and (others := _HOW_MANY_OTHERS.match(bare)):
        return f"{before[: counted.start('noun')]}{others['noun']}{before[counted.end('noun') :]}"
    about = _ABOUT.match(bare)
    if about and _WHEN.match(about["object"]):
        return f"{before.strip().rstrip('?.! ')} {about['object']}?"
    if other := about or _ONLY_PLACE.match(bare):
        return _with_object(before, other.groupdict().get("word"), other["object"]) or f"{bare} ({before})"
    if counted and _HOW_MANY.match(bare):
        noun = counted["noun"]
        return re.sub(r"^(how (?:many|much))(?:\s+of (?:them|these|those|it))?", rf"\1 {noun}", bare, flags=re.I)
    points = len(bare.split()) <= 12 and not _POINTING.isdisjoint(_WORD.findall(lowered(bare)))
    if points and bare.lower() != before.lower():
        return f"{bare} ({before.strip()})"
    return question


def _with_object(before: str, word: str | None, new: str) -> str | None:
    """The question before, about another place or thing."""
    every = list(_PLACE.finditer(before))
    if not every:
        return None
    alike = [phrase for phrase in every if word and phrase[1].lower() == word.lower()]
    last = (alike or every)[-1]
    kept = before[: last.start("object")] if word is None else f"{before[: last.start()]}{word} "
    return f"{kept}{new.strip()}{before[last.end('object') :]}"
