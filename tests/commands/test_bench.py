"""The benchmark runs and tells its table; whether the targets are met is no matter for a test on a busy machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.support.places import ROOT

pytestmark = pytest.mark.heavy

BENCH = ROOT / "commands" / "bench"


def test_a_quick_run_prints_the_table_and_writes_the_figures(tmp_path):
    file = tmp_path / "build" / "bench.json"
    command = [sys.executable, str(BENCH), "--quick", "--json", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(file.read_text("utf-8"))
    measures = [row["measure"] for row in figures["rows"]]
    assert len(measures) == 13 - (os.cpu_count() == 1)
    assert measures[-1] == "  00-start-here"
    assert all(measure in done.stdout for measure in measures)
    assert all(row["value"] > 0 for row in figures["rows"] if row["unit"] == "times")
    targets = {row["target"] for row in figures["rows"] if row["target"]}
    assert targets | {0.6} == {0.6, 1.5, 2, 5, 8, 500.0}  # side by side is measured where there are two processors


def test_no_two_requests_are_alike():
    done = subprocess.run([sys.executable, "-c", ALIKE], cwd=BENCH, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["4000", "4000"], done.stderr


ALIKE = """
from itertools import islice
import questions
many = [request for seed in range(4) for request in islice(questions.completions(seed), 1000)]
print(len(many), len(set(many)))
"""
