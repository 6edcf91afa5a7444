"""Which endpoint is this? Yours, or the mock, which is started here when there is no other.

The lessons' own code reads `os.environ["AZURE_INFERENCE_ENDPOINT"]` and `os.environ["AZURE_INFERENCE_CREDENTIAL"]`
exactly as a program of yours would; `connect` sees to it that both are there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from . import page
from .display import kernel, shell_of
from .exercises.watching import by_reader, follow, together
from .media import MEDIA_FOLDER

if TYPE_CHECKING:
    from .mock.service import Service

ENDPOINT, CREDENTIAL = "AZURE_INFERENCE_ENDPOINT", "AZURE_INFERENCE_CREDENTIAL"
# The names of endpoint and key belong together: a key is only ever sent to the endpoint of its own pair.
PAIRS = ((ENDPOINT, CREDENTIAL), ("AZUREAI_ENDPOINT_URL", "AZUREAI_ENDPOINT_KEY"))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the lesson's calls go.

    `url` is the endpoint, `is_mock` whether it is the bundled mock, `has_key` whether a key goes with it (without one
    the endpoint wants Entra ID), `written_by` the model behind the mock that writes its answers, if there is one.
    The methods give the model or version to use here: the lesson's own on the mock, and on an endpoint of yours the one
    that the environment variable names, if it is set.
    """

    url: str
    is_mock: bool
    has_key: bool
    written_by: str = ""

    def model(self, default: str) -> str:
        """The chat model: AZURE_INFERENCE_MODEL, else `default`."""
        return self._choose("AZURE_INFERENCE_MODEL", default)

    def vision_model(self, default: str) -> str:
        """The model that sees: AZURE_INFERENCE_VISION_MODEL, else `default`."""
        return self._choose("AZURE_INFERENCE_VISION_MODEL", default)

    def audio_model(self, default: str) -> str:
        """The model that hears: AZURE_INFERENCE_AUDIO_MODEL, else `default`."""
        return self._choose("AZURE_INFERENCE_AUDIO_MODEL", default)

    def embedding_model(self, default: str) -> str:
        """The model for embeddings: AZURE_INFERENCE_EMBEDDING_MODEL, else `default`."""
        return self._choose("AZURE_INFERENCE_EMBEDDING_MODEL", default)

    def api_version(self, default: str) -> str:
        """The api-version: AZURE_INFERENCE_API_VERSION, else `default`."""
        return self._choose("AZURE_INFERENCE_API_VERSION", default)

    def openai_base_url(self, given: str | None = None) -> str:
        """Where the openai package finds the same models: `given`, else what follows from `url`.

        A resource's `/models` and its `/openai/deployments/NAME` have `/openai/v1` beside them. Any other address is
        taken for a server that speaks OpenAI's protocol as it is, such as a proxy or a local one.
        """
        beside = re.fullmatch(r"(.+?)(/models|/openai/deployments/[^/]+)", self.url.partition("?")[0].rstrip("/"))
        return (given or (f"{beside[1]}/openai/v1" if beside else self.url)).rstrip("/")

    def _choose(self, name: str, default: str) -> str:
        return default if self.is_mock else os.environ.get(name) or default

    def __str__(self) -> str:
        if self.written_by:
            return f"Endpoint: the bundled mock, whose answers are written by {self.written_by}"
        if self.is_mock:
            return "Endpoint: the bundled mock (offline, free, the same answers for everybody)"
        how = "no key: make the client with DefaultAzureCredential(), as lesson 01 shows"
        if self.has_key:
            how = "with your key"
        return f"Endpoint: {urlsplit(self.url).hostname}, {how}"


_own: dict[str, Service] = {}  # the addresses at which the mock of this process answers
_EVERYWHERE = "*"  # in NO_PROXY: no proxy for any host
_lifted: set[str] = set()  # the variables to which that was added here
_FIRST = 0.4  # seconds to the first token, where the mock takes its time
_wanted: float = 0  # tokens a second; 0 for at once


def connect(endpoint: str | None = None, *, entra: bool = False, pace: float = 0) -> Endpoint:
    """Decide which endpoint the lesson talks to, set the environment variables for it, and say which it is.

    `endpoint` is a URL; None means: what the environment names (AZURE_INFERENCE_ENDPOINT, or the older
    AZUREAI_ENDPOINT_URL), else the mock, which is then started inside this process. Calling it again changes nothing.

    `entra=True` makes the mock a place where `DefaultAzureCredential()` works: https under a certificate authority of
    its own (REQUESTS_CA_BUNDLE, SSL_CERT_FILE) and a managed identity (IDENTITY_ENDPOINT, IDENTITY_HEADER). A later
    call without it names the http address of the same mock again. On your own endpoint it changes nothing.

    `pace` makes the mock take its time, as a model does: so many tokens a second, after a moment of thinking. It does
    that where somebody watches, in cells that a reader runs one by one; Run All and programs are not kept waiting.

    On the mock no client uses a proxy, whatever HTTP_PROXY or ALL_PROXY say.

    The mock answers by itself, or lets a model of yours write: that of the server at MODEL_INFERENCE_UPSTREAM
    (http://127.0.0.1:11434/v1, say), called MODEL_INFERENCE_UPSTREAM_MODEL there, with the key that is in
    MODEL_INFERENCE_UPSTREAM_KEY if it wants one.

    Raises ValueError when `endpoint` is no http or https URL, or MODEL_INFERENCE_UPSTREAM none, and OSError for one of
    yours in a page of a browser, which has the mock alone.
    """
    url, key = _named(endpoint, os.environ)
    if url is None or _is_own_mock(url):
        here = _use_mock(url, entra)
    else:
        if not url.startswith(("https://", "http://")) or not urlsplit(url).hostname:
            wrong = f"The endpoint is {url!r}; it must be a URL such as https://NAME.services.ai.azure.com/models."
            if endpoint is None:
                name = next(name for name, _ in PAIRS if os.environ.get(name))
                wrong += f" The variable {name} says so; without it the lesson has the mock."
            raise ValueError(wrong)
        if page.HERE:
            raise OSError(page.NO_ENDPOINT)
        os.environ[ENDPOINT] = url
        if key:
            os.environ[CREDENTIAL] = key
        else:
            os.environ.pop(CREDENTIAL, None)
        here = Endpoint(url, is_mock=False, has_key=bool(key))
    _bypass_proxies(everywhere=here.is_mock)
    follow()
    _take_time(pace)
    print(here)
    return here


