"""Predicted outputs: how much of what the request predicts is in the answer.

Known: accepted tokens are in the completion, rejected ones are counted besides. Of an answer that opens otherwise and
never has more than five tokens in a row in common, all 34 tokens of the prediction were rejected (recorded 2025-03,
gpt-4o-2024-08-06: Azure/azure-sdk-assets, the tests of the Azure SDK for Go). What is accepted need not stand at the
beginning (Microsoft's "How to use predicted outputs", azure-ai-docs, 2025-04). How the model finds back into a
prediction after a word that is another is not known: here it takes as many tokens in a row as were not enough in the
recording.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .answer import WrittenChoice
    from .asked import ChatRequest

_ENOUGH = 5  # tokens in a row that the answer has from a prediction before it is followed again


def predicted(asked: ChatRequest, choice: WrittenChoice) -> tuple[int, int]:
    """The tokens of the prediction that the answer takes over, and the others; none without a prediction."""
    if asked.extras.prediction is None:
        return 0, 0
    most = asked.card.max_output  # more is in no answer
    ids = asked.tokenizer.encode(asked.extras.prediction.text[: most * asked.tokenizer.longest])[:most]
    taken = accepted(ids, choice.steps.tokens)
    return taken, len(ids) - taken


def accepted(prediction: Sequence[int], written: Sequence[int]) -> int:
    """How many tokens of a prediction an answer takes over, in order."""
    found, here, following = 0, 0, True
    places: dict[tuple[int, ...], list[int]] = {}
    for start in range(len(prediction) - _ENOUGH, -1, -1):
        places.setdefault(tuple(prediction[start : start + _ENOUGH]), []).append(start + _ENOUGH)
    for end, token in enumerate(written):
        if not following:
            ahead = places.get(tuple(written[max(0, end - _ENOUGH) : end]), [])
            while ahead and ahead[-1] < here:
                ahead.pop()
            following = bool(ahead)
            here = ahead[-1] if ahead else here
        following = following and here < len(prediction) and prediction[here] == token
        found += following
        here += following
    return found
