"""The sources of the pages as Sphinx reads them: copies, without what only a kernel or the project can do."""

from __future__ import annotations

import os
import posixpath
import re
import shutil
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from urllib.parse import unquote

import nbformat
from nbformat import NotebookNode, v4

from commands import recipes
from commands.setup.places import ROOT

from . import plan
from .plan import Page

HANDOUTS = "handouts"  # where what can be printed is on the site
EDITIONS = {
    "PDF, A4": "pdf/A4/participant/{}.pdf",
    "Letter": "pdf/Letter/participant/{}.pdf",
    "Slides": "slides/{}.html",
}
TWIN_HEADING = "With the OpenAI package"

PYTHON = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}

# Code is left alone; what is linked is no picture, and not on another host.
_LINK = re.compile(
    r"```.*?```|`[^`\n]+`|(?<!!)\[(?P<words>[^\]]+)\]\((?!https?:|mailto:)(?P<path>[^)#\s]*)"
    r"(?P<anchor>#(?:\([^)\s]*\)|[^)\s])*)?\)",
    re.S,
)


@dataclass(frozen=True)
class Sources:
    """What the pages are made from, and what is known of where they will be.

    `runs`: the address of the lessons that run in the browser, empty where they were not built. `handouts`: the folder
    of what can be printed, if there is one. `repository`: where the project is.
    """

    runs: str = ""
    handouts: Path | None = None
    repository: str = ""

    @cached_property
    def addresses(self) -> dict[Path, str]:
        """For each file of the project that has a page, or a place on one: its address."""
        found = {page.source: page.file for page in plan.pages()}
        for page in plan.recipe_pages():
            twin = recipes.path_of(page.source.stem + recipes.TWIN)
            found[twin] = f"{page.file}#{slug(TWIN_HEADING)}"
        return found

    def write(self, folder: Path) -> None:
        """Fills the folder, which is emptied before."""
        shutil.rmtree(folder, ignore_errors=True)
        for page in plan.pages():
            copy = folder / page.file
            copy.parent.mkdir(parents=True, exist_ok=True)
            if page.is_lesson:
                nbformat.write(self.lesson(page), copy)
            else:
                copy.write_text(self.recipe(page) if page.is_recipe else self.text(page), "utf-8")

    def text(self, page: Page) -> str:
        """A page that is written in Markdown."""
        text = self.linked(page.source.read_text("utf-8"), page)
        if page.title:
            text = re.sub(r"\A# .*", f"# {page.title}", text)
        if page.name == "recipes/index":
            names = "\n".join(each.name.removeprefix("recipes/") for each in plan.recipe_pages())
            text += f"\n```{{toctree}}\n:hidden:\n\n{names}\n```\n"
        return text

    def cells(self, page: Page) -> list[NotebookNode]:
        """The cells of a lesson to read: nobody's progress is in them."""
        book = nbformat.read(page.source, as_version=4)
        cells = [cell for cell in book.cells if not cell.source.startswith("progress(")]
        for cell in cells:
            if cell.cell_type == "markdown":
                cell.source = self.linked(cell.source, page)
        return cells

    def lesson(self, page: Page) -> NotebookNode:
        """A lesson as a page. A panel is its still, for there is no kernel."""
        cells = self.cells(page)
        for cell in cells:
            if cell.source.startswith("predict("):
                cell.metadata["tags"] = ["remove-input"]
            for output in cell.get("outputs", []):
                if html := output.get("data", {}).get("text/html"):
                    output.data["text/html"] = re.sub(r'(href="\d\d-[\w-]+)\.ipynb\b', r"\1.html", html)
        heading, _, rest = cells[0].source.partition("\n")
        cells[0].source = f"{heading}\n\n{self.ways(page)}\n\n{rest.strip()}"
        return v4.new_notebook(cells=cells, metadata=PYTHON)

    def ways(self, page: Page) -> str:
        """What can be done with a lesson but read it: links, as HTML."""
        file = page.source.name
        links = {}
        if self.runs:
            links["Run this lesson here"] = f"../{self.runs}{file}"
        links |= {"Markdown": f"{page.source.stem}.md", "Notebook": file}
        for name, edition in EDITIONS.items():
            made = edition.format(page.source.stem)
            if self.handouts and (self.handouts / made).is_file():
                links[name] = f"../{HANDOUTS}/{made}"
        return f'<p class="ways">{buttons(links, first=bool(self.runs))}</p>'

    def recipe(self, page: Page) -> str:
        """A recipe, what it prints, and its twin."""
        name = page.source.stem
        printed = dict(re.findall(r"^## \[(\w+)\].*?\n\n(```.*?\n```)$", _outputs(), re.M | re.S))
        (ladder,) = [each for each in recipes.ladders() if name in each.recipes]
        lessons = [path for number in ladder.lessons for path in (ROOT / "notebooks").glob(f"{number}-*.ipynb")]
        links = " and ".join(f"[{heading_of(path)}](../notebooks/{path.name})" for path in lessons)
        parts = [
            f"# {page.title}",
            recipes.first_line(name),
            f"{ladder.title}: explained in {links}. [All recipes](index.md).",
            *_program(page.source, printed.get(name)),
        ]
        if (twin := recipes.path_of(name + recipes.TWIN)).exists():
            parts += [f"## {TWIN_HEADING}", recipes.first_line(twin.stem), *_program(twin, printed.get(twin.stem))]
        return "\n\n".join(parts) + "\n"

    def linked(self, text: str, page: Page) -> str:
        """Links to other pages and to headings, as Sphinx resolves them; to the project where it is no page.

        Without a repository such a link becomes plain text.
        """

        def replaced(match: re.Match[str]) -> str:
            words, path, anchor = match["words"], match["path"], slug(unquote(match["anchor"] or ""))
            if words is None:
                return match[0]
            if not path:
                return f"[{words}](#{anchor})"
            target = Path(os.path.normpath(page.source.parent / path))
            if target in self.addresses:
                file, _, place = self.addresses[target].partition("#")
                address = posixpath.relpath(file, posixpath.dirname(page.name) or ".")
                return f"[{words}]({address}{f'#{anchor or place}' if anchor or place else ''})"
            if not self.repository:
                return words
            kind = "tree" if target.is_dir() else "blob"
            return f"[{words}]({self.repository}/{kind}/HEAD/{target.relative_to(ROOT).as_posix()})"

        return _LINK.sub(replaced, text)


def _outputs() -> str:
    return (recipes.RECIPES / "outputs.md").read_text("utf-8")


def _program(file: Path, printed: str | None) -> list[str]:
    code = f"```python\n{file.read_text('utf-8').rstrip()}\n```"
    return [code, f"It prints, on the mock:\n\n{printed}"] if printed else [code]


def buttons(links: dict[str, str], first: bool) -> str:
    """Links in a row, as HTML; with `first` the first of them is what is meant to be pressed."""
    made = [f'<a href="{escape(address)}">{escape(name)}</a>' for name, address in links.items()]
    if first:
        made[0] = made[0].replace("<a ", '<a class="first" ', 1)
    return " ".join(made)


def heading_of(file: Path) -> str:
    """The heading that a lesson or a page in Markdown begins with."""
    lesson = file.suffix == ".ipynb"
    text = nbformat.read(file, as_version=4).cells[0].source if lesson else file.read_text("utf-8")
    return text.partition("\n")[0].removeprefix("# ")


def slug(heading: str) -> str:
    """What stands for a heading in an address, for GitHub and for these pages. Jupyter's kind is understood, too."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
