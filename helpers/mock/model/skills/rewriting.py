"""A text repeated as it is, or in capital or small letters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..reading.conversation import Conversation
from ..writing.markup import escape

_SAY = re.compile(
    r"^\s*(?:please )?(?:say|repeat|echo|write)(?: exactly| after me| this| the words?)?\s*:\s*(?P<text>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_CASED = re.compile(
    r"^\W*(?:(?:please|can you|could you)[\s,]+)*(?:convert|change|turn|put|make|write|rewrite)\b[^.\n]{0,60}?"
    r"\b(?P<case>upper|capital|lower|small)(?:s|[- ]?case| letters?)\W*$|^\W*(?P<alone>upper|lower)[- ]?case\W*$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"""^([^"“\n]{0,300}?)["“]([^"“”]{1,4000})["”]([^"“]{0,100})$""")
_PARTED = re.compile(r"^([^:\n]{1,300})(?::\s|\n)\s*(.+)$", re.DOTALL)


def rewrite(conversation: Conversation) -> str | None:
    """The text that is given, repeated or rewritten as asked."""
    if said := _SAY.match(conversation.question):
        return escape(said["text"].strip())
    for instruction, text in _tasks(conversation):
        if text and (cased := _CASED.match(instruction[:200])):
            small = (cased["case"] or cased["alone"]).lower() in {"lower", "small"}
            return escape(text.lower() if small else text.upper())
    return None


def _tasks(conversation: Conversation) -> Iterator[tuple[str, str]]:
    """The ways to read a turn as an instruction and its text: which stands in quotes, behind a colon or a line's end,
    or is the whole turn where the system text holds the instruction."""
    question = conversation.question.strip()
    if quoted := _QUOTED.match(question):
        yield f"{quoted[1].strip()} {quoted[3].strip()}".strip(" :"), quoted[2].strip()
    if parted := _PARTED.match(question):
        yield parted[1], parted[2].strip('"“” \n')
    yield conversation.system, question
