"""The requests to an upstream: one thread of this process reads all of them, whoever waits and however.

The mock's service never waits; its shells do, each in its own way (an event loop, a thread), and a client may leave at
any time. So what reads lives by itself, and hands over what arrives (`Exchange`).

The client is aiohttp: its parser is C, so that a chunk costs a quarter of what it does with httpx (h11), and the course
needs it anyway. Imported when the first request is made.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..jsonio import dumps, loads
from ..masking import MASK
from .exchange import Exchange
from .pieces import Events, Piece, UpstreamError, read, told

if TYPE_CHECKING:
    import aiohttp

VARIABLE = "MODEL_INFERENCE_UPSTREAM"
"""The environment's name for an upstream; with the endings that follow, its model's, its model's for embeddings, and
its key."""

KEY_VARIABLE = f"{VARIABLE}_KEY"

PATIENCE = 120.0
"""Seconds that an upstream may take for the next byte."""

_CONNECT_SECONDS = 10.0
_SAME = (429, 503)  # what the service says as well; everything else that an upstream refuses is a bad gateway
_ERROR_BYTES, _MOST_BYTES = 2**16, 2**26
_LINGER_SECONDS = 1.0
_BURST = 0.001  # seconds


@dataclass(frozen=True)
class Upstream:
    """A server that speaks OpenAI's protocol: `url` is what stands before ``/chat/completions``.

    `model` is the name that it knows its model by, "" for the first that it lists; `embedding_model` the one for
    embeddings, "" for none. `patience` are the seconds that it may take for the next byte, `max_tokens` the most that
    it is asked to write. Raises ValueError for an address that is none.
    """

    url: str
    model: str = ""
    key: str = field(default="", repr=False)
    embedding_model: str = ""
    patience: float = PATIENCE
    max_tokens: int | None = None
    _listed: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"the upstream is {self.url!r}; it must be a URL such as http://127.0.0.1:11434/v1")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError(f"the upstream's address holds more than a path: its key goes into {KEY_VARIABLE}")
        if (path := parts.path.rstrip("/")).endswith("/chat/completions"):
            raise ValueError(f"the upstream's address goes too far: leave out /chat/completions after {path[:-17]!r}")
        if find_spec("aiohttp") is None:
            raise ValueError("an upstream needs one more package: pip install aiohttp")

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Upstream | None:
        """The upstream that an environment names, if it does."""
        names = (VARIABLE, f"{VARIABLE}_MODEL", KEY_VARIABLE, f"{VARIABLE}_EMBEDDING_MODEL")
        url, model, key, embedding_model = (environment.get(name, "").strip() for name in names)
        return cls(url, model, key, embedding_model) if url else None

    def __str__(self) -> str:
        return f"{self.model or 'the first model'} at {urlsplit(self.url).netloc}"

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"the upstream at {urlsplit(self.url).netloc}"

    def chat(self, body: Mapping[str, Any]) -> Exchange[str | Piece]:
        """Ask for a chat completion as a stream; `body` lacks the model."""
        return self._begin(lambda exchange: self._chat(body, exchange))

    def embed(self, body: Mapping[str, Any]) -> Exchange[Any]:
        """Ask for embeddings; what comes is the JSON of the answer."""
        return self._begin(lambda exchange: self._embed(body, exchange))

    # --- on the loop that reads ---

    def _begin(self, work: Callable[[Exchange[Any]], Coroutine[Any, Any, None]]) -> Exchange[Any]:
        exchange: Exchange[Any] = Exchange(self.name)
        loop = _loop()

        def start() -> None:
            exchange.begin(loop.create_task(self._guarded(work, exchange)))

        loop.call_soon_threadsafe(start)
        return exchange

    async def _guarded(self, work: Callable[[Exchange[Any]], Coroutine[Any, Any, None]], to: Exchange[Any]) -> None:
        """Whatever happens, the exchange ends."""
        import aiohttp

        fault: UpstreamError | None = UpstreamError("the mock stopped it")
        try:
            await work(to)
            fault = None
        except UpstreamError as error:
            fault = error
        except TimeoutError:  # aiohttp's are such
            fault = UpstreamError(f"nothing came from it for {self.patience:g} seconds", 504)
        except aiohttp.ClientConnectorError as error:
            fault = UpstreamError(f"it cannot be reached ({error.os_error.strerror or 'no connection'})")
        except aiohttp.ClientError as error:
            fault = UpstreamError(f"the connection to it broke off ({type(error).__name__})")
        finally:
            to.end(fault and self._named(fault))

    def _named(self, fault: UpstreamError) -> UpstreamError:
        """The fault with the upstream's name, and without its key, which a server may repeat."""
        reason = f"{self.name}: {fault}"
        return UpstreamError(reason.replace(self.key, MASK) if self.key else reason, fault.status, fault.wait)

    async def _chat(self, body: Mapping[str, Any], to: Exchange[str | Piece]) -> None:
        asked = {"model": self.model or await self._first_model(), **body, "stream": True}
        async with await self._post("chat/completions", asked) as response:
            events, read_at = Events(), 0.0
            data = await response.content.readany()
            if data.lstrip().startswith(b"{"):  # no stream, although one was asked for
                pieces, events.done = _pieces(data + await _whole(response)), True
            else:
                pieces = events.feed(data)
            while True:
                if _put(pieces, to) or events.done:
                    to.end()
                    return await _let_end(response)
                if not data:
                    raise UpstreamError("its answer broke off before its end")
                await to.room()
                if asyncio.get_running_loop().time() - read_at < _BURST:
                    await asyncio.sleep(_BURST)  # what comes so fast is cheaper by the handful, and nobody sees it
                read_at = asyncio.get_running_loop().time()
                data = await response.content.readany()
                pieces = events.feed(data) if data else events.end()

    async def _embed(self, body: Mapping[str, Any], to: Exchange[Any]) -> None:
        async with await self._post("embeddings", {"model": self.embedding_model, **body}) as response:
            to.put([_json(await _whole(response))])

    async def _first_model(self) -> str:
        if not self._listed:
            async with await self._request("GET", "models") as response:
                listed = _json(await _whole(response))
            try:
                self._listed.append(str(listed["data"][0]["id"]))
            except (KeyError, IndexError, TypeError):
                raise UpstreamError("it lists no model: name one") from None
        return self._listed[0]

    async def _post(self, path: str, body: Mapping[str, Any]) -> aiohttp.ClientResponse:
        import aiohttp

        try:
            return await self._request("POST", path, dumps(body))
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):  # kept open, and closed meanwhile
            return await self._request("POST", path, dumps(body))

    async def _request(self, method: str, path: str, data: bytes | None = None) -> aiohttp.ClientResponse:
        import aiohttp

        headers = {"content-type": "application/json", "accept-encoding": "identity"}
        if self.key:
            headers["authorization"] = f"Bearer {self.key}"
        limits = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=self.patience)
        response = await _session().request(
            method, f"{self.url.rstrip('/')}/{path}", data=data, headers=headers, timeout=limits, allow_redirects=False
        )
        page = response.content_type == "text/html"
        if response.status == 200 and not page:
            return response
        async with response:
            if page:
                raise UpstreamError(f"it answered {response.status} with a page of HTML; is its address right?")
            said = _told(await response.content.read(_ERROR_BYTES))
            status = response.status if response.status in _SAME else 502
            wait = response.headers.get("retry-after", "")
            told = f"it answered {response.status}{f': {said}' if said else ''}"
            raise UpstreamError(told, status, int(wait) if wait.isdecimal() else None)


