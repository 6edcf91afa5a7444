"""What writes the answers can be exchanged; the form around it is the mock's."""

from __future__ import annotations

import json

from helpers.mock.api.asked import ChatRequest
from helpers.mock.api.plan import Plan
from helpers.mock.api.prompt import Prompt
from helpers.mock.http import Request
from helpers.mock.model.writing.generate import Text
from helpers.mock.service import Service

HEADERS = {"api-key": "mock-key", "content-type": "application/json"}


class Echo:
    """An engine of one line."""

    def write(self, asked: ChatRequest, prompt: Prompt) -> Plan:
        return Plan(Text((f"You said: {asked.messages[-1].text}",), fixed=True))

    def embed(self, asked: object, texts: object) -> None:
        return None


def ask(service: Service, **more: object) -> dict[str, object]:
    body = {"model": "mistral-large-2407", "messages": [{"role": "user", "content": "two words"}], **more}
    query = {"api-version": "2024-05-01-preview"}
    request = Request("POST", "/models/chat/completions", query, HEADERS, json.dumps(body).encode())
    return json.loads(service.handle(request).read())


def test_another_engine_writes_and_the_mock_keeps_the_form():
    whole = ask(Service(engine=Echo()))
    assert whole["choices"][0]["message"]["content"] == "You said: two words"
    cut = ask(Service(engine=Echo()), max_tokens=2)
    assert (cut["choices"][0]["finish_reason"], cut["usage"]["completion_tokens"]) == ("length", 2)
    assert ask(Service(engine=Echo()), temperature=7)["error"]["code"] == "Invalid input"


def test_a_script_comes_before_every_engine():
    service = Service(engine=Echo())
    service.scripts.reply("Scripted.", when="words")
    assert ask(service)["choices"][0]["message"]["content"] == "Scripted."
