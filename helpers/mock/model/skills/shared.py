"""What the skills share: whether the bare answer is wanted, and how a number is written."""

from __future__ import annotations

import re
from fractions import Fraction

from ..reading.conversation import Conversation

_ONLY = re.compile(
    r"\b(?:only|just|nothing (?:else|but)|(?:one|single) (?:word|number)|no explanation)\b", re.IGNORECASE
)


def wants_only(conversation: Conversation) -> bool:
    """Whether nothing but the bare answer is asked for: "Answer with the number only"."""
    return bool(_ONLY.search(conversation.question[-200:]) or _ONLY.search(conversation.system))


def shown(value: int | Fraction, *, measured: bool = False) -> tuple[str, bool]:
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
