"""docs/differences.md from differences.toml: `tasks.py docs` writes it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("differences.toml")

_HEAD = """# Differences

The API has three descriptions: its OpenAPI document (2024-05-01-preview), the Python SDK (1.0.0b9), and what services
were seen to answer. Where they are not of one mind, this table says which of them the mock follows, and why. What was
recorded wins over the document, the document over a guess.

Made from `tests/contract/differences.toml`. The contract is `tests/contract/openapi.json`; a test fails when it
deviates from the document or the SDK and no row here accounts for it.

| About | The document says | The SDK does | Recorded | The mock does | Source |
| --- | --- | --- | --- | --- | --- |
"""
_COLUMNS = ("place", "document", "sdk", "recorded", "mock", "source")


def rows() -> list[dict[str, Any]]:
    """The rows of the table: place, document, sdk, recorded, mock, source, and covers where there are deviations."""
    return tomllib.loads(FILE.read_text("utf-8"))["difference"]


def page() -> str:
    """The page as it should be."""
    return _HEAD + "".join(f"| {' | '.join(_cell(row[column]) for column in _COLUMNS)} |\n" for row in rows())


def _cell(text: str) -> str:
    for sign, escaped in (("|", "\\|"), ("<", "&lt;"), ("*", "\\*"), ("_", "\\_")):
        text = text.replace(sign, escaped)
    return text
