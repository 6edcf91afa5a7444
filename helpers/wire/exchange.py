"""One attempt of one call: its request, its response, and what of them is shown."""

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..display import details, heading, in_notebook, phrase, preformatted, present
from . import twins
from .layout import cut
from .masking import ROUTE, Mask, in_shell
from .twins import Recipe

_EVENT_LIMIT = 600


@dataclass
class Request:
    """A request as the SDK hands it to its HTTP library, which adds no more than connection headers to it."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Response:
    """A response; `body` holds what has been read so far, decompressed."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


@dataclass(repr=False)
class Exchange:
    """One attempt of one call. `str(exchange)` is what the terminal shows, `_repr_html_` what the notebook shows.

    `attempt` counts from 1; `after` is the Retry-After value (seconds or HTTP date) that the attempt before was given;
    `ended` says how the response ended and is empty while a stream is still being read.
    """

    request: Request
    response: Response
    attempt: int = 1
    after: str | None = None
    streamed: bool = False
    ended: str = ""

    @property
    def _mask(self) -> Mask:
        return Mask.of(self.request.url, self.request.headers)

    @property
    def events(self) -> list[str]:
        """The complete server-sent events received so far, each as its own text, such as `data: [DONE]`."""
        if not self.streamed or self.response.status != HTTPStatus.OK:
            return []
        text = self.response.body.decode("utf-8", "replace")
        *whole, rest = re.split(r"\r?\n\r?\n", text)
        return [event.strip() for event in ([*whole, rest] if self.ended == "complete" else whole) if event.strip()]

    @property
    def summary(self) -> str:
        """One line, such as `POST /chat/completions → 200, 19 + 72 tokens`."""
        route = ROUTE.search(urlsplit(self.request.url).path)
        path = f"/{route[1]}" if route else self._mask(self.request.url.partition("?")[0])
        status = self.response.status
        named = status if status == HTTPStatus.OK else f"{status} {phrase(status)}"
        parts = [f"{self.request.method} {path} → {named}"]
        if self.events:
            parts.append(self.counted())
        if self._state:
            parts.append(self._state)
        if tokens := self._tokens():
            parts.append(tokens)
        retried = self.attempt > 1 or "retry-after" in self.response.headers or status in (500, 503, 504)
        after = f" after Retry-After: {self.after}" if self.after else ""
        return (f"attempt {self.attempt}{after}: " if retried else "") + ", ".join(parts)

    def save_body(self, path: str | os.PathLike[str]) -> None:
        """Writes the request's body to a file, byte for byte as it was sent."""
        Path(path).write_bytes(self.request.body)

    @property
    def _recipe(self) -> Recipe:
        request = self.request
        return Recipe.of(request.method, request.url, request.headers, request.body, self.streamed)

    def curl(self) -> str:
        """A `curl` command for a POSIX shell that sends the same request again.

        It needs the variables `AZURE_INFERENCE_ENDPOINT` and `AZURE_INFERENCE_CREDENTIAL` (with Entra ID: `TOKEN`).
        A picture or sound of the lessons is read from its file, other long base64 from `request.json`, which
        `save_body("request.json")` writes; a comment above the command says so.
        """
        return twins.curl(self._recipe)

    def python(self) -> str:
        """A Python program that sends the same request again with `requests`; it needs what `curl()` needs."""
        return twins.python(self._recipe)

    def javascript(self) -> str:
        """An ES module that sends the same request again with `fetch`; it needs what `curl()` needs."""
        return twins.javascript(self._recipe)

    def __str__(self) -> str:
        return "\n\n".join([self.summary, *self._messages().values()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        shown = "".join(heading(name) + preformatted(text) for name, text in self._messages().items())
        recipe = self._recipe
        folded = "".join(details(summary, preformatted(write(recipe))) for summary, write in twins.TWINS.items())
        return details(self.summary, shown + folded)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self._repr_html_()}

    def _messages(self) -> dict[str, str]:
        request, response, mask = self.request, self.response, self._mask
        body = self._shown_events() if self.events else mask.body(response.body)
        if self._state:
            body = f"{body}\n\n({self._state})".lstrip()

        def message(first: str, headers: Mapping[str, str], body: str) -> str:
            lines = [first]
            lines += [f"{name}: {in_shell(mask.header(name, value))}" for name, value in sorted(headers.items())]
            return "\n".join([*lines, "", body] if body else lines)

        return {
            "Request": message(f"{request.method} {mask(request.url)}", request.headers, mask.body(request.body)),
            "Response": message(f"{response.status} {phrase(response.status)}", response.headers, body),
        }

    def _shown_events(self) -> str:
        shown = [cut(self._mask(event), _EVENT_LIMIT) for event in self.events]
        if len(shown) > 6:
            shown[3:-2] = [f"… {len(shown) - 5:,} more …"]
        return "\n\n".join(shown)

    @property
    def _state(self) -> str:
        return "" if self.ended == "complete" else self.ended or "still being read"

    def counted(self) -> str:
        """How many events have come, in words."""
        count = len(self.events)
        return f"{count:,} event{'' if count == 1 else 's'}"

    def _tokens(self) -> str:
        bodies = [event.removeprefix("data: ") for event in reversed(self.events)] or [self.response.body]
        for body in bodies:
            with suppress(ValueError, AttributeError):
                if usage := json.loads(body).get("usage"):
                    counts = [usage.get("prompt_tokens"), usage.get("completion_tokens")]
                    return " + ".join(f"{count:,}" for count in counts if count is not None) + " tokens"
        return ""

    def finish(self, how: str) -> None:
        """Takes down how the response ended, if it has not ended before, and shows the exchange."""
        if not self.ended:
            self.ended = how
            if self.streamed and not in_notebook():
                print()  # ends the line of the text that was streamed
            present(self)
