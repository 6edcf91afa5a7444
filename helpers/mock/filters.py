"""The content filter: judges prompts and completions by the rules in `data/filters.toml`.

Categories, severities and the shape of the results are the service's (Azure AI Content Safety; recorded bodies in
Azure OpenAI answers). The threshold is its default: medium and high are filtered, low is only annotated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from .data import table

CATEGORIES = ("hate", "self_harm", "sexual", "violence")
SEVERITIES = ("safe", "low", "medium", "high")
THRESHOLD = "medium"


@dataclass(frozen=True, slots=True)
class Rule:
    category: str
    severity: str
    side: str
    words: tuple[str, ...]
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
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
        """The annotation: {category: {filtered, severity}, jailbreak: {filtered, detected}}."""
        found: dict[str, Any] = {
            category: {"filtered": _is_filtered(severity), "severity": severity}
            for category, severity in self.severities.items()
        }
        if self.jailbreak is not None:
            found["jailbreak"] = {"filtered": self.jailbreak, "detected": self.jailbreak}
        return found


def judge(text: str, side: str) -> Verdict:
    """Judge a text; `side` is "prompt" or "completion"."""
    severities: dict[str, str] = dict.fromkeys(map(str, CATEGORIES), "safe")
    jailbreak = False
    starts: list[int] = []
    folded = _folded(text)
    for rule in _rules():
        if rule.side not in (side, "both"):
            continue
        # A search for words is fifty times as fast as one for a pattern, and most texts hold none of them.
        match = rule.pattern.search(text) if any(word in folded for word in rule.words) else None
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


def _folded(text: str) -> str:
    """Small letters; the dotless i and the long s are what a pattern without regard to case takes them for."""
    text = text.lower()
    return text if text.isascii() else text.replace("ı", "i").replace("\u0307", "").replace("ſ", "s")


def _is_filtered(severity: str) -> bool:
    return SEVERITIES.index(severity) >= SEVERITIES.index(THRESHOLD)


@cache
def _rules() -> tuple[Rule, ...]:
    return tuple(
        Rule(
            category=row["category"],
            severity=row.get("severity", "high"),
            side=row.get("side", "both"),
            words=tuple(row["words"]),
            pattern=re.compile(row["pattern"], re.IGNORECASE),
        )
        for row in table("filters.toml")["rule"]
    )
