"""Editions and slides: what is cut from a lesson, what is kept, and that the slides show all of it, offline."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import SlidesExporter
from nbformat import NotebookNode, v4
from playwright.sync_api import Page, ViewportSize, sync_playwright

from commands.handouts import __main__ as command
from commands.handouts import editions, pages
from commands.handouts.making import GUIDE
from commands.handouts.slides import as_slides, speaker_notes
from tests.browser.lab import find_browser, running_browser
from tests.support.lessons import LESSONS

pytestmark = pytest.mark.heavy

SIZE: ViewportSize = {"width": 1280, "height": 720}  # a projector's, and the slides' own
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PICTURE = f'<img alt="A single pixel that is red" src="data:image/png;base64,{PIXEL}">'
TWIN = "<details><summary>As curl</summary><pre>the same again</pre></details>"
WIRE = f"<details><summary>POST /chat/completions</summary><pre>the exchange</pre>{TWIN}</details>"
WIDE = '<table><tr><td style="min-width: 90ch; overflow-wrap: anywhere">wide</td></tr></table>'
SOLUTION = '<details><summary>Solution</summary>\n\n```python\nanswer = 42\n\ncheck("3.1", answer)\n```\n\n</details>'


def text(source: str, *tags: str) -> NotebookNode:
    return v4.new_markdown_cell(source, metadata={"tags": list(tags)} if tags else {})


def code(source: str, *tags: str, html: str = "", printed: str = "") -> NotebookNode:
    outputs = [v4.new_output("stream", text=printed)] if printed else []
    if html:
        outputs.append(v4.new_output("display_data", data={"text/html": html, "text/plain": "plain"}))
    metadata = {"tags": list(tags)} if tags else {}
    return v4.new_code_cell(source, execution_count=1, outputs=outputs, metadata=metadata)


def lesson() -> NotebookNode:
    """A small lesson with one of everything that the editions treat differently."""
    panel = v4.new_output(
        "display_data",
        data={"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/html": "<p>the still</p>"},
    )
    cells = [
        text("# 03 Parameters & more\n\nAfter [02 Streaming](02-streaming.ipynb), see the [README](../README.md)."),
        text("## Why?\n\nBecause:"),
        code("print('first')", printed="the first output\n"),
        text("That was it.\n\n### A part of its own\n\nAnd `# no heading`:\n\n```python\n# no heading\n```"),
        code("figure", html=PICTURE),
        text("A closing word."),
        text("## The wire"),
        code("show_wire", html=WIRE),
        code("course_map()", html=f'<a href="01-basics.ipynb">a lesson</a>{WIDE}'),
        text("## Play"),
        v4.new_code_cell("panel", execution_count=1, outputs=[panel]),
        text("## Exercises"),
        text("### Exercise 3.1: The answer\n\nPut it into `answer`."),
        code('answer = ...\n\ncheck("3.1", answer)', "exercise", printed="the first hint\n"),
        text(SOLUTION, "solution"),
        text("### Exercise 3.2: Another"),
        code("other = ...", "exercise"),
        text(SOLUTION.replace("42", "43"), "solution"),
        text("## Take it with you"),
        code("\n".join(f"print({number})" for number in range(100)), "script"),
        text("## Recap\n\n* **Why**: because."),
        code('progress("03")', printed="0 of 2\n"),
        text("**Next:** [04 JSON mode](04-json-mode.ipynb)"),
    ]
    return v4.new_notebook(cells=cells)


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The editions of the small lesson."""
    folder = tmp_path_factory.mktemp("handouts")
    (folder / "lessons").mkdir()
    nbformat.write(lesson(), folder / "lessons" / "03-parameters.ipynb")
    assert command.main(["--lessons", str(folder / "lessons"), "--build", str(folder / "build"), "--no-pdf"]) == 0
    return folder / "build"


