"""One set-up at a time: the second waits for the first."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if os.name == "nt":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def my_turn(file: Path, waiting: str) -> Iterator[None]:
    """Waits until no other process is in here for the same file, and says so once.

    The system gives the turn back when a process ends, however it ends. Where a file system knows no such thing,
    nobody waits. Raises OSError when the file cannot be made.
    """
    descriptor = os.open(str(file), os.O_RDWR | os.O_CREAT, 0o666)
    try:
        told = False
        while True:
            try:
                _take(descriptor)
                break
            except (BlockingIOError, PermissionError):  # what POSIX and Windows say of a file that is taken
                if not told:
                    print(waiting, flush=True)
                told = True
                time.sleep(0.2)
            except OSError:
                break
        yield
    finally:
        os.close(descriptor)
