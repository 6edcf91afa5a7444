"""The panel of lesson 09: notes line up by how near they are to a question, and the nearest become an answer (RAG)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from azure.ai.inference.models import SystemMessage, UserMessage
from ipywidgets import Dropdown, IntSlider, Text

from ..display import Rich, heading, prose, side_by_side, words
from .panel import Panel

RULES = """Answer the question from the notes only, and put the number of the note behind what you say, such as [1].
If they do not answer it, say "The notes do not tell."

Notes:"""
ALL = 0
LENGTHS = (512, 256, 64, 16, 4)  # that can be asked for beside the model's own
LISTED = 5  # notes in the ranking, and at most in the prompt
_BAR = "background: var(--jp-brand-color1, #1976d2); height: 0.6em; border-radius: 2px"


def retrieval_panel(client: Any, chat: Any, notes: Sequence[str], question: str = "May I bring my puppy?") -> Panel:
    """A question, how many notes go into the prompt, and the length of the vectors; under them the nearest notes as
    bars of their cosine, and the answer that comes from those in the prompt. With no notes, the model answers alone.

    `client`: an `EmbeddingsClient`; `chat`: a `ChatCompletionsClient`. The notes are embedded once for each length that
    is chosen, in one call with the question. A model without shorter vectors refuses them, and the panel says so.
    """
    asked = Text(question, description="question", continuous_update=False)
    most = IntSlider(2, min=0, max=LISTED, description="notes in the prompt (top k)", continuous_update=False)
    most.layout.width = "26em"  # room for the track beside a long description
    chosen = [("all", ALL), *((str(length), length) for length in LENGTHS)]
    length = Dropdown(options=chosen, value=ALL, description="dimensions")
    kept: dict[Any, np.ndarray] = {}  # by the length

    def embed(texts: Sequence[str]) -> np.ndarray:
        size = {} if length.value == ALL else {"dimensions": length.value}
        items = sorted(client.embed(input=list(texts), **size).data, key=lambda item: item.index)
        vectors = np.array([item.embedding for item in items], float)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def result() -> Rich:
        text = asked.value.strip()
        if not text:
            return words("Type a question into the field and press Enter.")
        new = [] if length.value in kept else list(notes)
        vectors = embed([*new, text])
        if new:
            kept[length.value] = vectors[: len(new)]
        scores = kept[length.value] @ vectors[-1]
        places = [int(place) for place in np.argsort(-scores, kind="stable")[:LISTED]]
        ranking = [(float(scores[place]), notes[place]) for place in places]
        return side_by_side(_ranking(text, ranking, most.value), _answer(chat, text, ranking[: most.value]))

    return Panel("From a question to an answer", [asked, most, length], result)


def _ranking(question: str, ranking: Sequence[tuple[float, str]], most: int) -> Rich:
    """The nearest notes, each above its bar, those in the prompt with their numbers there."""
    title, lines, items = f"Nearest to “{question}”", [], []
    for place, (score, note) in enumerate(ranking, 1):
        mark = f"[{place}] " if place <= most else ""
        lines.append(f"{score:.2f}  {mark}{note}")
        inside = f"<strong>{mark}</strong>" if mark else ""
        items.append(
            f'<li style="margin: 0.4em 0">{score:.2f} {inside}{escape(note)}'
            f'<div aria-hidden="true" style="{_BAR}; width: {max(0.0, score):.0%}"></div></li>'
        )
    listed = f'<ul style="list-style: none; padding-left: 0; line-height: 1.4">{"".join(items)}</ul>'
    return Rich("\n".join([title, *lines]), heading(title) + listed)


def _answer(chat: Any, question: str, found: Sequence[tuple[float, str]]) -> Rich:
    """What the chat model says with these notes in its system message, and what that cost."""
    numbered = [f"[{number}] {note}" for number, (_, note) in enumerate(found, 1)]
    system = [SystemMessage("\n".join([RULES, *numbered]))] if found else []
    reply = chat.complete(messages=[*system, UserMessage(question)])
    title = f"Answer from {len(found)} note{'s' * (len(found) != 1)}" if found else "Answer without notes"
    said = reply.choices[0].message.content or ""
    cost = f"{reply.usage.prompt_tokens:,} prompt tokens" if reply.usage else "tokens: not told"
    return Rich(f"{title}: {said}\n{cost}", heading(title) + prose(said) + prose(cost))
