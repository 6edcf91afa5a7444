"""A question put otherwise: so that it stands by itself, as the words to search for, or in several ways."""

from __future__ import annotations

import re

from ..reading.conversation import Conversation, resolve
from ..reading.numbers import COUNT_WORDS, read_number
from ..reading.vocabulary import vocabulary
from ..writing.markup import escape

_WAYS = "rephrase|reformulate|rewrite|condense"
_ALONE = re.compile(
    r"\b(?:stand-?alone|self-contained)\b[^.\n]{0,40}\b(?:question|query|message)|"
    rf"\b(?:{_WAYS})\b[^.\n]{{0,60}}\b(?:question|query|message)",
    re.IGNORECASE,
)
_SEARCHED = re.compile(
    r"\b(?:generate|write|create|give|formulate|produce|provide|come up with|extract|turn|convert|rewrite)\b"
    r"[^.\n]{0,80}"
    r"\b(?:search (?:query|queries|terms?)|keywords?|key words)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    rf"\b(?P<count>\d{{1,2}}|{COUNT_WORDS})\b[^.\n]{{0,30}}\b"
    r"(?P<of>versions?|variations?|alternatives?|search queries|queries|questions|keywords|rephrasings)\b",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"\b(?:input|question|query|message|follow-?up)\b\W{0,3}?[:>]\s*(?P<asked>[^\n]+)", re.IGNORECASE
)
_TURN = re.compile(
    r"^[^\w\n]*(?:human|user|customer)\s*:\s*(?P<said>.+)$|(?P<question>\b[A-Z][^\n.:?!]*\?)", re.I | re.MULTILINE
)
_TASK = re.compile(rf"(?:(?<=\?)|[,;.])\s*(?:please )?(?:{_WAYS})\b.*$", re.IGNORECASE)  # behind what it is about
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def put_otherwise(conversation: Conversation) -> str | None:
    """The question of a prompt that asks for it in other words; None for any other prompt."""
    whole = f"{conversation.system}\n{conversation.question}"
    alone, searched, several = (pattern.search(whole) for pattern in (_ALONE, _SEARCHED, _SEVERAL))
    ways = several is not None and several["of"].lower() not in {"questions", "keywords"}
    if not (alone or searched or (ways and re.search(r"\bquestion|\bquery", whole, re.IGNORECASE))):
        return None
    question = _question(conversation)
    if not question:
        return None
    count = int(read_number(several["count"])) if several else 1
    if searched:
        question = " ".join(_keywords(question)) or question
    if count < 2:
        return escape(question)
    words = _keywords(question)
    put = [question, " ".join(words), *words, *(f"{question} ({number})" for number in range(2, count))]
    return escape("\n".join(list(dict.fromkeys(put))[:count]))


def _question(conversation: Conversation) -> str:
    """The question that is to be put otherwise, in the light of the turns before it."""
    turn = conversation.question
    if labelled := list(_LABELLED.finditer(turn)):
        before = ""
        for said in _TURN.finditer(turn[: labelled[-1].start()]):
            before = resolve((said["said"] or said["question"]).strip(), before)
        return resolve(_TASK.sub("", labelled[-1]["asked"].strip()), before)
    if any(pattern.search(conversation.system) for pattern in (_ALONE, _SEARCHED, _SEVERAL)):
        return conversation.meaning
    lines = [line.strip() for line in turn.splitlines() if line.strip()]
    return lines[-1] if len(lines) > 1 else turn.rpartition(": ")[2] if ": " in turn else ""


def _keywords(question: str) -> list[str]:
    known = vocabulary()
    words = (word for word in _WORD.findall(question) if len(word) > 1)
    return list(dict.fromkeys(word for word in words if word.casefold() not in known.asking | known.common))
