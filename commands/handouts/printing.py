"""Pages printed to PDF by the browser that is on the machine, through its DevTools.

One browser prints many pages: starting it takes longer than printing does. What it prints is what the stylesheets say
for paper; nothing is fetched from anywhere.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

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


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a page is printed: on which paper, or on its own (`paper` None), with what added to its style, at
    which scale, and which element it has to have first."""

    paper: str | None = None
    style: str = ""
    wait_for: str = ""
    scale: float = 1


class Printer:
    """A browser without a window. `with Printer() as printer: printer.pdf(file, Sheet("A4"))`"""

    def __init__(self, program: str) -> None:
        self._program = program
        self._asked = 0

    def __enter__(self) -> Self:
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        command = [self._program, *OPTIONS, *as_root, f"--user-data-dir={self._profile.name}", "about:blank"]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        lines = self._process.stderr or ()
        address = next((line.split()[-1] for line in lines if line.startswith("DevTools listening on ")), None)
        if address is None:
            raise RuntimeError(f"{self._program} did not open its DevTools: it ended with {self._process.wait()}")
        self._socket = websocket.create_connection(address, suppress_origin=True, timeout=120)
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait()
        self._profile.cleanup()

    def _ask(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Calls a method of DevTools and waits for its result; what else is told meanwhile is of no interest."""
        self._asked += 1
        message = {"id": self._asked, "method": method, "params": params} | ({"sessionId": session} if session else {})
        self._socket.send(json.dumps(message))
        while (answer := json.loads(self._socket.recv())).get("id") != self._asked:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def _run(self, code: str) -> None:
        result = self._ask("Runtime.evaluate", self._session, expression=code, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"]["description"])

    def pdf(self, page: Path, sheet: Sheet, query: str = "") -> bytes:
        """A page of the file system as a tagged PDF with an outline of its headings."""
        self._ask("Page.navigate", self._session, url=page.resolve().as_uri() + query)
        self._run(_LOADED.replace("WAIT", json.dumps(sheet.wait_for)))
        self._run(_UNLINKED)
        if sheet.style:
            text = json.dumps(sheet.style)
            self._run(f"document.head.append(Object.assign(document.createElement('style'), {{textContent: {text}}}))")
        size = dict(zip(("paperWidth", "paperHeight"), PAPERS[sheet.paper], strict=True)) if sheet.paper else {}
        printed = self._ask(
            "Page.printToPDF",
            self._session,
            printBackground=True,
            preferCSSPageSize=not sheet.paper,
            generateTaggedPDF=True,
            generateDocumentOutline=True,
            scale=sheet.scale,
            **size,
        )
        return base64.b64decode(printed["data"])
