"""Where things are: this checkout, and the folder that takes what the commands make."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HOME_VARIABLE = "COURSE_HOME"  # another folder for what is made, where the checkout cannot be written
HOME = Path(os.environ.get(HOME_VARIABLE) or ROOT).expanduser().resolve()

VENV = HOME / ".venv"
BUILD = HOME / "build"
