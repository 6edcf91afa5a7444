"""Executes every lesson on the mock, with papermill, and prints a table of the results.

`python3 tasks.py run` calls this. The executed notebooks go to build/, the originals stay as they are. Whatever
endpoint the caller's environment names, the lessons run on the mock: this must be free and the same for everybody.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ROOT / "notebooks"
BUILD = ROOT / "build"

# Everything that could name an endpoint, a key, a model or an identity: the SDKs' variables and the older names.
ENDPOINT_PREFIXES = ("AZURE_", "AZUREAI_", "IDENTITY_", "MSI_")

CELL_TIMEOUT = 60  # seconds; the slowest cell of a lesson takes a few


@dataclass(frozen=True)
class Result:
    """How one notebook fared: its code cells, its seconds, and what went wrong (empty when nothing did)."""

    name: str
    cells: int
    seconds: float
    failure: str = ""


def drop_endpoint_variables() -> None:
    """Removes from this process, and so from every kernel it starts, what would lead a lesson away from the mock."""
    for name in [name for name in os.environ if name.upper().startswith(ENDPOINT_PREFIXES)]:
        del os.environ[name]


def execute(notebook: Path, build: Path) -> Result:
    """Executes one notebook into `build`; a failure is part of the result, not an exception."""
    start = time.perf_counter()
    cells = 0
    failure = ""
    try:
        cells = sum(cell.cell_type == "code" for cell in nbformat.read(notebook, as_version=4).cells)
        papermill.execute_notebook(
            notebook,
            build / notebook.name,
            kernel_name="python3",
            cwd=str(notebook.parent),
            execution_timeout=CELL_TIMEOUT,
            request_save_on_cell_execute=False,  # one save at the end: the lessons are short
            progress_bar=False,  # one bar for all lessons, not one for each
        )
    except PapermillExecutionError as error:
        failure = f"failed in cell {error.exec_count}: {last_line(f'{error.ename}: {error.evalue}')}"
    except Exception as error:  # a dead kernel, a cell out of time, a notebook that is none: the others still run
        failure = f"failed: {last_line(str(error)) or type(error).__name__}"
    return Result(notebook.stem, cells, time.perf_counter() - start, failure)


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


def table(results: list[Result]) -> str:
    """The results as aligned text, one notebook a line."""
    width = max(len("notebook"), *(len(result.name) for result in results))
    lines = [f"{'notebook':<{width}}  cells  seconds  result"]
    lines += [
        f"{result.name:<{width}}  {result.cells:5}  {result.seconds:7.1f}  {result.failure or 'passed'}"
        for result in results
    ]
    passed = sum(not result.failure for result in results)
    seconds = sum(result.seconds for result in results)
    return "\n".join([*lines, f"{passed} of {len(results)} passed in {seconds:.1f} s"])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Execute every lesson on the mock and print a table.")
    parser.add_argument("--lessons", type=Path, default=LESSONS, help="the folder of notebooks (default: notebooks/)")
    parser.add_argument("--build", type=Path, default=BUILD, help="where the executed notebooks go (default: build/)")
    options = parser.parse_args(arguments)

    notebooks = sorted(options.lessons.resolve().glob("*.ipynb"))
    if not notebooks:
        print(f"There are no notebooks in {options.lessons}.", file=sys.stderr)
        return 1
    drop_endpoint_variables()
    logging.getLogger("papermill").setLevel(logging.ERROR)
    options.build.mkdir(parents=True, exist_ok=True)

    results: list[Result] = []
    with tqdm(notebooks, desc="lessons", unit="lesson") as progress:
        for notebook in progress:
            progress.set_postfix_str(notebook.stem)
            results.append(execute(notebook, options.build.resolve()))
    print(table(results))
    return 1 if any(result.failure for result in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
