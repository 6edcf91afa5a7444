"""The mock with no port: connections to its address end in this process, as `Socket`.

    with Loopback(Service()) as mock:
        requests.post(f"{mock.url}/models/chat/completions", ...)

What clients do above the socket stays theirs: requests, urllib3, http.client, azure-core's own transport and
azure-identity write HTTP/1.1 into it and read HTTP/1.1 out of it. For where nothing may listen: a sandbox, or a page in
a browser (`helpers.page`), in which there are no sockets at all. https to the address is taken without TLS.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, wait
from contextlib import suppress
from email.parser import BytesParser
from email.utils import formatdate
from http.client import responses
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from ..http import BrokenOff, Request, Response
from .asgi import Handler, settled

_open: dict[tuple[str, int], Handler] = {}
_PORTS = {"http": 80, "https": 443}


def service_at(url: str) -> Handler | None:
    """Who answers at an address in this process, if anybody does."""
    parts = urlsplit(url)
    return _open.get((parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)))


class Loopback:
    """An address at which `service` answers between `open` and `close`, in this process alone.

    RuntimeError when another one has the address.
    """

    def __init__(self, service: Handler, url: str = "http://127.0.0.1:8008") -> None:
        self.url = url
        self._service, parts = service, urlsplit(url)
        self._address = (parts.hostname or "", parts.port or _PORTS[parts.scheme])

    def open(self) -> Self:
        if self._address in _open:
            raise RuntimeError(f"{self.url} is open already")
        if not _open:
            _install()
        _open[self._address] = self._service
        return self

    def close(self) -> None:
        """The address refuses connections again. Calling it again does nothing."""
        if _open.pop(self._address, None) and not _open:
            _uninstall()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *args: object) -> None:
        self.close()


class Socket:
    """A connection to `service`: it takes one HTTP/1.1 request after the other and gives the answers.

    It has of a socket what http.client and urllib3 use. A read waits as long as the answer takes, or the time-out.
    """

    def __init__(self, service: Handler, timeout: float | None = None) -> None:
        self._service, self._timeout = service, timeout
        self._sent, self._answer = bytearray(), None

    def sendall(self, data: Any, flags: int = 0) -> None:
        self._sent += data

    def settimeout(self, seconds: float | None) -> None:
        self._timeout = seconds

    def gettimeout(self) -> float | None:
        return self._timeout

    def setsockopt(self, *args: Any) -> None:
        """Nothing to set."""

    def shutdown(self, how: int) -> None:
        self.close()

    def close(self) -> None:
        if self._answer is not None:
            self._answer.close()

    def makefile(self, mode: str = "rb", buffering: int | None = None, **kwargs: Any) -> io.BufferedReader:
        """What the next answer is read from; a connection that is kept has one for each."""
        self._answer = _pieces(self._service, parse(bytes(self._sent)), self.patience)
        self._sent.clear()
        return io.BufferedReader(_Reader(self._answer))

    def patience(self) -> float | None:
        return self._timeout


class _Reader(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._left or next(self._pieces, b"")
        taken, self._left = piece[: len(buffer)], piece[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


def _pieces(service: Handler, request: Request, patience: Callable[[], float | None]) -> Generator[bytes, None, None]:
    """The bytes of an answer, each after its wait. They end early where a connection would break."""
    result = settled(service, request, lambda ready: in_time(ready, patience()))
    pause(result.delay, patience())
    if result.drop:
        return
    if result.events is None:
        yield _head(result, str(len(result.body) + result.abort)) + (b"" if request.method == "HEAD" else result.body)
        return
    yield _head(result)
    with suppress(BrokenOff):
        for event in result.events:
            pause(event.delay, patience())
            if event.until is not None:
                in_time(event.until, patience())
            else:
                yield b"%x\r\n%b\r\n" % (len(event.data), event.data)
        if not result.abort:
            yield b"0\r\n\r\n"


def pause(seconds: float, patience: float | None) -> None:
    """Wait, but not longer than the client is willing to: then TimeoutError."""
    if patience is not None and seconds > patience:
        time.sleep(patience)
        raise TimeoutError("timed out")
    if seconds > 0:
        time.sleep(seconds)


def in_time(ready: Future[None], patience: float | None) -> None:
    """Wait for what somebody else has to do, with the same patience."""
    if not wait([ready], patience).done:
        raise TimeoutError("timed out")


def parse(data: bytes) -> Request:
    """A request as it is on the wire."""
    head, _, body = data.partition(b"\r\n\r\n")
    line, _, rest = head.partition(b"\r\n")
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers = {name.lower(): value for name, value in BytesParser().parsebytes(rest + b"\r\n\r\n").items()}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = _joined(body)
    return request_of(method, target, headers, body, f"http://{headers.get('host', '')}")


def request_of(method: str, target: str, headers: dict[str, str], body: bytes, origin: str) -> Request:
    """A request for the service; `target` is path and query as they are sent."""
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Request(method.upper(), unquote(parts.path) or "/", query, headers, body, origin)


def _joined(chunks: bytes) -> bytes:
    """A body that was sent in chunks."""
    whole = bytearray()
    while chunks:
        size, _, chunks = chunks.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        whole += chunks[:length]
        chunks = chunks[length + 2 :]
    return bytes(whole)


def _head(result: Response, length: str = "") -> bytes:
    """Status line and headers: with a length, or of a body in chunks."""
    framing = {"content-length": length} if length else {"transfer-encoding": "chunked"}
    headers = {"date": formatdate(usegmt=True), **framing, **result.headers}
    lines = [f"HTTP/1.1 {result.status} {responses.get(result.status, '')}"]
    lines += (f"{name}: {value}" for name, value in headers.items())
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


# --- what connects ---

_before: dict[tuple[Any, str], Any] = {}  # what was there, by where it was


def _replace(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    _before[owner, name] = original = getattr(owner, name)
    setattr(owner, name, make(original))


def _install() -> None:
    import urllib3.connection
    import urllib3.util.connection

    _replace(socket, "create_connection", _connecting)
    _replace(urllib3.util.connection, "create_connection", _connecting)
    _replace(urllib3.connection, "wait_for_read", _looking)
    _replace(urllib3.connection.HTTPSConnection, "connect", _trusting)


def _uninstall() -> None:
    while _before:
        (owner, name), original = _before.popitem()
        setattr(owner, name, original)


def _connecting(original: Callable[..., Any]) -> Callable[..., Any]:
    def create_connection(address: tuple[str, int], timeout: Any = None, *args: Any, **options: Any) -> Any:
        if service := _open.get((address[0], address[1])):
            return Socket(service, timeout if isinstance(timeout, int | float) else None)
        return original(address, timeout, *args, **options)

    return create_connection


def _looking(original: Callable[..., bool]) -> Callable[..., bool]:
    def wait_for_read(sock: Any, *args: Any, **options: Any) -> bool:
        return not isinstance(sock, Socket) and original(sock, *args, **options)  # nothing comes unasked

    return wait_for_read


def _trusting(original: Callable[..., None]) -> Callable[..., None]:
    def connect(self: Any) -> None:
        if (self.host, self.port) not in _open:
            return original(self)
        self.sock = self._new_conn()
        self.is_verified = True  # nobody can listen in between
        return None

    return connect