def _put(pieces: Iterable[str | Piece], to: Exchange[str | Piece]) -> bool:
    """Hand over the pieces of some events; tells whether one of them was the last."""
    arrived: list[str | Piece] = []
    try:
        arrived.extend(pieces)
    finally:  # what came before a fault counts
        to.put(arrived)
    return any(not isinstance(piece, str) and piece.finish for piece in arrived[-2:])


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    """The rest of a body, within bounds."""
    pieces, size = [], 0
    while data := await response.content.readany():
        pieces.append(data)
        size += len(data)
        if size > _MOST_BYTES:
            raise UpstreamError(f"its answer is larger than {_MOST_BYTES} bytes")
    return b"".join(pieces)


async def _let_end(response: aiohttp.ClientResponse) -> None:
    """Read what little follows the end of an answer, so that the connection can be used again."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS):
            while await response.content.readany():
                pass


def _pieces(data: bytes) -> Iterable[str | Piece]:
    """What is in a body that is no stream, or in what looks like none."""
    try:
        value = loads(data)
    except ValueError:
        return Events().feed(data + b"\n\n")
    return [read(value)]


def _json(data: bytes) -> Any:
    try:
        return loads(data)
    except ValueError:
        raise UpstreamError("it sent what is no JSON") from None


def _told(data: bytes) -> str:
    try:
        return told(loads(data))
    except ValueError:
        return " ".join(data.decode(errors="replace").split())[:100]


# --- the thread that reads ---


def _loop() -> asyncio.AbstractEventLoop:
    """The loop on which all upstreams of this process are read, in a thread of its own, until the process ends."""
    with _starting:
        return _started()


_starting = threading.Lock()


@cache
def _started() -> asyncio.AbstractEventLoop:
    try:
        from uvloop import new_event_loop
    except ImportError:
        new_event_loop = asyncio.new_event_loop
    loop = new_event_loop()
    threading.Thread(target=loop.run_forever, name="mock-upstream", daemon=True).start()
    atexit.register(_stop)
    return loop


@cache
def _session() -> aiohttp.ClientSession:
    """The connections of all upstreams; to be called on the loop."""
    import aiohttp

    # No proxy and no .netrc: the address is the operator's, and nothing but its own key goes there.
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), trust_env=False)


def _stop() -> None:
    loop = _loop()

    async def stop() -> None:
        if _session.cache_info().currsize:
            await _session().close()
        loop.call_soon(loop.stop)

    with suppress(TimeoutError):
        asyncio.run_coroutine_threadsafe(stop(), loop).result(2)
