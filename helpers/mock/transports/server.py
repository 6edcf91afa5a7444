"""The mock behind HTTP and HTTPS, in a thread of this process: a notebook's endpoint, or a test's.

One uvicorn server a socket, all on one event loop. The sockets listen before the thread starts, so there is no moment
at which the address is known and refuses to be called.
"""

from __future__ import annotations

import asyncio
import atexit
import ipaddress
import re
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from ..errors import ApiError, render
from ..gateway.identity import IDENTITY_PATH
from ..http import Response
from .asgi import CLOSE, MAX_BODY, Application, Handler, Shell

if TYPE_CHECKING:
    from .tls import Authority

_STOP_SECONDS = 5.0
_TICK_SECONDS = 0.1  # uvicorn's
_CLOSING = 50  # looks in a tick, at connections that are closing
_OFFER = re.compile(rb"\r\nupgrade:(?=[ \t]*h2c)", re.IGNORECASE)
_EVERYWHERE = ("", "0.0.0.0", "::")
_OUTSIDE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}  # of nobody: RFC 5737 and 3849
_SIOCGIFADDR = 0x8915  # Linux's question for an interface's address: linux/sockios.h

SETTINGS: dict[str, Any] = {
    "interface": "asgi3",
    "workers": 1,  # not what WEB_CONCURRENCY says
    "ws": "none",
    "lifespan": "off",
    "log_config": None,
    "log_level": "critical",  # dropping a connection on purpose is no error here
    "access_log": False,
    "proxy_headers": False,
    "server_header": False,
    "backlog": 512,
    "limit_concurrency": 4_000,  # connections; one more is answered 503. The system's limit of open files may be lower
    "h11_max_incomplete_event_size": 65_536,  # bytes of a request's head, where h11 parses (see _MAX_HEAD)
    "timeout_keep_alive": 600,  # a reader thinks between two cells; a POST on a lost connection is not repeated
    "timeout_graceful_shutdown": 0,
}
"""What uvicorn is told, whatever the socket (`uvicorn.Config`). The benchmark's floor runs under the same."""

READ_SECONDS = 20.0
"""How long a request may take to arrive: its head altogether, its body for each `_LEAST` bytes of it."""

_LEAST = 16_384
_LINGER_SECONDS = 2.0
_MAX_HEAD = 65_536  # bytes of a request line and its headers: uvicorn bounds them for h11 only


