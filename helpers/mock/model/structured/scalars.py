"""Numbers, strings and truth values: what the conversation says first, then defaults and examples, then plain ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import reduce
from math import ceil, floor, gcd, lcm
from typing import Any, NamedTuple, TypeAlias

from ..reading.scene import Scene
from ..reading.slots import Slot
from . import patterns
from .accepted import MAX_ITEMS, MAX_NUMBER
from .building import TRIES, Builder, Conjunction, Found, Wanted
from .formats import FORMATS, as_format, formatted, has_format, kept_formats, numbered

_LONGEST_WORD = 200  # of a text that is tried against a pattern
_MANY = MAX_ITEMS + 50  # made-up values: enough for the longest array of distinct items


Proposals: TypeAlias = Iterator[tuple[Iterable[Any], bool]]  # values to try, and whether the conversation says them


def nulls(_: Builder, __: Conjunction, ___: Wanted) -> Iterator[Found]:
    yield Found(None)


def booleans(_: Builder, merged: Conjunction, wanted: Wanted) -> Iterator[Found]:
    said = wanted.scene.truth(wanted.slot)
    if said is not None:
        yield Found(said, said=True)
    for value in [*(value for value in merged.all("default") if isinstance(value, bool)), False, True]:
        yield Found(value)


# Numbers


class _Range(NamedTuple):
    """The numbers that a conjunction allows, exactly: bounds, the same exclusive, and what they are multiples of."""

    low: Fraction
    high: Fraction
    over: Fraction | None
    under: Fraction | None
    step: Fraction | None

    @classmethod
    def of(cls, merged: Conjunction, *, whole: bool) -> _Range:
        minimum, maximum, over, under, steps = (
            [Fraction(str(bound)) for bound in merged.all(key)]
            for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
        )
        steps += [Fraction(1)] if whole else []
        return cls(
            max([Fraction(-MAX_NUMBER), *minimum]),
            min([Fraction(MAX_NUMBER), *maximum]),
            max(over, default=None),
            min(under, default=None),
            reduce(_common_multiple, steps) if steps else None,
        )

    def allows(self, number: Fraction) -> bool:
        return (
            self.low <= number <= self.high
            and (self.over is None or number > self.over)
            and (self.under is None or number < self.under)
            and (self.step is None or number % self.step == 0)
        )

    def candidates(self) -> Iterator[Iterable[Fraction]]:
        """Plain numbers in and about the range, in groups: each may be given up by itself."""
        bottom = self.low if self.over is None else max(self.low, self.over)
        top = self.high if self.under is None else min(self.high, self.under)
        if bottom > top:
            return
        if self.step is None:
            half, third = (bottom + top) / 2, bottom + (top - bottom) / 3
            yield Fraction(0), Fraction(1), bottom, top, half, Fraction(1, 2), third
            yield (bottom + (top - bottom) * Fraction(n, 1024) for n in range(1, 1024))
            yield (Fraction(n) for n in range(2, _MANY))
        else:
            first = 0 if bottom <= 0 <= top else ceil(bottom / self.step)
            last = floor(top / self.step)
            yield (self.step * (first + n) for n in range(_MANY))
            yield (self.step * (last - n) for n in range(50))


def _common_multiple(one: Fraction, other: Fraction) -> Fraction:
    return Fraction(lcm(one.numerator, other.numerator), gcd(one.denominator, other.denominator))


def numbers(builder: Builder, merged: Conjunction, wanted: Wanted, *, whole: bool) -> Iterator[Found]:
    bounds = _Range.of(merged, whole=whole)
    seen: set[Fraction] = set()
    rejected = 0
    for group, said in _proposed_numbers(builder, merged, wanted, bounds):
        for number in group:
            builder.spend()
            if isinstance(number, bool) or not isinstance(number, (int, float, Fraction)):
                continue
            exact = number if isinstance(number, Fraction) else Fraction(str(number))
            if exact in seen or not bounds.allows(exact):
                continue
            seen.add(exact)
            value = int(exact) if exact.denominator == 1 else float(exact)
            if builder.valid(value, merged.parts):
                yield Found(value, said)
            else:
                rejected += 1
            if rejected > TRIES:
                break


def _proposed_numbers(builder: Builder, merged: Conjunction, wanted: Wanted, bounds: _Range) -> Proposals:
    if builder.spoken:
        beside, others = wanted.scene.numbers(wanted.slot)
        yield beside, True
        yield others, False
    yield merged.hints, False
    if builder.spoken and wanted.slot.scores and bounds.high < MAX_NUMBER:
        yield [bounds.high], False
    if builder.spoken and wanted.slot.counts and not wanted.slot.counts_ahead:
        yield [1], False
    for group in bounds.candidates():
        yield group, False


# Strings


class _Text(NamedTuple):
    """The strings that a conjunction allows: lengths, patterns, and formats that are kept."""

    low: int
    high: int | None
    sources: list[str]
    formats: list[str]

    @classmethod
    def of(cls, merged: Conjunction) -> _Text:
        high = merged.lowest("maxLength", None)
        return cls(
            ceil(merged.highest("minLength", 0)),
            None if high is None else floor(high),
            list(dict.fromkeys(merged.all("pattern"))),
            kept_formats(merged.all("format")),
        )

    @property
    def is_free(self) -> bool:
        """Whether any words will do, of the right length."""
        return not self.sources and not self.formats

    def allows(self, text: str) -> bool:
        if len(text) < self.low or (self.high is not None and len(text) > self.high):
            return False
        return all(has_format(text, name) for name in self.formats) and all(
            patterns.matches(source, text) for source in self.sources
        )


def strings(builder: Builder, merged: Conjunction, wanted: Wanted) -> Iterator[Found]:
    bounds = _Text.of(merged)
    if bounds.high is not None and bounds.high < bounds.low:
        return
    seen: set[str] = set()
    for group, said in _proposed_strings(builder, merged, wanted, bounds):
        for text in group:
            if isinstance(text, str) and text not in seen:
                builder.spend(1 + len(text) // 200)
                if bounds.allows(text):
                    seen.add(text)
                    yield Found(text, said)


def _proposed_strings(builder: Builder, merged: Conjunction, wanted: Wanted, bounds: _Text) -> Proposals:
    slot = formatted(wanted.slot, bounds.formats)
    if builder.spoken:
        yield _spoken(wanted.scene, slot, bounds), True
    yield merged.hints, False
    if builder.spoken and {"date", "date-time"}.intersection(bounds.formats):
        yield [wanted.scene.fallback(slot)], False
    for name in bounds.formats:
        yield FORMATS[name].examples, False
        yield (numbered(name, number) for number in range(3, 40)), False
    if bounds.is_free:
        plain = wanted.scene.fallback(wanted.slot)
        yield (_numbered(plain, number, bounds.low, bounds.high) for number in range(1, _MANY)), False
    else:
        sources = [*bounds.sources, *(FORMATS[name].pattern for name in bounds.formats)]
        for variety in (1, 4):
            yield patterns.strings(sources, bounds.low, bounds.high, variety), False


def _spoken(scene: Scene, slot: Slot, bounds: _Text) -> list[str]:
    """What the conversation says for a slot, in a form that may be bounds."""
    said = [spelled for text in scene.texts(slot) for spelled in as_format(text, bounds.formats)]
    if bounds.is_free:
        return [_fitted(text, bounds.low, bounds.high) for text in said]
    if bounds.sources:  # a code such as an airport's, somewhere in the text
        words = (word for source in scene.sources[:1] for word in (*source.names, *re.findall(r"[\w-]+", source.text)))
        said += dict.fromkeys(word for word in words if len(word) <= _LONGEST_WORD)
    return said


def _fitted(text: str, low: int, high: int | None) -> str:
    """The text, repeated or cut (between words where that works) to a length within the bounds."""
    if text and len(text) < low:
        text = " ".join([text] * (low // (len(text) + 1) + 1))[: max(low, high or 0) or None]
    if high is not None and len(text) > high:
        cut = text[:high]
        at_word = cut.rpartition(" ")[0].rstrip(" ,;:")
        text = at_word if len(at_word) >= max(low, high // 2) else cut
    return text


def _numbered(text: str, number: int, low: int, high: int | None) -> str:
    """The text for the first of many, with a number for the others."""
    if number == 1:
        return _fitted(text, low, high)
    tail = str(number) if high is not None and high < 4 else f" {number}"
    room = None if high is None else max(high - len(tail), 0)
    return (_fitted(text, max(low - len(tail), 0), room) + tail)[-high if high is not None and high else 0 :]
