"""Microsoft's Phi models.

Recorded in two whole answers: Phi-3.5-mini behind `/models` (2024-10) and Phi-4-multimodal behind a serverless endpoint
(2025-03), both in Azure/azure-sdk-assets, the tests of the Azure SDK for Python. No stream is recorded: theirs is a
guess after Mistral's.
"""

from __future__ import annotations

from typing import Any

from ...ids import uuid
from ..answer import Answer, WrittenChoice
from .openai import PROTECTED
from .plain import Family


class Phi3(Family):
    def completion_id(self, seed: str) -> str:
        return f"chat-{super().completion_id(seed)}"

    def message(self, choice: WrittenChoice) -> dict[str, Any]:
        return {**super().message(choice), "tool_calls": [self.call(call) for call in choice.calls or ()]}


class Phi4(Phi3):
    def completion_id(self, seed: str) -> str:
        return f"chatcmpl-{uuid(seed)}"

    def message(self, choice: WrittenChoice) -> dict[str, Any]:
        return {**super().message(choice), "reasoning_content": None}

    def usage(self, answer: Answer) -> dict[str, Any]:
        costs = answer.costs
        parts = {"audio_prompt_tokens": costs.sounds, "image_prompt_tokens": costs.pictures}
        return {**super().usage(answer), **parts, "prompt_tokens_details": None}

    def filter_results(self, choice: WrittenChoice) -> dict[str, Any]:
        results = super().filter_results(choice)
        return {**results, **PROTECTED} if results else results
