"""docs/differences.md from differences.toml: `tasks.py docs` writes it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.contract.forms import Form, forms

FILE = Path(__file__).with_name("differences.toml")

_HEAD = """# Differences

The API has three descriptions: its OpenAPI document (2024-05-01-preview), the Python SDK (1.0.0b9), and what services
were recorded to answer. Where they disagree, this table says which of them the mock follows, and why. What
was recorded wins over the document, the document over a guess; and a guess is called a guess.

R1, R2 … are [recordings](#recordings), listed below the table; `owner/repository#number` is a thread in which somebody
published an answer; "ours" is the mock's own choice. "-": silent.

Made from `tests/contract/differences.toml`. The contract is `tests/contract/openapi.json`; a test fails when it
deviates from the document or the SDK and no row here explains it.

| About | The document says | The SDK does | Recorded | The mock does | Source |
| --- | --- | --- | --- | --- | --- |
"""
_RECORDINGS = """
## Recordings

Microsoft's SDK tests recorded their exchanges with the service; the recordings are files of Azure/azure-sdk-assets.
Each line is a form in [tests/contract/recorded](../tests/contract/recorded), which names all its recordings, with the
newest of them. `#N` is the entry of a file, `@DATE` which of its versions.

| | Form | Recorded | Newest recording | Others |
| --- | --- | --- | --- | --: |
"""
_COLUMNS = ("place", "document", "sdk", "recorded", "mock", "source")


def rows() -> list[dict[str, Any]]:
    """The rows of the table: place, document, sdk, recorded, mock, source; forms that were recorded; and covers where
    there are deviations."""
    return tomllib.loads(FILE.read_text("utf-8"))["difference"]


def page() -> str:
    """The page as it should be."""
    named = {form.name: form for form in forms()}
    cited = [named[name] for name in dict.fromkeys(name for row in rows() for name in row.get("forms", ()))]
    numbers = {form.name: f"R{number}" for number, form in enumerate(cited, 1)}
    table = [_line(_row(row, numbers)) for row in rows()]
    return "".join([_HEAD, *table, _RECORDINGS, *(_line(_recording(form, numbers)) for form in cited)])


def _row(row: dict[str, Any], numbers: dict[str, str]) -> list[str]:
    cells = {column: _cell(row[column]) for column in _COLUMNS}
    if "forms" in row:
        cells["recorded"] += f" ({', '.join(numbers[name] for name in row['forms'])})"
    return list(cells.values())


def _recording(form: Form, numbers: dict[str, str]) -> list[str]:
    newest, *others = form.sources
    return [numbers[form.name], _cell(form.name), form.date, f"`{newest}`", str(len(others) or "")]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _cell(text: str) -> str:
    for sign, escaped in (("|", "\\|"), ("<", "&lt;"), ("*", "\\*"), ("_", "\\_")):
        text = text.replace(sign, escaped)
    return text
