"""A lesson in a kernel of its own, used as people use it: run once, its exercises tried, run again, shown in parts.

The kernel's working directory is an empty folder. What comes later goes on in the state that was left before.
"""

from __future__ import annotations

import inspect
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode, v4

from tests.support.kernels import Kernel
from tests.support.lessons import without_endpoints
from tests.support.plans import Row, plans, set_up

PROMISED = "each of them can be run after the set-up alone"
PLOTS = re.compile(r"^figure\(", re.MULTILINE)


@dataclass(frozen=True)
class Said:
    """What a cell had to say: what it shows as plain text, the errors it ended in, its lines on stderr."""

    shown: str
    failed: list[str]
    warned: list[str]


@dataclass
class Use:
    """What came of a lesson that was run before: in which cell (its number in the file, from 0) what failed or was new
    on stderr, when it ran again after all others, and when it then ran twice in a row."""

    again: list[str] = field(default_factory=list)
    twice_in_a_row: list[str] = field(default_factory=list)


@dataclass
class Reading:
    """A lesson and its kernel. What is asked for is done when it is asked for, and once."""

    path: Path
    client: NotebookClient
    cleared: bool = False  # whether its names were

    @cached_property
    def book(self) -> NotebookNode:
        return nbformat.read(self.path, as_version=4)

    @property
    def code(self) -> list[tuple[int, NotebookNode]]:
        """The cells of code and their numbers."""
        return [(number, cell) for number, cell in enumerate(self.book.cells) if cell.cell_type == "code"]

    @property
    def plots(self) -> list[NotebookNode]:
        return [cell for _, cell in self.code if PLOTS.search(cell.source)]

    def run(self, source: str, store_history: bool = True) -> Said:
        """Runs a cell."""
        cell = v4.new_code_cell(source)
        # The index says where the client stores what came of it: in a notebook that is thrown away.
        outputs = self.client.execute_cell(cell, 0, store_history=store_history).outputs
        shown = [one.get("text") or one.get("data", {}).get("text/plain") or one.get("evalue", "") for one in outputs]
        failed = [f"{one.ename}: {one.evalue}" for one in outputs if one.output_type == "error"]
        warned = "".join(str(one.text) for one in outputs if one.get("name") == "stderr")
        return Said("\n".join(shown), failed, list(warned.splitlines()))

    @cached_property
    def first(self) -> dict[int, Said]:
        """What each cell said when the lesson was run from top to bottom. AssertionError when one failed."""
        if self.plots:
            self.run(f"from typing import Any\n{inspect.getsource(_watch)}\n_watch()\ndel Any, _watch")
        said = {number: self.run(cell.source) for number, cell in self.code}
        failed = {number: one.failed for number, one in said.items() if one.failed}
        assert not failed, f"{self.path.stem}: {failed}"
        return said

    @cached_property
    def drawn(self) -> dict[str, Any]:
        """What the lesson's plot held at that first time: see `_watch`."""
        assert self.first
        return json.loads(self.run(f"{inspect.getsource(_told)}\n_told()\ndel _told").shown)

    def names(self) -> None:
        """Sees to it that the names of the whole lesson are there, for an exercise."""
        if self.first and self.cleared:
            for _, cell in self.code:
                self.run(cell.source)

    @cached_property
    def use(self) -> Use:
        """What comes of running the lesson again, each cell twice in a row."""
        first, use = self.first, Use()
        for number, cell in self.code:
            for found in (use.again, use.twice_in_a_row):
                said = self.run(cell.source)
                new = said.failed + [line for line in said.warned if line not in first[number].warned]
                found += [f"[{number}] {line}" for line in new]
                if said.failed or "once" in cell.metadata.get("tags", []):
                    break
        return use

    @cached_property
    def failed_rows(self) -> list[str]:
        """What fails where a row of the teacher's plans is shown alone: set-up and the named sections."""
        return self._failed(_rows(self.path.stem, self.book))

    @cached_property
    def failed_sections(self) -> list[str]:
        """What fails where a section is run after the set-up alone, in a lesson that promises it."""
        return self._failed(_sections(self.book))

    def _failed(self, parts: dict[str, list[str]]) -> list[str]:
        assert self.use  # that comes before the names are cleared
        failed = []
        for part, sources in parts.items():
            self.run("%reset -f")
            self.cleared = True
            for source in sources:
                failed += [f"{part}: {line}\n{source}" for line in self.run(source).failed]
        return failed


