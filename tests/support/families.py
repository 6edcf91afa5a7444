"""The forms of answers by family of models, for docs/mock.md: each cell is told by an answer that the mock gives."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from helpers.mock.api.catalogue import bundled
from helpers.mock.api.families import FAMILIES
from helpers.mock.http import Response
from tests.contract.ways import TRONDHEIM, WEATHER, chat, fresh, request

_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_IDS: Mapping[str, str] = {
    r"chatcmpl-[0-9A-Za-z]{29}": "`chatcmpl-` and 29 letters or digits",
    rf"chatcmpl-{_UUID}": "`chatcmpl-` and a UUID",
    r"chat-[0-9a-f]{32}": "`chat-` and 32 hex digits",
    r"[0-9a-f]{32}": "32 hex digits",
    _UUID: "a UUID",
    r"call_[0-9A-Za-z]{24}": "`call_` and 24 letters or digits",
    r"[0-9A-Za-z]{9}": "9 letters or digits",
}
_NAMED = {"type": "function", "function": {"name": "get_weather"}}
HEAD = " | ".join(
    (
        "family",
        "id of an answer",
        "id of a call",
        "message",
        "a call in a stream",
        "a named choice ends with",
        "usage in a stream",
        "a wrong value",
    )
)


def rows() -> list[tuple[str, ...]]:
    """A row for each family, in the order of HEAD."""
    return [Asked(name).row() for name in FAMILIES]


class Asked:
    """The first chat model of a family, on `/models`."""

    def __init__(self, family: str) -> None:
        self.family = family
        self.card = next(card for card in bundled().cards if card.family == family and card.chat)
        self._service = fresh()

    def row(self) -> tuple[str, ...]:
        answer = self._ask(TRONDHEIM)
        call, streamed, finish = self._calls() if self.card.tools else ("–", "–", "–")
        message = ", ".join(_member(*item) for item in answer["choices"][0]["message"].items() if item[0] != "role")
        name = f"{self.family} (`{self.card.name}`)"
        return name, _id(answer["id"]), call, message, streamed, finish, self._usage(), self._refusal()

    def _ask(self, question: str, **options: Any) -> Any:
        asked = request("models", "chat/completions", chat(question, **options), self.card.name)
        return _read(self._service.handle(asked))

    def _calls(self) -> tuple[str, str, str]:
        choice = self._ask(TRONDHEIM, tools=[WEATHER], tool_choice=_NAMED)["choices"][0]
        chunks = self._ask(TRONDHEIM, tools=[WEATHER], stream=True)
        pieces = [choice for chunk in chunks for choice in chunk["choices"] if choice["delta"].get("tool_calls")]
        opened = pieces[0]["delta"]
        told = (
            "in pieces"
            if len(pieces) > 1
            else "whole, with the finish reason"
            if pieces[0]["finish_reason"]
            else "whole"
        )
        told += "; the first has the role too" if "role" in opened else ""
        told += "" if "index" in opened["tool_calls"][0] else "; no `index`, no `type`"
        return _id(choice["message"]["tool_calls"][0]["id"]), told, f"`{choice['finish_reason']}`"

    def _usage(self) -> str:
        last = self._ask(TRONDHEIM, stream=True)[-1]
        if last.get("usage"):
            return "on the last chunk"
        last = self._ask(TRONDHEIM, stream=True, stream_options={"include_usage": True})[-1]
        assert last["usage"]
        assert not last["choices"]
        return "asked for with `include_usage`, in a chunk without choices"

    def _refusal(self) -> str:
        asked = request("models", "chat/completions", chat(TRONDHEIM, top_p=9), self.card.name)
        response = self._service.handle(asked)
        error = _read(response)["error"]
        told = f"{response.status} `{{error: {{{', '.join(error)}}}}}`"
        return told + (
            ", the message a JSON text" if error["message"].startswith("{") and json.loads(error["message"]) else ""
        )


def _read(response: Response) -> Any:
    """A body, or the list of a stream's chunks."""
    text = response.read().decode()
    if not text.startswith("data: "):
        return json.loads(text)
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: {")]


def _id(identifier: str) -> str:
    return next(told for pattern, told in _IDS.items() if re.fullmatch(pattern, identifier))


def _member(name: str, value: Any) -> str:
    return f"`{name}`" if value or value == "" else f"`{name}` {json.dumps(value)}"
