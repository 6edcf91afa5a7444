"""An endpoint that stands in for Azure AI Model Inference: free, offline, the same for everybody.

`Service` is the whole of it, without a socket: a `Request` in, a `Response` out. `MockServer` puts it behind HTTP and
HTTPS in a thread of this process, `python -m` this package in a process of its own, and `MockTransport` hands it to
the Azure SDK with no socket at all. Answers are scripted and deterministic; token counts, parameters, streams,
filters and errors follow the real service. It never pretends: asked what it cannot know, it says that it is the mock.

Where to find what, in the order in which a request meets it:

* shells: `asgi`, `server`, `tls`, `transport`, `__main__`; `http` is what they speak with the service
* `service`: the way of a request; `routes` (which addresses there are), `journal` (what was received), `identity` and
  `keys` (who is calling), `faults`, `limits`, `clock`; `errors` renders what any of them refuses
* `chat` and `embed`, the operations: `parameters`, `catalogue` and `capabilities` (what a model can do), `attachments`
  (`addresses`, `pictures`, `sounds`), `filters`, `embeddings` (`lexicon`: what words mean); `jsonio` reads and writes
* `scripts` (`replies`, `answer_file`): what a test has laid down, or else
* `plan`: what to write: `answers` in words (`skills` for everyday prompts), JSON by `schema`, calls by `tools`;
  `extract`, `slots` and `patterns` find their content in the conversation
* `generate`: writes the plan token by token; `tokens` counts; `render` makes completions and chunks of it
* `data/`: model cards, lesson answers, filter rules, refusals, known media, concepts, word lists
* for tests: `testing` (`Mock`, `serve`, `in_process`) and `pytest_plugin`
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .clock import Clock
    from .http import Request, Response
    from .journal import Received
    from .replies import Embedding, Error, ToolCall
    from .scripts import Requests
    from .server import MockServer
    from .service import Service
    from .testing import MakeMock, Mock, Options, in_process, make_service, serve
    from .transport import AsyncMockTransport, MockTransport

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
    "AsyncMockTransport": "transport",
    "Clock": "clock",
    "Embedding": "replies",
    "Error": "replies",
    "MakeMock": "testing",
    "Mock": "testing",
    "MockServer": "server",
    "MockTransport": "transport",
    "Options": "testing",
    "Received": "journal",
    "Request": "http",
    "Requests": "scripts",
    "Response": "http",
    "Service": "service",
    "ToolCall": "replies",
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
