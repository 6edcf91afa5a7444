"""Answers that are still being written: what has come so far of each choice, and where the service ends it.

An engine that does not know its answer yet gives a `Flow`. The pieces go out as they come; what is the service's
business is done on the way: the most tokens, stop sequences, the content filter. Tool calls are told when they are
whole, for only then can they be checked and have the form of their family.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from threading import Lock
from typing import Any, NamedTuple, TypeGuard, cast

from ..gateway import filters
from ..jsonio import loads
from ..model.writing.generate import Sampling
from ..scripted.replies import ToolCall
from ..upstream.exchange import Exchange
from ..upstream.pieces import CallPiece, Piece, UpstreamError
from .asked import ChatRequest
from .conforming import misfit


class Flow(NamedTuple):
    """Where the pieces of each choice come from."""

    sources: Sequence[Exchange[str | Piece]]

    def close(self) -> None:
        """Nobody wants the rest."""
        for source in self.sources:
            source.close()


class Growing:
    """One choice: `text` is what may be told of it, `calls` its tool calls, `finish` why it ended ("" as long as it
    has not)."""

    def __init__(self, source: Exchange[str | Piece], asked: ChatRequest, sampling: Sampling) -> None:
        self.source, self.asked = source, asked
        self.finish = self._ends = ""
        self.thought: list[str] = []
        self.logprobs: list[dict[str, object]] = []
        self._calls: list[list[str]] = []
        self._texts: list[str] = []
        self._length = 0  # characters told
        self._limit, self._room = sampling.limit, sampling.limit
        self._stop, self._held = sampling.stop, ""
        self._filtered = not (asked.card.asynchronous_filter and asked.options.stream)
        self._tail = ""
        self.results = filters.judge("", "completion").results()

    @property
    def text(self) -> str:
        return "".join(self._texts)

    @property
    def calls(self) -> list[ToolCall]:
        return [ToolCall(name, _object(arguments)) for name, arguments in self._calls]

    def advance(self) -> list[str]:
        """What can be told by now. Raises UpstreamError when that is nothing, and there should be more."""
        ended = self.source.ended  # asked first: what comes between the two is then taken the next time
        pieces = self.source.take()
        if pieces and self._plain(pieces):
            self._texts += pieces
            return pieces
        told: list[str] = []
        for piece in pieces:
            if self.finish or self._ends:
                break
            if isinstance(piece, str):
                told += self._say(piece)
                continue
            if piece.thought:
                self.thought.append(piece.thought)
            self.logprobs += piece.logprobs
            for call in piece.calls:
                self._add(call)
            if piece.text:
                told += self._say(piece.text)
            self._ends = piece.finish
        if told or self.finish:
            return told
        if ended and not self._ends:
            if self.source.fault:
                raise self.source.fault
            self._ends = "stop"
        return self._end(self._ends) if self._ends else []

    def _plain(self, pieces: Sequence[str | Piece]) -> TypeGuard[list[str]]:
        """Whether pieces are nothing but text that may go out as it is."""
        if self._stop or set(map(type, pieces)) != {str}:
            return False
        text = "".join(cast("Sequence[str]", pieces))
        room = self._room - len(text.encode())
        if room < 0:  # there may be more tokens than allowed; before that there cannot be
            room = self._limit - self.asked.tokenizer.count(self.text + text)
        tail = self._tail[-filters.LONGEST :] + text
        if room < 0 or (self._filtered and filters.suspicious(tail, "completion")):
            return False
        self._room, self._tail, self._length = room, tail, self._length + len(text)
        return True

    def _say(self, text: str) -> list[str]:
        """As much of a piece as may be told; a part that may be the beginning of a stop sequence is held back."""
        if self._stop:
            text = self._held + text
            found = [place for stop in self._stop if (place := text.find(stop)) >= 0]
            if found:
                text, self.finish = text[: min(found)], "stop"
            held = 0 if found else max(_overlap(text, stop) for stop in self._stop)
            text, self._held = (text[:-held], text[-held:]) if held else (text, "")
        text = self._within(text)
        if not text:
            return []
        self._texts.append(text)
        self._length += len(text)
        return [text]

    def _within(self, text: str) -> str:
        """A text cut where the tokens are used up, or where the filter strikes."""
        if self._filtered:
            self._tail = self._tail[-filters.LONGEST :] + text
            if filters.suspicious(self._tail, "completion"):
                judged = filters.judge(self.text + text, "completion")
                self.results = judged.results()
                if judged.start is not None:
                    text, self.finish = text[: max(0, judged.start - self._length)].rstrip(), "content_filter"
        self._room -= len(text.encode())
        if self._room < 0:
            row = self.asked.tokenizer.row(self.text + text)
            self._room = self._limit - len(row.ids)
            if self._room < 0:
                text = "".join(row.pieces[: self._limit])[self._length :]
                self.finish = "length"
        return text

    def _end(self, finish: str) -> list[str]:
        held, self._held, self._stop = self._held, "", ()
        told = self._say(held) if held else []
        self.finish = self.finish or (finish if finish in ("length", "content_filter") else "stop")
        # What a stop sequence ends is not whole, whoever found it; the upstream does not say that it did.
        cut = self.finish != "stop" or self.asked.options.stop
        if reason := "" if cut else misfit(self.asked, self.text, self.calls):
            self.finish = ""
            raise UpstreamError(f"{self.source.name}: {reason}")
        return told

    def _add(self, call: CallPiece) -> None:
        begun = len(self._calls)
        if call.place >= begun if call.place is not None else call.name or not begun:
            self._calls.append(["", ""])
        part = self._calls[-1 if call.place is None else min(call.place, begun)]
        part[0] += call.name
        part[1] += call.arguments


def _object(arguments: str) -> Any:
    """Arguments as an object, to be written as the family does; as they are where they are none."""
    try:
        value = loads(arguments or "{}")
    except ValueError:
        return arguments
    return value if isinstance(value, dict) else arguments


def _overlap(text: str, stop: str) -> int:
    """How many characters at the end of a text are the beginning of a stop sequence."""
    most = min(len(text), len(stop) - 1)
    return next((size for size in range(most, 0, -1) if text.endswith(stop[:size])), 0)


Turn = tuple[int, list[str]] | Future[None]


def turns(growing: Sequence[Growing], least: int = 1) -> Iterator[Turn]:
    """What can be told of the choices, each with its index, in the order in which it comes, until all have ended.

    A future stands where less than `least` pieces of a choice are there before it is done. Raises UpstreamError where a
    choice breaks off.
    """
    while True:
        silent = True
        for index, one in enumerate(growing):
            if not one.finish and (texts := one.advance()):
                silent = False
                yield index, texts
            if one.finish:
                one.source.close()
        going = [one for one in growing if not one.finish]
        if not going:
            return
        waiting = [one.source.ready(least) for one in going] if silent else [None]
        if all(waiting):
            yield first_done([wait for wait in waiting if wait])


def first_done(waits: Sequence[Future[None]]) -> Future[None]:
    """A future that is done as soon as one of these is."""
    if len(waits) == 1:
        return waits[0]
    first: Future[None] = Future()
    lock = Lock()

    def done(_: Future[None]) -> None:
        with lock:
            if not first.done():
                first.set_result(None)

    for wait in waits:
        wait.add_done_callback(done)
    return first
