"""The pass of nbval over the lessons, beside one over as many notebooks that import the SDK and make one call.

Both are run as `make test` runs them, by the options in pyproject.toml, in one process and one after the other: a
lesson, a minimal notebook, the next lesson. So whatever else the machine does meets both. What pytest takes before the
first notebook and after the last one belongs to either pass.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import median

import nbformat
from nbclient import NotebookClient
from nbformat import v4
from servers import environment
from stopwatch import used

HERE = Path(__file__).resolve().parent
CELLS = (
    """\
import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

from helpers import connect

here = connect()""",
    """\
client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model="mistral-large-2407",
)
reply = client.complete(messages=[UserMessage("How many languages are in the world?")])
reply.choices[0].message.content""",
)
_ENDPOINTS = ("AZURE_", "AZUREAI_", "IDENTITY_", "MSI_")  # variables that would lead away from the mock


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the lessons take, as ratios to the minimal notebooks: time that passes, and processor time of all processes.

    `by_lesson` gives both for each, and leaves out what pytest takes by itself. `differ` counts cells whose output was
    not the committed one.
    """

    wall: float
    processor: float
    by_lesson: dict[str, tuple[float, float]]
    differ: int


def compare(lessons: list[Path], folder: Path) -> Comparison:
    """Run the lessons and as many minimal notebooks alternately; `folder` is the project they belong to."""
    build = folder / "build"  # inside the project: its conftest.py and its options count for them as well
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=build, prefix="minimal-") as there:
        minimal = write_minimal(Path(there), len(lessons))
        in_turn = list(chain.from_iterable(zip(lessons, minimal, strict=True)))
        return _compared(_run(in_turn, folder), lessons, minimal)


def _compared(taken: dict[str, list[float]], lessons: list[Path], minimal: list[Path]) -> Comparison:
    """One turn, from what each file took; under "" stands what pytest took in all."""
    ours, theirs = ([taken[path.stem] for path in paths] for paths in (lessons, minimal))
    if any(failed for _, _, failed in theirs):
        raise RuntimeError("the minimal notebooks do not repeat their outputs")
    ratios = []
    for place in range(2):
        notebooks, calls = sum(row[place] for row in ours), sum(row[place] for row in theirs)
        either = taken[""][place] - notebooks - calls
        ratios.append((either + notebooks) / (either + calls))
    wall, processor = _medians(theirs)
    by_lesson = {path.stem: (row[0] / wall, row[1] / processor) for path, row in zip(lessons, ours, strict=True)}
    return Comparison(ratios[0], ratios[1], by_lesson, sum(int(row[2]) for row in ours))


def _medians(rows: Sequence[Sequence[float]]) -> tuple[float, float]:
    """The medians of the first and of the second column."""
    return median(row[0] for row in rows), median(row[1] for row in rows)


def write_minimal(folder: Path, count: int) -> list[Path]:
    """The minimal notebook, executed, so that there is something to compare, as often as there are lessons."""
    book = v4.new_notebook(cells=[v4.new_code_cell(source) for source in CELLS])
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(book, timeout=60, kernel_name="python3", resources=resources).execute(env=free_environment(folder))
    paths = [folder / f"{number:02}-minimal.ipynb" for number in range(count)]
    for path in paths:
        nbformat.write(book, path)
    return paths


def _run(notebooks: list[Path], folder: Path) -> dict[str, list[float]]:
    """What each file took, as `stopwatch` reports it, and under "" the whole process."""
    with tempfile.TemporaryDirectory() as there:
        report = Path(there) / "report.json"
        settings = free_environment(folder) | {"BENCH_REPORT": str(report)}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "stopwatch", "-p", "no:cacheprovider"]
        before = used()
        done = subprocess.run(
            [*command, *map(str, notebooks)], cwd=folder, env=settings, capture_output=True, text=True, check=False
        )
        whole = [end - start for start, end in zip(before, used(), strict=True)]
        if done.returncode not in (0, 1):  # 1: a cell differs
            raise RuntimeError(f"the pass could not be made: {(done.stderr or done.stdout)[-600:]}")
        return {**json.loads(report.read_text("utf-8")), "": whole}


def free_environment(folder: Path) -> dict[str, str]:
    """The caller's, without what would lead away from the mock; modules are those of the project that is measured."""
    kept = {name: value for name, value in environment().items() if not name.upper().startswith(_ENDPOINTS)}
    return {**kept, "PYTHONPATH": os.pathsep.join([str(folder), str(HERE)])}
