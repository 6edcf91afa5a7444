"""Lesson 12, what is called something else: both lines of each pair are run, and mean the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import nbformat
import openai
import pytest
from azure.ai.inference import ChatCompletionsClient, models
from azure.core.credentials import AzureKeyCredential

from helpers.mock import Mock, serve
from tests.support.places import NOTEBOOKS

LESSON = NOTEBOOKS / "12-moving-to-openai.ipynb"
MODEL = "mistral-large-2407"
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
HELLO: list[Any] = [{"role": "user", "content": "Name the capital of Norway as JSON."}]


def rows() -> Iterator[tuple[str, str, str]]:
    """(what it is about, old, new) for each pair of lines of the lesson's blocks."""
    text = "\n\n".join(cell.source for cell in nbformat.read(LESSON, as_version=4).cells)
    blocks = re.findall(r"^```diff\n(.*?)^```", text, re.M | re.S)
    for about, block in zip(("arguments", "replies", "classes", "classes"), blocks, strict=True):
        for pair in block.split("\n\n"):
            lines = pair.splitlines()
            old, new = ("\n".join(line[2:] for line in lines if line.startswith(sign)) for sign in "-+")
            yield about, old, new


ROWS = list(rows())


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with serve() as made:
        yield made


def plain(value: Any) -> Any:
    """A value as JSON: models of the old SDK are the mappings that they pass for."""
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.model_dump() if hasattr(value, "model_dump") else value


def contents(reply: Any) -> list[str]:
    return [choice.message.content for choice in reply.choices]


def test_each_block_has_its_pairs():
    assert {about: sum(row[0] == about for row in ROWS) for about, _, _ in ROWS} == {
        "arguments": 7,
        "replies": 5,
        "classes": 7,
    }


@pytest.mark.parametrize(("about", "before", "after"), ROWS, ids=[old for _, old, _ in ROWS])
def test_both_lines_of_a_pair_mean_the_same(about: str, before: str, after: str, mock: Mock):
    names = {**vars(models), "schema": SCHEMA, "url": "data:image/png;base64,iVBO", "data": "SUQz"}
    client = ChatCompletionsClient(mock.endpoint, AzureKeyCredential(mock.key), model=MODEL)
    create: Any = partial(
        openai.OpenAI(base_url=mock.openai_base_url, api_key=mock.key).chat.completions.create, model=MODEL
    )
    if about == "arguments":
        old = eval(
            f"complete(messages=hello, temperature=0, {before})", {**names, "complete": client.complete, "hello": HELLO}
        )
        sent = mock.requests.last
        new = eval(f"create(messages=hello, temperature=0, {after})", {**names, "create": create, "hello": HELLO})
        assert contents(old) == contents(new)
        assert sent.json == mock.requests.last.json, "the same body"
    elif about == "replies":
        old = client.complete(messages=HELLO, model_extras={"logprobs": True})
        new = create(messages=HELLO, logprobs=True)
        (one, two) = (
            eval(said, {"reply": reply, "choice": reply.choices[0], "int": int})
            for said, reply in ((before, old), (after, new))
        )
        assert plain(one) == plain(two)
        assert one
    else:
        assert plain(eval(before, dict(names))) == plain(eval(after, dict(names)))
