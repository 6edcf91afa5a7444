"""A refusal of an OpenAI model, without what is the same in all of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.caller import Caller

Refused = Callable[..., dict[str, Any]]


@pytest.fixture
def refused(ask: Caller) -> Refused:
    """Asks gpt-4o to answer "Hi", with a body's fields over that, and gives the error: message, param and code."""

    def send(body: dict[str, Any] | bytes, to: str = "chat/completions") -> dict[str, Any]:
        if isinstance(body, dict) and to == "chat/completions":
            body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], **body}
        response = ask.send(body, path=f"/openai/v1/{to}")
        content = json.loads(response.read())
        assert (response.status, list(content)) == (400, ["error"]), content
        assert content["error"].pop("type") == "invalid_request_error"
        return content["error"]

    return send