def _named(endpoint: str | None, environment: Mapping[str, str]) -> tuple[str | None, str | None]:
    """The endpoint that was asked for and the key that belongs to it; a key for another endpoint is left alone."""
    named = [(environment.get(url) or None, environment.get(key) or None) for url, key in PAIRS]
    if endpoint is None:
        return next(((url, key) for url, key in named if url), (None, None))
    for url, key in named:
        if key and (url is None or url.rstrip("/") == endpoint.rstrip("/")):
            return endpoint, key
    return endpoint, None


def _is_own_mock(url: str) -> bool:
    return any(url.startswith(f"{base}/") for base in _own)


def _use_mock(asked: str | None, entra: bool) -> Endpoint:
    """The mock in this process: started when there is none yet, once more under https when Entra ID is wanted.

    An address of it that was asked for stays, unless it has the other scheme: a lesson that ended with a token begins
    with a key again.
    """
    from .mock.service import DEFAULT_KEY

    scheme = "https://" if entra else "http://"
    url = asked if asked and asked.startswith(scheme) else None
    url = url or next((f"{base}/models" for base in _own if base.startswith(scheme)), None)
    url = url or f"{_start_mock(entra)}/models"
    os.environ[ENDPOINT], os.environ[CREDENTIAL] = url, DEFAULT_KEY
    behind = next(iter(_own.values())).upstream
    return Endpoint(url, is_mock=True, has_key=True, written_by=str(behind or ""))


def _start_mock(entra: bool) -> str:
    if page.HERE:
        return _open_in_page(entra)
    from .mock.service import Service
    from .mock.transports.server import MockServer
    from .mock.upstream.client import Upstream

    service = next(iter(_own.values()), None) or Service(media=MEDIA_FOLDER, upstream=Upstream.of(os.environ))
    server = MockServer(service, tls=entra).start()
    if not entra:
        _own[server.url] = service
        return server.url
    _own[server.url] = _own[server.https_url] = service
    bundle = str(server.authority.bundle_file)
    os.environ.update(
        IDENTITY_ENDPOINT=server.identity_endpoint,
        IDENTITY_HEADER=service.issuer.secret,
        REQUESTS_CA_BUNDLE=bundle,
        SSL_CERT_FILE=bundle,
    )
    return server.https_url


def _open_in_page(entra: bool) -> str:
    from .mock.gateway.identity import IDENTITY_PATH
    from .mock.service import Service

    if not _own:
        service = Service(media=MEDIA_FOLDER)
        page.open_mock(service)
        _own[page.PLAIN] = service
    if not entra:
        return page.PLAIN
    service = _own[page.SECURE] = _own[page.PLAIN]
    os.environ.update(IDENTITY_ENDPOINT=page.PLAIN + IDENTITY_PATH, IDENTITY_HEADER=service.issuer.secret)
    return page.SECURE


def _take_time(pace: float) -> None:
    """From the next cell on the mock answers at that pace, in each cell that a reader runs by itself."""
    global _wanted
    _wanted = pace
    _set_pace(watched=False)
    if here := kernel():
        shell_of(here).events.register("pre_run_cell", _each_cell)  # the second time it does nothing


def _each_cell(*_: object) -> None:
    _set_pace(watched=by_reader() and not together())


def _set_pace(*, watched: bool) -> None:
    from .mock.gateway.faults import Pace

    for service in _own.values():
        slow = watched and _wanted and not service.upstream  # a model of one's own takes time enough
        service.pace = Pace(_FIRST, _wanted) if slow else Pace()


def _bypass_proxies(*, everywhere: bool) -> None:
    """Calls to this machine must not go through a proxy, whatever the environment names.

    `everywhere`, on the mock, where no call leaves the machine, is for httpx: it opens every proxy that is named when a
    client is made, and fails there for a SOCKS proxy without a package of its own.
    """
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        if everywhere and _EVERYWHERE not in hosts:
            _lifted.add(name)
        elif not everywhere and name in _lifted:
            hosts.remove(_EVERYWHERE)
            _lifted.remove(name)
        ours = ["127.0.0.1", "localhost", *([_EVERYWHERE] if everywhere else [])]
        os.environ[name] = ",".join(dict.fromkeys([*hosts, *ours]))
