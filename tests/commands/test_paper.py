"""What is printed, read back: who gets solutions, numbers, contents and index, fonts, and that no page is wasted."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import nbformat
import pytest
from pypdf import PageObject, PdfReader
from pypdf.generic import DictionaryObject

from commands.handouts import __main__ as command
from commands.handouts import book, reference
from commands.handouts.editions import cut_at_headings, title_of
from commands.handouts.making import EDITIONS
from commands.handouts.printing import PAPERS, browser
from tests.support.built import Site
from tests.support.lessons import LESSONS, NOTEBOOKS

pytestmark = pytest.mark.heavy

each_paper = pytest.mark.parametrize("paper", PAPERS)
MILLIMETRES = {"A4": (210, 297), "Letter": (216, 279)}


@pytest.fixture(
    scope="module",
    params=[["06-content-safety"], pytest.param([path.stem for path in LESSONS], marks=pytest.mark.slow)],
    ids=len,
)
def handed_out(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The handouts of one lesson, and under `slow` those of the course."""
    if browser() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("there is no Chromium to print with")
    folder = tmp_path_factory.mktemp("paper")
    (folder / "lessons").mkdir()
    for name in request.param:
        shutil.copy(NOTEBOOKS / f"{name}.ipynb", folder / "lessons")
    (folder / "lessons" / "media").symlink_to(NOTEBOOKS / "media")
    papers = ["--paper", "A4"] if len(request.param) == 1 else []
    assert command.main(["--lessons", str(folder / "lessons"), "--build", str(folder / "build"), *papers]) == 0
    return folder / "build"


@cache
def texts(file: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(file).pages]


def lessons_of(build: Path, paper: str, edition: str) -> list[Path]:
    found = sorted((build / "pdf" / paper / edition).glob("*.pdf"))
    if not found and not (build / "pdf" / paper).exists():
        pytest.skip(f"{paper} is printed by the slow tests, which print the whole course")
    assert found
    return found


def size(page: PageObject) -> tuple[int, int]:
    return round(float(page.mediabox.width) / 72 * 25.4), round(float(page.mediabox.height) / 72 * 25.4)


def outlined(outline: Any) -> Iterator[str]:
    """The titles of a PDF's outline."""
    for entry in outline:
        yield from outlined(entry) if isinstance(entry, list) else [entry.title]


def fonts_beside(page: PageObject) -> list[str]:
    """The fonts that a page names and does not carry."""
    missing = []
    for named in (cast(DictionaryObject, page["/Resources"]).get("/Font") or DictionaryObject()).values():
        font: Any = named.get_object()
        below = font.get("/DescendantFonts", [font])[0].get_object()
        descriptor = below.get("/FontDescriptor", DictionaryObject()).get_object()
        if font["/Subtype"] != "/Type3" and not descriptor.keys() & {"/FontFile", "/FontFile2", "/FontFile3"}:
            missing.append(str(font.get("/BaseFont")))
    return missing


@each_paper
def test_a_participant_gets_no_solution_and_the_teacher_all(handed_out: Path, paper: str):
    for mine, yours in zip(*(lessons_of(handed_out, paper, edition) for edition in EDITIONS), strict=True):
        given, kept = "\n".join(texts(mine)), "\n".join(texts(yours))
        exercises = set(re.findall(r"^Exercise \d+\.\d", given, re.M))
        assert len(exercises) >= 3
        assert len(re.findall(r"^Solution$", kept, re.M)) == len(exercises)
        assert not re.search(r"^Solution$", given, re.M)
        assert not re.search(r"^progress\(|○|\d of \d solved", given + kept, re.M)


@each_paper
@pytest.mark.parametrize("edition", EDITIONS)
def test_each_page_of_a_lesson_has_its_number_its_fonts_and_something_to_read(
    handed_out: Path, paper: str, edition: str
):
    for file in lessons_of(handed_out, paper, edition):
        pages, read = PdfReader(file).pages, texts(file)
        title = read[0].splitlines()[0]
        for number, (page, text) in enumerate(zip(pages, read, strict=True), 1):
            assert size(page) == MILLIMETRES[paper]
            assert fonts_beside(page) == []
            assert text.startswith(title), f"page {number} of {file.name} does not say which lesson it is"
            assert str(number) in text.splitlines()[-1].split(), (file.name, number)
            drawn = len(page.images) > 0 or number == len(pages)
            assert drawn or len(text) > 400, f"page {number} of {file.name} is nearly empty"


def test_nothing_begins_outside_of_the_paper(handed_out: Path):
    outside: list[str] = []
    for file in lessons_of(handed_out, "A4", "teacher"):
        for page in PdfReader(file).pages:
            width, height = float(page.mediabox.width), float(page.mediabox.height)

            def look(text: str, cm: list[float], tm: list[float], *_: object, right=width, top=height) -> None:
                x, y = tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5]
                if text.strip() and not (0 < x < right and 0 < y < top):
                    outside.append(text)

            page.extract_text(visitor_text=look)
    assert outside == []


