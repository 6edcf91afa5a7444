"""Mistral's models behind a serverless endpoint and `/models`.

Recorded in 12 whole answers and 6 streams, 2024-10 to 2025-03: Azure/azure-sdk-assets, the tests of the Azure SDKs for
Python and .NET (mistral-large-2411, mistral-small). The first chunk of a stream: vercel/ai#10226 (2025-11).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..answer import Answer, ToolCallText, WrittenChoice
from .plain import Family, letters


class Mistral(Family):
    def call_id(self, seed: str) -> str:
        return letters(seed, 9)

    def call(self, call: ToolCallText) -> dict[str, Any]:
        whole = super().call(call)
        return {**whole, "function": {**whole["function"], "call_id": None}}

    def prompt_filter_results(self, answer: Answer) -> list[dict[str, Any]]:
        """The four categories; of jailbreaks nothing is said (2025-03)."""
        categories = {name: result for name, result in answer.prompt_filter_results.items() if name != "jailbreak"}
        return [{"prompt_index": 0, "content_filter_results": categories}]

    # --- streams: all calls come whole, in the chunk that ends the answer, without `index` and `type` ---

    def call_deltas(self, choice: WrittenChoice) -> Iterator[dict[str, Any]]:
        return iter(())

    def last(self, choice: WrittenChoice) -> dict[str, Any]:
        if not choice.calls:
            return super().last(choice)
        return {
            "tool_calls": [
                {"id": call.id, "function": {"name": call.name, "arguments": call.arguments}} for call in choice.calls
            ]
        }