@pytest.fixture(scope="module")
def slides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for slides of the course, with what they are shown by."""
    folder = tmp_path_factory.mktemp("course")
    pages.copy_reveal(folder)
    return folder


# --- the editions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_edition_for_live_coding_is_the_lesson_without_outputs_and_solutions(path: Path, tmp_path: Path):
    nbformat.write(editions.live(nbformat.read(path, as_version=4)), tmp_path / path.name)
    expected = nbformat.read(path, as_version=4)
    expected.cells = [cell for cell in expected.cells if "solution" not in cell.metadata.get("tags", [])]
    for cell in expected.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(expected, tmp_path / "expected.ipynb")
    assert (tmp_path / path.name).read_bytes() == (tmp_path / "expected.ipynb").read_bytes()
    assert "<summary>Solution" not in (tmp_path / path.name).read_text("utf-8")


def test_the_edition_for_live_coding_keeps_the_stubs(build: Path):
    cells = nbformat.read(build / "live" / "03-parameters.ipynb", as_version=4).cells
    assert [cell.source for cell in cells if "exercise" in cell.metadata.get("tags", [])] == [
        'answer = ...\n\ncheck("3.1", answer)',
        "other = ...",
    ]


def test_the_complete_edition_has_its_solutions_unfolded_and_everything_else_as_it_was(build: Path):
    cells = nbformat.read(build / "complete" / "03-parameters.ipynb", as_version=4).cells
    solutions = [cell.source for cell in cells if "solution" in cell.metadata.get("tags", [])]
    assert solutions[0] == '**Solution**\n\n```python\nanswer = 42\n\ncheck("3.1", answer)\n```'
    others = [(cell.source, cell.get("outputs")) for cell in cells if "solution" not in cell.metadata.get("tags", [])]
    made = [
        (cell.source, cell.get("outputs")) for cell in lesson().cells if "solution" not in cell.metadata.get("tags", [])
    ]
    assert others == made


def test_a_page_says_nothing_of_progress(build: Path):
    page = (build / "complete" / "03-parameters.html").read_text("utf-8")
    assert "progress" not in page[page.index("<body") :]
    assert "0 of 2" not in page


def test_what_a_lesson_opens_lies_beside_its_editions(tmp_path: Path):
    (tmp_path / "lessons" / "media").mkdir(parents=True)
    (tmp_path / "lessons" / "media" / "sound.wav").touch()
    pages.copy_media(tmp_path / "lessons", tmp_path / "build")
    assert (tmp_path / "build" / "live" / "media" / "sound.wav").exists()
    assert (tmp_path / "build" / "complete" / "media" / "sound.wav").exists()


@pytest.mark.slow
def test_the_editions_for_live_coding_run_as_they_stand(tmp_path: Path):
    assert command.main(["--build", str(tmp_path / "build"), "--no-pdf"]) == 0
    line = [sys.executable, str(pages.ROOT / "commands" / "run_all.py"), "--build", str(tmp_path / "executed")]
    done = subprocess.run([*line, "--lessons", str(tmp_path / "build" / "live")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_no_solution_of_the_course_stays_folded():
    for path in LESSONS:
        for cell in editions.complete(nbformat.read(path, as_version=4)).cells:
            if "solution" in cell.metadata.get("tags", []):
                assert cell.source.startswith("**Solution**\n\n"), path.stem
                assert "<details" not in cell.source, path.stem


def test_links_lead_to_the_other_pages_and_never_out_of_the_handouts(build: Path):
    for folder in ("complete", "slides"):
        page = (build / folder / "03-parameters.html").read_text("utf-8")
        body = page.partition("<body")[2]
        assert 'href="02-streaming.html"' in body
        assert 'href="01-basics.html"' in body
        assert "see the README." in body
        assert "../README.md" not in body
        assert "<title>03 Parameters &amp; more</title>" in page


def test_a_panel_is_shown_by_its_still(build: Path):
    for folder in ("complete", "slides"):
        page = (build / folder / "03-parameters.html").read_text("utf-8")
        assert "<p>the still</p>" in page
        assert "widget-view" not in page


def test_the_editions_are_made_of_no_lessons_only_with_a_complaint(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert command.main(["--lessons", str(tmp_path)]) == 1
    assert f"no notebooks in {tmp_path}" in capsys.readouterr().err


# --- what goes on which slide -----------------------------------------------------------------------------------------


def outline(book: NotebookNode) -> list[list[list[str]]]:
    """The first lines of the cells on each slide, by section."""
    found: list[list[list[str]]] = []
    for cell in as_slides(book).cells:
        kind = cell.metadata.slideshow.slide_type
        if kind == "slide":
            found.append([])
        if kind != "-":
            found[-1].append([])
        found[-1][-1].append(cell.source.strip().splitlines()[0])
    return found


def test_each_section_goes_right_and_each_idea_in_it_goes_down():
    assert outline(lesson()) == [
        [["# 03 Parameters & more"]],
        [["## Why?", "print('first')", "That was it."], ["### A part of its own", "figure", "A closing word."]],
        [["## The wire", "show_wire", "course_map()"]],
        [["## Play", "panel"]],
        [
            ["## Exercises", "### Exercise 3.1: The answer", "answer = ..."],
            ["### Exercise 3.2: Another", "other = ..."],
            ["### Solution: Exercise 3.1: The answer"],
            ["### Solution: Exercise 3.2: Another"],
        ],
        [["## Take it with you", "print(0)"]],
        [["## Recap"]],
    ]


def test_exercises_are_shown_as_stubs_and_solutions_without_their_fold():
    cells = as_slides(lesson()).cells
    (stub,) = [cell for cell in cells if cell.source.startswith("answer = ...")]
    assert stub.outputs == []
    (solution,) = [cell for cell in cells if cell.source.startswith("### Solution: Exercise 3.1")]
    assert solution.source.endswith('```python\nanswer = 42\n\ncheck("3.1", answer)\n```')


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_slides_of_a_lesson_hold_all_its_code_in_its_order(path: Path):
    book = nbformat.read(path, as_version=4)
    shown = [cell.source for cell in as_slides(book).cells if cell.cell_type == "code"]
    recap = next(number for number, cell in enumerate(book.cells) if cell.source.startswith("## Recap"))
    assert shown == [cell.source for cell in book.cells[:recap] if cell.cell_type == "code"]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_no_slide_is_a_bare_title_and_each_note_of_the_guide_stands_where_it_is_said(path: Path):
    book, notes = nbformat.read(path, as_version=4), speaker_notes(path.stem[:2], GUIDE.read_text("utf-8"))
    assert len(notes) >= 2
    assert "Say" in notes[""]
    found: dict[str, list[str]] = {}
    for cell in as_slides(book, notes).cells:
        kind = cell.metadata.slideshow.slide_type
        if kind in ("slide", "subslide"):
            slide = found.setdefault(cell.source, [])
        slide.append(cell.source if kind != "notes" else f"note: {cell.source}")
    said = {title: [text[6:] for text in slide if text.startswith("note: ")] for title, slide in found.items()}
    assert sum(map(len, said.values())) == len(notes)
    assert [title for title, slide in found.items() if len(slide) == 1 and "\n" not in title] == []


def test_the_lesson_itself_is_not_changed():
    book = lesson()
    before = nbformat.writes(book)
    as_slides(book), editions.live(book), editions.complete(book), editions.for_pages(book)
    assert nbformat.writes(book) == before


def test_what_only_the_open_notebook_can_do_is_not_asked_of_who_reads_a_page():
    for path in LESSONS:
        for cell in editions.for_pages(nbformat.read(path, as_version=4)).cells:
            shown = [cell.source, *(str(output.get("data", "")) for output in cell.get("outputs", []))]
            assert not re.search(r"click there|Run the cell to use it", " ".join(shown)), cell.source
    text = "# T\nAs in lesson 01. (To begin further down, click there and choose *Run*.) Then."
    (cell,) = editions.for_pages(v4.new_notebook(cells=[v4.new_markdown_cell(text)])).cells
    assert cell.source == "# T\nAs in lesson 01. Then."


def test_a_link_to_another_lesson_says_on_paper_which_it_is():
    text = "# T\n[what it means](00-start-here.ipynb), [lesson 04](04-json-mode.ipynb#Try-it), [here](#T)"
    (cell,) = editions.for_pages(v4.new_notebook(cells=[v4.new_markdown_cell(text)])).cells
    assert cell.source.splitlines()[1] == (
        '[what it means](00-start-here.html) <span class="on-paper">(lesson 00)</span>, '
        "[lesson 04](04-json-mode.html#Try-it), [here](#T)"
    )


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page of the size of a projector's that may read files and nothing else."""
    path = find_browser()
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("there is no Chromium to look at the slides with")
    with sync_playwright() as playwright, running_browser(playwright, path) as browser:
        yield browser.new_page(viewport=SIZE)


