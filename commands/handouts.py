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
import re
import shutil
import sys
from collections.abc import Iterator
from copy import deepcopy
from importlib.metadata import distribution
from math import ceil
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter, SlidesExporter
from nbconvert.preprocessors import ClearOutputPreprocessor, TagRemovePreprocessor
from nbformat import NotebookNode, v4
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ROOT / "notebooks"
BUILD = ROOT / "build" / "handouts"
TEMPLATES = ROOT / "commands" / "templates"

# reveal.js as its project publishes it, inside a package that depends on nothing.
REVEAL = Path(str(distribution("pyreveal").locate_file("pyreveal/revealjs")))
REVEAL_FILES = ("dist/reveal.js", "dist/reveal.css", "LICENSE")
REVEAL_FOLDER = "reveal.js"  # beside the slides

PYTHON = shutil.ignore_patterns("*.py", "__pycache__")

# How much goes on a slide, in lines of prose. It is an estimate; the slides themselves see to it that all of it fits.
ROOM = 22.0
PROSE_WIDTH, CODE_WIDTH = 88, 90  # characters
CODE_LINE = 0.75
PICTURE = 11.0


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


# The editions


def live(book: NotebookNode) -> NotebookNode:
    """The lesson without outputs and solutions; every other cell as it is."""
    book, _ = TagRemovePreprocessor(remove_cell_tags={"solution"}).preprocess(deepcopy(book), {})
    book, _ = ClearOutputPreprocessor().preprocess(book, {})
    return book


def complete(book: NotebookNode) -> NotebookNode:
    """The lesson with everything, its solutions unfolded."""
    book = deepcopy(book)
    for cell in book.cells:
        if "solution" in tags(cell):
            cell.source = unfolded(cell.source)
    return book


def unfolded(source: str) -> str:
    """Markdown whose folded part stands open, under its summary in bold."""
    return re.sub(r"<details>\s*<summary>(.*?)</summary>\s*(.*?)\s*</details>", r"**\1**\n\n\2", source, flags=re.S)


def for_pages(book: NotebookNode) -> NotebookNode:
    """The lesson as HTML needs it: titled, links between lessons made links between pages, others left as text."""
    book = deepcopy(book)
    book.metadata.title = title_of(book.cells[0].source)
    book.metadata.pop("widgets", None)  # there is no kernel: a panel is shown by its still
    book.cells = [cell for cell in book.cells if not cell.source.startswith("progress(")]  # nor is there any progress
    for cell in book.cells:
        if cell.cell_type == "markdown":
            source = re.sub(r"(\]\(\d\d-[\w-]+)\.ipynb\b", r"\1.html", cell.source)
            cell.source = re.sub(r"(?<!!)\[([^]]+)\]\(\.\./[^)]+\)", r"\1", source)
        for output in cell.get("outputs", []):
            if html := output.get("data", {}).get("text/html"):
                output.data["text/html"] = re.sub(r'(href="\d\d-[\w-]+)\.ipynb\b', r"\1.html", html)
    return book


# The slides


def as_slides(book: NotebookNode) -> NotebookNode:
    """The lesson with a slide type in each cell: an H2 goes right, each further idea under it goes down."""
    cells = []
    for section in sections(book):
        heading = ""
        for number, slide in enumerate(slides(section)):
            if headed(slide[0]):
                heading = title_of(slide[0].source)
            else:
                slide.insert(0, v4.new_markdown_cell(f'<div class="section-name">\n\n{heading}\n\n</div>'))
            for cell in slide:
                cell.metadata["slideshow"] = {"slide_type": "-"}
            slide[0].metadata["slideshow"]["slide_type"] = "subslide" if number else "slide"
            cells += slide
    return NotebookNode(nbformat=4, nbformat_minor=5, metadata=deepcopy(book.metadata), cells=cells)


def sections(book: NotebookNode) -> list[list[NotebookNode]]:
    """The cells under each H1 and H2, in the order of the slides. Cells are cut where a heading stands inside."""
    found: list[list[NotebookNode]] = []
    for cell in pieces(book):
        if not found or (headed(cell) and not cell.source.startswith("###")):
            found.append([])
        found[-1].append(cell)
    return [for_the_wall(section) for section in found]


def pieces(book: NotebookNode) -> Iterator[NotebookNode]:
    """The cells, those of text cut before each heading that stands inside them."""
    for cell in book.cells:
        if cell.cell_type != "markdown" or "solution" in tags(cell):
            yield deepcopy(cell)
            continue
        for source in cut_at_headings(cell.source):
            yield v4.new_markdown_cell(source)


