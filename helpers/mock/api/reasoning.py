"""How long a reasoning model thinks: tokens that are written before the first word, paid for, and never shown.

Known: they come out of `max_completion_tokens`, so that a small budget ends in an empty answer with finish reason
"length" (recorded 2025-02 and 2025-03, o1 and o3-mini: 16 of 16); a greeting takes none (recorded 2025-03, o1); the
figures that Microsoft's page on reasoning models shows are multiples of 64. How many it are for a question is the
mock's own rule: more with the effort that is asked for, and with the length of the question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .asked import ChatRequest

_STEP = 64  # tokens
_STEPS = {"none": 0, "minimal": 0, "low": 1, "medium": 3, "high": 8}
_GREETING = 6  # tokens of a question that takes no thought


def thought(asked: ChatRequest) -> int:
    """The tokens that the model thinks before it answers a request; 0 for a model that does not reason."""
    reasoning = asked.card.reasoning
    if reasoning is None:
        return 0
    question = next((message.text for message in reversed(asked.messages) if message.role == "user"), "")
    length = asked.tokenizer.count(question)
    steps = _STEPS[asked.extras.reasoning_effort or reasoning.default]
    return _STEP * (steps + length // _STEP) if steps and length >= _GREETING else 0
