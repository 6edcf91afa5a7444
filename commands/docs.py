"""Makes anew what is made from code, data and tests: support.md and differences.md, and whatever stands in mock.md,
CONTRIBUTING.md and the recipes' README.md under a comment that says what it is made from.

`python3 tasks.py docs` calls this. A test fails when a page is not what would be made.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import tests.contract.test_behaviours  # noqa: F401  # registers the behaviours
from commands import house, recipes
from helpers.mock import jsonio
from helpers.mock.api.catalogue import bundled
from helpers.mock.api.upstream import PARAMETERS
from helpers.mock.errors import refusals
from helpers.mock.gateway.faults import KINDS
from helpers.mock.media import pictures, sounds
from helpers.mock.model.skills import SKILLS
from helpers.mock.model.structured import accepted
from helpers.mock.scripted.journal import Journal
from helpers.mock.transports import asgi, server
from tests.contract import differences
from tests.support import behaviours, families, retrieval

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def table(head: str, rows: list[tuple[str, ...]]) -> str:
    columns = head.split(" | ")
    lines = [head, "|".join("---" for _ in columns), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" if "---" not in line else f"|{line}|" for line in lines)


PLACES = {
    "instead": "instead of an answer",
    "stream": "a stream",
    "whole": "an answer in one piece",
    "any": "any answer",
}


def faults_table() -> str:
    rows = []
    for name, kind in KINDS.items():
        written = (
            "a status, such as `429`" if name == "STATUS" else f"`{name}={kind.value}`" if kind.value else f"`{name}`"
        )
        default = (
            f" (or `{name}` for {kind.value} = {kind.default:g})" if kind.value and kind.default is not None else ""
        )
        rows.append((written + default, PLACES[kind.place], kind.what))
    return table("kind | strikes | what the mock does", rows)


def models_table() -> str:
    rows = []
    for card in bundled().cards:
        can = ["chat"] * card.chat + ["tools"] * card.tools
        can += [{"json_object": "JSON", "json_schema": "JSON schema"}[f] for f in card.response_formats if f != "text"]
        can += ["pictures"] * bool(card.pictures) + ["sound"] * card.sound
        if card.embedding:
            can += [f"embeddings of {card.embedding.dimensions:,} dimensions"]
            can += ["of pictures too"] * card.embedding.pictures
        rows.append((f"`{card.name}`", ", ".join(can), card.tokens))
    return table("model | can do | tokens", rows)


def skills_list() -> str:
    return "\n".join(f"  * {skill.purpose}" for skill in SKILLS)


def retrieval_table() -> str:
    told = {
        "tuning": "before the lexicon, and used to tune it",
        "held_out": "before the lexicon, not used for tuning",
        "seen": "after the first lexicon, which was then extended",
        "blind": "after the last change",
    }
    rows = []
    for which in retrieval.SETS:
        vectors, words = retrieval.embedding(1536), retrieval.weighed_words
        found = retrieval.figures(which, vectors, vectors)
        alone = retrieval.figures(which, words, words)[2]
        rows.append((told[which], *(f"{figure:.2f}" for figure in (*found, alone))))
    return table("questions were written | first | in three | mean rank | words alone", rows)


def parameters_table() -> str:
    rows: dict[tuple[str, str], list[str]] = {}
    for name, fate in PARAMETERS.items():
        rows.setdefault(fate, []).append(f"`{name}`")
    told = {"both": "handed on, and done here"}
    return table(
        "parameters | what becomes of them | how",
        [(", ".join(names), told.get(what, what), how) for (what, how), names in rows.items()],
    )


def bounds_table() -> str:
    journal, settings, told, megabyte = Journal(), server.SETTINGS, refusals(), 2**20
    rows = [
        ("a request's body", f"{asgi.MAX_BODY // megabyte} MB, then {told['body_too_large']['status']}"),
        ("its head", f"{server._MAX_HEAD // 1024} KB, then {told['head_too_large']['status']}"),
        (
            "a request that does not arrive",
            f"{server.READ_SECONDS:g} seconds, then {told['request_unfinished']['status']},"
            " and the connection is closed",
        ),
        (
            "connections",
            f"{settings['limit_concurrency']:,}, then 503; the system's limit of open files may be lower",
        ),
        ("an idle connection", f"closed after {settings['timeout_keep_alive'] // 60} minutes"),
        ("nesting of JSON", f"{jsonio.MAX_NESTING} levels, then {told['body_not_json']['status']}"),
        (
            "a schema",
            f"{accepted.MAX_NESTING} levels, {accepted.MAX_VALUES:,} values, arrays of {accepted.MAX_ITEMS:,} items,"
            f" {accepted.MAX_PROPERTIES} properties, texts of {accepted.MAX_LENGTH:,} characters;"
            " beyond that it is refused",
        ),
        ("a picture", f"{pictures.MAX_BYTES // 10**6} MB, {pictures.MAX_PIXELS // 10**6} million pixels"),
        ("a sound", f"{sounds.MAX_BYTES // 10**6} MB, {sounds.MAX_SECONDS / 60:g} minutes"),
        (
            "the journal",
            f"{journal.size:,} requests, {journal.cap // 1024} KB of each, {journal.memory // megabyte} MB of all",
        ),
    ]
    by = {"connections": "uvicorn", "an idle connection": "uvicorn"}
    return table("what | bound | by", [(*row, by.get(row[0], "the mock")) for row in rows])


TABLES: Mapping[str, Callable[[], str]] = {
    "helpers/mock/gateway/faults.py, KINDS": faults_table,
    "helpers/mock/data/models.toml": models_table,
    "helpers/mock/api/families, asked by tests/support/families.py": lambda: table(families.HEAD, families.rows()),
    "helpers/mock/model/skills, SKILLS": skills_list,
    "helpers/mock/api/upstream.py, PARAMETERS": parameters_table,
    "tests/support/retrieval.py, figures": retrieval_table,
    "the constants of helpers/mock": bounds_table,
    "the layers of pyproject.toml": lambda: fenced(house.rooms()),
    "a request": lambda: fenced(house.way()),
}
"""What can stand under a comment ``<!-- made from ORIGIN -->``, up to the next empty line."""


def recipes_index() -> str:
    """The recipes' README.md: what is written there by hand, and the index below it."""
    by_hand, comment, _ = (recipes.RECIPES / "README.md").read_text("utf-8").partition(INDEX_BELOW)
    return f"{by_hand}{comment}\n\n{recipes.index()}\n"


