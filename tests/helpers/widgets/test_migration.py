"""The panel of lesson 12: every task runs in all three clients, and what is said of them is what happened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from helpers.endpoint import Endpoint
from helpers.mock import Mock, serve
from helpers.widgets import migration_panel
from helpers.widgets.tasks import TASKS

MODELS = {"chat": "mistral-large-2407", "vision": "Phi-3.5-vision-instruct", "embeddings": "text-embedding-3-small"}


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with serve() as made:
        yield made


@pytest.fixture
def panel(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AZURE_INFERENCE_CREDENTIAL", mock.key)
    here = Endpoint(mock.endpoint, is_mock=True, has_key=True)
    return migration_panel(here, here.openai_base_url(), MODELS)


def columns(panel: Any, task: str) -> list[str]:
    panel.controls[0].value = task
    return panel.shown.text.split("\n\n[")


def test_it_starts_with_a_question_in_three_forms(panel: Any, mock: Mock):
    old, new, plain = columns(panel, "chat")
    assert "client.complete(" in old
    assert "answer: 3 kilometres are 3,000 metres." in old
    assert "request: POST /openai/v1/chat/completions" in new
    assert new.count("✓ the same") == plain.count("✓ the same") == 2
    assert "task: chat" in panel.still.text
    assert mock.key not in panel.still.html


@pytest.mark.parametrize("task", [name for name in TASKS if name not in ("stream, without a guard", "error")])
def test_a_task_has_one_answer(panel: Any, task: str):
    _, *others = columns(panel, task)
    assert all("answer: ✓ the same" in other for other in others)


def test_only_embeddings_have_another_body(panel: Any):
    for task in TASKS:
        _, new, plain = columns(panel, task)
        assert ("body: ✓ the same" in new) == (task != "embeddings"), task
        assert "body: ✓ the same" in plain


def test_a_stream_without_a_guard_breaks_in_one_client_only(panel: Any):
    old, new, plain = columns(panel, "stream, without a guard")
    assert "answer: IndexError" in new
    assert "Error" not in old + plain


def test_one_mistake_is_two_exceptions(panel: Any):
    old, new, plain = columns(panel, "error")
    assert "answer: HttpResponseError" in old
    assert "answer: UnprocessableEntityError" in new
    assert "less than or equal to 1" in plain


def test_what_is_the_same_can_be_shown_in_full(panel: Any):
    panel.controls[1].value = True
    _, new, plain = columns(panel, "chat")
    assert '"model": "mistral-large-2407"' in new
    assert "3 kilometres are 3,000 metres." in plain


def test_a_wrong_key_is_told_in_the_panel(mock: Mock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AZURE_INFERENCE_CREDENTIAL", "not-the-key")
    here = Endpoint(mock.endpoint, is_mock=True, has_key=True)
    shown = migration_panel(here, here.openai_base_url(), MODELS).shown.text
    assert "ClientAuthenticationError" in shown
    assert "AuthenticationError" in shown
    assert "not-the-key" not in shown
