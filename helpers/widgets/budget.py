"""The panel of lesson 11: what a day of calls costs, from the tokens of one real call and the reader's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ipywidgets import Dropdown, FloatText, IntSlider, SelectionSlider

from ..display import Rich, bars, stacked, words
from .panel import Panel

MILLION = 1_000_000
CALLS = (100, 1_000, 10_000, 100_000, 1_000_000)
INSTRUCTIONS = ("You are a helpful assistant.", "Answer in one sentence.", "Answer in five words.")
QUESTION = "How many languages are in the world?"
EARLIER = ("How many languages are in Asia?", "Asia has about 2,300 languages, more than any other continent.")


def budget_panel(client: Any, price_in: float, price_out: float) -> Panel:
    """Knobs for the calls of a day, the instruction, the earlier turns that are sent along, `max_tokens`, both prices
    and the share that a cache answers; under them what one call took, and what the day costs, as bars.

    `client`: a `ChatCompletionsClient` whose endpoint counts tokens. `price_in`, `price_out`: for a million tokens, in
    any currency. Each change makes one call.
    """
    calls = SelectionSlider(
        options=[(f"{count:,}", count) for count in CALLS],
        value=10_000,
        description="calls a day",
        continuous_update=False,
    )
    instruction = Dropdown(options=INSTRUCTIONS, description="instruction")
    turns = IntSlider(0, min=0, max=20, description="earlier turns sent", continuous_update=False)
    limit = IntSlider(100, min=5, max=100, step=5, description="max_tokens", continuous_update=False)
    each_in = FloatText(price_in, step=0.1, description="price of 1M tokens in")
    each_out = FloatText(price_out, step=0.1, description="price of 1M tokens out")
    cached = IntSlider(0, min=0, max=90, step=10, description="from a cache, %", continuous_update=False)

    for slider in (turns, limit, calls, cached):
        slider.layout.width = "24em"  # room for the track beside a long description
    began: list[float] = []  # what the day cost at each turn of a knob; the first is there to compare with

    def result() -> Rich:
        if each_in.value < 0 or each_out.value < 0:
            raise ValueError("A price is 0 or more.")
        past = [_turn(role, text) for _ in range(turns.value) for role, text in zip(_ROLES, EARLIER, strict=True)]
        messages = [_turn("system", str(instruction.value)), *past, _turn("user", QUESTION)]
        reply = client.complete(messages=messages, max_tokens=limit.value, temperature=0)
        usage = reply.get("usage")
        if not usage:
            return words("This endpoint does not count tokens, so there is nothing to multiply.")
        day = Day(
            usage, calls.value, cached.value / 100, limit.value, each_in.value / MILLION, each_out.value / MILLION
        )
        began.append(day.together)
        return stacked(_answer(reply["choices"][0]), _call(usage, limit.value), _day(day, began[0]))

    return Panel("What a day costs", [instruction, turns, limit, calls, cached, each_in, each_out], result)


@dataclass(frozen=True)
class Day:
    """One call's `usage` times the questions of a day, of which a cache answers the share `cached` (0 to 1); prices are
    for one token."""

    usage: Mapping[str, Any]
    questions: int
    cached: float
    limit: int
    price_in: float
    price_out: float

    @property
    def made(self) -> float:
        return self.questions * (1 - self.cached)

    @property
    def cost_in(self) -> float:
        return self.made * self.usage["prompt_tokens"] * self.price_in

    @property
    def cost_out(self) -> float:
        return self.made * self.usage["completion_tokens"] * self.price_out

    @property
    def together(self) -> float:
        return self.cost_in + self.cost_out

    @property
    def saved(self) -> float:
        """What the answers out of the cache would have cost."""
        one = self.usage["prompt_tokens"] * self.price_in + self.usage["completion_tokens"] * self.price_out
        return (self.questions - self.made) * one

    @property
    def ceiling(self) -> float:
        """The cost if every answer took all of `limit`."""
        return self.cost_in + self.made * self.limit * self.price_out


_ROLES = ("user", "assistant")


def _turn(role: str, text: str) -> dict[str, str]:
    return {"role": role, "content": text}


def _answer(choice: Mapping[str, Any]) -> Rich:
    """The answer, and whether anybody can use it."""
    text = choice["message"].get("content") or ""
    cut = choice.get("finish_reason") == "length"
    return words(f"{text}\n→ cut off: paid for, and of no use" if cut else f"{text}\n→ a whole answer")


def _call(usage: Mapping[str, Any], limit: int) -> Rich:
    """The tokens of the one call that was made."""
    tokens_in, tokens_out = usage["prompt_tokens"], usage["completion_tokens"]
    most = max(tokens_in, limit, 1)
    rows = [
        ("tokens in", tokens_in / most, f"{tokens_in:,}"),
        ("tokens out", tokens_out / most, f"{tokens_out:,} of {limit:,} allowed"),
    ]
    return bars("One call, counted", rows)


def _day(day: Day, began: float) -> Rich:
    """The cost of all calls of a day, beside what it was when the panel began and what the limit alone would allow."""
    most = max(day.ceiling, day.together + day.saved, began) or 1.0
    rows = [
        ("prompts", day.cost_in),
        ("answers", day.cost_out),
        ("together", day.together),
        ("together, as the panel began", began),
        ("saved by the cache", day.saved),
        ("if every answer filled max_tokens", day.ceiling),
    ]
    caption = f"A day of {day.questions:,} questions, {day.made:,.0f} of them put to the model"
    return bars(caption, [(label, amount / most, f"{amount:,.2f}") for label, amount in rows])