def asked_elsewhere(page: Page) -> list[str]:
    """A list that fills with whatever the page asks for that is not a file beside it."""
    found: list[str] = []
    page.on(
        "request", lambda request: None if request.url.startswith(("file:", "data:")) else found.append(request.url)
    )
    return found


def open_slides(page: Page, file: Path, query: str = "") -> None:
    page.goto(f"{file.as_uri()}{query}")
    page.wait_for_function("window.Reveal && Reveal.isReady()")


MEASURED = """() => leaves.map((leaf) => {
    const {h, v} = Reveal.getIndices(leaf);
    Reveal.slide(h, v, 99);
    const box = leaf.getBoundingClientRect();
    const wide = [...leaf.querySelectorAll("pre, table, img, figure")].filter(
        (one) => one.getBoundingClientRect().right > box.right + 1);
    return {
        name: leaf.innerText.trim().slice(0, 40), scrolls: leaf.classList.contains("long"),
        inside: leaf.scrollHeight <= 720 && leaf.scrollWidth <= leaf.clientWidth + 1 && wide.length === 0,
        alone: (leaf.querySelectorAll(".jp-CodeCell").length || !!leaf.querySelector("table")) == 1,
    };
})"""


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_slide_of_a_lesson_fits_or_scrolls_and_asks_nothing_of_the_network(page: Page, slides: Path, path: Path):
    asked, errors = asked_elsewhere(page), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    wall = pages.exporter(SlidesExporter, "slides")
    pages.write_page(wall, as_slides(nbformat.read(path, as_version=4)), path, slides)
    open_slides(page, slides / f"{path.stem}.html")
    found: list[dict[str, Any]] = page.evaluate(MEASURED)
    assert len(found) > 10
    assert [one["name"] for one in found if not one["inside"] and not one["scrolls"]] == []
    scrolling = [one for one in found if one["scrolls"]]
    assert [one["name"] for one in scrolling if not one["alone"]] == []  # below the edge: long code or tables, alone
    assert len(scrolling) <= len(found) / 10, [one["name"] for one in scrolling]
    assert (asked, errors) == ([], [])


