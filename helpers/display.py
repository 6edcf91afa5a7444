"""Something to look at: text, code, tables and bars, each as HTML in a notebook and as plain text in a terminal."""

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import Any

_MARKED = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)  # code between as many backticks as it takes
_WRAP = "white-space: pre-wrap; overflow-wrap: anywhere"
_WORDS = f"{_WRAP}; word-break: normal"
_KEEP = "white-space: pre-wrap; word-break: normal"
_LONGEST_WORD = 20  # characters; longer ones, such as an address, break anywhere in a narrow column
_HUMP = re.compile(
    r"(?<=[a-z0-9])(?=[A-Z][a-z])"
)  # where the name of a class may break, in a column that is too narrow
_CODE = "font-family: var(--jp-code-font-family, monospace)"
_HEAD = "text-align: left; vertical-align: top"
_BAR = "background: var(--jp-brand-color1, #1976d2); height: 0.8em; border-radius: 2px"


@dataclass(frozen=True, slots=True, repr=False)
class Rich:
    """Something to look at, once as plain text and once as HTML."""

    text: str
    html: str

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}


def kernel() -> Any:
    """The Jupyter kernel that the code runs in, or None. It does not import IPython to find out."""
    ipython = sys.modules.get("IPython")
    return getattr(ipython and ipython.get_ipython(), "kernel", None)


def shell_of(kernel: Any) -> Any:
    """The IPython of a kernel, by the name that it has in a kernel of this machine or of a page in a browser."""
    return kernel.shell if hasattr(kernel, "shell") else kernel.interpreter


def in_notebook() -> bool:
    """Whether the code runs in a Jupyter kernel."""
    return kernel() is not None


def present(thing: Any) -> None:
    """Displays `thing` in a notebook and prints it anywhere else."""
    if in_notebook():
        from IPython.display import display

        display(thing)
    else:
        print(thing)


def prose(text: str) -> str:
    """HTML for text to read whose line breaks count."""
    return f'<div style="{_WORDS}; margin: 0.4em 0">{escape(text)}</div>'


def marked(text: str) -> str:
    """HTML for text to read in which code stands between backticks, as in Markdown."""
    return f'<div style="{_WORDS}; margin: 0.4em 0">{spans(text)}</div>'


def spans(text: str) -> str:
    """The same within a line."""
    return _MARKED.sub(r"<code>\2</code>", escape(text))


def inline(code: str) -> str:
    """Code for a text that is `marked`: between backticks, as many as it takes."""
    fence = "`" * (max(map(len, re.findall("`+", code)), default=0) + 1)
    return f"{fence}{code}{fence}"


def preformatted(text: str) -> str:
    """HTML for code and data: monospace, as it stands; long lines wrap."""
    return f'<pre style="{_CODE}; {_WORDS}; margin: 0.4em 0">{escape(text)}</pre>'


def code_box(label: str, text: str) -> str:
    """HTML for code to copy: its lines stay whole, and the box scrolls where it is too narrow for them."""
    wide = "width: 0; min-width: 100%"  # as wide as there is room, and never wider
    style = f"{_CODE}; white-space: pre; overflow-x: auto; {wide}; margin: 0.4em 0"
    return f'<pre role="group" aria-label="{escape(label)}" tabindex="0" style="{style}">{escape(text)}</pre>'


def heading(text: str) -> str:
    """HTML for the line above something."""
    return f"<p><strong>{escape(text)}</strong></p>"


def remark(text: str) -> str:
    """HTML for a line in small letters."""
    return f"<p><small>{escape(text)}</small></p>"


def details(summary: str, html: str) -> str:
    """HTML that is folded under its summary line."""
    return f"<details><summary>{escape(summary)}</summary>{html}</details>"


def words(text: str) -> Rich:
    """Text to read and nothing else."""
    return Rich(text, prose(text))


def stacked(*parts: Rich) -> Rich:
    """Several things, one under the other."""
    return Rich("\n".join(part.text for part in parts), "".join(part.html for part in parts))


def side_by_side(*parts: Rich) -> Rich:
    """Several things beside one another; under one another where the page is narrow."""
    columns = "".join(f'<div style="flex: 1 1 16em; min-width: 0">{part.html}</div>' for part in parts)
    html = f'<div style="display: flex; flex-wrap: wrap; gap: 1em">{columns}</div>'
    return Rich("\n\n".join(part.text for part in parts), html)


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Rich:
    """A table of texts; as plain text the columns are padded to their widest cell."""
    grid = [list(columns), *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
    text = "\n".join([caption, *("  ".join(map(str.ljust, row, widths)).rstrip() for row in grid)])
    # A column without a head, such as one of marks, has none: an empty one says nothing to a screen reader.
    head = "".join(f'<th scope="col" style="{_HEAD}">{escape(cell)}</th>' if cell else "<td></td>" for cell in grid[0])
    body = "".join(
        "<tr>" + "".join(f'<td style="{_HEAD}; {_wrap(cell)}">{_humps(cell)}</td>' for cell in row) + "</tr>"
        for row in grid[1:]
    )
    # At the left, as text is; a table in a panel would be in the middle.
    return Rich(text, f'<table style="margin-left: 0">{_caption(caption)}{_parts(head, body)}</table>')


def bars(caption: str, rows: Iterable[tuple[str, float, str]]) -> Rich:
    """Horizontal bars as a table: (label, length from 0 to 1, the value in words). The words carry the meaning."""
    rows = [(label, min(1.0, max(0.0, share)), said) for label, share, said in rows]
    width = max((len(label) for label, _, _ in rows), default=0)
    lines = [f"{label:<{width}}  {'█' * round(20 * share):<20}  {said}" for label, share, said in rows]
    cells = "".join(
        f'<tr><th scope="row" style="text-align: left; font-weight: normal">{escape(label)}</th>'
        f'<td style="width: 45%; min-width: 4em"><div aria-hidden="true" style="{_BAR}; '
        f'width: {share:.1%}"></div></td><td style="text-align: left">{escape(said)}</td></tr>'
        for label, share, said in rows
    )
    style = "margin-left: 0; width: 100%; max-width: 40em; table-layout: auto"  # JupyterLab's columns are all alike
    return Rich("\n".join([caption, *lines]), f'<table style="{style}">{_caption(caption)}{cells}</table>')


def phrase(status: int) -> str:
    """The name of an HTTP status as RFC 9110 has it; Python's own table changed two of them in 3.13."""
    renamed = {413: "Content Too Large", 422: "Unprocessable Content"}
    return renamed.get(status) or (HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "")


def _caption(text: str) -> str:
    return f"<caption>{escape(text)}</caption>"


def _parts(head: str, body: str) -> str:
    return f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"


def _wrap(text: str) -> str:
    """How a cell wraps: a column may get narrower than its longest word only where that is no word of a language."""
    return _WORDS if max(map(len, _HUMP.sub(" ", text).split()), default=0) > _LONGEST_WORD else _KEEP


def _humps(text: str) -> str:
    """HTML for a cell in which the long name of a class may break: ServiceResponse, TimeoutError."""
    return re.sub(r"\b[A-Za-z]{13,}\b", lambda word: _HUMP.sub("<wbr>", word[0]), escape(text))
