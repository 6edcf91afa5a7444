"""Rate limits: tokens and requests per minute of a deployment and of each participant, by the service's arithmetic.

What is known of the service, and what is done about it here:

* A request is charged when it arrives with an estimate: its prompt, and `max_tokens` for each completion it asks for
  (Microsoft, "Manage Azure OpenAI quota", Understanding rate limits: prompt, max_tokens, best_of). What an answer
  really used is never given back. Without `max_tokens` a completion counts as `ASSUMED` tokens, which is what
  microsoft/aoai-api-simulator measured (`limiters.py`); an embedding is charged its input.
* Tokens: that page tells of a running count that is reset each minute; users measured a sliding minute (litellm#3065),
  and so did the simulator. Here it slides: no 60 seconds ever hold more than the limit, wherever they begin.
* Requests: "over a small period of time, typically 1 or 10 seconds" (same page). Ten seconds here, as litellm#3065 and
  the simulator measured, and as ``x-ratelimit-renewalperiod-requests: 10`` of a deployment says: a sixth of the
  limit, rounded up, in any ten seconds, and besides no more than the limit in any minute.
* A refused request is not charged. The page says that it counts; then no Retry-After could be kept, and a client that
  does not wait would never get in again.
* `Retry-After` is whole seconds and never 0, which the SDK does not take for "at once" (users recorded the service's
  ``retry-after: 1`` where a minute was meant). Here it is true: after exactly that time the request is let in, unless
  somebody else was quicker.
* A request that is larger than the whole limit can never be let in. The service tells such clients to wait a day
  (vanderschaarlab/climb#1); here it is a minute, and the text says that waiting does not help.

Headers of an answer tell the limits and what is left of them, as recorded since 2025-03; those of Azure OpenAI's 429
are `waiting`. A resource's and a serverless endpoint's have, as users showed them, `x-ratelimit-type` besides, and
`retry-after-ms`, which the OpenAI clients prefer. Where two limits hold, the deployment's and the participant's, the
one that leaves less is told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from threading import Lock
from typing import Any, Protocol

from ..errors import ApiError

ASSUMED = 16  # tokens that a completion without max_tokens is expected to have
PLENTY_OF_REQUESTS, PLENTY_OF_TOKENS = 10_000, 10_000_000  # a minute: the limits of a recorded deployment (2025-03)
MINUTE = 60.0
BURST = 10.0  # seconds over which the rate of requests is judged
_CELLS = 60  # parts of a window that are counted together: a bound for memory and work, whatever the traffic
_ROUNDING = 2e-6  # more than sums of floating-point times are off, in seconds or milliseconds
_UNLIMITED = (None, None)
_OPERATIONS = {"chat": "ChatCompletions_Create", "embeddings": "Embeddings_Create"}  # as Azure OpenAI calls them
_ROWS = {
    "models": "rate_limit_foundry",
    "serverless": "rate_limit_foundry",
    "openai": "rate_limit_openai",
    "v1": "rate_limit_openai",
}


class Allowance(Protocol):
    """What is limited for a participant; None is no limit."""

    @property
    def tokens_per_minute(self) -> int | None: ...
    @property
    def requests_per_minute(self) -> int | None: ...


class Limits:
    """Who may send how much, and how much they have sent; off unless a limit is given.

    `tokens_per_minute` and `requests_per_minute` hold for each deployment, whoever calls it. `participants` (name ->
    allowance) are limited besides, each for itself and for each deployment. ValueError for a limit below 1.

    What is kept is bounded: a fixed number of counts for each deployment, and for each participant of it. A request
    takes constant time on average; with nothing limited it takes none. `on` tells whether anything is limited.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        tokens_per_minute: int | None = None,
        requests_per_minute: int | None = None,
        participants: Mapping[str, Allowance] | None = None,
    ) -> None:
        self._clock = clock
        self._whole = _positive("a deployment", tokens_per_minute, requests_per_minute)
        self._each = {
            name: _positive(f"participant {name!r}", one.tokens_per_minute, one.requests_per_minute)
            for name, one in (participants or {}).items()
        }
        self.on = any(map(any, (self._whole, *self._each.values())))
        self._gauges: dict[tuple[str | None, str], list[_Gauge]] = {}
        self._lock = Lock()

    def admit(
        self,
        caller: str,
        deployment: str,
        *,
        prompt_tokens: int,
        max_tokens: int | None = None,
        choices: int = 1,
        kind: str = "models",
        operation: str = "chat",
        api_version: str = "",
    ) -> dict[str, str]:
        """Charge a request and give the headers of its answer, which tell what is left.

        `deployment` is the name of a known deployment (each name given is kept). `max_tokens` None means that the
        request does not say; 0 is right for an embedding. `choices` is `n` (or best_of). `kind` is the route's
        ("models", "serverless", "openai", "v1") and decides with `operation` and `api_version` how a refusal reads.
        Raises ApiError 429, which charges nothing.
        """
        tokens = max(prompt_tokens + (ASSUMED if max_tokens is None else max_tokens) * choices, 0)
        if not self.on or not (any(self._whole) or any(self._each.get(caller, _UNLIMITED))):
            return _plenty(tokens)
        cost = {"tokens": tokens, "requests": 1}
        with self._lock:
            now = self._clock()
            gauges = self._gauges_of(caller, deployment)
            waits = [(gauge.wait(cost[gauge.unit], now), gauge) for gauge in gauges]
            wait, slowest = max(waits, key=lambda pair: (pair[1].limit < cost[pair[1].unit], pair[0]))
            if wait == 0:
                for gauge in gauges:
                    gauge.take(cost[gauge.unit], now)
            headers = {**_plenty(cost["tokens"]), **dict(_headers(gauges, now))}
        if wait:
            terms = azure_terms(kind, operation, api_version)
            raise _refusal(_ROWS[kind], slowest, wait, cost[slowest.unit], headers, terms)
        return headers

    def left(self, caller: str, deployment: str) -> dict[str, str]:
        """The headers that tell what is left, without a charge: of an answer that refuses."""
        headers = _plenty(1)
        if any(self._whole) or any(self._each.get(caller, _UNLIMITED)):
            with self._lock:
                now, gauges = self._clock(), self._gauges_of(caller, deployment)
                for gauge in gauges:
                    gauge.wait(0, now)
                headers |= dict(_headers(gauges, now))
        return {name: value for name, value in headers.items() if "remaining" in name}

    def reset(self) -> None:
        """Forget what was charged."""
        with self._lock:
            self._gauges.clear()

    def _gauges_of(self, caller: str, deployment: str) -> list[_Gauge]:
        """Everything that a request has to fit into: the deployment's gauges and the caller's own."""
        found = []
        for owner, allowance in ((None, self._whole), (caller, self._each.get(caller, _UNLIMITED))):
            if any(allowance):  # nothing is kept for the many who have no limit of their own
                if (owner, deployment) not in self._gauges:
                    self._gauges[owner, deployment] = _new_gauges(*allowance)
                found += self._gauges[owner, deployment]
        return found


