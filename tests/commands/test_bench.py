"""The benchmark runs and tells its table; whether the targets are met is no matter for a test on a busy machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.support.environments import Small
from tests.support.places import ROOT

pytestmark = pytest.mark.heavy

BENCH = ROOT / "commands" / "bench"


SECTIONS = {
    "mock": [None, 5, None, 8, 5, 1.5, 500, None, 2],
    "upstream": [1.2, 2, 2],
    "room": [0, None, 5],
    "reader": [2, 0.6],
    "lessons": [None, None],
}
"""The target of each row; None: it has none."""
KERNELS = ("room", "reader", "lessons")


@pytest.mark.parametrize(
    "section", [pytest.param(name, marks=[pytest.mark.slow] if name in KERNELS else []) for name in SECTIONS]
)
def test_a_quick_run_prints_the_table_and_writes_the_figures(tmp_path, section: str):
    file = tmp_path / "build" / "bench.json"
    command = [sys.executable, str(BENCH), "--quick", "--only", section, "--json", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    rows = json.loads(file.read_text("utf-8"))["rows"]
    targets = SECTIONS[section]
    if os.cpu_count() == 1:  # side by side is measured where there are two processors
        targets = [target for target in targets if target != 0.6]
    assert [row["target"] for row in rows] == targets
    assert all(row["measure"] in done.stdout for row in rows)
    assert all(row["value"] > 0 for row in rows if row["unit"] == "times")
    assert all(row["ok"] for row in rows if section == "room"), rows  # no error, however busy the machine is


@pytest.mark.slow
def test_environments_are_made_from_nothing_from_a_cache_and_by_pip(tmp_path):
    small = Small(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", SET_UPS, str(small.lock.file), str(small.wheelhouse)],
        cwd=BENCH,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    took = json.loads(done.stdout or "null")
    assert took, done.stderr
    assert min(took["cold"], took["warm"], took["by_pip"]) > 0
    assert 0 < took["megabytes"] < 200


SET_UPS = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from commands.setup.environment import Lock
import set_up
print(json.dumps(asdict(set_up.set_ups(Lock(Path(sys.argv[1]), 1), Path(sys.argv[2])))))
"""


def test_no_two_requests_are_alike():
    done = subprocess.run([sys.executable, "-c", ALIKE], cwd=BENCH, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["4000", "4000"], done.stderr


ALIKE = """
from itertools import islice
import questions
many = [request for seed in range(4) for request in islice(questions.completions(seed), 1000)]
print(len(many), len(set(many)))
"""


def test_the_figures_go_into_the_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Speed\n\n<!-- made from build/bench.json -->\nold\n<!-- end -->\n\nThe rest.\n", "utf-8")
    rows = [
        {"measure": "fast", "value": 1.5, "unit": "times", "target": 2, "ok": True, "detail": "so"},
        {"measure": "slow", "value": 3, "unit": "times", "target": 2, "ok": False, "detail": ""},
        {"measure": "  part", "value": 1, "unit": "times", "target": None, "ok": True, "detail": ""},
    ]
    figures = {"date": "2030-01-01", "machine": "2 processors", "rows": rows}
    command = (
        f"import json, pathlib, page; page.renew(pathlib.Path({str(page)!r}), json.loads({json.dumps(figures)!r}))"
    )
    subprocess.run([sys.executable, "-c", command], cwd=BENCH, check=True)
    assert (
        page.read_text("utf-8")
        == """# Speed

<!-- made from build/bench.json -->
2030-01-01, 2 processors.

| Measure | Value | Target | |
| --- | --- | --- | --- |
| fast | 1.50 times | 2 | so |
| slow | 3.00 times | 2 (missed) |  |
| &emsp;part | 1.00 times |  |  |

<!-- end -->

The rest.
"""
    )
