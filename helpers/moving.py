"""The same task in two clients: run it, take down what each sends, and say what is equal and what is not.

    move = Move()
    client = ChatCompletionsClient(..., raw_response_hook=move.record)
    ai = OpenAI(..., http_client=DefaultHttpxClient(event_hooks={"response": [move.record]}))

    move.compare("Step 1", before, after)

`before` and `after` are functions without parameters that return what the task is for. They are run, one after the
other. What differs in their requests beyond what every request differs in, and beyond what `differ` names, raises
AssertionError, and so does another result: a lesson that says "the same" has looked.
"""

from __future__ import annotations

import difflib
import inspect
import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from .display import Rich, preformatted, present, table
from .wire.layout import cut, pretty
from .wire.masking import VARIES

CLIENTS = ("azure-ai-inference", "openai", "plain HTTP")
SAME = "✓ the same"
# Headers in which two clients differ at every request: how they sign in, and what they tell of themselves.
ALWAYS_DIFFER = re.compile(r"api-key|authorization|accept|x-ms-client-request-id|x-stainless-.*|" + VARIES.pattern)
# Headers by which a client tells of itself, and whose values change.
_NAMED = {"user-agent", "x-ms-client-request-id", "x-stainless-…"}
_NOTHING = "(nothing)"
_LIMIT = 80


