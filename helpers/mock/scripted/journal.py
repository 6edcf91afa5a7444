"""The journal: which requests the mock received, in order, without a secret in sight and within bounds.

`Journal.open` notes a request when it arrives, `Journal.close` its answer. Both only keep what is at hand; reading,
masking and cutting wait until somebody looks. A `Received` is one note: pleasant in assertions, and what a scripted
answer is chosen by.

Bounds: `size` notes, `cap` bytes for each, `memory` bytes for all, the oldest forgotten first. A few numbers for each
known caller are kept besides.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

from ..errors import ApiError
from ..gateway.routes import Kind, Operation, Target, find
from ..http import Event, Request, Response
from ..jsonio import dumps, loads

MASK = "***"
"""What stands for a secret: nothing of it, not even its length."""

_SECRET = re.compile(
    r".*(?:key|cookie|password|secret|signature|token|credential)s?|.*auth(?:orization)?|.*identity-header|sig|code",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(bearer|basic|digest|negotiate)\s+(?=\S)", re.IGNORECASE)
_JWT = re.compile(r"eyJ[\w-]{6,}\.[\w-]+\.[\w-]*")
_KEY_LIKE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w+/=.-]{24,}")  # of a query: its own values are short words and dates
_FOUND_ANYWHERE = 8  # characters; a shorter secret is masked in its own place only, elsewhere it is found by accident
_LONG = 1_000  # characters of a string that a note shows whole
_HEAD = 100  # characters that it shows of a longer one
_SHOWN = 100  # notes that the route shows when it is not told how many
_QUERY = ("last", "path", "caller")  # what the route can be asked
_ROOM = 32  # bytes around a member: quotes, comma, the tale of how much is left out


@dataclass(slots=True, eq=False, repr=False)
class Received:
    """One request as the mock received it, and what became of it.

    Of the service's own knowledge it holds: `caller` (the name behind the credential, None before it is known or when
    it was wrong), `card` (the model that answered), `parsed` (the body while the request is on its way),
    `finish_reasons` and `usage` (of the whole answer, also when the client did not wait for it). The journal adds
    `status` (None as long as there is no answer), `error` (the code of a refusal), `streamed`, `chunks` (the pieces of
    a stream that went out, ``[DONE]`` being one) and `left` (the client went before the end of the stream).
    """

    number: int
    _request: Request
    caller: str | None = None
    card: str | None = None
    parsed: Any = None
    status: int | None = None
    error: str | None = None
    finish_reasons: tuple[str, ...] = ()
    usage: dict[str, Any] | None = None
    streamed: bool = False
    chunks: int = 0
    left: bool = False
    _weight: int = -1

    # --- the address ---

    @property
    def method(self) -> str:
        return self._request.method

    @property
    def path(self) -> str:
        return self._request.path

    @property
    def query(self) -> dict[str, str]:
        """The query; what looks like a secret in it is masked."""
        given, hide = self._request.query.items(), self.hide
        return {hide(name): MASK if _secret_in_query(name, value) else hide(value) for name, value in given}

    @property
    def headers(self) -> Headers:
        """The headers, found whatever the letters' case; secrets are masked, the scheme in front of one is shown."""
        hide = self.hide
        return Headers(
            {
                name: _masked_header(value) if _SECRET.fullmatch(name) else hide(value)
                for name, value in self._request.headers.items()
            }
        )

    @property
    def target(self) -> Target | None:
        return find(self._request.path)

    @property
    def route(self) -> Kind | None:
        """ "models", "serverless", "openai" or "v1"; None for an address that does not exist."""
        return self.target.route.kind if self.target else None

    @property
    def operation(self) -> Operation | None:
        """ "chat", "embeddings", "image_embeddings", "info" ...; None for an address that does not exist."""
        return self.target.operation if self.target else None

    # --- the body ---

    @property
    def body(self) -> bytes:
        """The body as it was sent; one that alone is larger than the journal's `cap` is kept cut."""
        return self._request.body

    @property
    def json(self) -> Any:
        """The body parsed, exactly as it was sent up to the journal's `cap`; None when it is not JSON."""
        if self.parsed is not None:
            return self.parsed
        try:
            return loads(self._request.body)
        except ValueError:
            return None

    def _member(self, name: str, kind: type) -> Any:
        body = self.json
        value = body.get(name) if isinstance(body, dict) else None
        return value if isinstance(value, kind) else None

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [message for message in self._member("messages", list) or () if isinstance(message, dict)]

    @property
    def last_user_text(self) -> str:
        """The text of the last user message, its text parts as paragraphs; "" without one."""
        return next((text_of(m) for m in reversed(self.messages) if m.get("role") == "user"), "")

    @property
    def system_text(self) -> str:
        """The text of all system and developer messages."""
        return "\n\n".join(text_of(m) for m in self.messages if m.get("role") in ("system", "developer"))

    @property
    def turns(self) -> int:
        """How many user messages the conversation holds: 1 for its first question."""
        return sum(message.get("role") == "user" for message in self.messages)

    @property
    def tool_answers(self) -> dict[str, str]:
        """The answers of tools that the conversation ends with, by the tools' names; {} when it ends with words.

        When a tool was called more than once, its last answer counts.
        """
        messages = self.messages
        answers: list[dict[str, Any]] = []
        while messages and messages[-1].get("role") == "tool":
            answers.insert(0, messages.pop())
        calls = messages[-1].get("tool_calls") if messages else None
        names = {}
        for call in calls if isinstance(calls, list) else ():
            function = call.get("function") if isinstance(call, dict) else None
            if isinstance(function, dict):
                names[str(call.get("id"))] = str(function.get("name"))
        return {names.get(str(answer.get("tool_call_id")), ""): text_of(answer) for answer in answers}

    @property
    def inputs(self) -> list[str]:
        """The texts of an embeddings request, of pictures the text beside them."""
        given = self.json.get("input") if isinstance(self.json, dict) else None
        items = given if isinstance(given, list) else [given]
        texts = (item.get("text") if isinstance(item, dict) else item for item in items)
        return [text for text in texts if isinstance(text, str)]

    @property
    def asked(self) -> str:
        """What the request is about: the last user message, or the texts to embed."""
        return self.last_user_text or "\n\n".join(self.inputs)

    @property
    def deployment(self) -> str | None:
        """The model's name as the request says it: in its address, else in its body."""
        named = self.target.deployment if self.target else None
        return named or self._member("model", str)

    @property
    def model(self) -> str | None:
        """The model that answered, else the one that was asked for."""
        return self.card or self.deployment

    @property
    def tools(self) -> list[str]:
        """The names of the tools that the request offers."""
        offered = [tool.get("function") for tool in self._member("tools", list) or () if isinstance(tool, dict)]
        return [str(function["name"]) for function in offered if isinstance(function, dict) and "name" in function]

    @property
    def response_format(self) -> str:
        """ "text", "json_object" or "json_schema"."""
        return str((self._member("response_format", dict) or {}).get("type", "text"))

    @property
    def stream(self) -> bool:
        """Whether a stream was asked for."""
        return bool(self._member("stream", bool))

    # --- told ---

    @property
    def hide(self) -> Callable[[str], str]:
        """A function that masks this request's secrets wherever they stand in a text."""
        return _hider(self._request)

    def told(self, cap: int = 2**16) -> dict[str, Any]:
        """The note as plain values for JSON: every secret masked, long strings cut, `cap` bytes at the most."""
        body = self.json
        content = {"text": self._request.body.decode(errors="replace")} if body is None else {"json": body}
        note = {
            "number": self.number,
            "method": self.method,
            "path": self.path,
            "route": self.route,
            "operation": self.operation,
            "deployment": self.deployment,
            "model": self.model,
            "caller": self.caller,
            "status": self.status,
            "error": self.error,
            "finish_reasons": list(self.finish_reasons),
            "usage": self.usage,
            "streamed": self.streamed,
            "chunks": self.chunks,
            "left": self.left,
            "query": self.query,
            "headers": self.headers,
            **content,
        }
        return _Cutter(self.hide, cap).cut(note)

    def __repr__(self) -> str:
        """One line: ``#3 chat on gpt-4o, 2 turns, "And in Asia?", tools get_weather -> 200 stop``."""
        said = [f"#{self.number} {self.operation or f'{self.method} {self.path}'}"]
        if self.model:
            said[0] += f" on {self.model}"
        if self.turns:
            said.append(f"{self.turns} turn{'s' if self.turns > 1 else ''}")
        if self.asked:
            said.append(quoted(self.asked, self.hide))
        if self.tool_answers:
            said.append(f"after tool {', '.join(self.tool_answers)}")
        elif self.tools:
            said.append(f"tools {', '.join(self.tools)}")
        outcome = [str(part) for part in (self.status, self.error, *self.finish_reasons) if part]
        line = ", ".join(said) + (f" -> {' '.join(outcome)}" if outcome else "")
        return self.hide(line) if len(line) <= _LONG else f"{self.hide(line)[:_LONG]}…"


