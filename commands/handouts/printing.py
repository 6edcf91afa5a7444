"""Pages printed to PDF by the browser that is on the machine, through its DevTools.

One browser prints everything, in as many tabs as there are processes at work: starting it takes longer than printing
does. What it prints is what the stylesheets say for paper; nothing is fetched from anywhere.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import websocket

BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome", "msedge"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
OPTIONS = (
    *("--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0"),
)
PAPERS: Mapping[str, tuple[float, float]] = {"A4": (210 / 25.4, 297 / 25.4), "Letter": (8.5, 11)}
"""Width and height in inches, as DevTools takes them."""

_LOADED = """new Promise((done) => {
    const wanted = () => !WAIT || document.querySelector(WAIT);
    const look = () => (document.readyState === "complete" && wanted() ? done(true) : setTimeout(look, 20));
    look();
})"""

# On paper a link leads nowhere, and in a file of its own one to a page beside it would name a folder of this machine.
_UNLINKED = """document.querySelectorAll("a[href]:not([href^=http])").forEach((link) => link.removeAttribute("href"))"""


def browser() -> str | None:
    """The program that prints; None where there is none."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


@contextmanager
def running(program: str) -> Iterator[str]:
    """A browser without a window; gives the address of its DevTools, of which `Printer` takes a tab."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        command = [program, *OPTIONS, *as_root, f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        try:
            lines = process.stderr or ()
            address = next((line.split()[-1] for line in lines if line.startswith("DevTools listening on ")), None)
            if address is None:
                raise RuntimeError(f"{program} did not open its DevTools: it ended with {process.wait()}")
            # Nobody reads what else it says, but it has to be taken: a full pipe would stop the browser.
            threading.Thread(target=deque, args=(lines, 0), daemon=True).start()
            yield address
        finally:
            process.terminate()
            process.wait()


class Printer:
    """A tab of a browser: `open` a page, then print it with `pdf`, on as many papers as are wanted."""

    def __init__(self, address: str) -> None:
        # What a browser says is text: there is no need to look at each byte of a PDF again, in Python.
        self._socket = websocket.create_connection(
            address, suppress_origin=True, timeout=120, skip_utf8_validation=True
        )
        self._asked = 0
        self._session = None
        # In a window of its own: in one that is behind another, nothing is drawn, and reveal.js waits for that.
        target = self._ask("Target.createTarget", url="about:blank", newWindow=True)["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Calls a method of DevTools and waits for its result; what else is told meanwhile is of no interest."""
        self._asked += 1
        message = {"id": self._asked, "method": method, "params": params}
        self._socket.send(json.dumps(message | ({"sessionId": self._session} if self._session else {})))
        while (answer := json.loads(self._socket.recv())).get("id") != self._asked:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def _run(self, code: str) -> None:
        result = self._ask("Runtime.evaluate", expression=code, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"]["description"])

    def open(self, page: Path, style: str = "", wait_for: str = "", query: str = "") -> None:
        """Opens a page of the file system, with `style` added to its own, and waits for the element `wait_for`."""
        self._ask("Page.navigate", url=page.resolve().as_uri() + query)
        self._run(_LOADED.replace("WAIT", json.dumps(wait_for)))
        self._run(_UNLINKED)
        if style:
            text = json.dumps(style)
            self._run(f"document.head.append(Object.assign(document.createElement('style'), {{textContent: {text}}}))")

    def pdf(self, paper: str | None = None, scale: float = 1) -> bytes:
        """The page that is open as a tagged PDF with an outline of its headings; on its own paper if none is named."""
        size = dict(zip(("paperWidth", "paperHeight"), PAPERS[paper], strict=True)) if paper else {}
        printed = self._ask(
            "Page.printToPDF",
            printBackground=True,
            preferCSSPageSize=not paper,
            generateTaggedPDF=True,
            generateDocumentOutline=True,
            scale=scale,
            **size,
        )
        return base64.b64decode(printed["data"])


@cache
def printer(address: str) -> Printer:
    """This process's own tab of a browser, for as long as both run."""
    return Printer(address)
