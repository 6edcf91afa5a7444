"""The same requests in the same order get the same bodies: of a fresh mock, another process, over HTTP, a reset one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest

from helpers.mock import MockServer
from tests.contract.script import LENGTH, digests, digests_over_http, requests
from tests.contract.ways import fresh
from tests.support.places import ROOT

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def answers() -> list[str]:
    return digests(fresh())


def test_the_script_is_long_and_mixed(answers):
    assert len(answers) == LENGTH
    statuses = Counter(line.split()[0] for line in answers)
    assert {"200", "400", "401", "404", "405", "422", "429", "500"} <= statuses.keys()
    assert statuses["200"] > LENGTH / 3
    asked = requests()
    assert {request.path.rsplit("/", 1)[-1] for request in asked} >= {"completions", "embeddings", "info", "models"}
    assert sum(b'"stream": true' in request.body for request in asked) > 20
    assert len(set(answers)) > LENGTH / 2


def test_another_process_with_another_hash_seed_answers_the_same(answers):
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    done = subprocess.run(
        [sys.executable, "-m", "tests.contract.script"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.split("\n")[:-1] == answers


@pytest.mark.slow
def test_over_http_the_answers_are_the_same(answers):
    with MockServer(fresh()) as server:
        assert digests_over_http(server.url) == answers


@pytest.mark.slow
def test_a_reset_mock_is_a_fresh_one(answers):
    service = fresh()
    digests(service)
    assert digests(service) != answers  # it remembers
    service.reset()
    assert digests(service) == answers
