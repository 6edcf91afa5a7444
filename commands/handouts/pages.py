"""What an edition looks like: templates, and the files that a page needs beside it."""

from __future__ import annotations

import re
import shutil
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from nbconvert.exporters import HTMLExporter, SlidesExporter
from nbconvert.filters import Highlight2HTML
from nbformat import NotebookNode

from commands.handouts.editions import for_pages

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = ROOT / "commands" / "templates"

# reveal.js as its project publishes it, inside a package that depends on nothing.
REVEAL = Path(str(distribution("pyreveal").locate_file("pyreveal/revealjs")))
REVEAL_FILES = ("dist/reveal.js", "dist/reveal.css", "dist/plugin/notes.js", "LICENSE")
REVEAL_FOLDER = "reveal.js"  # beside the slides

PYTHON = shutil.ignore_patterns("*.py", "__pycache__")


def exporter(kind: type[HTMLExporter], template: str) -> HTMLExporter:
    """An exporter of one of the templates, set so that its pages need nothing from elsewhere."""
    return kind(
        template_name=template,
        extra_template_basedirs=[str(TEMPLATES)],
        embed_images=True,
        exclude_anchor_links=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        filters={"highlight_code": coloured, "clean_html": lambda html: html},  # what is ours needs no cleaning
        **({"reveal_url_prefix": REVEAL_FOLDER} if kind is SlidesExporter else {}),
    )


# What most of a program consists of stays as black as the text around it: names, punctuation, operators, blanks.
_PLAIN = re.compile(r'<span class="(?:n|p|o|w)">([^<]*)</span>')


def coloured(source: str, metadata: object = None) -> str:
    """A cell's code in colours, as HTML. It is the same in every edition, so it is made once."""
    return _coloured(source)


@cache
def _coloured(source: str) -> str:
    return _PLAIN.sub(r"\1", Highlight2HTML(pygments_lexer="ipython3")(source))


def write_page(by: HTMLExporter, book: NotebookNode, lesson: Path, folder: Path) -> None:
    """Writes what an exporter makes of an edition; pictures beside the lesson are put into the page."""
    resources = {"metadata": {"name": lesson.stem, "path": str(lesson.parent)}}
    html, _ = by.from_notebook_node(for_pages(book), resources)
    (folder / f"{lesson.stem}.html").write_text(with_ids(html), "utf-8")


def with_ids(html: str) -> str:
    """A page whose headings have ids, as Jupyter makes them of their texts: it is to these that its links lead."""

    def named(heading: re.Match[str]) -> str:
        text = re.sub(r"<[^>]+>", "", heading[2]).strip().replace(" ", "-").replace('"', "&quot;")
        return f'<h{heading[1]} id="{text}">{heading[2]}</h{heading[1]}>'

    return re.sub(r"<h([1-6])>(.*?)</h\1>", named, html, flags=re.S)


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
