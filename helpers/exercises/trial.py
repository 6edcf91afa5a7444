"""Calls that a check makes: to a mock of its own, in process, where waiting takes no time; and streams it makes up."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Self

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import StreamingChatCompletionsUpdate
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError

from ..mock import in_process

ASK = [{"role": "user", "content": "How many languages are in the world?"}]


class Trial:
    """Calls to a mock of the check's own: what they met, and what they raised.

    `model` and `defaults` are the client's, None for a client without a model; `path` stands in for the `/models` of
    its endpoint.
    """

    def __init__(self, model: str | None = "mistral-large-2407", path: str = "/models", **defaults: Any) -> None:
        self.mock = in_process(now=0)
        endpoint = self.mock.endpoint.removesuffix("/models") + path
        credential = AzureKeyCredential(self.mock.key)
        transport = self.mock.transport()
        self.client = ChatCompletionsClient(endpoint, credential, model=model, transport=transport, **defaults)

    def statuses(self, fault: str, **options: Any) -> tuple[list[int | None], float]:
        """The status of each attempt of one call, and the seconds it took by the mock's clock."""
        before, start = len(self.mock.requests), self.mock.clock()
        with suppress(AzureError):
            self.client.complete(messages=ASK, headers={"x-mock-fault": fault}, **options)
        return [request.status for request in self.mock.requests[before:]], self.mock.clock() - start

    def error(self, fault: str, **options: Any) -> Exception:
        """What a call raises that meets this failure; without one, what it raises by itself."""
        headers = {"x-mock-fault": fault} if fault else {}
        options = {"retry_total": 0, "headers": headers, "messages": ASK, **options}
        try:
            list(self.client.complete(**options))
        except Exception as error:
            return error
        raise AssertionError(f"{fault or options} raised nothing")


class MadeUpStream:
    """Made-up updates, handed out as the SDK's stream does: one by one, in a `with` block or not, until it is closed.

    `read` counts them.
    """

    def __init__(self, updates: Iterable[Any]) -> None:
        self.left, self.read = iter(updates), 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        update = next(self.left)
        self.read += 1
        return update

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.left = iter(())


def updates(*contents: str | None, end: str | None = None) -> list[StreamingChatCompletionsUpdate]:
    """The updates of a stream with these deltas: first the role, last the finish reason, if there is one, in a delta
    that has nothing else."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, *({"content": text} for text in contents)]
    choices = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    choices += [{"index": 0, "delta": {}, "finish_reason": end}] if end else []
    return [StreamingChatCompletionsUpdate({"id": "exercise", "choices": [choice]}) for choice in choices]
