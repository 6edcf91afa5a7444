"""What counts as solved: a cell that a person ran by hand and on its own, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import papermill
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from nbclient import NotebookClient
from nbformat import v4
from nbval.kernel import RunningKernel

from helpers.exercises.progress import folder, note, progress
from helpers.exercises.watching import follow
from tests.support.front_end import MOMENT, WHILE, FrontEnd, started
from tests.support.places import ROOT

pytestmark = pytest.mark.heavy

NUMBER = "3.91"
SET_UP = f"""
import os
from helpers.exercises.checking import check
from helpers.exercises.progress import progress
from helpers.exercises.registry import exercise
from helpers.exercises.watching import follow

@exercise("{NUMBER}", "Of the tests", first="One.", second="Two.")
def _(answer):
    return "Right."

follow()
"""
SOLVE = f'check("{NUMBER}", "an answer")'
RIGHT = f"✓ Exercise {NUMBER}"
ALONE = "Run this cell on its own to have it counted"


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    with started() as client:
        FrontEnd(client).by_hand(SET_UP)
        yield client


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "reader" / "solved"


@pytest.fixture
def page(kernel: BlockingKernelClient, notes: Path) -> FrontEnd:
    page = FrontEnd(kernel)
    page.by_hand(f"os.environ['COURSE_PROGRESS'] = {str(notes)!r}")
    return page


def kept(notes: Path) -> list[str]:
    return sorted(path.name for path in notes.iterdir()) if notes.is_dir() else []


# By hand


def test_a_cell_that_is_run_on_its_own_counts(page: FrontEnd, notes: Path):
    said = page.by_hand(SOLVE)
    assert RIGHT in said
    assert ALONE not in said
    assert kept(notes) == [NUMBER]


def test_what_is_kept_is_one_empty_file_in_that_folder(page: FrontEnd, notes: Path, tmp_path: Path):
    page.by_hand(SOLVE)
    page.by_hand(SOLVE)
    page.by_hand("progress()")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [notes / NUMBER]
    assert (notes / NUMBER).read_bytes() == b""


def test_a_wrong_answer_and_a_stub_do_not_count(page: FrontEnd, notes: Path):
    page.by_hand(f'check("{NUMBER}", ...)')
    page.by_hand('check("3.1", "a text")')
    assert kept(notes) == []


def test_cells_that_are_run_at_once_do_not_count(page: FrontEnd, notes: Path):
    *_, said = page.at_once("1", "2", SOLVE)
    assert RIGHT in said
    assert ALONE in said
    assert kept(notes) == []


def test_after_all_cells_were_run_the_same_cell_counts_by_hand(page: FrontEnd, notes: Path):
    page.at_once("1", SOLVE, "2")
    assert ALONE not in page.by_hand(SOLVE)
    assert kept(notes) == [NUMBER]


def test_the_first_of_several_is_the_one_that_the_reader_stands_in(page: FrontEnd, notes: Path):
    first, second = page.at_once(SOLVE, SOLVE)
    assert ALONE not in first
    assert ALONE in second
    assert kept(notes) == [NUMBER]


def test_cells_that_are_sent_as_soon_as_the_one_before_is_done_do_not_count(page: FrontEnd, notes: Path):
    page.clock = page.ended - timedelta(seconds=3)  # the cell before was asked for long ago, and has just ended
    page.result(page.send("'a slow cell'"))
    page.clock = page.ended + MOMENT
    assert ALONE in page.result(page.send(SOLVE))
    assert kept(notes) == []


def test_by_the_same_clock_a_pause_after_the_cell_before_is_enough(page: FrontEnd, notes: Path):
    page.clock = datetime.now(UTC) - timedelta(minutes=1)
    page.result(page.send("'the cell before'"))
    page.clock = page.ended + timedelta(seconds=1)
    assert ALONE not in page.result(page.send(SOLVE))
    assert kept(notes) == [NUMBER]


@pytest.mark.parametrize("hours", [-30, -1, 1, 30])
def test_a_page_whose_clock_is_wrong_is_judged_by_its_own_dates(page: FrontEnd, notes: Path, hours: int):
    page.clock = datetime.now(UTC) + timedelta(hours=hours)
    *_, said = page.at_once("1", SOLVE)
    assert ALONE in said
    assert ALONE not in page.by_hand(SOLVE)
    assert kept(notes) == [NUMBER]


def test_right_after_the_kernel_was_started_all_cells_at_once_do_not_count(notes: Path):
    with started() as kernel:
        _, said = FrontEnd(kernel).at_once(SET_UP, SOLVE)
    assert ALONE in said
    assert kept(notes) == []


def test_connecting_again_changes_nothing(page: FrontEnd, notes: Path):
    _, said = page.at_once("follow(); follow()", SOLVE)
    assert ALONE in said
    assert ALONE not in page.by_hand(SOLVE)
    assert kept(notes) == [NUMBER]


def test_the_state_is_shown_for_a_lesson_and_for_all(page: FrontEnd):
    assert f"{NUMBER}" in page.by_hand('progress("03")')
    before = page.by_hand("progress()")
    assert before.startswith("Your exercises: 0 of ")
    page.by_hand(SOLVE)
    of_lesson = page.by_hand('progress("03")').splitlines()
    assert of_lesson[0].startswith("Your exercises: 1 of ")
    assert [line.split()[-1] for line in of_lesson[2:]][-1] == "solved"
    assert [line.split()[-1] for line in of_lesson[2:-1]] == ["open"] * (len(of_lesson) - 3)
    (row,) = [line for line in page.by_hand("progress()").splitlines() if line.startswith("03")]
    assert row.split()[1].count("✓") == 1


def test_a_lesson_is_forgotten_or_everything(page: FrontEnd, notes: Path):
    page.by_hand(SOLVE)
    (notes / "4.1").touch()
    assert "0 of " in page.by_hand('progress("03", reset=True)')
    assert kept(notes) == ["4.1"]
    assert "0 of " in page.by_hand("progress(reset=True)")
    assert kept(notes) == []


def test_a_folder_that_cannot_be_written_is_told_in_words(page: FrontEnd, notes: Path):
    notes.parent.mkdir()
    notes.write_text("a file stands where the folder would be")
    said = page.by_hand(SOLVE)
    assert RIGHT in said
    assert "(It could not be counted: " in said
    assert "0 of " in page.by_hand('progress("03")')
    assert "(They could not be forgotten: " in page.by_hand("progress(reset=True)")


# By a program


def test_a_front_end_that_cannot_ask_is_a_program(page: FrontEnd, notes: Path):
    page.clock += WHILE
    said = page.result(page.send(SOLVE, stdin=False))
    assert RIGHT in said
    assert "counted" not in said
    assert kept(notes) == []


def by_nbclient(cells: list[str], _: Path) -> str:
    book = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    NotebookClient(book, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
    return texts(book)


def by_papermill(cells: list[str], place: Path) -> str:
    book = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    path = place / "lesson.ipynb"
    path.write_text(v4.writes(book))
    done = papermill.execute_notebook(path, None, kernel_name="python3", cwd=str(ROOT), progress_bar=False)
    return texts(done)


def by_nbval(cells: list[str], _: Path) -> str:
    kernel = RunningKernel("python3", str(ROOT))
    try:
        shown = []
        for asked in [kernel.execute_cell_input(cell, allow_stdin=False) for cell in cells]:
            idle = False
            while not idle:
                message = kernel.get_message("iopub", timeout=30)
                shown.append(message["content"].get("data", {}).get("text/plain", ""))
                ours = message["parent_header"].get("msg_id") == asked
                idle = ours and message["content"].get("execution_state") == "idle"
        return "\n".join(shown)
    finally:
        kernel.stop()


def texts(book: Any) -> str:
    shown = [output for cell in book.cells for output in cell.outputs]
    return "\n".join(output.get("data", {}).get("text/plain", output.get("text", "")) for output in shown)


@pytest.mark.parametrize("run", [by_nbclient, by_papermill, by_nbval])
def test_a_run_by_a_program_counts_nothing_and_shows_the_same_to_everybody(
    run: Callable[[list[str], Path], str], notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    notes.mkdir(parents=True)
    (notes / "3.1").touch()  # what the reader has solved before is not seen
    monkeypatch.setenv("COURSE_PROGRESS", str(notes))
    said = run([SET_UP, SOLVE, 'progress("03")'], tmp_path)
    assert RIGHT in said
    assert "counted" not in said
    assert "Your exercises: 0 of " in said
    assert kept(notes) == ["3.1"]


def test_outside_a_kernel_nothing_is_counted(notes: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any):
    monkeypatch.setenv("COURSE_PROGRESS", str(notes))
    follow()
    assert note(NUMBER) == ""
    progress("03")
    assert "Your exercises: 0 of " in capsys.readouterr().out
    assert not notes.exists()


# The folder


def test_the_folder_is_the_users_own_unless_another_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path))
    assert folder() == tmp_path
    monkeypatch.delenv("COURSE_PROGRESS")
    assert "azure-ai-inference-course" in folder().parts
    assert not folder().is_relative_to(ROOT)


def test_an_unknown_lesson_names_those_that_there_are():
    with pytest.raises(LookupError, match="there are for 00, 01, 02"):
        progress("77")


@pytest.fixture(autouse=True)
def nobody_elses_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Whatever goes wrong here, the notes of whoever runs the tests stay as they are."""
    monkeypatch.setitem(os.environ, "COURSE_PROGRESS", str(tmp_path / "reader" / "solved"))
