"""Answers as the API writes them: a chat completion, or the chunks of a stream.

Shapes: ChatCompletions and StreamingChatCompletionsUpdate of the OpenAPI document 2024-05-01-preview; what services add
to it (object "chat.completion.chunk", `index` of a tool call's delta, filter results) as recorded. Streams follow the
SDK's strict parser: lines are ``data: {json}`` and a blank line, ended by ``data: [DONE]``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..gateway.faults import Pace
from ..http import Event
from ..jsonio import dumps
from ..model.writing.generate import Step, Steps
from ..model.writing.tokens import Tokenizer

DONE = b"data: [DONE]\n\n"


@dataclass(slots=True)
class ToolCallText:
    """A tool call as written: `arguments` is its JSON text, cut short where the completion was."""

    id: str
    name: str
    arguments: str
    deltas: list[str] = field(default_factory=list)


@dataclass(slots=True)
class WrittenChoice:
    """One choice of an answer. `steps` are its tokens, which `content` and the log probabilities come from.

    `calls` are None for an answer in words, an empty list for tool calls cut short before their first arguments.
    """

    index: int
    steps: Steps
    finish_reason: str
    calls: list[ToolCallText] | None = None
    filter_results: dict[str, Any] | None = None

    @property
    def content(self) -> str:
        return "" if self.calls is not None else self.steps.text


@dataclass(slots=True)
class Answer:
    """A whole answer: what every chunk repeats, the choices, and what it cost.

    `openai`: as the Azure OpenAI routes write it (recorded): a tool call has no content, a stream begins with a chunk
    of filter results that has no choices, and tells its usage only when asked to.
    """

    id: str
    created: int
    model: str
    choices: list[WrittenChoice]
    prompt_tokens: int
    logprobs: bool = False
    prompt_filter_results: dict[str, Any] | None = None
    openai: bool = False
    usage: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        completion = sum([len(choice.steps) for choice in self.choices])
        self.usage = {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": completion,
            "total_tokens": self.prompt_tokens + completion,
        }


def completion(answer: Answer, tokenizer: Tokenizer) -> bytes:
    """The body of an answer that is not streamed."""
    choices = []
    for choice in answer.choices:
        calls = [_call(call) for call in choice.calls] or None if choice.calls else None
        item = {
            "index": choice.index,
            "message": {
                "role": "assistant",
                "content": None if answer.openai and calls else choice.content,
                "tool_calls": calls,
            },
            "finish_reason": choice.finish_reason,
            "logprobs": _logprobs(choice.steps, tokenizer) if answer.logprobs and choice.calls is None else None,
        }
        if choice.filter_results is not None:
            item["content_filter_results"] = choice.filter_results
        choices.append(item)
    body = {**_head(answer, "chat.completion"), "choices": choices, "usage": answer.usage}
    if answer.prompt_filter_results is not None:
        body["prompt_filter_results"] = [_prompt_results(answer)]
    return dumps(body)


def chunks(answer: Answer, tokenizer: Tokenizer, pace: Pace, *, usage_chunk: bool = False) -> Iterator[Event]:
    """The events of a streamed answer.

    The first delta of each choice brings the role, the last one its finish reason; usage stands on the last chunk, or,
    with `usage_chunk` (stream_options.include_usage), on a chunk of its own that has no choices.
    """
    head = _head(answer, "chat.completion.chunk")
    first = True
    wait, step = pace.ttft, pace.step
    if answer.openai and answer.prompt_filter_results is not None:
        empty = {"id": "", "object": "", "created": 0, "model": "", "choices": []}
        yield _event({**empty, "prompt_filter_results": [_prompt_results(answer)]}, 0.0)
        first = False
    for choice in answer.choices:
        chunk = {**head, "choices": [_delta(choice, {"role": "assistant", "content": ""})]}
        if first and answer.prompt_filter_results is not None:
            chunk["prompt_filter_results"] = [_prompt_results(answer)]
        yield _event(chunk, wait)
        first, wait = False, 0.0
    frames = [_frame({**head, "choices": [_delta(choice, {"content": _HERE})]}) for choice in answer.choices]
    rows = [_deltas(choice, answer.logprobs, tokenizer) for choice in answer.choices]
    if len(rows) == 1 and not answer.logprobs and answer.choices[0].calls is None:
        # Most streams, and so told with as little as can be: this is what a chunk costs.
        before, after = frames[0]
        for text in _texts(answer.choices[0].steps):
            yield Event(b"%b%b%b" % (before, dumps(text), after), wait)
            wait = step
        rows = []
    for row in _in_turn(rows):
        for choice, delta, logprobs in row:
            if logprobs is None and delta.__class__ is str:
                before, after = frames[choice]
                yield Event(b"%b%b%b" % (before, dumps(delta), after), wait)
            else:
                delta = {"content": delta} if isinstance(delta, str) else delta
                yield _event({**head, "choices": [_delta(answer.choices[choice], delta, logprobs)]}, wait)
            wait = 0.0
        wait = step
    for number, choice in enumerate(answer.choices, 1):
        item = _delta(choice, {"content": ""})
        item["finish_reason"] = choice.finish_reason
        if choice.filter_results is not None:
            item["content_filter_results"] = choice.filter_results
        chunk = {**head, "choices": [item]}
        if number == len(answer.choices) and not usage_chunk and not answer.openai:
            chunk["usage"] = answer.usage
        yield _event(chunk, 0.0)
    if usage_chunk:
        yield _event({**head, "choices": [], "usage": answer.usage}, 0.0)
    yield Event(DONE)


def split(events: Iterator[Event], size: int) -> Iterator[Event]:
    """The same bytes in pieces of `size`, wherever they cut: inside a line, inside a character."""
    for event in events:
        delay = event.delay
        for start in range(0, len(event.data), size):
            yield Event(event.data[start : start + size], delay)
            delay = 0.0


def _head(answer: Answer, kind: str) -> dict[str, Any]:
    return {"id": answer.id, "object": kind, "created": answer.created, "model": answer.model}


def _prompt_results(answer: Answer) -> dict[str, Any]:
    return {"prompt_index": 0, "content_filter_results": answer.prompt_filter_results}


def _call(call: ToolCallText) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _delta(choice: WrittenChoice, delta: dict[str, Any], logprobs: Any = None) -> dict[str, Any]:
    return {"index": choice.index, "delta": delta, "finish_reason": None, "logprobs": logprobs}


def _event(chunk: dict[str, Any], delay: float) -> Event:
    return Event(b"data: " + dumps(chunk) + b"\n\n", delay)


def _frame(chunk: dict[str, Any]) -> tuple[bytes, bytes]:
    """A chunk as it is written on both sides of its text, where that is `_HERE`: only the text differs in a stream."""
    before, _, after = _event(chunk, 0.0).data.rpartition(dumps(_HERE))
    return before, after


_HERE = "\0"
_Told = tuple[
    int, str | dict[str, Any], Any
]  # the number of a choice, its text or another delta, its log probabilities


def _deltas(choice: WrittenChoice, logprobs: bool, tokenizer: Tokenizer) -> Iterator[_Told]:
    if choice.calls is not None:
        for index, call in enumerate(choice.calls):
            start = {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}
            yield choice.index, {"tool_calls": [{"index": index, **start}]}, None
            for piece in call.deltas:
                yield choice.index, {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}, None
        return
    index, steps = choice.index, choice.steps
    if not logprobs:
        for text in _texts(steps):
            yield index, text, None
        return
    begin = 0
    for position, text in enumerate(steps.pieces):
        if not text and position < len(steps) - 1:  # see _texts
            continue
        yield index, text, _logprobs(steps[begin : position + 1], tokenizer, first=not begin)
        begin = position + 1


def _texts(steps: Steps) -> list[str]:
    """The text of each delta: a token that ends inside a character waits for the one that completes it."""
    pieces = steps.pieces
    return [*filter(None, pieces[:-1]), *pieces[-1:]]


def _in_turn(rows: Sequence[Iterator[_Told]]) -> Iterator[list[_Told]]:
    """One delta of each choice, then the next of each, until all are told."""
    while told := [delta for row in rows if (delta := next(row, None)) is not None]:
        yield told


def _logprobs(steps: Sequence[Step], tokenizer: Tokenizer, *, first: bool = True) -> dict[str, Any]:
    """The `logprobs` of a choice: each token with its log probability and the likeliest tokens at its place."""
    content = []
    for position, step in enumerate(steps):
        opening = first and position == 0
        entry = _entry(step.token, step.logprob, tokenizer, opening)
        entry["top_logprobs"] = [_entry(token, logprob, tokenizer, opening) for token, logprob in step.top]
        content.append(entry)
    return {"content": content}


def _entry(token: int, logprob: float, tokenizer: Tokenizer, opening: bool) -> dict[str, Any]:
    data = tokenizer.bytes_of(token)
    if opening:
        data = data.removeprefix(b" ")
    return {"token": data.decode(errors="replace"), "logprob": logprob, "bytes": list(data)}
