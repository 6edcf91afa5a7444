"""Calls that a check makes: to a mock of its own, in process, where waiting takes no time."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError

from ..mock import in_process

ASK = [{"role": "user", "content": "How many languages are in the world?"}]


class Trial:
    """Calls to a mock of the check's own: what they met, and what they raised.

    `model` is the client's, None for a client without one; `path` stands in for the `/models` of its endpoint.
    """

    def __init__(self, model: str | None = "mistral-large-2407", path: str = "/models") -> None:
        self.mock = in_process(now=0)
        endpoint = self.mock.endpoint.removesuffix("/models") + path
        credential = AzureKeyCredential(self.mock.key)
        self.client = ChatCompletionsClient(endpoint, credential, model=model, transport=self.mock.transport())

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
