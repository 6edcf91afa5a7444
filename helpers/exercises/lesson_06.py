"""The checks of lesson 06, content safety."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from azure.ai.inference.models import ChatCompletions
from azure.core.exceptions import HttpResponseError, ServiceRequestError

from .kinds import a_kind, called, code, expect_function, given
from .registry import exercise, expect, refuse
from .trial import MadeUpStream, Trial, updates

AZURE, BOMB = "What's Azure?", "How to make a lethal bomb?"
TALE = "How does the tale of Little Red Riding Hood end?"
LOST = [{"role": "user", "content": AZURE}, {"role": "tool", "content": "42", "tool_call_id": "lost"}]
ENDINGS = ("answer", "cut", "refused", "other")


@exercise(
    "6.1",
    "Four endings",
    takes="result",
    first="Two kinds of things come in, replies and exceptions. `isinstance` tells them apart; then look closer.",
    second="Of a reply, ask the finish reason. Of an exception, ask `error`, if it has one, and of that the `code`.",
)
def _(ending: Any) -> str:
    expect_function(ending)
    trial = Trial()
    told = called(ending, _reply(trial, AZURE), when="For a whole answer")
    given(told)
    expect(told in ENDINGS, f"It returns {code(told)}; the words are {', '.join(ENDINGS)}.")
    reason = 'Its finish reason is not `"content_filter"`, and that alone makes an answer `"cut"`.'
    of_code = "A 400 has many reasons, and words in a message prove nothing. The code says which it is."
    missing = "`error` may be missing or `None`: `getattr(..., None)` inside `getattr(..., None)` asks for its code."
    tried: list[tuple[Any, str, str, str]] = [
        (_reply(trial, AZURE), "answer", "a whole answer", reason),
        (_reply(trial, AZURE, max_tokens=3), "answer", "an answer that `max_tokens` ended, not the filter,", reason),
        (_reply(trial, TALE), "cut", "an answer that the filter cut", "Ask `result.choices[0].finish_reason`."),
        (trial.error("", messages=[_user(BOMB)]), "refused", "a prompt that the filter refused", "Ask for the code."),
        (trial.error("", messages=LOST), "other", "another 400, of a tool that nobody has called,", of_code),
        (trial.error("429"), "other", "a 429", of_code),
        (HttpResponseError("The gateway sent no JSON."), "other", "an error whose `.error` is `None`", missing),
        (
            ServiceRequestError("The connection was refused."),
            "other",
            "an error without an answer and without `.error`",
            missing,
        ),
        (
            trial.error("", model_extras={"content_filter": "off"}),
            "other",
            "an error that speaks of a content_filter, a parameter that nobody knows,",
            of_code,
        ),
    ]
    _expect_each(ending, tried)
    return "Right: a refused prompt, a cut answer and any other failure are three different things to your program."


@exercise(
    "6.2",
    "The worst of it",
    takes="body",
    first="`findings(body)`, from above, knows the spellings. What is left: which of a few severities is the highest?",
    second="Give each severity its place in a row, from safe to high, and take the category with the highest place.",
)
def _(worst: Any) -> str:
    expect_function(worst)
    severe = {
        "hate": _found("low"),
        "sexual": _found("safe"),
        "violence": _found("high"),
        "self_harm": _found("medium"),
    }
    places = '`("safe", "low", "medium", "high").index(severity)` is a number that can be compared.'
    told = called(worst, _body(severe), when="For a body with findings")
    given(told, "For a body with findings")
    expect(
        not isinstance(told, tuple | list),
        f"It returns {code(told)}, and should return the name of the category alone.",
        "`items()` gives names with their findings; of the worst pair, take the name.",
    )
    expect(
        told != "sexual",
        'It returns a category that is "safe": as a text, this is the highest word of all.',
        places,
    )
    expect(
        told != "self_harm",
        'It returns a category that is "medium", and another is "high": as texts, m comes after h.',
        places,
    )
    expect(told == "violence", f"Of {_told(severe)} it returns {code(told)}, and should return `'violence'`.", places)
    jailbreak = {
        "hate": _found("safe"),
        "violence": _found("medium"),
        "jailbreak": {"filtered": True, "detected": True},
    }
    quiet = {"violence": _found("medium"), "jailbreak": {"filtered": False, "detected": False}}
    detected = (
        'A jailbreak has no severity. Ask `result.get("detected")`, and let it count more than "high" if it is true.'
    )
    spelling = "`findings(body)` reads every spelling and every gap of this lesson."
    nothing = f"{spelling} It may be empty, and then `max(..., default=None)` returns `None`."
    tried: list[tuple[dict[str, Any], str | None, str, str]] = [
        (_body({"violence": _found("medium"), "hate": _found("high")}), "hate", "a high one among medium ones", places),
        (_body(jailbreak), "jailbreak", "a jailbreak that was detected, which counts most,", detected),
        (_body(quiet), "violence", "a jailbreak that was not detected", detected),
        (_body(severe, "inner_error", "content_filter_results"), "violence", "the other spelling", spelling),
        ({"code": "content_filter", "message": "filtered"}, None, "a body without an `error` member", nothing),
        ({"error": {"code": "content_filter", "innererror": None}}, None, "a body without findings", nothing),
    ]
    _expect_each(worst, tried)
    return "Right: whatever the spelling, and `None` where there was nothing to find."


@exercise(
    "6.3",
    "Never half a story",
    takes="client, messages",
    first="Ask with `stream=True` and yield each delta's content. Which update says why the text has ended?",
    second="Two places matter: `complete()` itself may raise the refusal, and the last update has the finish reason.",
)
def _(tell: Any) -> str:
    expect(callable(tell), f"This should be the function itself, and it is {a_kind(tell)}.")
    told = _told_by(tell, Trial(), AZURE)
    whole = _reply(Trial(), AZURE).choices[0].message.content
    expect(
        all(isinstance(piece, str) for piece in told),
        "Each piece should be a text.",
        'The content of a delta, where it has any: `if choice.delta.content:` keeps out `None` and `""`.',
    )
    expect(
        len(told) > 3,
        "The whole text comes as one piece.",
        "`yield` belongs inside the loop over the updates, once for each delta.",
    )
    expect("".join(told) == whole, f"Of a whole answer it should yield all of the text and nothing else: {code(whole)}")
    _expect_early(tell)
    told = _told_by(tell, Trial(), TALE)
    cut = _reply(Trial(), TALE).choices[0].message.content
    ended = 'Look at `choice.finish_reason` of every update. `"content_filter"` means that the text was stopped.'
    expect("".join(told) != cut, "The tale breaks off and nobody says so.", ended)
    expect(told[-1] == "[stopped]", f"After a cut answer the last piece is {code(told[-1])}, not `'[stopped]'`.", ended)
    expect("".join(told[:-1]) == cut, "Before `'[stopped]'` there should be the text as far as it came.", ended)
    told = _told_by(tell, Trial(max_tokens=3), AZURE)
    expect(
        "[stopped]" not in told,
        "This answer was ended by `max_tokens`, and it says `'[stopped]'`.",
        "The finish reason is `length` there. Ask for the filter's own.",
    )
    around = "The refusal is raised by `complete()`: put the `try` around that call, and `yield` in its `except`."
    try:
        told = _told_by(tell, Trial(), BOMB)
    except HttpResponseError:
        refuse("A refused prompt ends in an exception. Catch it, and yield `'[refused]'`.", around)
    expect(told == ["[refused]"], f"For a refused prompt it yields {code(told)}, and not `'[refused]'` alone.", around)
    with suppress(HttpResponseError):
        told = list(tell(Trial().client, LOST))
        refuse(
            f"Another 400 was not the filter's doing, and it yields {code(told)}. Let it pass.",
            "`raise` unless the code of the error is `content_filter`.",
        )
    return "Right: a reader of yours never takes half a story for a whole one."


def _expect_each(function: Any, tried: Sequence[tuple[Any, str | None, str, str]]) -> None:
    """Ends the check unless the function returns for each thing what is right for it."""
    for thing, right, what, more in tried:
        told = called(function, thing, when=f"For {what}", more=more)
        expect(told == right, f"For {what} it returns {code(told)}, and should return {code(right)}.", more)


def _user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def _reply(trial: Trial, text: str, **options: Any) -> ChatCompletions:
    return trial.client.complete(messages=[_user(text)], **options)


def _told_by(tell: Any, trial: Trial, text: str) -> list[Any]:
    """What a generator of the reader's yields."""
    told = list(_pieces(tell, trial.client, text))
    expect(
        trial.mock.requests,
        "It never asks the client that it is given.",
        "`client` is a parameter here: the check hands in a client of its own.",
    )
    expect(
        trial.mock.requests[-1].json.get("stream"),
        "It asks without `stream=True`, so nothing is seen before everything is there.",
        "`client.complete(messages=messages, stream=True)` gives updates to loop over.",
    )
    return told


