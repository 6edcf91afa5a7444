"""The pages to read: lessons with their outputs, recipes, the mock's manual. Sphinx makes them; nothing is executed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from commands.setup.places import BUILD

from . import plan, sources

WORK = BUILD / "site-work"

SETTINGS: dict[str, Any] = {
    "project": "Azure AI Model Inference, by doing",
    "extensions": ["myst_nb", "sphinx_copybutton"],
    "nb_execution_mode": "off",
    "myst_enable_extensions": ["attrs_inline"],
    "myst_heading_anchors": 4,
    "myst_heading_slug_func": "commands.site.pages.sources.slug",
    "html_theme": "sphinx_book_theme",
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_show_copyright": False,
    "html_show_sphinx": False,
}


def build(target: Path) -> None:
    """Builds the pages into a folder, where other files may lie. SystemExit when Sphinx complains of anything."""
    from sphinx.application import Sphinx  # only where it is called: the rest is tested without it

    folder = WORK / "sources"
    sources.write(folder, plan.chapters())
    app = Sphinx(
        srcdir=folder,
        confdir=None,  # what is set is set here
        outdir=target,
        doctreedir=WORK / "doctrees",
        buildername="html",
        confoverrides=SETTINGS,
        status=None,
        freshenv=True,
    )
    app.build(force_all=True)
    if app._warncount:
        sys.exit(f"Sphinx complains of {app._warncount} things in the pages: see above.")
    print(f"The pages are in {target}")
