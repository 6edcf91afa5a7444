"""What a kernel says of a name that the cells under "Set-up" make, when they have not been run.

An extension of IPython, which the kernels of the course load (`commands/setup/course.py`). It costs their start nothing
that counts: what is shown is imported when there is something to show.
"""

from typing import Any

import helpers

MADE = {*dir(helpers), "client"}


def load_ipython_extension(shell: Any) -> None:
    shell.events.register("post_run_cell", advise)


def advise(result: Any) -> None:
    """Says below the traceback of a `NameError` where the name comes from, if it is one that set-up makes."""
    error = result.error_in_exec
    if isinstance(error, NameError) and error.name in MADE:
        from .display import Rich, marked, present

        text = (
            f'`{error.name}` comes from the cells under "Set-up", and this kernel has not run them yet. '
            "Run → Run All Above Selected Cell does; then run this cell once more."
        )
        present(Rich(text, marked(text)))
