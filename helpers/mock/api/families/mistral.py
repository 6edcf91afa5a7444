"""Mistral's models behind a serverless endpoint and `/models`.

Recorded in 12 whole answers and 6 streams, 2024-10 to 2025-03: Azure/azure-sdk-assets, the tests of the Azure SDKs for
Python and .NET (mistral-large-2411, mistral-small). The first chunk of a stream: vercel/ai#10226 (2025-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...errors import SHAPES, ApiError, Said, Shape
from ...ids import letters
from ...jsonio import dumps
from ...messages import Message
from ..answer import Answer, ToolCallText, WrittenChoice
from ..card import Card
from .plain import Family

# On Azure a user may not speak right after a tool (inspect_ai#1813, LibreChat#12429); mistral-common lets him.
_FOLLOWERS: Mapping[str, tuple[str, ...]] = {
    "system": ("user", "assistant", "system"),
    "user": ("assistant", "system", "user"),
    "assistant": ("assistant", "user", "tool"),
    "tool": ("assistant", "tool"),
}
_UNEQUAL = "Not the same number of function calls and responses"
_LAST = "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant"


class Mistral(Family):
    def call_id(self, seed: str) -> str:
        return letters(seed, 9)

    def call(self, call: ToolCallText) -> dict[str, Any]:
        whole = super().call(call)
        return {**whole, "function": {**whole["function"], "call_id": None}}

    def prompt_filter_results(self, answer: Answer) -> list[dict[str, Any]]:
        """The four categories; of jailbreaks nothing is said (2025-03)."""
        categories = dict(answer.prompt_filter_results)
        categories.pop("jailbreak", None)
        return [{"prompt_index": 0, "content_filter_results": categories}]

    # --- requests ---

    def check_messages(self, card: Card, messages: Sequence[Message]) -> None:
        """Who may speak after whom, and as many answers of tools as calls; ids are not compared (mistral-common)."""
        previous, expected = "", 0
        for message in messages:
            role = "system" if message.role == "developer" else message.role
            if previous and role not in _FOLLOWERS[previous]:
                raise ApiError("message_order", reason=f"Unexpected role '{role}' after role '{previous}'")
            if role == "assistant":
                if expected:
                    raise ApiError("message_order", reason=_UNEQUAL)
                expected = len(message.calls)
            expected -= role == "tool"
            previous = role
        if previous == "assistant" and messages[-1].wire.get("prefix") is not True:
            raise ApiError("message_order", reason=_LAST)
        if expected:
            raise ApiError("message_order", reason=_UNEQUAL)

    # --- refusals: what its server says is a text inside the gateway's message ---

    @property
    def shapes(self) -> Mapping[str, Shape]:
        return _SHAPES

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


def _quoted(said: Said, by_the_model: dict[str, Any]) -> dict[str, Any]:
    """A refusal of the model's server as the gateway passes it on: JSON in a text (2025-05 to 2026-03)."""
    return {"error": {"code": said.code, "message": dumps(by_the_model).decode(), "status": said.status}}


def _list_of_faults(said: Said) -> dict[str, Any]:
    pages = "https://errors.pydantic.dev/2.10/v/"
    return _quoted(said, {"detail": [{**fault, "url": pages + fault["type"]} for fault in said.error.details]})


def _wrong_order(said: Said) -> dict[str, Any]:
    told = {"object": "Error", "message": said.message, "type": "invalid_request_error", "code": 3230}
    return _quoted(said, told)


_SHAPES: Mapping[str, Shape] = {**SHAPES, "detail-list": _list_of_faults, "message-order": _wrong_order}
