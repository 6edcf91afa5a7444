"""The tables of lesson 12, "What is called something else": both columns of each row are run, and mean the same."""

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
    """(head of the first column, old, new) for each row of the section's tables; what is code in a cell comes first."""
    cells = nbformat.read(LESSON, as_version=4).cells
    (text,) = (cell.source for cell in cells if "### What is called something else" in cell.source)
    for table in re.findall(r"^\| .*?(?=\n\n|\Z)", text.partition("### What is called")[2], re.M | re.S):
        head, _, *body = table.splitlines()
        for row in body:
            old, new = (re.findall(r"`([^`]+)`", cell)[0] for cell in row.strip("| ").split(" | ", 1))
            yield head.split("|")[1].strip(), old, new


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


def test_there_are_three_tables():
    assert list(dict.fromkeys(head for head, _, _ in ROWS)) == [
        "argument of `complete`",
        "old reply",
        "old",
    ]


@pytest.mark.parametrize(("head", "before", "after"), ROWS, ids=[old for _, old, _ in ROWS])
def test_both_columns_of_a_row_mean_the_same(head: str, before: str, after: str, mock: Mock):
    names = {**vars(models), "schema": SCHEMA, "url": "data:image/png;base64,iVBO", "data": "SUQz"}
    client = ChatCompletionsClient(mock.endpoint, AzureKeyCredential(mock.key), model=MODEL)
    create: Any = partial(
        openai.OpenAI(base_url=mock.openai_base_url, api_key=mock.key).chat.completions.create, model=MODEL
    )
    if head.startswith("argument"):
        old = eval(
            f"complete(messages=hello, temperature=0, {before})", {**names, "complete": client.complete, "hello": HELLO}
        )
        sent = mock.requests.last
        new = eval(f"create(messages=hello, temperature=0, {after})", {**names, "create": create, "hello": HELLO})
        assert contents(old) == contents(new)
        assert sent.json == mock.requests.last.json, "the same body"
    elif head == "old reply":
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
