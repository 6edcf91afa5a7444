"""What writes the answers: an engine decides what is to be written, and knows nothing of the form that it gets.

A request comes to it checked and counted; tokens, limits of length, filters, ids, usage and events are made of what it
gives back, whoever it is. `PLAIN` is the mock's own: the lessons' answers and the plain skills (`plan.plain`). Another
is a model behind the mock (`upstream`). What a test has laid down (`plan.scripted`) comes before every engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..upstream.exchange import Exchange
from .asked import ChatRequest, EmbeddingsRequest
from .flow import Flow
from .plan import Plan, plain
from .prompt import Prompt


class Engine(Protocol):
    """Decides what is to be written."""

    def write(self, asked: ChatRequest, prompt: Prompt, /) -> Plan | Flow:
        """What to write: all of it, or where it comes from piece by piece. Raises ApiError for what it refuses."""
        ...

    def embed(self, asked: EmbeddingsRequest[Any], texts: Sequence[str], /) -> Exchange[Any] | None:
        """Where the vectors of some texts come from; None: they are the mock's own."""
        ...


@dataclass(frozen=True, slots=True)
class _Plain:
    def write(self, asked: ChatRequest, prompt: Prompt, /) -> Plan:
        return plain(asked, prompt)

    def embed(self, asked: EmbeddingsRequest[Any], texts: Sequence[str], /) -> None:
        return None


PLAIN: Engine = _Plain()
"""The mock's own."""
