"""The checks of lesson 10, errors and limits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError

from .kinds import a_kind, called, code, expect_function, expect_type, given
from .registry import exercise, expect, refuse
from .trial import ASK, Trial

BUDGET = 1.0  # seconds, in exercise 10.1


@exercise(
    "10.1",
    "Patient, but not for long",
    first="A dictionary of keywords: one says how many attempts may follow the first, another stretches the waits.",
    second="`retry_total` counts the attempts after the first one, and `retry_backoff_factor` stretches the waits.",
)
def _(patience: Any) -> str:
    expect(
        isinstance(patience, Mapping),
        f"This should be a dictionary of settings, and it is {a_kind(patience)}.",
        "Such as `{'retry_total': 5}`, with the settings that the lesson tried on a 503.",
    )
    expect(
        "retry_mode" not in patience,
        "`retry_mode` is for the constructor; in a call it ends in a `TypeError`.",
        "The factor is enough: with a small one even growing waits are short.",
    )
    trial = Trial()
    try:
        statuses, waited = trial.statuses("503*2", **patience)
    except TypeError as error:
        unknown = str(error).partition("unexpected keyword argument ")[2].strip("'")
        if not unknown:
            raise
        refuse(f"The client has no setting `{unknown}`.", "Those of this lesson begin with `retry_`.")
    after = "`retry_total` counts the attempts after the first one. How many may there be in all?"
    expect(statuses != [503], "It gives up after the first 503.", after)
    expect(
        statuses[-1] == 200, "It gives up after the second 503, and the third attempt would have been answered.", after
    )
    expect(
        waited <= BUDGET,
        f"The answer comes, after {waited:g} s of waiting, and {BUDGET:g} s is allowed.",
        "The default factor makes the second wait 1.6 seconds: `retry_backoff_factor` stretches the waits, "
        "`retry_backoff_max` bounds them.",
    )
    statuses, waited = trial.statuses("503", **patience)
    expect(
        len(statuses) == 3,
        f"When the 503 does not go away, it gives up after {len(statuses)} attempts, not three.",
        after,
    )
    late, _ = trial.statuses("ttft=30", **{**patience, "read_timeout": 10})
    expect(
        len(late) == 1,
        "A 503 is met as it should be; but an answer that comes too late is asked for again, and paid for twice.",
        "Without `retry_on_methods` only what has not been worked on is repeated.",
    )
    return f"Right: three attempts, {waited:g} s of waiting. Nobody at a screen would have noticed."


HUB = "https://myhub.services.ai.azure.com"
OPENAI = "https://myhub.openai.azure.com/openai/deployments/gpt-4o"
SERVERLESS = "https://mistral-x7.eastus2.models.ai.azure.com"


@exercise(
    "10.2",
    "Mend an endpoint",
    takes="pasted",
    first="One mistake after the other: each is a line of the function. Begin with the blanks.",
    second="Take away first: blanks, query, slash, `/chat/completions`. Then add: the scheme, and `/models`.",
)
def _(mended: Any) -> str:
    expect_function(mended)
    told = called(mended, f"{HUB}/models")
    given(told)
    expect_type(told, str, "a text")
    keep = "`/models` is added to a host that ends in `.services.ai.azure.com` and has no path, and to nothing else."
    scheme = '`startswith(("https://", "http://"))` asks for both; without either, put `https://` in front.'
    for right in (f"{HUB}/models", OPENAI, SERVERLESS, "http://127.0.0.1:8008/models"):
        _mends(mended, right, right, "That one was right already.", keep)
    _mends(
        mended, f"  {HUB}/models\n", f"{HUB}/models", "What about the blanks around it?", "`strip()` takes them off."
    )
    _mends(mended, HUB, f"{HUB}/models", "A resource answers under `/models`.", keep)
    slash = '`rstrip("/")` takes slashes off the end. Do it before you look for a path.'
    _mends(mended, f"{HUB}/models/", f"{HUB}/models", "What about the slash at the end?", slash)
    _mends(mended, f"{HUB}/", f"{HUB}/models", "A slash is not a path yet.", slash)
    _mends(mended, "myhub.services.ai.azure.com/models", f"{HUB}/models", "The scheme is missing.", scheme)
    _mends(mended, "myhub.services.ai.azure.com", f"{HUB}/models", "Two things are missing here.", scheme)
    whole = f"{HUB}/models/chat/completions"
    extra = '`removesuffix("/chat/completions")` takes it off if it is there.'
    _mends(mended, whole, f"{HUB}/models", "The SDK adds `/chat/completions` by itself.", extra)
    query = '`partition("?")` gives what is before the query. Take that first, and then look at the end of the path.'
    _mends(
        mended,
        f"{whole}?api-version=2024-05-01-preview",
        f"{HUB}/models",
        "The query goes, and what was before it?",
        query,
    )
    _mends(mended, f"{OPENAI}/chat/completions", OPENAI, "On Azure OpenAI the same mistake is made.", extra)
    _mends(mended, f"{HUB}/openai/v1", f"{HUB}/openai/v1", "It has a path of its own, and keeps it.", keep)
    return "Right: whatever is pasted, the client gets an address that it can use."


def _mends(mended: Any, pasted: str, right: str, hint: str, more: str) -> None:
    told = called(mended, pasted, when=f"For {code(pasted)}", more=more)
    expect(told == right, f"{code(pasted)} becomes {code(told)}, and should be {code(right)}. {hint}", more)


@exercise(
    "10.3",
    "Again, otherwise, or ask?",
    takes="error",
    first="Ask for the class first: a request that reached nobody has no status. Then for `status_code`.",
    second="An order that works: the class that means nobody was reached, then the credential, then what may go away.",
)
def _(decide: Any) -> str:
    expect_function(decide)
    trial = Trial()
    status = '`getattr(error, "status_code", None) or 0` is a number for every exception, also for a `ValueError`.'
    told = called(decide, trial.error("503"), more=status)
    given(told)
    expect(told in ("again", "change", "ask"), f'It returns {code(told)}; the words are "again", "change" and "ask".')
    known = "408, 429, and from 500 on: these may go away, and no others."
    for number in (408, 429, 500, 502, 503, 504):
        _decides(decide, trial.error(f"{number}"), "again", f"A {number} may go away.", known)
    for number in (401, 403):
        credential = f"With a {number}, the credential or its rights are at fault."
        _decides(decide, trial.error(f"{number}"), "ask", credential, "No repeating helps there, and no other request.")
    nobody = "`isinstance(error, ServiceRequestError)`: nothing was received, so it may be sent again."
    _decides(decide, _unreachable(), "again", "That request did not reach anybody, and has no status.", nobody)
    late = trial.error("ttft=30", read_timeout=10)
    received = "It is a `ServiceResponseError`: the request was received, and worked on."
    _decides(decide, late, "change", "That answer came too late; to ask again is to pay twice.", received)
    for number in (400, 404, 413, 422):
        again = f"A {number} comes back as often as you send it."
        _decides(decide, trial.error(f"{number}"), "change", again, known)
    _decides(decide, trial.error("not-json"), "change", "That was a page for people: the address is wrong.", status)
    _decides(decide, trial.error("", response_format="json-object"), "change", "Nothing was sent at all.", status)
    cut = trial.error("cut=3", stream=True)
    half = "A stream that broke has the status 200: half of it was read, and paid for."
    _decides(decide, cut, "change", half, received)
    return "Right: what may go away is tried again, and nothing else."


def _decides(decide: Any, error: Exception, right: str, hint: str, more: str) -> None:
    said = f"{type(error).__name__}: {error}".splitlines()[0][:80]
    told = called(decide, error, when=f"For “{said}”", more=more)
    expect(told == right, f"For “{said}” it returns {code(told)}. {hint}", more)


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
    takes="told, now",
    first="Three cases: nothing, a number, a date. Take the number if it is one, and the date otherwise.",
    second="Try the number first; what `float` refuses may be a date, and what is neither is `None`.",
)
def _(seconds_to_wait: Any) -> str:
    expect_function(seconds_to_wait)
    number = "`float(told)` makes a number of it."
    told = called(seconds_to_wait, "20", NOW, when="For `'20'`", more=number)
    given(told, "For `'20'`")
    expect(not isinstance(told, str), "For `'20'` it returns text, and should return a number, to be slept.", number)
    expect(told == 20, f"For `'20'` it returns {code(told)}.", number)
    nothing = "`if told is None: return None` comes before anything that reads it."
    told = called(seconds_to_wait, None, NOW, when="For `None`", more=nothing)
    expect(told is None, f"Without a Retry-After there is nothing to go by, and it returns {code(told)}.", nothing)
    reads = "`float` raises a `ValueError` for it: then `parsedate_to_datetime(told) - now` is the time that is left."
    for seconds in (30, 3600):
        date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
        told = called(seconds_to_wait, date, NOW, when=f"For {code(date)}", more=reads)
        ahead = f"{seconds} seconds ahead of `now`, {NOW:%H:%M:%S}"
        expect(told == seconds, f"For {code(date)}, {ahead}, it returns {code(told)}.", reads)
    past = format_datetime(NOW - timedelta(minutes=1), usegmt=True)
    told = called(seconds_to_wait, past, NOW, when="For a date that has passed", more=reads)
    total = "`.seconds` is never negative: it counts from the day before. `total_seconds()` is what you want."
    expect(told != 24 * 3600 - 60, "For a date that has passed it waits a day.", total)
    expect(
        told == 0,
        f"A date that has passed means: now. It returns {code(told)}.",
        "Nobody can sleep less than 0 seconds: `max(..., 0)`.",
    )
    neither = "`parsedate_to_datetime` raises a `ValueError` too, for anything that is not a date."
    told = called(seconds_to_wait, "soon", NOW, when="For `'soon'`, which is neither,", more=neither)
    expect(told is None, f"For `'soon'`, which is neither, it returns {code(told)}, and should return `None`.", neither)
    return "Right: both forms, and nothing to fear from a third."
