"""An endpoint that stands in for Azure AI Model Inference: free, offline, the same for everybody.

`Service` is the whole of it, without a socket: a `Request` in, a `Response` out. `MockServer` puts it behind HTTP and
HTTPS in a thread of this process, `python -m` this package in a process of its own, and `MockTransport` hands it to
the Azure SDK with no socket at all. Answers are scripted and deterministic; token counts, parameters, streams,
filters and errors follow the real service. It never pretends: asked what it cannot know, it says that it is the mock.

Where to find what, in the order in which a request meets it (each room imports only from those below it):

* doors for people: `__main__` (the command), `testing` and `pytest_plugin` (for tests)
* `service`: the way of a request; `own_addresses`: what is not the API's (its health, journal, media and tokens)
* `api/`: the operations: what a request may say, what a model can do, and how an answer is put together
* `scripted/`: what a test has laid down, and what was received
* `transports/`: how bytes get in and out: ASGI, the server in a thread, TLS, the Azure SDK's transport
* `model/`: what stands where the model would be: words, JSON, tool calls, vectors; no HTTP in it
* `gateway/`: addresses, callers and keys, limits, faults, filters
* `media/`: pictures and sounds: measured, priced, recognised
* `errors`, `http`, `masking`, `jsonio`, `clock`, and `data/`: model cards, refusals, answers, word lists
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .clock import Clock
    from .http import Request, Response
    from .scripted.received import Received
    from .scripted.replies import Embedding, Error, ToolCall
    from .scripted.requests import Requests
    from .service import Service
    from .testing import MakeMock, Mock, Options, in_process, make_service, serve
    from .transports.azure import AsyncMockTransport, MockTransport
    from .transports.server import MockServer

__all__ = [
    "AsyncMockTransport",
    "Clock",
    "Embedding",
    "Error",
    "MakeMock",
    "Mock",
    "MockServer",
    "MockTransport",
    "Options",
    "Received",
    "Request",
    "Requests",
    "Response",
    "Service",
    "ToolCall",
    "in_process",
    "make_service",
    "serve",
]

_HOMES = {
    "AsyncMockTransport": "transports.azure",
    "Clock": "clock",
    "Embedding": "scripted.replies",
    "Error": "scripted.replies",
    "MakeMock": "testing",
    "Mock": "testing",
    "MockServer": "transports.server",
    "MockTransport": "transports.azure",
    "Options": "testing",
    "Received": "scripted.received",
    "Request": "http",
    "Requests": "scripted.requests",
    "Response": "http",
    "Service": "service",
    "ToolCall": "scripted.replies",
    "in_process": "testing",
    "make_service": "testing",
    "serve": "testing",
}


if not TYPE_CHECKING:  # a type checker that sees it takes every name for one of the package's

    def __getattr__(name: str) -> Any:
        """Load a public name when it is first used (PEP 562): the mock's process never imports the Azure SDK."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return list(__all__)
