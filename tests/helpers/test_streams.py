"""A stream is printed as it comes, and returned whole."""

import asyncio
from typing import Any

import pytest

from helpers import aprint_stream, print_stream, streams
from tests.helpers.conftest import MESSAGES, completion


def test_a_stream_is_printed_and_returned(client, server, capsys):
    blocks = [
        b'data: {"choices": [], "prompt_filter_results": []}\n\n',
        server.event({"role": "assistant", "content": ""}),
        server.event({"content": "Par"}),
        server.event({"content": "is"}),
        server.event({}, "stop"),
        server.event(None, usage=server.USAGE),
        server.DONE,
    ]
    server.play(server.answer(blocks))
    whole = print_stream(client.complete(messages=MESSAGES, stream=True))
    assert capsys.readouterr().out == "Paris\n"
    assert (whole.text, whole.finish_reason, whole.chunks, whole.tool_calls) == ("Paris", "stop", 5, [])
    assert whole.usage is not None
    assert whole.usage["total_tokens"] == 91
    assert repr(whole) == "<Streamed: 5 chunks, stop, 19 prompt + 72 completion = 91 tokens>"


def test_each_delta_is_printed_before_the_next_is_asked_for(capsys):
    printed = []

    def updates():
        for text in ("a", "b"):
            yield {"choices": [{"index": 0, "delta": {"content": text}}]}
            printed.append(capsys.readouterr().out)

    print_stream(updates())
    assert printed == ["a", "b"]


def test_streaming_can_be_slowed_down(monkeypatch):
    waits: list[float] = []
    monkeypatch.setattr(streams.time, "sleep", waits.append)
    print_stream([{"choices": []}, {"choices": []}], pause=0.25)
    assert waits == [0.25, 0.25]


@pytest.mark.parametrize("indices", [(0, 1), (1, 2), (None, None), (0, 0)], ids=str)
def test_streamed_tool_calls_are_put_together(indices):
    def delta(number: int, call: dict[str, Any]) -> dict[str, Any]:
        call = {"index": indices[number], **call}
        return {"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}

    updates = [
        delta(0, {"id": "c1", "function": {"name": "find", "arguments": ""}}),
        delta(0, {"function": {"arguments": '{"a":'}}),
        delta(0, {"function": {"arguments": "1}"}}),
        delta(1, {"id": "c2", "function": {"name": "book", "arguments": "{}"}}),
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
    ]
    whole = print_stream(updates)
    assert whole.tool_calls == [
        {"id": "c1", "name": "find", "arguments": '{"a":1}'},
        {"id": "c2", "name": "book", "arguments": "{}"},
    ]
    assert whole.finish_reason == "tool_calls"


def test_of_several_choices_the_first_is_followed(capsys):
    print_stream([{"choices": [{"index": index, "delta": {"content": f"{index}"}}]} for index in (0, 1, 0)])
    assert capsys.readouterr().out == "00\n"


def test_an_async_stream_is_printed_and_returned(capsys):
    async def updates():
        for text in ("Par", "is"):
            yield {"choices": [{"index": 0, "delta": {"content": text}}]}

    assert asyncio.run(aprint_stream(updates(), pause=0.0)).text == "Paris"
    assert capsys.readouterr().out == "Paris\n"


def test_a_whole_answer_is_refused_as_a_stream_with_what_to_do():
    with pytest.raises(TypeError, match="stream=True"):
        print_stream(completion("Paris"))
    with pytest.raises(TypeError, match="stream=True"):
        asyncio.run(aprint_stream(completion("Paris")))
