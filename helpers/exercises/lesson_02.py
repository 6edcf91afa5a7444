"""The checks of lesson 02, streaming."""

from __future__ import annotations

from typing import Any

from azure.ai.inference.models import StreamingChatCompletionsUpdate

from .kinds import called, code, expect_function, expect_type, given
from .registry import exercise, expect
from .trial import MadeUpStream, updates

USAGE = {"prompt_tokens": 19, "completion_tokens": 4, "total_tokens": 23}
_GUARD = "Ask `if update.choices:` before you take the first of them; an update without any brings no text."
_OR = 'Write `... or ""` after the content: nothing then adds nothing.'
_NONE = (
    '`delta.content` is `None` where there is none, and so is `delta.get("content")`; `delta["content"]` is an error.'
)


@exercise(
    "2.1",
    "Put it together",
    takes="updates",
    first="Loop over the updates and add up the deltas. Two things may be missing in an update: which?",
    second="The first loop of this lesson has both guards. It prints the pieces; yours adds them up and returns them.",
)
def _(joined: Any) -> str:
    expect_function(joined)
    stream = updates("There", " are", " 7", ",", "000", ".")
    told = called(joined, iter(stream), when="For a stream in good order")
    given(told)
    expect_type(told, str, "the text", 'Begin with an empty one, `text = ""`, and add to it.')
    expect(
        told.replace(" ", "") != "Thereare7,000." or told == "There are 7,000.",
        f"The deltas bring their spaces along; add no others, and take none away. This returns {code(told)}.",
        '`"".join(...)` or `+=` put nothing between the pieces, and `strip` is not needed.',
    )
    expect(told == "There are 7,000.", f"From the deltas of “There are 7,000.” it makes {code(told)}.")
    _survives(joined, [*updates("Well."), _usage()], "the last update has usage and no choices", _GUARD)
    _survives(joined, [_prompt_filter(), *updates("Well.")], "the first update has no choices", _GUARD)
    _survives(joined, updates(None, "Well.", None), "an update has `None` for its content", _OR)
    _survives(joined, updates("Well.", end="stop"), "a delta has no content at all, as the last one,", _NONE)
    return "Right: whatever updates come, the text is whole."


def _survives(joined: Any, stream: list[Any], when: str, more: str) -> None:
    told = called(joined, iter(stream), when=f"When {when.rstrip(',')},", more=more)
    expect(
        told is None or "None" not in str(told),
        f"When {when} the word None gets into the text: it returns {code(told)}.",
        more,
    )
    expect(told == "Well.", f"When {when} it returns {code(told)} instead of `'Well.'`.", more)


@exercise(
    "2.2",
    "Whole, cut or lost?",
    takes="updates",
    first="Look for the finish reason in all updates; at most one has it. What if none has?",
    second="Remember the reason when you meet one, and turn it into a word after the loop.",
)
def _(ending: Any) -> str:
    expect_function(ending)
    cases = {
        "whole": ("stop", "The finish reason was `stop`.", "`stop` says that the model had finished."),
        "cut": ("length", "The finish reason was `length`.", "`length` says that the limit ended the answer."),
        "lost": (
            None,
            "No update brought a finish reason.",
            "It did not end, it was lost: that is what is left when the loop has met no reason.",
        ),
    }
    for right, (reason, hint, more) in cases.items():
        told = called(ending, updates("Well.", end=reason), when=f"For an answer that was {right}", more=more)
        given(told, f"For an answer that was {right}")
        told = getattr(told, "value", told)
        expect(told == right, f"It returns {code(told)}, and this answer was {code(right)}. {hint}", more)
    late = "The usage may come after the finish reason, in an update without choices"
    last = "Go through all updates, and inside through `update.choices`, which may be empty."
    told = called(ending, [*updates("Well.", end="stop"), _usage()], when=f"{late}. There", more=last)
    expect(told == "whole", f"{late}: do not look at the last update alone.", last)
    told = called(ending, [], when="For a stream without a single update", more=last)
    expect(told == "lost", "A stream without a single update is lost too.")
    return "Right: and a program that tells these apart never takes half an answer for a whole one."


@exercise(
    "2.3",
    "The first sentence, and no more",
    takes="stream",
    first="Collect text, and leave the loop as soon as there is a full stop in it.",
    second="A `return` inside the loop leaves it at once; the one after the loop is for a text without a full stop.",
)
def _(first_sentence: Any) -> str:
    expect_function(first_sentence)
    stream = MadeUpStream([*updates("It", " rains", ". The", " sun", " hides.", end="stop"), _usage()])
    told = called(first_sentence, stream, when="For a stream in good order")
    given(told)
    expect_type(told, str, "a text")
    cut = '`text.partition(".")` gives the text before the first full stop, the full stop itself, and the rest.'
    expect(
        not told.startswith("It rains. The"),
        "The full stop came in the middle of a delta, “. The”, and what follows it is in your answer.",
        cut,
    )
    expect(told != "It rains", "The full stop is part of the sentence: return it too.", cut)
    expect(told.strip() == "It rains.", f"It should return `'It rains.'`, and it returns {code(told)}.", cut)
    needed = 4  # the role, and three deltas
    expect(
        stream.read <= needed,
        f"It read {stream.read} updates, and {needed} were enough. Stop when you have it.",
        "Look for the full stop inside the loop, after each delta, not when the loop has ended.",
    )
    end = "When the answer ends before a full stop, or an update has no text,"
    guards = 'A `for` loop ends by itself. `if update.choices:` and `or ""` are as useful here as in 2.1.'
    told = called(first_sentence, MadeUpStream([*updates("No", " end", end="length"), _usage()]), when=end, more=guards)
    expect(
        told == "No end",
        f"When the answer ends before a full stop, return what there is, not {code(told)}.",
        "After the loop: `return text`.",
    )
    return "Right: the rest was never read."


def _usage() -> StreamingChatCompletionsUpdate:
    return StreamingChatCompletionsUpdate({"id": "exercise", "choices": [], "usage": USAGE})


def _prompt_filter() -> StreamingChatCompletionsUpdate:
    return StreamingChatCompletionsUpdate({"id": "", "choices": [], "prompt_filter_results": []})
