"""The code as its tools see it: lint, format, types, which room imports which, and the spelling of all that is read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat

from tests.support.places import ROOT

CODE = ["commands", "conftest.py", "helpers", "notebooks", "tasks.py", "tests"]
READ = ["README.md", "docs", "pyproject.toml", *CODE]


def told(module: str, *arguments: str | Path) -> str:
    """What a tool has to complain of, empty when it is content. It cannot reach the network."""
    return complaints("-m", module, *arguments)


def complaints(*arguments: str | Path) -> str:
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **nowhere}, capture_output=True, text=True, timeout=300, check=False
    )
    return (done.stdout + done.stderr).strip() or f"exit code {done.returncode}" if done.returncode else ""


def test_the_linter_is_content():
    assert not told("ruff", "check", "--output-format=concise", *CODE)


def test_the_code_is_formatted():
    assert not told("ruff", "format", "--check", "--extend-exclude=*.md", *CODE)


def test_the_types_are_right():
    assert not told("basedpyright")


def test_imports_run_one_way():
    # import-linter has no `python -m`: this is what its command `lint-imports` calls.
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    assert not complaints("-c", code, "--no-cache", "--no-logo")


def test_the_words_are_spelt_right(tmp_path):
    # Of a notebook what people write: an output is the code's doing, and a picture in base64 is no word.
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        (tmp_path / f"{path.stem}.md").write_text("\n\n".join(cell.source for cell in cells), "utf-8")
    assert not told("codespell_lib", *(f"./{name}" for name in READ), tmp_path)


def test_a_misspelling_would_be_found(tmp_path):
    wrong = "rec" + "ieve"  # in one piece it would be found here
    (tmp_path / "page.md").write_text(f"Did you {wrong} a reply?", "utf-8")
    assert f"{wrong} ==> receive" in told("codespell_lib", tmp_path)