def waiting(unit: str, seconds: int) -> dict[str, str]:
    """The headers of Azure OpenAI's 429, as recorded (2024-12): which rate was exceeded, and when there is room."""
    kind = "Token" if unit == "tokens" else "Call"
    return {
        "retry-after": str(seconds),
        "policy-id": f"DeploymentRatelimit-{kind}",
        f"x-ratelimit-reset-{unit}": str(seconds),
    }


def azure_terms(kind: str, operation: str, api_version: str) -> dict[str, Any]:
    """How Azure OpenAI names an operation and the API it belongs to in its refusals: {operation, api}."""
    api = "OpenAI Language Model Instance API" if kind == "v1" else f"Azure OpenAI API version {api_version}".rstrip()
    return {"operation": _OPERATIONS.get(operation, operation), "api": api}


@dataclass(slots=True)
class _Cell:
    """What was charged in a short while: from when, until when, how much."""

    first: float
    last: float
    amount: int


class _Gauge:
    """A sliding window: at most `limit` of something in any `period` seconds.

    Charges within a sixtieth of the period share a cell, which is freed when the newest of them is old enough: the
    limit always holds, and room comes back that little later at most.
    """

    def __init__(self, unit: str, limit: int, period: float, per_minute: int) -> None:
        self.unit, self.limit, self.period, self.per_minute = unit, limit, period, per_minute
        self._cells: deque[_Cell] = deque()
        self._used = 0

    def wait(self, cost: int, now: float) -> float:
        """Seconds until `cost` fits: 0 at once, the whole period for what never fits."""
        self._forget(now)
        over = self._used + cost - self.limit
        if over <= 0:
            return 0.0
        for cell in self._cells:
            over -= cell.amount
            if over <= 0:
                return cell.last + self.period - now
        return self.period

    def take(self, cost: int, now: float) -> None:
        self._used += cost
        newest = self._cells[-1] if self._cells else None
        if newest is not None and now - newest.first < self.period / _CELLS:
            newest.last, newest.amount = now, newest.amount + cost
        else:
            self._cells.append(_Cell(now, now, cost))

    def left(self) -> int:
        return self.limit - self._used

    def reset(self, now: float) -> int:
        """Whole seconds until nothing of what was charged counts any more."""
        return _whole(self._cells[-1].last + self.period - now) if self._cells else 0

    def _forget(self, now: float) -> None:
        while self._cells and self._cells[0].last + self.period <= now + 2 * _ROUNDING:
            self._used -= self._cells.popleft().amount