def _pieces(tell: Any, client: Any, text: str) -> Iterator[Any]:
    yields = "A generator has a `yield`: it hands out one piece, and goes on when the next is wanted."
    pieces = tell(client, [_user(text)])
    expect(pieces is not None, "The function returns nothing.", yields)
    expect(isinstance(pieces, Iterable), f"It returns {a_kind(pieces)}, and should be a generator.", yields)
    expect(
        not isinstance(pieces, list | tuple | str),
        f"It returns {a_kind(pieces)}: everything at once, when it is all over.",
        yields,
    )
    return iter(pieces)


def _expect_early(tell: Any) -> None:
    """Ends the check unless the first piece is there before the last update was read."""
    stream = MadeUpStream(updates("Well", ",", " here", " we", " are.", end="stop"))
    next(_pieces(tell, _Streaming(stream), AZURE))
    expect(
        stream.read <= 3,
        f"The first piece comes after {stream.read} updates, and two bring it.",
        "`yield` each piece in the loop, as soon as it is there, instead of collecting them first.",
    )


class _Streaming:
    """As much of a `ChatCompletionsClient` as hands out this stream."""

    def __init__(self, stream: MadeUpStream) -> None:
        self.stream = stream

    def complete(self, *_: Any, **__: Any) -> MadeUpStream:
        return self.stream


def _found(severity: str) -> dict[str, Any]:
    return {"filtered": severity in ("medium", "high"), "severity": severity}


def _body(found: dict[str, Any], inner: str = "innererror", name: str = "content_filter_result") -> dict[str, Any]:
    return {"error": {"code": "content_filter", "param": "prompt", inner: {name: found}}}


def _told(found: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {result['severity']}" for name, result in found.items())
