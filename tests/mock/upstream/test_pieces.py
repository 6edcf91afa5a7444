"""What servers that call themselves compatible send, read as the same pieces."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.mock.upstream.pieces import MAX_LINE, CallPiece, Events, Piece, UpstreamError, read

HELLO = {"choices": [{"index": 0, "delta": {"content": "Hé"}, "finish_reason": None}]}
END = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
JSON = json.dumps(HELLO, ensure_ascii=False)


def pieces(data: bytes, size: int | None = None) -> list[str | Piece]:
    events, found = Events(), []
    for start in range(0, len(data), size or len(data)):
        found += [] if events.done else events.feed(data[start : start + (size or len(data))])
    return found + list(events.end())


SPELLINGS = {
    "as it should be": f"data: {JSON}\n\ndata: {json.dumps(END)}\n\ndata: [DONE]\n\n",
    "CRLF": f"data: {JSON}\r\n\r\ndata: {json.dumps(END)}\r\n\r\ndata: [DONE]\r\n\r\n",
    "comments": f": ping\n\n:\ndata: {JSON}\n\n: OPENROUTER PROCESSING\n\ndata: {json.dumps(END)}\n\ndata: [DONE]\n\n",
    "no empty lines": f"data: {JSON}\ndata: {json.dumps(END)}\ndata: [DONE]\n",
    "no blank behind the colon": f"data:{JSON}\n\ndata:{json.dumps(END)}\n\ndata:[DONE]\n\n",
    "other fields": f"event: message\nid: 7\nretry: 10\ndata: {JSON}\n\nevent: x\ndata: {json.dumps(END)}\n\n",
    "one event on several lines": "".join(
        f"data: {line}\n" for line in json.dumps(HELLO, indent=1, ensure_ascii=False).splitlines()
    )
    + f"\ndata: {json.dumps(END)}\n\n",
    "no line end at the end": f"data: {JSON}\n\ndata: {json.dumps(END)}",
    "more after [DONE]": f"data: {JSON}\n\ndata: {json.dumps(END)}\n\ndata: [DONE]\n\ndata: <html>\n\n",
}


@pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS)
@given(size=st.integers(1, 40))
def test_events_are_the_same_however_they_are_spelt_and_cut(text: str, size: int):
    assert pieces(text.encode(), size) == ["Hé", Piece(finish="stop")]


@pytest.mark.parametrize(
    ("delta", "piece"),
    [
        ({"role": "assistant"}, Piece()),
        ({"role": "assistant", "content": None}, Piece()),
        ({"role": "assistant", "content": "Hi"}, Piece("Hi")),
        ({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, Piece("ab")),
        ({"content": None, "refusal": "No."}, Piece("No.")),
        ({"reasoning_content": "Hm."}, Piece(thought="Hm.")),
        ({"content": "", "reasoning": "Hm."}, Piece(thought="Hm.")),
        (
            {"tool_calls": [{"index": 1, "id": "x", "function": {"name": "f", "arguments": ""}}]},
            Piece(calls=(CallPiece(1, "f", ""),)),
        ),
        (
            {"tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]},
            Piece(calls=(CallPiece(None, "f", '{"a":1}'),)),
        ),
        ({"tool_calls": None, "content": "x"}, Piece("x")),
    ],
)
def test_a_delta_brings_what_is_in_it(delta: dict[str, object], piece: Piece):
    assert read({"choices": [{"index": 0, "delta": delta}]}) == piece


def test_a_whole_answer_and_chunks_without_a_choice_are_read_too():
    assert read({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}) == Piece("Hi", finish="stop")
    assert read({"choices": [], "usage": {"total_tokens": 3}}) == read({"usage": {}}) == Piece()
    assert read({"choices": [{"index": 1, "delta": {"content": "another choice"}}]}) == Piece()


@pytest.mark.parametrize("value", [7, [], {"choices": 1}, {"choices": [7]}, {"choices": [{"delta": {"content": 7}}]}])
def test_what_is_no_completion_is_a_fault(value: object):
    with pytest.raises(UpstreamError, match="no chat completion"):
        read(value)


@pytest.mark.parametrize(
    "value", [{"error": {"message": "out of memory"}}, {"error": "out of memory"}], ids=["object", "text"]
)
def test_an_error_is_told_in_its_words(value: object):
    with pytest.raises(UpstreamError, match="out of memory"):
        read(value)


@pytest.mark.parametrize("line", ['data: {"error": "no"}', 'error: {"error": "no"}', '{"error": "no"}'])
def test_an_error_is_found_in_an_event_and_outside_of_one(line: str):
    found = Events().feed(f"data: {JSON}\n\n{line}\n\n".encode())
    assert next(found) == "Hé"
    with pytest.raises(UpstreamError, match="no"):
        next(found)


def test_what_is_no_json_and_what_does_not_end_is_a_fault():
    with pytest.raises(UpstreamError, match=r"no JSON: \{\"choices\": oops"):
        pieces(b'data: {"choices": oops}\n\n')
    with pytest.raises(UpstreamError, match="without an end"):
        pieces(b"data: " + b"x" * (MAX_LINE + 1))


@given(texts=st.lists(st.text(min_size=1), min_size=2), size=st.integers(1, 200))
def test_events_that_are_alike_are_read_as_every_other(texts: list[str], size: int):
    events = [{**HELLO, "choices": [{**HELLO["choices"][0], "delta": {"content": text}}]} for text in texts]
    spelt = [json.dumps(event, ensure_ascii=len(text) % 2 == 0) for event, text in zip(events, texts, strict=True)]
    assert pieces("".join(f"data: {event}\n\n" for event in spelt).encode("utf-8", "replace"), size) == texts


def test_a_text_that_stands_in_two_places_is_learnt_from_the_right_one_or_not_at_all():
    def event(text: str, model: str) -> str:
        choice = {"index": 0, "delta": {"content": text}}
        return f"data: {json.dumps({'choices': [choice], 'model': model})}\n\n"

    assert pieces((event("x", "x") + event("x", "y") + event("z", "x")).encode()) == ["x", "x", "z"]
