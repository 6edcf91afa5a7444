"""What the skills share: an instruction parted from the text it is about, list forms, numbers as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from ..reading.conversation import Conversation

_INSTRUCTION = 400  # characters; what is longer is no instruction for a plain skill


class Task(NamedTuple):
    """An instruction and the text that it is about: ("Write in capital letters", "good morning")."""

    instruction: str
    text: str


_MARKED = re.compile(
    r"(?:^|[\s.,;])(?:text|review|sentence|input|message|e-?mail|tweet|comment|ticket|passage|article|paragraph|"
    r"feedback|"
    r"words?|string|phrase)\s*:\s*",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"""^([^"“\n]{0,300}?)["“]([^"“”]{1,4000})["”]([^"“]{0,100})$""")
_SINGLE = re.compile(r"""^([^'‘\n]{0,300}? )['‘]([^'‘’\n]{1,1000})['’]([^'‘]{0,100})$""")
_FENCES = ("```", '"""')


def tasks(conversation: Conversation) -> Iterator[Task]:
    """The ways to read the last user turn as an instruction and its text, the likeliest first.

    The text stands in quotes, behind a colon, in a paragraph of its own, or is the whole turn when the system text
    holds the instruction.
    """
    question = conversation.question.strip()
    for pattern in (_QUOTED, _SINGLE):
        if quoted := pattern.match(question):
            yield Task(f"{quoted[1].strip()} {quoted[3].strip()}".strip(" :"), quoted[2].strip())
    head = question[: _INSTRUCTION + 20]
    if marked := _MARKED.search(head):
        yield from _task(question[: marked.end()].rstrip(": "), question[marked.end() :])
    for colon in list(re.finditer(r":(?=\s)", head))[:3]:
        yield from _task(question[: colon.start()], question[colon.end() :])
    asked, mark, rest = head.partition("? ")
    if mark:
        yield from _task(f"{asked}?", question[len(asked) + 2 :])
    first, newline, rest = question.partition("\n")
    if newline:
        yield from _task(first, rest)
        above, _, last = question.rpartition("\n")
        yield from _task(last, above)
    if conversation.system:
        yield from _task(conversation.system, question)


def _task(instruction: str, text: str) -> Iterator[Task]:
    instruction, text = instruction.strip(" \n:"), text.strip()
    for fence in _FENCES:
        if text.startswith(fence) and text.endswith(fence) and len(text) > 2 * len(fence):
            text = text[len(fence) : -len(fence)].strip()
    if len(text) > 1 and (text[0], text[-1]) in {('"', '"'), ("“", "”"), ("'", "'")}:
        text = text[1:-1]
    if instruction and text.strip() and len(instruction) <= _INSTRUCTION:
        yield Task(instruction, text.strip())


_ONLY = re.compile(
    r"\b(?:only|just|nothing (?:else|but)|(?:one|single) (?:word|number)|no explanation)\b", re.IGNORECASE
)


def wants_only(conversation: Conversation) -> bool:
    """Whether nothing but the bare answer is asked for: "Answer with the number only"."""
    return bool(_ONLY.search(conversation.question[-200:]) or _ONLY.search(conversation.system))


_COMMAS = re.compile(r"\bcommas?\b|\bJSON\b|\b(?:on|in) (?:one|a single) line\b", re.IGNORECASE)
_NUMBERED = re.compile(r"\bnumbered|\bnumbers? (?:them|the|each)\b", re.IGNORECASE)
_BULLETS = re.compile(r"\bbullet", re.IGNORECASE)
_LINES = re.compile(r"\b(?:one|each|separate|own|new)\b[\w ]{0,12}\blines?\b|\bone per line\b", re.IGNORECASE)


def listed(items: Sequence[str], wish: str, default: str = "numbered") -> str:
    """Items in the form that a wish names (commas, numbers, bullets, lines), as plain text."""
    forms = (("commas", _COMMAS), ("numbered", _NUMBERED), ("bullets", _BULLETS), ("lines", _LINES))
    match next((name for name, pattern in forms if pattern.search(wish)), default):
        case "commas":
            return ", ".join(items)
        case "bullets":
            return "\n".join(f"- {item}" for item in items)
        case "numbered":
            return "\n".join(f"{number}. {item}" for number, item in enumerate(items, 1))
        case _:
            return "\n".join(items)


def shown(value: Fraction, *, measured: bool = False) -> tuple[str, bool]:
    """A number as it is written, and whether that is exact: ("1,234.5", True), ("0.333333", False).

    It has six places behind the point, more where that leaves fewer than six digits that count; what is `measured` has
    no more digits than six that count, two of them behind the point.
    """
    if value.denominator == 1:
        return f"{value.numerator:,}", True
    zeros = len(str(value.denominator // abs(value.numerator))) if abs(value) < 1 else 0
    places = 6 + (zeros if abs(value) < Fraction(1, 1000) else 0)
    if measured:
        places = min(5 + zeros if zeros else max(6 - len(str(int(abs(value)))), 2), 40)
    scaled = round(abs(value) * 10**places)
    whole, rest = divmod(scaled, 10**places)
    decimals = f"{rest:0{places}}".rstrip("0")
    text = f"{'-' if value < 0 else ''}{whole:,}{'.' if decimals else ''}{decimals}"
    return text, Fraction(scaled, 10**places) == abs(value)
