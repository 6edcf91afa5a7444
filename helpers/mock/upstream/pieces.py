"""What an upstream sends, as plain values: the events of a stream, whatever their spelling, and the pieces in them.

Servers that call themselves compatible differ. Taken are CRLF, comments, events without an empty line between them,
chunks of usage without a choice, deltas with nothing but a role, texts as lists of parts, thoughts under either name,
calls without an index, arguments as an object, a whole answer where a stream was asked for, and no ``[DONE]``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from ..jsonio import dumps, loads

MAX_LINE = 2**22
"""Bytes of one event; a server that sends more without an end sends none."""


class UpstreamError(Exception):
    """An upstream that cannot answer: `status` is what the service says in its place, `wait` the seconds until it is
    worth another try. The text says what happened, for the journal and for the client."""

    def __init__(self, reason: str, status: int = 502, wait: int | None = None) -> None:
        super().__init__(reason)
        self.status, self.wait = status, wait


class CallPiece(NamedTuple):
    """A part of a tool call: of that with the number `place`, if the server says which, else of the last. Without a
    `place`, a `name` begins another."""

    place: int | None
    name: str
    arguments: str


class Piece(NamedTuple):
    """What one event brings."""

    text: str = ""
    thought: str = ""
    calls: tuple[CallPiece, ...] = ()
    finish: str = ""
    logprobs: tuple[dict[str, Any], ...] = ()


class Events:
    """Reads the pieces of a stream from its bytes, wherever these were cut.

    A piece that is nothing but text is given as the text. Of a long stream most events are such, and alike but for it:
    the frame around the text is learnt, so that the next one need not be parsed to the end.
    """

    def __init__(self) -> None:
        self._rest = self._begun = b""
        self._frame: tuple[bytes, bytes] | None = None
        self._lessons = 50  # frames that are learnt; a server whose events are never alike is not worth more
        self.done = False

    def feed(self, data: bytes) -> Iterator[str | Piece]:
        """The pieces that are complete by now. Raises UpstreamError for what is none, behind those before it."""
        lines = (self._rest + data).split(b"\n") if self._rest else data.split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > MAX_LINE:
            raise UpstreamError("it sent an event without an end")
        for line in lines:
            if line.startswith(b"data:"):
                if (text := self._framed(line)) is not None:
                    yield text
                    continue
                data = line[5:]
            elif line.startswith((b"{", b"error:")):  # an error outside of any event
                data = line.removeprefix(b"error:")
            elif self._begun and not line.strip():
                raise UpstreamError(f"it sent what is no JSON: {_shown(self._begun)}")
            else:
                continue
            data = self._begun + data
            try:
                value = loads(data)
            except ValueError:
                if data.strip() == b"[DONE]":
                    self.done = True
                    return
                self._begun = data + b"\n"  # an event may have several lines
                continue
            self._begun = b""
            piece = read(value)
            if piece.text and not any(piece[1:]):
                self._learn(line, piece.text)
                yield piece.text
            elif any(piece):
                yield piece

    def end(self) -> Iterator[str | Piece]:
        """What is left when the last byte has come: an event without a line end."""
        return iter(()) if self.done else self.feed(b"\n\n")

    def _framed(self, line: bytes) -> str | None:
        """The text of an event that is like the one before; None for any other."""
        if self._frame is None or self._begun:
            return None
        before, after = self._frame
        if not (line.startswith(before) and line.endswith(after)):
            return None
        try:
            text = loads(line[len(before) : len(line) - len(after)])
        except ValueError:
            return None
        return text if type(text) is str and text else None

    def _learn(self, line: bytes, text: str) -> None:
        """Learn the frame of an event, if another text in its place is read as that text."""
        self._frame = None
        before, found, after = line.rpartition(dumps(text))
        if found and self._lessons:
            self._lessons -= 1
            with suppress(ValueError, UpstreamError):
                if read(loads(before[5:] + b'"another"' + after)) == Piece("another"):
                    self._frame = before, after


NOTHING = Piece()


def read(value: Any) -> Piece:
    """What the JSON of an event, or of a whole answer, brings. Raises UpstreamError for an error."""
    try:
        if value.get("error"):
            raise UpstreamError(f"it answered with an error: {told(value)}")
        choices = value.get("choices")
        if not choices:
            return NOTHING
        choice = choices[0]
        if choice.get("index"):  # each choice is asked for by itself
            return NOTHING
        delta = choice.get("delta") or choice.get("message") or {}
        return Piece(
            _text(delta.get("content")) + _text(delta.get("refusal")),
            _text(delta.get("reasoning_content") or delta.get("reasoning")),
            tuple(_calls(delta.get("tool_calls"))),
            _text(choice.get("finish_reason")),
            tuple(_logprobs(choice.get("logprobs"))),
        )
    except (AttributeError, KeyError, TypeError, IndexError):
        raise UpstreamError(f"it sent what is no chat completion: {_shown(dumps(value))}") from None


def told(value: Any) -> str:
    """What an error says, in the words of whoever raised it."""
    error = value.get("error", value) if isinstance(value, dict) else value
    if isinstance(error, dict) and isinstance(error.get("message"), str):
        return error["message"][:300]
    return error[:300] if isinstance(error, str) else _shown(dumps(error))


def _text(given: Any) -> str:
    """A text, or the texts of a list of parts."""
    if isinstance(given, list):
        return "".join([_text(part.get("text")) for part in given])
    if given is None:
        return ""
    if not isinstance(given, str):
        raise TypeError
    return given


def _calls(given: Any) -> Iterator[CallPiece]:
    for call in given or ():
        function = call.get("function") or {}
        arguments = function.get("arguments") or ""
        if isinstance(arguments, dict):
            arguments = dumps(arguments).decode()
        index = call.get("index")
        yield CallPiece(index if isinstance(index, int) else None, _text(function.get("name")), _text(arguments))


def _logprobs(given: Any) -> Iterator[dict[str, Any]]:
    for entry in (given or {}).get("content") or ():
        yield {**_entry(entry), "top_logprobs": [_entry(other) for other in entry.get("top_logprobs") or ()]}


def _entry(entry: Any) -> dict[str, Any]:
    token = _text(entry["token"])
    return {"token": token, "logprob": float(entry["logprob"]), "bytes": entry.get("bytes") or list(token.encode())}


def _shown(data: bytes) -> str:
    text = " ".join(data[:400].decode(errors="replace").split())
    return text if len(text) <= 100 else f"{text[:100]}…"
