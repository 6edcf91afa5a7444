"""Executes every lesson on the mock, with papermill, and prints a table of the results.

`python3 tasks.py run` calls this. As many lessons run side by side as there are processors. The executed notebooks go
to build/, the originals stay as they are. Whatever endpoint the caller's environment names, the lessons run on the
mock: this must be free and the same for everybody.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import tempfile
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import nbformat
import papermill
from jupyter_client.manager import AsyncKernelManager
from papermill.exceptions import PapermillExecutionError
from tqdm import tqdm

from commands.setup.environment import elsewhere
from commands.setup.places import BUILD, ROOT

LESSONS = ROOT / "notebooks"

# Everything that could name an endpoint, a key, a model or an identity: the SDKs' variables and the older names.
ENDPOINT_PREFIXES = ("AZURE_", "AZUREAI_", "IDENTITY_", "MSI_", "MODEL_INFERENCE_UPSTREAM")

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


class Kernel(AsyncKernelManager):
    """A kernel that can be ended from outside, and that no other program can take the ports from: it has none.

    Ports are chosen before a kernel binds them, and what another lesson binds meanwhile may be one of them. So the
    kernels speak over sockets in a folder, except on Windows.
    """

    sockets: ClassVar[str]
    made: ClassVar[list[AsyncKernelManager]] = []

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        if os.name != "nt":
            self.transport, self.ip = "ipc", f"{self.sockets}/{len(self.made)}"
        self.made.append(self)

    @classmethod
    def end_all(cls) -> None:
        """End the kernels that run, however busy they are; whoever waits for them is told that they died."""
        for kernel in cls.made:
            process = getattr(kernel.provisioner, "process", None)
            if process is not None:
                process.kill()


def execute(notebook: Path, cells: int, build: Path) -> Result:
    """Executes one notebook into `build`, in the current folder; a failure is part of the result, not an exception."""
    start = time.perf_counter()
    failure = ""
    try:
        papermill.execute_notebook(
            notebook,
            build / notebook.name,
            kernel_name="python3",
            kernel_manager_class=Kernel,
            execution_timeout=CELL_TIMEOUT,
            extra_arguments=["--log-level=50"],  # its end interrupts a kernel, which would log that as an error
            request_save_on_cell_execute=False,  # one save at the end: the lessons are short
            progress_bar=False,  # one bar for all lessons, not one for each
        )
    except PapermillExecutionError as error:
        failure = f"failed in cell {error.exec_count}: {last_line(f'{error.ename}: {error.evalue}')}"
    except Exception as error:  # a dead kernel, a cell out of time, a notebook that is none: the others still run
        failure = f"failed: {last_line(str(error)) or type(error).__name__}"
    return Result(notebook.stem, cells, time.perf_counter() - start, failure)


def code_cells(notebook: Path) -> int:
    """How many cells a notebook runs; none when it cannot be read."""
    try:
        return sum(cell.cell_type == "code" for cell in nbformat.read(notebook, as_version=4).cells)
    except Exception:  # there are many ways to be no notebook; its execution tells which
        return 0


def execute_all(notebooks: list[Path], build: Path, jobs: int) -> list[Result]:
    """Executes notebooks, `jobs` at a time, and returns the results in their order.

    The ones with the most cells begin, so that none of them is left over in the end. Interrupted, this returns what
    there is.
    """
    results: list[Result] = []
    cells = {notebook: code_cells(notebook) for notebook in notebooks}
    with (
        tempfile.TemporaryDirectory() as Kernel.sockets,
        ThreadPoolExecutor(jobs) as pool,
        tqdm(total=len(notebooks), desc="lessons", unit="lesson") as progress,
    ):
        longest_first = sorted(notebooks, key=lambda notebook: -cells[notebook])
        under_way = {pool.submit(execute, notebook, cells[notebook], build): notebook for notebook in longest_first}
        waiting = set(under_way)
        try:
            while waiting:
                progress.set_postfix_str(", ".join(sorted(under_way[one].stem for one in waiting if one.running())))
                done: set[Future[Result]] = set()
                while not done:  # Windows hears of Ctrl-C only in between
                    done, waiting = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
                results += [future.result() for future in done]
                progress.update(len(done))
            progress.set_postfix_str("")
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough
            logging.disable()  # that kernels die is what was asked for
            for future in waiting:
                future.cancel()
            while wait(waiting, timeout=0.1).not_done:  # also those whose kernel was about to start
                Kernel.end_all()
    return sorted(results, key=lambda result: result.name)


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


def table(results: list[Result], lessons: int, seconds: float) -> str:
    """The results as aligned text, one notebook a line; there are so many lessons, and all took so long."""
    width = max(len("notebook"), *(len(result.name) for result in results), 0)
    lines = [f"{'notebook':<{width}}  cells  seconds  result"]
    lines += [
        f"{result.name:<{width}}  {result.cells:5}  {result.seconds:7.1f}  {result.failure or 'passed'}"
        for result in results
    ]
    passed = sum(not result.failure for result in results)
    lines.append(f"{passed} of {lessons} passed in {seconds:.1f} s" + ": interrupted" * (len(results) < lessons))
    return "\n".join(lines)


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tasks.py run", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--lessons", type=Path, default=LESSONS, help="the folder of notebooks (default: notebooks/)")
    parser.add_argument("--build", type=Path, default=BUILD, help="where the executed notebooks go (default: build/)")
    parser.add_argument("--jobs", type=int, default=processors(), help="how many at a time (default: the processors)")
    options = parser.parse_args(arguments)

    notebooks = sorted(options.lessons.resolve().glob("*.ipynb"))
    if not notebooks:
        print(f"There are no notebooks in {options.lessons}.", file=sys.stderr)
        return 1
    build = options.build.resolve()
    try:
        build.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"{build} cannot be made: {error}\n{elsewhere()}", file=sys.stderr)
        return 1
    drop_endpoint_variables()
    logging.getLogger("papermill").setLevel(logging.ERROR)

    start = time.perf_counter()
    with chdir(options.lessons):
        results = execute_all(notebooks, build, max(1, options.jobs))
    print(table(results, len(notebooks), time.perf_counter() - start))
    if len(results) < len(notebooks):
        return 130
    return 1 if any(result.failure for result in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
