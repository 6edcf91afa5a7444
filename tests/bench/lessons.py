"""The pass of nbval over the lessons, beside one over as many notebooks that import the SDK and make one call.

Both passes are made as `make test` makes them, by the options in pyproject.toml, each in one process and one notebook
after the other. They take turns, and of each the quickest turn counts: whatever else the machine does only adds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import psutil
from nbclient import NotebookClient
from nbformat import v4

_CELLS = (
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
class Pass:
    """One pass, in seconds: `wall` and `processor` of all its processes, from the command to its end, and what nbval
    gave to each notebook, by its stem; `differ` counts cells whose output was not the committed one."""

    wall: float
    processor: float
    notebooks: dict[str, float]
    differ: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the lessons take, as ratios to the minimal notebooks. `by_lesson` leaves pytest's own start out, and is in
    the lessons' order."""

    wall: float
    processor: float
    by_lesson: dict[str, float]
    differ: int


def compare(lessons: list[Path], turns: int, folder: Path) -> Comparison:
    """Pass over the lessons, and over as many minimal notebooks, in turn; `folder` is the project they belong to."""
    build = folder / "build"  # inside the project: its conftest.py and its options count for them as well
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=build, prefix="minimal-") as there:
        minimal = _write_minimal(Path(there), len(lessons))
        pairs = [(_run(lessons, folder), _run(minimal, folder)) for _ in range(turns)]
    ours, theirs = zip(*pairs, strict=True)
    if any(one.differ for one in theirs):
        raise RuntimeError("the minimal notebooks do not repeat their outputs")
    one_call = min(sum(one.notebooks.values()) for one in theirs) / len(lessons)
    return Comparison(
        wall=min(one.wall for one in ours) / min(one.wall for one in theirs),
        processor=min(one.processor for one in ours) / min(one.processor for one in theirs),
        by_lesson={path.stem: min(one.notebooks[path.stem] for one in ours) / one_call for path in lessons},
        differ=max(one.differ for one in ours),
    )


def _write_minimal(folder: Path, count: int) -> list[Path]:
    """The minimal notebook, executed, so that there is something to compare, as often as there are lessons."""
    book = v4.new_notebook(cells=[v4.new_code_cell(source) for source in _CELLS])
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(book, timeout=60, kernel_name="python3", resources=resources).execute(env=_environment(folder))
    paths = [folder / f"{number:02}-minimal.ipynb" for number in range(count)]
    for path in paths:
        nbformat.write(book, path)
    return paths


def _run(notebooks: list[Path], folder: Path) -> Pass:
    with tempfile.TemporaryDirectory() as there:
        told = Path(there) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={told}"]
        start, before = time.perf_counter(), _of_children()
        done = subprocess.run(
            [*command, *map(str, notebooks)],
            cwd=folder,
            env=_environment(folder),
            capture_output=True,
            text=True,
            check=False,
        )
        wall, processor = time.perf_counter() - start, _of_children() - before
        if done.returncode not in (0, 1):  # 1: a cell differs
            raise RuntimeError(f"the pass could not be made: {(done.stderr or done.stdout)[-600:]}")
        cells = list(ElementTree.parse(told).iter("testcase"))
    seconds: dict[str, float] = defaultdict(float)
    for cell in cells:
        folders_and_name = cell.attrib["classname"].removesuffix(".ipynb")
        seconds[folders_and_name.rpartition(".")[2]] += float(cell.attrib["time"])
    return Pass(wall, processor, dict(seconds), sum(cell.find("failure") is not None for cell in cells))


def _of_children() -> float:
    """Processor time of all processes that this one started and has seen end, and of those that they started."""
    times = psutil.Process().cpu_times()
    return times.children_user + times.children_system


def _environment(folder: Path) -> dict[str, str]:
    """The caller's, without what would lead away from the mock; `import helpers` finds the project that is measured."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(_ENDPOINTS)}
    return {**kept, "PYTHONPATH": str(folder)}