def cut_at_headings(source: str) -> list[str]:
    found, fenced = [""], False
    for line in source.splitlines(keepends=True):
        fenced ^= line.startswith("```")
        if not fenced and re.match(r"#{1,3} ", line):
            found.append("")
        found[-1] += line
    return [part.strip() for part in found if part.strip()]


def for_the_wall(section: list[NotebookNode]) -> list[NotebookNode]:
    """A section without what belongs to the reader's desk: exercises are stubs, their solutions come last."""
    if title_of(section[0].source) == "Recap":  # what follows are links and the reader's own progress
        return section[:1]
    shown, solutions, heading = [], [], ""
    for cell in section:
        if headed(cell):
            heading = title_of(cell.source)
        if "solution" in tags(cell):
            answer = re.sub(r"^\*\*.*?\*\*\n\n", "", unfolded(cell.source))
            solutions.append(v4.new_markdown_cell(f"### Solution: {heading}\n\n{answer}"))
            continue
        if "exercise" in tags(cell):
            cell.outputs = []
        shown.append(cell)
    return shown + solutions


def slides(section: list[NotebookNode]) -> list[list[NotebookNode]]:
    """The cells of each slide: a text and the code it leads to, as far as there is room for both."""
    found: list[list[NotebookNode]] = []
    for cell, following in zip(section, [*section[1:], None], strict=True):
        leads_on = cell.cell_type == "markdown" and following is not None and following.cell_type == "code"
        full = not found or sum(map(height, found[-1])) + height(cell) > ROOM
        if headed(cell) or leads_on or full:
            found.append([])
        found[-1].append(cell)
    return found


def height(cell: NotebookNode) -> float:
    """About how many lines of prose a cell takes up on a slide."""
    if cell.cell_type == "markdown":
        paragraphs = re.split(r"\n\n|\n(?=[*|#>-])", cell.source)
        return sum(ceil(len(text) / PROSE_WIDTH) + (1.5 if text.startswith("#") else 0.4) for text in paragraphs)
    return 1 + CODE_LINE * rows(cell.source) + sum(map(output_height, cell.outputs))


def output_height(output: NotebookNode) -> float:
    data = output.get("data", {})
    html = data.get("text/html", "")
    if html.startswith("<details"):
        return 1.0
    if "<img" in html or any(kind.startswith("image/") for kind in data):
        return PICTURE
    return 0.5 + CODE_LINE * rows(output.get("text") or data.get("text/plain", ""))


def rows(text: str) -> int:
    return sum(ceil(len(line) / CODE_WIDTH) or 1 for line in text.splitlines())


def headed(cell: NotebookNode) -> bool:
    return cell.cell_type == "markdown" and cell.source.startswith("#")


def title_of(source: str) -> str:
    """The heading that a text begins with, without its marks; empty when it begins with none."""
    heading = re.match(r"#+ (.*)", source)
    return heading[1].strip() if heading else ""


# The command


def exporter(kind: type[HTMLExporter], template: str) -> HTMLExporter:
    """An exporter of one of the templates, set so that its pages need nothing from elsewhere."""
    return kind(
        template_name=template,
        extra_template_basedirs=[str(TEMPLATES)],
        embed_images=True,
        exclude_anchor_links=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        **({"reveal_url_prefix": REVEAL_FOLDER} if kind is SlidesExporter else {}),
    )


def write(lesson: Path, build: Path, page: HTMLExporter, wall: HTMLExporter) -> None:
    """Writes all editions of one lesson."""
    book = nbformat.read(lesson, as_version=4)
    whole = complete(book)
    nbformat.write(live(book), build / "live" / lesson.name)
    nbformat.write(whole, build / "complete" / lesson.name)
    write_page(page, whole, lesson, build / "complete")
    write_page(wall, as_slides(book), lesson, build / "slides")


def write_page(by: HTMLExporter, book: NotebookNode, lesson: Path, folder: Path) -> None:
    """Writes what an exporter makes of an edition; pictures beside the lesson are put into the page."""
    resources = {"metadata": {"name": lesson.stem, "path": str(lesson.parent)}}
    html, _ = by.from_notebook_node(for_pages(book), resources)
    (folder / f"{lesson.stem}.html").write_text(html, "utf-8")


def copy_media(lessons: Path, build: Path) -> None:
    """Puts the pictures and sounds of the lessons, if they have any, beside the notebooks that open them."""
    if (lessons / "media").is_dir():
        for folder in ("live", "complete"):
            shutil.copytree(lessons / "media", build / folder / "media", dirs_exist_ok=True, ignore=PYTHON)


def copy_reveal(slides_folder: Path) -> None:
    """Puts reveal.js and its licence beside the slides."""
    target = slides_folder / REVEAL_FOLDER
    target.mkdir(parents=True, exist_ok=True)
    for name in REVEAL_FILES:
        shutil.copy(REVEAL / name, target)


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
