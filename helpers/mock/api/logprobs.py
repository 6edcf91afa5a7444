"""Log probabilities as the API writes them: each token with its bytes, and the likeliest tokens at its place.

Shape: `logprobs` of the OpenAI twin of this API, as recorded (2024-02, gpt-4 on Azure OpenAI).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..model.writing.generate import Step
from ..model.writing.tokens import Tokenizer


def logprobs(steps: Sequence[Step], tokenizer: Tokenizer, *, first: bool = True) -> dict[str, Any]:
    """The `logprobs` of a choice, or of a delta; `first`: an answer begins here."""
    content = []
    for position, step in enumerate(steps):
        opening = first and position == 0
        entry = _entry(step.token, step.logprob, tokenizer, opening)
        entry["top_logprobs"] = [_entry(token, logprob, tokenizer, opening) for token, logprob in step.top]
        content.append(entry)
    return {"content": content}


def _entry(token: int, logprob: float, tokenizer: Tokenizer, opening: bool) -> dict[str, Any]:
    data = tokenizer.bytes_of(token)
    if opening:
        data = data.removeprefix(b" ")
    return {"token": data.decode(errors="replace"), "logprob": logprob, "bytes": list(data)}
