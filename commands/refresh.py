"""Runs lessons top to bottom on the mock and writes them back, outputs in.

`python3 tasks.py refresh [01 05 ...]` calls this, and the committed notebooks are made with it. Nothing of the machine
stays in them: metadata is what JupyterLab would write, cells are numbered, endpoint variables of the environment are
dropped. The minutes at the top are computed anew, and so are the links to recipes near the end.

Each lesson's script is cut out into `notebooks/scripts/` as well. `--no-run` does all of this but the running.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from commands.minutes import with_minutes
from commands.recipes import link_recipes
from commands.run_all import drop_endpoint_variables
from commands.setup.course import LESSONS_PYTHON

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
SCRIPTS = NOTEBOOKS / "scripts"
# What JupyterLab writes when a lesson is opened, so that opening one does not change it.
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": LESSONS_PYTHON,
    },
}
# A panel in a live notebook. Without a kernel behind it a reader would see an error instead of the panel's still.
VIEW = "application/vnd.jupyter.widget-view+json"


def renew(path: Path) -> NotebookNode:
    """A lesson with its minutes and its links to recipes as they are now, in its file too."""
    book = nbformat.read(path, as_version=4)
    link_recipes(book, path.name[:2])
    book.cells[0].source = with_minutes(book)
    nbformat.write(book, path)
    return book


def refresh(path: Path) -> None:
    """Execute one notebook in place.

    No output is written when a cell fails (nbclient's CellExecutionError), or when the file has changed meanwhile
    (RuntimeError).
    """
    book = renew(path)  # first: lesson 00 shows the minutes of all
    before = path.read_bytes()
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    where = {"metadata": {"path": str(NOTEBOOKS)}}
    NotebookClient(book, timeout=120, kernel_name="python3", resources=where, coalesce_streams=True).execute()
    book.metadata = nbformat.from_dict(METADATA)
    for number, cell in enumerate(book.cells, 1):
        cell.id = f"cell-{number:02}"
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(VIEW, None)
        cell.metadata = nbformat.from_dict({"tags": cell.metadata.tags} if cell.metadata.get("tags") else {})
    if path.read_bytes() != before:
        raise RuntimeError(f"{path.name} was changed by somebody else while it ran: run it again.")
    nbformat.write(book, path)


def script_cell(path: Path) -> NotebookNode:
    """The cell of a lesson that stands alone. Raises ValueError unless there is exactly one."""
    cells = nbformat.read(path, as_version=4).cells
    (cell,) = (cell for cell in cells if "script" in cell.metadata.get("tags", []))
    return cell


def script_of(path: Path) -> tuple[Path, str]:
    """The file that a lesson's script stands in, and its text: the cell, under a line that says whose it is."""
    text = f"# Cut from {path.name}, which explains it: change it there.\n{script_cell(path).source}\n"
    return SCRIPTS / f"{path.stem}.py", text


def cut_script(path: Path) -> None:
    """Write the script of one lesson."""
    file, text = script_of(path)
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text.encode())


def main(arguments: list[str]) -> int:
    lessons = {path.name[:2]: path for path in sorted(NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))}
    parser = argparse.ArgumentParser(prog="tasks.py refresh", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("numbers", nargs="*", metavar="NN", help="numbers of lessons, such as 01 05; without any, all")
    parser.add_argument(
        "--no-run", action="store_true", help="run nothing: only minutes, links to recipes and scripts anew"
    )
    options = parser.parse_args(arguments)
    if unknown := set(options.numbers) - set(lessons):
        parser.error(f"there is no lesson {', '.join(sorted(unknown))}")
    drop_endpoint_variables()
    for path in [lessons[number] for number in options.numbers or lessons]:
        print(path.name, flush=True)
        (renew if options.no_run else refresh)(path)
        cut_script(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
