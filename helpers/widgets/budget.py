"""The panel of lesson 11: what a day of calls costs, from the tokens of one real call and the reader's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ipywidgets import Dropdown, FloatText, IntSlider, SelectionSlider

from ..show import Rich, prose
from .panel import Panel, bars, stacked

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
    turns = IntSlider(0, min=0, max=20, description="earlier turns sent along", continuous_update=False)
    limit = IntSlider(100, min=5, max=100, step=5, description="max_tokens", continuous_update=False)
    dear_in = FloatText(price_in, step=0.1, description="price of a million tokens in")
    dear_out = FloatText(price_out, step=0.1, description="price of a million tokens out")
    cached = IntSlider(0, min=0, max=90, step=10, description="answered by a cache, %", continuous_update=False)

    def result() -> Rich:
        if dear_in.value < 0 or dear_out.value < 0:
            raise ValueError("a price is 0 or more")
        past = [_turn(role, text) for _ in range(turns.value) for role, text in zip(_ROLES, EARLIER, strict=True)]
        messages = [_turn("system", str(instruction.value)), *past, _turn("user", QUESTION)]
        reply = client.complete(messages=messages, max_tokens=limit.value, temperature=0)
        usage = reply.get("usage")
        if not usage:
            return _said("This endpoint does not count tokens, so there is nothing to multiply.")
        made = calls.value * (100 - cached.value) / 100
        return stacked(
            _answer(reply["choices"][0]),
            _call(usage, limit.value),
            _day(usage, made, calls.value, limit.value, dear_in.value / MILLION, dear_out.value / MILLION),
        )

    return Panel("What a day costs", [instruction, turns, limit, calls, cached, dear_in, dear_out], result)


_ROLES = ("user", "assistant")


def _turn(role: str, text: str) -> dict[str, str]:
    return {"role": role, "content": text}


def _said(text: str) -> Rich:
    return Rich(text, prose(text))


def _answer(choice: Mapping[str, Any]) -> Rich:
    """The answer, and whether anybody can use it."""
    text = choice["message"].get("content") or ""
    cut = choice.get("finish_reason") == "length"
    return _said(f"{text}\n→ cut off: paid for, and of no use" if cut else f"{text}\n→ a whole answer")


def _call(usage: Mapping[str, Any], limit: int) -> Rich:
    """The tokens of the one call that was made."""
    tokens_in, tokens_out = usage["prompt_tokens"], usage["completion_tokens"]
    most = max(tokens_in, limit, 1)
    rows = [
        ("tokens in", tokens_in / most, f"{tokens_in:,}"),
        ("tokens out", tokens_out / most, f"{tokens_out:,} of {limit:,} allowed"),
    ]
    return bars("One call, counted", rows)


def _day(usage: Mapping[str, Any], made: float, asked: int, limit: int, price_in: float, price_out: float) -> Rich:
    """The cost of all calls of a day, in and out apart; what the cache saved, and what the limit alone would allow."""
    cost_in, cost_out = made * usage["prompt_tokens"] * price_in, made * usage["completion_tokens"] * price_out
    saved = (asked - made) * (usage["prompt_tokens"] * price_in + usage["completion_tokens"] * price_out)
    ceiling = cost_in + made * limit * price_out
    most = max(ceiling + saved, 1e-12)
    rows = [
        ("prompts", cost_in / most, _money(cost_in)),
        ("answers", cost_out / most, _money(cost_out)),
        ("saved by the cache", saved / most, _money(saved)),
        ("together", (cost_in + cost_out) / most, _money(cost_in + cost_out)),
        ("if every answer were as long as max_tokens allows", ceiling / most, _money(ceiling)),
    ]
    return bars(f"A day of {asked:,} questions, {made:,.0f} of them put to the model", rows)


def _money(amount: float) -> str:
    return f"{amount:,.2f}"
