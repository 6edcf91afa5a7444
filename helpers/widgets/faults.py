"""The panel of lesson 10: one call in trouble, attempt by attempt, and what the program gets in the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any

from azure.core.exceptions import AzureError, HttpResponseError
from ipywidgets import Dropdown, FloatSlider, IntSlider, SelectionSlider

from ..display import Rich, phrase, prose, spans, stacked
from ..errors import error_card
from ..streams import Streamed
from .panel import Panel

STATUSES = (503, 500, 502, 504, 429, 408, 413, 400, 401)
# In words, and what the mock is asked for; of these only a stream can have the last ones.
OTHERS = {
    "the connection drops": "drop",
    "the answer comes too late": "ttft=0.15",
    "200, but a page for people": "not-json",
    "200, but nothing in it": "empty",
    "200, but cut in the middle": "truncated",
}
STREAMS = {
    "stream: the connection breaks": "cut=4",
    "stream: ends early, in good order": "end=4",
    "stream: an error in the middle": "error-event=4",
    "stream: a broken line": "malformed=4",
    "stream: a comment line": "ping=4",
    "stream: lines end in CRLF": "crlf",
}
TIMES = [("once", 1), ("twice", 2), ("3 times", 3), ("4 times", 4)]
WAITS = [("none", 0), *((f"{seconds} s", seconds) for seconds in (1, 2, 5, 10, 20, 30, 60))]
READ_TIMEOUT = 0.05  # seconds, for the answer that comes too late
_BAR = "height: 0.8em; border-radius: 2px; box-sizing: border-box"
_ATTEMPT = f"{_BAR}; background: var(--jp-brand-color1, #1976d2)"
_WAIT = f"{_BAR}; border: 1px dashed currentColor"
_WIDTH = 24  # characters of a bar in plain text


@dataclass
class Trace:
    """What happened during one call: (start in seconds, length in seconds, what it was) for each attempt and wait."""

    steps: list[tuple[float, float, str]] = field(default_factory=list)
    waited: float = 0.0

    def answered(self, response: Any) -> None:
        """A response came; the SDK's hook is called for each attempt that has one."""
        status = response.http_response.status_code
        self.steps.append((self.waited, 0.0, f"{status} {phrase(status)}"))

    def silent(self) -> None:
        """The call is over: if it was never answered, or not after its last wait, that attempt had no answer."""
        if not self.steps or self.steps[-1][2] == "wait":
            self.steps.append((self.waited, 0.0, "no answer"))

    def wait(self, seconds: float) -> None:
        """The SDK wants to sleep: it is written down, and nobody sleeps."""
        self.steps.append((self.waited, seconds, "wait"))
        self.waited += seconds

    @property
    def attempts(self) -> int:
        """How many requests went out."""
        return sum(what != "wait" for _, _, what in self.steps)


def fault_panel(client: Any, messages: list[Any]) -> Panel:
    """Controls for a failure of the mock's and for the client's retries; under them every attempt and every wait of the
    call, and the answer or the exception with the `except` that catches it.

    `client`: a `ChatCompletionsClient` of the mock. The attempts are made; the waits between them are only counted.
    """
    statuses = {f"{status} {phrase(status)}": str(status) for status in STATUSES}
    failure = Dropdown(options=[*(statuses | OTHERS | STREAMS).items()], description="failure")
    times = SelectionSlider(options=TIMES, value=2, description="it fails")
    told = SelectionSlider(options=WAITS, value=0, description="Retry-After")
    total = IntSlider(3, min=0, max=5, description="retry_total")
    backoff = FloatSlider(0.8, min=0, max=2, step=0.1, description="retry_backoff_factor")
    for slider in (times, told, total, backoff):
        slider.continuous_update = False
        slider.layout.width = "24em"  # room for the track beside a long description

    def result() -> Rich:
        kind = str(failure.value)
        fault = f"{kind}*{times.value}; retry-after={told.value or 'none'}"
        options = {"retry_total": total.value, "retry_backoff_factor": backoff.value}
        if kind.startswith("ttft"):
            options["read_timeout"] = READ_TIMEOUT
        trace = Trace()
        try:
            with noting_waits(client, trace) as hooks:
                stream = kind in STREAMS.values()
                reply = client.complete(
                    messages=messages, stream=stream, headers={"x-mock-fault": fault}, **hooks, **options
                )
                outcome = _streamed(reply) if stream else _answered(reply.choices[0])
        except (AzureError, ValueError, LookupError) as error:
            outcome = _raised(error)
        return stacked(timeline(trace), outcome)

    return Panel("One call in trouble", [failure, times, told, total, backoff], result)


