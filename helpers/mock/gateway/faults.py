"""Failures and slowness on request: by headers of the mock's own, exact, and by a rate that is drawn with a seed.

``x-mock-fault: KIND[=VALUE][*TIMES][; retry-after=SECONDS]`` asks for one failure; `KINDS` is the table of them.

* ``429*2; retry-after=1`` fails the first two attempts of this call and answers the third. Without ``*TIMES`` every
  attempt fails. Attempts of one call share their `x-ms-client-request-id`, which the Azure SDK sends by itself and
  keeps when it retries; the OpenAI clients tell the number of a retry in `x-stainless-retry-count`. From a client that
  sends neither, every attempt fails.
* ``cut=3`` and the others that disturb an answer do so to an answer with status 200; a refusal stays as it is. Chunks
  are the `data:` lines of a stream but the closing ``[DONE]``, counted from 1, whatever pieces they are sent in.
* ``retry-after`` stands on the failure, or on the disturbed answer. A 429 has one, 1 unless told otherwise;
  ``429; retry-after=none`` leaves it out, as services do that tell the wait in the message only.

Besides: ``x-mock-ttft: 0.5`` are the seconds to the first token, ``x-mock-tokens-per-second: 20`` is the pace after
it, ``x-mock-split: 7`` sends a stream in pieces of seven bytes, wherever they cut. They go with every fault.

`Faults(rates={"429": 0.1, "cut=3": 0.02}, seed=7)` fails a part of all requests that carry no `x-mock-fault`. Each draw
depends on the seed, the request (method, path, body) and how often it has been made, so that the same requests to a
fresh mock fail at the same places, in whatever order they arrive; a retry is a new draw.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Literal

from ..errors import ApiError, render
from ..http import Event, Request, Response
from ..jsonio import loads
from .counts import Counts
from .limits import azure_terms, seconds_told, waiting
from .routes import find


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of failure, as the manual lists it.

    `place` is where it strikes: "instead" of an answer, in a "stream", in a "whole" answer, or in "any" answer.
    `value` names what is written after ``=``, between `least` and `most`; `default` counts when nothing is (None: it
    must be written). Only seconds may be fractions.
    """

    place: Literal["instead", "stream", "whole", "any"]
    what: str
    value: str = ""
    default: float | None = None
    least: float = 0
    most: float = 1_000_000


KINDS: dict[str, Kind] = {
    "STATUS": Kind("instead", "answers with that status, 400 to 599, in the service's own words where they are known"),
    "drop": Kind("instead", "closes the connection before any status line"),
    "not-json": Kind("instead", "answers 200 with a page of HTML, as a proxy or a sign-in page would"),
    "empty": Kind("instead", "answers 200 with no body"),
    "cut": Kind("stream", "breaks the connection after K chunks, [DONE] not being sent", "K", 1),
    "end": Kind("stream", "ends properly after K chunks, without finish reason and [DONE]", "K", 1),
    "malformed": Kind("stream", "breaks the JSON of chunk K, or of the last when there are fewer", "K", 1, 1),
    "error-event": Kind("stream", "sends an error object as a chunk after K chunks, then [DONE]", "K", 1),
    "ping": Kind("stream", "sends a comment line after K chunks, as servers do to keep a connection open", "K", 1),
    "crlf": Kind("stream", "ends every line with CRLF, which server-sent events allow and the SDK does not"),
    "truncated": Kind("whole", "breaks the connection in the middle of the JSON, content-length being the whole's"),
    "ttft": Kind("any", "answers late by SECONDS: before the first chunk, or before the whole", "SECONDS", None, 0, 60),
}

