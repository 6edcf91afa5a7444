"""The checks of lesson 06, content safety."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from azure.ai.inference.models import ChatCompletions
from azure.core.exceptions import HttpResponseError, ServiceRequestError

from .kinds import called, expect_function, given
from .registry import exercise, expect
from .trial import Trial

AZURE, BOMB = "What's Azure?", "How to make a lethal bomb?"
TALE = "How does the tale of Little Red Riding Hood end?"
ENDINGS = ("answer", "cut", "refused", "other")


@exercise(
    "6.1",
    "Four endings",
    first="Two kinds of things come in: replies and exceptions. isinstance tells them apart; then look closer at each.",
    second='Of a reply, ask the finish reason. Of an exception, getattr(error, "error", None), and of that the code.',
)
def _(ending: Any) -> str:
    expect_function(ending)
    trial = Trial()
    told = ending(_reply(trial, AZURE))
    given(told)
    expect(told in ENDINGS, f"It returns {told!r}; wanted is one of {', '.join(ENDINGS)}.")
    lost = [_user(AZURE), {"role": "tool", "content": "42", "tool_call_id": "lost"}]
    tried: list[tuple[Any, str, str]] = [
        (_reply(trial, AZURE), "answer", "a whole answer"),
        (_reply(trial, AZURE, max_tokens=3), "answer", "an answer that max_tokens ended, not the filter,"),
        (_reply(trial, TALE), "cut", "an answer that the filter cut"),
        (trial.error("", messages=[_user(BOMB)]), "refused", "a prompt that the filter refused"),
        (trial.error("", messages=lost), "other", "another 400, of a tool that nobody has called,"),
        (trial.error("429"), "other", "a 429"),
        (HttpResponseError("The gateway sent no JSON."), "other", "an error whose .error is None"),
        (ServiceRequestError("The connection was refused."), "other", "an error without an answer and without .error"),
    ]
    _expect_each(ending, tried)
    return "Right: a refused prompt, a cut answer and any other failure are three different things to your program."


@exercise(
    "6.2",
    "The worst of it",
    first="findings(body), from above, knows the spellings. What is left is to find the highest of a few severities.",
    second='As texts, "safe" is the highest of all: give each severity its place, ("safe", "low", "medium", "high").',
)
def _(worst: Any) -> str:
    expect_function(worst)
    severe = {
        "hate": _found("low"),
        "sexual": _found("safe"),
        "violence": _found("high"),
        "self_harm": _found("medium"),
    }
    told = worst(_body(severe))
    expect(told is not None, "For a body with findings it returns None: is there a return?")
    if isinstance(told, tuple | list):
        expect(False, f"It returns {told!r}. Wanted is the name of the category alone.")
    expect(told != "sexual", 'It returns a category that is "safe": as a text, this is the highest word of all.')
    expect(
        told != "self_harm", 'It returns a category that is "medium", and another is "high": do not compare the words.'
    )
    expect(told == "violence", f"Of {_told(severe)} it returns {told!r}; wanted is 'violence'.")
    jailbreak = {
        "hate": _found("safe"),
        "violence": _found("medium"),
        "jailbreak": {"filtered": True, "detected": True},
    }
    quiet = {"violence": _found("medium"), "jailbreak": {"filtered": False, "detected": False}}
    tried: list[tuple[dict[str, Any], str | None, str]] = [
        (_body({"violence": _found("medium"), "hate": _found("high")}), "hate", "a high one among medium ones"),
        (_body(jailbreak), "jailbreak", "a jailbreak that was detected, which counts most,"),
        (_body(quiet), "violence", "a jailbreak that was not detected"),
        (_body(severe, "inner_error", "content_filter_results"), "violence", "the other spelling"),
        ({"code": "content_filter", "message": "filtered"}, None, "a body without an error member"),
        ({"error": {"code": "content_filter", "innererror": None}}, None, "a body without findings"),
    ]
    _expect_each(worst, tried)
    return "Right: whatever the spelling, and None where nothing was told."


@exercise(
    "6.3",
    "Never half a story",
    first="Ask with stream=True and yield each delta's content. Which update says why the text has ended?",
    second="The refusal is raised by complete() itself: put the try around it. Remember the last finish reason.",
)
def _(tell: Any) -> str:
    expect(callable(tell), "Wanted is the function itself: pass its name, without calling it.")
    told, streamed = _told_by(tell, AZURE)
    whole = _reply(Trial(), AZURE).choices[0].message.content
    expect(streamed, "It asks without stream=True, so nothing is seen before everything is there.")
    expect(all(isinstance(piece, str) for piece in told), "Each piece should be a text: the content of a delta.")
    expect(len(told) > 3, "The whole text comes as one piece. Yield each delta when it arrives.")
    expect("".join(told) == whole, f"Of a whole answer it should yield all of the text and nothing else: {whole!r}")
    told, _ = _told_by(tell, TALE)
    cut = _reply(Trial(), TALE).choices[0].message.content
    expect(
        "".join(told) != cut, "The tale breaks off and nobody says so. Its finish reason is content_filter: look at it."
    )
    expect(told[-1] == "[stopped]", f"After a cut answer the last piece is {told[-1]!r}; wanted is '[stopped]'.")
    expect("".join(told[:-1]) == cut, "Before '[stopped]' should stand the text as far as it came.")
    try:
        told, _ = _told_by(tell, BOMB)
    except HttpResponseError:
        expect(False, "A refused prompt comes out as an exception. Catch it, and yield '[refused]'.")
    expect(told == ["[refused]"], f"For a refused prompt it yields {told}; wanted is one piece, '[refused]'.")
    trial = Trial()
    lost = [_user(AZURE), {"role": "tool", "content": "42", "tool_call_id": "lost"}]
    try:
        told = list(tell(trial.client, lost))
    except HttpResponseError:
        return "Right: a reader of yours never takes half a story for a whole one."
    expect(False, f"Another 400 was none of the filter's doing, and it yields {told}. Let it pass: raise.")
    raise AssertionError


def _expect_each(function: Any, tried: Sequence[tuple[Any, str | None, str]]) -> None:
    """Ends the check unless the function returns for each thing what is right for it."""
    for thing, right, what in tried:
        told = called(function, thing, when=f"At {what.rstrip(',')}")
        expect(told == right, f"For {what} it returns {told!r}; wanted is {right!r}.")


def _user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def _reply(trial: Trial, text: str, **options: Any) -> ChatCompletions:
    return trial.client.complete(messages=[_user(text)], **options)


def _told_by(tell: Any, text: str) -> tuple[list[Any], bool]:
    """What a generator of the reader's yields, and whether it asked for a stream."""
    trial = Trial()
    pieces = tell(trial.client, [_user(text)])
    expect(pieces is not None, "The function returns nothing: a generator has a yield.")
    expect(isinstance(pieces, Iterable), f"It returns {type(pieces).__name__}; wanted is a generator, with yield.")
    told = list(pieces)
    return told, bool(trial.mock.requests) and bool(trial.mock.requests[-1].json.get("stream"))


def _found(severity: str) -> dict[str, Any]:
    return {"filtered": severity in ("medium", "high"), "severity": severity}


def _body(found: dict[str, Any], inner: str = "innererror", name: str = "content_filter_result") -> dict[str, Any]:
    return {"error": {"code": "content_filter", "param": "prompt", inner: {name: found}}}


def _told(found: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {result['severity']}" for name, result in found.items())
