"""The script of lesson 09: an answer with its source, or that the notes do not tell."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from typing import Any

import pytest

from helpers.mock import Mock, serve
from tests.support.places import NOTEBOOKS

SCRIPT = NOTEBOOKS / "scripts" / "09-embeddings.py"
FLIGHT = "If your flight is cancelled, the airline must offer another one or your money back"


@pytest.fixture
def mock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mock]:
    with serve() as mock:
        for name, value in {**mock.environment, "NO_PROXY": "127.0.0.1"}.items():
            monkeypatch.setenv(name, value)
        yield mock


def run() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT), run_name="__main__")


@pytest.mark.parametrize(
    ("question", "printed"),
    [
        ("The airline cancelled my flight. Do I get my money back?", [f"{FLIGHT} [1].", f"  [1] {FLIGHT}."]),
        ("Who painted the Mona Lisa?", ["The notes do not tell."]),
    ],
)
@pytest.mark.usefixtures("mock")
def test_an_answer_names_its_source(
    question: str, printed: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("QUESTION", question)
    run()
    assert capsys.readouterr().out.splitlines() == [question, *printed]


def test_only_the_nearest_notes_are_sent_numbered_from_one(mock: Mock):
    script = run()
    sent = mock.requests.last.system_text
    assert sum(text in sent for text in script["TEXTS"]) == script["BEST"]
    assert "\n[1] Turn off the water and replace the worn washer" in sent


def test_a_citation_of_a_note_that_is_not_there_is_told(mock: Mock, capsys: pytest.CaptureFixture[str]):
    mock.reply("Call a plumber [7].")
    run()
    assert "  [7] (there is no such note)" in capsys.readouterr().out
