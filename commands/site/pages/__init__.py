"""The pages to read: lessons with their outputs, recipes, the mock's manual. Sphinx makes them; nothing is executed."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from html import escape
from pathlib import Path
from typing import Any

from . import front, markdown, plan
from .sources import HANDOUTS, Sources

HERE = Path(__file__).parent

# The lessons that run in the browser, where they were built; the file name of one follows.
RUN_FOLDER, RUN = "run", "run/notebooks/index.html?path="

LIGHT = {"color-brand-primary": "#0b5cad", "color-brand-content": "#0b5cad", "color-brand-visited": "#0b5cad"}
DARK = {"color-brand-primary": "#79b8ff", "color-brand-content": "#79b8ff", "color-brand-visited": "#79b8ff"}

SETTINGS: dict[str, Any] = {
    "project": front.TITLE,
    "html_title": front.TITLE,
    "language": "en",
    "smartquotes_action": "q",  # a dash stays what was typed
    "extensions": ["myst_nb", "sphinx_copybutton", "sphinx.ext.githubpages"],
    "nb_execution_mode": "off",
    "nb_merge_streams": True,
    "myst_enable_extensions": [],
    "myst_heading_anchors": 4,
    "myst_heading_slug_func": "commands.site.pages.sources.slug",
    "copybutton_selector": "div:not(.output) > div.highlight pre",  # code, and not what it prints
    "html_theme": "furo",
    "html_theme_options": {"light_css_variables": LIGHT, "dark_css_variables": DARK, "top_of_page_buttons": []},
    "html_static_path": [str(HERE / "static")],
    "html_favicon": str(HERE / "static" / "icon.svg"),
    "html_css_files": ["site.css"],
    "html_js_files": [("site.js", {"defer": "defer"})],
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_show_copyright": False,
    "html_show_sphinx": False,
    "html_use_index": False,
    "html_permalinks_icon": "#",
}


def build(options: argparse.Namespace) -> None:
    """Builds the pages into a folder, where other parts may be. SystemExit when Sphinx complains of anything.

    Nor does it build where it would overwrite what is no site.
    """
    target: Path = options.target
    if not is_free(target):
        sys.exit(f"{target} has something else in it, which would be lost: name another folder.")
    runs = RUN if (target / RUN_FOLDER / "notebooks" / "index.html").is_file() else ""
    if not runs:
        print(f"No lesson has a link to run it: there is no browser edition in {target / RUN_FOLDER}.")
    handouts: Path | None = options.handouts if (options.handouts / "index.html").is_file() else None
    if not handouts:
        print(f"No handouts go with the pages: there is no index.html in {options.handouts}.")
    sources = Sources(runs, handouts, options.repository.rstrip("/"))
    with tempfile.TemporaryDirectory() as work:
        folder, made = Path(work, "sources"), Path(work, "out", "pages")
        sources.write(folder)
        (folder / "index.md").write_text(front.page(sources), "utf-8")
        if complaints := typeset(folder, made, options.url):
            sys.exit(f"Sphinx complains of {complaints} things in the pages: see above.")
        empty(target)
        shutil.copytree(made, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("_sources", ".buildinfo"))
    markdown.write(target, sources, options.url)
    if handouts:
        shutil.copytree(handouts, target / HANDOUTS)
    print(f"{sum(1 for _ in plan.pages()) + 1} pages are in {target}: open index.html there.")


def is_free(target: Path) -> bool:
    """Whether there is nothing in a folder but what these commands have put there."""
    names = {path.name for path in target.glob("*")} - {RUN_FOLDER}
    return not names or {"llms.txt", "searchindex.js"} <= names


def empty(target: Path) -> None:
    """Takes away what an earlier build left, but for the edition that runs in the browser."""
    for path in target.glob("*"):
        if path.is_dir() and path.name != RUN_FOLDER:
            shutil.rmtree(path)
        elif path.is_file():
            path.unlink()


def typeset(folder: Path, made: Path, url: str) -> int:
    """Has Sphinx make the pages, and returns of how many things it complains."""
    # Only where it is called: .venv-site has it, and the rest is tested without.
    from sphinx.application import Sphinx  # pyright: ignore[reportMissingImports]

    from . import words

    beside = made.parent
    app = Sphinx(
        srcdir=folder,
        confdir=None,  # what is set is set here
        outdir=made,
        doctreedir=beside / "doctrees",
        buildername="html",
        confoverrides={**SETTINGS, "html_baseurl": url, "nb_execution_cache_path": str(beside / "cache")},
        status=None,
        freshenv=True,
    )
    app.add_search_language(words.Words)
    app.connect("html-page-context", _mend, priority=900)  # after the theme
    app.build(force_all=True)
    words.mend(made)
    return app._warncount


def _mend(_app: object, name: str, _template: str, context: dict[str, Any], tree: object) -> None:
    """What the theme leaves out: of which level a caption of the contents list is, and what a page is about."""
    captions = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = captions.replace('role="heading"', 'role="heading" aria-level="2"')
    if not tree:
        return
    about = " ".join(front.LEAD.split())
    if name != "index":
        about = markdown.about(next(page for page in plan.pages() if page.name == name))
        context["metatags"] += f'<link rel="alternate" type="text/markdown" href="{name.rpartition("/")[2]}.md">'
    context["metatags"] += f'<meta name="description" content="{escape(about)}">'