class Headers(dict[str, str]):
    """Headers by name, whatever the letters' case."""

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


@dataclass(slots=True)
class Tally:
    """How busy a caller has been: requests answered, those of them that were refused, the last one's status."""

    requests: int = 0
    refused: int = 0
    last_status: int | None = None

    def add(self, status: int) -> None:
        self.requests += 1
        self.refused += status >= 400
        self.last_status = status


class Journal:
    """The notes of one service. Safe to use from several threads.

    Not `enabled`, it makes notes for the request at hand (scripted answers need them) and keeps none.
    """

    def __init__(self, size: int = 1_000, cap: int = 2**16, *, memory: int = 16 * 2**20, enabled: bool = True) -> None:
        self.size, self.cap, self.memory, self.enabled = size, cap, memory, enabled
        self._notes: deque[Received] = deque()
        self._count = self._bytes = 0
        self._tallies: dict[str | None, Tally] = {}
        self._lock = Lock()

    def open(self, request: Request) -> Received:
        """Note a request that has arrived. Give what `close` gets."""
        with self._lock:
            self._count += 1
            received = Received(self._count, request)
            if self.enabled:
                received._weight = 0  # kept; weighed when its answer is known
                self._notes.append(received)
                if len(self._notes) > self.size:
                    self._forget()
        return received

    def close(self, received: Received, response: Response) -> Response:
        """Note the answer; the events of a stream are counted as they go out."""
        received.status = response.status
        if response.status >= 400:
            received.error = response.headers.get("x-ms-error-code")
        if response.events is not None:
            received.streamed = True
        if self.enabled:
            with self._lock:
                self._tallies.setdefault(received.caller, Tally()).add(response.status)
        if received._weight < 0:
            received.parsed = None
            return response
        if response.events is not None:
            response.events = _Watched(received, response.events)
        weight = _weight(received._request)
        if weight > self.cap:
            received._request = _small(received, self.cap)
            weight = _weight(received._request)
        received.parsed = None
        with self._lock:
            if received._weight == 0:  # not forgotten meanwhile
                received._weight = weight
                self._bytes += weight
                while self._bytes > self.memory and self._notes:
                    self._forget()
        return response

    def _forget(self) -> None:
        oldest = self._notes.popleft()
        self._bytes -= oldest._weight
        oldest._weight = -1

    def entries(self) -> list[Received]:
        """The notes that are kept, oldest first."""
        with self._lock:
            return list(self._notes)

    def reset(self) -> None:
        """Forget everything; the next request is number 1."""
        with self._lock:
            while self._notes:
                self._forget()
            self._count = 0
            self._tallies.clear()

    def render(self, request: Request, who: str | None = None) -> Response:
        """Answer ``GET /_mock/requests?last=N&path=TEXT&caller=NAME``: the newest N notes (100) that fit, as JSON.

        A note fits whose path holds TEXT and whose caller is NAME. `who` is the caller whose notes alone are shown;
        None shows those of everybody and how busy each caller has been since the start or a reset, also with what is
        forgotten by now: requests answered, those refused (4xx and 5xx), the last status. Raises ApiError: 400 for
        another name in the query and when `last` is not a number, 403 for the `caller` that `who` is not.
        """
        for name, given in request.query.items():
            if name not in _QUERY:
                right = f"there are only {', '.join(_QUERY[:-1])} and {_QUERY[-1]}"
                raise ApiError("bad_mock_query", name=name, given=given, right=right)
        caller = request.query.get("caller", who)
        if who is not None and caller != who:
            raise ApiError("owner_only")
        last = request.query.get("last", str(_SHOWN))
        if not re.fullmatch(r"[0-9]{1,9}", last):
            raise ApiError("bad_mock_query", name="last", given=last, right="write how many requests to show")
        with self._lock:
            notes, forgotten = list(self._notes), self._count - len(self._notes)
            tallies = [{"caller": name, **asdict(tally)} for name, tally in self._tallies.items()]
        part = request.query.get("path", "")
        found = [note for note in notes if caller in (None, note.caller) and part in note.path]
        shown = found[max(0, len(found) - int(last)) :]
        body = {"enabled": self.enabled, "found": len(found), "requests": [note.told(self.cap) for note in shown]}
        if who is None:  # how busy the others are is nobody else's business
            body["forgotten"] = forgotten if self.enabled else 0
            body["callers"] = tallies
        return Response(200, {"content-type": "application/json", "cache-control": "no-store"}, dumps(body))


