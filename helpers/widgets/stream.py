"""The panel of lesson 02: a stream, watched update by update, at a pace that you choose."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Any

from azure.ai.inference.models import UserMessage
from ipywidgets import Checkbox, Dropdown, Text

from ..answers import usage_line
from ..display import Rich, remark, stacked, table, words
from .panel import Panel

SHOWN = 8  # updates in the table; earlier ones are counted
FIRST = "0.5"  # seconds to the first token, where there is a pace
PACES = {"as fast as it comes": "0", "20 tokens a second": "20", "5 tokens a second": "5"}
STOPS = {"read to the end": 0, "leave after 3 updates": 3, "leave after 6 updates": 6, "leave after 12 updates": 12}


def stream_panel(
    client: Any, question: str = "How many languages are in the world?", models: Sequence[str] = ()
) -> Panel:
    """Streams an answer and shows each update as it arrives, the text so far, and how the stream ended.

    `client`: a `ChatCompletionsClient`. `models`: the names to choose from; without any, the client's own is asked. The
    pace, and half a second before the first token, are headers that the mock of this course follows; other services
    write as fast as they can. Times, in milliseconds since the call, are shown on request.
    """
    asked = Text(question, description="question")
    model = Dropdown(options=list(models), description="model") if models else None
    usage = Checkbox(False, description="ask for the usage (include_usage)", indent=False)
    pace = Dropdown(options=list(PACES.items()), description="pace")
    stop = Dropdown(options=list(STOPS.items()), description="reading")
    timed = Checkbox(False, description="show arrival times", indent=False)

    def watch() -> Iterator[Rich]:
        headers = {"x-mock-ttft": FIRST if pace.value != "0" else "0", "x-mock-tokens-per-second": pace.value}
        options: dict[str, Any] = {"model_extras": {"stream_options": {"include_usage": True}}} if usage.value else {}
        if model:
            options["model"] = model.value
        updates: list[tuple[str, ...]] = []
        text, ended, start = "", "", perf_counter()
        messages = [UserMessage(asked.value)]
        with client.complete(messages=messages, stream=True, headers=headers, **options) as stream:
            for update in stream:
                choice = update.choices[0] if update.choices else None
                delta = dict(choice.delta) if choice else None
                text += (delta or {}).get("content") or ""
                reason = choice and choice.get("finish_reason")
                ended = f"finish reason: {reason}" if reason else ended
                said = "no choices" if delta is None else json.dumps(delta, ensure_ascii=False)
                when = [f"{1000 * (perf_counter() - start):.0f}"] if timed.value else []
                updates.append((str(len(updates) + 1), *when, said, reason or "", usage_line(update.get("usage"))))
                if stop.value and len(updates) >= stop.value:
                    ended = "closed by you; what is missing was not read, and neither was the usage"
                    break
                yield _shown(text, updates, "still being written", timed.value)
        yield _shown(text, updates, ended or "ended without a finish reason", timed.value)

    controls = [asked, *([model] if model else []), usage, pace, stop, timed]
    return Panel("A stream, update by update", controls, watch, button="Stream")


def _shown(text: str, updates: list[tuple[str, ...]], state: str, timed: bool) -> Rich:
    columns = ["update", *(["ms"] if timed else []), "delta", "finish reason", "usage"]
    left = len(updates) - SHOWN
    caption = f"Updates (the last {SHOWN} of {len(updates)})" if left > 0 else "Updates"
    answer = words(text)
    return stacked(answer, Rich(f"({state})", remark(state)), table(caption, columns, updates[-SHOWN:]))
