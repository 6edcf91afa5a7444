"""httpx2, and so the openai package, on the mock with no socket.

    OpenAI(http_client=DefaultHttpxClient(transport=Transport(service)), ...)

What a socket would do (waiting, a read time-out, a connection that breaks) is done here as httpx2's own transport does
it. This is the only module of the mock that imports httpx2.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import suppress

import httpx2

from ..http import BrokenOff, Request, Response
from .asgi import Handler, settled, settled_async, until
from .loopback import in_time, pause, request_of, service_at

_LEGAL = re.compile(rb"(?:[^\0\s]+(?:[ \t]+[^\0\s]+)*)?")  # RFC 9110, 5.5: no blank at the ends, and no line's end


class Transport(httpx2.BaseTransport):
    """Hands requests to `service` in this process; without one, to whoever has the address (`loopback.Loopback`)."""

    def __init__(self, service: Handler | None = None) -> None:
        self._service = service

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        service, patience = _found(self._service, request), _patience(request)
        incoming = _incoming(request, request.read())
        result = settled(service, incoming, lambda ready: _in_time(ready, patience))
        _pause(result.delay, patience)
        return _response(result, _Stream(result, patience))


class AsyncTransport(httpx2.AsyncBaseTransport):
    """The same for the asyncio clients."""

    def __init__(self, service: Handler | None = None) -> None:
        self._service = service

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        service, patience = _found(self._service, request), _patience(request)
        incoming = _incoming(request, await request.aread())
        result = await settled_async(service, incoming, lambda ready: _async_in_time(ready, patience))
        await _async_pause(result.delay, patience)
        return _response(result, _AsyncStream(result, patience))


class _Stream(httpx2.SyncByteStream):
    def __init__(self, result: Response, patience: float | None) -> None:
        self._result, self._patience = result, patience

    def __iter__(self) -> Iterator[bytes]:
        if self._result.events is None:
            yield self._result.body
        with suppress(BrokenOff):
            for event in self._result.events or ():
                _pause(event.delay, self._patience)
                if event.until is not None:
                    _in_time(event.until, self._patience)
                else:
                    yield event.data
            if not self._result.abort:
                return
        raise _broken()

    def close(self) -> None:
        _close(self._result)


class _AsyncStream(httpx2.AsyncByteStream):
    def __init__(self, result: Response, patience: float | None) -> None:
        self._result, self._patience = result, patience

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._result.events is None:
            yield self._result.body
        with suppress(BrokenOff):
            for event in self._result.events or ():
                await _async_pause(event.delay, self._patience)
                if event.until is not None:
                    await _async_in_time(event.until, self._patience)
                else:
                    yield event.data
            if not self._result.abort:
                return
        raise _broken()

    async def aclose(self) -> None:
        _close(self._result)


def _found(service: Handler | None, request: httpx2.Request) -> Handler:
    found = service or service_at(str(request.url))
    if found is None:
        raise httpx2.ConnectError("[Errno 111] Connection refused", request=request)
    return found


def _patience(request: httpx2.Request) -> float | None:
    return (request.extensions.get("timeout") or {}).get("read")


def _incoming(request: httpx2.Request, body: bytes) -> Request:
    for _, value in request.headers.raw:
        if not _LEGAL.fullmatch(value):  # as what writes it into a socket refuses it
            raise httpx2.LocalProtocolError(f"Illegal header value {value!r}")
    headers = {name.lower(): value for name, value in request.headers.items()}
    origin = f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
    return request_of(request.method, request.url.raw_path.decode("ascii"), headers, body, origin)


def _response(result: Response, stream: httpx2.SyncByteStream | httpx2.AsyncByteStream) -> httpx2.Response:
    if result.drop:
        raise httpx2.RemoteProtocolError("Server disconnected without sending a response.")
    framing = {} if result.events is not None else {"content-length": str(len(result.body) + result.abort)}
    return httpx2.Response(result.status, headers={**framing, **result.headers}, stream=stream)


def _pause(seconds: float, patience: float | None) -> None:
    try:
        pause(seconds, patience)
    except TimeoutError:
        raise _timed_out() from None


def _in_time(ready: Future[None], patience: float | None) -> None:
    try:
        in_time(ready, patience)
    except TimeoutError:
        raise _timed_out() from None


async def _async_pause(seconds: float, patience: float | None) -> None:
    if patience is not None and seconds > patience:
        await asyncio.sleep(patience)
        raise _timed_out()
    if seconds > 0:
        await asyncio.sleep(seconds)


async def _async_in_time(ready: Future[None], patience: float | None) -> None:
    try:
        async with asyncio.timeout(patience):
            await until(ready)
    except TimeoutError:
        raise _timed_out() from None


def _timed_out() -> httpx2.ReadTimeout:
    return httpx2.ReadTimeout("The read operation timed out")


def _broken() -> httpx2.RemoteProtocolError:
    return httpx2.RemoteProtocolError(
        "peer closed connection without sending complete message body (incomplete chunked read)"
    )


def _close(result: Response) -> None:
    close = getattr(result.events, "close", None)
    if close is not None:
        close()
