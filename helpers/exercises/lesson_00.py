"""The checks of lesson 00, start here."""

from __future__ import annotations

from numbers import Real
from typing import Any

from azure.ai.inference.models import ChatChoice, ChatCompletions, ChatResponseMessage, CompletionsUsage

from .kinds import expect_reply
from .registry import exercise, expect


@exercise(
    "0.1",
    "A sum of your own",
    first="It is the call of this lesson with another text in UserMessage.",
    second='client.complete(messages=[UserMessage("What is 6 times 7?")]) is a reply to a sum; yours is 12 times 12.',
)
def _(sum_reply: Any) -> str:
    expect_reply(sum_reply)
    said = sum_reply.choices[0].message.content or ""
    expect(
        "144" in said or sum_reply.choices[0].finish_reason != "length",
        "The answer was cut off before the number: leave out max_tokens.",
    )
    expect("144" in said, f"The answer says “{said[:60]}”, and 12 times 12 is not in it. Ask for that.")
    return "Right. You changed the question, and the answer followed."


@exercise(
    "0.2",
    "Only the text",
    first="A reply has choices; the first of them has a message; the message has a content.",
    second="response.choices[0] comes first. Then .message, then .content.",
)
def _(told: Any) -> str:
    text, response = told
    right = response.choices[0].message.content
    expect(text is not None, "There is nothing in it: show() and print() show a text and return nothing.")
    expect(
        not isinstance(text, ChatCompletions), "That is the whole reply. Go on: choices, then message, then content."
    )
    expect(not isinstance(text, list), "That is a list. The choices are one; take the first of them with [0].")
    expect(not isinstance(text, tuple), "That is a tuple: is there a comma too many at the end of the line?")
    expect(not isinstance(text, ChatChoice), "That is the choice. It has a message, and the message has the text.")
    expect(
        not isinstance(text, ChatResponseMessage),
        "That is the message, one step before the text: what does it have that is called content?",
    )
    expect(isinstance(text, str), f"Wanted is the text, a str; this is of type {type(text).__name__}.")
    expect(text == right or right not in text, "The text is in it, and there is more around it than the text.")
    expect(text == right, f"That is a text, but not the one of response, which begins with “{right[:30]}”.")
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
    expect(not isinstance(tokens, list | tuple), "Those are two numbers. Wanted is one: add them.")
    expect(not isinstance(tokens, CompletionsUsage), "That is the whole usage. One of its numbers is the total.")
    expect(tokens is not None, "There is nothing in it yet. Wanted is a number.")
    expect(isinstance(tokens, Real), f"Wanted is a number; this is of type {type(tokens).__name__}.")
    usages = [response.usage, shorter.usage]
    right = sum(usage.total_tokens for usage in usages)
    expect(
        tokens not in [usage.total_tokens for usage in usages],
        "That is one of the two. Wanted is what both took together.",
    )
    sides = [sum(usage[side] for usage in usages) for side in ("prompt_tokens", "completion_tokens")]
    expect(tokens not in sides, "That counts one side only: total_tokens has prompt and completion together.")
    expect(tokens == right, f"This says {tokens}, and that is not the sum of the two totals.")
    return "Right. Tokens are what you pay for, in both directions."