@contextmanager
def noting_waits(client: Any, trace: Trace) -> Iterator[dict[str, Any]]:
    """The hooks for one call of `client` whose attempts and waits go into `trace`.

    The first hook, which the SDK calls once, meets the client's own transport and gives it a `sleep` that writes down
    instead of sleeping; the end of the block takes that back.
    """
    changed: list[Any] = []

    def going_out(request: Any) -> None:
        transport = request.context.transport
        transport.sleep = trace.wait
        changed.append(transport)

    try:
        yield {"raw_request_hook": going_out, "raw_response_hook": trace.answered}
    finally:
        trace.silent()
        for transport in changed:
            del transport.sleep  # what the class says holds again


def timeline(trace: Trace) -> Rich:
    """The attempts and waits below one another, each bar where it lies in time; the words carry the meaning."""
    whole = trace.waited or 1.0
    caption = f"Attempts: {trace.attempts}, waits together: {trace.waited:g} s"
    lines, rows, number = [caption], [], 0
    for start, length, what in trace.steps:
        waits = what == "wait"
        number += not waits
        label = "wait" if waits else f"attempt {number}"
        said = f"{length:g} s" if waits else what
        left, share = 96 * start / whole, max(96 * length / whole, 4)
        bar = " " * round(_WIDTH * start / whole) + ("░" if waits else "█") * max(round(_WIDTH * length / whole), 1)
        lines.append(f"{label:<10} {bar:<{_WIDTH + 2}} {said}")
        rows.append(
            f'<tr><th scope="row" style="text-align: left; font-weight: normal; white-space: nowrap">{label}</th>'
            f'<td style="width: 45%; min-width: 4em"><div aria-hidden="true" style="{_WAIT if waits else _ATTEMPT}; '
            f'margin-left: {min(left, 96):.1f}%; width: {min(share, 100 - left):.1f}%"></div></td>'
            f'<td style="text-align: left">{escape(said)}</td></tr>'
        )
    style = "margin-left: 0; width: 100%; max-width: 44em; table-layout: auto"
    table = f'<table style="{style}"><caption>{escape(caption)}</caption>{"".join(rows)}</table>'
    return Rich("\n".join(lines), table)


def _answered(choice: Any) -> Rich:
    reason = choice.get("finish_reason")
    return _told(f"Your program gets an answer ({reason}).", choice.message.content or "")


def _streamed(stream: Any) -> Rich:
    whole = Streamed()
    for update in stream:
        whole.add(update)
    if whole.finish_reason is None:
        return _told("Nothing is raised, and the text is not whole: it has no finish reason.", whole.text)
    return _told(f"Your program gets the whole stream ({whole.finish_reason}).", whole.text)


def _raised(error: Exception) -> Rich:
    net = next(kind for kind in (HttpResponseError, AzureError, ValueError, LookupError) if isinstance(error, kind))
    said = f"Your program gets an exception: `except {net.__name__}` catches it."
    if isinstance(error, HttpResponseError) and (error.status_code or 0) >= 400:
        return stacked(_told(said), error_card(error))
    return _told(said, f"{type(error).__name__}: {error}")


def _told(head: str, text: str = "") -> Rich:
    title = f"<p><strong>{spans(head)}</strong></p>"
    return Rich(f"{head}\n{text}".rstrip(), title + (prose(text) if text else ""))
