"""The panel of lesson 02, used as a reader would: what it shows while a stream arrives, and what it sends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential

from helpers.mock.testing import Mock, in_process
from helpers.widgets import Panel, stream_panel
from helpers.widgets.stream import FIRST, PACES, SHOWN

QUESTION, USAGE, PACE, STOP, TIMED = range(5)  # the places of the controls
WORDS = "3 kilometres are 3,000 metres."


@pytest.fixture
def mock() -> Iterator[Mock]:
    with in_process(now=0) as mock:
        yield mock


def client(mock: Mock, key: str = "", model: str = "mistral-large-2407") -> ChatCompletionsClient:
    credential = AzureKeyCredential(key or mock.key)
    return ChatCompletionsClient(mock.endpoint, credential, model=model, transport=mock.transport())


@pytest.fixture
def panel(mock: Mock) -> Panel:
    return stream_panel(client(mock), "How many metres is 3 km?")


def stream(panel: Panel) -> str:
    assert panel.button
    panel.button.click()
    return panel.shown.text


def updates(text: str) -> list[list[str]]:
    """The rows of the table."""
    rows = text.split("\nupdate")[1].splitlines()[1:]
    return [re.split(r" {2,}", row) for row in rows]


def states(panel: Panel) -> list[tuple[str, str]]:
    """The text and the state that were seen one after the other while the stream arrived."""
    seen: list[tuple[str, str]] = []

    def note(_: Any) -> None:
        text, _, rest = panel.shown.text.partition("\n(")
        seen.append((text, rest.partition(")")[0]))

    panel.output.observe(note, names="value")
    stream(panel)
    panel.output.unobserve(note, names="value")
    return seen


def test_it_starts_with_a_whole_stream(panel: Panel):
    text = panel.shown.text
    assert text.startswith(f"{WORDS}\n(finish reason: stop)")
    _, *last = updates(text)[-1]
    assert last[:2] == ['{"content": ""}', "stop"]
    assert re.fullmatch(r"\d+ prompt \+ \d+ completion = \d+ tokens", last[2])
    assert text in panel.still.text


def test_an_openai_model_tells_its_usage_when_asked_and_in_an_update_without_choices(mock: Mock):
    panel = stream_panel(client(mock), "How many metres is 3 km?", ["mistral-large-2407", "gpt-4o"])
    panel.controls[1].value = "gpt-4o"
    text = stream(panel)
    assert updates(text)[-1][1:] == ["{}", "stop"]
    assert "tokens" not in text
    panel.controls[1 + USAGE].value = True
    text = stream(panel)
    assert updates(text)[-2][1:] == ["{}", "stop"]
    assert updates(text)[-1][1] == "no choices"
    assert updates(text)[-1][-1].endswith("tokens")


def test_mistral_refuses_to_be_asked_for_the_usage(panel: Panel):
    panel.controls[USAGE].value = True
    assert "422" in stream(panel)


def test_the_answer_grows_update_by_update(panel: Panel):
    seen = states(panel)
    texts = [text for text, _ in seen]
    assert all(after.startswith(before) for before, after in pairwise(texts))
    assert texts[-1] == WORDS
    assert len(set(texts)) > 5
    assert {state for _, state in seen[:-1]} == {"still being written"}
    assert seen[-1][1] == "finish reason: stop"


def test_the_deltas_are_the_answer(mock: Mock):
    mock.reply("One, two, three.")
    text = stream_panel(client(mock)).shown.text
    deltas = re.findall(r'"content": "(.*?)"\}', text)
    assert 1 < len(deltas) <= SHOWN
    assert text.startswith("".join(deltas) + "\n")


def test_of_a_long_stream_the_last_updates_are_shown_and_the_others_counted(mock: Mock):
    text = stream_panel(client(mock)).shown.text
    found = re.search(r"Updates \(the last (\d+) of (\d+)\)", text)
    assert found
    rows = updates(text)
    assert len(rows) == int(found[1]) == SHOWN
    assert rows[-1][0] == found[2]


def test_a_stream_that_is_closed_early_has_no_finish_reason_and_no_usage(panel: Panel):
    panel.controls[STOP].value = 3
    text = stream(panel)
    assert [row[0] for row in updates(text)] == ["1", "2", "3"]
    assert "(closed by you; what is missing was not read, and neither was the usage)" in text
    assert "tokens" not in text.replace("show arrival times", "")
    answer = text.partition("\n(")[0]
    assert WORDS.startswith(answer)
    assert answer != WORDS


def test_the_choices_wait_for_the_button(panel: Panel, mock: Mock):
    panel.controls[STOP].value = 6
    panel.controls[PACE].value = "20"
    assert len(mock.requests) == 1


def test_the_pace_is_a_header_and_otherwise_there_is_none(panel: Panel, mock: Mock):
    headers = mock.requests.last.headers
    assert headers["x-mock-tokens-per-second"] == headers["x-mock-ttft"] == "0", "also where the lesson has a pace"
    for pace in list(PACES.values())[1:]:
        panel.controls[PACE].value = pace
        before = mock.clock()
        text = stream(panel)
        assert mock.requests.last.headers["x-mock-tokens-per-second"] == pace
        assert mock.requests.last.headers["x-mock-ttft"] == FIRST
        assert text.startswith(f"{WORDS}\n(finish reason: stop)"), "slower, and the same"
        assert mock.clock() > before, "by the mock's own clock: nobody waits here"


def test_arrival_times_are_shown_on_request_and_only_grow(panel: Panel):
    assert "  ms" not in panel.shown.text
    panel.controls[TIMED].value = True
    text = stream(panel)
    assert "update  ms" in text
    times = [int(row[1]) for row in updates(text)]
    assert times == sorted(times)


def test_what_is_asked_is_what_the_field_says(panel: Panel, mock: Mock):
    panel.controls[QUESTION].value = "What is 12 times 12?"
    assert "144" in stream(panel)
    sent = mock.requests.last.json
    assert sent["messages"] == [{"role": "user", "content": "What is 12 times 12?"}]
    assert sent["stream"] is True
    assert "stream_options" not in sent


class _Cut:
    """A client whose streams break off after three chunks."""

    def __init__(self, client: ChatCompletionsClient) -> None:
        self.client = client

    def complete(self, **options: Any) -> Any:
        headers = {**options.pop("headers"), "x-mock-fault": "cut=3"}
        return self.client.complete(**options, headers=headers)


def test_a_stream_that_breaks_off_says_so_in_place_of_the_half_answer(mock: Mock):
    shown = stream_panel(_Cut(client(mock))).shown.text
    assert shown.startswith("HttpResponseError")
    assert "finish reason" not in shown


def test_signs_in_an_answer_are_escaped(panel: Panel, mock: Mock):
    mock.reply("<b>bold</b>", when="bold")
    panel.controls[QUESTION].value = "bold"
    assert stream(panel).startswith("<b>bold</b>\n")
    assert "<b>" not in panel.shown.html


def test_a_wrong_key_is_told_in_the_panel(mock: Mock):
    assert "401" in stream_panel(client(mock, "wrong")).shown.text


def test_every_control_has_a_label(panel: Panel):
    assert all(control.description for control in panel.controls)
