"""The Azure SDK on the mock with no socket: `ChatCompletionsClient(..., transport=MockTransport(Service()))`.

Everything above the transport is the SDK's own: policies, retries, hooks, exceptions, streams. What a socket would do
(waiting, a read timeout, a connection that breaks) is done here as the transports of azure-core do it. The abstract
bases of `azure.core.rest` are filled in completely, so that no private part of azure-core is used. This is the only
module of the mock that imports azure.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import Future, wait
from email.message import Message
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from azure.core.exceptions import (
    HttpResponseError,
    IncompleteReadError,
    ResponseNotReadError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
    StreamClosedError,
    StreamConsumedError,
)
from azure.core.pipeline.transport import AsyncHttpTransport, HttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest, HttpResponse
from azure.core.utils import case_insensitive_dict

from ..http import BrokenOff, Event, Request, Response
from .asgi import Handler, settled, settled_async, until

_READ_TIMEOUT = 300.0  # azure-core's own default, in seconds
_WITHOUT_MEANING = ("connection_timeout", "connection_verify", "connection_cert", "proxies")


class MockTransport(HttpTransport[HttpRequest, HttpResponse]):
    """A transport of azure-core that hands requests to `service` in this process.

    `sleep` waits (seconds): for the pace of a stream, for a late answer, and between retries. Give ``lambda s: None``
    and nothing waits. The address in the endpoint is not looked at, only its path: ``https://mock/models``.
    """

    def __init__(self, service: Handler, *, sleep: Callable[[float], object] = time.sleep) -> None:
        self._service, self._sleep = service, sleep

    def __enter__(self) -> MockTransport:
        return self

    def __exit__(self, *args: object) -> None:
        self.close()

    def open(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing to close."""

    def sleep(self, duration: float) -> None:
        """Wait `duration` seconds; the retry policy calls this."""
        self._sleep(duration)

    def send(self, request: HttpRequest, **kwargs: Any) -> MockResponse:
        """Answer `request`; read to its end unless ``stream=True``.

        `read_timeout` (seconds) counts. Raises ServiceResponseTimeoutError, what reading raises, and TypeError for
        an option that no transport knows.
        """
        stream, read_timeout = _options(kwargs)
        incoming = _incoming(request, _body(request))
        result = settled(self._service, incoming, lambda ready: _wait(ready, read_timeout))
        if result.delay:
            self._sleep(min(result.delay, read_timeout))
        _in_time(result.delay, read_timeout)
        if result.drop:
            raise ServiceResponseError("Connection aborted: remote end closed connection without response")
        response = MockResponse(request, result, self._sleep, read_timeout)
        if not stream:
            response.read()
        return response


