"""The checks of lesson 10, errors and limits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError

from .kinds import expect_function, expect_type, given
from .registry import exercise, expect
from .trial import ASK, Trial

BUDGET = 1.0  # seconds, in exercise 10.1


@exercise(
    "10.1",
    "Patient, but not for long",
    first="A dictionary of keywords: one says how many attempts may follow the first, another stretches the waits.",
    second="retry_total counts the attempts after the first one. The default factor makes the second wait 1.6 seconds.",
)
def _(patience: Any) -> str:
    expect(isinstance(patience, Mapping), "Wanted is a dictionary of settings, such as {'retry_total': 5}.")
    expect(
        "retry_mode" not in patience,
        "retry_mode is for the constructor; in a call it ends in a TypeError. The factor is enough.",
    )
    trial = Trial()
    try:
        statuses, waited = trial.statuses("503*2", **patience)
    except TypeError as error:
        unknown = str(error).partition("unexpected keyword argument ")[2]
        expect(not unknown, f"The client has no setting {unknown}. Those of this lesson begin with retry_.")
        raise
    expect(
        statuses != [503],
        "It gives up after the first 503. retry_total counts the attempts after the first one.",
    )
    expect(statuses[-1] == 200, "It gives up after the second 503, and the third attempt would have been answered.")
    expect(waited <= BUDGET, f"The answer comes, after {waited:g} s of waiting. What makes the waits longer each time?")
    statuses, waited = trial.statuses("503", **patience)
    expect(len(statuses) == 3, f"When the 503 does not go away, it gives up after {len(statuses)} attempts, not three.")
    return f"Right: three attempts, {waited:g} s of waiting. Nobody at a screen would have noticed."


HUB = "https://myhub.services.ai.azure.com"
OPENAI = "https://myhub.openai.azure.com/openai/deployments/gpt-4o"
SERVERLESS = "https://mistral-x7.eastus2.models.ai.azure.com"


@exercise(
    "10.2",
    "Mend an endpoint",
    first="One mistake after the other: each is a line of the function. Begin with the blanks.",
    second="strip, partition('?'), rstrip('/'), removesuffix and startswith, in about that order; /models comes last.",
)
def _(mended: Any) -> str:
    expect_function(mended)
    told = mended(f"{HUB}/models")
    given(told)
    expect_type(told, str, "a text")
    for right in (f"{HUB}/models", OPENAI, SERVERLESS, "http://127.0.0.1:8008/models"):
        _mends(mended, right, right, "That one was right already.")
    _mends(mended, f"  {HUB}/models\n", f"{HUB}/models", "What about the blanks around it?")
    _mends(mended, HUB, f"{HUB}/models", "A resource answers under /models.")
    _mends(mended, f"{HUB}/models/", f"{HUB}/models", "What about the slash at the end?")
    _mends(mended, f"{HUB}/", f"{HUB}/models", "A slash is no path yet.")
    _mends(mended, "myhub.services.ai.azure.com/models", f"{HUB}/models", "The scheme is missing.")
    _mends(mended, "myhub.services.ai.azure.com", f"{HUB}/models", "Two things are missing here.")
    whole = f"{HUB}/models/chat/completions"
    _mends(mended, whole, f"{HUB}/models", "The SDK adds /chat/completions by itself.")
    _mends(
        mended, f"{whole}?api-version=2024-05-01-preview", f"{HUB}/models", "The query goes, and what was before it?"
    )
    _mends(mended, f"{OPENAI}/chat/completions", OPENAI, "On Azure OpenAI the same mistake is made.")
    _mends(mended, f"{HUB}/openai/v1", f"{HUB}/openai/v1", "It has a path of its own, and keeps it.")
    return "Right: whatever is pasted, the client gets an address that it can use."


def _mends(mended: Any, pasted: str, right: str, hint: str) -> None:
    told = mended(pasted)
    expect(told == right, f"{pasted!r} becomes {told!r}, and should be {right!r}. {hint}")


@exercise(
    "10.3",
    "Again, otherwise, or ask?",
    first="Ask for the class first: a request that reached nobody has no status. Then for status_code.",
    second="getattr(error, 'status_code', None) or 0 is a number for every exception, also for a ValueError.",
)
def _(decide: Any) -> str:
    expect_function(decide)
    trial = Trial()
    told = decide(trial.error("503"))
    given(told)
    expect(told in ("again", "change", "ask"), f'It returns {told!r}. Wanted is "again", "change" or "ask".')
    for status in (408, 429, 500, 502, 503, 504):
        _decides(decide, trial.error(f"{status}"), "again", f"A {status} may go away.")
    for status in (401, 403):
        _decides(
            decide, trial.error(f"{status}"), "ask", f"With a {status}, the credential or its rights are at fault."
        )
    _decides(decide, _unreachable(), "again", "That request did not reach anybody, and has no status.")
    late = trial.error("ttft=30", read_timeout=10)
    _decides(decide, late, "change", "That answer came too late; to ask again is to pay twice.")
    for status in (400, 404, 413, 422):
        _decides(decide, trial.error(f"{status}"), "change", f"A {status} comes back as often as you send it.")
    _decides(decide, trial.error("not-json"), "change", "That was a page for people: the address is wrong.")
    _decides(decide, trial.error("", response_format="json-object"), "change", "Nothing was sent at all.")
    cut = trial.error("cut=3", stream=True)
    _decides(decide, cut, "change", "A stream that broke has the status 200: half of it was read, and paid for.")
    return "Right: what may go away is tried again, and nothing else."


def _decides(decide: Any, error: Exception, right: str, hint: str) -> None:
    told = decide(error)
    said = f"{type(error).__name__}: {error}".splitlines()[0][:80]
    expect(told == right, f"For “{said}” it returns {told!r}. {hint}")


def _unreachable() -> Exception:
    """What a client raises whose request reaches nobody."""
    try:
        ChatCompletionsClient("http://127.0.0.1:1/models", AzureKeyCredential("none")).complete(messages=ASK)
    except AzureError as error:
        return error
    raise AssertionError("somebody answers at port 1")


NOW = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)


@exercise(
    "10.4",
    "How long is that?",
    first="Three cases: nothing, a number, a date. Take the number if it is one, and the date otherwise.",
    second="float(told) raises ValueError for a date. Dates are subtracted, and total_seconds() is what is left.",
)
def _(seconds_to_wait: Any) -> str:
    expect_function(seconds_to_wait)
    told = seconds_to_wait("20", NOW)
    expect(told is not None, "For '20' it returns None. Is there a return?")
    expect(not isinstance(told, str), "For '20' it returns text. Wanted is a number, to be slept.")
    expect(told == 20, f"For '20' it returns {told!r}.")
    expect(seconds_to_wait(None, NOW) is None, "Without a Retry-After there is nothing to go by: None.")
    for seconds in (30, 3600):
        date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
        told = seconds_to_wait(date, NOW)
        expect(told == seconds, f"For {date!r}, {seconds} seconds ahead of `now`, {NOW:%H:%M:%S}, it returns {told!r}.")
    past = format_datetime(NOW - timedelta(minutes=1), usegmt=True)
    told = seconds_to_wait(past, NOW)
    expect(
        told != 24 * 3600 - 60,
        "For a date that has passed it waits a day: .seconds is never negative, total_seconds() is.",
    )
    expect(told == 0, f"A date that has passed means: now. It returns {told!r}; nobody can sleep less than 0 seconds.")
    expect(seconds_to_wait("soon", NOW) is None, "For 'soon', which is neither, it should return None.")
    return "Right: both forms, and nothing to fear from a third."
