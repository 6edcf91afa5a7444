"""The HTTP exchange beside the call: what went over the wire, and the same call in curl, Python and JavaScript.

    client.complete(messages=[...], raw_response_hook=show_wire)

That one keyword shows the request and the response of the call, each attempt of a retried call, and the events of a
stream once it has ended. What is shown can be published and compared: key, token and endpoint are replaced by the names
of their variables, headers that differ from run to run say `(varies)`, and long base64 is cut. The recorded bytes
themselves stay whole: `last().response.body`.
"""

import json
import os
import re
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from azure.core.rest import AsyncHttpResponse

from ..display import details, heading, in_notebook, phrase, preformatted, present
from . import twins
from .layout import cut
from .masking import ROUTE, Mask, in_shell
from .twins import Recipe

# The HTTP library percent-encodes all but these.
_URL_SIGNS = "!#$%&'()*+,/:;=?@[]~"
_EVENT_LIMIT = 600

_kept: deque["Exchange"] = deque(maxlen=50)


@dataclass
class Request:
    """A request as the SDK hands it to its HTTP library, which adds no more than connection headers to it."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Response:
    """A response; `body` holds what has been read so far, decompressed."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


@dataclass(repr=False)
class Exchange:
    """One attempt of one call. `str(exchange)` is what the terminal shows, `_repr_html_` what the notebook shows.

    `attempt` counts from 1; `after` is the Retry-After value (seconds or HTTP date) that the attempt before was given;
    `ended` says how the response ended and is empty while a stream is still being read.
    """

    request: Request
    response: Response
    attempt: int = 1
    after: str | None = None
    streamed: bool = False
    ended: str = ""

    @property
    def _mask(self) -> Mask:
        return Mask.of(self.request.url, self.request.headers)

    @property
    def events(self) -> list[str]:
        """The complete server-sent events received so far, each as its own text, such as `data: [DONE]`."""
        if not self.streamed or self.response.status != HTTPStatus.OK:
            return []
        text = self.response.body.decode("utf-8", "replace")
        *whole, rest = re.split(r"\r?\n\r?\n", text)
        return [event.strip() for event in ([*whole, rest] if self.ended == "complete" else whole) if event.strip()]

    @property
    def summary(self) -> str:
        """One line, such as `POST /chat/completions → 200, 19 + 72 tokens`."""
        route = ROUTE.search(urlsplit(self.request.url).path)
        path = f"/{route[1]}" if route else self._mask(self.request.url.partition("?")[0])
        status = self.response.status
        named = status if status == HTTPStatus.OK else f"{status} {phrase(status)}"
        parts = [f"{self.request.method} {path} → {named}"]
        if self.events:
            parts.append(self._counted())
        if self._state:
            parts.append(self._state)
        if tokens := self._tokens():
            parts.append(tokens)
        retried = self.attempt > 1 or "retry-after" in self.response.headers or status in (500, 503, 504)
        after = f" after Retry-After: {self.after}" if self.after else ""
        return (f"attempt {self.attempt}{after}: " if retried else "") + ", ".join(parts)

    def save_body(self, path: str | os.PathLike[str]) -> None:
        """Writes the request's body to a file, byte for byte as it was sent."""
        Path(path).write_bytes(self.request.body)

    @property
    def _recipe(self) -> Recipe:
        request = self.request
        return Recipe.of(request.method, request.url, request.headers, request.body, self.streamed)

    def curl(self) -> str:
        """A `curl` command for a POSIX shell that sends the same request again.

        It needs the variables `AZURE_INFERENCE_ENDPOINT` and `AZURE_INFERENCE_CREDENTIAL` (with Entra ID: `TOKEN`).
        A picture or sound of the lessons is read from its file, other long base64 from `request.json`, which
        `save_body("request.json")` writes; a comment above the command says so.
        """
        return twins.curl(self._recipe)

    def python(self) -> str:
        """A Python program that sends the same request again with `requests`; it needs what `curl()` needs."""
        return twins.python(self._recipe)

    def javascript(self) -> str:
        """An ES module that sends the same request again with `fetch`; it needs what `curl()` needs."""
        return twins.javascript(self._recipe)

    def __str__(self) -> str:
        return "\n\n".join([self.summary, *self._messages().values()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        shown = "".join(heading(name) + preformatted(text) for name, text in self._messages().items())
        recipe = self._recipe
        folded = "".join(details(summary, preformatted(write(recipe))) for summary, write in twins.TWINS.items())
        return details(self.summary, shown + folded)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self._repr_html_()}

    def _messages(self) -> dict[str, str]:
        request, response, mask = self.request, self.response, self._mask
        body = self._shown_events() if self.events else mask.body(response.body)
        if self._state:
            body = f"{body}\n\n({self._state})".lstrip()

        def message(first: str, headers: Mapping[str, str], body: str) -> str:
            lines = [first]
            lines += [f"{name}: {in_shell(mask.header(name, value))}" for name, value in sorted(headers.items())]
            return "\n".join([*lines, "", body] if body else lines)

        return {
            "Request": message(f"{request.method} {mask(request.url)}", request.headers, mask.body(request.body)),
            "Response": message(f"{response.status} {phrase(response.status)}", response.headers, body),
        }

    def _shown_events(self) -> str:
        shown = [cut(self._mask(event), _EVENT_LIMIT) for event in self.events]
        if len(shown) > 6:
            shown[3:-2] = [f"… {len(shown) - 5:,} more …"]
        return "\n\n".join(shown)

    @property
    def _state(self) -> str:
        return "" if self.ended == "complete" else self.ended or "still being read"

    def _counted(self) -> str:
        count = len(self.events)
        return f"{count:,} event{'' if count == 1 else 's'}"

    def _tokens(self) -> str:
        bodies = [event.removeprefix("data: ") for event in reversed(self.events)] or [self.response.body]
        for body in bodies:
            with suppress(ValueError, AttributeError):
                if usage := json.loads(body).get("usage"):
                    counts = [usage.get("prompt_tokens"), usage.get("completion_tokens")]
                    return " + ".join(f"{count}" for count in counts if count is not None) + " tokens"
        return ""

    def _finish(self, how: str) -> None:
        if not self.ended:
            self.ended = how
            if self.streamed and not in_notebook():
                print()  # ends the line of the text that was streamed
            present(self)


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
        before._finish("body not read")
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
        exchange._finish("complete")
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
            self.exchange._finish(f"broken off: {type(error).__name__}")

    def events(self, block: bytes | None) -> Iterator[bytes]:
        """Hands a block on event by event; None is the end.

        The SDK asks for more only when all it has was consumed. Given single events, what is recorded is what was
        consumed, however the network cut it; and since the SDK stops asking after `[DONE]`, that is shown as the end
        before it is handed on, when the last delta has been consumed.
        """
        if block is None:
            self.exchange._finish("complete")
            return
        for part in re.split(rb"(?<=\n\n)", block):
            self.exchange.response.body += part
            if self.exchange.response.body.rstrip(b"\n").rpartition(b"\n")[2].startswith(b"data: [DONE]"):
                self.exchange._finish("complete")
            if part:
                yield part

    def closed(self) -> None:
        # A response that closes while a block is awaited closes itself, at its end.
        if not self.waiting:
            self.exchange._finish(f"closed by the client after {self.exchange._counted()}")

    def whole(self, body: bytes) -> bytes:
        """Takes down a body that was read at once."""
        if not self.exchange.ended:
            self.exchange.response.body = body
            self.exchange._finish("complete")
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
