"""What a cell showed, so that two runs of it can be compared as nbval compares them."""

from __future__ import annotations

import json
import re
from configparser import ConfigParser
from typing import Any

from tests.support.places import ROOT

# nbval's own choice: a picture's bytes and a widget's number are not compared.
SKIPPED = ("image/png", "image/jpeg", "application/vnd.jupyter.widget-view+json")


def _rules() -> list[tuple[str, str]]:
    told = ConfigParser(interpolation=None)
    told.read(ROOT / "tests" / "notebooks" / "nbval.cfg", "ascii")
    return [(told[name]["regex"], told[name]["replace"]) for name in told.sections()]


RULES = _rules()


def shown(cell: dict[str, Any]) -> dict[str, str]:
    """Text by its kind: streams joined, data by their type, an error by its name and what it says."""
    found: dict[str, str] = {}
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            parts = {output["name"]: output["text"]}
        elif output["output_type"] == "error":
            parts = {"error": f"{output['ename']}: {output['evalue']}"}
        else:
            parts = {kind: data for kind, data in output["data"].items() if kind not in SKIPPED}
        for kind, text in parts.items():
            found[kind] = found.get(kind, "") + _text(text)
    return {kind: _sanitized(text).strip() for kind, text in found.items()}


def _text(data: Any) -> str:
    return data if isinstance(data, str) else "".join(data) if isinstance(data, list) else json.dumps(data)


def _sanitized(text: str) -> str:
    for pattern, replacement in RULES:
        text = re.sub(pattern, replacement, text)
    return text
