"""The mock's data, as far as it can be data: model cards, refusals, filter rules, answers, media.

Each file is TOML and explains its own fields; `tokenizer/` holds a model's own file, with its makers' licence.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def table(name: str) -> dict[str, Any]:
    """The content of one file of this folder, for example ``table("models.toml")``."""
    return tomllib.loads(resources.files(__name__).joinpath(name).read_text("utf-8"))


def answer_files() -> list[str]:
    """The names of the files with the lessons' answers, in reading order."""
    names = (file.name for file in resources.files(__name__).joinpath("answers").iterdir())
    return sorted(f"answers/{name}" for name in names if name.endswith(".toml"))
