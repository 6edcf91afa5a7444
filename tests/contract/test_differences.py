"""The table of differences says from where it knows what it says."""

from __future__ import annotations

import pytest

from tests.contract import differences
from tests.contract.forms import forms
from tests.support.sources import KINDS, known

ROWS = differences.rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["place"])
def test_a_row_names_recordings_a_thread_a_page_or_that_nothing_is_known(row):
    names = {form.name for form in forms()}
    assert known(row["source"]) in KINDS
    assert [name for name in row.get("forms", ()) if name not in names] == []
    assert row["source"].startswith("recorded") <= ("forms" in row)
    assert (row["recorded"] != "-") == ("forms" in row or ".json, 20" in row["recorded"])


def test_no_place_has_two_rows():
    places = [row["place"] for row in ROWS]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("recorded 2025-01; 2024-05-01-preview, ModelInfo", "recorded"),
        ("the words: it-at-m/mucgpt#608; Azure OpenAI's reference", "reported"),
        ("2024-05-01-preview, ChatRole", "documented"),
        ("Microsoft's page on Phi-3.5 vision", "documented"),
        ("recorded 2025-01; of others a guess", "guessed"),
        ("the first recorded 2024-07; the rest ours", "ours"),
        ("ours", "ours"),
    ],
)
def test_how_well_something_is_known_is_read_from_its_source(source, kind):
    assert known(source) == kind


def test_a_source_that_tells_nothing_is_none():
    with pytest.raises(ValueError, match="everybody"):
        known("everybody says so")
