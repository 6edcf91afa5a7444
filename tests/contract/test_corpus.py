"""The mock and the recorded forms against the recordings themselves: 100 exchanges of the real service.

The recordings are Microsoft's (test recordings of its SDKs, public in Azure/azure-sdk-assets) and not part of the
project. Name a folder with them in MODEL_INFERENCE_RECORDINGS to compare: `exchanges/KIND/NNN.json`, and the checker
`recorded_diff.py` beside it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from helpers.mock.testing import serve
from tests.contract.forms import Form, forms, older

VARIABLE = "MODEL_INFERENCE_RECORDINGS"
ALIKE = 93  # exchanges that the mock answers in the recorded form; 93 of 98 can be
NOT_IN_THE_DATA = {
    "audio/003.json": "a managed online endpoint: another server, no route of the mock",
    "audio/004.json": "the same",
    "errors-400/007.json": "another refusal of the request of errors-400/001.json",
}
_SOURCE = re.compile(r"(?P<path>[^#@]+)(#(?P<entry>\d+))?(@(?P<date>[\d-]+))?")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One recorded exchange."""

    name: str
    content: dict[str, Any]

    @property
    def path(self) -> str:
        return self.content["source"]["path"]

    @property
    def date(self) -> str:
        return parsedate_to_datetime(self.content["source"]["date"]).date().isoformat()

    @property
    def model(self) -> str:
        body = self.content["response"]["body"]
        chunks = body if isinstance(body, list) else [body]
        return next((chunk["model"] for chunk in chunks if isinstance(chunk, dict) and chunk.get("model")), "")

    def is_of(self, source: str) -> bool:
        found = _SOURCE.fullmatch(source)
        assert found, source
        return (
            found["path"] == self.path
            and found["entry"] in (None, str(self.content["source"]["entry"]))
            and found["date"] in (None, self.date)
        )

    def faults(self, form: Form) -> Iterator[str]:
        """What a form says otherwise, and nothing says that this is due to the recording's age."""
        response = self.content["response"]
        if response["status"] != form.status:
            yield f"status {response['status']}"
        if (host := self.content["request"]["host_kind"].removesuffix("-models")) not in form.hosts:
            yield f"host {host}"
        headers = {name: _UUID if value == "<uuid>" else value for name, value in response["headers"].items()}
        for fault in (*form.faults(response["body"]), *form.header_faults(headers)):
            known = {"date": self.date, "model": self.model, "source": self.path}
            if not any(row.forgives(fault, **known) for row in older()[form.family]):
                yield fault


_UUID = "00000000-0000-4000-8000-000000000000"  # ids of requests were taken out


@pytest.fixture(scope="module")
def recordings() -> Path:
    path = os.environ.get(VARIABLE)
    if not path:
        pytest.skip(f"{VARIABLE} names no folder with the recordings, which are not part of this project")
    return Path(path)


@pytest.fixture(scope="module")
def exchanges(recordings: Path) -> list[Exchange]:
    folder = recordings / "exchanges"
    return [
        Exchange(path.relative_to(folder).as_posix(), json.loads(path.read_text("utf-8")))
        for path in sorted(folder.glob("*/*.json"))
    ]


def test_each_form_is_that_of_its_recordings(exchanges):
    wrong = {
        f"{form.name}, {exchange.name}": faults
        for form in forms()
        for source in form.sources
        for exchange in exchanges
        if exchange.is_of(source) and (faults := list(exchange.faults(form)))
    }
    assert wrong == {}


def test_each_source_is_among_the_recordings(exchanges):
    sources = [source for form in forms() for source in form.sources]
    assert [source for source in sources if not any(exchange.is_of(source) for exchange in exchanges)] == []


def test_each_recording_has_its_form(exchanges):
    sources = [source for form in forms() for source in form.sources]
    without = {exchange.name for exchange in exchanges if not any(map(exchange.is_of, sources))}
    assert without == NOT_IN_THE_DATA.keys()


def test_each_date_is_that_of_a_recording(exchanges):
    wrong = {
        form.name: form.date
        for form in forms()
        if form.date not in {e.date for e in exchanges for source in form.sources if e.is_of(source)}
    }
    assert wrong == {}


def test_the_mock_answers_in_the_recorded_form(recordings, tmp_path):
    report = tmp_path / "report.json"
    with serve() as mock:
        command = [sys.executable, str(recordings / "recorded_diff.py"), str(recordings / "exchanges")]
        command += ["--root", mock.url, "--key", mock.key, "--json", str(report)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(report.read_text("utf-8"))
    assert found["of"] == 98
    assert found["alike"] >= ALIKE, done.stdout
