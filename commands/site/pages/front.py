"""The first page: what this is, a lesson to begin with at once, and the map of the others."""

from __future__ import annotations

import re
from html import escape

import nbformat

from commands.setup.places import ROOT
from helpers import course

from . import plan
from .sources import HANDOUTS, Sources, buttons, heading_of

TITLE = "Azure AI Model Inference, by doing"

LEAD = """Thirteen lessons that you can run, from the first call of a chat model to a program in production. A mock of
the API answers, offline and free, the same for everybody: each output that you read here is what you get."""

DOORS = {
    "recipes/index": "A small program for each task, to copy: stream an answer, get JSON, retry with jitter.",
    "docs/mock": "The API for your tests: no account, no network, no bill, and failures whenever you want one.",
    "docs/teaching": "Plans for 90 minutes, half a day and a day, what to say where, and checklists.",
    "docs/glossary": "The field's words, a line each, and the lesson that teaches them.",
    "set-up": "All of it on your machine with one command, on the mock or on an endpoint of your own.",
}


def page(sources: Sources) -> str:
    """The page, in Markdown."""
    lessons = course.lessons()
    first = lessons[0].name
    begin = {"Read lesson 00": f"notebooks/{first}.html"}
    if sources.runs:
        begin = {"Run lesson 00 here": f"{sources.runs}{first}.ipynb", **begin}
    begin_with = "Nothing to install: Python and the mock run in your browser." if sources.runs else ""
    hours = round(sum(lesson.minutes for lesson in lessons) / 60)
    return "\n\n".join(
        (
            "---\nhide-toc: true\n---",
            f"# {TITLE}",
            f'<p class="lead">{LEAD}</p>',
            f'<p class="ways begin">{buttons(begin, first=True)} <span>{begin_with}</span></p>',
            sample(first),
            "## The lessons",
            f"About {hours} hours with the exercises. Each stands alone, and says at its top what comes before it.",
            cards(lessons),
            "## What else is here",
            doors(sources),
            f"> {notice()}",
            *(contents(chapter) for chapter in plan.chapters()),
        )
    )


def sample(lesson: str) -> str:
    """The first cell of a lesson that shows an answer, and the answer, as they stand in it."""
    book = nbformat.read(ROOT / "notebooks" / f"{lesson}.ipynb", as_version=4)
    cell = next(
        cell for cell in book.cells if any("text/html" in out.get("data", {}) for out in cell.get("outputs", ()))
    )
    answer = cell.outputs[0].data["text/html"]
    return f'```python\n{cell.source}\n```\n\n<div class="cell_output">{answer}</div>'


def readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")


def notice() -> str:
    """What the README says about the end of this API."""
    (found,) = re.findall(r"^> (\*\*Before you build.*)", readme(), re.M)
    return found


def abouts() -> dict[str, str]:
    """What each lesson is about, by its name: the table of the README."""
    return dict(re.findall(r"^\| \[.*?\]\(notebooks/([\w-]+)\.ipynb\) \| (.*) \|$", readme(), re.M))


def cards(lessons: list[course.Lesson]) -> str:
    """The map of the lessons: a link for each, with what it is about and its minutes."""
    rows = abouts()
    made = []
    for lesson in lessons:
        number, name = lesson.title.split(" ", 1)
        made.append(
            f'<li><a href="notebooks/{lesson.name}.html"><b>{number}</b> <strong>{escape(name)}</strong> '
            f"<span>{escape(rows[lesson.name])}</span> <small>{lesson.minutes} minutes</small></a></li>"
        )
    return f'<ol class="cards">\n{"".join(made)}\n</ol>'


def doors(sources: Sources) -> str:
    pages = {page.name: page for chapter in plan.chapters() for page in chapter.pages}
    made = [f"* [{heading(pages[name])}]({pages[name].file}): {said}" for name, said in DOORS.items()]
    if sources.handouts:
        link = f'<a href="{HANDOUTS}/index.html">Handouts</a>'
        made.append(f"* {link}: the lessons on paper, one by one and as a book, and slides for the wall.")
    return "\n".join(made)


def heading(page: plan.Page) -> str:
    """The title of a page."""
    return page.title or heading_of(page.source)


def contents(chapter: plan.Chapter) -> str:
    """A chapter in the list at the side."""
    names = "\n".join(f"{page.title} <{page.name}>" if page.title else page.name for page in chapter.pages)
    return f"```{{toctree}}\n:caption: {chapter.title}\n:hidden:\n\n{names}\n```"
