"""Quantities in other units: length, mass, temperature, volume, area, speed, time, data, by the table `units.toml`."""

from __future__ import annotations

import re
from fractions import Fraction

from ..reading.conversation import Conversation
from ..reading.units import Unit, units
from .shared import shown, wants_only


def named(name: str) -> Unit | None:
    """The unit that a name or sign means; None for a stranger."""
    name = name.strip().removesuffix(".")
    return units().get(name) or units().get(name.lower())


def converted(amount: Fraction, source: Unit, target: Unit) -> Fraction:
    """The amount in another unit of the same dimension, exactly."""
    return (amount * source.factor + source.zero - target.zero) / target.factor


_AMOUNT = r"(?P<amount>[-−]?(?:\d{1,3}(?:,\d{3})+|\d{1,18})(?:\.\d{1,18})?|an?|one|half an?)"
_UNIT = (
    r"[°a-zA-Zµμ][a-zA-Zµμ/°²³0-9]{0,20}(?: (?:ounces?|per hour|an hour|per second|miles?|tons?|feet|foot|"
    r"metres?|meters?|kilomet(?:re|er)s?|gallons?|pints?|cups?|inch(?:es)?))?"
)
_OPENING = r"^\W*(?:(?:please|can you|could you|hi|hello|tell me|and|now)[\s,]+)*"
_CONVERT = re.compile(
    _OPENING + r"(?:convert|change|express|what(?:['’]?s| is| are)|how (?:much|long|far|many) (?:is|are))?:?\s*"
    rf"{_AMOUNT}\s*(?:degrees? |º)?(?P<source>{_UNIT})\s+(?:in|to|into|as|equals? how many|=)\s+(?:degrees? "
    rf")?(?P<target>{_UNIT})"
    r"\s*(?:please)?[\s?.!]*$",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(
    _OPENING + rf"how many (?P<target>{_UNIT}) (?:are |is |make |equals? )?(?:there )?(?:up )?(?:in "
    rf")?{_AMOUNT}\s*(?P<source>{_UNIT})[\s?.!]*$",
    re.IGNORECASE,
)


_BETWEEN_SENTENCES = re.compile(r"(?<=[?.!]) (?=[A-Z])")
_HINTS = (" in", " to ", " into ", " as ", "=", "how many")


def convert(conversation: Conversation) -> str | None:
    """The answer to "Convert 5 km to miles" and "How many feet are in a mile?"."""
    text = " ".join(conversation.meaning.split())
    if len(text) > 200 or not any(map(text.lower().__contains__, _HINTS)):
        return None
    text, *wishes = _BETWEEN_SENTENCES.split(text)
    match = _CONVERT.match(text) or _HOW_MANY.match(text)
    if not match or any("?" in wish for wish in wishes):
        return None
    source, target = named(match["source"]), named(match["target"])
    if not source or not target or source.dimension != target.dimension or source is target:
        return None
    amount = _amount(match["amount"])
    if amount * source.factor + source.zero < 0 and source.dimension != "temperature":
        return None
    result = converted(amount, source, target)
    if source.dimension == "temperature" and amount * source.factor + source.zero < 0:
        return "That temperature is below absolute zero."
    value, exact = shown(result, measured=True)
    if wants_only(conversation):
        return value
    given, _ = shown(amount, measured=True)
    before = f"{given} {source.one if abs(amount) == 1 else source.many}"
    after = f"{value} {target.one if result == 1 else target.many}"
    verb = "is" if abs(amount) == 1 or source.one == source.many else "are"
    return f"{{{before} {verb}|{before} =}} {'' if exact else 'about '}{after}."


def _amount(text: str) -> Fraction:
    text = text.lower()
    if text.startswith("half"):
        return Fraction(1, 2)
    return Fraction(1) if text in {"a", "an", "one"} else Fraction(text.replace(",", "").replace("−", "-"))