@dataclass(frozen=True)
class Sent:
    """A request as it went out: `path` with its query, headers in lower case, the JSON of its body (None without)."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any

    @classmethod
    def of(cls, request: Any) -> Sent:
        """From the request object of azure-core, openai or requests."""
        parts = urlsplit(str(request.url))
        content = getattr(request, "content", None) or getattr(request, "body", None) or b""
        return cls(
            request.method,
            parts.path + (f"?{parts.query}" if parts.query else ""),
            {name.lower(): str(value) for name, value in request.headers.items()},
            json.loads(content) if content else None,
        )

    @property
    def line(self) -> str:
        """Method and path, such as `POST /openai/v1/chat/completions`."""
        return f"{self.method} {self.path}"

    @property
    def telling(self) -> dict[str, str]:
        """The headers that say something about the task."""
        return {name: value for name, value in self.headers.items() if not ALWAYS_DIFFER.fullmatch(name)}

    @property
    def shown_headers(self) -> dict[str, str]:
        """The headers without secrets and without those of the connection; what names the client is summed up."""
        kept = {
            re.sub(r"^x-stainless-.*", "x-stainless-…", name): value for name, value in sorted(self.headers.items())
        }
        return {
            name: _shown(name, value) for name, value in kept.items() if name in _NAMED or not VARIES.fullmatch(name)
        }

    @property
    def shown_body(self) -> str:
        """The body laid out for reading: members by name and the longest last, long texts cut."""
        return "" if self.body is None else pretty(json.dumps(_ordered(self.body)).encode(), _brief)


@dataclass(frozen=True)
class Ran:
    """One form of a task after its run: what it returned, and what it sent."""

    client: str
    value: Any
    sent: Sequence[Sent]


@dataclass
class Move:
    """Runs the forms of a task and shows how the requests that they send differ.

    `compare_results=False` is for endpoints that word an answer anew each time: then only requests are compared.
    """

    compare_results: bool = True
    _sent: list[Sent] = field(default_factory=list)
    _statuses: list[int] = field(default_factory=list)

    def record(self, response: Any, *_: Any, **__: Any) -> None:
        """The hook: takes down the request that a response of azure-core, openai or requests belongs to."""
        self._sent.append(Sent.of(getattr(response, "http_request", None) or response.request))
        self._statuses.append(getattr(response, "http_response", response).status_code)

    def answered(self, call: Callable[[], Any]) -> tuple[str, int]:
        """Makes a call; the path that it asked first, and the status that it got there. A refusal is not raised."""
        self._sent.clear()
        self._statuses.clear()
        with suppress(Exception):  # each client has exceptions of its own: the status tells
            call()
        return self._sent[0].path, self._statuses[0]

    def run(self, name: str, form: Callable[[], Any]) -> Ran:
        """Runs one form of a task."""
        self._sent.clear()
        value = form()
        return Ran(name, json.loads(json.dumps(value)), tuple(self._sent))

    def compare(
        self, topic: str, before: Callable[[], Any], after: Callable[[], Any], differ: str | Iterable[str] = ()
    ) -> None:
        """Runs two forms of a task and shows what they send and return.

        `differ` names in what the requests may differ beside address and sign-in: members of the body by their path,
        such as `messages.2.content` (`*` stands for anything), and headers. Results are compared as JSON.

        Raises AssertionError when anything else differs, when something that is named does not, and, unless
        `compare_results` is off, when the results do.
        """
        first, second = self.run("before", before), self.run("after", after)
        _must_be_told(topic, differences(first, second), [differ] if isinstance(differ, str) else list(differ))
        if self.compare_results and first.value != second.value:
            raise AssertionError(f"{topic}: before, it gives {first.value!r}, and after, {second.value!r}.")
        present(compared(topic, first, second))

    def diff(self, before: Callable[[], Any], after: Callable[[], Any]) -> None:
        """Runs two forms of a task and shows how their first requests differ, line by line."""
        first, second = (_lines(self.run("", form).sent[0]) for form in (before, after))
        lines = list(difflib.unified_diff(first, second, "before", "after", lineterm="", n=len(first)))
        text = "\n".join(line for line in lines if not line.startswith("@@"))
        present(Rich(text, preformatted(text)))


@contextmanager
def noting_waits() -> Iterator[list[float]]:
    """In its block nobody sleeps in this thread: the seconds for which a client would have slept are in the list."""
    sleep, noted, thread = time.sleep, [], threading.get_ident()

    def note(seconds: float) -> None:
        if threading.get_ident() == thread:
            noted.append(seconds)
        else:
            sleep(seconds)

    with patch("time.sleep", note):
        yield noted


def compared(topic: str, before: Ran, after: Ran) -> Rich:
    """Two forms of a task as a table, one column each: request by request, then the result."""
    rows: list[tuple[str, str, str]] = []
    for number, (one, two) in enumerate(zip(before.sent, after.sent, strict=False), 1):
        which = f"{number}. " if len(before.sent) > 1 else ""
        found = differences(Ran("", None, [one]), Ran("", None, [two]))
        rows.append((f"{which}path", one.line, SAME if one.line == two.line else two.line))
        rows.append((f"{which}body", ", ".join(one.body or ()), told(found)))
    rows.append(("result", _result(before), SAME if before.value == after.value else _result(after)))
    return table(topic, ["", before.client, after.client], rows)


def differences(first: Ran, other: Ran) -> dict[str, tuple[Any, Any]]:
    """What differs in the requests of two forms beyond what always does: {name: (there, here)}."""
    found: dict[str, tuple[Any, Any]] = {}
    if len(first.sent) != len(other.sent):
        found["number of requests"] = len(first.sent), len(other.sent)
    for one, two in zip(first.sent, other.sent, strict=False):
        before, after = _comparable(one), _comparable(two)
        for name in dict.fromkeys([*before, *after]):
            if before.get(name, _NOTHING) != after.get(name, _NOTHING):
                found[name] = before.get(name, _NOTHING), after.get(name, _NOTHING)
    return found


def source(form: Callable[..., Any]) -> str:
    """The body of a function as it was written."""
    return inspect.cleandoc("\n" + inspect.getsource(form).partition("\n")[2])


def _must_be_told(topic: str, found: Iterable[str], named: Sequence[str]) -> None:
    if untold := sorted(name for name in found if not any(fnmatchcase(name, pattern) for pattern in named)):
        raise AssertionError(f"{topic}: the requests differ in {', '.join(untold)}, which `differ` does not name.")
    if idle := [pattern for pattern in named if not any(fnmatchcase(name, pattern) for name in found)]:
        raise AssertionError(f"{topic}: `differ` names {', '.join(idle)}, in which the requests do not differ.")


def _comparable(sent: Sent) -> dict[str, Any]:
    """The members of the body by their path, and the headers that say something about the task."""
    return dict(_flat(sent.body)) | sent.telling


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = [pair for name, item in items for pair in _flat(item, f"{path}.{name}" if path else str(name))]
    if inner:
        yield from inner
    elif path:
        yield path, value


def told(found: Mapping[str, tuple[Any, Any]]) -> str:
    """What `differences` found in the bodies, a line for each, or that they are the same."""
    members = {name: pair for name, pair in found.items() if name != "extra-parameters"}
    lines = [f"{name}: {_said(before)} → {_said(after)}" for name, (before, after) in members.items()]
    return "\n".join(lines) or SAME


def _said(value: Any) -> str:
    return value if value == _NOTHING else cut(json.dumps(value, ensure_ascii=False), 60)


def _result(form: Ran) -> str:
    value = form.value
    return cut(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), _LIMIT)


def _shown(name: str, value: str) -> str:
    if name == "api-key":
        return "(the key)"
    if name == "authorization":
        return value.partition(" ")[0] + " (the key)"
    return "(varies)" if name in _NAMED else value


def _lines(sent: Sent) -> list[str]:
    headers = [f"{name}: {value}" for name, value in sent.shown_headers.items()]
    return [sent.line, *headers, "", *sent.shown_body.splitlines()]


def _ordered(body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    return {name: body[name] for name in sorted(body, key=lambda name: (name in ("messages", "tools"), name))}


def _brief(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _brief(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_brief(item) for item in value]
    return cut(value, 60) if isinstance(value, str) else value
