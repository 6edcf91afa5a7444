"""Servers that end with the tests, however these end.

What a fixture has started it ends as well. Where the tests are killed no fixture gets to that, and a server would stay
for good. Linux ends it then; elsewhere that is left to whoever killed them.
"""

from __future__ import annotations

import ctypes
import signal
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBRARY = ctypes.CDLL(None) if sys.platform == "linux" else None


def _ask() -> None:
    """Runs in the new process, before its program."""
    assert _LIBRARY
    _LIBRARY.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


WITH_US: dict[str, Any] = {"preexec_fn": _ask} if _LIBRARY else {}
"""Arguments of `subprocess.Popen`: the process ends with the thread that starts it."""
