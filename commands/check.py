"""What a change has to pass before all else: types, format, lint, imports, spelling, and the tests that are fast.

`python3 tasks.py check` calls this. It prints a line for each check, with its seconds, and what there is to complain
of; `--fix` lets ruff mend first what it can. Exit 0 only when nothing is left.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
CODE = ("commands", "conftest.py", "helpers", "notebooks", "recipes", "rooms", "tasks.py", "tests")
READ = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs", "pyproject.toml", *CODE)

# import-linter has no `python -m`: this is what its command `lint-imports` calls.
_LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
_NOWHERE: Mapping[str, str] = dict.fromkeys(_PROXIES, "http://127.0.0.1:9")


def complaints(*arguments: str | Path, variables: Mapping[str, str] = _NOWHERE) -> str:
    """What a call of this Python has to complain of, empty when it is content. A tool cannot reach the network."""
    command, environment = [sys.executable, *map(str, arguments)], {**os.environ, **variables}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip() or f"exit code {done.returncode}" if done.returncode else ""


def types() -> str:
    return complaints("-m", "basedpyright", f"--venvpath={Path(sys.prefix).parent}")


def formatting() -> str:
    return complaints("-m", "ruff", "format", "--check", "--extend-exclude=*.md", *CODE)


def lint() -> str:
    return complaints("-m", "ruff", "check", "--output-format=concise", *CODE)


def imports() -> str:
    return complaints("-c", _LINT_IMPORTS, "--no-cache", "--no-logo")


def spelling() -> str:
    """Of a notebook what people write: an output is the code's doing, and a picture in base64 is no word."""
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
            cells = nbformat.read(path, as_version=4).cells
            Path(folder, f"{path.stem}.md").write_text("\n\n".join(cell.source for cell in cells), "utf-8")
        return complaints("-m", "codespell_lib", *(f"./{name}" for name in READ), folder)


def fast_tests(*where: str) -> str:
    options = ("-q", "--tb=short", "-m", "not slow and not heavy")
    return complaints("-m", "pytest", *options, *where, variables={})


TOOLS: Mapping[str, Callable[[], str]] = {
    "types": types,
    "format": formatting,
    "lint": lint,
    "imports": imports,
    "spelling": spelling,
}
"""The checks that look at the code and do not run it, the longest first."""

# Two processes that collect their own half are quicker than workers that each collect all.
TESTS: Mapping[str, Callable[[], str]] = {
    "mock": partial(fast_tests, "tests/mock"),
    "others": partial(fast_tests, "tests", "--ignore=tests/mock"),
}
"""The tests that are fast: those of the mock, and all others. The lessons themselves are run by `tasks.py test`."""


def fix() -> None:
    """Let ruff mend what it can."""
    complaints("-m", "ruff", "check", "--fix", *CODE)
    complaints("-m", "ruff", "format", "--extend-exclude=*.md", *CODE)


def run(checks: Iterable[tuple[str, Callable[[], str]]]) -> bool:
    """Run the checks, three at a time, and tell each when it is done. Whether all are content."""

    def timed(name: str, check: Callable[[], str]) -> tuple[str, str, float]:
        start = time.perf_counter()
        return name, check(), time.perf_counter() - start

    content = True
    with ThreadPoolExecutor(3) as pool:
        for done in as_completed([pool.submit(timed, *check) for check in checks]):
            name, said, seconds = done.result()
            print(f"{name:<10} {seconds:5.1f} s  {'complaints:' if said else 'content'}", flush=True)
            if said:
                print(said, flush=True)
                content = False
    return content


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tasks.py check", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--fix", action="store_true", help="let ruff mend first what it can")
    if parser.parse_args(arguments).fix:
        fix()
    start = time.perf_counter()
    content = run([*TOOLS.items(), *TESTS.items()])
    print(f"{'all':<10} {time.perf_counter() - start:5.1f} s  {'content' if content else 'complaints: see above'}")
    return 0 if content else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
