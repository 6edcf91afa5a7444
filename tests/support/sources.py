"""How well something is known, told from the words that name its source."""

from __future__ import annotations

import re
from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "recorded": "an answer of the service that Microsoft's SDK tests recorded (Azure/azure-sdk-assets), by its month;"
    " [the forms](../tests/contract/recorded) name the recordings",
    "reported": "an answer that somebody published: `owner/repository#number`",
    "documented": "the OpenAPI document 2024-05-01-preview, the SDK, pages of Microsoft's, OpenAI's or Cohere's",
    "guessed": "no source tells: taken over from other models or other hosts",
    "ours": "a promise of the mock alone, or one that no source tells in full",
}
"""The kinds of sources, and what each means."""

_WORDS: tuple[tuple[str, str], ...] = (  # the first that fits: one part that nobody knows counts, else the best source
    (r"\bours\b", "ours"),
    (r"\bguess\b", "guessed"),
    (r"\brecorded\b", "recorded"),
    (r"[\w.-]+/[\w.-]+#\d+", "reported"),
    (r"\b2024-05-01-preview\b|\bSDK\b|\bJSON Schema \d", "documented"),
    (r"\b(pages?|reference|guide|note|document|specification|GitHub Models)\b", "documented"),
)


def known(source: str) -> str:
    """The kind of a source, one of KINDS. ValueError for words that tell none."""
    for pattern, kind in _WORDS:
        if re.search(pattern, source):
            return kind
    raise ValueError(f"cannot tell how this is known: {source!r}")
