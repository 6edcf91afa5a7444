"""How long a lesson takes: the one rule behind the minutes at its top and those of the teacher's plans.

Reading at 180 words a minute, half a minute for each code cell (read it, run it, look at what comes out), three minutes
for each exercise. Whole lessons are rounded up to five minutes. What is folded away is not counted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from nbformat import NotebookNode

WORDS_A_MINUTE = 180
MINUTES_A_CELL = 0.5
MINUTES_AN_EXERCISE = 3
ROUNDED_TO = 5  # minutes

# What is folded, where links lead, and the list of recipes.
_NOT_READ = re.compile(r"<details>.*?</details>|\]\([^)]*\)|\*\*Recipes\*\*[^\n]*", re.DOTALL)
_WORD = re.compile(r"\w[\w'’.-]*")


def minutes(cells: Iterable[NotebookNode]) -> float:
    """How long these cells of a lesson take somebody who reads, runs and solves them."""
    total = 0.0
    for cell in cells:
        if cell.cell_type == "code":
            total += MINUTES_AN_EXERCISE if "exercise" in cell.metadata.get("tags", []) else MINUTES_A_CELL
        elif cell.cell_type == "markdown":
            total += len(_WORD.findall(_NOT_READ.sub("", cell.source))) / WORDS_A_MINUTE
    return total


def rounded(minutes: float) -> int:
    """The minutes as a lesson says them."""
    return math.ceil(minutes / ROUNDED_TO) * ROUNDED_TO


def with_minutes(lesson: NotebookNode) -> str:
    """The first cell of a lesson, with its minutes as they are now."""
    return re.sub(r"(\*\*Time:\*\* )\d+", rf"\g<1>{rounded(minutes(lesson.cells))}", lesson.cells[0].source)
