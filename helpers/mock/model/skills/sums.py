"""Arithmetic: expressions in signs or in words, and percentages. Python's own parser reads them.

Values are fractions, so nothing is lost on the way; what has no short decimal form is rounded and said to be.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ..reading.conversation import Conversation
from . import measures
from .shared import shown, wants_only

_READ = 400  # characters of a question
_LONGEST = 120  # characters of an expression
_MOST_BITS = 2_000  # of a number on the way
DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"


Exact = int | Fraction


class NoSumError(ValueError):
    """The text is no expression that can be worked out."""


def calculate(conversation: Conversation) -> str | None:
    """The value of a sum, or of a quantity in another unit."""
    question = conversation.question
    if len(question) > _READ:
        return None
    lowered = question.lower()
    try:
        asks = any(map(lowered.__contains__, _HINTS))
        return measures.convert(conversation) or (_expression(conversation) if asks else None)
    except (NoSumError, ArithmeticError, ValueError):
        return None


# Without one of these there is nothing to work out: looked for first, since the patterns below take longer.
_HINTS = (
    *"+*/^√×÷·%-−²³", "plus", "minus", "times", "divided", "multiplied", "power", "square", "cube", "percent",
    "per cent",
    "half of", "twice", "double", " x ", *(f"x{digit}" for digit in range(1, 10)),
)  # fmt: skip
_SIGNS = {
    "plus": "+", "minus": "-", "times": "*", "multiplied by": "*", "divided by": "/", "to the power of": "^",
    "squared": "^2", "cubed": "^3", "percent of": "% of", "per cent of": "% of", "square root of": "√",
    "half of": "0.5 *", "twice": "2 *", "double": "2 *", "×": "*", "÷": "/", "·": "*", "−": "-",
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
_SIGNED = re.compile(r"[-+*/^√]|% of")
_TAIL = re.compile(r"(?:[\s.,]|\bof)+$")
_RUN = re.compile(r"(?<![\w.,$€£])[-(√\d.](?:[\d\s.,+\-*/^√%()]|of\b)*")
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
_OPERATION = re.compile(r"[+*/^√]|\d\s*\)*\s*-|of\b")


def _expression(conversation: Conversation) -> str | None:
    text, lowered = conversation.question, conversation.question.lower()
    # Looking for the words themselves takes a tenth of the time that a pattern of so many takes.
    if any(map(lowered.__contains__, _SIGNS)):
        text = _SPOKEN.sub(lambda match: _SIGNS.get(match[0].lower().removeprefix("the "), match[0]), text)
    if "x" in lowered:
        text = _CROSS.sub(" * ", text)
    if not _SIGNED.search(text):
        return None
    for match in _RUN.finditer(text):
        written = match[0] if match[0][-1].isdigit() else _TAIL.sub("", match[0])
        end = match.start() + len(written)
        if not _OPERATION.search(written) or len(written) > _LONGEST or _NO_SUM.fullmatch(written):
            continue
        rest = text[end:]
        ending = _AFTER.match(rest)
        if not ending or "?" in rest[ending.end() :] or not _BEFORE.search(text[: match.start()]):
            return None
        expression = re.sub(r",(?=\d{3})|(?<=√) ", "", written).strip()
        value, exact = shown(value_of(expression))
        if wants_only(conversation):
            return value
        expression = expression.replace("^", "**") if "**" in conversation.question else expression
        return f"{{{expression} {'is' if exact else 'is about'} {value}.|{expression} {'=' if exact else '≈'} {value}}}"
    return None


_PERCENT = re.compile(rf"({DIGITS})\s*%\s*(?:of|\*)")
_ROOT = re.compile(rf"√\s*(?:(?=\()|({DIGITS}))")
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Exact]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: Fraction,
}


def value_of(expression: str) -> Exact:
    """The value of an expression in + - * / ^ √ % of and brackets. Raises NoSumError for anything else."""
    written = re.sub(r",(?=\d{3})", "", expression)
    if "%" in written:
        written = _PERCENT.sub(r"(\1/100) *", written)
    written = written.replace("^", "**").strip()
    written = _ROOT.sub(lambda match: f"root({match[1]})" if match[1] else "root", written)
    try:
        return _worked_out(ast.parse(written, mode="eval").body, written)
    except SyntaxError:
        raise NoSumError(expression) from None


def _worked_out(node: ast.expr, written: str) -> Exact:
    """The value of a part of an expression as Python reads it."""
    match node:
        case ast.Constant(value=int() as whole):
            return whole
        case ast.Constant(value=float()):
            return Fraction(ast.get_source_segment(written, node) or "")
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_worked_out(inner, written)
        case ast.Call(func=ast.Name(id="root"), args=[inner]):
            return root(_worked_out(inner, written))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, exponent = _worked_out(left, written), _worked_out(right, written)
            if exponent.denominator != 1 or abs(exponent) * max(1, _bits(base)) > _MOST_BITS:
                raise NoSumError("a power too far")
            return Fraction(base) ** int(exponent)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            value = _OPERATORS[type(sign)](_worked_out(left, written), _worked_out(right, written))
            if _bits(value) > _MOST_BITS:
                raise NoSumError("too large")
            return value
    raise NoSumError(written)


def _bits(value: Exact) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def root(value: Exact) -> Fraction:
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
