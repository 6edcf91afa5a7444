"""Settles an environment that somebody else has made, such as conda's: `python -m commands.setup`, from this folder.

Its Python finds `helpers` from every folder then, and JupyterLab and the kernels have the settings of the course.
"""

from __future__ import annotations

import sys
from pathlib import Path

from .course import hiding, write_settings


def main() -> None:
    """Raises SystemExit with a sentence where that cannot be."""
    environment = Path(sys.prefix)
    if sys.prefix == sys.base_prefix and not (environment / "conda-meta").is_dir():
        sys.exit(f"{environment} is no environment but the machine's own Python. Activate one, and repeat.")
    for found in hiding(environment):
        sys.exit(found)
    try:
        write_settings(environment)
    except OSError as error:
        sys.exit(f"{environment} cannot be written: {error.strerror or error}.")
    print(f"{environment} has the settings of the course.")


if __name__ == "__main__":
    main()
