"""The journal: which requests the mock received, in order, without a secret in sight and within bounds.

`Journal.open` notes a request when it arrives, `Journal.close` its answer. Both only keep what is at hand; reading,
masking and cutting wait until somebody looks.

Bounds: `size` notes, `cap` bytes for each, `memory` bytes for all, the oldest forgotten first. A few numbers for each
known caller are kept besides.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import RLock

from ..errors import ApiError
from ..http import Event, Request, Response
from ..jsonio import dumps
from ..masking import Cutter, secrets
from .activity import Activity, Picture
from .received import Received

_SHOWN = 100  # notes that the route shows when it is not told how many
_QUERY = ("last", "path", "caller")  # what the route can be asked


class Journal:
    """The notes of one service. Safe to use from several threads.

    Not `enabled`, it makes notes for the request at hand (scripted answers need them) and keeps none.
    """

    def __init__(
        self,
        size: int = 1_000,
        cap: int = 2**16,
        *,
        memory: int = 16 * 2**20,
        enabled: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.size, self.cap, self.memory, self.enabled = size, cap, memory, enabled
        self._notes: deque[Received] = deque()
        self._count = self._bytes = 0
        self._activity = Activity(clock)
        self._lock = RLock()  # a stream that is forgotten is ended wherever Python collects it, here too

    def open(self, request: Request) -> Received:
        """Note a request that has arrived. Give what `close` gets."""
        with self._lock:
            self._count += 1
            self._activity.under_way += 1
            received = Received(self._count, request)
            if self.enabled:
                received._weight = 0  # kept; weighed when its answer is known
                self._notes.append(received)
                if len(self._notes) > self.size:
                    self._forget()
        return received

    def close(self, received: Received, response: Response) -> Response:
        """Note the answer; the events of a stream are counted as they go out."""
        received.status = response.status
        if response.events is not None:
            received.streamed = True
        kept, failed = received._weight >= 0, self.enabled and response.status >= 400
        weight = _weight(received._request) if kept or failed else 0
        if weight > self.cap:
            received._request = _small(received, self.cap)
            weight = _weight(received._request)
        with self._lock:
            self._activity.under_way -= 1
            if self.enabled:
                self._activity.answered(received.caller, response.status)
            if failed:
                self._activity.failed(received)
            if received._weight == 0:  # not forgotten meanwhile
                received._weight = weight
                self._bytes += weight
                while self._bytes > self.memory and self._notes:
                    self._forget()
        if kept and response.events is not None:
            response.events = self._watched(received, response.events)
            next(response.events)
        received.parsed = received.said = None
        return response

    def _forget(self) -> None:
        oldest = self._notes.popleft()
        self._bytes -= oldest._weight
        oldest._weight = -1

    def entries(self) -> list[Received]:
        """The notes that are kept, oldest first."""
        with self._lock:
            return list(self._notes)

    def reset(self) -> None:
        """Forget everything; the next request is number 1."""
        with self._lock:
            while self._notes:
                self._forget()
            self._count = 0
            self._activity.reset()

    def picture(self) -> Picture:
        """How busy the mock is and has been: for the page of whoever runs it."""
        with self._lock:
            return self._activity.picture()

    def render(self, request: Request, who: str | None = None) -> Response:
        """Answer ``GET /_mock/requests?last=N&path=TEXT&caller=NAME``: the newest N notes (100) that fit, as JSON.

        A note fits whose path holds TEXT and whose caller is NAME. `who` is the caller whose notes alone are shown;
        None shows those of everybody and how busy each caller has been since the start or a reset, also with what is
        forgotten by now: requests answered, those refused (4xx and 5xx), the last status. Raises ApiError: 400 for
        another name in the query and when `last` is not a number, 403 for the `caller` that `who` is not.
        """
        for name, given in request.query.items():
            if name not in _QUERY:
                right = f"there are only {', '.join(_QUERY[:-1])} and {_QUERY[-1]}"
                raise ApiError("bad_mock_query", name=name, given=given, right=right)
        caller = request.query.get("caller", who)
        if who is not None and caller != who:
            raise ApiError("owner_only")
        last = request.query.get("last", str(_SHOWN))
        if not re.fullmatch(r"[0-9]{1,9}", last):
            raise ApiError("bad_mock_query", name="last", given=last, right="write how many requests to show")
        with self._lock:
            notes, forgotten = list(self._notes), self._count - len(self._notes)
            tallies = [
                {"caller": name, "requests": one.requests, "refused": one.refused, "last_status": one.last_status}
                for name, one in self._activity.tallies.items()
            ]
        part = request.query.get("path", "")
        found = [note for note in notes if caller in (None, note.caller) and part in note.path]
        shown = found[max(0, len(found) - int(last)) :]
        body = {"enabled": self.enabled, "found": len(found), "requests": [note.told(self.cap) for note in shown]}
        if who is None:  # how busy the others are is nobody else's business
            body["forgotten"] = forgotten if self.enabled else 0
            body["callers"] = tallies
        return Response.json(body, headers={"cache-control": "no-store"})

    def _watched(self, received: Received, events: Iterator[Event]) -> Iterator[Event]:
        """The events of a stream, counted: whoever asks for the next one has sent the one before.

        It begins with nothing, so that it has begun, and can be closed, before anybody asks for the first.
        """
        self._streaming(1)
        try:
            yield Event(b"")
            for event in events:
                yield event
                if event.until is None:
                    received.chunks += 1
        except GeneratorExit:  # the client reads no further
            received.left = True
            raise
        finally:
            self._streaming(-1)
            with suppress(AttributeError):  # iterators other than generators have nothing to close
                events.close()  # pyright: ignore[reportAttributeAccessIssue]

    def _streaming(self, more: int) -> None:
        with self._lock:
            self._activity.under_way += more


def _weight(request: Request) -> int:
    headers, query = request.headers, request.query
    return len(request.body) + len("".join([request.path, *headers, *headers.values(), *query, *query.values()]))


def _small(received: Received, cap: int) -> Request:
    """The request masked and cut until it weighs no more than `cap` bytes.

    The body is cut as JSON where the service has parsed it already, else as text: nobody's large body is parsed only
    to be noted.
    """
    request, hide = received._request, received.hide
    share = cap // 4
    if received.parsed is not None:
        body = dumps(Cutter(hide, cap // 2).cut(received.parsed))
    else:
        longest = max(map(len, secrets(request)), default=0)
        text = hide(request.body[: cap // 2 + 4 * longest].decode(errors="replace"))
        body = text.encode("utf-8", "replace")[: cap // 2]
    headers = Cutter(hide, share).cut(received.headers)
    query = Cutter(hide, share // 2).cut(received.query)
    path = hide(request.path)[: share // 2]
    return Request(request.method, path, query, headers, body)
