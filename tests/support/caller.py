"""A way to ask a service without a socket."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from helpers.mock.http import Request, Response
from helpers.mock.model.writing.tokens import Tokenizer
from helpers.mock.service import Service

MISTRAL = "mistral-large-2407"
PASS = {"extra-parameters": "pass-through"}
TOKENIZER = Tokenizer()  # it holds no state of a request, and opening its file takes longer than most tests


class Caller:
    """Sends chat completions to one service and gives back status and parsed body."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def send(self, body: Any, path: str = "/models/chat/completions", **headers: str) -> Response:
        """The whole answer to a POST; header names are written with underscores."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"content-type": "application/json", "api-key": "mock-key", **names}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.service.handle(
            Request("POST", path, {"api-version": "2024-05-01-preview"}, sent, content)
        ).settled()

    def __call__(self, messages: str | list[dict[str, Any]], *, status: int = 200, **options: Any) -> dict[str, Any]:
        """The parsed body of the answer to a question or a conversation; extra parameters are passed through."""
        if isinstance(messages, str):
            messages = [{"role": "user", "content": messages}]
        headers = options.pop("headers", PASS)
        body = {"model": MISTRAL, "messages": messages, **options}
        response = self.send(body, **{name.replace("-", "_"): value for name, value in headers.items()})
        content = json.loads(response.read())
        assert response.status == status, content
        return content

    def text(self, messages: str | list[dict[str, Any]], **options: Any) -> str:
        """The content of the first choice."""
        return self(messages, **options)["choices"][0]["message"]["content"]

    def stream(self, messages: str | list[dict[str, Any]], **options: Any) -> list[dict[str, Any]]:
        """The chunks of a streamed answer, each parsed from its `data:` line."""
        if isinstance(messages, str):
            messages = [{"role": "user", "content": messages}]
        body = {"model": MISTRAL, "messages": messages, "stream": True, **options}
        lines = self.send(body, extra_parameters="pass-through").read().decode().split("\n\n")
        assert lines[-2:] == ["data: [DONE]", ""]
        return [json.loads(line.removeprefix("data: ")) for line in lines[:-2]]


def faults(refused: dict[str, Any]) -> list[dict[str, Any]]:
    """The faults that a refusal of Mistral's model lists, in a text inside its message."""
    return json.loads(refused["error"]["message"])["detail"]


def joined(chunks: Iterable[dict[str, Any]], index: int = 0) -> str:
    """The text that the deltas of one choice add up to."""
    deltas = (c["delta"] for chunk in chunks for c in chunk["choices"] if c["index"] == index)
    return "".join(delta.get("content") or "" for delta in deltas)
