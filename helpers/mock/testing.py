"""The mock as a test holds it: where it is, what it shall answer, what it was asked.

`Mock` is one mock for one test. `serve(...)` puts one behind a free port for a ``with`` block, `in_process(...)` makes
one without a socket; pytest users get theirs from the fixtures of `pytest_plugin`, with the same options.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, TypedDict, Unpack, cast, get_args

from .clock import Clock
from .gateway.faults import Faults, Pace
from .gateway.identity import DEFAULT_KEY, Issuer
from .gateway.limits import Limits
from .http import Request, Response
from .scripted.conditions import Wanted, no_such
from .scripted.journal import Journal
from .scripted.replies import Answer, Finish, ScriptedOperation
from .scripted.requests import Requests
from .scripted.scripts import Script, Scripts
from .service import Service
from .upstream.client import KEY_VARIABLE, PATIENCE, Upstream

if TYPE_CHECKING:
    from types import TracebackType

    from .api.catalogue import Catalogue
    from .model.writing.tokens import Tokenizer
    from .transports.asgi import Application
    from .transports.azure import AsyncMockTransport, MockTransport
    from .transports.server import MockServer

_IN_PROCESS = "https://mock.invalid"  # https, so that the SDK hands a token over; the name can never be resolved

File = str | PathLike[str]
Files = File | Iterable[File]
Deployments = Mapping[str, str | Mapping[str, Any]]
Models = File | Deployments | Iterable[File | Deployments]
Unexpected = Literal["fail", "answer"]


class Options(TypedDict, total=False):
    """What a mock can be told, by the names of the command line's options; see `make_service`."""

    key: str
    answers: Files
    models: Models
    keys: File
    media: File
    allow_hosts: Iterable[str]
    unexpected: Unexpected
    tokens_per_minute: int
    requests_per_minute: int
    ttft: float
    tokens_per_second: float
    faults: Mapping[str, float]
    fault_seed: int
    journal: bool
    now: float
    upstream: str
    upstream_model: str
    upstream_embedding_model: str
    upstream_max_tokens: int
    upstream_timeout: float


class Stage:
    """A handler whose service can be changed while a server runs: one server for all tests, a fresh service for each.

    Starting a server takes longer than most tests; a service is made in a fraction of a millisecond.
    """

    def __init__(self, service: Service) -> None:
        self.service = service

    def handle(self, request: Request) -> Response:
        return self.service.handle(request)


