"""Units of measure and the words for them, by the table `units.toml`; what else counts things alike; their signs."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from ...data import table

# Words that count the same and are no units of measure, and what a measure is called beside its units.
_COUNTED_ALIKE = (
    {"percent", "%", "pct"}, {"rate", "interest", "%"}, {"rating", "stars", "star"},
    {"people", "persons", "guests", "passengers", "party", "adults"},
    {"results", "top", "limit", "k", "documents", "hits", "max", "lines", "entries"},
    {"degrees", "degree", "°", "°c", "°f", "temperature"},
    {"minutes", "minute", "min", "mins", "duration"},
)  # fmt: skip
_NO_UNITS = frozenset({"in"})  # words that are signs of units, and stand in any sentence
SIGNS = {
    "celsius": "°C", "c": "°C", "fahrenheit": "°F", "f": "°F", "kelvin": "K", "percent": "%", "kmh": "km/h", "km": "km",
    "mph": "mph", "usd": "USD", "eur": "EUR", "gbp": "GBP", "minutes": "minutes", "hours": "hours", "days": "days",
}  # fmt: skip
"""What is written behind a number of a unit or of a currency."""


class Unit(NamedTuple):
    """A unit: so many base units of its dimension, counted from `zero` (temperatures; in base units)."""

    dimension: str
    one: str
    many: str
    factor: Fraction
    zero: Fraction = Fraction(0)


@cache
def units() -> dict[str, Unit]:
    """Every unit by every name and sign it has; signs keep their case ("MB" is not "Mb"), names are lower case."""
    found: dict[str, Unit] = {}
    for dimension, rows in table("units.toml").items():
        for row in rows:
            many = row.get("many", f"{row['one']}s")
            unit = Unit(dimension, row["one"], many, Fraction(row["is"]), Fraction(row.get("zero", "0")))
            for name in (row["one"], many, *row.get("names", ())):
                found[name] = unit
    return found


def counted_alike(words: Iterable[str]) -> frozenset[str]:
    """The words in lower case that count the same as one of these: "kg" does as "kilos" do, "%" as "percent"."""
    alike = _alike()
    return frozenset().union(*(alike.get(word, ()) for word in words))


@cache
def _alike() -> dict[str, frozenset[str]]:
    """For each word those that count the same."""
    names: dict[Unit, set[str]] = {}
    for name, unit in units().items():
        names.setdefault(unit, set()).add(name.casefold())
    found: dict[str, set[str]] = {}
    for group in (*names.values(), *_COUNTED_ALIKE):
        for word in group - _NO_UNITS:
            found.setdefault(word, set()).update(group)
    return {word: frozenset(group) for word, group in found.items()}