class MockServer:
    """Serve `service` until `stop()`, the end of the `with` block or the end of the process.

    `port` 0 takes a free one. With `tls` the same service answers https as well, on `tls_port`, under a certificate
    of `authority`: True makes one for this process, an `Authority` is used as it is. `host` is the address to bind:
    the loopback unless told otherwise. The certificate is made out to the loopback, to `host`, which stands for all of
    this machine's addresses when it is 0.0.0.0 or ::, and to `names`. A request longer than `max_body` bytes is
    refused; one that has not arrived after `read_seconds` is refused as well, and its connection closed (see
    READ_SECONDS).

    ``MockServer(service).start().url`` is the http address without a path, ``https_url`` the other one,
    ``identity_endpoint`` the value for IDENTITY_ENDPOINT.
    """

    def __init__(
        self,
        service: Handler,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        tls: bool | Authority = False,
        tls_port: int = 0,
        names: Sequence[str] = (),
        max_body: int = MAX_BODY,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._app = Shell(service, max_body=max_body)
        self._host, self._port, self._tls_port = host, port, tls_port
        self._read_seconds = read_seconds
        self._tls = tls
        self._names = tuple(names)
        self._authority: Authority | None = None
        self._context: ssl.SSLContext | None = None
        self._sockets: list[socket.socket] = []
        self._servers: list[_Server] = []
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        self._addresses: list[str] = []
        self._shared: list[str] = []

    def start(self) -> Self:
        """Return once every address answers.

        OSError when one cannot be had, ValueError for a name that is none, RuntimeError when already started.
        """
        if self._thread is not None:
            raise RuntimeError("the server has been started already")
        self._sockets = [_listen(self._host, self._port)]
        names = (*self._names, *_reached_as(self._host, self._sockets[0].family))
        try:
            if self._tls:
                self._sockets.append(_listen(self._host, self._tls_port))
                self._authority = _authority(self._tls)
                self._context = self._authority.context(*names)
        except BaseException:
            self._close_sockets()
            raise
        schemes = ("http", "https")[: len(self._sockets)]
        self._addresses, self._shared = (
            [_address(scheme, host, sock) for scheme, sock in zip(schemes, self._sockets, strict=True)]
            for host in (self._host, (*names, self._host)[0])
        )
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready.set,), name="mock-server", daemon=True)
        self._thread.start()
        ready.wait()
        if self._failure is not None:
            self._thread = None
            raise RuntimeError("the server could not start") from self._failure
        atexit.register(self.stop)
        return self

    def stop(self) -> None:
        """Stop listening, cut what is still being sent, and wait for the thread. Calling it again does nothing."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        atexit.unregister(self.stop)
        for server in self._servers:
            server.stop()
        thread.join(_STOP_SECONDS)

    @property
    def running(self) -> bool:
        """Whether the server answers."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def url(self) -> str:
        """The http address, for example ``http://127.0.0.1:8008``; RuntimeError before `start()`."""
        return self._address_at(0, "the server has not been started")

    @property
    def https_url(self) -> str:
        """The https address; RuntimeError before `start()` or without `tls`."""
        return self._address_at(1, "the server has not been started with tls")

    @property
    def identity_endpoint(self) -> str:
        """What IDENTITY_ENDPOINT must hold for a managed-identity credential to find the mock's issuer."""
        return self.url + IDENTITY_PATH

    @property
    def shared_urls(self) -> tuple[str, ...]:
        """What other machines call, http and then https: by the first of `names`, else by what `host` stands for."""
        return tuple(self._shared)

    @property
    def authority(self) -> Authority:
        """The certificate authority in use, with the files by which a client trusts it; RuntimeError without `tls`."""
        if self._authority is None:
            raise RuntimeError("the server has not been started with tls")
        return self._authority

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _address_at(self, index: int, otherwise: str) -> str:
        if index >= len(self._addresses):
            raise RuntimeError(otherwise)
        return self._addresses[index]

    def _run(self, ready: Callable[[], None]) -> None:
        try:
            self._servers = [_Server(_config(self._app), self._read_seconds)]
            if self._context is not None:
                self._servers.append(_Server(_config(self._app, self._context), self._read_seconds))
            with asyncio.Runner(loop_factory=self._servers[0].config.get_loop_factory()) as runner:
                runner.run(self._serve(ready))
        except BaseException as failure:  # handed to start(), which waits in the other thread
            self._failure = failure
        finally:
            self._close_sockets()
            ready()

    async def _serve(self, ready: Callable[[], None]) -> None:
        async with asyncio.TaskGroup() as group:
            for server, sock in zip(self._servers, self._sockets, strict=True):
                group.create_task(server.serve(sockets=[sock]))
            for server in self._servers:
                await server.listening.wait()
            ready()

    def _close_sockets(self) -> None:
        for sock in self._sockets:
            sock.close()


