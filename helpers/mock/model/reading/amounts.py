"""What a text counts, measures and prices: "3 nights", "12.50 EUR", "2 chairs at 45 EUR each"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .numbers import COUNT_WORDS, read_number, without_point
from .vocabulary import before_common, vocabulary

_LONGEST_NUMBER = 40  # characters; what is longer is no quantity
_NUMBER = re.compile(r"(?<![\w.,:/-])[-−+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w]*[-/:]\d)")
_AMOUNT = r"\d[\d,]*(?:\.\d+)?"
_MONEY = re.compile(
    rf"(?<!\w)(US\$|[$€£¥]|[A-Z]{{3}})\s?({_AMOUNT})|(?<![\w.,])({_AMOUNT})\s?(?:([$€£¥])|([A-Za-z]{{3,7}})\b)"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and the words beside it: `unit` follows it ("3 nights"), `before` precedes it ("room 12")."""

    value: int | float
    unit: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount and its ISO 4217 code."""

    amount: int | float
    currency: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order or an invoice: "2 chairs at 45 EUR each". `price` is for one; None where nothing says it."""

    name: str
    quantity: int | float
    price: int | float | None = None
    currency: str = ""
    text: str = ""

    @property
    def total(self) -> int | float | None:
        """The price of all of them, rounded to cents."""
        return None if self.price is None else without_point(round(self.price * self.quantity, 2))


_RESULT = re.compile(rf"(?:\bis(?: about)?|=) (-?{_AMOUNT})(?![\w]*[-/:]\d)")


def result_in(answer: str) -> int | float | None:
    """The number that an answer comes to: 51 of "17 * 3 is 51."; None where it comes to none."""
    found = _RESULT.search(answer)
    return read_number(found[1].replace(",", "")) if found else None


def quantities_in(text: str) -> tuple[Quantity, ...]:
    """The numbers of a text in reading order, in figures and in words."""
    found: list[tuple[int, Quantity]] = []
    cardinals = re.compile(rf"\b(?:{COUNT_WORDS})\b", re.IGNORECASE)
    for match in [*_NUMBER.finditer(text), *cardinals.finditer(text)]:
        if len(match[0]) > _LONGEST_NUMBER:
            continue
        after = re.match(r"[\s-]*([°%]\s?[CFK]?\b|%|[^\W\d_]+)", text[match.end() :])
        before = re.search(
            r"([^\W\d_]+)\s*(?:(?:is|of|=|:|#|to|at|above|"
            r"over|below|under|about|around|between|at (?:least|most))\s*)?$",
            text[max(match.start() - 40, 0) : match.start()],
            re.IGNORECASE,
        )
        unit = after[1].strip() if after else ""
        found.append((match.start(), Quantity(read_number(match[0]), unit, before[1] if before else "")))
    return tuple(quantity for _, quantity in sorted(found, key=lambda pair: pair[0]))


def money_in(text: str) -> tuple[Money, ...]:
    """The amounts of a text that stand beside a currency, without repeats."""
    found: list[Money] = []
    for match in _MONEY.finditer(text):
        sign, amount = (match[1], match[2]) if match[1] else (match[4] or match[5], match[3])
        code = vocabulary().currencies.get(sign.casefold())
        if code and len(amount) <= _LONGEST_NUMBER:
            found.append(Money(read_number(amount.rstrip(",")), code))
    return tuple(dict.fromkeys(found))


_THING = r"(?:(?!(?:at|for|from|to|and|or|each|on|in|with|per|of|worth|please|x)\b)[^\W\d_][\w'’-]*)"


@cache
def _priced() -> re.Pattern[str]:
    signs = "|".join(sorted(map(re.escape, vocabulary().currencies), key=len, reverse=True))
    return re.compile(
        rf"(?<![\w.,:/-])(?P<count>\d{{1,6}}(?:\.\d{{1,3}})?|(?:{COUNT_WORDS}|an?)(?!\w))\s*"
        rf"(?:[x×]\s*|(?:(?:pieces?|units?|boxes|packs?|bottles?) )?of\s+)?(?P<name>{_THING}(?:\s+{_THING}){{0,3}})"
        rf"(?:[\s,:(–—-]{{0,3}}(?P<link>at|for|@|à|costing|worth|priced at)?\s*"
        rf"(?P<money>(?:{signs})\s?{_AMOUNT}|{_AMOUNT}\s?(?:{signs})(?!\w)|(?:(?<=@ )|(?<=at )){_AMOUNT})"
        rf"(?:\s*(?P<each>each|apiece|per (?:piece|unit|item)|a piece))?)?",
        re.IGNORECASE,
    )


# What is counted and still is nothing to be bought.
_NO_THING = re.compile(
    r"(?:nights?|days?|weeks?|months?|years?|hours?|minutes?|seconds?|guests?|people|persons?|adults?|children|degrees?|"
    r"percent|am|pm|o['’]clock|times?|km|kg|g|m|cm|miles?|kilomet\w+|passengers?|rooms?)\b",
    re.IGNORECASE,
)
_STREET = re.compile(r"(?:street|road|avenue|lane|square|drive|way|str\.|stra(?:ss|ß)e)$", re.IGNORECASE)


def lines_in(text: str) -> tuple[Line, ...]:
    """What is counted ("2 chairs"), with its price where the text names one ("at 45 EUR each", "for 120 EUR")."""
    found: list[Line] = []
    for match in _priced().finditer(text):
        name = " ".join(before_common(match["name"].split())[:4]).strip(" -–—'’")
        article = match["count"].casefold() in {"a", "an"}
        money = money_in(match["money"]) if match["money"] else ()
        if money:
            amount, currency = money[0].amount, money[0].currency
        else:
            digits = re.search(_AMOUNT, match["money"] or "")
            amount, currency = (read_number(digits[0].rstrip(",")) if digits and not article else None), ""
        priced = amount is not None
        code = name.casefold() in vocabulary().currencies or name.casefold() in vocabulary().common
        measured = _NO_THING.match(name)
        if measured and priced and len(name) > measured.end():  # "4 hours consulting at 90 EUR"
            name, measured = name[measured.end() :].strip(), None
        if not name or code or measured or (article and not priced) or _STREET.search(name):
            continue
        count = 1 if article else read_number(match["count"])
        whole = priced and not match["each"] and (match["link"] or "").casefold() in {"for", "worth"}
        price = without_point(round(amount / count, 4)) if whole and amount is not None and count else amount
        found.append(Line(name, count, price, currency, match[0]))
    return tuple(found)
