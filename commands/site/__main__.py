"""Builds the site into build/site: all of it, or the parts that are named.

`python3 tasks.py site` calls this, in the environment .venv-site. Nothing is executed, and no page asks another host
for anything.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from commands.setup.places import BUILD

from . import lite, pages

# Each builds into the folder `target` and leaves alone what the others have there. They run in this order.
PARTS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "lite": lite.build,  # the lessons to run in the browser
    "pages": pages.build,  # everything to read; what the other parts have made, these pages link
}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="tasks.py site", description="Build the site, or some of its parts.")
    made.add_argument("part", nargs="*", metavar="PART", help=f"one of: {', '.join(PARTS)} (default: all of them)")
    made.add_argument(
        "--target", type=Path, default=BUILD / "site", metavar="DIR", help="where to (default: build/site)"
    )
    made.add_argument(
        "--handouts",
        type=Path,
        default=BUILD / "handouts",
        metavar="DIR",
        help="what `tasks.py handouts` made, to go with the site if it is there (default: build/handouts)",
    )
    made.add_argument(
        "--pyodide-dist",
        type=Path,
        metavar="DIR",
        help="a folder with the wheels of Pyodide's release, instead of those that are fetched",
    )
    made.add_argument(
        "--no-compile",
        action="store_true",
        help="leave the modules of the browser edition as they are: quicker to build, slower to start",
    )
    made.add_argument("--url", default="", help="where the site will be, for what assistants and search engines read")
    made.add_argument(
        "--repository", default="", metavar="URL", help="where the project is, to link files that are no pages"
    )
    return made


def main(arguments: list[str]) -> int:
    options = parser().parse_args(arguments)
    if unknown := sorted(set(options.part) - set(PARTS)):
        parser().error(f"there is no part {unknown[0]!r}, only {', '.join(PARTS)}")
    options.target = options.target.resolve()
    for name, build in PARTS.items():
        if name in (options.part or PARTS):
            build(options)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
