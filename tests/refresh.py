"""Run lessons top to bottom on the mock and write them back, outputs in: `python tests/refresh.py [01 05 ...]`.

The committed notebooks are made with this. Nothing of the machine stays in them: metadata is reduced to what a reader
needs, cells are numbered, endpoint variables of the environment are dropped.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from notebooks.run_all import drop_endpoint_variables

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
# A panel in a live notebook. Without a kernel behind it a reader would see an error instead of the panel's still.
VIEW = "application/vnd.jupyter.widget-view+json"


def refresh(path: Path) -> None:
    """Execute one notebook in place. Raises nbclient's CellExecutionError when a cell fails, and writes nothing."""
    book = nbformat.read(path, as_version=4)
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
    nbformat.write(book, path)


if __name__ == "__main__":
    drop_endpoint_variables()
    chosen = sys.argv[1:]
    for notebook in sorted(NOTEBOOKS.glob("*.ipynb")):
        if not chosen or notebook.name.startswith(tuple(chosen)):
            print(notebook.name, flush=True)
            refresh(notebook)
