"""The quick reference: each call of the API on two pages, with this SDK and with the OpenAI package side by side.

It is cut from the recipes, which the tests run. The first shows where address, key and model come from; the others
leave that out.
"""

from __future__ import annotations

import ast
import html
import io
import re
import tomllib
from pathlib import Path

from pypdf import PdfReader

from commands.handouts.book import page_of
from commands.handouts.printing import Printer
from commands.recipes import TWIN, path_of

CLIENTS = ("Client", "OpenAI")
PAGES = 2
SCALES = tuple(percent / 100 for percent in range(100, 85, -1))
# Told once, at the top: where a recipe takes its address, key and model from.
_USUAL = re.compile(
    r"^ +(?:endpoint|credential|model)=(?:AzureKeyCredential\()?os\.environ\b.*,\n"
    r"|(?<=\()model=(?:os\.environ\.get\([^)]*\)|MODEL|EMBEDDING_MODEL)(?:, )?",
    re.M,
)
_QUESTION = re.compile(
    r"(?<=messages=)\[(?:UserMessage\(|\{\"role\": \"user\", \"content\": )\"How (?:many|is)[^\"]+\"[)}]\]"
)
_TOLD = re.compile(r"  # reads OPENAI_BASE_URL.*")
# What is in brackets, over several lines and without a comment; the innermost first.
_SPREAD = re.compile(r"^(.*[(\[{])\n((?: +[^#\n]*[^#\n(\[{]\n)+?) *([)\]}].*)$", re.M)
WIDTH = 74  # characters of a column
_NOTHING_ELSE = re.compile(r"^\w+ = \w+\(\s*\)(?:  #.*)?\n+", re.M)  # a client with nothing but that


def entries() -> dict[str, tuple[str, ...]]:
    """The recipes that the reference shows under what they are for, one for each package that can do it."""
    told = tomllib.loads(Path(__file__).with_name("reference.toml").read_text("utf-8"))["reference"]
    return {title: (one, one + TWIN) if isinstance(one, str) else tuple(one) for title, one in told.items()}


def shown(name: str, whole: bool = False) -> str:
    """A recipe from its client on, with the constants and classes above that this needs, and without the usual.

    With `whole` the usual is left in.
    """
    source = path_of(name).read_text("utf-8")
    body = ast.parse(source).body
    start = next(number for number, statement in enumerate(body) if _makes_a_client(statement))
    functions = any(isinstance(one, ast.FunctionDef) for one in body[start:])
    kept = [one for one in body[start:] if not (functions and isinstance(one, ast.For))]  # tries a function out
    text = "".join("".join(source.splitlines(keepends=True)[one.lineno - 1 : one.end_lineno]) for one in kept)
    above = [_source(source, one) for one in body[:start] if _names(one) & set(re.findall(r"\w+", text))]
    if whole:
        return text.strip()
    text = _QUESTION.sub("messages", _TOLD.sub("", _USUAL.sub("", text)))
    text, before = _NOTHING_ELSE.sub("", text), ""
    while text != before:
        before, text = text, _SPREAD.sub(_on_one_line, text)
    return re.sub(r"\n{2,}", "\n", "\n".join([*above, text])).strip()


def _on_one_line(spread: re.Match[str]) -> str:
    joined = spread[1] + " ".join(spread[2].split()).removesuffix(",") + spread[3]
    return joined if len(joined) <= WIDTH else spread[0]


def _source(source: str, statement: ast.stmt) -> str:
    return ast.get_source_segment(source, statement) or ""


def _names(statement: ast.stmt) -> set[str]:
    """What a class, a table or an object above the client is called; nothing for whatever else there is."""
    if isinstance(statement, ast.ClassDef):
        return {statement.name}
    if not isinstance(statement, ast.Assign | ast.AnnAssign):
        return set()
    made = isinstance(statement.value, ast.Call) and isinstance(statement.value.func, ast.Name)
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return {one.id for one in targets if isinstance(one, ast.Name) and (made or isinstance(statement.value, ast.Dict))}


def _makes_a_client(statement: ast.stmt) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith(CLIENTS)
        for node in ast.walk(statement)
    )


def page() -> str:
    sections = []
    for number, (title, names) in enumerate(entries().items()):
        columns = [shown(name, whole=not number) for name in names]
        code = "".join(f"<pre>{html.escape(column)}</pre>" for column in columns)
        code += "" if len(columns) == len(CLIENTS) else "<p>No such call.</p>"
        sections.append(f"<section><h2>{html.escape(title)}</h2>{code}</section>")
    head = (
        "<header><h1>Azure AI Model Inference: quick reference</h1><p>Left <code>azure-ai-inference</code>, right "
        "<code>openai</code>, the package for new code. Cut from the course's recipes, which its tests run. Address, "
        "key, model and <code>messages</code> are shown once; on the right each call needs its "
        "<code>model=...</code>.</p></header>"
    )
    return page_of("reference", head + "".join(sections))


def printed(printer: Printer, paper: str, folder: Path) -> bytes:
    """The reference on its two pages, in the largest letters that fit. ValueError if they would be too small."""
    file = folder / f"reference-{paper}.html"
    file.write_text(page(), "utf-8")
    printer.open(file)
    for scale in SCALES:
        pdf = printer.pdf(paper, scale)
        if len(PdfReader(io.BytesIO(pdf)).pages) == PAGES:
            return pdf
    raise ValueError(
        f"the quick reference does not fit on {PAGES} pages of {paper}: take something out of reference.toml"
    )
