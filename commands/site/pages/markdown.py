"""The Markdown edition, for assistants and for whoever likes plain text: each page as `.md` beside itself, a list of
them in `llms.txt` (llmstxt.org), and all of them in one file, `llms-full.txt`."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from commands import recipes

from . import front, plan
from .plan import Page
from .sources import Sources


def write(target: Path, sources: Sources, url: str) -> None:
    """Writes the edition beside the pages, and the lessons and recipes as files to take along."""
    whole = []
    for page in plan.pages():
        text = markdown(page, sources)
        file = target / f"{page.name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        whole.append(f"<!-- {page.name}.md -->\n\n{text}")
        if page.is_lesson:
            shutil.copyfile(page.source, file.with_name(page.source.name))
    (target / "llms.txt").write_text(listed(url), "utf-8")
    (target / "llms-full.txt").write_text("\n".join(whole), "utf-8")


def markdown(page: Page, sources: Sources) -> str:
    """A page as Markdown. Its links lead to others of this edition."""
    if page.is_lesson:
        text = "\n\n".join(part for cell in sources.cells(page) for part in parts(cell)) + "\n"
    elif page.is_recipe:
        text = sources.recipe(page)
    else:
        text = sources.text(page).partition("\n```{toctree}")[0]
    return re.sub(r"(\]\([^)\s]*\d\d-[\w-]+)\.ipynb\b", r"\1.md", text)


def parts(cell: NotebookNode) -> Iterator[str]:
    """A cell and its outputs. What was drawn or laid out says in words what it shows."""
    if cell.cell_type == "markdown":
        yield cell.source.strip()
        return
    if not cell.source.startswith("predict("):
        yield fenced(cell.source, "python")
    for output in cell.outputs:
        if said := (output.get("text") or output.get("data", {}).get("text/plain", "")).strip("\n"):
            yield fenced(said, "text")


def fenced(text: str, language: str) -> str:
    longest = max(map(len, re.findall(r"^`{3,}", text, re.M)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def listed(url: str) -> str:
    """`llms.txt`: what this is, and the pages by chapter, each with what it is about."""
    base = f"{url.rstrip('/')}/" if url else ""
    blocks = [f"# {front.TITLE}", f"> {' '.join(front.LEAD.split())}", front.notice()]
    for chapter in plan.chapters():
        rows = [f"- [{front.heading(page)}]({base}{page.name}.md): {about(page)}" for page in chapter.pages]
        blocks.append(f"## {chapter.title}\n\n" + "\n".join(rows))
    rows = [f"- [{page.title}]({base}{page.name}.md): {about(page)}" for page in plan.recipe_pages()]
    blocks.append("## Recipes\n\n" + "\n".join(rows))
    return "\n\n".join(blocks) + "\n"


def about(page: Page) -> str:
    """A line on what is on a page."""
    if page.is_recipe:
        return recipes.first_line(page.source.stem)
    if page.is_lesson:
        return front.abouts()[page.source.stem]
    return front.DOORS.get(page.name) or sentence(page)


def sentence(page: Page) -> str:
    """The first sentence of a page that is written in Markdown."""
    paragraph = " ".join(page.source.read_text("utf-8").split("\n\n")[1].split())
    return re.split(r"(?<=\.) ", re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", paragraph))[0]
