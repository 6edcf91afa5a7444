"""A text repeated as it is."""

from __future__ import annotations

import re

from ..reading.conversation import Conversation
from ..writing.markup import escape

_SAY = re.compile(
    r"^\s*(?:please )?(?:say|repeat|echo|write)(?: exactly| after me| this| the words?)?\s*:\s*(?P<text>.+)$",
    re.IGNORECASE | re.DOTALL,
)


def repeat(conversation: Conversation) -> str | None:
    """The text that is to be said again."""
    said = _SAY.match(conversation.question)
    return escape(said["text"].strip()) if said else None
