"""Numbers, strings and truth values: what the conversation says first, then defaults and examples, then plain ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain, islice
from math import ceil, floor
from typing import Any, NamedTuple, TypeAlias

from ..reading.effort import MOVE, spend
from ..reading.scene import Scene
from ..reading.slots import Slot
from . import patterns
from .accepted import MAX_ITEMS
from .building import TRIES, Builder, Conjunction, Found, Wanted
from .formats import FORMATS, as_format, formatted, has_format, kept_formats

_LONGEST_WORD = 200  # of a text that is tried against a pattern
_TURNS = 5  # in which strings are made from a pattern
_MAX_NUMBER = 2**53
_MANY = MAX_ITEMS + 50  # made-up values: enough for the longest array of distinct items


Proposals: TypeAlias = Iterator[tuple[Iterable[Any], bool]]  # values to try, and whether the conversation says them


def nulls(_: Builder, __: Conjunction, ___: Wanted) -> Iterator[Found]:
    yield Found(None)


def booleans(_: Builder, merged: Conjunction, wanted: Wanted) -> Iterator[Found]:
    said = wanted.scene.truth(wanted.slot)
    if said is not None:
        yield Found(said, said=True)
    passes = wanted.slot.scores and not wanted.scene.topic
    for value in [*(value for value in merged.all("default") if isinstance(value, bool)), passes, not passes]:
        yield Found(value)


# Numbers


def _bounds(merged: Conjunction) -> tuple[Fraction, Fraction]:
    """The least and the greatest number of a conjunction; the judge knows whether it may be one of them itself."""
    low = [Fraction(str(bound)) for key in ("minimum", "exclusiveMinimum") for bound in merged.all(key)]
    high = [Fraction(str(bound)) for key in ("maximum", "exclusiveMaximum") for bound in merged.all(key)]
    return max([Fraction(-_MAX_NUMBER), *low]), min([Fraction(_MAX_NUMBER), *high])


def _plain_numbers(low: Fraction, high: Fraction, step: Fraction | None) -> Iterator[Iterable[Fraction]]:
    """Plain numbers within bounds and about them, in groups: each may be given up by itself."""
    if step is None:
        yield Fraction(0), Fraction(1), low, high, (low + high) / 2, Fraction(1, 2), low + (high - low) / 3
        yield (low + (high - low) * Fraction(n, _MANY) for n in range(1, _MANY))
    else:
        first = 0 if low <= 0 <= high else ceil(low / step)
        last = floor(high / step)
        yield (step * (first + n) for n in range(_MANY))
        yield (step * (last - n) for n in range(50))


def numbers(builder: Builder, merged: Conjunction, wanted: Wanted, *, whole: bool) -> Iterator[Found]:
    low, high = _bounds(merged)
    steps = [Fraction(str(step)) for step in merged.all("multipleOf")] + [Fraction(1)] * whole
    step = max(steps, default=None)  # of several the greatest; the judge knows the others
    seen: set[Fraction] = set()
    rejected = 0
    proposed = _said_numbers(builder, merged, wanted, scored=high)
    for group, said in chain(proposed, ((group, False) for group in _plain_numbers(low, high, step))):
        for number in group:
            spend(MOVE)
            if isinstance(number, bool) or not isinstance(number, (int, float, Fraction)):
                continue
            exact = Fraction(str(number))
            if exact in seen or not low <= exact <= high or (step and exact % step):
                continue
            seen.add(exact)
            value = int(exact) if exact.denominator == 1 else float(exact)
            if builder.valid(value, merged.parts):
                yield Found(value, said)
            else:
                rejected += 1
            if rejected > TRIES:
                break


def _said_numbers(builder: Builder, merged: Conjunction, wanted: Wanted, scored: Fraction) -> Proposals:
    """What the conversation says, what the schema proposes, and what is meant where neither does."""
    if builder.spoken:
        beside, others = wanted.scene.numbers(wanted.slot)
        yield beside, True
        yield others, False
    yield merged.hints, False
    if builder.spoken and wanted.slot.scores and scored < _MAX_NUMBER:
        yield [scored], False
    if builder.spoken and wanted.slot.counts and not wanted.slot.counts_ahead:
        yield [1], False


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
        low, sources = ceil(merged.highest("minLength", 0)), list(dict.fromkeys(merged.all("pattern")))
        return cls(low, None if high is None else floor(high), sources, kept_formats(merged.all("format")))

    @property
    def is_free(self) -> bool:
        """Whether any words will do, of the right length."""
        return not self.sources and not self.formats

    def allows(self, text: str) -> bool:
        fits = self.low <= len(text) and (self.high is None or len(text) <= self.high)
        fits = fits and all(has_format(text, name) for name in self.formats)
        return fits and all(patterns.matches(source, text) for source in self.sources)


def strings(builder: Builder, merged: Conjunction, wanted: Wanted) -> Iterator[Found]:
    bounds = _Text.of(merged)
    if bounds.high is not None and bounds.high < bounds.low:
        return
    seen: set[str] = set()
    for group, said in _proposed_strings(builder, merged, wanted, bounds):
        for text in group:
            if isinstance(text, str) and text not in seen:
                spend(MOVE * (1 + len(text) // 200))
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
        yield (FORMATS[name].made.format(number) for number in range(1, 29)), False
    if bounds.is_free:
        plain = wanted.scene.fallback(wanted.slot)
        yield (_numbered(plain, number, bounds.low, bounds.high) for number in range(1, _MANY)), False
    for turn in range(_TURNS) if bounds.sources else ():
        yield islice(patterns.strings(bounds.sources, bounds.low, bounds.high, turn), _MANY), False


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