def test_what_is_printed_wraps_between_words(page: Page, build: Path):
    breaks = "[...document.querySelectorAll('.jp-RenderedText pre')].map(one => getComputedStyle(one).wordBreak)"
    for folder in ("slides", "complete"):
        page.goto((build / folder / "03-parameters.html").as_uri())
        assert set(page.evaluate(breaks)) == {"normal"}, folder


def test_the_keys_lead_through_the_slides_and_show_an_output_when_asked(page: Page, build: Path):
    open_slides(page, build / "slides" / "03-parameters.html")
    page.keyboard.press("ArrowRight")
    output = page.get_by_text("the first output", exact=True)
    assert not output.is_visible()
    page.keyboard.press("ArrowDown")
    assert output.is_visible()
    page.keyboard.press("ArrowDown")
    assert page.get_by_role("heading", name="A part of its own").is_visible()
    assert page.evaluate("Reveal.getIndices()") | {"f": 0} == {"h": 1, "v": 1, "f": 0}
    page.keyboard.press("Space")
    assert page.get_by_alt_text("A single pixel that is red").is_visible()


def test_a_slide_too_long_to_fit_scrolls_by_the_same_keys_before_they_go_on(page: Page, build: Path):
    open_slides(page, build / "slides" / "03-parameters.html", "#/5/1")
    assert page.evaluate("Reveal.getCurrentSlide().classList.contains('long')")
    left = "(slide => slide.scrollHeight - slide.clientHeight - slide.scrollTop)(Reveal.getCurrentSlide())"
    below = []
    while page.evaluate("Reveal.getIndices().h") == 5:
        below.append(page.evaluate(left))
        page.keyboard.press("PageDown")
    assert len(below) > 2
    assert below == sorted(below, reverse=True)
    assert below[-1] < 1


