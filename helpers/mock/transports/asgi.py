"""The service as an ASGI application: HTTP messages in and out, waiting, and nothing that knows the API.

The service computes how long to wait and never waits; here it is done, and given up as soon as the client has left.
"""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Awaitable, Callable, Generator, Iterator
from concurrent.futures import Future
from contextlib import suppress
from functools import lru_cache, partial
from types import coroutine
from typing import Any, Protocol
from urllib.parse import parse_qsl

from ..errors import ApiError, render
from ..http import BrokenOff, Event, Later, Request, Response
from ..masking import hider

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

MAX_BODY = 32 * 2**20
"""Bytes of a request that are read by default; a longer one is answered 413."""

CLOSE = "mock.close"
"""Where the scope's state has the function that closes the connection; `server` puts it there, ASGI has none."""

_THREAD_ABOVE = 16 * 2**10  # bytes; what a big body asks for (a picture to decode, say) would stop every stream
_SHORT_KEY = 4  # characters; from so many on a secret is masked in a traceback, where a chance find does no harm
_LINGER_BYTES, _LINGER_SECONDS = 256 * 2**20, 5.0


class Handler(Protocol):
    """What a shell needs of the service."""

    def handle(self, request: Request) -> Response:
        """Answer one request; quick, synchronous, and safe to call from two threads."""
        ...


class Shell:
    """The ASGI 3 application (HTTP and lifespan) around `service`.

    A request of more than `max_body` bytes is refused with 413 and never held in memory. Each event of a streamed
    answer is a body message of its own, sent at once. When the client leaves, the iterator of events is closed.
    """

    def __init__(self, service: Handler, *, max_body: int = MAX_BODY) -> None:
        self._service, self._max_body = service, max_body

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await _http(self._service, self._max_body, scope, receive, send)
        else:
            raise ValueError(f"no {scope['type']} here")  # the ASGI specification asks for an exception

    def at_once(self, scope: Message, body: bytes) -> tuple[Response, Application] | None:
        """The answer to a request that has arrived whole, and an application that sends it, in time where it must wait.

        None for a request that is not answered on the event loop, or refused for its length: that is for a call.
        """
        if len(body) > min(self._max_body, _THREAD_ABOVE) or getattr(self._service, "waits", False):
            return None
        request = _request(scope, _headers(scope), body)
        response = answer(self._service, request)
        return response, partial(_send, response, request)


def answer(service: Handler, request: Request) -> Response:
    """The service's answer; a fault of the service itself is its own 500, with the traceback on stderr."""
    try:
        return service.handle(request)
    except Exception as fault:
        report(fault, request)
        return render(ApiError("internal_error"))


def begun(later: Later, request: Request) -> Response:
    """The response that was waited for; the same of a fault of the service."""
    try:
        return later.make()
    except Exception as fault:
        report(fault, request)
        return render(ApiError("internal_error"))


def settled(service: Handler, request: Request, wait: Callable[[Future[None]], None]) -> Response:
    """The answer, after every wait for somebody else: `wait` may raise, and what was under way is then given up."""
    response = answer(service, request)
    while later := response.later:
        try:
            wait(later.ready)
        except BaseException:
            later.close()
            raise
        response = begun(later, request)
    return response


async def settled_async(
    service: Handler, request: Request, wait: Callable[[Future[None]], Awaitable[None]]
) -> Response:
    """As `settled`, for those who await."""
    response = answer(service, request)
    while later := response.later:
        try:
            await wait(later.ready)
        except BaseException:
            later.close()
            raise
        response = begun(later, request)
    return response


def report(fault: BaseException, request: Request) -> None:
    """Write the traceback to stderr without the secrets of the request."""
    text = hider(request, shortest=_SHORT_KEY)("".join(traceback.format_exception(fault)))
    print(f"{request.method} {request.path}\n{text}", file=sys.stderr, end="", flush=True)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


async def _http(service: Handler, max_body: int, scope: Message, receive: Receive, send: Send) -> None:
    headers = _headers(scope)
    declared = headers.get("content-length", "")
    try:
        if declared.isdecimal() and int(declared) > max_body:
            raise _TooLargeError
        body = await _read(receive, max_body)
    except _TooLargeError:
        await _refuse_large(max_body, receive, send)
        return
    except _ClientLeftError:
        return
    request = _request(scope, headers, body)
    if len(body) > _THREAD_ABOVE or getattr(service, "waits", False):
        response = await asyncio.to_thread(answer, service, request)
    else:
        response = answer(service, request)
    await _send(response, request, scope, receive, send)


async def _send(response: Response, request: Request, scope: Message, receive: Receive, send: Send) -> None:
    if response.whole:
        await _send_whole(response, send)
        return
    left = asyncio.ensure_future(_left(receive))
    try:
        while later := response.later:
            if await _left_before(left, later.ready):
                later.close()
                return
            response = begun(later, request)
        if response.drop:
            await _drop(response, scope, left)
        elif scope["http_version"] == "1.0":
            await _send_gathered(response, request, left, send)
        else:
            await _send_slowly(response, request, left, send)
    finally:
        left.cancel()
        _close(response.events)


async def _send_whole(response: Response, send: Send) -> None:
    response.headers.setdefault("content-length", str(len(response.body)))
    await send(_start(response))
    await send({"type": "http.response.body", "body": response.body})


async def _drop(response: Response, scope: Message, left: asyncio.Future[None]) -> None:
    if not await _left_within(left, response.delay):
        scope["state"][CLOSE]()
        await left  # returning before the connection is gone is a fault to the server, which it logs and answers


