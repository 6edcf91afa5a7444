"""The checks of lesson 00, start here."""

from __future__ import annotations

from numbers import Real
from textwrap import shorten
from typing import Any

from azure.ai.inference.models import ChatChoice, ChatCompletions, ChatResponseMessage, CompletionsUsage

from .kinds import a_kind, code, expect_reply, expect_text
from .registry import exercise, expect

_AGAIN = "`{}` is no longer the reply that the lesson made. Run the cell above that makes it, then this one again."


@exercise(
    "0.1",
    "A sum of your own",
    first="It is the call of this lesson, with another text in `UserMessage`.",
    second='`client.complete(messages=[UserMessage("What is 6 times 7?")])` asks for a sum. Yours is 12 times 12.',
)
def _(sum_reply: Any) -> str:
    expect_reply(sum_reply)
    said = sum_reply.choices[0].message.content or ""
    expect(
        "144" in said or sum_reply.choices[0].finish_reason != "length",
        "The answer was cut off before the number came.",
        "`max_tokens` cuts it: leave it out.",
    )
    expect("144" in said, f"The answer says “{shorten(said, 60, placeholder='…')}”, and 12 times 12 is not in it.")
    return "Right. You changed the question, and the answer followed."


@exercise(
    "0.2",
    "Only the text",
    first="A reply has `choices`; the first of them has a `message`; the message has a `content`.",
    second="`response.choices[0]` is the first step. Two more, each after a dot, lead to the text.",
)
def _(text: Any, response: Any) -> str:
    expect(isinstance(response, ChatCompletions), _AGAIN.format("response"))
    right = response.choices[0].message.content
    expect(
        not isinstance(text, list),
        "That is the list of choices. There is one in it; take it with `[0]`.",
        "`response.choices[0]` is a choice. Its `message` comes next.",
    )
    expect(
        not isinstance(text, tuple),
        "That is a tuple: is there a comma too many at the end of the line?",
        "Python makes a tuple of anything with a comma after it.",
    )
    expect(
        not isinstance(text, ChatChoice),
        "That is the choice. It has a message, and the message has the text.",
        "Go on after `choices[0]` with `.message`, and then once more.",
    )
    expect(
        not isinstance(text, ChatResponseMessage),
        "That is the message, one step before the text.",
        "What in it is called `content`?",
    )
    expect_text(text, "Go on from the reply: `choices`, the first of them, its `message`, and its `content`.")
    expect(
        text == right or right not in text,
        "The text is in it, and something else around it.",
        "`str(...)` and `print` show the whole object. Pick the text out of it with dots.",
    )
    expect(text == right, f"That is a text, but not the one in `response`, which begins with “{right[:30]}”.")
    return "Right: `choices[0].message.content`. You will write this more often than anything else here."


@exercise(
    "0.3",
    "What did both cost?",
    first="Each reply has a `usage`, and a usage has `total_tokens`. Add two of them.",
    second="`response.usage.total_tokens` is what the first one took. Which reply is the other?",
)
def _(tokens: Any, response: Any, shorter: Any) -> str:
    for name, reply in {"response": response, "shorter": shorter}.items():
        expect(isinstance(reply, ChatCompletions), _AGAIN.format(name))
    expect(
        not isinstance(tokens, str),
        "That is text, and this should be a number.",
        "No quotes and no `f` in front: the sum itself.",
    )
    expect(
        not isinstance(tokens, list | tuple),
        "Those are two numbers, and this should be one: add them.",
        "A `+` between them in place of the comma.",
    )
    expect(
        not isinstance(tokens, CompletionsUsage),
        "That is the whole usage. One of its numbers is the total.",
        "Put a dot after `usage` and press Tab: which of the three counts both directions?",
    )
    expect(tokens is not None, "There is nothing in it yet: `print` shows a number and returns nothing.")
    expect(isinstance(tokens, Real), f"This should be a number, and it is {a_kind(tokens)}.")
    usages = [response.usage, shorter.usage]
    right = sum(usage.total_tokens for usage in usages)
    expect(
        tokens not in [usage.total_tokens for usage in usages],
        "That is what one of them took. How much is it for both together?",
        "Two replies, `response` and `shorter`, each with a `usage.total_tokens`.",
    )
    sides = [sum(usage[side] for usage in usages) for side in ("prompt_tokens", "completion_tokens")]
    expect(
        tokens not in sides,
        "That counts one direction only.",
        "`total_tokens` has prompt and completion together.",
    )
    expect(tokens == right, f"This says {code(tokens)}, and that is not the sum of the two totals.")
    return "Right. Tokens are what you pay for, in both directions."
