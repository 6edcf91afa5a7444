"""The word that a prompt wants to hear: when the work is done ("TERMINATE"), or where nothing is known."""

from __future__ import annotations

import re

from .reading.conversation import Conversation

_READ = 8_000  # characters of instructions
_WORD = r"(?:\"([^\"\n]{1,60})\"|“([^”\n]{1,60})”|[`'‘]([^`'’\n]{1,60})[`'’]|(?-i:([A-Z]{3,}(?:[_ ][A-Z]{2,})*)))"
# Texts, which `re` compiles and keeps when they are first asked for: few requests need them.
_SAYING = (
    r"(?i)\b(?:say|reply|respond|answer|return|output|write|type|print|state|end|finish|conclude|add|append|use|send)\b"
    rf"[^.\n\"“`'‘]{{0,50}}?\s{_WORD}"
)
_DONE = (
    r"(?i)\b(?:when|once|if|after|until|as soon as|whenever|to (?:end|finish|stop|terminate|indicate|signal))\b"
    r".{0,200}?\b(?:done|finish\w*|complet\w*|ends?|satisf\w*|approv\w*|address\w*|resolved|solved|good|"
    r"no (?:more|further)|nothing (?:more|else|to)|accept\w*|ready|stop|terminat\w*|answered|fulfilled|over|"
    r"correct|fine)\b"
)
_UNKNOWN = r"(?i)\b(?:know|unsure|sure|unknown|cannot|can['’]t|unable|not (?:find|contain|in|available))\b"
_NO_WORDS = frozenset(
    ["JSON", "XML", "CSV", "SQL", "HTML", "YAML", "ONLY", "NOT", "NEVER", "ALWAYS", "MUST", "YOUR", "THE"]
)


# Of these a prompt holds one in each row, if a pattern is to match: looked for first, since that takes less time.
_SAYS = frozenset([
    "say", "reply", "respond", "answer", "return", "output", "write", "type", "print", "state", "end", "finish",
    "conclude", "add", "append", "use", "send",
])  # fmt: skip
_WHEN = frozenset([
    "when", "once", "if", "after", "until", "as soon as", "to end", "to finish", "to stop", "to terminate",
    "to indicate", "to signal",
])  # fmt: skip
_UNSURE = frozenset(["know", "sure", "cannot", "can't", "can’t", "unable", "not"])
WORDS = _SAYS | _WHEN | _UNSURE


def ending(held: frozenset[str], conversation: Conversation) -> str | None:
    """The word by which the model says that the work is done; None where no prompt names one.

    `held` is what a lookout for WORDS tells of the system text and of all that was asked.
    """
    if held.isdisjoint(_WHEN) or held.isdisjoint(_SAYS):
        return None
    return _named(conversation, _DONE)


def unknowing(held: frozenset[str], conversation: Conversation) -> str | None:
    """What is to be said where the answer is not known; None where no prompt says so."""
    if held.isdisjoint(_UNSURE) or held.isdisjoint(_SAYS):
        return None
    return _named(conversation, _UNKNOWN)


def _named(conversation: Conversation, condition: str) -> str | None:
    text = "\n".join((conversation.system, *conversation.asked))[-_READ:]
    for sentence in re.split(r"(?<=[.!?;])\s+|\n", text):
        if re.search(condition, sentence):
            for saying in re.finditer(_SAYING, sentence):
                word = next(filter(None, saying.groups()))
                if word not in _NO_WORDS:
                    return word.strip(" .")
    return None
