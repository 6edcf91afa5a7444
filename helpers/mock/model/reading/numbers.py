"""Numbers as texts write them: in figures ("1,184.50") and in words ("forty-two")."""

from __future__ import annotations

import re

from ...text import lowered

ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
SMALL = (
    "zero", *ONES, "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
"""From "zero" to "nineteen", each at its own index."""

CARDINALS = {
    **{word: number for number, word in enumerate(SMALL)},
    **{word: 10 * number for number, word in enumerate(TENS, 2)},
    "hundred": 100,
    "dozen": 12,
}
COUNT_WORDS = rf"(?:{'|'.join(TENS)})[ -](?:{'|'.join(ONES)})|{'|'.join(CARDINALS)}"
"""A pattern for a number in words below a hundred, "hundred" and "dozen"."""


def read_number(number: str) -> int | float:
    """The value of a number in figures or in words: "1,184.50" is 1184.5, "−3" is -3, "forty-two" is 42."""
    if not number[-1].isdigit():
        return sum(CARDINALS[word] for word in re.split(r"[ -]", lowered(number)))
    plain = number.replace(",", "").replace("−", "-")
    return float(plain) if "." in plain else int(plain)


def without_point(value: float) -> int | float:
    """The same number, an int where it is whole."""
    return int(value) if float(value).is_integer() else value