INDEX_BELOW = "<!-- all below is made from commands/recipes/ladders.toml and the recipes' first lines -->"


def recipes_outputs() -> str:
    """The page of what the recipes print, which are run for it in a process of their own."""
    command = [sys.executable, "-m", "commands.recipes.running"]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, timeout=120)
    parts = [OUTPUTS_HEAD]
    for name, printed in json.loads(done.stdout).items():
        parts.append(f"## [{name}]({name}.py)\n\n{fenced(printed.rstrip())}")
    return "\n\n".join(parts) + "\n"


OUTPUTS_HEAD = """# What the recipes print

On the mock, which answers the same on every machine; a test compares. Made by `tasks.py docs`."""


def filled(text: str) -> str:
    """A page with its tables made anew. KeyError for an origin from which nothing can be made."""
    made = re.compile(r"(<!-- (?:made from|measured by) (.*?) -->\n).*?(?=\n\n)", re.DOTALL)
    return made.sub(lambda match: match[1] + TABLES[match[2]](), text)


def fenced(text: str) -> str:
    return f"```text\n{text}\n```"


def with_tables(path: Path) -> Callable[[], str]:
    return lambda: filled(path.read_text("utf-8"))


PAGES: Mapping[Path, Callable[[], str]] = {
    DOCS / "support.md": behaviours.page,
    DOCS / "differences.md": differences.page,
    recipes.RECIPES / "outputs.md": recipes_outputs,
    recipes.RECIPES / "README.md": recipes_index,
    **{path: with_tables(path) for path in (DOCS / "mock.md", ROOT / "CONTRIBUTING.md")},
}


def main() -> int:
    """Write what is not current, and say what that was."""
    for path, make in PAGES.items():
        text = make()
        current = text == path.read_text("utf-8")
        if not current:
            path.write_text(text, "utf-8")
        print(f"{path.relative_to(ROOT)}: {'as it was' if current else 'made anew'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