class Mock:
    """One mock: its addresses, its scripted answers, the requests it received.

    `reply`, `replies` and `requests` are those of `scripts`; everything else of the mock is reached by `service`.

    In a ``with`` block (`serve` is one, and ``with in_process() as mock`` makes one) it is as strict as the fixtures:
    when the block ends without an exception, what no script expected is an AssertionError, also where the program under
    test swallowed the refusal. `reset` forgives it.
    """

    def __init__(self, service: Service, server: MockServer | None = None) -> None:
        self.service = service
        self._server = server

    def __repr__(self) -> str:
        return f"<Mock at {self.url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raises AssertionError with the `complaints`; notes on another exception which models were not there."""
        if error is None:
            if self.complaints:
                raise AssertionError("\n".join(self.complaints))
            return
        for hint in self.unknown_models():
            error.add_note(hint)

    # --- where it is ---

    @property
    def url(self) -> str:
        """The address without a path: what `azure_endpoint=` of the OpenAI client and AZURE_OPENAI_ENDPOINT take.

        In process it is a name that leads nowhere: only clients with this mock's transport can use it.
        """
        return self._server.url if self._server else _IN_PROCESS

    @property
    def https_url(self) -> str:
        """The same over TLS. RuntimeError without ``tls=True``."""
        return self.server.https_url

    @property
    def endpoint(self) -> str:
        """The address with ``/models``: what the clients of azure-ai-inference and AZURE_INFERENCE_ENDPOINT take."""
        return f"{self.url}/models"

    @property
    def openai_base_url(self) -> str:
        """The address with ``/openai/v1``: what `base_url=` of the OpenAI client and OPENAI_BASE_URL take."""
        return f"{self.url}/openai/v1"

    @property
    def key(self) -> str:
        """The key that is let in."""
        return self.service.key

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which programs find an endpoint, set to this mock."""
        return {
            "AZURE_INFERENCE_ENDPOINT": self.endpoint,
            "AZURE_INFERENCE_CREDENTIAL": self.key,
            "AZURE_OPENAI_ENDPOINT": self.url,
            "AZURE_OPENAI_API_KEY": self.key,
            "OPENAI_API_VERSION": "2024-10-21",
            "OPENAI_BASE_URL": self.openai_base_url,
            "OPENAI_API_KEY": self.key,
        }

    @property
    def server(self) -> MockServer:
        """The server behind the addresses. RuntimeError in process, where there is none."""
        if self._server is None:
            raise RuntimeError("this mock has no server: it is one in process")
        return self._server

    @property
    def app(self) -> Application:
        """The mock as an ASGI application, for test clients that take one (httpx.ASGITransport, Starlette)."""
        from .transports.asgi import Shell

        return Shell(self.service)

    def transport(self) -> MockTransport:
        """A transport for the clients of azure-ai-inference: ``ChatCompletionsClient(..., transport=...)``.

        Nothing waits: retries, pace and late answers move this mock's clock instead. ImportError without azure-core.
        """
        return _transports().MockTransport(self.service, sleep=self.clock.advance)

    def async_transport(self) -> AsyncMockTransport:
        """The same for the clients in `azure.ai.inference.aio`."""

        async def sleep(seconds: float) -> None:
            self.clock.advance(seconds)

        return _transports().AsyncMockTransport(self.service, sleep=sleep)

    # --- what it shall answer ---

    def reply(
        self,
        answer: Answer,
        /,
        *,
        times: int | None = None,
        finish_reason: Finish | None = None,
        unoffered: bool = False,
        **conditions: Unpack[Wanted],
    ) -> Script:
        """Let the model answer so: to every request that fits the conditions, or only to the first `times` of them.

        `answer` is text, `ToolCall` or a list of them, `Error`, `Embedding`, any other JSON value, or a function of the
        `Received` request that returns one of these. `finish_reason` is reported instead of what comes about by itself;
        `unoffered` allows calls of tools that the request does not offer. The conditions, which hold together:

        * `when`: text that the last user message (or the input to embed) holds, a pattern, or a function of the request
        * `model`: the model or the deployment
        * `operation`: "chat", "embeddings" or "image_embeddings"
        * `turns`: how many user messages there are
        * `after_tool`: the conversation ends with the answer of this tool (True: of any; False: of none)
        * `system`: text or a pattern found in the system message
        * `tool`: a tool of this name is offered
        * `response_format`: "text", "json_object" or "json_schema"
        * `stream`: whether a stream is asked for

        Raises ValueError for a script that could never be used, TypeError for a condition that does not exist.
        """
        return self.service.scripts.reply(
            answer, times=times, finish_reason=finish_reason, unoffered=unoffered, **conditions
        )

    def replies(self, *answers: Answer, unoffered: bool = False, **conditions: Unpack[Wanted]) -> list[Script]:
        """A queue: each answer once, in this order, under the conditions of `reply`. What comes after is unexpected."""
        return self.service.scripts.replies(*answers, unoffered=unoffered, **conditions)

    # --- what it was asked ---

    @property
    def requests(self) -> Requests:
        """The requests so far, oldest first. RuntimeError with ``journal=False``."""
        if not self.service.journal.enabled:
            raise RuntimeError("this mock keeps no journal: leave journal=False out to look at its requests")
        return Requests(self.service.journal.entries())

    @property
    def complaints(self) -> list[str]:
        """What was refused because no script expects it: also what the program under test swallowed."""
        return self.service.scripts.complaints

    def unknown_models(self) -> list[str]:
        """What to say of requests for models that are not there, one text for each name: which there are instead."""
        if not self.service.journal.enabled:
            return []
        find, names = self.service.catalogue.find, self.service.catalogue.names
        refused = (
            each for each in self.requests if each.status == 404 and each.operation in get_args(ScriptedOperation)
        )
        wanted = dict.fromkeys(each.hide(each.deployment)[:100] for each in refused if each.deployment)
        return [
            f"No model here is called {name!r}. There are {', '.join(names)}; "
            f'with the option models={{{name!r}: "gpt-4o"}} there is one that is like gpt-4o.'
            for name in wanted
            if find(name) is None
        ]

    def assert_all_used(self) -> None:
        """Raises AssertionError when a scripted answer was not used (to its end), or a request found none."""
        self.service.scripts.assert_all_used()

    @property
    def clock(self) -> Clock:
        """The time by which limits count and tokens expire: ``mock.clock.advance(60)`` is a minute in no time."""
        return self.service.clock

    def reset(self) -> None:
        """Forget all requests, complaints and scripted answers, but those of a file. Time is not turned back."""
        self.service.reset()


class MakeMock(Protocol):
    """The type of the fixture `make_inference_mock`: a function of the options of `serve`."""

    def __call__(self, *, tls: bool = False, **options: Unpack[Options]) -> Mock: ...


@contextmanager
def serve(port: int = 0, *, tls: bool = False, **options: Unpack[Options]) -> Iterator[Mock]:
    """A mock behind a port of this machine (0: a free one) until the block ends; `options` as for `make_service`.

    Raises AssertionError at the end when a request found no script; see `Mock`.
    """
    from .transports.server import MockServer

    service = make_service(**options)
    with MockServer(service, port, tls=tls) as server, Mock(service, server) as mock:
        yield mock


def in_process(**options: Unpack[Options]) -> Mock:
    """A mock without a socket, with or without a ``with`` block (see `Mock`); `options` as for `make_service`."""
    return Mock(make_service(**options))


def make_service(**options: Unpack[Options]) -> Service:
    """A service by the names of the command line's options.

    `answers`, `models` and `keys` name files as ``--answers``, ``--models`` and ``--keys`` do, relative to the current
    folder; `models` takes mappings too, ``{"my-prod-gpt": "gpt-4o"}`` or ``{"my-prod-gpt": {"like": "gpt-4o", ...}}``.
    `faults` maps a fault to its rate. With `now` (unix seconds) the clock stands still there until it is advanced. The
    key for `upstream` is the value of MODEL_INFERENCE_UPSTREAM_KEY.
    Raises ValueError for a file or a value that cannot be used, TypeError for an option that does not exist.
    """
    check_options(options)
    return _service(**options)


def _service(
    *,
    key: str = DEFAULT_KEY,
    answers: Files = (),
    models: Models = (),
    keys: File | None = None,
    media: File | None = None,
    allow_hosts: Iterable[str] = (),
    unexpected: Unexpected = "fail",
    tokens_per_minute: int | None = None,
    requests_per_minute: int | None = None,
    ttft: float = 0.0,
    tokens_per_second: float = 0.0,
    faults: Mapping[str, float] | None = None,
    fault_seed: int = 0,
    journal: bool = True,
    now: float | None = None,
    upstream: str = "",
    **about_upstream: Any,
) -> Service:
    _check_values(key, unexpected, ttft, tokens_per_second)
    if about_upstream and not upstream:
        raise ValueError(f"{next(iter(about_upstream))}: it needs upstream, the address of the server")
    participants = {}
    if keys is not None:
        from .gateway.keys import read_keys

        if not Path(keys).is_file():
            raise ValueError(f"keys: {keys} does not exist")
        participants = read_keys(Path(keys), own=key)
    catalogue = _catalogue()
    for given in _listed(models):
        told = isinstance(given, Mapping)
        catalogue = catalogue.with_models(given) if told else catalogue.with_file(Path(given))
    clock = Clock(now)
    return Service(
        key=key,
        participants=participants,
        media=None if media is None else Path(media),
        hosts=tuple(allow_hosts),
        clock=clock,
        issuer=Issuer(key, clock=clock),
        limits=Limits(
            clock,
            tokens_per_minute=tokens_per_minute,
            requests_per_minute=requests_per_minute,
            participants=participants,
        ),
        catalogue=catalogue,
        pace=Pace(ttft, tokens_per_second),
        tokenizer=_tokenizer(),
        faults=_faults(faults or {}, fault_seed),
        scripts=Scripts([script for file in _paths(answers) for script in _scripts(file)], unexpected=unexpected),
        journal=Journal(enabled=journal),
        upstream=_upstream(upstream, **about_upstream),
    )


def _upstream(
    url: str,
    *,
    upstream_model: str = "",
    upstream_embedding_model: str = "",
    upstream_max_tokens: int | None = None,
    upstream_timeout: float = PATIENCE,
) -> Upstream | None:
    """The model behind a mock; its key comes by environment alone."""
    if not url:
        return None
    if upstream_max_tokens is not None and upstream_max_tokens < 1:
        raise ValueError(f"upstream_max_tokens: {upstream_max_tokens} is not above 0")
    if not 0 < upstream_timeout < math.inf:
        raise ValueError(f"upstream_timeout: {upstream_timeout} is not a number of seconds above 0")
    key = os.environ.get(KEY_VARIABLE, "").strip()
    return Upstream(
        url, upstream_model, key, upstream_embedding_model, patience=upstream_timeout, max_tokens=upstream_max_tokens
    )


def check_options(names: Iterable[str]) -> None:
    """Raises TypeError for a name that is no option of a mock, with the one that is meant and all there are."""
    for name in names:
        if name == "tls":
            raise TypeError("tls is an option of serve() and make_inference_mock() only")
        if name not in Options.__annotations__:
            raise TypeError(no_such("option", name, Options.__annotations__))


def _check_values(key: str, unexpected: str, ttft: float, tokens_per_second: float) -> None:
    """What the command line refuses is refused here as well."""
    if not key.strip():
        raise ValueError("key: it must not be empty")
    if unexpected not in get_args(Unexpected):
        raise ValueError(f"unexpected: it is one of {', '.join(get_args(Unexpected))}, not {unexpected!r}")
    if not 0 <= ttft < math.inf:
        raise ValueError(f"ttft: {ttft} is not a number of seconds")
    if not 0 <= tokens_per_second < math.inf:
        raise ValueError(f"tokens_per_second: {tokens_per_second} is not above 0, nor 0 for at once")


def _faults(rates: Mapping[str, float], seed: int) -> Faults:
    for fault, rate in rates.items():
        if not isinstance(fault, str):
            raise ValueError(f"faults: {fault!r} is a name, and written as text: {str(fault)!r}")
        try:
            Faults({fault: rate})
        except ValueError as error:
            raise ValueError(f"faults: {fault!r}: {rate!r}: {error}") from None
    return Faults(rates, seed)


@cache
def _catalogue() -> Catalogue:
    """The models that come with the mock. They never change, so all mocks of a process share them."""
    from .api.catalogue import bundled

    return bundled()


@cache
def _tokenizer() -> Tokenizer:
    """Shared for the same reason: it holds no state of a request, and opening its file takes longer than most tests."""
    from .gateway.filters import watched
    from .model.writing.tokens import Tokenizer

    return Tokenizer(watched=watched)


def _scripts(file: Path) -> list[Script]:
    from .scripted.script_file import read_scripts  # here, since most runs have no such file

    return read_scripts(file)


def _paths(files: Files) -> list[Path]:
    return [Path(files)] if isinstance(files, str | PathLike) else [Path(file) for file in files]


def _listed(models: Models) -> list[File | Deployments]:
    if isinstance(models, str | PathLike):
        return [models]
    if isinstance(models, Mapping):
        return [cast(Deployments, models)]
    return list(models)


def _transports():
    try:
        from .transports import azure as transport
    except ImportError as error:
        if not (error.name or "").startswith("azure"):
            raise
        raise ImportError(
            "a transport in process needs azure-core: pip install azure-ai-inference", name="azure.core"
        ) from None
    return transport