def test_the_outline_of_a_lesson_has_its_headings_word_for_word(handed_out: Path):
    for file in lessons_of(handed_out, "A4", "teacher"):
        path = NOTEBOOKS / f"{file.stem}.ipynb"
        outline = list(outlined(PdfReader(file).outline))
        texts = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
        said = [book.plain(title_of(text)) for source in texts for text in cut_at_headings(source)]
        assert [title for title in said if title and title not in outline] == [], file.name


def test_the_room_for_an_answer_is_on_the_page_of_its_exercise(handed_out: Path):
    for file in lessons_of(handed_out, "A4", "participant"):
        asked = {found for text in texts(file) for found in re.findall(r"^Exercise (\d+\.\d): ", text, re.M)}
        together = [
            found
            for text in texts(file)
            for found in re.findall(r"^Exercise (\d+\.\d): ", text, re.M)
            if f'check("{found}"' in text
        ]
        assert sorted(asked) == sorted(together), file.name


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_book_finds_what_its_contents_and_its_index_name(handed_out: Path, edition: str):
    whole = texts(handed_out / "pdf" / "A4" / f"course-{edition}.pdf")
    assert all(str(number) in page.splitlines()[-1].split() for number, page in enumerate(whole[1:], 2))
    contents, index = "\n".join(whole[1:4]), "\n".join(whole[-3:]).partition("begins.")[2]
    lessons = [Path(name).stem for name in lessons_of(handed_out, "A4", edition)]
    for name in lessons:
        title = texts(handed_out / "pdf" / "A4" / edition / f"{name}.pdf")[0].splitlines()[0]
        place = re.search(rf"{re.escape(title)}\s+(\d+)$", contents, re.M)
        assert place, title
        assert whole[int(place[1]) - 1].startswith(title)
    entries = re.findall(r"^([^\n\d]+) (\d+)(?:, [\d, ]+)?$", index, re.M)
    assert len(entries) > 12
    for word, page in entries:
        near = " ".join(whole[int(page) - 1 : int(page) + 3]).lower()
        assert word.lower().split()[0] in near, (word, page)


@each_paper
def test_the_quick_reference_has_two_pages_and_every_call(handed_out: Path, paper: str):
    lessons_of(handed_out, paper, "participant")
    file = handed_out / "pdf" / paper / "quick-reference.pdf"
    pages = texts(file)
    assert len(pages) == reference.PAGES
    together = " ".join(" ".join(pages).split())
    assert [title for title in reference.entries() if title not in together] == []
    for call in (
        "complete(",
        "embed(",
        "get_model_info()",
        "completions.create(",
        "embeddings.create(",
        "models.list()",
    ):
        assert call in together, call


def test_the_slides_are_printed_one_on_a_page(handed_out: Path):
    for file in sorted((handed_out / "slides").glob("*.pdf")):
        pages = PdfReader(file).pages
        assert len(pages) > 20
        assert {page.mediabox.width > page.mediabox.height for page in pages} == {True}
        assert [page for page in pages if not page.extract_text().strip() and not page.images] == []


def test_the_first_page_links_all_that_was_made(handed_out: Path):
    listed = set(re.findall(r'href="([^"]+)"', (handed_out / "index.html").read_text("utf-8")))
    made = {
        file.relative_to(handed_out).as_posix() for file in handed_out.rglob("*.*") if file.suffix in (".pdf", ".html")
    }
    assert listed - made == {name for name in listed if name.endswith(".ipynb")}
    assert made - listed <= {"index.html"}


def test_where_there_is_no_browser_the_pages_are_made_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "lessons").mkdir()
    shutil.copy(NOTEBOOKS / "06-content-safety.ipynb", tmp_path / "lessons")
    assert command.main(["--lessons", str(tmp_path / "lessons"), "--build", str(tmp_path / "build")]) == 0
    assert "no Chromium, Chrome or Edge" in capsys.readouterr().err
    assert sorted(path.suffix for path in (tmp_path / "build" / "participant").iterdir()) == [".html"]
    assert not (tmp_path / "build" / "pdf").exists()


def test_the_index_gives_a_word_the_sections_that_say_most_about_it():
    headings = [book.Heading(1, "01 Basics", 0), book.Heading(2, "What did it cost?", 3)]
    part = book.Part(NOTEBOOKS / "01-basics.ipynb", b"", 20, tuple(headings))
    found = book.places([part], [10])
    assert 13 in found["token"]
    assert set().union(*found.values()) == {10, 13}


def test_a_link_leads_to_its_heading_on_a_page_and_on_paper_to_no_folder_of_the_machine_that_printed(handed_out: Path):
    assert [found for found in Site(handed_out).broken() if ": #" in found] == []
    assert "<a href=" in (handed_out / "complete" / "06-content-safety.html").read_text("utf-8")
    for file in handed_out.rglob("*.pdf"):
        links = [link.get_object() for page in PdfReader(file).pages for link in page.get("/Annots", [])]
        addresses = [str(link["/A"].get("/URI", "")) for link in links if "/A" in link]
        assert [address for address in addresses if not address.startswith("http")] == [], file.name
