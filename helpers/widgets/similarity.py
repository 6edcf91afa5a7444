"""The panel of lesson 09: the sentences line up by how near they are to a question, in two wordings, at any length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ipywidgets import Dropdown, Text

from ..show import Rich, prose
from .panel import Panel, bars, side_by_side

LENGTHS = (512, 256, 64, 16, 4)  # that can be asked for beside the model's own
LISTED = 5


def similarity_panel(
    client: Any,
    sentences: Sequence[str],
    question: str = "Where can I get medicine?",
    again: str = "I feel sick, who can help?",
) -> Panel:
    """Two fields for the same question in two wordings, and the length of the vectors; for each wording the nearest
    sentences as bars of their cosine, the nearest first. An empty field is left out.

    `client`: an `EmbeddingsClient`. The sentences are embedded once for each length that is chosen. A model without
    shorter vectors refuses the shorter lengths, and the panel says so.
    """
    asked = Text(question, description="question", continuous_update=False)
    other = Text(again, description="in other words", continuous_update=False)
    chosen: list[tuple[str, int | None]] = [("all", None), *((str(length), length) for length in LENGTHS)]
    length = Dropdown(options=chosen, value=None, description="dimensions")
    kept: dict[int | None, np.ndarray] = {}

    def embed(texts: Sequence[str]) -> np.ndarray:
        size = {} if length.value is None else {"dimensions": length.value}
        items = sorted(client.embed(input=list(texts), **size).data, key=lambda item: item.index)
        vectors = np.array([item.embedding for item in items], float)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def result() -> Rich:
        questions = [field.value.strip() for field in (asked, other) if field.value.strip()]
        if not questions:
            said = "Type a question into one of the fields and press Enter."
            return Rich(said, prose(said))
        if length.value not in kept:
            kept[length.value] = embed(sentences)
        return side_by_side(
            *(_ranking(text, kept[length.value] @ row) for text, row in zip(questions, embed(questions), strict=True))
        )

    def _ranking(text: str, scores: np.ndarray) -> Rich:
        nearest = np.argsort(-scores, kind="stable")[:LISTED]
        rows = [(sentences[place], float(scores[place]), f"{scores[place]:.2f}") for place in nearest]
        return bars(f"Nearest to “{text}”", rows)

    return Panel("Which sentence is nearest?", [asked, other, length], result)
