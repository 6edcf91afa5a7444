"""Rate limits on a clock that the tests move: what is let in, what is refused, and what the refusal promises."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from threading import Thread
from typing import Any

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from hypothesis import given
from hypothesis import strategies as st

from helpers.mock.clock import Clock
from helpers.mock.errors import ApiError, render
from helpers.mock.gateway.limits import ASSUMED, MINUTE, Limits
from helpers.mock.service import Service
from helpers.mock.transports.azure import MockTransport
from tests.support.caller import Caller

START = 1_750_000_000.0  # unix seconds, where sums of floating-point numbers are rounded as they are today
STARTS = st.sampled_from([0.0, 0.1, 1 / 3, START])
STEPS = st.one_of(st.sampled_from([0.0, 0.1, 0.25, 1.0, 9.9, 10.0, 59.9, 60.0]), st.floats(0, 70))


@dataclass(frozen=True)
class Allowance:
    tokens_per_minute: int | None = None
    requests_per_minute: int | None = None


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


def ask(limits: Limits, tokens: int = 1, caller: str = "ada", deployment: str = "phi-4", **options) -> dict[str, str]:
    return limits.admit(caller, deployment, prompt_tokens=tokens, **{"max_tokens": 0, **options})


def refused(limits: Limits, tokens: int = 1, **options) -> ApiError:
    with pytest.raises(ApiError) as caught:
        ask(limits, tokens, **options)
    return caught.value


def fits(limits: Limits, tokens: int) -> bool:
    try:
        ask(limits, tokens)
    except ApiError:
        return False
    return True


# The clock


def test_the_clock_runs_with_the_machine_and_can_be_moved():
    clock = Clock()
    before = clock()
    assert clock.advance(3600) >= before + 3600
    assert clock() >= before + 3600


def test_a_clock_with_a_start_stands_still_until_it_is_moved():
    clock = Clock(100.0)
    assert (clock(), clock()) == (100.0, 100.0)
    clock.advance(0.5)
    assert clock() == 100.5


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_the_clock_never_goes_back(seconds):
    with pytest.raises(ValueError, match="back"):
        Clock(0).advance(seconds)


def test_threads_that_move_the_clock_at_once_all_count():
    clock = Clock(0)
    threads = [Thread(target=lambda: [clock.advance(1) for _ in range(1000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock() == 4000


# What a request costs


def test_nothing_is_limited_unless_a_limit_is_given_and_then_the_headers_tell_of_plenty(clock):
    limits = Limits(clock)
    assert not limits.on
    assert ask(limits, 400, max_tokens=100) == {
        "x-ratelimit-limit-requests": "10000",
        "x-ratelimit-remaining-requests": "9999",
        "x-ratelimit-limit-tokens": "10000000",
        "x-ratelimit-remaining-tokens": "9999500",
    }
    assert all(ask(limits, 10**9)["x-ratelimit-remaining-tokens"] == "0" for _ in range(1000))


def test_a_request_is_charged_its_prompt_and_max_tokens_for_each_choice(clock):
    limits = Limits(clock, tokens_per_minute=1000)
    assert ask(limits, 100, max_tokens=50, choices=3)["x-ratelimit-remaining-tokens"] == str(1000 - 100 - 150)


def test_a_completion_that_does_not_say_max_tokens_is_assumed_to_be_short(clock):
    limits = Limits(clock, tokens_per_minute=1000)
    assert ask(limits, 100, max_tokens=None)["x-ratelimit-remaining-tokens"] == str(900 - ASSUMED)


def test_a_refused_request_is_not_charged(clock):
    limits = Limits(clock, tokens_per_minute=100, requests_per_minute=60)
    ask(limits, 60)
    for _ in range(20):
        refused(limits, 50)
    assert ask(limits, 40)["x-ratelimit-remaining-tokens"] == "0"


@pytest.mark.parametrize("limit", [{"tokens_per_minute": 0}, {"requests_per_minute": -1}])
def test_a_limit_is_at_least_one(clock, limit):
    with pytest.raises(ValueError, match="at least 1"):
        Limits(clock, **limit)
    with pytest.raises(ValueError, match="'ada'"):
        Limits(clock, participants={"ada": Allowance(**limit)})


# The seeds' figures: 200,000 tokens and 1,000 requests a minute


def test_two_hundred_thousand_tokens_a_minute(clock):
    limits = Limits(clock, tokens_per_minute=200_000)
    for _ in range(20):
        ask(limits, 10_000)
    assert refused(limits, 1).headers["retry-after"] == "60"
    clock.advance(60)
    ask(limits, 200_000)


def test_a_thousand_requests_a_minute_are_a_sixth_of_it_in_ten_seconds(clock):
    limits = Limits(clock, requests_per_minute=1000)
    let_in = 0
    for _ in range(6):
        while fits(limits, 1):
            let_in += 1
        clock.advance(10)
    assert let_in == 1000  # six times 167 would be more
    clock.advance(1)
    assert ask(limits)["x-ratelimit-limit-requests"] == "1000"


def test_a_burst_is_refused_until_ten_seconds_have_passed(clock):
    limits = Limits(clock, requests_per_minute=60)
    for _ in range(10):
        ask(limits)
    error = refused(limits)
    assert error.headers["retry-after"] == "10"
    assert "Rate limit of 10 per 10s exceeded" in error.message
    clock.advance(10)
    ask(limits)


# Headers


def test_every_answer_of_a_limited_deployment_tells_limits_and_what_is_left(clock):
    limits = Limits(clock, tokens_per_minute=200_000, requests_per_minute=1000)
    ask(limits, 400)
    clock.advance(20)
    assert ask(limits, 600) == {
        "x-ratelimit-limit-requests": "1000",
        "x-ratelimit-remaining-requests": "166",
        "x-ratelimit-limit-tokens": "200000",
        "x-ratelimit-remaining-tokens": "199000",
    }


def test_of_what_is_not_limited_there_is_plenty(clock):
    assert ask(Limits(clock, tokens_per_minute=10))["x-ratelimit-limit-requests"] == "10000"
    assert ask(Limits(clock, requests_per_minute=10))["x-ratelimit-limit-tokens"] == "10000000"


def test_a_refusal_tells_when_to_come_back_and_what_was_exceeded(clock):
    limits = Limits(clock, tokens_per_minute=100)
    ask(limits, 100)
    clock.advance(20.5)
    response = render(refused(limits, 10))
    assert response.status == 429
    told = response.headers
    assert (told["retry-after"], told["retry-after-ms"]) == ("40", "39500")
    assert told["x-ratelimit-type"] == "Tokens"
    assert (told["x-ratelimit-limit-tokens"], told["x-ratelimit-remaining-tokens"]) == ("100", "0")


# What a refusal reads like


@pytest.mark.parametrize("kind", ["models", "serverless"])
def test_foundry_s_refusal(clock, kind):
    limits = Limits(clock, tokens_per_minute=100)
    ask(limits, 100)
    words = "Rate limit of 100 per 60s exceeded for UserByModelByMinuteTokens. Please wait 60 seconds before retrying."
    body = json.loads(render(refused(limits, 1, kind=kind)).body)
    assert body == {"error": {"code": "RateLimitReached", "message": words, "details": words}}


@pytest.mark.parametrize(
    ("kind", "operation", "words"),
    [
        ("openai", "chat", "the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have"),
        ("openai", "embeddings", "the Embeddings_Create Operation under Azure OpenAI API version 2024-10-21 have"),
        ("v1", "chat", "the ChatCompletions_Create Operation under OpenAI Language Model Instance API have"),
    ],
)
def test_azure_openai_s_refusal(clock, kind, operation, words):
    limits = Limits(clock, requests_per_minute=1)
    ask(limits)
    error = refused(limits, kind=kind, operation=operation, api_version="2024-10-21")
    body = json.loads(render(error).body)["error"]
    assert body["code"] == "429"
    assert f"{words} exceeded call rate limit of your current OpenAI S0 pricing tier." in body["message"]
    assert "Please retry after 60 seconds." in body["message"]
    # Recorded 2024-12: nothing else
    told = {"retry-after": "60", "policy-id": "DeploymentRatelimit-Call", "x-ratelimit-reset-requests": "60"}
    assert error.headers == told


@pytest.mark.parametrize("kind", ["models", "openai"])
def test_a_request_larger_than_the_limit_is_told_that_waiting_does_not_help(clock, kind):
    limits = Limits(clock, tokens_per_minute=100, requests_per_minute=10)
    error = refused(limits, 80, max_tokens=21, kind=kind)
    assert "counted as 101 tokens" in error.message
    assert "more than the limit of 100: waiting does not help" in error.message
    assert error.headers["retry-after"] == "60"
    ask(limits, 80, max_tokens=20)


# Whom a limit holds for


def test_a_deployment_is_limited_for_all_together_and_each_for_itself(clock):
    limits = Limits(clock, tokens_per_minute=100)
    ask(limits, 100, caller="ada")
    refused(limits, 1, caller="bob")
    ask(limits, 100, caller="bob", deployment="gpt-4o")


def test_two_participants_do_not_take_from_each_other(clock):
    limits = Limits(clock, participants={"ada": Allowance(100), "bob": Allowance(100, 60)})
    ask(limits, 100, caller="ada")
    assert ask(limits, 10, caller="bob")["x-ratelimit-remaining-tokens"] == "90"
    refused(limits, 1, caller="ada")
    assert ask(limits, 10**6, caller="the host")["x-ratelimit-limit-tokens"] == "10000000"


def test_a_participant_is_held_by_both_limits_and_told_the_tighter_one(clock):
    limits = Limits(clock, tokens_per_minute=150, participants={"ada": Allowance(100), "bob": Allowance(100)})
    assert ask(limits, 90, caller="ada")["x-ratelimit-limit-tokens"] == "100"
    told = ask(limits, 20, caller="bob")
    assert (told["x-ratelimit-limit-tokens"], told["x-ratelimit-remaining-tokens"]) == ("150", "40")
    assert "Rate limit of 150" in refused(limits, 50, caller="bob").message
    assert ask(limits, 40, caller="bob")["x-ratelimit-remaining-tokens"] == "0"


def test_a_refusal_by_one_limit_takes_nothing_from_the_other(clock):
    limits = Limits(clock, tokens_per_minute=1000, participants={"ada": Allowance(10)})
    ask(limits, 10)
    refused(limits, 10)
    assert ask(limits, 1, caller="bob")["x-ratelimit-remaining-tokens"] == "989"


def test_reset_gives_everything_back(clock):
    limits = Limits(clock, tokens_per_minute=100)
    ask(limits, 100)
    limits.reset()
    ask(limits, 100)


def test_callers_without_a_limit_of_their_own_and_long_traffic_leave_nothing_behind(clock):
    limits = Limits(clock, tokens_per_minute=10**9, participants={"ada": Allowance(10**9)})
    for number in range(3000):
        ask(limits, caller=f"caller {number}")
        ask(limits)
        clock.advance(0.1)
    assert len(limits._gauges) == 2
    assert all(len(gauge._cells) <= 61 for gauges in limits._gauges.values() for gauge in gauges)


def test_threads_never_get_more_than_the_limit_together(clock):
    limits = Limits(clock, tokens_per_minute=500)
    let_in: list[bool] = []
    threads = [Thread(target=lambda: let_in.extend(fits(limits, 1) for _ in range(200))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(let_in) == 500


def test_requests_that_are_counted_together_are_all_remembered_for_a_minute(clock):
    limits = Limits(clock, tokens_per_minute=100)
    ask(limits, 50)
    clock.advance(0.5)
    ask(limits, 50)
    clock.advance(59.75)
    told = refused(limits, 60).headers
    assert (told["retry-after"], told["retry-after-ms"]) == ("1", "250")
    clock.advance(0.25)
    ask(limits, 100)


# In the service


QUESTION: list[Any] = [{"role": "user", "content": "Name three primary colours."}]


def test_the_sdk_waits_as_it_is_told_and_is_then_let_in(clock):
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        clock.advance(seconds)

    service = Service(clock=clock, limits=Limits(clock, requests_per_minute=6))
    transport = MockTransport(service, sleep=sleep)
    with ChatCompletionsClient("http://mock/models", AzureKeyCredential("mock-key"), transport=transport) as client:
        answers = [client.complete(messages=QUESTION, model="mistral-large-2407") for _ in range(4)]
    assert len({answer.choices[0].message.content for answer in answers}) == 1
    assert waits == [10, 10, 10]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/models/chat/completions", "RateLimitReached"),
        ("/serverless/mistral-large-2407/chat/completions", "RateLimitReached"),
        ("/openai/deployments/mistral-large-2407/chat/completions", "429"),
        ("/openai/v1/chat/completions", "429"),
    ],
)
def test_each_route_limits_and_refuses_in_its_own_words(service, clock, path, code):
    service.limits = Limits(clock, tokens_per_minute=100)
    body = {"model": "mistral-large-2407", "messages": QUESTION, "max_tokens": 60}
    answer, refusal = (Caller(service).send(body, path) for _ in range(2))
    assert answer.status == 200
    assert (refusal.status, refusal.headers["retry-after"]) == (429, "60")
    assert json.loads(refusal.body)["error"]["code"] == code
    assert "x-ms-error-code" not in refusal.headers
    assert "None" not in refusal.body.decode()


# What holds of all traffic


@given(limit=st.integers(1, 100), requests=st.lists(st.tuples(STEPS, st.integers(0, 120)), min_size=1, max_size=40))
def test_no_minute_ever_holds_more_tokens_than_the_limit(limit, requests):
    clock = Clock(START)
    limits = Limits(clock, tokens_per_minute=limit)
    admitted: list[tuple[float, int]] = []
    for step, tokens in requests:
        clock.advance(step)
        if fits(limits, tokens):
            admitted.append((clock(), tokens))
    for end, _ in admitted:
        assert sum(tokens for at, tokens in admitted if end - MINUTE + 1e-5 < at <= end) <= limit


@given(limit=st.integers(1, 40), steps=st.lists(STEPS, min_size=1, max_size=60))
def test_no_ten_seconds_hold_more_requests_than_a_sixth_and_no_minute_more_than_the_limit(limit, steps):
    clock = Clock(START)
    limits = Limits(clock, requests_per_minute=limit)
    admitted = []
    for step in steps:
        clock.advance(step / 10)
        if fits(limits, 1):
            admitted.append(clock())
    for period, most in ((10, -(-limit // 6)), (60, limit)):
        for end in admitted:
            assert sum(end - period + 1e-5 < at <= end for at in admitted) <= most


@given(
    start=STARTS,
    tokens=st.integers(1, 100),
    calls=st.integers(1, 30),
    requests=st.lists(st.tuples(STEPS, st.integers(0, 100), st.booleans()), min_size=1, max_size=40),
)
def test_after_the_time_of_retry_after_the_request_is_let_in_and_it_is_never_more_than_a_minute(
    start, tokens, calls, requests
):
    clock = Clock(start)
    limits = Limits(clock, tokens_per_minute=tokens, requests_per_minute=calls)
    for step, cost, in_milliseconds in requests:
        clock.advance(step / 4)
        cost = min(cost, tokens)
        if fits(limits, cost):
            continue
        told = refused(limits, cost).headers
        assert 1 <= int(told["retry-after"]) <= 60
        assert 1 <= int(told["retry-after-ms"]) <= 1000 * int(told["retry-after"]) + 1
        clock.advance(int(told["retry-after-ms"]) / 1000 if in_milliseconds else int(told["retry-after"]))
        assert fits(limits, cost)


@given(steps=st.lists(st.tuples(STEPS, st.integers(1, 50)), min_size=2, max_size=40))
def test_what_is_left_only_grows_by_waiting(steps):
    clock = Clock(START)
    limits = Limits(clock, tokens_per_minute=10_000)
    left = []
    for step, tokens in steps:
        clock.advance(step)
        left.append((int(ask(limits, tokens)["x-ratelimit-remaining-tokens"]), tokens))
    assert all(now[0] >= before[0] - now[1] for before, now in pairwise(left))


def test_of_two_windows_that_are_full_the_longer_one_is_told():
    clock = Clock(0)
    limits = Limits(clock, requests_per_minute=1)
    headers = limits.admit("anna", "gpt-4o", prompt_tokens=1)
    assert headers["x-ratelimit-remaining-requests"] == "0"
    with pytest.raises(ApiError) as refusal:
        limits.admit("anna", "gpt-4o", prompt_tokens=1)
    assert refusal.value.headers["retry-after"] == "60"
