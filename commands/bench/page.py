"""The table of docs/benchmarks.md, from the figures of one run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_TABLE = re.compile(r"(<!-- made from build/bench.json -->\n).*?(?=<!-- end -->)", re.DOTALL)


def renew(page: Path, figures: Mapping[str, Any]) -> None:
    """Put the figures into the page, each with its target and whether it is met."""
    rows = [
        f"{figures['date']}, {figures['machine']}.\n",
        "| Measure | Value | Target | |",
        "| --- | --- | --- | --- |",
    ]
    for row in figures["rows"]:
        target = "" if row["target"] is None else f"{row['target']:g}{'' if row['ok'] else ' (missed)'}"
        measure = row["measure"].replace("  ", "&emsp;")
        rows.append(f"| {measure} | {row['value']:.2f} {row['unit']} | {target} | {row['detail']} |")
    text = page.read_text("utf-8")
    page.write_text(_TABLE.sub(lambda found: found[1] + "\n".join(rows) + "\n\n", text), "utf-8")
