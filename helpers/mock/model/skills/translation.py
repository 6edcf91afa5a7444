"""Short translations of everyday words and phrases between six languages, by the table `phrases.toml`."""

from __future__ import annotations

import re
from functools import cache

from ...data import table
from ..reading.conversation import Conversation
from ..writing.markup import escape
from .shared import tasks

LANGUAGES = ("english", "spanish", "french", "german", "italian", "portuguese")
_READ = 300  # characters of a question
# Words of other languages that are English words as well: without the language, nobody knows which is meant.
_ENGLISH_AS_WELL = frozenset([
    "an", "die", "fall", "fleur", "hier", "man", "mare", "mes", "mil", "pace", "pain", "pan", "pane", "red", "rose",
    "rue", "sal", "sale", "salute", "sole", "son", "table", "tag", "train", "ville", "year",
])  # fmt: skip
_LANGUAGE = "|".join(LANGUAGES)


@cache
def phrases() -> tuple[tuple[str, ...], ...]:
    """The rows of the table, each a phrase in the languages of `LANGUAGES`; a cell may hold "first|second"."""
    return tuple(
        tuple(cell.strip() for cell in row.split(";")) for row in table("phrases.toml")["rows"].strip().splitlines()
    )


@cache
def _index() -> dict[str, dict[str, list[int]]]:
    """For each language the rows in which a phrase stands, by its folded form."""
    found: dict[str, dict[str, list[int]]] = {language: {} for language in LANGUAGES}
    for number, row in enumerate(phrases()):
        for language, cell in zip(LANGUAGES, row, strict=True):
            for phrase in cell.split("|"):
                found[language].setdefault(folded(phrase), []).append(number)
    return found


def folded(text: str) -> str:
    """A phrase without case, marks at its ends and doubled spaces."""
    return re.sub(r"\s+", " ", text.casefold().replace("’", "'").strip(" \t\n.,!?¡¿\"“”'«»:;"))


def translated(text: str, target: str, source: str = "") -> str | None:
    """The phrase in another language; None when the table lacks it.

    Without a `source` it is English, or, where English is wanted, the first other language that has it.
    """
    key = folded(text)
    if source or target != "english":
        sources = [source or "english"]
    else:
        sources = [] if key in _ENGLISH_AS_WELL else [language for language in LANGUAGES if language != "english"]
    for language in sources:
        rows = _index()[language].get(key)
        if rows:  # where a phrase means several things, the first row has the commonest
            return _like(phrases()[rows[0]][LANGUAGES.index(target)].split("|")[0], text)
    return None


def _like(phrase: str, model: str) -> str:
    return phrase[:1].upper() + phrase[1:] if model.strip(' ¿¡"“')[:1].isupper() else phrase


_OPENING = r"^\W*(?:(?:please|can you|could you|hi|hello)[\s,]+)*"
_MANY = rf"(?P<targets>(?:{_LANGUAGE})(?:(?:\s*,\s*(?:and )?|\s+and\s+)(?:{_LANGUAGE}))*)"
_PHRASE = r"[\"“'‘«]?(?P<phrase>[^\"”»\n]{1,100}?)[\"”'’»]?"
_QUESTIONS = tuple(
    re.compile(_OPENING + pattern, re.IGNORECASE)
    for pattern in (
        rf"translate (?:the (?:following )?)?(?:(?:word|phrase|sentence|text)s? )?:?\s*{_PHRASE}[,.]?\s+(?:from "
        rf"(?P<source>{_LANGUAGE}) )?(?:in)?to {_MANY}[\s.!?]*$",
        rf"(?:how (?:do|would|can) (?:you|i|we|one) say|how to say|say) {_PHRASE},?\s+in {_MANY}[\s.!?]*$",
        rf"what(?:['’]?s| is|'s) (?:the (?P<target>{_LANGUAGE}) (?:word|translation|phrase) (?:for|of)) "
        rf"{_PHRASE}[\s.!?]*$",
        rf"what(?:['’]?s| is) (?:the (?:word|translation) (?:for|of) )?{_PHRASE}\s+in {_MANY}[\s.!?]*$",
        rf"what does (?:the )?(?:(?P<source>{_LANGUAGE}) )?(?:word |phrase )?{_PHRASE} mean(?:\s+in "
        rf"{_MANY})?[\s.!?]*$",
    )
)
_ORDER = re.compile(
    _OPENING + r"(?:you (?:are a translator|translate)\b[^:\n]{0,60}?|(?:your (?:task|job) is to "
    r")?translate\b[^:\n]{0,60}?)?\s*"
    rf"(?:from (?P<source>{_LANGUAGE}) )?\b(?:in)?to {_MANY}\b[^:\n]{{0,80}}$",
    re.IGNORECASE,
)


def translate(conversation: Conversation) -> str | None:
    """A phrase in the languages that are asked for."""
    question = " ".join(conversation.meaning.split())
    if len(question) <= _READ:
        for pattern in _QUESTIONS:
            if (match := pattern.match(question)) and (said := _said(match, match["phrase"])):
                return said
    for instruction, text in tasks(conversation):
        if len(text) <= 100 and "translat" in instruction.lower():
            match = _ORDER.match(instruction.partition("\n")[0].rstrip(". "))
            if match and (said := _said(match, text)):
                return said
    return None


def _said(match: re.Match[str], phrase: str) -> str | None:
    named = match.groupdict()
    source = (named.get("source") or "").lower()
    wanted = named.get("targets") or named.get("target") or "English"
    targets = [name.lower() for name in re.findall(_LANGUAGE, wanted, re.IGNORECASE)]
    found = [translated(phrase, target, source) for target in targets if target != source]
    if not found or not all(found) or len(found) != len(targets):
        return None
    if len(found) == 1:
        return escape(str(found[0]))
    return escape("\n".join(f"{target.capitalize()}: {text}" for target, text in zip(targets, found, strict=True)))
