"""What is known by its form alone: phone numbers, paths, channels, postcodes, codes, sums and SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .facts import Facts, facts
from .lexicon import is_known
from .vocabulary import folded, is_common, stem, vocabulary

# What is recognised by its form alone; what stands in a quotation counts as well.
FORMS = {
    "phone": re.compile(r"(?<![\w-])\+?\d[\d ()/-]{6,20}\d(?!\w)"),
    "path": re.compile(
        r"(?<![\w@/.:-])(?:[A-Za-z]:\\[^\s\"'?*<>|]+|(?:~|\.{1,2})?/[\w.~-][\w./~-]*|[\w.-]+(?:/[\w.-]+)+/?|"
        r"\.?[\w-]+(?:\.[\w-]+)*\.[A-Za-z][A-Za-z0-9]{0,5}(?![\w@]))"
    ),
    "channel": re.compile(r"(?<!\w)#[a-z][\w-]*", re.IGNORECASE),
    "repository": re.compile(r"(?<![\w/.:@-])[A-Za-z][\w.-]*/[\w-][\w.-]*(?![/\w])"),
    "timezone": re.compile(
        r"\b(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)/[A-Z]\w+(?:/\w+)?|"
        r"\b(?:UTC|GMT)(?:[+-]\d{1,2}(?::\d{2})?)?\b|\b(?:CES?T|[ECMP][SD]T|JST|BST)\b"
    ),
    "postcode": re.compile(
        r"\b(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d{2} [A-Z\d]{4}|"
        r"\d{4} ?[A-Z]{2}|\d{4,5}-\d{3,4}|\d{5})\b"
    ),
    "host": re.compile(
        r"(?<![\w@/.-])(?:\d{1,3}(?:\.\d{1,3}){3}|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|localhost|[a-z][a-z0-9]*-\d+)(?![\w@/-])"
    ),
    "street": re.compile(
        r"\b\d{1,5}[A-Za-z]?,? [A-Z][\w'’.-]*(?: (?:d[aeiou]s?|del|la|[A-Z][\w'’.-]*)){0,4}(?<=\w)|"
        r"\b[A-ZÄÖÜ][\w-]*(?:str\.|straße|strasse|gasse|weg|platz|allee) ?\d{1,4}[a-z]?\b|"
        r"\b[A-ZÄÖÜ]\w+(?: (?:d[aeiou]s?|del|la|[A-Z]\w+)){1,3} \d{1,4}[a-z]?\b(?!-)"
    ),
    "room": re.compile(
        r"(?<!\w)(?:(?:living|dining|bed|bath|guest|class|meeting|conference|"
        r"kids['’]?|children['’]s) ?room(?: (?-i:[A-Z0-9])[\w-]*(?!\.?\d|\s?(?:°|%|degrees|percent|celsius|[CF]\b)))?|"
        r"kitchen|hallway|office|garage|garden|attic|basement|cellar|bathroom|bedroom|nursery|hall|balcony|terrace|study|"
        r"(?<=room )(?-i:[A-Z0-9])[\w-]*)(?!\w)", re.IGNORECASE),
}  # fmt: skip
ADDRESS = re.compile(rf"(?:{FORMS['street'].pattern})(?:,\s*[A-Z0-9][\w'-]*(?: (?!please|thanks|now)[\w'-]+)*)*")
"""A street and what follows it up to the country: "5 High Street, Leeds, LS1 4DL"."""

CODE = re.compile(
    r"(?<![\w-])(?!USD|EUR|GBP)[A-Z]{2,3} (?!(?:19|20)\d\d\b)\d{1,4}(?![\w-]|[.,:]\d)|"
    r"(?<![\w.@-])(?=[A-Za-z_-]*\d)[A-Za-z]{1,12}(?:[_-][A-Za-z]{1,12}){0,2}[_-]?\d[\w-]*(?:\.\d+)*|(?<![\w.$€£,-])\d[\w-]*(?![.,]?\d)|(?<![\w-])[A-Z]{2,6}(?![\w-])"
)
SQL = re.compile(r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\b.+?(?=;|\s--|\n\n|$)", re.DOTALL)
_SIGN = r"(?:\*\*|[-+*/×÷^%−]|times|plus|minus|divided by)"
SUM = re.compile(rf"(?<![\w.,/-])[-(√]*\d[\d.,]*\)*(?:\s*{_SIGN}\s*[-(]*\d(?:[\d.,]*\d)?\)*)+(?![\w/-])")


def of_form(kind: str, source: Facts) -> list[str]:
    """What a text has of a kind of `FORMS` ("path", "phone", "channel"), without repeats; nothing of other kinds."""
    if kind not in FORMS:
        return []
    text = source.text
    if kind == "path":
        for address in (*source.emails, *source.urls):
            text = text.replace(address, " ")
    found = [match.strip().rstrip(".,;:") for match in FORMS[kind].findall(text)]
    if kind == "path":
        found = [one for one in found if not is_common(one) and not re.fullmatch(r"[\d./-]+", one)]
    return list(dict.fromkeys(found))


# "dark_mode", "auth-gateway"; after an article, "a follow-up" is a word like others.
_IDENTIFIER = re.compile(
    r"(?<![\w/.@#-])(?:[a-z][a-z0-9]*(?:_[a-z0-9]+)+|(?<!a )(?<!an )(?<!the )[a-z0-9]+(?:-[a-z0-9]+)+|"
    r"[A-Za-z]+\d+:\w+|(?:\*\*/)?\*\.\w+)(?![\w/@-])"
)


def is_english(word: str) -> bool:
    """Whether a word is one of the everyday words that the mock knows, and so no name."""
    known = vocabulary()
    return bool(is_known(word) or is_common(word) or {word, stem(word)} & (known.act | known.tell | known.idle))


_MEASURED = re.compile(r"\d\s?[^\W\d_]+ of ([a-z][\w-]*)")  # "250 ml of ethanol"


def unclaimed(source: Facts, claimed: Iterable[Any]) -> list[str]:
    """What a text quotes, its identifiers and its names, the plainest first, but what is claimed already."""
    text = source.text
    opens = {name: re.search(rf"(?:^|[.!?:]\s+){re.escape(name)}\b", text) for name in source.names if " " not in name}
    names = sorted(source.names, key=lambda name: bool(opens.get(name)))  # an opening may be any capital
    coded = [code for code in codes(text) if re.search(r"[^\W\d_]", code) and not code.isalpha()]
    whole = [re.search(rf"[^\s@]*{re.escape(code)}[^\s@]*", text) for code in coded]
    coded = [token[0].strip(".,;:!?()") for token in whole if token]
    marked, hyphened = [], []
    for word in filter(re.compile(r"[^\W\d_]").search, _IDENTIFIER.findall(text)):
        (marked if re.search(r"[_\d]", word) else hyphened).append(word)
    found = dict.fromkeys([*source.quoted, *marked, *coded, *_MEASURED.findall(text), *names, *hyphened])
    found = found or dict.fromkeys(
        word for word in re.findall(r"\b[a-z]{4,}\b", text) if not (word in source.items or is_english(word))
    )
    taken = " ".join(folded(str(value)) for value in (*claimed, *source.emails, *source.urls))
    return [one for one in found if folded(one) not in taken]


def codes(text: str) -> list[str]:
    """The identifiers in a text: "ORD-1234", "order_12"; capitals alone ("MSFT"), then numbers alone come last."""
    source = facts(text)
    tokens = [
        token
        for token in CODE.findall(source.text)
        if not is_common(token)
        and not re.match(r"\d{4}-\d\d-\d\d", token)
        and token.casefold() not in vocabulary().currencies
        and not _is_amount(token, source)
    ]
    return sorted(dict.fromkeys(tokens), key=lambda token: (token.isdigit(), token.isalpha()))


def _is_amount(token: str, source: Facts) -> bool:
    """Whether digits are a quantity of something, a price or a part of a date, and so no code."""
    if not token.isdigit():
        return False
    amounts = {money.amount for money in source.money} | {line.quantity for line in source.lines}
    if int(token) in amounts:
        return True
    return not any(str(quantity.value) == token for quantity in source.numbers) and 2 < len(token) < 5


def codes_after(word: str, text: str) -> list[str]:
    """The codes that a word announces: "invoice no. 2025-117", "room 0412", "flight AD 210"."""
    label = (
        rf"(?i:(?<!\w){re.escape(word)}[\s:#=.]{{1,3}}"
        rf"(?:(?:number|no|nr|code|reference|ref|id|is)[\s:#=.]{{1,3}}){{0,2}})"
    )
    return re.findall(rf"{label}([A-Z]{{2,3}} \d{{1,4}}(?![\w-])|(?=[\w-]*\d)[A-Za-z0-9][\w-]*)", text)
