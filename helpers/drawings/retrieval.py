"""Lesson 09: a question, its vector, the nearest notes, and the answer that comes from them."""

from __future__ import annotations

from collections.abc import Sequence

from .svg import MARGIN, WIDTH, Canvas, Drawing

_LEFT = 64.0  # where the notes begin, behind their scores


def question_to_answer(
    question: str, vector: Sequence[float], scores: Sequence[float], notes: Sequence[str], answer: str, k: int = 3
) -> Drawing:
    """The way from a question to an answer, with the `k` nearest notes.

    `vector` is the question's; `scores` are its cosines to the vectors of the `notes`.
    """
    canvas = Canvas()
    ranked = sorted(zip(scores, notes, strict=True), key=lambda pair: -pair[0])[:k]
    wide = WIDTH - 2 * MARGIN
    asked = canvas.box(MARGIN, MARGIN, wide, f"“{question}”", tone="sent")
    first = ", ".join(f"{number:.2f}" for number in vector[:4])
    numbers = canvas.box(MARGIN, asked.bottom + 34, wide, f"{len(vector):,} numbers: {first}, …")
    canvas.arrow(asked.under, numbers.over, "the embedding model")
    top = numbers.bottom + 34
    canvas.arrow(numbers.under, (numbers.under[0], top), f"which of {len(notes)} notes are nearest?")
    for place, (score, note) in enumerate(ranked, 1):
        tone = "plain" if place > 1 else "good"
        box = canvas.box(_LEFT, top, WIDTH - MARGIN - _LEFT, f"[{place}] {note}", tone=tone, small=True)
        canvas.words(MARGIN, box.y + box.height / 2 - 10, f"{score:.2f}", bold=place == 1)
        top = box.bottom + 5
    told = canvas.box(MARGIN, top + 34, wide, answer, tone="written")
    canvas.arrow((numbers.under[0], top), told.over, "into the chat model's prompt")
    best, note = ranked[0]
    return canvas.drawing(
        "From a question to an answer",
        f"The question “{question}” becomes {len(vector):,} numbers. Nearest to them, with {best:.2f}, is the note "
        f"“{note}” The {len(ranked)} nearest go into the prompt, and the answer is “{answer}”",
    )