def test_the_wire_is_folded_and_fits_when_it_is_unfolded(page: Page, build: Path):
    open_slides(page, build / "slides" / "03-parameters.html", "#/2/0/0")
    exchange = page.get_by_text("the exchange", exact=True)
    assert not exchange.is_visible()
    page.get_by_text("POST /chat/completions", exact=True).click()
    assert exchange.is_visible()


def test_notes_are_for_the_one_who_speaks(page: Page, slides: Path):
    notes = {"": "**Say**: good morning.", "Exercise 3.2": "**Give**: this one."}
    wall = pages.exporter(SlidesExporter, "slides")
    pages.write_page(wall, as_slides(lesson(), notes), Path("00-notes.ipynb"), slides)
    open_slides(page, slides / "00-notes.html")
    assert not page.get_by_text("good morning").is_visible()
    assert "good morning" in page.evaluate("Reveal.getSlideNotes()")
    with page.expect_popup() as window:
        page.keyboard.press("s")
    window.value.get_by_text("good morning").wait_for()
    window.value.close()


def test_the_slides_can_be_printed_with_all_their_outputs(page: Page, build: Path):
    open_slides(page, build / "slides" / "03-parameters.html", "?print-pdf")
    page.wait_for_selector(".pdf-page")
    assert page.get_by_text("the first output", exact=True).is_visible()
    assert page.locator(".pdf-page").count() == sum(map(len, outline(lesson())))


def test_a_complete_page_asks_nothing_of_the_network_and_follows_the_readers_colours(page: Page, build: Path):
    asked = asked_elsewhere(page)
    ground = "getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).slice(0, 3).map(Number)"
    seen = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto((build / "complete" / "03-parameters.html").as_uri())
        seen[scheme] = page.evaluate(ground)
    assert min(seen["light"]) > 200 > 60 > max(seen["dark"])
    page.emulate_media(media="print")
    assert min(page.evaluate(ground)) > 200  # paper is white, whatever the screen is
    page.emulate_media(media="screen", color_scheme="light")
    assert asked == []


def test_nothing_is_wider_than_the_paper_and_what_is_wider_than_a_window_scrolls(page: Page, build: Path):
    edge = "(table => [table.getBoundingClientRect().right <= innerWidth, document.documentElement.scrollWidth])"
    page.set_viewport_size({"width": 400, "height": 720})
    page.goto((build / "complete" / "03-parameters.html").as_uri())
    assert page.evaluate(f"{edge}(document.querySelector('table'))") == [False, 400]
    assert page.evaluate("getComputedStyle(document.querySelector('table').parentElement).overflowX") == "auto"
    page.emulate_media(media="print")
    assert page.evaluate(f"{edge}(document.querySelector('table'))") == [True, 400]
    page.emulate_media(media="screen")
    page.set_viewport_size(SIZE)


def test_a_complete_page_unfolds_itself_for_paper(page: Page, build: Path):
    page.goto((build / "complete" / "03-parameters.html").as_uri())
    assert not page.get_by_text("the exchange", exact=True).is_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.get_by_text("the exchange", exact=True).is_visible()
    twin = page.get_by_text("the same again", exact=True)
    assert twin.is_visible()
    page.emulate_media(media="print")
    assert not twin.is_visible()  # paper has each exchange once
    page.emulate_media(media="screen")
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=.https?:", page.content())
