"""The panel of lesson 02: a stream, watched event by event, at a pace that you choose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import perf_counter
from typing import Any

from azure.ai.inference.models import UserMessage
from ipywidgets import Checkbox, Dropdown, SelectionSlider, Text

from ..answers import usage_line
from ..display import Rich, remark, stacked, table, words
from .panel import Panel

SHOWN = 8  # events in the table; earlier ones are counted
FIRST = "0.5"  # seconds to the first token, where there is a pace
STOPS = [("never", 0), ("1 event", 1), *((f"{count} events", count) for count in range(2, 31))]
PACES = {"as fast as it comes": "", "20 tokens a second": "20", "5 tokens a second": "5"}


def stream_panel(client: Any, question: str = "How many languages are in the world?") -> Panel:
    """Streams an answer and shows each event as it arrives, the text so far, and how the stream ended.

    `client`: a `ChatCompletionsClient`. The pace, and half a second before the first token, are headers that the mock
    of this course follows; other services write as fast as they can. "Stop after" closes the stream when that many
    events were read (0, which is never: at its own end). Times, in milliseconds since the call, are shown on request.
    """
    asked = Text(question, description="question")
    pace = Dropdown(options=list(PACES.items()), description="pace")
    stop = SelectionSlider(options=STOPS, value=0, description="stop after")
    timed = Checkbox(False, description="show arrival times", indent=False)

    def watch() -> Iterator[Rich]:
        headers = {"x-mock-ttft": FIRST, "x-mock-tokens-per-second": pace.value} if pace.value else {}
        extras = {"stream_options": {"include_usage": True}}
        events: list[tuple[str, ...]] = []
        text, ended, start = "", "", perf_counter()
        messages = [UserMessage(asked.value)]
        with client.complete(messages=messages, stream=True, headers=headers, model_extras=extras) as stream:
            for update in stream:
                choice = update.choices[0] if update.choices else None
                delta = {name: value for name, value in dict(choice.delta if choice else {}).items() if value}
                text += delta.get("content", "")
                reason = choice and choice.get("finish_reason")
                ended = f"finish reason: {reason}" if reason else ended
                said = [json.dumps(delta, ensure_ascii=False), reason or "", usage_line(update.get("usage"))]
                when = [f"{1000 * (perf_counter() - start):,.0f}"] if timed.value else []
                events.append((str(len(events) + 1), *when, *said))
                if stop.value and len(events) >= stop.value:
                    ended = "closed by you: the rest was not read, nor the usage"
                    break
                yield _shown(text, events, "still being written", timed.value)
        yield _shown(text, events, ended or "ended without a finish reason", timed.value)

    return Panel("A stream, event by event", [asked, pace, stop, timed], watch, button="Stream")


def _shown(text: str, events: list[tuple[str, ...]], state: str, timed: bool) -> Rich:
    columns = ["event", *(["ms"] if timed else []), "delta", "finish reason", "usage"]
    left = len(events) - SHOWN
    caption = f"Events (the last {SHOWN} of {len(events)})" if left > 0 else "Events"
    answer = words(text)
    return stacked(answer, Rich(f"({state})", remark(state)), table(caption, columns, events[-SHOWN:]))