# status -> the row of data/refusals.toml that such a failure looks like; any other status is told in HTTP's own words
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
DEFAULT_WAIT = 1  # seconds; a 429 tells one, and never 0, which the SDK does not take for "at once"
NO_WAIT = -1  # ``retry-after=none``
GRAMMAR = "KIND, KIND=VALUE, KIND*TIMES or KIND*TIMES; retry-after=SECONDS (or none)"
_PACES = frozenset(["x-mock-ttft", "x-mock-tokens-per-second", "x-mock-split"])
_DONE = b"data: [DONE]"
_PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><p>This is not the API.</p></body></html>\n"
_FAULT = re.compile(
    r"\s*(?P<kind>[a-z0-9-]+)\s*(?:=\s*(?P<value>\d{1,9}(?:\.\d{1,9})?))?\s*(?:\*\s*(?P<times>\d{1,3}))?\s*"
    r"(?:;\s*retry-after\s*=\s*(?P<wait>\d{1,5}|none)\s*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast an answer comes: seconds to the first token, tokens a second after it (0: at once), bytes a piece."""

    ttft: float = 0.0
    tokens_per_second: float = 0.0
    split: int = 0

    @property
    def step(self) -> float:
        return 1 / self.tokens_per_second if self.tokens_per_second else 0.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What a fault's text asks for. `status` is 0 but for the kind "STATUS"; `times` and `wait` are None untold.

    `wait` is the Retry-After in seconds, or NO_WAIT for none at all.
    """

    kind: str
    status: int = 0
    value: float = 0
    times: int | None = None
    wait: int | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The Retry-After that the answer gets; a 429 has one by itself."""
        wait = DEFAULT_WAIT if self.wait is None and self.status == 429 else self.wait
        return {} if wait in (None, NO_WAIT) else {"retry-after": str(wait)}


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure of one attempt.

    `failure` or `refusal` is what to answer instead, `disturb` breaks the answer that was made. `asked` says that a
    header asked for it: what it cannot do is then told, and not passed over.
    """

    wish: Wish
    failure: Response | None = None
    refusal: ApiError | None = None
    asked: bool = True

    def disturb(self, response: Response) -> Response:
        """The answer as it goes out. Raises ApiError 400 when a stream was to be broken and this is none."""
        place = KINDS[self.wish.kind].place
        if self.failure is not None or response.status != 200:
            return response
        if (place == "stream" and response.events is None) or (place == "whole" and response.events is not None):
            if not self.asked:
                return response
            right = "ask for a stream" if place == "stream" else "do not ask for a stream, or let it be cut"
            raise ApiError("bad_mock_header", name="x-mock-fault", given=self.wish.kind, right=right)
        response = replace(response, headers={**response.headers, **self.wish.headers})
        if response.events is None:
            return _disturb_whole(response, self.wish)
        events = _STREAMS[self.wish.kind](response.events, self.wish.value)
        return replace(response, events=events, abort=response.abort or self.wish.kind == "cut")


class Faults:
    """The failures of a mock: which attempt of which call this is, and what the draw says.

    `rates` maps a fault (without ``*TIMES``) to the part of all requests that it strikes, 0 to 1, together at most 1;
    `seed` decides which. ValueError for rates that are none.
    """

    def __init__(self, rates: Mapping[str, float] | None = None, seed: int = 0) -> None:
        self._rates = [(_rated(text, rate), rate) for text, rate in (rates or {}).items()]
        if sum(rate for _, rate in self._rates) > 1 + 1e-9:
            raise ValueError("the rates of the faults add up to more than 1")
        self._seed = seed
        self._attempts = Counts()

    def of(self, request: Request) -> Fault | None:
        """The fault of this attempt, or None when it is to be answered.

        A header decides alone; without one the rates do. Raises ApiError 400 when the header cannot be read.
        """
        text = request.headers.get("x-mock-fault")
        if text is None:
            wish = self._draw(request) if self._rates else None
        else:
            try:
                wish = read(text)
            except ValueError as error:
                raise ApiError("bad_mock_header", name="x-mock-fault", given=text, right=str(error)) from None
            if wish.times is not None and (self._attempt(request, wish) or 0) > wish.times:
                wish = None
        if wish is None:
            return None
        return Fault(wish, _failure(wish), _refusal(wish, request) if wish.status else None, asked=text is not None)

    def reset(self) -> None:
        """Forget all attempts and draws."""
        self._attempts.reset()

    def _attempt(self, request: Request, wish: Wish) -> int | None:
        """Which attempt of its call this is, from 1, or None when nothing tells."""
        call = request.headers.get("x-ms-client-request-id")
        if call:
            return self._attempts((_digest(call.encode(errors="replace")), wish))
        retry = request.headers.get("x-stainless-retry-count", "")
        return int(retry) + 1 if re.fullmatch(r"[0-9]{1,3}", retry) else None

    def _draw(self, request: Request) -> Wish | None:
        made = _digest(f"{request.method} {request.path}\n".encode(errors="replace"), request.body)
        seed = f"{self._seed}/{self._attempts(made)}/".encode()
        drawn = int.from_bytes(_digest(seed, made)[:8]) / 2**64
        for wish, rate in self._rates:
            drawn -= rate
            if drawn < 0:
                return wish
        return None


def read(text: str) -> Wish:
    """What a fault's text asks for. ValueError, saying what would be right, when it is none."""
    match = _FAULT.fullmatch(text)
    name = match["kind"].lower() if match else ""
    status = int(name) if re.fullmatch(r"[45]\d\d", name) else 0
    kind = KINDS.get("STATUS" if status else name)
    if match is None or kind is None:
        raise ValueError(f"write {GRAMMAR}, with KIND a status from 400 to 599 or one of {', '.join(list(KINDS)[1:])}")
    value = float(match["value"]) if match["value"] else kind.default
    if kind.value:
        fits = value is not None and kind.least <= value <= kind.most and (kind.value != "K" or value == int(value))
        if not fits:
            raise ValueError(f"write {name}={kind.value}, with {kind.value} from {kind.least:g} to {kind.most:g}")
    elif match["value"]:
        raise ValueError(f"{name} takes no value: write {name} or {name}*TIMES")
    if match["times"] and int(match["times"]) < 1:
        raise ValueError(f"write {name}*TIMES, with TIMES from 1 to 999")
    times = int(match["times"]) if match["times"] else None
    told = (match["wait"] or "").lower()
    wait = NO_WAIT if told == "none" else int(told) if told else None
    return Wish("STATUS" if status else name, status, value or 0, times, wait)


def parse_rates(texts: Iterable[str]) -> dict[str, float]:
    """The rates of a command line: ``["429=0.1", "cut=3=0.02"]`` -> ``{"429": 0.1, "cut=3": 0.02}``.

    The rate stands behind the last ``=``. ValueError, naming the text, for one that cannot be read.
    """
    rates: dict[str, float] = {}
    for text in texts:
        fault, _, rate = text.rpartition("=")
        try:
            if fault.strip() in rates:
                raise ValueError("it is given twice")
            rates[fault.strip()] = float(rate)
            _rated(fault, float(rate))
        except ValueError as error:
            reason = str(error) if fault and re.fullmatch(r"\s*[\d.]+\s*", rate) else "it has no rate"
            raise ValueError(f"{text!r} is not FAULT=RATE, such as 429=0.1 or cut=3=0.02: {reason}") from None
    return rates


def pace(headers: Mapping[str, str], default: Pace) -> Pace:
    """The pace that the request asks for, else the mock's own. Raises ApiError 400 for values out of range."""
    if _PACES.isdisjoint(headers):
        return default
    return replace(
        default,
        ttft=_number(headers, "x-mock-ttft", default.ttft, 60),
        tokens_per_second=_number(headers, "x-mock-tokens-per-second", default.tokens_per_second, 100_000),
        split=int(_number(headers, "x-mock-split", default.split, 65_536, 1)),
    )


# --- instead of an answer ---


def _failure(wish: Wish) -> Response | None:
    if wish.kind == "drop":
        return Response(0, drop=True)
    if wish.kind == "not-json":
        return Response(200, {"content-type": "text/html; charset=utf-8", **wish.headers}, _PAGE)
    if wish.kind == "empty":
        return Response(200, {"content-type": "application/json", **wish.headers})
    return None


def _refusal(wish: Wish, request: Request) -> ApiError:
    target = find(request.path)
    kind, operation = (target.route.kind, target.operation) if target else ("", "chat")
    wait = DEFAULT_WAIT if wish.wait in (None, NO_WAIT) else wish.wait
    error = failing(wish.status, wait, kind, operation, request.query.get("api-version", ""))
    if wish.wait == NO_WAIT:
        error.headers.pop("retry-after", None)
    else:
        error.headers |= wish.headers
    return error


def failing(status: int, wait: int, kind: str = "", operation: str = "chat", api_version: str = "") -> ApiError:
    """A failure of the service with that status, in its own words where they are known.

    `kind` is the route's, `wait` are the seconds after which a 429 lets the client in.
    """
    headers = waiting("tokens", wait) if status == 429 and kind in ("openai", "v1") else {}
    return ApiError(
        FAULTS.get(status, "fault_other"),
        status=status,
        loc=("body", "parameter"),
        given="value",
        wait=wait,
        seconds=seconds_told(wait),
        phrase=phrase(status),
        headers=headers,
        **azure_terms(kind, operation, api_version),
    )


def phrase(status: int) -> str:
    """HTTP's own name of a status."""
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else f"Status {status}"


# --- broken answers ---


def _disturb_whole(response: Response, wish: Wish) -> Response:
    if wish.kind == "ttft":
        return replace(response, delay=response.delay + wish.value)
    headers = {**response.headers, "content-length": str(len(response.body))}
    return replace(response, headers=headers, body=response.body[: len(response.body) // 2], abort=True)


def _late(events: Iterator[Event], seconds: float) -> Iterator[Event]:
    for event in events:
        yield replace(event, delay=event.delay + seconds)
        seconds = 0.0


def _first_chunks(events: Iterator[Event], count: float) -> Iterator[Event]:
    for number, pieces in _numbered(events):
        if number >= count or _data(pieces).startswith(_DONE):
            return
        yield from pieces


def _unfinished(events: Iterator[Event], count: float) -> Iterator[Event]:
    for number, pieces in _numbered(events):
        if number >= count or _finishes(_data(pieces)):
            return
        yield from pieces


def _with_error(events: Iterator[Event], count: float) -> Iterator[Event]:
    yield from _first_chunks(events, count)
    yield Event(b"data: " + render(ApiError("internal_error")).body + b"\n\n")
    yield Event(_DONE + b"\n\n")


def _with_comment(events: Iterator[Event], count: float) -> Iterator[Event]:
    for number, pieces in _numbered(events):
        if number == count and pieces[0].until is None:
            yield Event(b": ping\n\n")
        yield from pieces


def _with_crlf(events: Iterator[Event], _: float) -> Iterator[Event]:
    for event in events:
        yield replace(event, data=event.data.replace(b"\n", b"\r\n"))


def _malformed(events: Iterator[Event], number: float) -> Iterator[Event]:
    """Chunk `number` loses the second half of its JSON; it is held back until it is known not to be the last."""
    held: list[Event] = []
    done = 0
    for pieces in _chunks(events):
        if pieces[0].until is not None:
            yield from pieces
            continue
        last = _data(pieces).startswith(_DONE)
        if held:
            done += 1
            yield from _broken(held) if done == number or (last and done < number) else held
        held = pieces
    yield from held


def _broken(pieces: list[Event]) -> Iterator[Event]:
    data = _data(pieces).removesuffix(b"\n\n")
    data = data[: len(data) // 2] + b"\n\n"
    size = len(pieces[0].data) if len(pieces) > 1 else len(data)
    for start in range(0, len(data), size):
        yield Event(data[start : start + size], pieces[0].delay if start == 0 else 0.0)


def _numbered(events: Iterator[Event]) -> Iterator[tuple[int, list[Event]]]:
    """The chunks with their number from 0; a wait has that of the chunk that is waited for."""
    number = 0
    for pieces in _chunks(events):
        yield number, pieces
        number += pieces[0].until is None


def _chunks(events: Iterator[Event]) -> Iterator[list[Event]]:
    """The pieces of one chunk after another; a chunk ends with an empty line, and no piece belongs to two.

    Where the next one has to be waited for, the wait stands alone.
    """
    pieces: list[Event] = []
    for event in events:
        if event.until is not None:
            yield [event]
            continue
        pieces.append(event)
        if event.data.endswith(b"\n") and _data(pieces).endswith(b"\n\n"):
            yield pieces
            pieces = []
    if pieces:
        yield pieces


def _data(pieces: list[Event]) -> bytes:
    return b"".join(event.data for event in pieces)


def _finishes(chunk: bytes) -> bool:
    if chunk.startswith(_DONE):
        return True
    if not chunk:  # a wait
        return False
    body = loads(chunk.removeprefix(b"data: "))
    return any(choice.get("finish_reason") for choice in body.get("choices", ()))


_STREAMS = {
    "cut": _first_chunks,
    "end": _unfinished,
    "malformed": _malformed,
    "error-event": _with_error,
    "ping": _with_comment,
    "crlf": _with_crlf,
    "ttft": _late,
}


# --- small steps ---


def _rated(text: str, rate: float) -> Wish:
    wish = read(text)
    if wish.times is not None:
        raise ValueError("a fault with a rate takes no *TIMES: every attempt is drawn for itself")
    if not 0 <= rate <= 1:
        raise ValueError("a rate is a number from 0 to 1")
    return wish


def _digest(*parts: bytes) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(part)
    return digest.digest()


def _number(headers: Mapping[str, str], name: str, default: float, most: float, least: float = 0.01) -> float:
    text = headers.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not (value == 0 or least <= value <= most):  # slower than that is no pace
        right = f"write 0, or a number from {least:g} to {most:g}"
        raise ApiError("bad_mock_header", name=name, given=text, right=right)
    return value
