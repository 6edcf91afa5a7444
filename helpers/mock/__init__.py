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
* `errors`, `masking`, `http`, `messages`, `jsonio`, `clock`, and `data/`: model cards, refusals, answers, word lists
"""

from .lazy import names

__getattr__, __dir__, __all__ = names(__name__, __file__)