class _Connection(AutoHTTPProtocol):
    """A connection that refuses, in the service's form, what uvicorn would wait for or read without bounds.

    A request that arrives in one piece, as most do, is answered from here, without a task and the messages of ASGI.
    Its application can close it before it has answered: by the function `CLOSE` of its state.
    """

    # What the parsers of uvicorn have in common; which of them is below is known only when it runs.
    app_state: dict[str, Any]
    cycle: Any
    headers: list[tuple[bytes, bytes]]
    transport: asyncio.Transport
    timeout_keep_alive_task: asyncio.TimerHandle | None
    flow: Any
    server_state: Any
    url: bytes
    loop: asyncio.AbstractEventLoop
    scope: Any
    pipeline: Sequence[Any] = ()

    _received = _head = _arriving = 0  # bytes: in all, of a head that is not complete, of the piece being parsed
    _too_large = _refused = _parsing = False
    _begun: tuple[Any, Any] | None = None  # a request that began in the piece being parsed, and what answers it
    _waiting_for: object = None  # the request that was unfinished when `check` last looked, and since when
    _since = 0.0
    _mark = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(transport)
        self.app_state = {**self.app_state, CLOSE: transport.close}

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:  # uvicorn leaves it after a reset, and with it all of this
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._arriving = len(data)
        self._received += self._arriving
        before = self.cycle
        if b"h2c" in data and self._between(before):
            # Java's client offers HTTP/2 with every request; httptools would read no body behind the offer (RFC 7540,
            # 3.2: a server that does not take it answers as if it were not there).
            head, end, rest = data.partition(b"\r\n\r\n")
            data = _OFFER.sub(b"\r\nx-offer:", head) + end + rest
        self._parsing = True
        super().data_received(data)
        self._parsing = False
        if self._begun:
            (cycle, app), self._begun = self._begun, None
            self._start_asgi_task(cycle, app)
        if self.cycle is not before or not self._between(before):
            self._head = 0
            return
        self._head += self._arriving
        if self._head > _MAX_HEAD:
            self._refuse("head_too_large", limit=_MAX_HEAD)

    def on_headers_complete(self) -> None:
        # Seldom is so much there with the end of a head; only then is it worth to look how much of it is the head.
        if self._head + self._arriving > _MAX_HEAD and self._head_size() > _MAX_HEAD:
            self._too_large = True
            raise ValueError  # ends the parsing, on which uvicorn sends its 400
        super().on_headers_complete()  # pyright: ignore[reportAttributeAccessIssue]  # httptools has it, and it alone calls it

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        if self._parsing:
            self._begun = cycle, app
            return
        arrived = isinstance(app, Shell) and not (
            cycle.more_body or cycle.waiting_for_100_continue or self.flow.write_paused or self.transport.is_closing()
        )
        # Of requests sent ahead only the last: each answer begins the next, and that many calls in one another fail.
        found = app.at_once(cycle.scope, bytes(cycle.body)) if arrived and cycle is self.cycle else None
        if found and self._write(cycle, found[0]):
            return
        app = found[1] if found else app
        super()._start_asgi_task(cycle, app)  # pyright: ignore[reportAttributeAccessIssue]  # as above

    def _write(self, cycle: Any, response: Response) -> bool:
        """Send an answer as uvicorn sends it, but in one piece; False where that is to do it, to the same effect."""
        fields, length = response.headers, str(len(response.body))
        if not response.whole or cycle.scope["method"] == "HEAD" or "connection" in fields:
            return False
        if fields.setdefault("content-length", length) != length or not "".join(fields.values()).isprintable():
            return False
        head = [_status_line(response.status), *(b"%b: %b\r\n" % field for field in self.server_state.default_headers)]
        close = b"" if cycle.keep_alive else b"connection: close\r\n"
        self.transport.write(b"".join((*head, _lines(fields), close, b"\r\n", response.body)))
        cycle.response_started = cycle.response_complete = True
        cycle.on_response = _nothing  # as uvicorn: else connection and cycle hold each other
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()  # pyright: ignore[reportAttributeAccessIssue]
        return True

    def send_400_response(self, msg: str) -> None:
        if self._too_large:
            self._refuse("head_too_large", limit=_MAX_HEAD)
        else:
            self._refuse("not_http")

    def check(self, now: float, seconds: float) -> None:
        """Refuse a request that has been arriving for too long; called now and then for every connection."""
        cycle = self.cycle
        head = self._between(cycle)
        arriving = head or (cycle.more_body and not cycle.response_complete)
        if not arriving or self.pipeline:  # a request sent before the one before it was answered is read later
            self._waiting_for = None
            return
        waiting_for = (cycle, head)
        if self._waiting_for != waiting_for or (not head and self._received - self._mark >= _LEAST):
            self._waiting_for, self._since, self._mark = waiting_for, now, self._received
        elif now - self._since >= seconds:
            if self._received:
                self._refuse("request_unfinished", seconds=f"{seconds:g}")
            else:
                self.transport.close()  # never sent a byte: there is nobody to tell

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _between(self, cycle: Any) -> bool:
        """Whether the next to come is a head: after a connection was made, or while one is half there."""
        if cycle is None:
            return True
        begun = self.timeout_keep_alive_task is None or self.scope is not cycle.scope
        return begun and cycle.response_complete

    def _refuse(self, kind: str, **values: Any) -> None:
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        response = render(ApiError(kind, **values))
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            fields = {**response.headers, "content-length": str(len(response.body)), "connection": "close"}
            self.transport.write(b"%b%b\r\n%b" % (_status_line(response.status), _lines(fields), response.body))
        if not self.transport.can_write_eof():
            self.transport.close()
            return
        # What still comes is thrown away for a moment: closing under a client that sends would reset the connection,
        # and with it the answer.
        self.transport.write_eof()
        self.loop.call_later(_LINGER_SECONDS, self.transport.close)


