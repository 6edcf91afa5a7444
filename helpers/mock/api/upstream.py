"""The engine that lets a model behind the mock write: what of a request is handed on, and what becomes of the rest.

`PARAMETERS` is that table; what it hands on is what is sent. Prompts go as the model of the card would get them: the
system text in the user's turn where it has no system role, the older names of roles and tools in the newer ones,
pictures and sounds as data, wherever they were.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from ..media.addresses import Addresses
from ..media.signatures import media_type_of
from ..messages import SYSTEM, Message
from ..upstream.client import Upstream
from ..upstream.exchange import Exchange
from .asked import ChatRequest, EmbeddingsRequest
from .flow import Flow
from .prompt import Prompt, as_the_model_gets_them


class Fate(NamedTuple):
    """What becomes of a parameter, and how."""

    what: Literal["handed on", "done here", "both", "lost"]
    how: str = ""


_CHANGES_NOTHING = Fate("done here", "taken, and changes nothing")

PARAMETERS: Mapping[str, Fate] = {
    "messages": Fate("handed on", "as the model that is named would get them; pictures and sounds as data"),
    "model": Fate("done here", "says whose form the answer has; the upstream is asked for its own model"),
    "stream": Fate("done here", "the upstream is always asked for a stream, and what comes goes out at once"),
    "stream_options": Fate("done here", "usage is counted here"),
    "temperature": Fate("handed on"),
    "top_p": Fate("handed on"),
    "frequency_penalty": Fate("handed on"),
    "presence_penalty": Fate("handed on"),
    "seed": Fate("handed on", "each further choice of an `n` gets the next one"),
    "n": Fate("done here", "as so many requests"),
    "max_tokens": Fate("both", "counted here in the tokens of the model that is named, there in its own"),
    "max_completion_tokens": Fate("both", "the same"),
    "stop": Fate("both"),
    "tools": Fate("handed on", "what comes back is checked, and has the form of the family"),
    "tool_choice": Fate("both", "a call that is missing, or that nobody wants, is a fault of the upstream"),
    "parallel_tool_calls": Fate("handed on"),
    "functions": Fate("handed on", "as tools"),
    "function_call": Fate("handed on", "as `tool_choice`"),
    "response_format": Fate("both", "what does not conform is a fault of the upstream"),
    "reasoning_effort": Fate("handed on"),
    "logprobs": Fate("handed on", "the upstream's own tokens, as far as it tells them"),
    "top_logprobs": Fate("handed on"),
    "logit_bias": Fate("lost", "its token ids are those of another vocabulary"),
    "safe_prompt": Fate("done here", "a sentence before the system text"),
    "prediction": Fate("done here", "what is in the answer is counted"),
    "modalities": Fate("done here", "text alone is written"),
    **dict.fromkeys(
        ("user", "metadata", "store", "service_tier", "prompt_cache_key", "safety_identifier"), _CHANGES_NOTHING
    ),
}
"""What becomes of every parameter of a chat completion."""

_AS_THEY_ARE = (
    "temperature",
    "top_p",
    "frequency_penalty",
    "presence_penalty",
    "stop",
    "parallel_tool_calls",
    "response_format",
    "reasoning_effort",
    "logprobs",
    "top_logprobs",
)


@dataclass(frozen=True, slots=True)
class UpstreamEngine:
    """Lets `upstream` write. `addresses` knows what is at the address of a picture."""

    upstream: Upstream
    addresses: Addresses

    def write(self, asked: ChatRequest, prompt: Prompt, /) -> Flow:
        """Ask for each choice by itself: not every server knows `n`."""
        body = self._body(asked)
        seed = asked.body.get("seed")
        bodies = [body if seed is None else {**body, "seed": seed + index} for index in range(asked.choices)]
        return Flow([self.upstream.chat(one) for one in bodies])

    def embed(self, asked: EmbeddingsRequest[Any], texts: Sequence[str], /) -> Exchange[Any] | None:
        """Ask for the vectors of texts, where there is a model for it."""
        if not self.upstream.embedding_model:
            return None
        dimensions = {"dimensions": asked.options.dimensions} if asked.options.dimensions else {}
        return self.upstream.embed({"input": list(texts), "encoding_format": "float", **dimensions})

    def _body(self, asked: ChatRequest) -> dict[str, Any]:
        body = {name: asked.body[name] for name in _AS_THEY_ARE if asked.body.get(name) is not None}
        body["messages"] = [
            self._wire(turn) for turn in as_the_model_gets_them(asked.card, asked.messages, asked.extras)
        ]
        if asked.tools:
            body |= {"tools": asked.tools, "tool_choice": asked.tool_choice}
        most = [limit for limit in (asked.max_tokens, self.upstream.max_tokens) if limit is not None]
        if most:
            newer = asked.body.get("max_completion_tokens") is not None
            body["max_completion_tokens" if newer else "max_tokens"] = max(1, min(most))
        return body

    # --- the prompt ---

    def _wire(self, message: Message) -> dict[str, Any]:
        role = "system" if message.role in SYSTEM else message.role
        content = message.wire.get("content", message.text) if message.wire else message.text
        wire = {"role": role, "content": [self._part(part) for part in content] if type(content) is list else content}
        if message.role == "assistant" and message.calls:
            wire["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in message.calls
            ]
        if message.role == "tool":
            wire["tool_call_id"] = message.call_id
        return wire

    def _part(self, part: Mapping[str, Any]) -> dict[str, Any]:
        kind = part["type"]
        if kind == "image_url":
            return {"type": kind, kind: {**part[kind], "url": self._as_data(part[kind]["url"], "image")}}
        if kind == "audio_url":
            head, _, data = self._as_data(part[kind]["url"], "audio").partition(";base64,")
            form = "wav" if "wav" in head else "mp3"
            return {"type": "input_audio", "input_audio": {"data": data, "format": form}}
        return dict(part)

    def _as_data(self, url: str, kind: str) -> str:
        """A data URL for what the mock finds at an address: the upstream looks up nothing in the request's name."""
        data = self.addresses(url, kind, ())
        if data is None:
            return url
        return f"data:{media_type_of(data)};base64,{base64.b64encode(data).decode()}"
