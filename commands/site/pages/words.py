"""What the search of the site knows: English words as Sphinx takes them, and numbers, such as the 429 of an error."""

from __future__ import annotations

from pathlib import Path

from sphinx.search.en import SearchEnglish  # pyright: ignore[reportMissingImports]  # .venv-site has it

# What Sphinx's script has, and what it has here: numbers are looked up, and buttons are no part of what a page says.
_MENDED = {
    r" || queryTerm.match(/^\d+$/)": "",
    '[".headerlink", "script", "style"]': '[".headerlink", ".ways", "script", "style"]',
}


class Words(SearchEnglish):
    """English, in which a number of three digits or more is a word as well."""

    def word_filter(self, word: str) -> bool:
        return len(word) > 2 if word.isdigit() else super().word_filter(word)


def mend(made: Path) -> None:
    """Mends the script of the search in a built site. ValueError when it is no longer the script that is known."""
    file = made / "_static" / "searchtools.js"
    script = file.read_text("utf-8")
    for old, new in _MENDED.items():
        if script.count(old) != 1:
            raise ValueError(f"Sphinx's {file.name} has no {old!r} any more: see {Path(__file__).name}")
        script = script.replace(old, new)
    file.write_text(script, "utf-8")