@cache
def _status_line(status: int) -> bytes:
    try:
        return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
    except ValueError:
        return f"HTTP/1.1 {status} \r\n".encode()


def _lines(fields: Mapping[str, str]) -> bytes:
    return "".join([f"{name}: {value}\r\n" for name, value in fields.items()]).encode("latin-1", "replace")


def _nothing() -> None:
    pass


class _Server(uvicorn.Server):
    """A server that says when it listens, looks after requests that do not arrive, and stops at once."""

    def __init__(self, config: uvicorn.Config, read_seconds: float) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self._stopped = asyncio.Event()
        self._read_seconds = read_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self.listening.set()

    def stop(self) -> None:
        """End, from any thread."""
        self.should_exit = True
        with suppress(RuntimeError):  # the loop is closed: the server has ended
            self._loop.call_soon_threadsafe(self._stopped.set)

    async def main_loop(self) -> None:
        counter = 0
        while not await self.on_tick(counter):
            counter = (counter + 1) % 864_000  # as uvicorn counts: a day
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), _TICK_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, which always waits; here only a connection that has not closed yet is waited for."""
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for _ in range(_CLOSING):
            if self.server_state.connections:
                await asyncio.sleep(_TICK_SECONDS / _CLOSING)
        for task in self.server_state.tasks:
            task.cancel()

    async def on_tick(self, counter: int) -> bool:
        # Called ten times a second; every second is soon enough, for a test's short time every time.
        if counter % 10 == 0 or self._read_seconds < 1:
            now = time.monotonic()
            for connection in list(self.server_state.connections):
                if isinstance(connection, _Connection):
                    connection.check(now, self._read_seconds)
        return await super().on_tick(counter)


def _config(app: Application, context: ssl.SSLContext | None = None) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # pyright: ignore[reportArgumentType]  # uvicorn types each ASGI message, the application takes any
        http=_Connection,
        ssl_context_factory=None if context is None else lambda config, default: context,
        **SETTINGS,
    )


def _listen(host: str, port: int) -> socket.socket:
    name = host.encode() if host.isascii() else host  # bytes need no codec for international names, which takes long
    found = socket.getaddrinfo(name or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    sock = socket.create_server(address[:2], family=family, backlog=SETTINGS["backlog"])  # pyright: ignore[reportArgumentType]
    # Accepted connections inherit it: an event leaves when it is written, however small.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def own_addresses(family: int = socket.AF_INET) -> tuple[str, ...]:
    """This machine's addresses of a family for other machines, the one on the way out first. Nothing is sent."""
    found: list[str] = []
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect((_OUTSIDE[socket.AddressFamily(family)], 9))  # chooses an interface, and no more than that
        found.append(sock.getsockname()[0])
    if family == socket.AF_INET:
        found += _of_interfaces()
    with suppress(OSError, UnicodeError):
        found += [str(address[0]) for *_, address in socket.getaddrinfo(socket.gethostname(), None, family)]
    usable = (ipaddress.ip_address(address) for address in found)
    return tuple(
        dict.fromkeys(str(ip) for ip in usable if not (ip.is_loopback or (ip.version == 6 and ip.is_link_local)))
    )


def _of_interfaces() -> Iterator[str]:
    """The IPv4 address of each network interface, where the system tells it: a room's own net may have no way out."""
    if sys.platform != "linux":
        return
    import fcntl  # here, because elsewhere there is none or it asks otherwise

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _, name in socket.if_nameindex():
            with suppress(OSError):  # an interface without an address
                answer = fcntl.ioctl(sock, _SIOCGIFADDR, name.encode().ljust(256, b"\0"))
                yield socket.inet_ntoa(answer[20:24])


def _reached_as(host: str, family: int) -> tuple[str, ...]:
    return own_addresses(family) if host in _EVERYWHERE else (host,)


def _address(scheme: str, host: str, sock: socket.socket) -> str:
    port = sock.getsockname()[1]
    if host in _EVERYWHERE:
        # Every interface has the loopback among them, and that can be called as it is written.
        host = "::1" if sock.family == socket.AF_INET6 else "127.0.0.1"
    try:
        literal = f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        literal = host
    return f"{scheme}://{literal}:{port}"


def _authority(tls: bool | Authority) -> Authority:
    from .tls import Authority, authority  # cryptography takes longer to import than everything else together

    return tls if isinstance(tls, Authority) else authority()
