"""What the reader's own functions give."""

from __future__ import annotations

import asyncio
import sys

import pytest

from helpers.exercises.kinds import result_of


async def test_a_coroutine_is_run_to_its_end_while_a_loop_is_busy():
    async def work() -> str:
        await asyncio.sleep(0)
        return "done"

    assert asyncio.get_running_loop().is_running()
    assert result_of(work()) == "done"


async def test_what_a_coroutine_raises_is_raised():
    async def fail() -> None:
        raise LookupError("not there")

    with pytest.raises(LookupError, match="not there"):
        result_of(fail())

    async def leave() -> None:
        sys.exit(3)

    with pytest.raises(SystemExit):
        result_of(leave())
