"""The four ways to a model: one statement can be made about all of them, and every answer is held to the contract."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

from helpers.mock.gateway.routes import Kind
from helpers.mock.http import Request, Response
from helpers.mock.model.writing.tokens import Tokenizer
from helpers.mock.service import Service
from tests.contract.contract import Contract
from tests.support.places import MEDIA

KINDS: tuple[Kind, ...] = ("models", "serverless", "openai", "v1")
FOUNDRY: tuple[Kind, ...] = ("models", "serverless")
OPENAI: tuple[Kind, ...] = ("openai", "v1")
VERSIONS: Mapping[Kind, str | None] = {
    "models": "2025-04-01",
    "serverless": "2024-05-01-preview",
    "openai": "2025-04-01-preview",
    "v1": None,
}
"""An api-version that each way knows."""
USUAL = "that of the way"
KEY = {"api-key": "mock-key"}
GPT, MISTRAL, COHERE = "gpt-4o", "mistral-large-2407", "Cohere-command-r-plus-08-2024"
GPT_VERSION = "gpt-4o-2024-11-20"
PHI, PHI4, AUDIO = "Phi-3.5-vision-instruct", "Phi-4-multimodal-instruct", "gpt-4o-audio-preview"
TEXTS, PICTURES = "text-embedding-3-small", "Cohere-embed-v3-english"
QUESTION = "How many languages are in the world?"
TRONDHEIM = "What is the weather in Trondheim?"
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Current weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
_PREFIXES = {
    "models": "/models",
    "serverless": "/serverless/{}",
    "openai": "/openai/deployments/{}",
    "v1": "/openai/v1",
}


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def chat(question: Any = QUESTION, **options: Any) -> dict[str, Any]:
    """The body of a chat completion: a question or a conversation, and parameters."""
    return {"messages": question if isinstance(question, list) else [user(question)], **options}


def json_schema(schema: Any, **more: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, **more}}


def tool(name: str, parameters: Any, **more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": parameters, **more}}


def called(identifier: str = "call_1", arguments: str = '{"city": "Oslo"}') -> dict[str, Any]:
    """An assistant's message that calls get_weather."""
    call = {"id": identifier, "type": "function", "function": {"name": "get_weather", "arguments": arguments}}
    return {"role": "assistant", "tool_calls": [call]}


def answered(content: str, identifier: str = "call_1") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": identifier, "content": content}


def data_url(data: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


@cache
def picture(width: int = 8, height: int = 8, colour: tuple[int, int, int] = (200, 30, 30)) -> str:
    """A picture of one colour, as a data URL."""
    from PIL import Image

    data = BytesIO()
    Image.new("RGB", (width, height), colour).save(data, "PNG")
    return data_url(data.getvalue(), "image/png")


def huge_picture() -> str:
    """A picture that says of itself that it has 200 million pixels, and holds none."""
    chunks = (b"IHDR" + struct.pack(">IIBBBBB", 20_000, 10_000, 8, 2, 0, 0, 0), b"IDAT" + zlib.compress(b""), b"IEND")
    framed = [struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks]
    return data_url(b"\x89PNG\r\n\x1a\n" + b"".join(framed), "image/png")


@cache
def sound() -> str:
    """A clip of somebody who greets, in base64."""
    return base64.b64encode((MEDIA / "hello_how_are_you.mp3").read_bytes()).decode()


def look(url: str, text: str = "What is on this picture?") -> list[dict[str, Any]]:
    """The content of a message with a picture."""
    return [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url}}]


def listen(data: str, form: str = "mp3", text: str = "What is said here?") -> list[dict[str, Any]]:
    """The content of a message with a sound."""
    return [{"type": "text", "text": text}, {"type": "input_audio", "input_audio": {"data": data, "format": form}}]


def address(way: Kind, operation: str, model: str = GPT) -> str:
    return f"{_PREFIXES[way].format(model)}/{operation}"


def request(
    way: Kind,
    operation: str,
    body: Any,
    model: str | None = GPT,
    *,
    version: str | None = USUAL,
    headers: Mapping[str, str] | None = None,
) -> Request:
    """A POST of `body` (bytes go as they are) to `model` on one of the ways, with the key.

    Where the address does not name the model, the body does. Extra parameters are passed through.
    """
    if isinstance(body, dict) and model is not None and way in ("models", "v1"):
        body = {"model": model, **body}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"content-type": "application/json", **KEY, **(headers or {})}
    if way in FOUNDRY:
        sent.setdefault("extra-parameters", "pass-through")
    version = VERSIONS[way] if version == USUAL else version
    query = {} if version is None or way == "v1" else {"api-version": version}
    return Request("POST", address(way, operation, model or GPT), query, sent, content)


@cache
def tokenizer() -> Tokenizer:
    """One for all: it keeps nothing of a request, and to open its file takes longer than most tests."""
    return Tokenizer()


def fresh(**settings: Any) -> Service:
    """A mock that has seen nothing."""
    return Service(media=MEDIA, tokenizer=tokenizer(), **settings)


@cache
def contract() -> Contract:
    return Contract()


@dataclass
class Asker:
    """One way to one mock. What comes back has been checked against the contract."""

    way: Kind
    service: Service

    def __call__(self, body: Any, model: str | None = GPT, *, status: int = 200, to: str = "", **options: Any) -> Any:
        """The parsed body of the answer; for a stream, the list of its chunks."""
        _, content = self.answer(body, model, status=status, to=to, **options)
        return content

    def answer(
        self, body: Any, model: str | None = GPT, *, status: int = 200, to: str = "", **options: Any
    ) -> tuple[Response, Any]:
        """The answer with its headers, and its parsed body."""
        operation = to or ("embeddings" if isinstance(body, dict) and "input" in body else "chat/completions")
        return self.send(request(self.way, operation, body, model, **options), status)

    def send(self, asked: Request, status: int = 200) -> tuple[Response, Any]:
        response = self.service.handle(asked)
        content = contract().check(asked, response)
        assert response.status == status, content
        return response, content

    def text(self, question: Any = QUESTION, model: str = GPT, **options: Any) -> str:
        """The content of the first choice."""
        return self(chat(question, **options), model)["choices"][0]["message"]["content"]

    def code(self, body: Any, model: str | None = GPT, **options: Any) -> str:
        """What kind of refusal it was, as its body tells."""
        return self(body, model, **options)["error"]["code"]


def joined(chunks: Iterable[Mapping[str, Any]], index: int = 0) -> str:
    """The text that the deltas of one choice add up to."""
    deltas = (c["delta"] for chunk in chunks for c in chunk["choices"] if c["index"] == index)
    return "".join(delta.get("content") or "" for delta in deltas)
