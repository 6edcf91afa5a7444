"""The mock's data, as far as it can be data: model cards, refusals, filter rules, answers, media.

Each file is TOML and explains its own fields; `tokenizer/` holds a model's own file, with its makers' licence.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def table(name: str) -> dict[str, Any]:
    """The content of one file of this folder, for example ``table("models.toml")``."""
    return tomllib.loads((FOLDER / name).read_text("utf-8"))


def answer_files() -> list[str]:
    """The names of the files with the lessons' answers, in reading order."""
    return sorted(f"answers/{file.name}" for file in (FOLDER / "answers").glob("*.toml"))