@contextmanager
def reading(path: Path, folder: Path) -> Iterator[Reading]:
    """A lesson with a kernel that starts in that folder, without an endpoint, and notes progress there."""
    book = v4.new_notebook(cells=[v4.new_code_cell()])  # the place of the cell that runs
    client = NotebookClient(
        book,
        timeout=60,
        allow_errors=True,
        kernel_name="python3",
        kernel_manager_class=Kernel,
        resources={"metadata": {"path": str(folder)}},
        shutdown_kernel="immediate",
    )
    with client.setup_kernel(env={**without_endpoints(os.environ), "COURSE_PROGRESS": str(folder)}):
        yield Reading(path, client)


def _rows(name: str, book: NotebookNode) -> dict[str, list[str]]:
    """What each row of a plan runs of this lesson, by the text of the row."""
    found = {}
    for row in (row for plan in plans().values() for row in plan if row.lessons == [name]):
        if (shown := row.cells(book)) and not row.material.endswith(": all"):
            solved = [code for number in row.exercises for code in _solution(book.cells, number)]
            found[row.material] = _after_set_up(book, shown) + solved
    return found


def _sections(book: NotebookNode) -> dict[str, list[str]]:
    """What each section runs that is not an exercise or the end; none unless they are promised to run alone."""
    if PROMISED not in "".join(cell.source for cell in set_up(book)):
        return {}
    titles = re.findall(r"^## (.+)$", "\n".join(cell.source for cell in book.cells), re.M)
    shown = titles[titles.index("Set-up") + 1 : titles.index("Exercises")]
    return {title: _after_set_up(book, Row(0, title, f'"{title}"').cells(book)) for title in shown}


def _after_set_up(book: NotebookNode, shown: list[NotebookNode]) -> list[str]:
    return [cell.source for cell in [*set_up(book), *shown] if cell.cell_type == "code"]


def _solution(cells: list[NotebookNode], number: str) -> list[str]:
    """The stub of an exercise and its solution, as a reader runs them."""
    stub = next(place for place, cell in enumerate(cells) if f'check("{number}"' in cell.source)
    solved = next(cell for cell in cells[stub:] if "solution" in cell.metadata.get("tags", []))
    code = re.search(r"```python\n(.*?)\n```", solved.source, re.S)
    assert code, number
    return [cells[stub].source, code[1]]


def _watch() -> None:
    """Runs in the lesson's kernel, before the lesson: `figure` notes what the figure holds, and goes on as always."""
    from importlib import import_module

    module: Any = import_module("helpers.figures")
    show, module.drawn = module.figure, []

    def figure(fig: Any, alt: str) -> None:
        fig.canvas.draw()  # the labels at the ticks are made now
        (axes,) = fig.axes
        in_bars = [patch for bars in axes.containers for patch in bars]
        spans = [patch for patch in axes.patches if patch not in in_bars]
        extents = [span.get_path().transformed(span.get_patch_transform()).get_extents() for span in spans]
        module.drawn.append(
            {
                "alt": alt,
                "bars": {
                    bars.get_label(): [
                        (*bar.get_xy(), bar.get_width(), bar.get_height(), bool(bar.get_hatch())) for bar in bars
                    ]
                    for bars in axes.containers
                },
                "lines": {
                    line.get_label(): [list(map(float, line.get_xdata())), list(map(float, line.get_ydata()))]
                    for line in axes.lines
                },
                "spans": [(extent.x0, extent.x1) for extent in extents],
                "shades": [row for image in axes.images for row in image.get_array().tolist()],
                "xlabels": [label.get_text() for label in axes.get_xticklabels()],
                "ylabels": [label.get_text() for label in axes.get_yticklabels()],
                "words": [text.get_text() for text in axes.texts],
            }
        )
        show(fig, alt)

    module.figure = figure


def _told() -> None:
    """Runs in the lesson's kernel, after the lesson: tells what the first figure held."""
    from importlib import import_module
    from json import dumps

    print(dumps(import_module("helpers.figures").drawn[0], default=float))
