"""Arithmetic: expressions in signs or in words, and percentages. Python's own parser reads them.

Values are fractions, so nothing is lost on the way; what has no short decimal form is rounded and said to be.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ..reading.conversation import Conversation
from .common import wants_only

_READ = 400  # characters of a question
_LONGEST = 120  # characters of an expression
_MOST_BITS = 2_000  # of a number on the way
Exact = int | Fraction


class NoSumError(ValueError):
    """The text is no expression that can be worked out."""


def calculate(conversation: Conversation) -> str | None:
    """The value of a sum."""
    question = conversation.question
    if len(question) > _READ:
        return None
    lowered = question.lower()
    try:
        return _expression(conversation) if any(map(lowered.__contains__, _HINTS)) else None
    except (NoSumError, ArithmeticError, ValueError):
        return None


_SIGNS = {
    "plus": "+", "minus": "-", "times": "*", "multiplied by": "*", "divided by": "/", "to the power of": "^",
    "percent of": "% of", "per cent of": "% of", "×": "*", "÷": "/", "·": "*", "−": "-", "**": "^",
}  # fmt: skip
_SPOKEN = re.compile(
    "|".join(rf"(?<!\w){re.escape(sign)}(?!\w)" if sign[0].isalpha() else re.escape(sign) for sign in _SIGNS), re.I
)
# Without one of these there is nothing to work out: looked for first, since the patterns take longer.
_HINTS = (*"+*/^%-", " x ", *(f"x{digit}" for digit in range(1, 10)), *_SIGNS)
_CROSS = re.compile(r"(?<=\d) x (?=\d)|(?<=\d)(?<!\b0)x(?=[1-9])", re.IGNORECASE)  # 12 x 12; 0x12 is something else
_SIGNED = re.compile(r"[-+*/^]|% of")
_TAIL = re.compile(r"(?:[\s.,]|\bof)+$")
_RUN = re.compile(r"(?<![\w.,$€£])[-(\d.](?:[\d\s.,+\-*/^%()]|of\b)*")
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
_OPERATION = re.compile(r"[+*/^]|\d\s*\)*\s*-|of\b")


def _expression(conversation: Conversation) -> str | None:
    text, lowered = conversation.question, conversation.question.lower()
    # Looking for the words themselves takes a tenth of the time that a pattern of so many takes.
    if any(map(lowered.__contains__, _SIGNS)):
        text = _SPOKEN.sub(lambda match: _SIGNS.get(match[0].lower(), match[0]), text)
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
        expression = re.sub(r",(?=\d{3})", "", written).strip()
        value, exact = shown(value_of(expression))
        if wants_only(conversation):
            return value
        expression = expression.replace("^", "**") if "**" in conversation.question else expression
        return f"{{{expression} {'is' if exact else 'is about'} {value}.|{expression} {'=' if exact else '≈'} {value}}}"
    return None


_PERCENT = re.compile(r"((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)\s*%\s*(?:of|\*)")
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Exact]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: Fraction,
}


def value_of(expression: str) -> Exact:
    """The value of an expression in + - * / ^ % of and brackets. Raises NoSumError for anything else."""
    written = re.sub(r",(?=\d{3})", "", expression)
    if "%" in written:
        written = _PERCENT.sub(r"(\1/100) *", written)
    written = written.replace("^", "**").strip()
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


def shown(value: Exact) -> tuple[str, bool]:
    """A number as it is written, and whether that is exact: ("1,234.5", True), ("0.333333", False).

    It has six places behind the point, more where that leaves fewer than six digits that count.
    """
    if value.denominator == 1:
        return f"{value.numerator:,}", True
    small = abs(value) < Fraction(1, 1000)
    places = 6 + (len(str(value.denominator // abs(value.numerator))) if small else 0)
    whole, rest = divmod(round(abs(value) * 10**places), 10**places)
    decimals = f"{rest:0{places}}".rstrip("0")
    text = f"{'-' if value < 0 else ''}{whole:,}{'.' if decimals else ''}{decimals}"
    return text, abs(value) * 10**places == whole * 10**places + rest
