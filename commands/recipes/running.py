"""Runs recipes on the mock, one after the other in this process, and prints what each of them printed.

`python -m commands.recipes.running NAME`; without a name all of them, as JSON. Nobody waits: what a recipe sleeps is
skipped. Dice fall the same each time. A recipe that fails ends the run with its traceback.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import random
import runpy
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any
from unittest import mock

from commands.recipes import ROOT, Stage, names, path_of, stages
from helpers.mock.scripted.replies import Error
from helpers.mock.testing import Mock, serve


class Typed(io.StringIO):
    """What a person types, seen on the screen as in a terminal."""

    def readline(self, size: int | None = -1, /) -> str:
        line = super().readline(-1 if size is None else size)
        sys.stdout.write(line)
        return line


async def hurried(seconds: float, result: Any = None, *, sleep: Callable[..., Any] = asyncio.sleep) -> Any:
    """asyncio.sleep without the wait. The mock, which runs in a thread of its own, keeps its pace."""
    here = threading.current_thread() is threading.main_thread()
    return await sleep(0 if here else seconds, result)


def environment(served: Mock, https: bool) -> dict[str, str]:
    """The variables that a recipe reads, and those by which a credential finds the mock's identity."""
    addresses = {name: value for name, value in served.environment.items() if value.startswith(served.url)}
    bundle = str(served.server.authority.bundle_file)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE", "OPENAI"))}
    return {
        **kept,
        **served.environment,
        **{name: value.replace(served.url, served.https_url) for name, value in addresses.items() if https},
        "NO_PROXY": "*",
        "IDENTITY_ENDPOINT": served.server.identity_endpoint,
        "IDENTITY_HEADER": served.service.issuer.secret,
        "REQUESTS_CA_BUNDLE": bundle,
        "SSL_CERT_FILE": bundle,
    }


@contextmanager
def own_logging() -> Iterator[None]:
    """What a recipe does to the loggers is undone."""
    root = logging.getLogger()
    before = [(root, root.level, root.handlers[:])]
    before += [(each, each.level, each.handlers[:]) for each in map(logging.getLogger, ("azure", "openai", "httpx"))]
    try:
        yield
    finally:
        for logger, level, handlers in before:
            logger.setLevel(level)
            logger.handlers[:] = handlers


def run(name: str, stage: Stage, served: Mock) -> str:
    """What a recipe prints.

    Raises what it raises, and AssertionError when calls that were to fail were not made, or its log lacks something.
    """
    served.reset()
    if stage.fails:
        served.replies(*map(Error, stage.fails))
    if stage.busy:
        served.reply(Error(429), model=stage.busy)
    random.seed(0)
    typed = Typed("".join(f"{line}\n" for line in stage.typed))
    said, logged, path = io.StringIO(), io.StringIO(), str(path_of(name))
    with (
        own_logging(),
        mock.patch.dict(os.environ, environment(served, stage.https), clear=True),
        mock.patch.object(sys, "argv", [path]),
        mock.patch.object(sys, "stdin", typed),
        mock.patch.object(time, "sleep"),
        mock.patch.object(asyncio, "sleep", hurried),
        redirect_stdout(said),
        redirect_stderr(logged),
    ):
        runpy.run_path(path, run_name="__main__")
    if stage.fails:
        served.assert_all_used()
    for text in stage.says:
        assert text in logged.getvalue(), f"{name} does not log {text!r}:\n{logged.getvalue()}"
    return said.getvalue()


def run_all(wanted: list[str]) -> dict[str, str]:
    os.chdir(ROOT)  # recipes name their input relative to the course
    staged = stages()
    with serve(tls=True, media=ROOT / "notebooks" / "media", unexpected="answer") as served:
        return {name: run(name, staged.get(name, Stage()), served) for name in wanted}


def main(wanted: list[str]) -> None:
    if wanted:
        print(*run_all(wanted).values(), sep="\n", end="")
    else:
        json.dump(run_all([name for name in names() if not name.startswith("test_")]), sys.stdout, indent=1)


if __name__ == "__main__":
    main(sys.argv[1:])
