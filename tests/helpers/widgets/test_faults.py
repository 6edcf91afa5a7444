"""The panel of lesson 10, used as a reader would: what it shows, and what it sends."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError

from helpers.mock.gateway.faults import FAULTS, KINDS, read
from helpers.mock.testing import Mock, in_process, serve
from helpers.widgets import Panel, fault_panel
from helpers.widgets.faults import OTHERS, STATUSES, STREAMS

QUESTION: list[Any] = [{"role": "user", "content": "How many metres is 3 km?"}]
WORDS = "3 kilometres are 3,000 metres."


@pytest.fixture
def mock() -> Iterator[Mock]:
    with in_process(now=0) as mock:
        yield mock


@pytest.fixture
def shown(mock: Mock) -> Panel:
    return fault_panel(client(mock), QUESTION)


def client(mock: Mock) -> ChatCompletionsClient:
    key = AzureKeyCredential(mock.key)
    return ChatCompletionsClient(mock.endpoint, key, model="gpt-4o", transport=mock.transport())


def turn(panel: Panel, **values: Any) -> str:
    """The panel after its controls were set, by the first word of their descriptions; what it shows."""
    for name, value in values.items():
        (control,) = [
            each
            for each in panel.controls
            if each.description.replace(" ", "_").startswith(name.replace("Retry_", "Retry-"))
        ]
        control.value = value
    return panel.shown.text


def statuses(mock: Mock) -> list[int | None]:
    return [request.status for request in mock.requests]


def test_it_starts_with_a_call_that_succeeds_after_two_failures(mock: Mock, shown: Panel):
    assert statuses(mock) == [503, 503, 200]
    assert "Attempts: 3, waits together: 1.6 s" in shown.shown.text
    assert "Your program gets an answer (stop).\n" + WORDS in shown.shown.text
    assert shown.shown.text in shown.still.text


def test_each_attempt_and_each_wait_has_its_place_in_time(shown: Panel):
    lines = shown.shown.text.splitlines()[1:5]
    assert [line.split("  ")[0].strip() for line in lines] == ["attempt 1", "attempt 2", "wait", "attempt 3"]
    places = [re.search("[█░]", line[11:]).start() for line in lines]  # pyright: ignore[reportOptionalMemberAccess]
    assert places[0] == places[1] == places[2] < places[3]
    assert lines[2].endswith("1.6 s")
    assert lines[3].endswith("200 OK")


def test_the_waits_are_counted_and_nobody_waits(mock: Mock, shown: Panel):
    assert "waits together: 60 s" in turn(shown, failure="503", it_fails=3, Retry_After=20)
    assert mock.clock() == 0
    with serve() as real:
        begun = time.monotonic()
        key = AzureKeyCredential(real.key)
        over_a_socket = fault_panel(ChatCompletionsClient(real.endpoint, key, model="gpt-4o"), QUESTION)
        assert "waits together: 60 s" in turn(over_a_socket, it_fails=3, Retry_After=20)
        assert time.monotonic() - begun < 20


def test_afterwards_the_client_sleeps_as_before(mock: Mock):
    ours = client(mock)
    fault_panel(ours, QUESTION)
    ours.complete(messages=QUESTION, headers={"x-mock-fault": "429*1; retry-after=7"})
    assert mock.clock() == 7


def test_without_retries_the_first_failure_is_the_last(mock: Mock, shown: Panel):
    text = turn(shown, retry_total=0)
    assert "Attempts: 1, waits together: 0 s" in text
    assert "`except HttpResponseError` catches it" in text
    assert "503 · HttpResponseError" in text


def test_the_factor_stretches_the_waits(shown: Panel):
    assert "waits together: 0.2 s" in turn(shown, retry_backoff_factor=0.1)


def test_a_429_is_repeated_only_when_it_says_when(shown: Panel):
    assert "Attempts: 1," in turn(shown, failure="429", it_fails=1)
    assert "Attempts: 2, waits together: 5 s" in turn(shown, Retry_After=5)


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        ("drop", "`except AzureError` catches it"),
        ("ttft=0.15", "ServiceResponseTimeoutError"),
        ("not-json", "`except ValueError` catches it"),
        ("empty", "JSONDecodeError"),
        ("truncated", "IncompleteReadError"),
        ("cut=4", "Response ended prematurely"),
        ("end=4", "Nothing is raised, and the text is not whole"),
        ("error-event=4", "Nothing is raised, and the text is not whole"),
        ("malformed=4", "`except ValueError` catches it"),
        ("ping=4", "SSE event not supported"),
        ("crlf", "SSE event not supported"),
    ],
)
def test_what_the_sdk_does_not_repeat_reaches_the_program(shown: Panel, mock: Mock, failure: str, said: str):
    before = len(mock.requests)
    assert said in turn(shown, failure=failure)
    assert len(mock.requests) == before + 1


def test_every_failure_of_the_mock_can_be_chosen():
    offered = {read(text).kind for text in [*OTHERS.values(), *STREAMS.values(), *map(str, STATUSES)]}
    assert offered == set(KINDS)
    assert {read(text).kind for text in STREAMS.values()} == {n for n, kind in KINDS.items() if kind.place == "stream"}
    assert set(STATUSES) <= set(FAULTS)


def test_on_an_endpoint_that_is_not_the_mock_nothing_fails(shown: Panel, mock: Mock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mock.service.faults, "of", lambda request: None)
    assert "Attempts: 1, waits together: 0 s" in turn(shown, it_fails=3)
    assert WORDS in shown.shown.text


def test_an_endpoint_that_refuses_is_shown_and_not_raised(mock: Mock):
    key = AzureKeyCredential("another")
    refused = ChatCompletionsClient(mock.endpoint, key, model="gpt-4o", transport=mock.transport())
    with pytest.raises(HttpResponseError):
        refused.complete(messages=QUESTION)
    assert "401 · ClientAuthenticationError" in fault_panel(refused, QUESTION).shown.text


def test_every_control_says_what_it_is_for(shown: Panel):
    assert [control.description for control in shown.controls] == [
        "failure",
        "it fails",
        "Retry-After",
        "retry_total",
        "retry_backoff_factor",
    ]
    assert 'aria-hidden="true"' in shown.shown.html
    assert '<th scope="row"' in shown.shown.html
