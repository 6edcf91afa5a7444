"""`tasks.py refresh`: which lessons it takes, and what it leaves in them."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat import v4

from commands import refresh


def test_a_lesson_that_is_not_there_is_an_error(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        refresh.main(["01", "99"])
    assert "there is no lesson 99" in capsys.readouterr().err


def test_without_running_minutes_links_and_scripts_are_still_made_anew(monkeypatch: pytest.MonkeyPatch):
    done: list[str] = []
    for name in ("renew", "cut_script", "refresh"):
        monkeypatch.setattr(refresh, name, lambda path, name=name: done.append(f"{name} {path.name[:2]}"))
    assert refresh.main(["--no-run", "05", "01"]) == 0
    assert done == ["renew 05", "cut_script 05", "renew 01", "cut_script 01"]


def write(folder: Path, source: str) -> Path:
    path = folder / "01-a-lesson.ipynb"
    cell = v4.new_code_cell(source, metadata={"tags": ["mock"], "collapsed": True})
    nbformat.write(v4.new_notebook(cells=[cell], metadata={"language_info": {"name": "python", "version": "3"}}), path)
    return path


@pytest.mark.heavy
def test_a_lesson_keeps_outputs_and_tags_and_nothing_of_the_machine(tmp_path: Path):
    path = write(tmp_path, "6 * 7")
    refresh.refresh(path)
    book = nbformat.read(path, as_version=4)
    (cell,) = book.cells
    assert cell.outputs[0].data == {"text/plain": "42"}
    assert (cell.id, cell.execution_count, cell.metadata) == ("cell-01", 1, {"tags": ["mock"]})
    assert book.metadata.language_info["version"] == "3.11"  # the same for everybody, whichever Python runs it


@pytest.mark.heavy
def test_a_lesson_that_fails_stays_as_it_was(tmp_path: Path):
    path = write(tmp_path, "1 / 0")
    before = path.read_bytes()
    with pytest.raises(CellExecutionError):
        refresh.refresh(path)
    assert path.read_bytes() == before
