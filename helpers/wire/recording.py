"""Recording the exchanges of calls, as the SDK's hook tells of them, and what a lesson asks about the last ones."""

import re
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from azure.core.rest import AsyncHttpResponse

from .exchange import Exchange, Request, Response

# The HTTP library percent-encodes all but these.
_URL_SIGNS = "!#$%&'()*+,/:;=?@[]~"

_kept: deque[Exchange] = deque(maxlen=50)


def show_wire(response: Any) -> None:
    """Shows the HTTP exchange of a call: `client.complete(..., raw_response_hook=show_wire)`.

    It fires for each attempt of a retried call and before an error is raised. A stream is recorded while it is
    iterated, which holds no delta back, and is shown when it ends or is closed.

    `response`: the `azure.core.pipeline.PipelineResponse` that the SDK gives to its hook.
    """
    sent, http, context = response.http_request, response.http_response, response.context
    before: Exchange | None = context.get(show_wire.__name__)
    if before:
        # An asynchronous stream that was refused and is tried again: the SDK never reads that body.
        before.finish("body not read")
    exchange = Exchange(
        Request(sent.method, quote(sent.url, safe=_URL_SIGNS), _headers(sent.headers), _content(sent.content)),
        Response(http.status_code, _headers(http.headers)),
        attempt=context.get("retry_count", 0) + 1,
        after=before.response.headers.get("retry-after") if before else None,
        streamed=bool(context.options.get("stream", False)),
    )
    context[show_wire.__name__] = exchange
    _kept.append(exchange)
    if not exchange.streamed:
        exchange.response.body = http.content
        exchange.finish("complete")
    elif isinstance(http, AsyncHttpResponse):
        _record_async(http, exchange)
    else:
        _record(http, exchange)
        if http.status_code != HTTPStatus.OK:
            http.read()


def exchanges() -> list[Exchange]:
    """The exchanges that `show_wire` recorded, oldest first; the last 50 are kept."""
    return list(_kept)


def last() -> Exchange:
    """The exchange recorded last. Raises LookupError when there is none."""
    if not _kept:
        raise LookupError("No exchange recorded yet: make a call with raw_response_hook=show_wire first.")
    return _kept[-1]


def curl(exchange: Exchange | None = None) -> None:
    """Prints the `curl` command of an exchange, by default of the last one."""
    print((exchange or last()).curl())


def python(exchange: Exchange | None = None) -> None:
    """Prints the plain Python of an exchange, by default of the last one."""
    print((exchange or last()).python())


def javascript(exchange: Exchange | None = None) -> None:
    """Prints the JavaScript of an exchange, by default of the last one."""
    print((exchange or last()).javascript())


# Recording a stream. `iter_bytes`, `read` and `close` of this one response are wrapped: they are the only doors through
# which the SDK (StreamingChatCompletions, its error handling) touches a streamed response, and they are public API.


class _Tape:
    """Takes down what a reader of a stream is handed. As a context it surrounds the wait for the next block."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange, self.waiting = exchange, False

    def __enter__(self) -> None:
        self.waiting = True

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        self.waiting = False
        if isinstance(error, Exception):
            self.exchange.finish(f"broken off: {type(error).__name__}")

    def events(self, block: bytes | None) -> Iterator[bytes]:
        """Hands a block on event by event; None is the end.

        The SDK asks for more only when all it has was consumed. Given single events, what is recorded is what was
        consumed, however the network cut it; and since the SDK stops asking after `[DONE]`, that is shown as the end
        before it is handed on, when the last delta has been consumed.
        """
        if block is None:
            self.exchange.finish("complete")
            return
        for part in re.split(rb"(?<=\n\n)", block):
            self.exchange.response.body += part
            if self.exchange.response.body.rstrip(b"\n").rpartition(b"\n")[2].startswith(b"data: [DONE]"):
                self.exchange.finish("complete")
            if part:
                yield part

    def closed(self) -> None:
        # A response that closes while a block is awaited closes itself, at its end.
        if not self.waiting:
            self.exchange.finish(f"closed by the client after {self.exchange.counted()}")

    def whole(self, body: bytes) -> bytes:
        """Takes down a body that was read at once."""
        if not self.exchange.ended:
            self.exchange.response.body = body
            self.exchange.finish("complete")
        return body


def _record(http: Any, exchange: Exchange) -> None:
    iter_bytes, read, close, tape = http.iter_bytes, http.read, http.close, _Tape(exchange)

    def recorded(**options: Any) -> Iterator[bytes]:
        blocks, block = iter(iter_bytes(**options)), b""
        while block is not None:
            with tape:
                block = next(blocks, None)
            yield from tape.events(block)

    def reading() -> bytes:
        with tape:
            body = read()
        return tape.whole(body)

    def closing() -> None:
        close()
        tape.closed()

    http.iter_bytes, http.close, http.read = recorded, closing, reading


def _record_async(http: Any, exchange: Exchange) -> None:
    iter_bytes, read, close, tape = http.iter_bytes, http.read, http.close, _Tape(exchange)

    async def recorded(**options: Any) -> AsyncIterator[bytes]:
        blocks, block = aiter(iter_bytes(**options)), b""
        while block is not None:
            with tape:
                block = await anext(blocks, None)
            for part in tape.events(block):
                yield part

    async def reading() -> bytes:
        with tape:
            body = await read()
        return tape.whole(body)

    async def closing() -> None:
        await close()
        tape.closed()

    http.iter_bytes, http.close, http.read = recorded, closing, reading


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in headers.items()}


def _content(content: Any) -> bytes:
    if hasattr(content, "read"):
        content.seek(0)
        content = content.read()
    return content.encode() if isinstance(content, str) else content or b""
