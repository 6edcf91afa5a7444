"""`python3 tasks.py bench`: how fast the mock is, as ratios to the smallest server that could stand in its place.

Prints a table, writes it as JSON into build/, and ends with 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(prog="tasks.py bench", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="a few requests, to see that it runs; no target counts")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "bench.json", help="where the figures go")
    parser.add_argument("--project", type=Path, default=ROOT, help="measure the mock in another copy of this project")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        choices=("mock", "upstream", "room", "reader", "lessons", "set-up"),
        help="a part of it",
    )
    parser.add_argument("--page", action="store_true", help="put the figures into docs/benchmarks.md")
    options = parser.parse_args()
    sys.path[:0] = [str(HERE), str(options.project)]
    from measures import FULL, QUICK, machine, measure
    from page import renew

    print(machine())
    print(f"{'measure':<48} {'value':>12}  {'target':>10}    ")
    rows = []
    for row in measure(QUICK if options.quick else FULL, options.project, options.only):
        target = "" if row.target is None else f"{row.target:.3g}"
        verdict = "" if row.target is None else "ok" if row.ok else "MISSED"
        print(f"{row.measure:<48} {row.value:>8.2f} {row.unit:<8} {target:>5}  {verdict:<6}  {row.detail}", flush=True)
        rows.append({**asdict(row), "ok": row.ok})
    options.json.parent.mkdir(parents=True, exist_ok=True)
    figures = {"date": date.today().isoformat(), "machine": machine(), "quick": options.quick, "rows": rows}
    options.json.write_text(json.dumps(figures, indent=1), "utf-8")
    if options.page:
        renew(ROOT / "docs" / "benchmarks.md", figures)
    return 0 if options.quick or all(row["ok"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
