"""Every twin that a lesson shows is run as it stands there, and answered as the lesson shows it was."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Iterator
from typing import NamedTuple

import nbformat
import pytest

from helpers.mock.gateway.identity import DEFAULT_KEY
from helpers.mock.service import Service
from helpers.mock.transports.server import MockServer
from helpers.wire.twins import TWINS
from tests.support.languages import PROGRAMS, Ran, run
from tests.support.places import NOTEBOOKS

pytestmark = pytest.mark.heavy

COMPARES = "12-moving-to-openai"  # its wire is two requests side by side, from two packages
LANGUAGES = dict(zip(TWINS, PROGRAMS, strict=True))
SUMMARY = re.compile(r"→ (\d{3})")
TWIN = re.compile(rf"<details><summary>({'|'.join(TWINS)})</summary><pre[^>]*>(.*?)</pre>", re.DOTALL)


class Twin(NamedTuple):
    """A twin in a committed output. `name` is lesson and number, `status` what is shown above it."""

    name: str
    language: str
    code: str
    status: int

    @property
    def expected(self) -> int:
        """The status of the first attempt: a fault comes first, to whoever asks for it."""
        fault = re.search(r"x-mock-fault\W+(\d{3})", self.code)
        return int(fault[1]) if fault else self.status


def twins() -> Iterator[Twin]:
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        number = 0
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                shown = output.get("data", {}).get("text/html", "")
                for twin in TWIN.finditer(shown):
                    language, status = LANGUAGES[twin[1]], SUMMARY.findall(shown[: twin.start()])[-1]
                    number += language == "curl"
                    yield Twin(f"{path.stem}-{number}-{language}", language, html.unescape(twin[2]), int(status))


ALL = list(twins())


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with MockServer(Service(media=NOTEBOOKS / "media")) as server:
        variables = {"AZURE_INFERENCE_ENDPOINT": f"{server.url}/models", "AZURE_INFERENCE_CREDENTIAL": DEFAULT_KEY}
        yield {**os.environ, **variables, "NO_PROXY": "127.0.0.1"}


@pytest.fixture(scope="module", params=PROGRAMS)
def answers(request, environment, tmp_path_factory) -> dict[str, Ran]:
    """What the twins of one language did, by name. Those that need a token are not run."""
    chosen = [twin for twin in ALL if twin.language == request.param and not needs_token(twin)]
    folder = tmp_path_factory.mktemp(request.param)
    told = run(request.param, [twin.code for twin in chosen], environment, NOTEBOOKS, folder)
    return {twin.name: ran for twin, ran in zip(chosen, told, strict=True)}


def needs_token(twin: Twin) -> bool:
    return bool(re.search(r'\$TOKEN\b|"TOKEN"|env\.TOKEN\b', twin.code))


@pytest.mark.parametrize("language", PROGRAMS)
def test_every_lesson_shows_a_twin_in_each_language(language):
    lessons = {path.stem for path in NOTEBOOKS.glob("[0-9]*.ipynb")}
    showing = {twin.name.rsplit("-", 2)[0] for twin in ALL if twin.language == language}
    assert showing | {COMPARES} == lessons | {COMPARES}


def test_a_twin_gets_the_answer_that_is_shown(answers):
    statuses = {twin.name: twin.expected for twin in ALL if twin.name in answers}
    assert {name: ran.status for name, ran in answers.items()} == statuses


def test_a_twin_prints_what_it_was_answered(answers):
    for name, (status, printed) in answers.items():
        if "data: " in printed:
            assert printed.rstrip().endswith("data: [DONE]"), name
        else:
            told = printed if "-curl" in name or status == 200 else printed.removeprefix(f"{status} ")
            assert isinstance(json.loads(told), dict), name
