"""The pictures and sounds of the lessons: their origin and licence, and the script that makes them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.places import MEDIA


def test_the_readme_names_every_file_and_its_licence():
    text = (MEDIA / "README.md").read_text("utf-8")
    stems = {path.stem for path in MEDIA.iterdir() if path.suffix in (".png", ".wav", ".mp3", ".csv")}
    assert all(stem in text for stem in stems)
    assert "CC0 1.0" in text
    assert "invented" in text


def test_the_script_says_which_tool_is_missing(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, str(MEDIA / "make_media.py"), "clips"],
        capture_output=True,
        text=True,
        env={"PATH": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 1
    assert "install espeak-ng, sox, lame first" in done.stderr
