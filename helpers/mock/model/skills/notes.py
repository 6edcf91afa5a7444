"""Answers from notes that a request brings along, as programs send them that look things up before they ask.

The notes stand in the system text or above the question: after a word for them ("Context: …", "Answer with these
notes."), in a tag or between fences. What they say goes before what the mock knows by itself; where nothing but the
notes may be used, a question beside them is answered by saying that they do not tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from ..reading.calendar import MONTHS
from ..reading.conversation import READ, Conversation
from ..reading.numbers import CARDINALS
from ..reading.vocabulary import stem, vocabulary, with_synonyms
from ..writing.markup import escape

_READ = 12_000  # characters of notes
_LONG = 240  # characters of a note that is told whole; of a longer one the best sentence is told
_MOST = 3  # notes in one answer
_ENOUGH = 0.5  # of the words of a question that its notes must have

_NAMED = (
    r"(?:notes?|context|sources?|documents?|passages?|facts|excerpts?|snippets?|knowledge base|faq|handbook|manual|"
    r"(?<=these |those )(?:texts|articles)|(?<=this )(?:text|article|information)|"
    r"(?<=following )(?:text|articles?|information)|(?<=provided )(?:texts?|articles?|information))"
)
_TAG = re.compile(rf"<(?P<what>{_NAMED})>", re.IGNORECASE)
_FENCE = re.compile(rf"\b(?P<what>{_NAMED})\b[^\n]{{0,80}}\n*(?P<fence>```|\"\"\")", re.IGNORECASE)
_HEADED = re.compile(rf"\b(?P<what>{_NAMED})\b[^\n.:]{{0,40}}:(?=\s)(?P<notes>.+)", re.IGNORECASE | re.DOTALL)
_ANNOUNCED = re.compile(rf"\b(?P<what>{_NAMED})\b[^\n.]{{0,60}}(?:\.\s|\n)(?P<notes>.+)", re.IGNORECASE | re.DOTALL)
_ONLY = re.compile(
    rf"\b(?:only|solely|exclusively|nothing (?:but|else than))\b[^.\n]{{0,60}}\b{_NAMED}\b|"
    rf"\b{_NAMED}\b[^.\n]{{0,30}}\b(?:only|alone)\b|"
    r"\b(?:no|not|never|n['’]t)\b[^.\n]{0,30}\b(?:other|outside|prior|general|your own)\s+"
    r"(?:knowledge|information|sources?)",
    re.IGNORECASE,
)
_IF_NOT = re.compile(
    r"\b(?:if|when|where|otherwise|else)\b[^\n\"“]{0,120}\b(?:say|answer|reply|respond|write)\b[^\n\"“'‘.]{0,30}"
    r"(?:\"([^\"\n]{1,200})\"|“([^”\n]{1,200})”|['‘]([^\n]{1,200}?)['’](?!\w))",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"(?im)^\W*(?:question|q|query)\s*:\s*(.+)$")
_ITEM = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,3}[.)]|\[[^\]\n]{1,40}\]:?)\s+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"“])")
_WORD = re.compile(r"[^\W_]+")
# What an answer must hold, by how the question is put.
_EXPECTED = (
    (
        re.compile(r"\b(?:when|what time|which day|how (?:long|much|many|old|far|often))\b", re.IGNORECASE),
        re.compile(
            r"\d|\b(?:noon|midnight|always|never|daily|weekly|monthly|every|free|no|none|once|twice|today|tomorrow|"
            rf"\w+days?|{'|'.join([*MONTHS, *CARDINALS])})\b",
            re.IGNORECASE,
        ),
    ),
    (
        re.compile(r"^\W*who\b", re.IGNORECASE),
        re.compile(r"(?<=[a-z,;] )[A-Z][a-z]|\b(?:by|team|desk|reception|manager|staff|department|office)\b"),
    ),
)


class _Notes(NamedTuple):
    """Notes one by one, what they are called, the text that says what to do with them, and the question."""

    notes: Sequence[str]
    name: str
    instructions: str
    question: str


def answer_from_notes(conversation: Conversation) -> str | None:
    """What the notes tell, in markup; that they do not, where nothing else may; None without notes that matter."""
    given = _given(conversation)
    if given is None:
        return None
    wanted = _stems(given.question)
    if not wanted:
        return None
    if told := _telling(given.notes, wanted, given.question):
        return escape(" ".join(told))
    if not _ONLY.search(given.instructions) or not _asks(given.question):
        return None
    if as_told := _IF_NOT.search(given.instructions):
        return escape(next(filter(None, as_told.groups())))
    verb = "do" if given.name.endswith("s") else "does"
    return f"{{The {given.name} {verb} not say that.|That is not in the {given.name}.}}"


def _given(conversation: Conversation) -> _Notes | None:
    """The notes in the system text, else those above the question."""
    if found := _noted(conversation.system):
        return _Notes(*found, conversation.system, conversation.meaning)
    turn = conversation.question
    if "\n" not in turn or len(turn) >= READ or not (found := _noted(turn)):
        return None
    lines = [line.strip() for line in turn.splitlines() if line.strip()]
    asked = _QUESTION.search(turn)
    question = asked[1] if asked else next((line for line in (lines[-1], lines[0]) if line.endswith("?")), "")
    notes = [note for note in found[0] if question not in note]
    return _Notes(notes, found[1], turn, question) if question and notes else None


def _noted(text: str) -> tuple[list[str], str] | None:
    """The notes in a text, and what they are called."""
    text = text[:_READ]
    if (tag := _TAG.search(text)) and (end := text.find(f"</{tag['what']}>", tag.end())) >= 0:
        return list(_parted(text[tag.end() : end])), tag["what"].lower()
    if (fence := _FENCE.search(text)) and (end := text.find(fence["fence"], fence.end())) >= 0:
        return list(_parted(text[fence.end() : end])), fence["what"].lower()
    for pattern in (_HEADED, _ANNOUNCED):
        if (match := pattern.search(text)) and (notes := _parted(match["notes"])):
            return notes, match["what"].lower()
    return None


def _parted(notes: str) -> list[str]:
    """One note for each item of a list, and for each sentence of any other line."""
    found: list[str] = []
    for line in notes.splitlines():
        item = _ITEM.match(line)
        parts = [line[item.end() :]] if item else _SENTENCE.split(line)
        found += [part.strip() for part in parts if _WORD.search(part)]
    return found


def _stems(text: str) -> frozenset[str]:
    words = (word.casefold() for word in _WORD.findall(text))
    return frozenset(
        stem(word) for word in words if word not in vocabulary().asking and (len(word) > 1 or word.isdigit())
    )


def _telling(notes: Sequence[str], wanted: frozenset[str], question: str) -> list[str]:
    """The notes that tell what is asked, the best first; another is added only for two more words of the question."""
    kin = {word: with_synonyms({word}) for word in wanted}
    spoken = [(note, _held(kin, note)) for note in notes]
    told: list[str] = []
    left = wanted
    while len(told) < _MOST:
        note, words = max(spoken, key=lambda pair: len(pair[1] & left))
        if not words & left or (told and len(words & left) < 2):
            break
        told.append(_shortened(note, kin))
        left -= words
    enough = len(wanted - left) >= _ENOUGH * len(wanted)
    answered = all(answer.search(" ".join(told)) for put, answer in _EXPECTED if put.search(question))
    return told if told and enough and answered else []


def _held(kin: Mapping[str, Set[str]], text: str) -> frozenset[str]:
    """The words of a question that a text has, or words that mean the same."""
    stems = _stems(text)
    return frozenset(word for word, alike in kin.items() if alike & stems)


def _shortened(note: str, kin: Mapping[str, Set[str]]) -> str:
    if len(note) > _LONG:
        note = max(_SENTENCE.split(note), key=lambda sentence: len(_held(kin, sentence)))
    return note if note[-1] in '.!?”"' else f"{note}."


def _asks(question: str) -> bool:
    """Whether it is a question, or a request to be told something; no greeting and no thanks."""
    first = next(iter(_WORD.findall(question)), "").casefold()
    return "?" in question or first in vocabulary().tell
