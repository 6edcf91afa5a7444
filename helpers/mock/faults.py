"""Failures and slowness on request: headers of the mock's own, stateless where they can be and exact.

* `x-mock-fault: 429*2; retry-after=1`: answer the first two attempts of this call with 429 and a Retry-After of one
  second. Without `*N` every attempt fails. Attempts of one call share their `x-ms-client-request-id`, which the SDK
  sends by itself and keeps when it retries. Statuses: those of `FAULTS`.
* `x-mock-ttft: 0.5`: seconds to the first token. `x-mock-tokens-per-second: 20`: the pace after it.
* `x-mock-split: 7`: send a stream in pieces of seven bytes, wherever they cut.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Lock

from .errors import ApiError, render
from .http import Response

# status -> the row of data/refusals.toml that such a failure looks like
FAULTS = {
    400: "fault_request",
    401: "unauthorized_token",
    403: "fault_role",
    404: "not_found",
    405: "method_not_allowed",
    408: "fault_timeout",
    413: "fault_tokens_limit",
    415: "fault_media_type",
    422: "parameter_not_supported",
    424: "fault_model",
    429: "fault_rate_limit",
    500: "internal_error",
    502: "fault_gateway",
    503: "fault_unavailable",
    504: "fault_gateway_timeout",
}
DEFAULT_WAIT = 1  # seconds; a 429 always tells one, and never 0, which the SDK does not take for "at once"
_REMEMBERED = 10_000  # calls whose attempts are counted
_FAULT = re.compile(r"\s*(\d{3})\s*(?:\*\s*(\d{1,3}))?\s*(?:;\s*retry-after\s*=\s*(\d{1,5})\s*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast an answer comes: seconds to the first token, tokens a second after it (0: at once), bytes a piece."""

    ttft: float = 0.0
    tokens_per_second: float = 0.0
    split: int = 0

    @property
    def step(self) -> float:
        return 1 / self.tokens_per_second if self.tokens_per_second else 0.0


class Faults:
    """Which attempt of which call this is: the only thing that has to be remembered."""

    def __init__(self) -> None:
        self._attempts: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._lock = Lock()

    def answer(self, headers: Mapping[str, str]) -> Response | None:
        """The failure that the request asks for, or None when this attempt is to be answered.

        Raises ApiError 400 when the header cannot be read.
        """
        wish = headers.get("x-mock-fault")
        if wish is None:
            return None
        match = _FAULT.fullmatch(wish)
        if not match or int(match[1]) not in FAULTS:
            right = (
                f"write STATUS, STATUS*TIMES or STATUS*TIMES; retry-after=SECONDS, with a status of {sorted(FAULTS)}"
            )
            raise ApiError("bad_mock_header", name="x-mock-fault", given=wish, right=right)
        status = int(match[1])
        call = headers.get("x-ms-client-request-id")
        if match[2] and call and self._count(call, wish) > int(match[2]):
            return None
        return _failure(status, match[3])

    def _count(self, call: str, wish: str) -> int:
        with self._lock:
            attempts = self._attempts.pop((call, wish), 0) + 1
            self._attempts[(call, wish)] = attempts
            if len(self._attempts) > _REMEMBERED:
                self._attempts.popitem(last=False)
        return attempts


def pace(headers: Mapping[str, str], default: Pace) -> Pace:
    """The pace that the request asks for, else the mock's own. Raises ApiError 400 for values out of range."""
    return replace(
        default,
        ttft=_number(headers, "x-mock-ttft", default.ttft, 60),
        tokens_per_second=_number(headers, "x-mock-tokens-per-second", default.tokens_per_second, 100_000),
        split=int(_number(headers, "x-mock-split", default.split, 65_536)),
    )


def _failure(status: int, wait: str | None) -> Response:
    seconds = int(wait) if wait is not None else DEFAULT_WAIT
    headers = {"x-ms-error-code": str(status)}
    if wait is not None or status == 429:
        headers["retry-after"] = str(seconds)
    return render(ApiError(FAULTS[status], loc=("body", "parameter"), given="value", wait=seconds, headers=headers))


def _number(headers: Mapping[str, str], name: str, default: float, most: float) -> float:
    text = headers.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise ApiError("bad_mock_header", name=name, given=text, right=f"write a number from 0 to {most:g}")
    return value
