"""The panel of lesson 09: the sentences line up by how near they are to a question, in two wordings, at any length."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from ipywidgets import Dropdown, Text

from ..display import Rich, heading, side_by_side, words
from .panel import Panel

ALL = 0
LENGTHS = (512, 256, 64, 16, 4)  # that can be asked for beside the model's own
LISTED = 5
_BAR = "background: var(--jp-brand-color1, #1976d2); height: 0.6em; border-radius: 2px"


def similarity_panel(
    client: Any,
    sentences: Sequence[str],
    question: str = "May I bring my puppy?",
    again: str = "Is my dog allowed?",
) -> Panel:
    """Two fields for the same question in two wordings, and the length of the vectors; for each wording the nearest
    sentences as bars of their cosine, the nearest first. An empty field is left out.

    `client`: an `EmbeddingsClient`. The sentences are embedded once for each length that is chosen, in one call with
    the questions. A model without shorter vectors refuses the shorter lengths, and the panel says so.
    """
    asked = Text(question, description="question", continuous_update=False)
    other = Text(again, description="in other words", continuous_update=False)
    chosen = [("all", ALL), *((str(length), length) for length in LENGTHS)]
    length = Dropdown(options=chosen, value=ALL, description="dimensions")
    kept: dict[Any, np.ndarray] = {}  # by the length

    def embed(texts: Sequence[str]) -> np.ndarray:
        size = {} if length.value == ALL else {"dimensions": length.value}
        items = sorted(client.embed(input=list(texts), **size).data, key=lambda item: item.index)
        vectors = np.array([item.embedding for item in items], float)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def result() -> Rich:
        questions = [field.value.strip() for field in (asked, other) if field.value.strip()]
        if not questions:
            return words("Type a question into one of the fields and press Enter.")
        new = [] if length.value in kept else list(sentences)
        vectors = embed([*new, *questions])
        if new:
            kept[length.value] = vectors[: len(new)]
        rows = zip(questions, vectors[len(new) :], strict=True)
        return side_by_side(*(_ranking(text, sentences, kept[length.value] @ row) for text, row in rows))

    return Panel("Which sentence is nearest?", [asked, other, length], result)


def _ranking(question: str, sentences: Sequence[str], scores: np.ndarray) -> Rich:
    """The nearest sentences, each on a line of its own above its bar: sentences are too long for a column."""
    places = [int(place) for place in np.argsort(-scores, kind="stable")[:LISTED]]
    title = f"Nearest to “{question}”"
    text = "\n".join([title, *(f"{scores[place]:.2f}  {sentences[place]}" for place in places)])
    items = "".join(
        f'<li style="margin: 0.4em 0">{scores[place]:.2f} {escape(sentences[place])}'
        f'<div aria-hidden="true" style="{_BAR}; width: {max(0.0, float(scores[place])):.0%}"></div></li>'
        for place in places
    )
    listed = f'<ol style="padding-left: 1.6em; line-height: 1.4">{items}</ol>'
    return Rich(text, heading(title) + listed)