async def _send_slowly(response: Response, request: Request, left: asyncio.Future[None], send: Send) -> None:
    if await _left_within(left, response.delay):
        return
    if response.events is None and not response.abort:
        await _send_whole(response, send)
        return
    await send(_start(response))
    events = iter([Event(response.body)]) if response.events is None else response.events
    held: list[bytes] = []  # what goes out in the next write, which of a chunk is the dearest part
    broken = response.abort
    while True:
        try:
            event = next(events, None)
        except BrokenOff:
            event, broken = None, True
        except Exception as fault:
            report(fault, request)
            event, broken = None, True  # the status is out: only a broken body can still tell the client
        if held and (event is None or event.delay or event.until is not None):
            await send({"type": "http.response.body", "body": b"".join(held), "more_body": True})
            await _next_turn()
            held = []
        if event is None:
            break
        if left.done() or (event.delay and await _left_within(left, event.delay)):
            return
        if event.until is not None:
            if await _left_before(left, event.until):
                return
            continue
        data = event.data
        if event.more:
            held.append(data)
            continue
        if held:
            data, held = b"".join((*held, data)), []
        await send({"type": "http.response.body", "body": data, "more_body": True})
        await _next_turn()  # lets uvloop write now what it would collect while the generator runs on
    if not broken:
        await send({"type": "http.response.body", "body": b""})
    # A broken answer ends without the last message, on which the server drops the connection.


async def _send_gathered(response: Response, request: Request, left: asyncio.Future[None], send: Send) -> None:
    """Send a stream in one piece, when it has ended: a client of HTTP/1.0 knows no chunks (RFC 9112, 6.1).

    One that breaks off is shorter than its length says, which shows the client that it does.
    """
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await _send_slowly(response, request, left, keep)
    if left.done():
        return
    body = b"".join(message.get("body", b"") for message in messages)
    broken = messages[-1].get("more_body", "body" not in messages[-1])
    response.headers |= {"content-length": str(len(body) + broken), "connection": "close"}
    await send(_start(response))
    await send({"type": "http.response.body", "body": body, "more_body": broken})


@coroutine
def _next_turn() -> Generator[None]:
    """`asyncio.sleep(0)` without the coroutine around it, which each chunk would pay for."""
    yield


# The names of headers are few, and each is read and written but once.
_name = lru_cache(maxsize=256)(partial(str, encoding="latin-1"))
_field = lru_cache(maxsize=256)(partial(bytes, encoding="latin-1"))


def _start(response: Response) -> Message:
    headers = [(_field(name), value.encode("latin-1", "replace")) for name, value in response.headers.items()]
    return {"type": "http.response.start", "status": response.status, "headers": headers}


def _headers(scope: Message) -> dict[str, str]:
    return {_name(name): value.decode("latin-1") for name, value in scope["headers"]}


def _request(scope: Message, headers: dict[str, str], body: bytes) -> Request:
    return Request(
        method=scope["method"].upper(),
        path=scope["path"],
        query=_query(scope["query_string"].decode("latin-1")),
        headers=headers,
        body=body,
        origin=_origin(scope, headers),
    )


def _query(text: str) -> dict[str, str]:
    if "%" in text or "+" in text:
        return dict(parse_qsl(text, keep_blank_values=True))
    # The usual query (api-version=2024-05-01-preview) has nothing to decode.
    return {name: value for name, _, value in (pair.partition("=") for pair in text.split("&") if pair)}


def _origin(scope: Message, headers: dict[str, str]) -> str:
    host = headers.get("host")
    if not host:
        name, port = scope.get("server") or ("localhost", None)
        host = name if port is None else f"{name}:{port}"
    return f"{scope.get('scheme', 'http')}://{host}"


async def _read(receive: Receive, limit: int) -> bytes:
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientLeftError
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > limit:
            raise _TooLargeError
        if not message.get("more_body", False):
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def _refuse_large(limit: int, receive: Receive, send: Send) -> None:
    """Answer at once, then let the rest of the body run off, unkept.

    Most clients read an answer only after they have sent everything; closing under them would show them a reset
    connection instead of the 413.
    """
    response = render(ApiError("body_too_large", limit=limit))
    response.headers |= {"content-length": str(len(response.body)), "connection": "close"}
    await send(_start(response))
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    try:
        async with asyncio.timeout(_LINGER_SECONDS):
            await _read_away(receive, _LINGER_BYTES)
    except TimeoutError:
        pass
    await send({"type": "http.response.body", "body": b""})


async def _read_away(receive: Receive, limit: int) -> None:
    while limit > 0:
        message = await receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return
        limit -= len(message.get("body", b""))


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _left_within(left: asyncio.Future[None], seconds: float) -> bool:
    """Wait `seconds`, or less when the client leaves; tells whether it has left."""
    if seconds > 0 and not left.done():
        await asyncio.wait({left}, timeout=seconds)
    return left.done()


async def _left_before(left: asyncio.Future[None], ready: Future[None]) -> bool:
    """Wait until `ready` is done, in whatever thread, or the client leaves; tells whether it has left."""
    await asyncio.wait({left, until(ready)}, return_when=asyncio.FIRST_COMPLETED)
    return left.done()


def until(ready: Future[None]) -> asyncio.Future[None]:
    """A future of this event loop that is done when `ready` is; cancelling it leaves that one alone."""
    loop = asyncio.get_running_loop()
    here: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not here.done():
            here.set_result(None)

    def done(_: Future[None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(tell)

    ready.add_done_callback(done)
    return here


def _close(events: Iterator[Event] | None) -> None:
    close = getattr(events, "close", None)
    if close is not None:
        close()


class _TooLargeError(Exception):
    pass


class _ClientLeftError(Exception):
    pass
