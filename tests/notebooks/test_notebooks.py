"""The lessons as committed: complete, executed in order, clean, and built alike.

That each fresh run gives the committed outputs is nbval's work (pyproject.toml switches it on for `notebooks/`).
Here stands what a comparison cannot see.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from commands.minutes import minutes, rounded
from commands.refresh import METADATA
from helpers.exercises.predicting import questions
from tests.support.places import NOTEBOOKS

LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))
EXPECTED = [
    "00-start-here",
    "01-basics",
    "02-streaming",
    "03-parameters",
    "04-json-mode",
    "05-tools",
    "06-content-safety",
    "07-images",
    "08-audio",
    "09-embeddings",
    "10-errors-and-limits",
    "11-in-production",
    "12-moving-to-openai",
]
# What people search for, and the lesson that has to name it in a heading or in the first sentence under one.
SEARCHED = {
    "chatbot": "01",
    "system prompt": "01",
    "few-shot": "01",
    "truncated": "02",
    "structured output": "04",
    "function calling": "05",
    "content filter": "06",
    "prompt injection": "06",
    "RAG": "09",
    "rate limit": "10",
    "exponential backoff": "10",
    "jitter": "10",
    "401": "10",
    "429": "10",
}
MOST_LINES = 15
PARTS = [
    "What you will learn",
    "Set-up",
    "The wire",
    "When it goes wrong",
    "Play",
    "Exercises",
    "Take it with you",
    "Recap",
]
TAGS = re.compile(r"parameters|exercise|solution|script|mock|once|nbval-ignore-output|needs-[a-z-]+")
COLOUR_BLIND_SAFE = 'plt.style.use("tableau-colorblind10")'
RETIREMENT = "26 August 2026"

MACHINE_PATH = re.compile(
    r"(?<![\w.$])/(?:root|work|home|tmp|opt|mnt|srv|Users|var/folders|private/var|usr/(?:local/)?lib)/[\w.-]+"
    r"|\b[A-Z]:(?:\\\\)+(?:Users|Windows|Program)|ipykernel_\d+"
)
# Keys of OpenAI and GitHub, of Azure in both lengths, and tokens.
# Mistral's completions have ids of 32 hexadecimal digits, as Azure's keys once had; Phi-3.5's have chat- before them.
COMPLETION_ID = re.compile(r"""id(?:\\?"|&quot;)?: ?(?:\\?"|&quot;)(?:chat-)?[0-9a-f]{32}""")
KEY_LIKE = re.compile(
    r"\b(?:sk-[A-Za-z0-9_-]{20,}|gh[pousr]_[A-Za-z0-9]{30,}|[A-Fa-f0-9]{32}|[A-Za-z0-9]{84}"
    r"|ey[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]+)\b"
)
VOLATILE = {
    "a host or port": re.compile(r"127\.0\.0\.1|localhost:\d|0\.0\.0\.0|\[::1\]"),
    # Phi-4's completions are named chatcmpl- and a UUID, which comes from the request.
    "a uuid": re.compile(r"(?<!chatcmpl-)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
    "an HTTP date": re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4}\b"),
    "a time stamp": re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d"),
    "a Python version or platform": re.compile(
        r"Python/\d|\bPython \d\.\d+\.\d|\bLinux-\d|\bmacOS-\d|\bWindows-\d|manylinux"
    ),
    "an object's address": re.compile(r"<[\w.]+ (?:object )?at 0x[0-9a-f]+>"),
}
IMAGE_TAG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
ALT = re.compile(r"\balt=\"([^\"]{15,})\"")
MARKDOWN_IMAGE = re.compile(r"!\[([^\]]*)\]\(")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(book: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in book.cells if cell.cell_type == "code"]


def prose(book: nbformat.NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")


def outputs_as_text(cell: nbformat.NotebookNode) -> str:
    """Everything a cell shows, base64 of pictures and sounds left out."""
    return re.sub(r"base64,[A-Za-z0-9+/=\\n]{80,}", "base64,", json.dumps(cell.get("outputs", []), ensure_ascii=False))


def headings(book: nbformat.NotebookNode) -> list[tuple[int, str]]:
    found = []
    for cell in book.cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL)
            found += [(len(m[1]), m[2].strip()) for m in re.finditer(r"^(#{1,6}) (.+)$", text, re.MULTILINE)]
    return found


def section(book: nbformat.NotebookNode, title: str) -> str:
    """The prose between one heading and the next."""
    match = re.search(rf"^## {re.escape(title)}\s*$(.*?)(?=^## |\Z)", prose(book), re.MULTILINE | re.DOTALL)
    assert match, f"no section “{title}”"
    return match[1]


def keywords(text: str) -> list[str]:
    """The bold words that open the points of a list."""
    return re.findall(r"^\s*[-*] \*\*(.+?)\*\*", text, re.MULTILINE)


@pytest.fixture(params=LESSONS, ids=[path.stem for path in LESSONS])
def lesson(request: pytest.FixtureRequest) -> tuple[str, nbformat.NotebookNode]:
    return request.param.stem, read(request.param)


def test_the_lessons_are_all_there_and_in_order():
    assert [path.stem for path in LESSONS] == EXPECTED


def test_it_was_executed_top_to_bottom(lesson):
    _, book = lesson
    cells = code_cells(book)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert sum(bool(cell.outputs) for cell in cells) > len(cells) / 2
    for cell in cells:
        assert all(output.output_type != "error" for output in cell.outputs), cell.source


def test_outputs_hold_nothing_of_the_machine_and_nothing_that_varies(lesson):
    _, book = lesson
    for cell in code_cells(book):
        shown = outputs_as_text(cell)
        for text in (shown, json.dumps(cell.source)):
            assert not MACHINE_PATH.search(text), (cell.source, MACHINE_PATH.search(text))
        for what, pattern in VOLATILE.items():
            assert not pattern.search(shown), (what, pattern.search(shown), cell.source)


def test_no_key_stands_anywhere(lesson):
    _, book = lesson
    for cell in book.cells:
        text = cell.source + (outputs_as_text(cell) if cell.cell_type == "code" else "")
        text = COMPLETION_ID.sub("", text)
        assert not KEY_LIKE.search(text), KEY_LIKE.search(text)
        assert "mock-key" not in text, "a key is read from the environment, the mock's as well"


def test_metadata_is_what_a_fresh_run_would_make(lesson):
    _, book = lesson
    assert book.metadata == METADATA
    for cell in book.cells:
        assert set(cell.metadata) <= {"tags"}
        assert all(TAGS.fullmatch(tag) for tag in cell.metadata.get("tags", [])), cell.metadata
        for output in cell.get("outputs", []):
            assert not output.get("metadata"), output.metadata


def test_every_picture_has_alt_text_that_says_what_it_shows(lesson):
    _, book = lesson
    alts = []
    for cell in book.cells:
        shown = cell.source if cell.cell_type == "markdown" else ""
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            assert not any(kind.startswith("image/") for kind in data), "JupyterLab gives it no alt text"
            shown += data.get("text/html", "") + data.get("text/markdown", "")
        assert "<svg" not in shown, "a drawing is an <img> with an alt text: JupyterLab takes others out"
        for tag in IMAGE_TAG.findall(shown):
            alt = ALT.search(tag)
            assert alt, tag[:120]
            alts.append(alt[1])
        assert all(len(alt) > 15 for alt in MARKDOWN_IMAGE.findall(shown))
    assert len(alts) == len(set(alts)), "each picture has an alt text of its own"


def test_cells_are_short(lesson):
    _, book = lesson
    for cell in code_cells(book):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= MOST_LINES or "script" in cell.metadata.get("tags", []), cell.source


def test_a_cell_that_cannot_run_twice_says_so(lesson):
    _, book = lesson
    for cell in code_cells(book):
        says_so = re.search(r"^# .*\bonce\b", cell.source, re.MULTILINE | re.IGNORECASE)
        assert ("once" in cell.metadata.get("tags", [])) == bool(says_so), cell.source


def test_cells_that_are_not_compared_are_a_known_list(lesson):
    name, book = lesson
    found = {
        (name, cell.source.splitlines()[0])
        for cell in code_cells(book)
        if {"nbval-ignore-output", "nbval-skip"} & set(cell.metadata.get("tags", [])) or "NBVAL_" in cell.source
    }
    listed = tomllib.loads((Path(__file__).parent / "not_compared.toml").read_text("utf-8")).get("cell", [])
    assert found == {(row["lesson"], row["cell"]) for row in listed if row["lesson"] == name}
    assert all(row["why"] for row in listed)


def test_it_has_the_parts_of_a_lesson_in_order(lesson):
    name, book = lesson
    found = headings(book)
    assert found[0][0] == 1
    assert found[0][1].startswith(name[:2])
    titles = [title for level, title in found if level == 2]
    assert [title for title in titles if title in PARTS] == PARTS
    assert (titles[0], titles[1], titles[-1]) == ("What you will learn", "Set-up", "Recap")
    assert all(level <= before + 1 for (before, _), (level, _) in pairwise(found))
    assert sum(level == 1 for level, _ in found) == 1
    assert RETIREMENT in prose(book)


def test_it_opens_with_its_minutes_and_what_to_read_before(lesson):
    name, book = lesson
    opening = book.cells[0].source
    assert f"**Time:** {rounded(minutes(book.cells))} minutes" in opening
    assert re.match(r"(?:\*[\w -]+\*: a|A)fter this lesson", opening.split("\n\n")[1]), "lesson 00's map has the rest"
    before = re.search(r"\*\*Before:\*\* (.+)", opening)
    assert before
    needed = [Path(target).stem for target in LINK.findall(before[1])]
    assert needed, "a link to what comes first"
    assert all(lesson in EXPECTED[: EXPECTED.index(name)] for lesson in needed if lesson != "README"), needed


def core_and_later(book: nbformat.NotebookNode) -> dict[str, list[str]]:
    """The headings that each of the two lines under "What you will learn" leads to, as the links have them."""
    lines = re.findall(
        r"^\*\*(Core|For later):\*\* (.+?)(?:\n\n|\Z)", section(book, "What you will learn"), re.M | re.S
    )
    return {name: re.findall(r"\]\(#(\S+)\)", line) for name, line in lines}


def predicted(book: nbformat.NotebookNode) -> list[tuple[str, nbformat.NotebookNode]]:
    """The predictions that a lesson asks for, by number, and the cell that comes after each."""
    cells = code_cells(book)
    numbers = [re.fullmatch(r'predict\("(\d+\.[a-z])"\)', cell.source) for cell in cells]
    return [(number[1], following) for number, following in zip(numbers, cells[1:], strict=False) if number]


def test_it_says_which_sections_are_the_core_and_which_are_for_later(lesson):
    _, book = lesson
    told = core_and_later(book)
    assert list(told) == ["Core", "For later"]
    named = told["Core"] + told["For later"]
    assert len(named) == len(set(named)), "each section once"
    titles = [title for level, title in headings(book) if level == 2]
    between = titles[titles.index("Set-up") + 1 : titles.index("Exercises")]
    assert set(named) == {title.replace("`", "").replace(" ", "-") for title in between}


def test_what_is_predicted_is_what_the_next_cell_shows(lesson):
    name, book = lesson
    asked = questions(name[:2])
    found = predicted(book)
    assert [number for number, _ in found] == list(asked), "each of the file, in its order, each once"
    for number, cell in found:
        shown = "".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs)
        assert asked[number].shown in shown, number
    assert len(found) in (2, 3)


def test_the_panel_is_the_last_line_of_its_cell(lesson):
    _, book = lesson
    at = next(i for i, cell in enumerate(book.cells) if cell.source.startswith("## Play"))
    assert len(book.cells[at].source) > 200, "what to try, and what to watch for"
    panel = book.cells[at + 1]
    assert "from helpers.widgets import" in panel.source
    assert re.match(r"\w+_panel\(", panel.source.splitlines()[-1]) or panel.source.rstrip().endswith(")")
    (output,) = panel.outputs
    assert "<figure" in output.data["text/html"], "the panel's still"
    assert not any("widget" in kind for kind in output.data), "no view without a kernel behind it"


def test_it_counts_the_exercises_at_the_end(lesson):
    name, book = lesson
    *_, last = code_cells(book)
    assert last.source == f'progress("{name[:2]}")'
    stubs = [cell for cell in code_cells(book) if "exercise" in cell.metadata.get("tags", [])]
    assert len(stubs) >= 3
    assert f"0 of {len(stubs)} solved" in outputs_as_text(last)
    assert all("○ Exercise" in outputs_as_text(cell) for cell in stubs)


def test_it_leaves_its_client_open(lesson):
    _, book = lesson
    assert not any(re.search(r"^client\.close\(\)", cell.source, re.MULTILINE) for cell in code_cells(book)), (
        "the panel and the exercises go on using it"
    )


def test_plots_can_be_told_apart_by_everybody(lesson):
    _, book = lesson
    sources = "\n".join(cell.source for cell in code_cells(book))
    if "pyplot" in sources:
        assert COLOUR_BLIND_SAFE in sources
        assert not re.search(r"\bcolor=\"|cmap=\"(?!viridis|cividis|Blues|Greys)", sources)


@pytest.mark.parametrize(("word", "number"), SEARCHED.items())
def test_what_people_search_for_is_named_where_it_is_taught(word: str, number: str):
    (path,) = (path for path in LESSONS if path.name.startswith(number))
    parts = re.findall(r"^#{1,4} (.+)\n+((?:.+\n?)*)", prose(read(path)), re.MULTILINE)
    first = re.compile(r"(?<=[.?!:])\s")
    opened = [" ".join(f"{title} {first.split(text)[0]}".split()) for title, text in parts]
    assert any(re.search(rf"\b{word}\b", one, re.IGNORECASE) for one in opened)


def test_the_recap_answers_the_goals(lesson):
    _, book = lesson
    goals = keywords(section(book, "What you will learn"))
    assert 3 <= len(goals) <= 5
    assert keywords(section(book, "Recap"))[: len(goals)] == goals


def test_parameters_are_assignments_only(lesson):
    _, book = lesson
    (cell,) = [cell for cell in code_cells(book) if "parameters" in cell.metadata.get("tags", [])]
    statements = ast.parse(cell.source).body
    assert all(isinstance(statement, ast.Assign) for statement in statements)
    assert {"endpoint", "model", "api_version"} <= {target.id for s in statements for target in s.targets}  # pyright: ignore


def test_it_ends_in_a_script_without_helpers(lesson):
    _, book = lesson
    (cell,) = [cell for cell in code_cells(book) if "script" in cell.metadata.get("tags", [])]
    assert "helpers" not in cell.source
    assert "os.environ" in cell.source
    assert cell.outputs, "the script's own output is shown"


def test_links_resolve(lesson):
    _, book = lesson
    for target in LINK.findall(prose(book)):
        if target.startswith(("http://", "https://", "#", "mailto:")):
            continue
        assert (NOTEBOOKS / target.split("#")[0]).exists(), target


def test_neighbours_are_linked(lesson):
    name, book = lesson
    position = EXPECTED.index(name)
    text = prose(book)
    for neighbour in EXPECTED[max(0, position - 1) : position] + EXPECTED[position + 1 : position + 2]:
        assert f"({neighbour}.ipynb)" in text.rsplit("## Recap", 1)[1], neighbour
