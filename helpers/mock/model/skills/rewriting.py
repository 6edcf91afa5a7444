"""A text repeated as it is, or in capital or small letters."""

from __future__ import annotations

import re

from ..reading.conversation import Conversation
from ..writing.markup import escape
from .shared import tasks

_SAY = re.compile(
    r"^\s*(?:please )?(?:say|repeat|echo|write)(?: exactly| after me| this| the words?)?\s*:\s*(?P<text>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_CASED = re.compile(
    r"^\W*(?:(?:please|can you|could you)[\s,]+)*(?:convert|change|turn|put|make|write|rewrite)\b[^.\n]{0,60}?"
    r"\b(?P<case>upper|capital|lower|small)(?:s|[- ]?case| letters?)\W*$|^\W*(?P<alone>upper|lower)[- ]?case\W*$",
    re.IGNORECASE,
)


def rewrite(conversation: Conversation) -> str | None:
    """The text that is given, repeated or rewritten as asked."""
    if said := _SAY.match(conversation.question):
        return escape(said["text"].strip())
    for instruction, text in tasks(conversation):
        if cased := _CASED.match(instruction[:200]):
            small = (cased["case"] or cased["alone"]).lower() in {"lower", "small"}
            return escape(text.lower() if small else text.upper())
    return None
