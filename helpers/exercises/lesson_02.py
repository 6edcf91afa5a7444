"""The checks of lesson 02, streaming."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from azure.ai.inference.models import StreamingChatCompletionsUpdate

from .kinds import called, expect_function, expect_type, given
from .registry import exercise, expect

USAGE = {"prompt_tokens": 19, "completion_tokens": 4, "total_tokens": 23}


@exercise(
    "2.1",
    "Put it together",
    first="Loop over the updates and add up the deltas. Two things may be missing in an update: which?",
    second="if update.choices: guards the one, (… or '') the other.",
)
def _(joined: Any) -> str:
    expect_function(joined)
    told = called(joined, iter(_updates("There", " are", " 7", ",", "000", ".")), when="For a stream in good order")
    given(told)
    expect_type(told, str, "the text")
    expect(
        told.replace(" ", "") != "Thereare7,000." or told == "There are 7,000.",
        f"The deltas bring their spaces along; add no others, and take none away. This returns {told!r}.",
    )
    expect(told == "There are 7,000.", f"From the deltas of “There are 7,000.” it makes {told!r}.")
    _survives(joined, [*_updates("Well."), _usage()], "the last update has usage and no choices")
    _survives(joined, [_prompt_filter(), *_updates("Well.")], "the first update has no choices")
    _survives(joined, _updates(None, "Well.", None), "an update has None for its content")
    return "Right: whatever updates come, the text is whole."


def _survives(joined: Any, updates: list[Any], when: str) -> None:
    told = called(joined, iter(updates), when=f"When {when},")
    expect(told == "Well.", f"When {when}, it returns {told!r} instead of 'Well.'.")


@exercise(
    "2.2",
    "Whole, cut or lost?",
    first="Look for the finish reason in all updates; at most one has it. What if none has?",
    second='A dictionary from finish reason to word, with .get(reason, "lost") for a reason that never came.',
)
def _(ending: Any) -> str:
    expect_function(ending)
    cases = {
        "whole": (_updates("Well.", end="stop"), "The finish reason was stop."),
        "cut": (_updates("Well", end="length"), "The finish reason was length: the limit ended it."),
        "lost": (_updates("Well"), "No update brought a finish reason: it did not end, it was lost."),
    }
    for right, (updates, hint) in cases.items():
        told = called(ending, updates, when=f"For an answer that was {right}")
        given(told, f"for an answer that was {right}, the function")
        expect(told == right, f"It returns {getattr(told, 'value', told)!r}, and wanted is {right!r}. {hint}")
    late = "The usage may come after the finish reason, in an update without choices"
    told = called(ending, [*_updates("Well.", end="stop"), _usage()], when=f"{late}, and then")
    expect(told == "whole", f"{late}: do not look at the last update alone.")
    told = called(ending, [], when="For a stream without a single update")
    expect(told == "lost", "A stream without a single update is lost too.")
    return "Right: and a program that tells these apart never takes half an answer for a whole one."


@exercise(
    "2.3",
    "The first sentence, and no more",
    first="Collect text, and leave the loop as soon as there is a full stop in it.",
    second="text.partition('.') gives what stands before it. Return inside the loop, so that nothing more is read.",
)
def _(first_sentence: Any) -> str:
    expect_function(first_sentence)
    stream = _Stream([*_updates("It", " rains", ". The", " sun", " hides.", end="stop"), _usage()])
    told = called(first_sentence, stream, when="For a stream in good order")
    given(told)
    expect_type(told, str, "a text")
    expect(
        not told.startswith("It rains. The"),
        "The full stop came in the middle of a delta, “. The”: look for it in the text, and return what goes before.",
    )
    expect(told != "It rains", "The full stop is part of the sentence: return it too.")
    expect(told.strip() == "It rains.", f"Wanted is 'It rains.', and this returns {told!r}.")
    needed = 4  # the role, and three deltas
    expect(stream.read <= needed, f"It read {stream.read} updates, and {needed} were enough. Stop when you have it.")
    short = _Stream([*_updates("No", " end", end="length"), _usage()])
    told = called(first_sentence, short, when="When the answer ends before a full stop, or an update has no text,")
    expect(told == "No end", f"When the answer ends before a full stop, return what there is, not {told!r}.")
    return "Right: the rest was never read."


class _Stream:
    """Made-up updates, handed out as the SDK's stream does: one by one, in a `with` block or not, until it is closed.

    `read` counts them.
    """

    def __init__(self, updates: Iterable[Any]) -> None:
        self.left, self.read = iter(updates), 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        update = next(self.left)
        self.read += 1
        return update

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.left = iter(())


def _updates(*contents: str | None, end: str | None = None) -> list[StreamingChatCompletionsUpdate]:
    """The updates of a stream with these deltas: first the role, last the finish reason, if there is one."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, *({"content": text} for text in contents)]
    choices = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    choices += [{"index": 0, "delta": {}, "finish_reason": end}] if end else []
    return [StreamingChatCompletionsUpdate({"id": "exercise", "choices": [choice]}) for choice in choices]


def _usage() -> StreamingChatCompletionsUpdate:
    return StreamingChatCompletionsUpdate({"id": "exercise", "choices": [], "usage": USAGE})


def _prompt_filter() -> StreamingChatCompletionsUpdate:
    return StreamingChatCompletionsUpdate({"id": "", "choices": [], "prompt_filter_results": []})