class AsyncMockTransport(AsyncHttpTransport[HttpRequest, AsyncHttpResponse]):
    """The same for the clients in `azure.ai.inference.aio`; `sleep` is a coroutine function."""

    def __init__(self, service: Handler, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._service, self._sleep = service, sleep

    async def __aenter__(self) -> AsyncMockTransport:
        return self

    async def __aexit__(self, *args: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def sleep(self, duration: float) -> None:
        """Wait `duration` seconds; the retry policy calls this."""
        await self._sleep(duration)

    async def send(self, request: HttpRequest, **kwargs: Any) -> AsyncMockResponse:
        """As `MockTransport.send`."""
        stream, read_timeout = _options(kwargs)
        incoming = _incoming(request, await _async_body(request))
        await asyncio.sleep(0)  # other tasks have their turn, as they have while a socket is written to
        result = await settled_async(self._service, incoming, lambda ready: _async_wait(ready, read_timeout))
        if result.delay:
            await self._sleep(min(result.delay, read_timeout))
        _in_time(result.delay, read_timeout)
        if result.drop:
            raise ServiceRequestError("Server disconnected")  # the class that aiohttp leads to, not requests'
        response = AsyncMockResponse(request, result, self._sleep, read_timeout)
        if not stream:
            await response.read()
        return response


class _Answer:
    """What both kinds of response have in common: everything but reading."""

    def __init__(self, request: HttpRequest, result: Response) -> None:
        self._request, self._result = request, result
        self._headers = case_insensitive_dict(result.headers)
        self._content: bytes | None = None
        self._encoding: str | None = None
        self._closed = self._consumed = False

    @property
    def request(self) -> HttpRequest:
        return self._request

    @property
    def status_code(self) -> int:
        return self._result.status

    @property
    def reason(self) -> str:
        try:
            return HTTPStatus(self._result.status).phrase
        except ValueError:
            return ""

    @property
    def headers(self) -> MutableMapping[str, str]:
        return self._headers

    @property
    def content_type(self) -> str | None:
        return self._headers.get("content-type")

    @property
    def url(self) -> str:
        return self._request.url

    @property
    def is_closed(self) -> bool:
        return self._closed

    @property
    def is_stream_consumed(self) -> bool:
        return self._consumed

    @property
    def encoding(self) -> str | None:
        if self._encoding is None and self.content_type:
            message = Message()
            message["content-type"] = self.content_type
            return message.get_content_charset()
        return self._encoding

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        self._encoding = value

    @property
    def content(self) -> bytes:
        if self._content is None:
            raise ResponseNotReadError(self)  # pyright: ignore[reportArgumentType]
        return self._content

    def body(self) -> bytes:
        """The content, under the name that responses had before `azure.core.rest`."""
        return self.content

    def text(self, encoding: str | None = None) -> str:
        chosen = encoding or self.encoding or "utf-8"
        return self.content.decode("utf-8-sig" if chosen.lower() in ("utf-8", "utf8") else chosen, "replace")

    def json(self) -> Any:
        return json.loads(self.text())

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise HttpResponseError(response=self)  # pyright: ignore[reportArgumentType]

    def _events(self) -> Iterator[Event]:
        """The events still to come; checks, as the SDK's transports do, that nobody has taken them."""
        if self._consumed:
            raise StreamConsumedError(self)  # pyright: ignore[reportArgumentType]
        if self._closed:
            raise StreamClosedError(self)  # pyright: ignore[reportArgumentType]
        self._consumed = True
        if self._result.events is None:
            return iter([Event(self._result.body)] if self._result.body else [])
        return self._result.events

    def _close(self) -> None:
        self._closed = True
        close = getattr(self._result.events, "close", None)
        if close is not None:
            close()


class MockResponse(_Answer, HttpResponse):
    """An answer of the mock, as `azure.core.rest.HttpResponse`. Nothing is compressed: raw and decoded are the same."""

    def __init__(
        self, request: HttpRequest, result: Response, sleep: Callable[[float], object], read_timeout: float
    ) -> None:
        super().__init__(request, result)
        self._sleep, self._read_timeout = sleep, read_timeout

    def __enter__(self) -> MockResponse:
        return self

    def __exit__(self, *args: object) -> None:
        self.close()

    def close(self) -> None:
        self._close()

    def read(self) -> bytes:
        if self._content is None:
            self._content = b"".join(self.iter_raw())
        return self._content

    def iter_raw(self, **kwargs: Any) -> Iterator[bytes]:
        try:
            for event in self._events():
                if event.delay:
                    self._sleep(min(event.delay, self._read_timeout))
                _in_time(event.delay, self._read_timeout)
                if event.until is not None:
                    _wait(event.until, self._read_timeout)
                    continue
                yield event.data
            if self._result.abort:  # the classes that requests leads to: with a content-length, and in chunks
                if self._result.events is None:
                    raise IncompleteReadError("Connection broken: IncompleteRead")
                raise BrokenOff
        except BrokenOff:
            raise HttpResponseError("Response ended prematurely") from None
        finally:
            self.close()

    def iter_bytes(self, **kwargs: Any) -> Iterator[bytes]:
        if self._content is None:
            yield from self.iter_raw()
        else:
            yield self._content

    def stream_download(self, pipeline: Any = None, **kwargs: Any) -> Iterator[bytes]:
        """`iter_bytes`, under the name that it had before `azure.core.rest`."""
        return self.iter_bytes()


class AsyncMockResponse(_Answer, AsyncHttpResponse):
    """An answer of the mock, as `azure.core.rest.AsyncHttpResponse`."""

    def __init__(
        self, request: HttpRequest, result: Response, sleep: Callable[[float], Awaitable[object]], read_timeout: float
    ) -> None:
        super().__init__(request, result)
        self._sleep, self._read_timeout = sleep, read_timeout

    async def __aenter__(self) -> AsyncMockResponse:
        return self

    async def __aexit__(self, *args: object) -> None:
        await self.close()

    async def close(self) -> None:
        self._close()

    async def read(self) -> bytes:
        if self._content is None:
            self._content = b"".join([piece async for piece in self.iter_raw()])
        return self._content

    async def iter_raw(self, **kwargs: Any) -> AsyncIterator[bytes]:
        try:
            for event in self._events():
                if event.delay:
                    await self._sleep(min(event.delay, self._read_timeout))
                _in_time(event.delay, self._read_timeout)
                if event.until is not None:
                    await _async_wait(event.until, self._read_timeout)
                    continue
                yield event.data
            if self._result.abort:
                raise BrokenOff
        except BrokenOff:
            raise IncompleteReadError("Response payload is not completed") from None  # and what aiohttp leads to
        finally:
            self._close()

    async def iter_bytes(self, **kwargs: Any) -> AsyncIterator[bytes]:
        if self._content is not None:
            yield self._content
            return
        async for piece in self.iter_raw():
            yield piece

    def stream_download(self, pipeline: Any = None, **kwargs: Any) -> AsyncIterator[bytes]:
        """`iter_bytes`, under the name that it had before `azure.core.rest`."""
        return self.iter_bytes()


def _options(kwargs: dict[str, Any]) -> tuple[bool, float]:
    """The two options that mean something in process. Unknown ones fail here, as they do in every transport."""
    stream, read_timeout = kwargs.pop("stream", False), kwargs.pop("read_timeout", None)
    for name in _WITHOUT_MEANING:
        kwargs.pop(name, None)
    if kwargs:
        raise TypeError(f"MockTransport.send() got an unexpected keyword argument {next(iter(kwargs))!r}")
    return stream, _READ_TIMEOUT if read_timeout is None else read_timeout


def _in_time(delay: float, read_timeout: float) -> None:
    if delay > read_timeout:
        raise _timed_out(read_timeout)


def _wait(ready: Future[None], read_timeout: float) -> None:
    """Wait for what somebody else has to do; of a clock that stands still it knows nothing."""
    if not wait([ready], read_timeout).done:
        raise _timed_out(read_timeout)


async def _async_wait(ready: Future[None], read_timeout: float) -> None:
    try:
        async with asyncio.timeout(read_timeout):
            await until(ready)
    except TimeoutError:
        raise _timed_out(read_timeout) from None


def _timed_out(read_timeout: float) -> ServiceResponseTimeoutError:
    return ServiceResponseTimeoutError(f"Read timed out. (read timeout={read_timeout:g})")


def _incoming(request: HttpRequest, body: bytes) -> Request:
    url = urlsplit(request.url)
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers.setdefault("host", url.netloc)
    headers.setdefault("content-length", str(len(body)))
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    return Request(request.method.upper(), unquote(url.path) or "/", query, headers, body)


def _body(request: HttpRequest) -> bytes:
    content = _content(request)
    if isinstance(content, bytes):
        return content
    return b"".join(_bytes(piece) for piece in content)


async def _async_body(request: HttpRequest) -> bytes:
    content = _content(request)
    if isinstance(content, AsyncIterator) or hasattr(content, "__aiter__"):
        return b"".join([_bytes(piece) async for piece in content])
    return _body(request)


def _content(request: HttpRequest) -> Any:
    """The body as bytes where it is at hand, else the iterable of its pieces."""
    # Requests from before azure.core.rest, as some credentials make them, call it `data`.
    content = request.content if isinstance(request, HttpRequest) else request.data
    if content is None:
        return b""
    if hasattr(content, "read"):
        content = content.read()
    if isinstance(content, Mapping):
        return urlencode(content).encode()
    return _bytes(content) if isinstance(content, str | bytes | bytearray | memoryview) else content


def _bytes(value: str | bytes | bytearray | memoryview) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)
