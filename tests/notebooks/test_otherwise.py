"""The lessons used otherwise than from top to bottom, as people do: a cell again, all of it again, one section only,
from another folder.

One kernel a lesson, whose working directory is an empty folder. In it each cell is run twice in a row, then the lesson
once more, then what each row of the teacher's plans shows: set-up and the named sections, with names cleared before;
at last each section alone, in the lessons that promise it. A cell that cannot be run twice is tagged `once` and says
why.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode, v4

from tests.support.lessons import LESSONS, without_endpoints
from tests.support.plans import Row, plans, set_up

pytestmark = pytest.mark.heavy
PROMISED = "each of them can be run after the set-up alone"


@dataclass
class Kernel:
    """A kernel with the last lesson's names in it."""

    client: NotebookClient

    def run(self, source: str) -> tuple[list[str], list[str]]:
        """Runs a cell: the errors it ended in, and the lines that it wrote to stderr."""
        cell = v4.new_code_cell(source)
        outputs = self.client.execute_cell(cell, 0).outputs  # the index says where that is stored
        failed = [f"{output.ename}: {output.evalue}" for output in outputs if output.output_type == "error"]
        said = "".join(output.text for output in outputs if output.get("name") == "stderr")
        return failed, said.splitlines()


@dataclass
class Use:
    """What came of it: in which cell (its number in the file, from 0) what failed or was new on stderr."""

    twice_in_a_row: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    plans: list[str] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)


@contextmanager
def kernel_in(folder: Path) -> Iterator[Kernel]:
    """A kernel that starts in that folder, without an endpoint, and notes progress there."""
    resources = {"metadata": {"path": str(folder)}}
    book = v4.new_notebook(cells=[v4.new_code_cell()])  # the place of the cell that runs
    client = NotebookClient(book, timeout=60, allow_errors=True, kernel_name="python3", resources=resources)
    with client.setup_kernel(env={**without_endpoints(os.environ), "COURSE_PROGRESS": str(folder)}):
        yield Kernel(client)


def code_of(book: NotebookNode) -> list[tuple[int, NotebookNode]]:
    return [(number, cell) for number, cell in enumerate(book.cells) if cell.cell_type == "code"]


def is_once(cell: NotebookNode) -> bool:
    return "once" in cell.metadata.get("tags", [])


def solution(cells: list[NotebookNode], number: str) -> list[str]:
    """The stub of an exercise and its solution, as a reader runs them."""
    stub = next(place for place, cell in enumerate(cells) if f'check("{number}"' in cell.source)
    solved = next(cell for cell in cells[stub:] if "solution" in cell.metadata.get("tags", []))
    code = re.search(r"```python\n(.*?)\n```", solved.source, re.S)
    assert code, number
    return [cells[stub].source, code[1]]


def steps_of(name: str, book: NotebookNode) -> dict[str, list[str]]:
    """What each row of a plan runs of this lesson, by the text of the row."""
    found = {}
    for row in (row for plan in plans().values() for row in plan if row.lessons == [name]):
        if (shown := row.cells(book)) and not row.material.endswith(": all"):
            sources = [cell.source for cell in [*set_up(book), *shown] if cell.cell_type == "code"]
            found[row.material] = sources + [code for number in row.exercises for code in solution(book.cells, number)]
    return found


def sections_of(book: NotebookNode) -> dict[str, list[str]]:
    """The code of each section that is not an exercise or the end, after that of the set-up; none unless they are
    promised to run alone."""
    if PROMISED not in "".join(cell.source for cell in set_up(book)):
        return {}
    titles = re.findall(r"^## (.+)$", "\n".join(cell.source for cell in book.cells), re.M)
    shown = titles[titles.index("Set-up") + 1 : titles.index("Exercises")]
    rows = {title: Row(0, title, f'"{title}"').cells(book) for title in shown}
    return {
        title: [cell.source for cell in [*set_up(book), *cells] if cell.cell_type == "code"]
        for title, cells in rows.items()
    }


@pytest.fixture(scope="module", params=LESSONS, ids=lambda path: path.stem)
def used(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Use:
    """What came of a lesson in all these uses."""
    name, book = request.param.stem, nbformat.read(request.param, as_version=4)
    use, told = Use(), {}
    with kernel_in(tmp_path_factory.mktemp("elsewhere")) as kernel:
        for number, cell in code_of(book):
            failed, told[number] = kernel.run(cell.source)
            if not failed and not is_once(cell):
                failed, said = kernel.run(cell.source)
                failed += [line for line in said if line not in told[number]]
            use.twice_in_a_row += [f"[{number}] {line}" for line in failed]
        for number, cell in code_of(book):
            failed, said = kernel.run(cell.source)
            use.again += [f"[{number}] {line}" for line in failed + [line for line in said if line not in told[number]]]
        for row, sources in steps_of(name, book).items():
            kernel.run("%reset -f")
            for source in sources:
                use.plans += [f"{row}: {line}\n{source}" for line in kernel.run(source)[0]]
        for title, sources in sections_of(book).items():
            kernel.run("%reset -f")
            for source in sources:
                use.alone += [f"{title}: {line}\n{source}" for line in kernel.run(source)[0]]
    return use


def test_each_cell_runs_twice_in_a_row(used: Use):
    assert used.twice_in_a_row == [], "\n".join(used.twice_in_a_row)


def test_the_lesson_runs_again_in_the_same_kernel_without_a_new_warning(used: Use):
    assert used.again == [], "\n".join(used.again)


def test_each_row_of_the_plans_runs_after_the_set_up(used: Use):
    assert used.plans == [], "\n".join(used.plans)


def test_each_section_runs_after_the_set_up_where_that_is_promised(used: Use):
    assert used.alone == [], "\n".join(used.alone)
