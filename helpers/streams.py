"""Prints a streamed completion as it comes, and puts it together."""

import asyncio
import time
from collections.abc import AsyncIterable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .answers import plain, usage_line


@dataclass
class Streamed:
    """What a stream gave: its text, why it ended, what it cost (None when the endpoint does not say), how many updates
    it came in, and its tool calls, put together, as `{"id", "name", "arguments"}`."""

    text: str = ""
    finish_reason: str | None = None
    usage: Mapping[str, Any] | None = None
    chunks: int = 0
    tool_calls: list[dict[str, str]] = field(default_factory=list)
    _places: dict[int | None, dict[str, str]] = field(default_factory=dict, init=False, compare=False)

    def __repr__(self) -> str:
        parts = [f"{self.chunks} chunks", self.finish_reason, usage_line(self.usage)]
        return f"<Streamed: {', '.join(part for part in parts if part)}>"

    def add(self, update: Mapping[str, Any]) -> str:
        """Takes in one update and returns the text it adds. Of several choices only the first is followed."""
        self.chunks += 1
        self.usage = update.get("usage") or self.usage
        # Some updates have no choices: usage comes alone, and Azure sends its prompt filter's result first.
        for choice in update.get("choices") or []:
            if choice.get("index") or 0:
                continue
            delta = choice.get("delta") or {}
            self.finish_reason = plain(choice.get("finish_reason")) or self.finish_reason
            for call in delta.get("tool_calls") or []:
                self._add_call(call)
            text = delta.get("content") or ""
            self.text += text
            return text
        return ""

    def _add_call(self, delta: Mapping[str, Any]) -> None:
        function, place = delta.get("function") or {}, delta.get("index")
        call = self._places.get(place)
        # Only the first delta of a call must have an id; not every service numbers the calls.
        if call is None or delta.get("id") not in (None, "", call["id"]):
            call = self._places[place] = {"id": "", "name": "", "arguments": ""}
            self.tool_calls.append(call)
        call["id"] = delta.get("id") or call["id"]
        call["name"] = function.get("name") or call["name"]
        call["arguments"] += function.get("arguments") or ""


def print_stream(stream: Iterable[Any], pause: float | None = None) -> Streamed:
    """Prints the deltas of a streamed completion as they come and returns the whole.

    `pause`: seconds to wait after each delta, for streams too fast to watch.

    Raises TypeError for a completion that was asked for without `stream=True`.
    """
    _must_stream(stream)
    whole = Streamed()
    for update in stream:
        print(whole.add(update), end="", flush=True)
        if pause:
            time.sleep(pause)
    print()
    return whole


async def aprint_stream(stream: AsyncIterable[Any], pause: float | None = None) -> Streamed:
    """`print_stream` for a stream of the asynchronous client."""
    _must_stream(stream)
    whole = Streamed()
    async for update in stream:
        print(whole.add(update), end="", flush=True)
        if pause:
            await asyncio.sleep(pause)
    print()
    return whole


def _must_stream(stream: object) -> None:
    if isinstance(stream, Mapping):
        raise TypeError("This is a whole answer, not a stream: ask with stream=True, or show it with show(answer).")
