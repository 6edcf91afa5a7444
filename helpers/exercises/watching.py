"""How the cells of a notebook are run: by a person or by a program, one cell on its own or several together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ..display import kernel, shell_of

# Cells that are run together are asked for at once, or each as soon as the one before is done. Hands are slower.
TOGETHER = timedelta(seconds=0.4)


class _Pace:
    """When cells were asked for and ended, as far as the kernel knows."""

    def __init__(self, kernel: Any) -> None:
        self.kernel, self.asked, self.ended, self.together = kernel, None, None, False

    def before(self, *_: Any) -> None:
        asked = _request(self.kernel).get("header", {}).get("date")
        asked = datetime.fromisoformat(asked) if isinstance(asked, str) else asked
        known = [moment for moment in (self.asked, self.ended) if moment and asked]
        # Two clocks are compared here, the front end's and ours; where they disagree, only the first rule tells.
        self.together = any(abs(asked - moment) < TOGETHER for moment in known)
        self.asked = asked

    def after(self, *_: Any) -> None:
        self.ended = datetime.now(UTC)


_paces: dict[int, _Pace] = {}


def follow() -> None:
    """Starts to watch how cells are run; `connect` calls it. Outside a kernel, and the second time, it does nothing."""
    here = kernel()
    if here is None or id(here) in _paces:
        return
    pace = _paces[id(here)] = _Pace(here)
    pace.before()  # the cell that runs now; the one after it may have been asked for at the same time
    shell_of(here).events.register("pre_run_cell", pace.before)
    shell_of(here).events.register("post_run_cell", pace.after)


def by_reader() -> bool:
    """Whether a person sits in front of this: a kernel whose front end can answer questions, as no program does."""
    here = kernel()
    return here is not None and bool(_request(here).get("content", {}).get("allow_stdin"))


def together() -> bool:
    """Whether this cell was run together with others, as by Run All; False when nobody has watched."""
    pace = _paces.get(id(kernel()))
    return pace is not None and pace.together


def _request(kernel: Any) -> dict[str, Any]:
    """The message that asked for the cell that runs now."""
    try:
        return kernel.get_parent("shell") or {}
    except TypeError:  # the kernel of a page has one channel for everything
        return kernel.get_parent() or {}
