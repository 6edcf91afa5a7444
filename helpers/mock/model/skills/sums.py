"""Arithmetic: expressions in signs or in words, percentages, sums and averages of several numbers.

Values are fractions, so nothing is lost on the way; what has no short decimal form is rounded and said to be.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from fractions import Fraction

from ..reading.conversation import Conversation
from ..reading.numbers import ONES, SMALL, TENS, read_number
from . import measures
from .shared import shown, wants_only

_READ = 400  # characters of a question
_LONGEST = 120  # characters of an expression
_MOST_BITS = 2_000  # of a number on the way
_DEEPEST = 20  # brackets within brackets
DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"


class NoSumError(ValueError):
    """The text is no expression that can be worked out."""


def calculate(conversation: Conversation) -> str | None:
    """The value of a sum, or of a quantity in another unit."""
    question = conversation.question
    if len(question) > _READ:
        return None
    lowered = question.lower()
    try:
        return (
            measures.convert(conversation)
            or (_expression(conversation) if any(map(lowered.__contains__, _HINTS)) else None)
            or _several(question)
        )
    except (NoSumError, ArithmeticError, ValueError):
        return None


# Without one of these there is nothing to work out: looked for first, since the patterns below take longer.
_HINTS = (
    *"+*/^√×÷·%-−²³", "plus", "minus", "times", "divided", "multiplied", "power", "square", "cube", "percent",
    "per cent",
    "half of", "twice", "double", "mod", " x ", *(f"x{digit}" for digit in range(1, 10)),
)  # fmt: skip
_NAMES = (*SMALL, *TENS)
_NUMBER_NAMES = tuple(name for name in _NAMES if not any(other in name for other in _NAMES if other != name))
_NUMBER_WORD = re.compile(
    rf"\b(?:(?:{'|'.join(TENS)})(?:[- ](?:{'|'.join(ONES)}))?|{'|'.join(reversed(SMALL))})\b(?! hundred| thousand)",
    re.I,
)
_SIGNS = {
    "plus": "+", "minus": "-", "times": "*", "multiplied by": "*", "divided by": "/", "to the power of": "^",
    "squared": "^2", "cubed": "^3", "percent of": "% of", "per cent of": "% of", "square root of": "√",
    "half of": "0.5 *", "twice": "2 *", "double": "2 *", "modulo": "mod", "×": "*", "÷": "/", "·": "*", "−": "-",
    "**": "^", "²": "^2", "³": "^3",
}  # fmt: skip
_SPOKEN = re.compile(
    "|".join(
        rf"(?<!\w)(?:the )?{re.escape(sign)}(?!\w)" if sign[0].isalpha() else re.escape(sign)
        for sign in sorted(_SIGNS, key=len, reverse=True)
    ),
    re.IGNORECASE,
)
_CROSS = re.compile(r"(?<=\d) x (?=\d)|(?<=\d)(?<!\b0)x(?=[1-9])", re.IGNORECASE)  # 12 x 12; 0x12 is something else
_SIGNED = re.compile(r"[-+*/^√]|% of|\bmod\b")
_TAIL = re.compile(r"(?:[\s.,]|\bof|\bmod)+$")
_RUN = re.compile(r"(?<![\w.,$€£])[-(√\d.](?:[\d\s.,+\-*/^√%()]|of\b|mod\b)*")
_BEFORE = re.compile(
    r"(?:^|[\s.,:!?])(?:what(?:['’]?s| is| are| does| do)?|how (?:much|many) (?:is|are|does)|calculate|compute|"
    r"evaluate|"
    r"solve|work out|add|(?:result|value|sum|answer) (?:of|to)|tell me|multiply|find)\s*:?\s*$|^\W*$",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\s*(?:=\s*|(?:equals?(?: to)?|make|be|come to|is)\s*)?(?:[?.!,;\n]|$)", re.IGNORECASE)
_NO_SUM = re.compile(
    r"24/7|9/11|\d{4}-\d{1,2}(?:-\d{1,2})?|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{3,4}-\d{4}|(?:\d{3,4}-){2}\d{3,4}"
)
_OPERATION = re.compile(r"[+*/^√]|\d\s*\)*\s*-|of\b|mod\b")


def _expression(conversation: Conversation) -> str | None:
    text, lowered = conversation.question, conversation.question.lower()
    # Looking for the words themselves takes a tenth of the time that a pattern of so many takes.
    if any(map(lowered.__contains__, _SIGNS)):
        text = _SPOKEN.sub(lambda match: _SIGNS.get(match[0].lower().removeprefix("the "), match[0]), text)
    text = _CROSS.sub(" * ", text)
    if not _SIGNED.search(text):
        return None
    if any(map(lowered.__contains__, _NUMBER_NAMES)):
        text = _NUMBER_WORD.sub(lambda match: str(read_number(match[0])), text)
    for match in _RUN.finditer(text):
        written = match[0] if match[0][-1].isdigit() else _TAIL.sub("", match[0])
        end = match.start() + len(written)
        if not _OPERATION.search(written) or len(written) > _LONGEST or _NO_SUM.fullmatch(written):
            continue
        rest = text[end:]
        ending = _AFTER.match(rest)
        if not ending or "?" in rest[ending.end() :] or not _BEFORE.search(text[: match.start()]):
            return None
        expression = written
        if "," in written or "√" in written:
            expression = re.sub(r",(?=\d{3})|(?<=√) ", "", written)
        expression = expression.strip()
        value, exact = shown(value_of(expression))
        if wants_only(conversation):
            return value
        expression = expression.replace("^", "**") if "**" in conversation.question else expression
        return f"{{{expression} {'is' if exact else 'is about'} {value}.|{expression} {'=' if exact else '≈'} {value}}}"
    return None


_PIECE = re.compile(rf"{DIGITS}|[-+*/^√%()]|of|mod|\S")


def value_of(expression: str) -> Fraction:
    """The value of an expression in + - * / ^ √ % of, mod and brackets. Raises NoSumError for anything else."""
    pieces = _PIECE.findall(expression)
    parser = _Parser(pieces)
    value = parser.sum(0)
    if parser.position != len(pieces):
        raise NoSumError(expression)
    return value


_PRODUCTS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "*": operator.mul,
    "of": operator.mul,
    "/": operator.truediv,
    "mod": operator.mod,
}


class _Parser:
    """Recursive descent, a method for each precedence; `depth` bounds the brackets."""

    def __init__(self, pieces: list[str]) -> None:
        self.pieces = pieces
        self.position = 0

    def take(self, *wanted: str) -> str:
        here = self.pieces[self.position] if self.position < len(self.pieces) else ""
        if here not in wanted:
            return ""
        self.position += 1
        return here

    def sum(self, depth: int) -> Fraction:
        value = self.product(depth)
        while sign := self.take("+", "-"):
            right = self.product(depth)
            value = value + right if sign == "+" else value - right
        return value

    def product(self, depth: int) -> Fraction:
        value = self.signed(depth)
        while sign := self.take("*", "/", "mod", "of"):
            right = self.signed(depth)
            if sign == "of" and self.pieces[self.position - 2] != "of":
                raise NoSumError("“of” what?")
            value = _PRODUCTS[sign](value, right)
        return _bounded(value)

    def signed(self, depth: int) -> Fraction:
        if self.take("-"):
            if depth > _DEEPEST:
                raise NoSumError("too deep")
            return -self.signed(depth + 1)
        return self.power(depth)

    def power(self, depth: int) -> Fraction:
        base = self.atom(depth)
        if not self.take("^"):
            return base
        exponent = self.signed(depth + 1)
        if exponent.denominator != 1 or abs(exponent) * max(1, _bits(base)) > _MOST_BITS:
            raise NoSumError("a power too far")
        return base ** int(exponent)

    def atom(self, depth: int) -> Fraction:
        if depth > _DEEPEST:
            raise NoSumError("too deep")
        if self.take("√"):
            value = root(self.atom(depth + 1))
        elif self.take("("):
            value = self.sum(depth + 1)
            if not self.take(")"):
                raise NoSumError("an open bracket")
        else:
            piece = self.pieces[self.position] if self.position < len(self.pieces) else ""
            if not piece[-1:].isdigit() or not piece.isascii() or len(piece) > 60:
                raise NoSumError(piece)
            self.position += 1
            value = Fraction(int(piece) if piece.isdigit() else piece.replace(",", ""))
        if self.take("%"):
            value /= 100
            if self.position >= len(self.pieces) or self.pieces[self.position] not in {"of", "*"}:
                raise NoSumError("a percentage of what?")
        return value


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _bounded(value: Fraction) -> Fraction:
    if _bits(value) > _MOST_BITS:
        raise NoSumError("too large")
    return value


def root(value: Fraction) -> Fraction:
    """The square root, to 30 digits where it is not rational."""
    if value < 0:
        raise NoSumError("the root of a negative number")
    scale = 10**30
    exact = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
    return (
        exact
        if exact * exact == value
        else Fraction(math.isqrt(value.numerator * scale**2 // value.denominator), scale)
    )


# --- in words ---------------------------------------------------------------------------------------------------------

_ASK = r"^\W*(?:please |can you |could you )*(?:what(?:['’]s| is)|calculate|compute|find|tell me|give me|work out) "
_SEVERAL = re.compile(
    _ASK + rf"(?:the )?(?P<what>sum|total|average|mean|product) of (?:the )?(?:numbers |following numbers:? )?"
    rf"(?P<numbers>-?(?:{DIGITS})(?:(?:\s*,\s*(?:and )?|\s+and\s+|\s+)-?(?:{DIGITS}))+)\s*[?.!]*$",
    re.IGNORECASE,
)


def _several(question: str) -> str | None:
    match = _SEVERAL.match(question.strip())
    if not match:
        return None
    listed = match["numbers"]
    if re.search(r"\d,\d", listed) and re.search(r"\d,\d{3}(?!\d)", listed) and ", " not in listed:
        return None  # "1,200" may be one number or two
    numbers = [Fraction(text.replace(",", "")) for text in re.findall(rf"-?(?:{DIGITS})", listed)]
    what = match["what"].lower()
    value = math.prod(numbers) if what == "product" else sum(numbers, Fraction(0))
    if what in {"average", "mean"}:
        value /= len(numbers)
    text, exact = shown(_bounded(Fraction(value)))
    return f"The {what} is {'' if exact else 'about '}{text}."
