"""Where the project and its lessons lie."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
MEDIA = NOTEBOOKS / "media"
