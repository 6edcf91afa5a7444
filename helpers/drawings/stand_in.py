"""Lesson 00: where a call goes, and how the mock stands in for the service."""

from __future__ import annotations

from typing import Any

from .svg import MARGIN, Canvas, Drawing

_CODE = "your code: `client.complete(...)`"
_MOCK = "the mock, in this notebook\nknows these lessons, counts, refuses; does not think"
_YOURS = "an endpoint of yours\na language model, on Azure or elsewhere"


def where_a_call_goes(is_mock: bool, usage: Any) -> Drawing:
    """Your code, and who answers it: the mock, or an endpoint of yours, which is sent the same request.

    `is_mock`: whether the mock has answered, as `connect` says. `usage`: the reply's; None where nothing was counted.
    """
    canvas = Canvas()
    wide = (canvas.width - 2 * MARGIN - 20) / 2
    code = canvas.box(MARGIN, MARGIN, canvas.width - 2 * MARGIN, _CODE, tone="sent")
    top = code.bottom + 64
    tones = ("written", "quiet") if is_mock else ("quiet", "written")
    mock = canvas.box(MARGIN, top, wide, _MOCK, tone=tones[0], height=74, small=True)
    yours = canvas.box(MARGIN + wide + 20, top, wide, _YOURS, tone=tones[1], height=74, small=True)
    here, there = (mock, yours) if is_mock else (yours, mock)
    sent, written = (f"{usage.prompt_tokens:,} tokens", f"{usage.completion_tokens:,} tokens") if usage else ("", "")
    for box, asks, answers in ((here, sent, written), (there, "same request", "same form")):
        x = box.over[0]
        canvas.arrow((x - 85, code.bottom + 2), (x - 85, top - 2), asks, dashed=box is there)
        canvas.arrow((x + 25, top - 2), (x + 25, code.bottom + 2), answers, dashed=box is there)
    who, other = ("the mock", "an endpoint of yours") if is_mock else ("your endpoint", "the mock")
    tokens = f" {sent} go in and {written} come back." if usage else ""
    return canvas.drawing(
        "Where a call goes",
        f"Your code sends an HTTP request, and here {who} answers it.{tokens} {other.capitalize()} would be sent the "
        "same request and would answer in the same form.",
    )
