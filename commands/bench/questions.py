"""The requests of the benchmark: everyday ones, and no two alike, so that nothing can be gained by remembering one.

Each is a POST as it goes over the wire. Questions of the lessons, questions that only the honest answer knows, sums,
conversations with a system text and earlier turns; words and numbers are drawn from lists by a seed.
"""

from __future__ import annotations

import base64
import io
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

MODEL, SEEING_MODEL = "mistral-large-2407", "Phi-4-multimodal-instruct"
PATH = "/models/chat/completions"
_ADJECTIVES = "old quiet northern narrow wooden famous early open heavy bright modern small western painted".split()  # noqa: SIM905
_THINGS = "harbour bridge library market tower garden railway theatre museum bakery school river canal mill".split()  # noqa: SIM905
_PLACES = "Ghent Oslo Porto Turin Lagos Lima Kyoto Perth Quito Tunis Bergen Leeds Graz Split Nantes Tartu".split()  # noqa: SIM905
_MANNERS = ("You are a helpful assistant.", "You are a careful guide.", "Answer in one sentence.", "Be kind and clear.")

Dice = random.Random


def _lesson(dice: Dice, number: int) -> list[dict[str, Any]]:
    opening = f"Question {number} from the {dice.choice(_THINGS)} in {dice.choice(_PLACES)}"
    return [_user(f"{opening}: how many languages are in the world?")]


def _unknown(dice: Dice, number: int) -> list[dict[str, Any]]:
    what = f"the {dice.choice(_ADJECTIVES)} {dice.choice(_THINGS)} of {dice.choice(_PLACES)}"
    return [_user(f"Why was {what} closed for {number} days, and who paid for the {dice.choice(_ADJECTIVES)} roof?")]


def _sum(dice: Dice, number: int) -> list[dict[str, Any]]:
    return [_user(f"What is {number} * {dice.randint(2, 999)} + {dice.randint(2, 9999)}?")]


def _conversation(dice: Dice, number: int) -> list[dict[str, Any]]:
    place, other = dice.sample(_PLACES, 2)
    return [
        {"role": "system", "content": dice.choice(_MANNERS)},
        _user(f"I have {number} minutes in {place}. Is the {dice.choice(_THINGS)} worth a visit?"),
        {"role": "assistant", "content": f"The {dice.choice(_THINGS)} is, if you are near {place} anyway."},
        _user(f"And the {dice.choice(_ADJECTIVES)} {dice.choice(_THINGS)} in {other}?"),
    ]


_KINDS: tuple[Callable[[Dice, int], list[dict[str, Any]]], ...] = (_lesson, _unknown, _sum, _conversation)


def completions(seed: int) -> Iterator[bytes]:
    """Chat completions without end, a quarter of each kind."""
    dice = random.Random(seed)
    number = seed * 1_000_000
    while True:
        for kind in _KINDS:
            number += 1
            yield post({"model": MODEL, "messages": kind(dice, number)})


def long_streams(seed: int, words: int) -> Iterator[bytes]:
    """Streams of about so many tokens: the mock is asked to repeat words, each time others."""
    dice = random.Random(seed)
    lists = _ADJECTIVES + _THINGS + _PLACES
    while True:
        text = " ".join([str(dice.randint(0, 10**6)), *dice.choices(lists, k=words)])
        yield post({"model": MODEL, "messages": [_user(f"Say: {text}")], "stream": True})


def short(seed: int, streamed: bool) -> Iterator[bytes]:
    """Short questions, each another one."""
    dice = random.Random(seed)
    while True:
        yield post({"model": MODEL, "messages": [_user(f"Say {dice.randint(0, 10**9)}.")], "stream": streamed})


def paced_streams(seed: int, tokens_per_second: float) -> Iterator[bytes]:
    """Answers to a class that asks all at once, each token in its time."""
    dice = random.Random(seed)
    number = seed * 1_000_000
    pace = {"x-mock-tokens-per-second": f"{tokens_per_second:g}"}
    while True:
        number += 1
        body = {"model": MODEL, "messages": _lesson(dice, number), "stream": True}
        yield post(body, pace)


def pictures(seed: int, size: int) -> Iterator[bytes]:
    """Questions about a picture whose file has about `size` bytes; every picture is another one."""
    from PIL import Image

    dice = random.Random(seed)
    side = int((size / 3) ** 0.5)  # noise does not compress: three bytes a pixel
    while True:
        file = io.BytesIO()
        Image.frombytes("RGB", (side, side), dice.randbytes(3 * side * side)).save(file, "PNG", compress_level=1)
        url = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
        parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}]
        yield post({"model": SEEING_MODEL, "messages": [{"role": "user", "content": parts}]})


def post(body: dict[str, Any], headers: dict[str, str] | None = None) -> bytes:
    """A request as the SDK sends it: its usual headers, and the body behind them."""
    content = json.dumps(body).encode()
    fields = {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "api-key": "mock-key",
        "User-Agent": "azsdk-python-ai-inference/1.0.0b9 Python/3.11 (benchmark)",
        "Accept-Encoding": "gzip, deflate",
        "Connection": "keep-alive",
        "Content-Length": str(len(content)),
        **(headers or {}),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST {PATH}?api-version=2024-05-01-preview HTTP/1.1\r\n{lines}\r\n".encode() + content


def _user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}