class _Watched:
    """The events of a stream, counted: whoever asks for the next one has sent the one before."""

    __slots__ = ("_events", "_handed", "_received")

    def __init__(self, received: Received, events: Iterator[Event]) -> None:
        self._received, self._events, self._handed = received, iter(events), 0

    def __iter__(self) -> _Watched:
        return self

    def __next__(self) -> Event:
        self._received.chunks = self._handed
        try:
            event = next(self._events)
        except StopIteration:
            self._handed = -1
            raise
        self._handed += 1
        return event

    def close(self) -> None:
        """The client reads no further."""
        if self._handed >= 0:
            self._received.left, self._handed = True, -1
        with suppress(AttributeError):  # iterators other than generators have nothing to close
            self._events.close()  # pyright: ignore[reportAttributeAccessIssue]


# --- what is read of a message ----------------------------------------------------------------------------------------


def text_of(message: Mapping[str, Any]) -> str:
    """The text of a message, its text parts as paragraphs; "" for anything else, whatever was sent."""
    content = message.get("content")
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text")
        return "\n\n".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def quoted(text: str, hide: Callable[[str], str] = str, most: int = _HEAD) -> str:
    """Text in quotation marks on one line, secrets hidden, at most `most` characters of it."""
    line = " ".join(hide(text).split())
    return f'"{line}"' if len(line) <= most else f'"{line[:most]}…"'


