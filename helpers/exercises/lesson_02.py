"""The checks of lesson 02, streaming."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from azure.ai.inference.models import StreamingChatCompletionsUpdate

from .core import exercise, expect

USAGE = {"prompt_tokens": 19, "completion_tokens": 4, "total_tokens": 23}


@exercise(
    "2.1",
    "Put it together",
    first="Loop over the updates and add up the deltas. Two things may be missing in an update: which?",
    second="if update.choices: guards the one, (… or '') the other.",
)
def _(joined: Any) -> str:
    expect(callable(joined), "Wanted is the function itself: pass its name, without calling it.")
    told = joined(iter(_updates("There", " are", " many.")))
    expect(told is not None, "The function returns nothing: it needs a return.")
    expect(isinstance(told, str), f"Wanted is the text, and this returns {type(told).__name__}.")
    expect(told == "There are many.", f"For the deltas “There”, “ are”, “ many.” it returns {told!r}.")
    _survives(joined, [*_updates("Well."), _usage()], "the last update has usage and no choices")
    _survives(joined, [_prompt_filter(), *_updates("Well.")], "the first update has no choices")
    _survives(joined, _updates(None, "Well.", None), "an update has None for its content")
    return "Right: whatever updates come, the text is whole."


def _survives(joined: Any, updates: list[Any], when: str) -> None:
    try:
        told = joined(iter(updates))
    except (IndexError, TypeError, AttributeError) as error:
        expect(False, f"When {when}, it stops with {type(error).__name__}: {error}.")
        raise
    expect(told == "Well.", f"When {when}, it returns {told!r} instead of 'Well.'.")


@exercise(
    "2.2",
    "Whole, cut or lost?",
    first="Look for the finish reason in all updates; at most one has it. What if none has?",
    second='A dictionary from finish reason to word, with .get(reason, "lost") for a reason that never came.',
)
def _(ending: Any) -> str:
    expect(callable(ending), "Wanted is the function itself: pass its name, without calling it.")
    cases = {
        "whole": (_updates("Well.", end="stop"), "The finish reason was stop."),
        "cut": (_updates("Well", end="length"), "The finish reason was length: the limit ended it."),
        "lost": (_updates("Well"), "No update brought a finish reason: it did not end, it was lost."),
    }
    for right, (updates, hint) in cases.items():
        told = ending(updates)
        expect(told is not None, f"For an answer that was {right} it returns nothing. {hint}")
        expect(told == right, f"It returns {told!r}, and wanted is {right!r}. {hint}")
    told = ending([*_updates("Well.", end="stop"), _usage()])
    expect(told == "whole", "The usage may come after the finish reason: do not look at the last update alone.")
    expect(ending([]) == "lost", "A stream without a single update is lost too.")
    return "Right: and a program that tells these apart never takes half an answer for a whole one."


@exercise(
    "2.3",
    "The first sentence, and no more",
    first="Collect text, and leave the loop as soon as there is a full stop in it.",
    second="text.partition('.') gives what stands before it. Return inside the loop, so that nothing more is read.",
)
def _(first_sentence: Any) -> str:
    expect(callable(first_sentence), "Wanted is the function itself: pass its name, without calling it.")
    read: list[Any] = []
    updates = [*_updates("It", " rains", ". The", " sun", " hides.", end="stop"), _usage()]
    told = first_sentence(_counted(updates, read))
    expect(told is not None, "The function returns nothing: it needs a return.")
    expect(isinstance(told, str), f"Wanted is a text, and this returns {type(told).__name__}.")
    expect(told != "It rains. The", "The full stop came in the middle of a delta, and what follows it is still there.")
    expect(told.strip() == "It rains.", f"Wanted is 'It rains.', with its full stop, and this returns {told!r}.")
    needed = 4  # the role, and three deltas
    expect(len(read) <= needed, f"It read {len(read)} updates, and {needed} were enough. Stop when you have it.")
    endless = first_sentence(iter(_updates("No", " end", end="length")))
    expect(endless == "No end", f"When the answer ends before a full stop, return what there is, not {endless!r}.")
    return "Right: the rest was never read."


def _counted(updates: Iterable[Any], read: list[Any]) -> Iterator[Any]:
    for update in updates:
        read.append(update)
        yield update


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