def _new_gauges(tokens: int | None, requests: int | None) -> list[_Gauge]:
    gauges = []
    if tokens:
        gauges.append(_Gauge("tokens", tokens, MINUTE, tokens))
    if requests:
        gauges.append(_Gauge("requests", ceil(requests * BURST / MINUTE), BURST, requests))
        gauges.append(_Gauge("requests", requests, MINUTE, requests))
    return gauges


def _plenty(charged: int) -> dict[str, str]:
    """What an answer says is left where nothing is limited: the limits of a recorded deployment, hardly touched."""
    return {**_PLENTY, "x-ratelimit-remaining-tokens": str(max(PLENTY_OF_TOKENS - charged, 0))}


_PLENTY = {
    "x-ratelimit-limit-requests": str(PLENTY_OF_REQUESTS),
    "x-ratelimit-limit-tokens": str(PLENTY_OF_TOKENS),
    "x-ratelimit-remaining-requests": str(PLENTY_OF_REQUESTS - 1),
}


def _headers(gauges: list[_Gauge], now: float) -> Iterator[tuple[str, str]]:
    for unit in ("requests", "tokens"):
        same = [gauge for gauge in gauges if gauge.unit == unit]
        if not same:
            continue
        tightest = min(same, key=lambda gauge: (gauge.left(), -gauge.reset(now)))
        yield f"x-ratelimit-limit-{unit}", str(tightest.per_minute)
        yield f"x-ratelimit-remaining-{unit}", str(tightest.left())


def _refusal(
    row: str, gauge: _Gauge, wait: float, cost: int, headers: dict[str, str], terms: dict[str, Any]
) -> ApiError:
    note = ""
    if cost > gauge.limit:
        note = (
            f" This request alone is counted as {cost} tokens (prompt and max_tokens), more than the limit of "
            f"{gauge.limit}: waiting does not help, a shorter prompt or a smaller max_tokens does."
        )
    tokens = gauge.unit == "tokens"
    if row == "rate_limit_openai":
        headers = waiting(gauge.unit, _whole(wait))
    else:
        headers |= {
            "retry-after": str(_whole(wait)),
            "retry-after-ms": str(_whole(wait * 1000)),
            "x-ratelimit-type": gauge.unit.capitalize(),
        }
    return ApiError(
        row,
        headers=headers,
        limit=gauge.limit,
        period=f"{gauge.period:g}",
        scope="UserByModelByMinuteTokens" if tokens else "UserByModelByMinute",
        what="token" if tokens else "call",
        wait=_whole(wait),
        seconds=seconds_told(_whole(wait)),
        note=note,
        **terms,
    )


def seconds_told(count: int) -> str:
    """A wait as Azure OpenAI's 429 tells it."""
    return f"{count} second{'' if count == 1 else 's'}"


def _whole(units: float) -> int:
    return max(ceil(units - _ROUNDING), 1)


def _positive(whose: str, tokens: int | None, requests: int | None) -> tuple[int | None, int | None]:
    for what, limit in (("tokens", tokens), ("requests", requests)):
        if limit is not None and limit < 1:
            raise ValueError(f"the limit of {whose} is at least 1 of {what} per minute, not {limit}")
    return tokens, requests
