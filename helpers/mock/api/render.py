"""Answers as bytes: the JSON of a chat completion, or the events of a stream. Their form is the family's (`families`).

Streams follow the SDK's strict parser: lines are ``data: {json}`` and a blank line, ended by ``data: [DONE]``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any

from ..gateway.faults import Pace
from ..http import Event
from ..jsonio import dumps
from ..model.writing.generate import Steps
from .answer import Answer, WrittenChoice
from .families import FAMILIES, Family
from .logprobs import logprobs

DONE = b"data: [DONE]\n\n"


def completion(answer: Answer) -> bytes:
    """The body of an answer that is not streamed."""
    return dumps(FAMILIES[answer.card.family].body(answer))


def chunks(answer: Answer, pace: Pace) -> Iterator[Event]:
    """The events of a streamed answer, a token each `pace.step` seconds."""
    family = FAMILIES[answer.card.family]
    for chunk in family.before(answer):
        yield _event(chunk, 0.0)
    step = pace.step
    wait = pace.ttft + step * answer.costs.reasoning  # what is thought takes its time
    for choice in answer.choices:
        yield _event(family.chunk(answer, choice, family.first(choice)), wait)
        wait = 0.0
    rows = [_deltas(family, answer, choice) for choice in answer.choices]
    if len(rows) == 1 and not answer.logprobs and answer.choices[0].calls is None:
        # Most streams, and so told with as little as can be: this is what a chunk costs.
        before, after = _frame(family, answer, answer.choices[0])
        for text in _texts(answer.choices[0].steps):
            yield Event(before + dumps(text) + after, wait)
            wait = step
        rows = []
    for row in _in_turn(rows):
        for chunk in row:
            yield _event(chunk, wait)
            wait = 0.0
        wait = step
    yield from _ends(family, answer, pace)


def _ends(family: Family, answer: Answer, pace: Pace) -> Iterator[Event]:
    """The ends of the choices and what follows them."""
    for choice in answer.choices:
        # A call that comes whole takes the time in which its tokens were written.
        unseen = len(choice.steps) if choice.calls and not any(True for _ in family.call_deltas(choice)) else 0
        yield _event(family.end(answer, choice), pace.step * unseen)
    for chunk in family.after(answer):
        yield _event(chunk, 0.0)
    yield Event(DONE)


def passing(
    answer: Answer, turns: Iterator[tuple[int, list[str]] | Future[None]], finish: Callable[[], object], pace: Pace
) -> Iterator[Event]:
    """The events of an answer that is still being written, as `flow.turns` tell it; `finish` completes the answer when
    that is all."""
    family = FAMILIES[answer.card.family]
    for chunk in family.before(answer):
        yield _event(chunk, 0.0)
    wait = pace.ttft
    frames: dict[int, tuple[dict[str, Any], bytes, bytes]] = {}
    for turn in turns:
        if isinstance(turn, Future):
            yield Event(b"", until=turn)
            continue
        choice, texts = answer.choices[turn[0]], turn[1]
        frame = frames.get(choice.index)
        if frame is None:
            yield _event(family.chunk(answer, choice, family.first(choice)), wait)
            wait = 0.0
        if frame is None or frame[0] is not choice.filter_results:
            frame = frames[choice.index] = choice.filter_results, *_frame(family, answer, choice)
        for left, text in zip(range(len(texts) - 1, -1, -1), texts, strict=True):
            if choice.told:
                told, choice.told = {"content": choice.told}, []
                delta = {"content": text}
                yield _event(family.chunk(answer, choice, delta, results=frame[0], probabilities=told), wait)
            else:
                yield Event(b"%b%b%b" % (frame[1], dumps(text), frame[2]), wait, more=left > 0)
            wait = pace.step
    finish()
    for choice in answer.choices:
        first = family.first(choice)
        if choice.index not in frames or "tool_calls" in first or "function_call" in first:
            yield _event(family.chunk(answer, choice, first), wait)
        for delta in family.call_deltas(choice) if choice.calls else ():
            yield _event(family.chunk(answer, choice, delta), pace.step)
    yield from _ends(family, answer, pace)


def split(events: Iterator[Event], size: int) -> Iterator[Event]:
    """The same bytes in pieces of `size`, wherever they cut: inside a line, inside a character."""
    for event in events:
        if event.until is not None:
            yield event
            continue
        delay = event.delay
        for start in range(0, len(event.data), size):
            yield Event(event.data[start : start + size], delay)
            delay = 0.0


def _event(chunk: dict[str, Any], delay: float) -> Event:
    return Event(b"data: " + dumps(chunk) + b"\n\n", delay)


_HERE = "\0"


def _frame(family: Family, answer: Answer, choice: WrittenChoice) -> tuple[bytes, bytes]:
    """A chunk as it is written on both sides of its text: only the text differs in a stream."""
    chunk = family.chunk(answer, choice, {"content": _HERE}, results=_passed(choice))
    before, _, after = _event(chunk, 0.0).data.rpartition(dumps(_HERE))
    return before, after


def _passed(choice: WrittenChoice) -> dict[str, Any]:
    """The filters' results on a text that has passed; those on what they held back come with the end."""
    if choice.finish_reason != "content_filter":
        return choice.filter_results
    return {name: {**found, "filtered": False, "severity": "safe"} for name, found in choice.filter_results.items()}


def _deltas(family: Family, answer: Answer, choice: WrittenChoice) -> Iterator[dict[str, Any]]:
    """The chunks of a choice between its first and its last."""
    if choice.calls is not None:
        for delta in family.call_deltas(choice):
            yield family.chunk(answer, choice, delta)
        return
    passed = _passed(choice)
    if not answer.logprobs:
        for text in _texts(choice.steps):
            yield family.chunk(answer, choice, {"content": text}, results=passed)
        return
    begin, steps = 0, choice.steps
    for position, text in enumerate(steps.pieces):
        if not text and position < len(steps) - 1:  # see _texts
            continue
        told = logprobs(steps[begin : position + 1], answer.tokenizer, first=not begin)
        yield family.chunk(answer, choice, {"content": text}, results=passed, probabilities=told)
        begin = position + 1


def _texts(steps: Steps) -> list[str]:
    """The text of each delta: a token that ends inside a character waits for the one that completes it."""
    pieces = steps.pieces
    return [*filter(None, pieces[:-1]), *pieces[-1:]]


def _in_turn(rows: Sequence[Iterator[dict[str, Any]]]) -> Iterator[list[dict[str, Any]]]:
    """One chunk of each choice, then the next of each, until all are told."""
    while told := [chunk for row in rows if (chunk := next(row, None)) is not None]:
        yield told
