"""Cuts the editions and the slides from the lessons: for live coding, for paper, for the wall.

`python3 tasks.py handouts` calls this. Nothing is executed: what the editions show is what stands in the lessons, and
which cell goes where is decided by its tags and headings. In build/handouts/:

    live/NN-topic.ipynb        no outputs, no solutions
    complete/NN-topic.ipynb    everything, solutions unfolded
    complete/NN-topic.html     the same for screen and paper, in one file
    slides/NN-topic.html       slides, with reveal.js beside them
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter, SlidesExporter
from tqdm import tqdm

from commands.handouts.editions import complete, live
from commands.handouts.pages import ROOT, copy_media, copy_reveal, exporter, write_page
from commands.handouts.slides import as_slides

LESSONS = ROOT / "notebooks"
BUILD = ROOT / "build" / "handouts"


def write(lesson: Path, build: Path, page: HTMLExporter, wall: HTMLExporter) -> None:
    """Writes all editions of one lesson."""
    book = nbformat.read(lesson, as_version=4)
    whole = complete(book)
    nbformat.write(live(book), build / "live" / lesson.name)
    nbformat.write(whole, build / "complete" / lesson.name)
    write_page(page, whole, lesson, build / "complete")
    write_page(wall, as_slides(book), lesson, build / "slides")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Cut the editions and the slides from the lessons.")
    parser.add_argument("--lessons", type=Path, default=LESSONS, help="the folder of notebooks (default: notebooks/)")
    parser.add_argument("--build", type=Path, default=BUILD, help="where they go (default: build/handouts/)")
    options = parser.parse_args(arguments)

    lessons = sorted(options.lessons.resolve().glob("*.ipynb"))
    if not lessons:
        print(f"There are no notebooks in {options.lessons}.", file=sys.stderr)
        return 1
    for folder in ("live", "complete", "slides"):
        (options.build / folder).mkdir(parents=True, exist_ok=True)
    copy_media(options.lessons, options.build)
    copy_reveal(options.build / "slides")
    page, wall = exporter(HTMLExporter, "handout"), exporter(SlidesExporter, "slides")
    for lesson in tqdm(lessons, desc="handouts", unit="lesson"):
        write(lesson, options.build, page, wall)
    print(f"{len(lessons)} lessons, each in live/, complete/ and slides/ of {options.build}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
