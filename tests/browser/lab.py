"""A JupyterLab of one's own and a browser that opens lessons in it, as a reader would."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, Route

from tests.support.ending import WITH_US
from tests.support.places import ROOT

LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"
_PATIENCE = 30.0  # seconds, on a machine with much else to do
_PAUSE = 0.5  # seconds from one act of a reader's to the next: no hand is quicker
_SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
    "docmanager-extension/plugin": {"autosave": False},
}
_ELSEWHERE = re.compile(r"^(?!https?://127\.0\.0\.1[:/])(?:https?|wss?)://")


def find_browser() -> str | None:
    """The path of an installed Chromium or Chrome."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its address and token, the copy of the lessons that it serves, and the folder in which the
    reader's progress is noted."""

    url: str
    token: str
    lessons: Path
    progress: Path


@contextmanager
def running_lab(scratch: Path) -> Iterator[Lab]:
    """A JupyterLab on a free port, with everything that it reads and writes in `scratch`. Ends with its kernels."""
    lessons = scratch / "notebooks"
    shutil.copytree(ROOT / "notebooks", lessons, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__"))
    settings = scratch / "config" / "lab" / "user-settings"
    for name, content in _SETTINGS.items():
        file = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(content), "utf-8")
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
        "COURSE_PROGRESS": "progress",
    }
    variables = os.environ | {name: str(scratch / folder) for name, folder in places.items()}
    variables |= {"JUPYTER_PREFER_ENV_PATH": "1", "JUPYTERLAB_SETTINGS_DIR": str(settings), "PYTHONPATH": str(ROOT)}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    options = {
        "IdentityProvider.token": token,
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": lessons,
        "ServerApp.terminals_enabled": False,
        "ServerApp.allow_root": True,
        "AsyncMappingKernelManager.kernel_manager_class": "tests.browser.kernels.LabKernel",
        "LabApp.expose_app_in_browser": True,  # the tests call Lab's commands by name
        "LabApp.extension_manager": "readonly",  # which asks no index of packages
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", *(f"--{name}={v}" for name, v in options.items())]
    said = scratch / "lab.log"
    with said.open("wb") as log:
        process = subprocess.Popen(
            command,
            env=variables,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **WITH_US,
        )
    lab = Lab(f"http://127.0.0.1:{port}", token, lessons, scratch / "progress")
    try:
        _wait_until_ready(lab, process, said)
        yield lab
    finally:
        _end(process)


def _wait_until_ready(lab: Lab, process: subprocess.Popen[bytes], said: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with opener.open(f"{lab.url}/api/status?token={lab.token}", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{said.read_text('utf-8', 'replace')[-3000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a server together with its kernels, each of which is in a process group of its own. It has nothing to keep,
    so it is not asked to shut down."""
    import psutil

    for one in [*psutil.Process(process.pid).children(recursive=True), process]:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait()


@contextmanager
def running_browser(playwright: Playwright, path: str) -> Iterator[Browser]:
    """The installed browser, without a window."""
    browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
    try:
        yield browser
    finally:
        browser.close()


def new_context(browser: Browser, asked_elsewhere: list[str]) -> BrowserContext:
    """A fresh profile. What it asks of any other machine is refused, and noted in `asked_elsewhere`."""

    def refuse(route: Route) -> None:
        asked_elsewhere.append(route.request.url)
        route.abort()

    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(_PATIENCE * 1000)
    context.route(_ELSEWHERE, refuse)
    return context


@dataclass
class Lesson:
    """A lesson that is open in JupyterLab."""

    lab: Lab
    page: Page
    name: str

    @classmethod
    def open(cls, lab: Lab, page: Page, name: str) -> Lesson:
        """Opens a lesson, such as `03-parameters.ipynb`, in a page of that Lab, and waits for its kernel."""
        if not page.url.startswith(lab.url):
            page.goto(f"{lab.url}/lab/workspaces/auto-t?reset&token={lab.token}", wait_until="domcontentloaded")
            page.wait_for_function("window.jupyterapp")
            page.evaluate("window.jupyterapp.restored.then(() => window.jupyterapp.shell.collapseLeft())")
        lesson = cls(lab, page, name)
        lesson.command("docmanager:open", path=name)
        # The page says "idle" before there is a kernel.
        page.wait_for_function(
            """name => { const { context, sessionContext } = window.jupyterapp.shell.currentWidget ?? {};
            return context?.path === name && sessionContext.isReady
                && sessionContext.session?.kernel?.status === "idle"; }""",
            arg=name,
        )
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        return lesson

    def solved(self) -> list[str]:
        """The numbers of its exercises that were counted."""
        return sorted(path.name for path in self.lab.progress.glob(f"{int(self.name[:2])}.*"))

    def command(self, name: str, **arguments: Any) -> None:
        """Executes a command of Lab's, as its menus and keys do, and waits until it is done."""
        self.page.evaluate(
            "async ([name, args]) => { await window.jupyterapp.commands.execute(name, args); }", [name, arguments]
        )

    def cells(self) -> list[dict[str, Any]]:
        """The notebook's cells as they are now, in the format of a notebook file."""
        return self.page.evaluate("window.jupyterapp.shell.currentWidget.content.model.toJSON().cells")

    def run_all(self) -> None:
        """Runs all cells and waits until the last one is done."""
        run = "window.jupyterapp.commands.execute('notebook:run-all-cells')"
        self.page.evaluate(f"() => {{ window.ran = false; {run}.then(() => {{ window.ran = true; }}); }}")
        self.page.wait_for_function("window.ran")

    def run(self, number: int) -> Locator:
        """Runs that cell alone, with Shift+Enter as a reader does, and returns it when it is done."""
        self.page.wait_for_timeout(_PAUSE * 1000)
        self.enter(number)
        count = self.cells()[number]["execution_count"]
        self.page.keyboard.press("Shift+Enter")
        self.page.wait_for_function(
            """([number, count]) => { const { model } = window.jupyterapp.shell.currentWidget.content.widgets[number];
            return model.executionState === "idle" && model.executionCount > (count ?? 0); }""",
            arg=[number, count],
        )
        return self.cell(number)

    def enter(self, number: int) -> None:
        """Puts the cursor into that cell."""
        self.cell(number).locator(".cm-content").first.click()

    def type_into(self, number: int, code: str) -> None:
        """Writes `code` in the place of what stands in that cell."""
        self.enter(number)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(code)

    def cell(self, number: int) -> Locator:
        """The cell of that number (from 0) on the page, scrolled into view."""
        self.page.evaluate("number => window.jupyterapp.shell.currentWidget.content.scrollToItem(number)", number)
        found = self.page.locator(f'.jp-Cell[data-windowed-list-index="{number}"]')
        found.wait_for()
        return found

    def find(self, start: str, after: str = "") -> int:
        """The number of the first code cell that contains `start`, in the part under the heading `after`."""
        cells, begun = self.cells(), not after
        for number, cell in enumerate(cells):
            begun = begun or (cell["cell_type"] == "markdown" and cell["source"].startswith(after))
            if begun and cell["cell_type"] == "code" and start in cell["source"]:
                return number
        raise LookupError(f"{self.name} has no code cell with {start!r} {after and f'under {after!r}'}".strip())

    def panel(self) -> Locator:
        """The live panel under `## Play`, in view."""
        panel = self.cell(self.find("_panel(", after="## Play")).locator(".jupyter-widgets.course-panel[role=group]")
        panel.first.wait_for()
        return panel.first

    def active(self) -> int:
        """The number of the cell that the notebook stands on."""
        return self.page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex")

    def theme(self, name: str) -> None:
        """Shows the page in that theme."""
        self.command("apputils:change-theme", theme=name)
        self.page.locator(f'body[data-jp-theme-name="{name}"]').wait_for(state="attached")

    def close(self) -> None:
        """Ends the kernel and closes the lesson without saving it."""
        self.page.evaluate(
            """async () => { const lesson = window.jupyterapp.shell.currentWidget;
            await lesson.sessionContext.shutdown(); lesson.context.model.dirty = false; lesson.dispose(); }"""
        )
