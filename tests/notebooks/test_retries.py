"""The script of lesson 10 in trouble: how long many callers wait before they come back."""

from __future__ import annotations

import inspect
import random
import runpy
import time
from typing import Any

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

from helpers.mock import in_process
from tests.support.places import NOTEBOOKS

SCRIPT = runpy.run_path(str(NOTEBOOKS / "scripts" / "10-errors-and-limits.py"), run_name="the script")
CALLERS = 20


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits of the script, which nobody waits."""
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    return waits


def call(fault: str, **options: Any) -> str:
    mock = in_process(now=0)
    client = ChatCompletionsClient(
        mock.endpoint, AzureKeyCredential(mock.key), model="gpt-4o", transport=mock.transport()
    )
    fails = {"headers": {"x-mock-fault": fault}, "request_id": "one call, whoever repeats it"}
    return SCRIPT["ask"](client, [UserMessage("What is 6 * 7?")], **fails, **options)


def waits_of(seed: int, slept: list[float]) -> list[float]:
    slept.clear()
    assert call("503*3", uniform=random.Random(seed).uniform)
    return list(slept)


def test_twenty_callers_come_back_at_twenty_times(slept: list[float]):
    waits = [waits_of(seed, slept) for seed in range(CALLERS)]
    assert len({tuple(each) for each in waits}) == CALLERS
    assert all(0.25 <= one <= 0.5 <= two <= 1 <= three <= 2 for one, two, three in waits)
    assert waits[0] == waits_of(0, slept), "the same dice, the same waits"


def test_what_the_service_asks_for_is_the_least_that_is_waited(slept: list[float]):
    call("429*1; retry-after=3")
    assert 3 <= slept[0] <= 3.5


def test_patience_has_an_end(slept: list[float]):
    with pytest.raises(SCRIPT["NoAnswerError"], match="attempt 5"):
        call("503")
    assert sum(slept) <= SCRIPT["PATIENCE"]
    with pytest.raises(SCRIPT["NoAnswerError"], match="attempt 1"):
        call("429; retry-after=86400")


def test_dice_have_no_seed_unless_one_is_handed_in():
    assert inspect.signature(SCRIPT["ask"]).parameters["uniform"].default == random.uniform
