"""What writes the answers: an engine decides what is to be written, and knows nothing of the form that it gets.

A request comes to it checked and counted; tokens, limits of length, filters, ids, usage and events are made of what it
gives back, whoever it is. `plan.plain` is the mock's own: the lessons' answers and the plain skills. What a test has
laid down (`plan.scripted`) comes before every engine.
"""

from __future__ import annotations

from typing import Protocol

from .asked import ChatRequest
from .plan import Plan
from .prompt import Prompt


class Engine(Protocol):
    """Decides what is to be written to a checked request. Raises ApiError for what it cannot answer."""

    def __call__(self, asked: ChatRequest, prompt: Prompt, /) -> Plan: ...
