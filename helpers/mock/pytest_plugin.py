"""Fixtures for pytest: a fresh mock for each test, on a port or in process.

* `inference_mock`: on a port. The server is one for the whole run (under xdist: for each worker, on a port of its own),
  the service behind it is new for every test, so that nothing is left over from the test before.
* `inference_mock_in_process`: no socket and no waiting, for clients with ``transport=mock.transport()``.
* `inference_mock_env`: `inference_mock` with the variables set by which programs find an endpoint.
* `make_inference_mock`: makes mocks with options of their own, as many as a test needs, ``tls=True`` included.
* `inference_mock_options`: the options of a whole folder or file, by overriding it there; the marker
  ``@pytest.mark.inference_mock(tokens_per_minute=1000)`` says them for a test, a class or a module, and wins.

The fixtures are sync, and serve async tests as they are: the server has a thread of its own. A test fails when the mock
refused a request because no scripted answer expects it, even if the program under test swallowed the refusal. When a
test fails by itself, its section "inference mock" shows the requests, and the models there are when one was not found.

All names begin or end with `inference_mock`: `mocker`, `respx_mock`, `httpx_mock`, `requests_mock` and pytest's own are
other people's, and a fixture called `mock` would hide the standard library's module where it is used.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Unpack, cast

import pytest

if TYPE_CHECKING:
    from .testing import MakeMock, Mock, Options, Stage
    from .transports.server import MockServer

MARKER = "inference_mock"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_MOCKS = pytest.StashKey[list["Mock"]]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, also under ``--strict-markers``."""
    config.addinivalue_line(
        "markers", f"{MARKER}(**options): options of this test's inference mock, such as tokens_per_minute=1000"
    )


@pytest.fixture
def inference_mock(
    request: pytest.FixtureRequest,
    inference_mock_options: Options,
    _inference_mock_server: tuple[MockServer, Stage],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Mock]:
    """A fresh mock of the Azure AI Model Inference API on a port of this machine."""
    from .testing import Mock, make_service

    server, stage = _inference_mock_server
    stage.service = make_service(**_options(request, inference_mock_options))
    _bypass_proxies(monkeypatch)
    yield from _watched(request, Mock(stage.service, server))


@pytest.fixture
def inference_mock_in_process(request: pytest.FixtureRequest, inference_mock_options: Options) -> Iterator[Mock]:
    """A fresh mock without a socket, for clients that take ``transport=mock.transport()`` or `mock.app`."""
    from .testing import in_process

    yield from _watched(request, in_process(**_options(request, inference_mock_options)))


@pytest.fixture
def inference_mock_env(inference_mock: Mock, monkeypatch: pytest.MonkeyPatch) -> Mock:
    """`inference_mock`, with AZURE_INFERENCE_ENDPOINT, OPENAI_BASE_URL and their like set: see `Mock.environment`."""
    for name, value in inference_mock.environment.items():
        monkeypatch.setenv(name, value)
    return inference_mock


@pytest.fixture
def make_inference_mock(
    request: pytest.FixtureRequest, inference_mock_options: Options, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeMock]:
    """Makes mocks, each on a port of its own: ``make_inference_mock(tls=True, requests_per_minute=6)``."""
    from .testing import Mock, make_service
    from .transports.server import MockServer

    _bypass_proxies(monkeypatch)
    with ExitStack() as stack:

        def make(*, tls: bool = False, **options: Unpack[Options]) -> Mock:
            service = make_service(**cast("Options", {**_options(request, inference_mock_options), **options}))
            return _watch(request.node, Mock(service, stack.enter_context(MockServer(service, tls=tls))))

        yield make
        _check(request.node)


@pytest.fixture
def inference_mock_options() -> Options:
    """Override this fixture in a conftest.py or a test file to give all mocks there the options that it returns."""
    return {}


@pytest.fixture(scope="session")
def _inference_mock_server() -> Iterator[tuple[MockServer, Stage]]:
    """The server of all tests, with the place where each puts its service."""
    from .testing import Stage, make_service
    from .transports.server import MockServer

    stage = Stage(make_service())
    with MockServer(stage) as server:
        yield server, stage


# --- what the fixtures look after ---


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let the test itself fail, not its teardown, and show the requests beside any other failure."""
    try:
        result = yield
    except Exception:
        for mock in item.stash.get(_MOCKS, ()):
            requests = mock.requests[-20:] if mock.service.journal.enabled else ()
            told = [*mock.complaints, *mock.unknown_models(), *map(repr, requests)]
            if told:
                item.add_report_section("call", "inference mock", "\n".join(told))
        item.stash[_MOCKS] = []
        raise
    _check(item)
    return result


def _watched(request: pytest.FixtureRequest, mock: Mock) -> Iterator[Mock]:
    yield _watch(request.node, mock)
    _check(request.node)  # what was asked after the test: by the teardown of other fixtures


def _watch(item: pytest.Item, mock: Mock) -> Mock:
    item.stash.setdefault(_MOCKS, []).append(mock)
    return mock


def _check(item: pytest.Item) -> None:
    """Fail with the requests that no script expects; they are told once."""
    told = [complaint for mock in item.stash.get(_MOCKS, ()) for complaint in mock.complaints]
    item.stash[_MOCKS] = []
    if told:
        pytest.fail("\n".join(told), pytrace=False)


# --- small steps ---


def _options(request: pytest.FixtureRequest, defaults: Options) -> Options:
    """The options of a test: those of its folder, then the markers from the module's to its own."""
    from .testing import check_options

    options: dict[str, Any] = dict(defaults)
    for marker in reversed(list(request.node.iter_markers(MARKER))):
        if marker.args:
            raise pytest.UsageError(f"@pytest.mark.{MARKER} takes its options by name, not {marker.args!r}")
        try:
            check_options(marker.kwargs)
        except TypeError as error:
            raise pytest.UsageError(f"@pytest.mark.{MARKER}: {error}") from None
        options |= marker.kwargs
    return options  # pyright: ignore[reportReturnType]  # the names are checked


def _bypass_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the machine's environment cannot find this one's loopback.

    While a variable names one with SOCKS, httpx and so the OpenAI client cannot even be made without a further package.
    """
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host.strip() for host in os.environ.get(name, "").split(",") if host.strip()]
        monkeypatch.setenv(name, ",".join(dict.fromkeys([*hosts, *_LOOPBACK])))
    for name, value in list(os.environ.items()):
        if name.lower().endswith("_proxy") and value.lower().startswith("socks"):
            monkeypatch.delenv(name)
