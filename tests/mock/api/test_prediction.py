"""Predicted outputs: what the request predicts is told as accepted or rejected, and the rejected is paid for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from helpers.mock.api.prediction import accepted
from tests.support.caller import Caller

SENTENCE = "The quick brown fox jumps over the lazy dog, and the dog does not mind at all."
ECHO = f"Repeat: {SENTENCE}"
WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}


def v1(ask: Caller, prediction: Any, *, status: int = 200, model: str = "gpt-4o", **options: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": ECHO}]
    predicted = {"prediction": {"type": "content", "content": prediction}} if prediction is not None else {}
    body = {"model": model, "messages": messages, **predicted, **options}
    response = ask.send(body, path="/openai/v1/chat/completions")
    content = json.loads(response.read())
    assert response.status == status, content
    return content


def counts(body: dict[str, Any]) -> tuple[int, int, int]:
    """The tokens of the completion, and of the prediction those accepted and those rejected."""
    usage = body["usage"]
    details = usage["completion_tokens_details"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    return usage["completion_tokens"], details["accepted_prediction_tokens"], details["rejected_prediction_tokens"]


def test_a_prediction_that_comes_true_costs_nothing(ask: Caller):
    written, *_ = counts(v1(ask, None))
    assert counts(v1(ask, SENTENCE)) == (written, written, 0)
    parts = [{"type": "text", "text": SENTENCE[:9]}, {"type": "text", "text": SENTENCE[9:]}]
    assert counts(v1(ask, parts)) == (written, written, 0)


def test_what_is_rejected_is_counted_in_the_completion(ask: Caller):
    # Recorded 2025-03 (gpt-4o-2024-08-06): of 66 tokens, 34 were those of the prediction, none of them accepted
    written, *_ = counts(v1(ask, None))
    total, taken, refused = counts(v1(ask, "x = 1"))
    assert (total, taken) == (written + refused, 0)
    assert refused > 0


def test_the_prediction_is_followed_again_after_a_word_that_is_another(ask: Caller):
    written, *_ = counts(v1(ask, None))
    total, taken, refused = counts(v1(ask, SENTENCE.replace("quick", "slow")))
    assert total == written + refused
    assert written > taken > refused > 0


def test_a_stream_tells_it_in_its_usage(ask: Caller):
    messages = [{"role": "user", "content": ECHO}]
    body = {"model": "gpt-4o", "messages": messages, "prediction": {"type": "content", "content": "x = 1"}}
    body |= {"stream": True, "stream_options": {"include_usage": True}}
    last = ask.send(body, path="/openai/v1/chat/completions").read().decode().split("\n\n")[-3]
    assert counts(json.loads(last.removeprefix("data: "))) == counts(v1(ask, "x = 1"))


@pytest.mark.parametrize(
    ("prediction", "written", "taken"),
    [
        ("abcdefgh", "abcdefgh", 8),
        ("abcdefgh", "", 0),
        ("", "abc", 0),
        ("abcdefgh", "abXcdefgh", 2 + 1),  # the five before "h" had to agree first
        ("abcdefghij", "XXabcdefghij", 5),  # it need not stand at the beginning
        ("abcde-abcdef", "Xabcdef", 0),  # the first place that fits is followed, which goes on otherwise
        ("abcdefgh", "ZabcdZ", 0),  # four in a row are not enough
        ("abcdefghabcdefgh", "abcdefgh!abcdefgh", 8 + 3),
    ],
)
def test_what_is_accepted(prediction: str, written: str, taken: int):
    assert accepted([ord(letter) for letter in prediction], [ord(letter) for letter in written]) == taken


def test_a_long_prediction_takes_no_long_time():
    assert accepted([1] * 50_000, [2] + [1] * 50_000) == 49_995


@pytest.mark.parametrize(
    "beside",
    [
        {"tools": [WEATHER]},
        {"n": 2},
        {"logprobs": True},
        {"presence_penalty": 0.5},
        {"frequency_penalty": 0.5},
        {"max_completion_tokens": 50},
    ],
)
def test_it_cannot_stand_beside_everything(ask: Caller, beside: dict[str, Any]):
    # Microsoft's "How to use predicted outputs" (2025-04)
    (name,) = beside
    error = v1(ask, "x = 1", status=400, **beside)["error"]
    assert error["message"] == f"'{name}' cannot be used together with 'prediction'."
    assert error["param"] == name


@pytest.mark.parametrize("model", ["gpt-4", "gpt-4o-2024-05-13", "o3-mini"])
def test_older_and_reasoning_models_take_none(ask: Caller, model: str):
    assert v1(ask, "x = 1", status=400, model=model)["error"]["param"] == "prediction"


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-nano"])
def test_these_take_it(ask: Caller, model: str):
    assert counts(v1(ask, "x = 1", model=model))[1] == 0