# --- secrets ----------------------------------------------------------------------------------------------------------


def _secret_in_query(name: str, value: str) -> bool:
    return bool(_SECRET.fullmatch(name) or _KEY_LIKE.fullmatch(value) or _JWT.search(value))


def _masked_header(value: str) -> str:
    scheme = _SCHEME.match(value.strip())
    return f"{scheme[1]} {MASK}" if scheme else MASK


def _secrets(request: Request) -> Iterator[str]:
    for name, value in request.headers.items():
        if _SECRET.fullmatch(name):
            yield value
            yield _SCHEME.sub("", value.strip(), count=1)
            if "cookie" in name.lower():
                yield from (pair.partition("=")[2].strip() for pair in value.split(";"))
    for name, value in request.query.items():
        if _secret_in_query(name, value):
            yield value


def _hider(request: Request) -> Callable[[str], str]:
    found = set()
    for secret in _secrets(request):
        found.add(secret.strip())
        with suppress(UnicodeError):  # a header is read as Latin-1, and may be UTF-8
            found.add(secret.strip().encode("latin-1").decode())
    words = sorted((word for word in found if len(word) >= _FOUND_ANYWHERE), key=len, reverse=True)
    pattern = re.compile("|".join([*map(re.escape, words), _JWT.pattern]))
    return lambda text: pattern.sub(MASK, text)


# --- sizes ------------------------------------------------------------------------------------------------------------


def _weight(request: Request) -> int:
    headers, query = request.headers, request.query
    names = sum(map(len, headers)) + sum(map(len, query))
    return (
        len(request.body) + len(request.path) + names + sum(map(len, headers.values())) + sum(map(len, query.values()))
    )


def _small(received: Received, cap: int) -> Request:
    """The request masked and cut until it weighs no more than `cap` bytes.

    The body is cut as JSON where the service has parsed it already, else as text: nobody's large body is parsed only
    to be noted.
    """
    request, hide = received._request, received.hide
    share = cap // 4
    if received.parsed is not None:
        body = dumps(_Cutter(hide, cap // 2).cut(received.parsed))
    else:
        longest = max(map(len, _secrets(request)), default=0)
        text = hide(request.body[: cap // 2 + 4 * longest].decode(errors="replace"))
        body = text.encode("utf-8", "replace")[: cap // 2]
    headers = _Cutter(hide, share).cut(received.headers)
    query = _Cutter(hide, share // 2).cut(received.query)
    path = hide(request.path)[: share // 2]
    return Request(request.method, path, query, headers, body)


class _Cutter:
    """Cuts a JSON value to a number of bytes: long strings to their beginning, arrays and objects to their first
    members, telling how much is left out. Secrets are hidden first, so that a cut never leaves half of one.
    """

    def __init__(self, hide: Callable[[str], str], room: int) -> None:
        self._hide, self._room = hide, room

    def cut(self, value: Any) -> Any:
        """The value as far as there is room for it."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            members = []
            for position, item in enumerate(value):
                if self._room < _ROOM:
                    return [*members, f"… ({len(value) - position:,} more)"]
                members.append(self.cut(item))
            self._room -= 2
            return members
        if isinstance(value, dict):
            named: dict[str, Any] = {}
            for position, (name, item) in enumerate(value.items()):
                if self._room < _ROOM:
                    return {**named, "…": f"{len(value) - position:,} more"}
                named[self._text(name)] = self.cut(item)
            self._room -= 2
            return named
        self._room -= len(str(value)) + 1
        if isinstance(value, bool) or value is None:
            return value
        return value if self._hide(str(value)) == str(value) else MASK

    def _text(self, text: str) -> str:
        shown = self._hide(text)
        if len(shown) > _LONG or len(dumps(shown)) > self._room:
            head = min(_HEAD, max(0, self._room // 6))  # a character can take six bytes in JSON
            shown = f"{shown[:head]}… ({len(shown):,} characters)"
        self._room -= len(dumps(shown)) + 1
        return shown
