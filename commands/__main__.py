"""`python -m commands NAME`: one of the commands, which Ctrl-C ends with a word, even while it is still being read.

A command that has more to say then, such as which lessons have passed, says it itself.
"""

from __future__ import annotations

import runpy
import sys


def main() -> int:
    name = sys.argv.pop(1)
    try:
        runpy.run_module(f"commands.{name}", run_name="__main__", alter_sys=True)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
