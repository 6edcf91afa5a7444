"""The browser edition: JupyterLite with Pyodide, the course's packages and its mock, as files for a static host.

What it is made of comes from `gather`, the wheels of our own from `wheels`. Modules are compiled beforehand where there
is Node.js to run Pyodide in: a page then starts some seconds sooner.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from commands.setup.course import CODE_WRAPS, PRINT_WRAPS
from commands.setup.places import ROOT

from ..pages.sources import Sources
from . import contents, gather, wheels

FOLDER = "run"  # inside the site
LIBRARY = "python_stdlib.zip"
RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", LIBRARY, "package.json")
RUNS = "notebooks"  # the application that a lesson is linked in: one document, in front, on any screen
SETTINGS: dict[str, Any] = {
    "appUrl": "./tree",
    "appName": "Azure AI Model Inference in Python",
    "exposeAppInBrowser": True,
    "settingsOverrides": CODE_WRAPS,
    "disabledExtensions": ["@jupyterlab/apputils-extension:announcements", "@jupyterlab/extensionmanager-extension"],
    "litePluginSettings": {
        "@jupyterlite/pyodide-kernel-extension:kernel": {
            "pyodideUrl": "./static/pyodide/pyodide.mjs",
            "disablePyPIFallback": True,  # a page asks nobody but its own host
            "loadPyodideOptions": {
                "lockFileURL": "./static/pyodide/pyodide-lock.json",
                "packages": gather.PACKAGES["first"],
                "env": {"HOME": "/home/pyodide", "COURSE_PROGRESS": "/drive/.progress"},
            },
        }
    },
}

LAB: dict[str, Any] = {  # a link to a page shows it, as it is read
    "settingsOverrides": {
        "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}}
    }
}


def build(options: argparse.Namespace) -> None:
    """Builds the edition into the folder `run` of the site. SystemExit when something it needs cannot be had."""
    try:
        target = options.target / FOLDER
        size = make(target, gather.CACHE, options.pyodide_dist, compiled=not options.no_compile)
        _lead(target, pages_beside(options))
    except gather.MissingError as error:
        sys.exit(f"The browser edition cannot be built. {error}")
    print(f"The browser edition, {size / 1e6:.0f} MB, is in {target}")


def pages_beside(options: argparse.Namespace) -> dict[str, str]:
    """The pages to read that stand beside the edition, or will: each file of the project and its page."""
    if options.part and "pages" not in options.part and not (options.target / "searchindex.js").is_file():
        return {}
    addresses = {path.relative_to(ROOT).as_posix(): page for path, page in Sources().addresses.items()}
    return {path: page.replace(".md", ".html") for path, page in addresses.items() if not path.endswith(".ipynb")}


def _lead(target: Path, pages: Mapping[str, str]) -> None:
    """Has the links of a lesson lead to lessons that run, and to those pages; what is printed wraps as elsewhere."""
    (target / "pages.json").write_text(json.dumps(pages, indent=1), "utf-8")
    shutil.copy(Path(__file__).with_name("course.js"), target)
    page = target / RUNS / "index.html"
    head = f'<style>{PRINT_WRAPS}</style>\n  <script type="module" src="../course.js"></script>\n  </head>'
    page.write_text(page.read_text("utf-8").replace("</head>", head, 1), "utf-8")


def make(target: Path, cache: Path, pyodide_dist: Path | None, *, compiled: bool = True) -> int:
    """Builds into a folder, which is emptied before; how many bytes it has then."""
    pyodide = gather.npm_package("pyodide", cache / "npm")
    decoder = gather.npm_package("mpg123-decoder", cache / "npm")
    gather.index_wheels(cache / "wheels")
    gather.pyodide_wheels(cache / "pyodide", pyodide_dist)
    with tempfile.TemporaryDirectory() as scratch:
        own = Path(scratch) / "own"
        own.mkdir()
        wheels.own_wheels(own, decoder)
        pool = [*sorted(own.glob("*.whl")), *sorted((cache / "pyodide").glob("*.whl"))]
        pool += [*sorted((cache / "wheels").glob("*.whl")), *gather.kernel_wheels()]
        info = json.loads((pyodide / "pyodide-lock.json").read_text("utf-8"))["info"]
        lock, used = wheels.lock(pool, info)
        _jupyterlite(Path(scratch) / "lite", target)
        runtime = target / "static" / "pyodide"
        runtime.mkdir(parents=True, exist_ok=True)
        for name in RUNTIME:
            shutil.copy(pyodide / name, runtime)
        for path in used:
            shutil.copy(path, runtime)
    if compiled:
        rules = Path(__file__).with_name("compile_modules.py").read_bytes()
        _compile(runtime, lock, pyodide, cache / f"compiled-{hashlib.sha256(rules).hexdigest()[:12]}")
    (runtime / "pyodide-lock.json").write_text(json.dumps(lock), "utf-8")
    return sum(path.stat().st_size for path in target.rglob("*") if path.is_file())


def _jupyterlite(work: Path, target: Path) -> None:
    """JupyterLite with the lessons and what belongs to them."""
    content = work / "content"
    content.mkdir(parents=True)
    contents.write(content)
    for folder, settings in ((work, SETTINGS), (work / "lab", LAB)):
        folder.mkdir(exist_ok=True)
        told = {"jupyter-lite-schema-version": 0, "jupyter-config-data": settings}
        (folder / "jupyter-lite.json").write_text(json.dumps(told, indent=1), "utf-8")
    shutil.rmtree(target, ignore_errors=True)
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--contents", "content", "--output-dir", str(target)]
    done = subprocess.run([*command, "--no-sourcemaps"], cwd=work, capture_output=True, text=True, check=False)
    if done.returncode:
        raise gather.MissingError(f"JupyterLite did not build: {(done.stderr or done.stdout).strip().splitlines()[-1]}")


def _compile(runtime: Path, lock: dict[str, Any], pyodide: Path, cache: Path) -> None:
    """Has the modules of all wheels and of Python's library compiled by the Python that will run them.

    The lock gets the new hashes. What was compiled before is taken from the cache.
    """
    node = shutil.which("node")
    if node is None:
        print("Without Node.js the modules are not compiled beforehand: pages start some seconds later.")
        return
    cache.mkdir(parents=True, exist_ok=True)
    rows = {row["file_name"]: row for row in lock["packages"].values()}
    known = {name: cache / _sha256(runtime / name) for name in (*rows, LIBRARY)}
    if todo := [name for name, compiled in known.items() if not compiled.exists()]:
        with tempfile.TemporaryDirectory() as scratch:
            before, after = Path(scratch, "in"), Path(scratch, "out")
            before.mkdir()
            after.mkdir()
            for name in todo:
                shutil.copy(runtime / name, before)
            script = Path(__file__).with_name("compile.mjs")
            done = subprocess.run(
                [node, str(script), str(pyodide), str(before), str(after)], capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise gather.MissingError(f"The modules could not be compiled: {done.stderr.strip()[-300:]}")
            for name in todo:
                shutil.copy(after / name, known[name])
    for name, compiled in known.items():
        shutil.copy(compiled, runtime / name)
    for name, row in rows.items():
        row["sha256"] = _sha256(runtime / name)


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
