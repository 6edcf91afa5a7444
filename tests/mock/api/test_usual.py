"""What is taken for usual is what pydantic would take, and says the same."""

import random
import subprocess
import sys
from dataclasses import asdict
from typing import Any

import pytest

from helpers.mock.api.card_check import checked
from helpers.mock.api.catalogue import bundled
from helpers.mock.api.parameters import ChatCompletionsOptions, ExtraOptions
from helpers.mock.api.usual import NOTHING, Usual, usual

FIELDS = [name for name in ChatCompletionsOptions.model_fields if name != "messages"]
VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    2,
    -1,
    -2.0,
    0.5,
    1.0,
    1.5,
    2**31,
    2**63,
    1e400,
    float("nan"),
    "",
    "1",
    [],
    {},
]
MESSAGES: list[Any] = [
    {"role": "user", "content": "Hello"},
    {"role": "system", "content": ""},
    {"role": "developer", "content": "Be brief."},
    {"role": "assistant", "content": "Hello."},
    {"role": "user", "content": [{"type": "text", "text": "Hello"}]},
    {"role": "assistant", "content": None},
    {"role": "tool", "content": "1", "tool_call_id": "a"},
    {"role": "user", "content": "Hello", "name": "Ada"},
    {"role": "user"},
    {"role": ["user"], "content": "Hello"},
    "Hello",
]
HELLO = MESSAGES[:1]


def bodies():
    """Every value in every field, and requests of drawn messages and fields."""
    yield from ({"messages": HELLO, name: value} for name in [*FIELDS, "n", "top_k"] for value in VALUES)
    yield from ({"messages": messages} for messages in (None, [], {}, "Hello", *([each] for each in MESSAGES)))
    yield from ({}, [], "Hello", None, {"model": "mistral-large-2407"})
    dice = random.Random(1)
    for _ in range(2000):
        fields = {dice.choice(FIELDS): dice.choice(VALUES) for _ in range(dice.randint(0, 2))}
        yield {"messages": dice.choices(MESSAGES[:5], k=dice.randint(1, 3)), **fields}


def test_what_is_usual_pydantic_reads_alike():
    taken = 0
    for body in bodies():
        found = usual(body)
        if found is not None:
            taken += 1
            judged = ChatCompletionsOptions.model_validate(body)
            assert {name: getattr(found, name) for name in FIELDS} == {name: getattr(judged, name) for name in FIELDS}
            assert not judged.model_extra
    assert taken > 200


@pytest.mark.parametrize("given", [{}, {"model": "m", "stream": True}, {"temperature": 0.2, "top_p": 1, "seed": 3}])
def test_the_usual_request_is_usual(given: dict[str, Any]):
    assert usual({"messages": MESSAGES[:4], **given}) is not None


@pytest.mark.parametrize("model", [ChatCompletionsOptions, ExtraOptions])
def test_what_a_usual_request_does_not_give_is_none(model: Any):
    names = [name for name in model.model_fields if name != "messages"]
    assert [name for name in names if getattr(Usual({}), name) is not None] == []
    assert [name for name in names if getattr(NOTHING, name) is not None] == []


@pytest.mark.parametrize("card", bundled().cards, ids=lambda card: card.name)
def test_the_mocks_own_cards_are_right(card: Any):
    assert checked(asdict(card)) == card


def test_the_first_answer_loads_nothing_that_it_does_not_need():
    code = """
import sys
from helpers.mock.testing import make_service
from helpers.mock.http import Request
body = b'{"model": "mistral-large-2407", "messages": [{"role": "user", "content": "How many languages are there?"}]}'
headers = {"api-key": "mock-key", "content-type": "application/json"}
asked = Request("POST", "/models/chat/completions", {"api-version": "2024-05-01-preview"}, headers, body)
assert make_service().handle(asked).status == 200
needless = {"pydantic", "numpy", "PIL", "jwt", "cryptography", "azure.core", "helpers.mock.api.openai"}
needless |= {"html", "helpers.mock.room.page"}
print(*sorted(needless & {*sys.modules}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == []
