"""The checks of lesson 00, start here."""

from __future__ import annotations

from typing import Any

from azure.ai.inference.models import ChatCompletions

from .core import exercise, expect


@exercise(
    "0.1",
    "A sum of your own",
    first="It is the call of this lesson with another text in UserMessage.",
    second='client.complete(messages=[UserMessage("What is 6 times 7?")]) is a reply to a sum; yours is 12 times 12.',
)
def _(sum_reply: Any) -> str:
    expect(not isinstance(sum_reply, str), "That is text. Wanted is the reply, as complete() returns it.")
    expect(isinstance(sum_reply, ChatCompletions), f"Wanted is a reply; this is of type {type(sum_reply).__name__}.")
    said = sum_reply.choices[0].message.content or ""
    expect("144" in said, f"The answer says “{said[:60]}”, and 12 times 12 is not in it. Ask for that.")
    return "Right. You changed the question, and the answer followed."


@exercise(
    "0.2",
    "Only the text",
    first="A reply has choices; the first of them has a message; the message has a content.",
    second="response.choices[0] comes first. Then .message, then .content.",
)
def _(text: Any) -> str:
    expect(
        not isinstance(text, ChatCompletions), "That is the whole reply. Go on: choices, then message, then content."
    )
    expect(not isinstance(text, list), "That is a list. The choices are one; take the first of them with [0].")
    expect(
        isinstance(text, str),
        f"That is a {type(text).__name__}, one step before the text: what does it have that is called content?",
    )
    expect(text.strip().startswith("There are"), "A text, but not the answer of this lesson's first call.")
    return "Right: choices[0].message.content. You will write this more often than anything else here."


@exercise(
    "0.3",
    "What did both cost?",
    first="Each reply has a usage, and usage has total_tokens. Add two of them.",
    second="response.usage.total_tokens + shorter.usage.total_tokens",
)
def _(told: Any) -> str:
    tokens, response, shorter = told
    expect(not isinstance(tokens, str), "That is text. Wanted is a number.")
    expect(isinstance(tokens, int), f"Wanted is a number; this is of type {type(tokens).__name__}.")
    usages = [response.usage, shorter.usage]
    right = sum(usage.total_tokens for usage in usages)
    expect(
        tokens not in [usage.total_tokens for usage in usages],
        "That is one of the two. Wanted is what both took together.",
    )
    sides = [sum(usage[side] for usage in usages) for side in ("prompt_tokens", "completion_tokens")]
    expect(tokens not in sides, "That counts one side only: total_tokens has prompt and completion together.")
    expect(tokens == right, f"Both took {right} tokens; this says {tokens}.")
    return "Right. Tokens are what you pay for, in both directions."
