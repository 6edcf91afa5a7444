"""Cuts the editions and the slides from the lessons: for live coding, for paper, for the wall.

`python3 tasks.py handouts` calls this. Nothing is executed: what the editions show is what stands in the lessons, and
which cell goes where is decided by its tags and headings. In build/handouts/:

    index.html                              what there is, and for whom
    live/NN-topic.ipynb                     no outputs, no solutions
    participant/NN-topic.html               outputs, no solutions
    complete/NN-topic.ipynb and .html       everything, solutions unfolded
    slides/NN-topic.html and .pdf           slides, with reveal.js beside them
    pdf/PAPER/participant/NN-topic.pdf      the same on paper, A4 or Letter, with room for answers
    pdf/PAPER/teacher/NN-topic.pdf          the same with the solutions
    pdf/PAPER/course-participant.pdf        all lessons as a book, with contents and an index; course-teacher.pdf too
    pdf/PAPER/quick-reference.pdf           two pages: every call, in this SDK and in the OpenAI package

PDFs need a browser on the machine: Chromium, Chrome or Edge.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from commands.handouts import index
from commands.handouts.making import make
from commands.handouts.pages import ROOT, copy_media, copy_reveal
from commands.handouts.printing import PAPERS, browser

LESSONS = ROOT / "notebooks"
BUILD = ROOT / "build" / "handouts"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="tasks.py handouts", description="Cut the editions and the slides from the lessons."
    )
    parser.add_argument("--lessons", type=Path, default=LESSONS, help="the folder of notebooks (default: notebooks/)")
    parser.add_argument("--build", type=Path, default=BUILD, help="where they go (default: build/handouts/)")
    parser.add_argument("--no-pdf", action="store_true", help="notebooks and pages only, in a third of the time")
    parser.add_argument(
        "--paper", action="append", choices=PAPERS, help="print on this paper only (default: on each of them)"
    )
    options = parser.parse_args(arguments)

    lessons = sorted(options.lessons.resolve().glob("*.ipynb"))
    if not lessons:
        print(f"There are no notebooks in {options.lessons}.", file=sys.stderr)
        return 1
    program = None if options.no_pdf else browser()
    copy_media(options.lessons, options.build)
    copy_reveal(options.build / "slides")
    making = make(lessons, options.build, program, options.paper or tuple(PAPERS))
    for _ in tqdm(making, desc="handouts", unit="lesson", total=len(lessons)):
        pass
    index.write(lessons, options.build)
    print(f"{len(lessons)} lessons: open {options.build / 'index.html'}")
    if program is None and not options.no_pdf:
        print("There is no Chromium, Chrome or Edge on this machine, so there are no PDFs.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
