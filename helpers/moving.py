"""The same task in several clients: run it, read along what each sends, and say what is equal and what is not.

    move = Move()
    client = ChatCompletionsClient(..., raw_response_hook=move.record)
    ai = OpenAI(..., http_client=DefaultHttpxClient(event_hooks={"response": [move.record]}))
    http = requests.Session()
    http.hooks["response"].append(move.record)

    move.compare("A question", old, new, plain)

`old`, `new` and `plain` are functions without parameters that return what the task is for. They are run, one after the
other. What differs in their requests beyond what every request differs in, and beyond what `differ` names, raises
AssertionError, and so does another result: a lesson that says "the same" has looked.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from .display import Rich, code_table, preformatted, present
from .wire.layout import cut, pretty
from .wire.masking import VARIES

CLIENTS = ("azure-ai-inference", "openai", "plain HTTP")
SAME = "✓ the same"
# Headers in which two clients differ at every request: how they sign in, and what they tell of themselves.
ALWAYS_DIFFER = re.compile(r"api-key|authorization|accept|x-ms-client-request-id|x-stainless-.*|" + VARIES.pattern)
# What the clients add by themselves: the old one a header when there are extras, the new one the form of vectors.
WRITTEN_DIFFERENTLY = {"extra-parameters", "encoding_format"}
# Headers by which a client tells of itself, and whose values change.
_NAMED = {"user-agent", "x-ms-client-request-id", "x-stainless-…"}
_NOTHING = "(nothing)"
_LIMIT = 400


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
    """Runs the forms of tasks, shows them beside one another, and keeps a row of each for `mapping` and `summary`.

    `compare_results=False` is for endpoints that word an answer anew each time: then only requests are compared.
    """

    compare_results: bool = True
    last: list[Ran] = field(default_factory=list)
    _sent: list[Sent] = field(default_factory=list)
    _pairs: dict[str, tuple[str, str]] = field(default_factory=dict)
    _tasks: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def record(self, response: Any, *_: Any, **__: Any) -> None:
        """The hook: takes down the request that a response of azure-core, openai or requests belongs to."""
        self._sent.append(Sent.of(getattr(response, "http_request", None) or response.request))

    async def arecord(self, response: Any) -> None:
        """`record` for asynchronous clients of openai, which await their hooks."""
        self.record(response)

    def run(self, client: str, form: Callable[[], Any]) -> Ran:
        """Runs one form of a task."""
        self._sent.clear()
        value = form()
        return Ran(client, as_json(value), tuple(self._sent))

    def compare(
        self,
        topic: str,
        old: Callable[[], Any],
        new: Callable[[], Any],
        *plain: Callable[[], Any],
        differ: str = "",
        names: Sequence[str] = CLIENTS,
    ) -> None:
        """Runs the forms of a task and shows requests and results side by side, under their `names`.

        `differ`: what may differ in the requests beyond what always does, as names with a space between them: members
        of the body by their path, such as `messages.2.content` (`*` stands for anything), and headers.

        Raises AssertionError when anything else differs, when something that is named does not, and, unless
        `compare_results` is off, when the results do.
        """
        ran = [self.run(client, form) for client, form in zip(names, (old, new, *plain), strict=False)]
        found = [differences(ran[0], other) for other in ran[1:]]
        _must_be_told(topic, {name for other in found for name in other}, differ.split())
        for other in ran[1:]:
            if self.compare_results and other.value != ran[0].value:
                told = f"{other.client} gives {other.value!r}, and {names[0]} {ran[0].value!r}"
                raise AssertionError(f"{topic}: {told}.")
        self.last = ran
        self._tasks[topic] = (", ".join(differ.split()) or "nothing", "✓" if self.compare_results else "not compared")
        present(compared(topic, ran))

    def pairs(self, *rows: tuple[str, Callable[[], Any], Callable[[], Any]]) -> None:
        """Evaluates pairs of expressions, (name, old, new), and shows them: they are the same in JSON.

        Raises AssertionError for a pair that is not, unless it asks an endpoint and `compare_results` is off. Requests
        that a pair sends may differ only in how each client writes extras and vectors.
        """
        shown = []
        for name, old, new in rows:
            before, after = self.run(CLIENTS[0], old), self.run(CLIENTS[1], new)
            _must_be_told(name, differences(before, after).keys() - WRITTEN_DIFFERENTLY, [])
            if before.value != after.value and (self.compare_results or not before.sent):
                raise AssertionError(f"{name}: {before.value!r} is not {after.value!r}.")
            self._pairs[name] = source(old), source(new)
            shown.append((name, *self._pairs[name], "✓"))
        present(code_table("Two spellings of one thing", ["", CLIENTS[0], CLIENTS[1], "same"], shown))

    def headers(self) -> None:
        """Shows the headers of the task compared last, one row for each name, without those of the connection."""
        forms = {ran.client: ran.sent[0].shown_headers for ran in self.last}
        names = sorted({name for headers in forms.values() for name in headers})
        rows = [(name, *(headers.get(name, "") for headers in forms.values())) for name in names]
        present(code_table("Headers", ["", *forms], rows))

    def diff(self) -> None:
        """Shows how the first two requests of the task compared last differ, line by line."""
        before, after = (_lines(ran.sent[0]) for ran in self.last[:2])
        lines = list(difflib.unified_diff(before, after, *CLIENTS[:2], lineterm="", n=len(before)))
        text = "\n".join(line for line in lines if not line.startswith("@@"))
        present(Rich(text, preformatted(text)))

    def mapping(self) -> None:
        """Shows all pairs that were found the same so far."""
        rows = [(name, old, new, "✓") for name, (old, new) in self._pairs.items()]
        present(code_table(f"{len(rows)} pairs, all run", ["", CLIENTS[0], CLIENTS[1], "same"], rows))

    def summary(self) -> None:
        """Shows all tasks that were compared so far, and what their requests differed in."""
        rows = [(topic, *row) for topic, row in self._tasks.items()]
        present(code_table(f"{len(rows)} tasks, all run", ["", "requests differ in", "same result"], rows))


def compared(topic: str, ran: Sequence[Ran]) -> Rich:
    """The forms of a task as a table, one column each: request, headers that stand out, body, result."""
    first, *others = ran
    rows = [
        ("request", *("\n".join(map(_head, form.sent)) for form in ran)),
        ("body", _bodies(first), *(told(differences(first, form)) for form in others)),
        ("result", _result(first), *(SAME if form.value == first.value else _result(form) for form in others)),
    ]
    grid = code_table(topic, ["", *(form.client for form in ran)], rows)
    lines = [f"{title}, {form.client}: {cell}" for title, *cells in rows for form, cell in zip(ran, cells, strict=True)]
    return Rich("\n".join([f"[{topic}]", *lines]), grid.html)


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


def as_json(value: Any) -> Any:
    """A value as JSON would have it: models of azure-ai-inference and of openai become dictionaries, tuples lists."""
    if hasattr(value, "as_dict"):
        return as_json(value.as_dict())
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_unset=True)
    if isinstance(value, Mapping):
        return {name: as_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return str(getattr(value, "value", value)) if isinstance(value, str) else value


def source(form: Callable[[], Any]) -> str:
    """The expression of a lambda, on one line, or the body of a function as it was written."""
    code = form.__code__  # pyright: ignore[reportFunctionMemberAccess]
    if code.co_name != "<lambda>":
        return inspect.cleandoc("\n" + inspect.getsource(form).partition("\n")[2])
    text = "".join(inspect.findsource(form)[0])
    spots = {(line, column) for line, _, column, _ in code.co_positions() if column}
    bodies = [node.body for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Lambda)]
    around = [body for body in bodies if any(_start(body) <= spot < _end(body) for spot in spots)]
    words = ast.get_source_segment(text, max(around, key=_start)) or ""
    closed = re.sub(r",?\s*\n\s*(?=[)\]}])|(?<=[(\[{])\s*\n\s*", "", words)
    return re.sub(r"\s*\n\s*", " ", closed)


def _start(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.expr) -> tuple[int, int]:
    return node.end_lineno or 0, node.end_col_offset or 0


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


def _head(sent: Sent) -> str:
    return "\n".join(
        [sent.line, *(f"{name}: {value}" for name, value in sent.telling.items() if name != "content-type")]
    )


def told(found: Mapping[str, tuple[Any, Any]]) -> str:
    """What `differences` found in the bodies, a line for each, or that they are the same."""
    members = {name: pair for name, pair in found.items() if name != "extra-parameters"}
    lines = [f"{name}: {_said(before)} → {_said(after)}" for name, (before, after) in members.items()]
    return "\n".join(lines) or SAME


def _said(value: Any) -> str:
    return value if value == _NOTHING else cut(json.dumps(value, ensure_ascii=False), 60)


def _bodies(form: Ran) -> str:
    return "\n".join(cut(sent.shown_body, _LIMIT) for sent in form.sent)


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
