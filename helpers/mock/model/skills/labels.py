"""Classification into labels that the request names or that its examples show, by the words of `labels.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from ...data import table
from ..reading.conversation import Conversation
from ..writing.markup import escape
from .shared import tasks

_READ = 2_000  # characters of a text
_LONGEST_LABEL = 30
_MOST_LABELS = 12

_LABEL = r"[\"'“]?[A-Za-z][A-Za-z _/-]{0,29}?[\"'”]?"
_ROW = rf"(?P<labels>{_LABEL}(?:\s*[,/|;]\s*(?:(?:or|and) )?{_LABEL}|\s+(?:or|and|vs\.?)\s+{_LABEL}){{1,11}})"
_END = r"(?=\s*(?:[.:)\]?!\n]|$|based on|and (?:answer|reply|respond|return|explain)))"
_NAMED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:labels?|categor(?:y|ies)|classes|topics?|options?|tags?|intents?)\s*(?:are|"
        rf"is)?\s*[:=]\s*\[?\s*{_ROW}{_END}",
        rf"\b(?:categor(?:y|ies)|labels|classes|topics)\s*\(\s*{_ROW}{_END}",
        rf"\b(?:one of|either|into|as(?: either| being| one of)?|whether it is|is (?:it|this))\s*:?\s+(?:the "
        rf"following |these )?"
        rf"(?:\w+ )?(?:categor(?:y|ies)|labels|classes)?\s*:?\s*\(?{_ROW}{_END}",
        rf"\bis (?:the |this |the following )?(?:\w+ ){{0,3}}?(?:sentiment|review|text|sentence|message|e-?mail|"
        rf"comment|tweet|feedback)"
        rf"(?: is)? (?:either )?{_ROW}{_END}",
        rf"\((?:{_LABEL}: )?{_ROW}\)",
        rf"\bwhether\b[^.:\n]{{0,60}}? is (?:either )?{_ROW}{_END}",
        rf"\bsentiment\s*(?:as|:|=|\()\s*{_ROW}{_END}",
    )
)
# Without one of these there is nothing to classify: looked for first, since the patterns take longer.
_HINTS = ("class", "categor", "label", "sentiment", "topic", "intent", "spam", "tag", "positive", "negative")
_SENTIMENT = re.compile(r"\bsentiment\b", re.IGNORECASE)
_CLASSIFYING = re.compile(
    r"\b(?:classif(?:y|ies|ied|ication)|categori[sz]e|categor(?:y|ies)|labels?|sentiment|topic|intent|spam|class|tag|"
    r"(?:positive|negative) or (?:positive|negative))\b",
    re.IGNORECASE,
)
_EACH = re.compile(r"\beach\b|\bevery\b|\ball (?:of )?the\b", re.IGNORECASE)
_NUMBERED = re.compile(r"^[ \t]*(\d{1,3}[.)])[ \t]+(\S.*)$", re.MULTILINE)


@cache
def _cues() -> dict[str, frozenset[str]]:
    """The words that speak for a label, by each name of the label."""
    found: dict[str, frozenset[str]] = {}
    for row in table("labels.toml")["label"]:
        found |= dict.fromkeys(row["names"], frozenset(row["words"].split()))
    return found


def classify(conversation: Conversation) -> str | None:
    """One of the labels, as it is spelled in the request; None where no label has more for it than the others."""
    shown = _shown(conversation)
    if shown:
        return shown
    lowered = f"{conversation.question}\n{conversation.system}".lower()
    if not any(map(lowered.__contains__, _HINTS)):
        return None
    for instruction, text in tasks(conversation):
        if not _CLASSIFYING.search(instruction) or len(text) > _READ:
            continue
        labels = labels_named(instruction)
        text, labels = _labels_behind(text, labels)
        if not labels and _SENTIMENT.search(instruction) and len(instruction) <= 120:
            labels = ["Positive", "Negative", "Neutral"]
        numbered = _NUMBERED.findall(text) if _EACH.search(instruction) else []
        told = _one_by_one(labels, numbered) if len(numbered) > 1 else chosen(labels, text)
        if len(labels) > 1 and told:
            return escape(told)
    return None


def _one_by_one(labels: list[str], numbered: list[tuple[str, str]]) -> str | None:
    """A line with number and label for each text of a numbered list; None where one of them is not clear."""
    found = [(number, chosen(labels, text)) for number, text in numbered]
    return "\n".join(f"{number} {label}" for number, label in found) if all(label for _, label in found) else None


def labels_named(instruction: str) -> list[str]:
    """The labels that an instruction offers: "as positive, negative or neutral"."""
    for pattern in _NAMED:
        match = pattern.search(instruction)
        if match:
            parts = re.split(r"\s*[,/|;]\s*(?:(?:or|and)\s+)?|\s+(?:or|and|vs\.?)\s+", match["labels"])
            labels = [re.sub(r"^(?:an?|the) ", "", part.strip(" \"'“”")) for part in parts]
            if all(0 < len(label) <= _LONGEST_LABEL and len(label.split()) <= 3 for label in labels):
                return list(dict.fromkeys(labels))[:_MOST_LABELS]
    return []


def _labels_behind(text: str, labels: list[str]) -> tuple[str, list[str]]:
    """A text without a last line that names the labels: "... Labels: a, b"."""
    above, newline, last = text.rstrip().rpartition("\n")
    if newline and not labels and (named := labels_named(last)):
        return above.strip(), named
    return text, labels


_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NEGATIONS = frozenset([
    "not", "no", "never", "without", "isn't", "wasn't", "aren't", "don't", "doesn't", "didn't", "can't", "couldn't",
    "won't", "wouldn't", "hardly", "nothing",
])  # fmt: skip
_HEDGES = _NEGATIONS | {"but", "unfortunately", "however", "although"}
_PLAIN = 25  # words of a text that is plain
_OPPOSITE = {"positive": "negative", "negative": "positive"}
_REST = frozenset(["other", "others", "general", "misc", "miscellaneous", "none", "unknown"])
_OTHERWISE = _REST | {"neutral", "mixed", "not spam", "ham"}


def chosen(labels: Sequence[str], text: str) -> str | None:
    """The label for which most words of the text speak, as it is spelled; None without a clear one."""
    named = {_name(label): label for label in labels}
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    evidence = _evidence(named, words)
    ranked = sorted(evidence, key=lambda name: -evidence[name])
    if not ranked:
        return None
    first = ranked[0]
    if not evidence[first]:
        return _without_evidence(named, words, hedged="!" in text)
    if len(ranked) > 1 and evidence[ranked[1]] == evidence[first]:
        return named.get("mixed")
    if evidence.get(_OPPOSITE.get(first, "")) and "mixed" in named:
        return named["mixed"]
    strange = named.keys() - evidence.keys() - _OTHERWISE
    return None if strange else named[first]  # nobody knows what speaks for a label that is not in the table


def _name(label: str) -> str:
    return re.sub(r"[ _-]+", " ", label.lower())


def _evidence(named: Mapping[str, str], words: Sequence[str]) -> dict[str, int]:
    """How many words speak for each label of the table; "not good" speaks for the opposite of "good"."""
    found = {name: 0 for name in named if name in _cues()}
    for position, word in enumerate(words):
        for name in found:
            if word in _cues()[name]:
                opposite = _OPPOSITE.get(name)
                denied = opposite in found and _NEGATIONS.intersection(words[max(position - 3, 0) : position])
                found[opposite if denied and opposite else name] += 1
    return found


def _without_evidence(named: Mapping[str, str], words: Sequence[str], *, hedged: bool) -> str | None:
    """The label for what speaks for none of the others, where there is one and the text is short and plain."""
    strange = [name for name in named if name not in _cues()]
    if len(strange) == 1 and strange[0] in _REST and len(named) > 2 and len(words) > 2:
        return named[strange[0]]
    plain = not hedged and len(words) <= _PLAIN and not _HEDGES.intersection(words)
    if plain and "neutral" in named and {"positive", "negative"} <= named.keys() and len(words) > 2:
        return named["neutral"]
    if plain and words and (named.keys() == {"spam", "not spam"} or named.keys() == {"spam", "ham"}):
        return next(label for name, label in named.items() if name != "spam")
    return None


# --- by example -------------------------------------------------------------------------------------------------------

_PAIR = re.compile(r"^(?P<key>[A-Za-z][A-Za-z ]{1,20}):[ \t]*(?P<value>[^\n]*)$", re.MULTILINE)


def _shown(conversation: Conversation) -> str | None:
    """The label in the form of the examples: turns of the conversation, or lines of the message."""
    turns = [(asked, replied) for asked, replied in conversation.shown if len(replied) <= _LONGEST_LABEL]
    if len(turns) >= 2 and len(turns) == len(conversation.shown):
        return _by_example([label for _, label in turns], conversation.question)
    if conversation.question.count(":") < 4:
        return None
    lines = [(match["key"].lower(), match["value"].strip()) for match in _PAIR.finditer(conversation.question)]
    if len(lines) < 4 or lines[-1][1]:
        return None
    key = lines[-1][0]
    labels = [value for name, value in lines[:-1] if name == key]
    return _by_example(labels, lines[-2][1]) if len(labels) >= 2 and lines[-2][0] != key else None


def _by_example(labels: list[str], text: str) -> str | None:
    distinct = list(dict.fromkeys(labels))
    bare = {re.sub(r"^\W+|\W+$", "", label): label for label in distinct}
    known = _cues().keys() | _OTHERWISE
    if len(text) > _READ or len(bare) < 2 or not all(_name(label) in known for label in bare):
        return None
    text = _PAIR.sub(lambda match: match["value"] or match[0], text) if text.count(":") == 1 else text
    label = chosen(list(bare), text)
    return escape(bare[label]) if label else None
