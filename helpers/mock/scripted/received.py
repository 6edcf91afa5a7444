"""A request as the mock received it, and what became of it: pleasant in assertions, and without a secret in sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..gateway.routes import Kind, Operation, Target, find
from ..http import Request
from ..jsonio import loads
from ..masking import LONG, Cutter, hider, masked_headers, masked_query, quoted
from ..messages import SYSTEM, Message, read_messages


@dataclass(slots=True, eq=False, repr=False)
class Received:
    """One request as the mock received it, and what became of it.

    Of the service's own knowledge it holds: `caller` (the name behind the credential, None before it is known or when
    it was wrong), `card` (the model that answered), `parsed` and `said` (the body and its messages as they were read,
    while the request is on its way), `finish_reasons` and `usage` (of the whole answer, also when the client did not
    wait for it), `error` (the code of a refusal: the one in its body, else its status), `upstream` (what the model
    behind the mock did wrong, where there is one). The journal adds `status` (None as long as there is no answer),
    `streamed`, `chunks` (the pieces of a stream that went out, ``[DONE]`` being one) and `left` (the client went before
    the end of the stream).
    """

    number: int
    _request: Request
    caller: str | None = None
    card: str | None = None
    parsed: Any = None
    said: Sequence[Message] | None = None
    status: int | None = None
    error: str | None = None
    upstream: str | None = None
    finish_reasons: tuple[str, ...] = ()
    usage: dict[str, Any] | None = None
    streamed: bool = False
    chunks: int = 0
    left: bool = False
    _weight: int = -1  # the journal's: bytes; 0 until it is known, -1 when the note is not kept

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
        return masked_query(self._request)

    @property
    def headers(self) -> Headers:
        """The headers, found whatever the letters' case; secrets are masked, the scheme in front of one is shown."""
        return Headers(masked_headers(self._request))

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
    def _said(self) -> Sequence[Message]:
        return read_messages(self.messages) if self.said is None else self.said

    @property
    def last_user_text(self) -> str:
        """The text of the last user message, its text parts as paragraphs; "" without one."""
        return next((message.text for message in reversed(self._said) if message.role == "user"), "")

    @property
    def system_text(self) -> str:
        """The text of all system and developer messages."""
        return "\n\n".join([message.text for message in self._said if message.role in SYSTEM])

    @property
    def turns(self) -> int:
        """How many user messages the conversation holds: 1 for its first question."""
        return sum([message.role == "user" for message in self._said])

    @property
    def tool_answers(self) -> dict[str, str]:
        """The answers of tools that the conversation ends with, by the tools' names; {} when it ends with words.

        When a tool was called more than once, its last answer counts.
        """
        messages = list(self._said)
        answers: list[Message] = []
        while messages and messages[-1].role == "tool":
            answers.insert(0, messages.pop())
        names = {call.id: call.name for call in messages[-1].calls} if messages else {}
        return {names.get(answer.call_id, ""): answer.text for answer in answers}

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
        offered += self._member("functions", list) or ()
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
        return hider(self._request)

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
            "upstream": self.upstream,
            "finish_reasons": list(self.finish_reasons),
            "usage": self.usage,
            "streamed": self.streamed,
            "chunks": self.chunks,
            "left": self.left,
            "query": self.query,
            "headers": self.headers,
            **content,
        }
        return Cutter(self.hide, cap).cut(note)

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
        parts = (self.status, self.error, self.upstream, *self.finish_reasons)
        outcome = dict.fromkeys(str(part) for part in parts if part)  # some errors have no other code than the status
        line = ", ".join(said) + (f" -> {' '.join(outcome)}" if outcome else "")
        return self.hide(line) if len(line) <= LONG else f"{self.hide(line)[:LONG]}…"


class Headers(dict[str, str]):
    """Headers by name, whatever the letters' case."""

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)
