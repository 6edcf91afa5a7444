"""What goes in and out of the service: bytes and plain values, no sockets and no event loop.

Both shells (the ASGI application and the in-process transport of azure-core) speak only these three classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import Any

from .jsonio import dumps


@dataclass(slots=True)  # not frozen: frozen ones are made in twice the time
class Request:
    """One HTTP request, read to its end.

    `method` is upper case, `path` percent-decoded without the query, `query` the last value of each name,
    `headers` have lower-case names. `body` is what was sent, undecoded. `origin` is how the client addressed the
    server ("http://127.0.0.1:8008"), with which a relative address can be completed; empty in process.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # they hold credentials
    body: bytes = b""
    origin: str = ""


@dataclass(slots=True)  # not frozen, as above: there is one for each chunk
class Event:
    """A piece of a streamed body: wait `delay` seconds, then send `data` at once.

    The service computes delays and never sleeps; the shells sleep (a test need not). An event with `until` has no data:
    what comes next depends on somebody else, and is not to be asked for before that is done. Behind one with `more` the
    next is there already, and may go out in the same write.
    """

    data: bytes
    delay: float = 0.0
    until: Future[None] | None = None
    more: bool = False


class BrokenOff(Exception):  # noqa: N818  # no error of the mock's: it is what a client is to see
    """The rest of a streamed body will never come: the connection is to be dropped."""


@dataclass(slots=True)
class Later:
    """A response that somebody else has yet to begin: as soon as `ready` is done, `make` makes it, or another one of
    these. `close` says that nobody waits for it any more."""

    ready: Future[None]
    make: Callable[[], Response]
    close: Callable[[], object]


@dataclass(slots=True)
class Response:
    """One HTTP answer: a status, headers (lower-case names) and either a whole `body` or `events` to send in turn.

    `delay` is the time in seconds a shell waits before the status line. `abort` means: after the last event the
    connection is dropped without ending the body properly; `drop`: it is dropped before the status line (whose status
    is then 0), and nothing is sent. With `later` nothing is known yet but that.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    events: Iterator[Event] | None = None
    delay: float = 0.0
    abort: bool = False
    drop: bool = False
    later: Later | None = None

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """An answer whose body is a value as JSON."""
        return cls(status, {"content-type": "application/json", **(headers or {})}, dumps(value))

    @property
    def whole(self) -> bool:
        """Whether it can be sent at once, as it is."""
        return self.events is None and not (self.delay or self.abort or self.drop or self.later)

    def then(self, change: Callable[[Response], Response]) -> Response:
        """The response after a change, which waits until there is one to be changed."""
        if (later := self.later) is None:
            return change(self)
        return Response(0, later=Later(later.ready, lambda: later.make().then(change), later.close))

    def settled(self) -> Response:
        """The response itself, as soon as there is one."""
        response = self
        while response.later:
            wait([response.later.ready])
            response = response.later.make()
        return response

    def read(self) -> bytes:
        """The whole body, without the delays; consumes the events of a streamed answer."""
        if self.later:
            return self.settled().read()
        if self.events is None:
            return self.body
        pieces = []
        for event in self.events:
            pieces.append(event.data)
            if event.until is not None:
                wait([event.until])
        return b"".join(pieces)


def client_request_id(request: Request) -> str:
    """What the client calls its request, where that can be told back; else ""."""
    given = request.headers.get("x-ms-client-request-id", "")
    return given if given.isprintable() and len(given) <= 200 else ""
