"""The content filter: judges prompts and completions by the rules in `data/filters.toml`.

Categories, severities and the shape of the results are the service's (Azure AI Content Safety; recorded bodies in
Azure OpenAI answers). The threshold is its default: medium and high are filtered, low is only annotated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from ..data import table
from ..errors import ApiError
from ..text import lowered

CATEGORIES = ("hate", "self_harm", "sexual", "violence")
SEVERITIES = ("safe", "low", "medium", "high")
THRESHOLD = "medium"

LONGEST = 40
"""Characters of a text's end in which the beginning of a rule's word can hide."""


@dataclass(frozen=True, slots=True)
class Rule:
    category: str
    severity: str
    words: tuple[str, ...]
    pattern: str


@dataclass(frozen=True)
class Verdict:
    """What the filter says of a text: a severity for each category, whether a jailbreak was detected (prompts only),
    and where in the text the first filtered passage begins (None: nothing is filtered)."""

    severities: dict[str, str]
    jailbreak: bool | None
    start: int | None

    @property
    def filtered(self) -> bool:
        return self.start is not None

    def results(self) -> dict[str, Any]:
        """The annotation: {category: {filtered, severity}, jailbreak: {filtered, detected}}; not to be changed."""
        return self._results

    @cached_property
    def _results(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            category: {"filtered": _is_filtered(severity), "severity": severity}
            for category, severity in self.severities.items()
        }
        if self.jailbreak is not None:
            found["jailbreak"] = {"filtered": self.jailbreak, "detected": self.jailbreak}
        return found


def refusal(verdict: Verdict, status: int = 400) -> ApiError:
    """What is answered to a prompt that is filtered."""
    inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": verdict.results()}
    return ApiError("content_filter", status=status, extra={"type": None, "innererror": inner})


def judge(text: str, side: str) -> Verdict:
    """Judge a text; `side` is "prompt" or "completion"."""
    # A search for words is fifty times as fast as one for a pattern, and most texts hold none of them.
    small = lowered(text)
    for word in _words(side):
        if word in small:
            return _judge_closely(text, small, side)
    return safe(side)


@cache
def safe(side: str) -> Verdict:
    """The verdict on a text of which no word is `watched`."""
    return Verdict(dict.fromkeys(map(str, CATEGORIES), "safe"), False if side == "prompt" else None, None)


def watched(word: str) -> bool:
    """Whether a word, without blanks, may belong to what a rule is about."""
    return _parts().search(lowered(word)) is not None


def suspicious(text: str, side: str) -> bool:
    """Whether a text has a word in it for which it has to be judged."""
    small = lowered(text)
    return any(word in small for word in _words(side))


def _judge_closely(text: str, small: str, side: str) -> Verdict:
    severities: dict[str, str] = dict.fromkeys(map(str, CATEGORIES), "safe")
    jailbreak = False
    starts: list[int] = []
    for rule in _rules(side):
        match = re.search(rule.pattern, text, re.IGNORECASE) if any(word in small for word in rule.words) else None
        if not match:
            continue
        if rule.category == "jailbreak":
            jailbreak = True
            starts.append(match.start())
            continue
        severities[rule.category] = max(severities[rule.category], rule.severity, key=SEVERITIES.index)
        if _is_filtered(rule.severity):
            starts.append(match.start())
    return Verdict(severities, jailbreak if side == "prompt" else None, min(starts, default=None))


def _is_filtered(severity: str) -> bool:
    return SEVERITIES.index(severity) >= SEVERITIES.index(THRESHOLD)


@cache
def _words(side: str) -> tuple[str, ...]:
    """The words of all rules."""
    return tuple({word: None for rule in _rules(side) for word in rule.words})


@cache
def _parts() -> re.Pattern[str]:
    """The longest word of each of the rules' words and phrases."""
    return re.compile("|".join({max(word.split(), key=len) for row in _rows() for word in row["words"]}))


@cache
def _rows() -> list[dict[str, Any]]:
    return table("filters.toml")["rule"]


@cache
def _rules(side: str) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            category=row["category"],
            severity=row.get("severity", "high"),
            words=tuple(row["words"]),
            pattern=row["pattern"],
        )
        for row in _rows()
        if row.get("side", side) == side
    )
