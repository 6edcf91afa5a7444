"""The words for units of measure and of what else counts things alike, and their signs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from ...data import table

_NO_UNITS = frozenset({"in"})  # words that are signs of units, and stand in any sentence
SIGNS = {
    "celsius": "°C", "c": "°C", "fahrenheit": "°F", "f": "°F", "kelvin": "K", "percent": "%", "kmh": "km/h", "km": "km",
    "mph": "mph", "usd": "USD", "eur": "EUR", "gbp": "GBP", "minutes": "minutes", "hours": "hours", "days": "days",
}  # fmt: skip
"""What is written behind a number of a unit or of a currency."""


def counted_alike(words: Iterable[str]) -> frozenset[str]:
    """The words in lower case that count the same as one of these: "kg" does as "kilos" do, "%" as "percent"."""
    alike = _alike()
    return frozenset().union(*(alike.get(word, ()) for word in words))


@cache
def _alike() -> dict[str, frozenset[str]]:
    """For each word those that count the same."""
    found: dict[str, frozenset[str]] = {}
    for group in map(str.split, table("words.toml")["alike"]):
        for word in {*group} - _NO_UNITS:
            found[word] = found.get(word, frozenset()).union(group)
    return found
