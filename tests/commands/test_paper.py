"""What is printed, read back: who gets solutions, numbers, contents and index, fonts, and that no page is wasted."""

from __future__ import annotations

import html
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import nbformat
import pytest
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, read_object

from commands.handouts import __main__ as command
from commands.handouts import book, reference
from commands.handouts.editions import cut_at_headings, title_of
from commands.handouts.making import EDITIONS
from commands.handouts.printing import PAPERS, browser
from tests.support.built import Site
from tests.support.ink import letters
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


def title_of_file(file: Path) -> str:
    about = PdfReader(file).metadata
    return str(about.title) if about else ""


def tagged(above: Any) -> Iterator[Any]:
    """The tags of a PDF, in the order in which they are read."""
    held = above.get("/K", [])
    for below in held if isinstance(held, list) else [held]:
        tag = below.get_object()
        if isinstance(tag, DictionaryObject) and "/S" in tag:
            yield tag
            yield from tagged(tag)


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
        title = title_of_file(file)
        for number, (page, text) in enumerate(zip(pages, read, strict=True), 1):
            assert size(page) == MILLIMETRES[paper]
            assert fonts_beside(page) == []
            foot = f"{file.stem[:2]}-{number}{title}"
            assert text.startswith(foot), f"page {number} of {file.name} does not say which one it is"
            drawn = len(page.images) > 0 or number == len(pages)
            assert drawn or len(text) > 400, f"page {number} of {file.name} is nearly empty"


@each_paper
def test_each_letter_is_seen_to_its_end_and_none_was_made_smaller_to_fit(handed_out: Path, paper: str):
    for file in lessons_of(handed_out, paper, "teacher"):
        found = [letter for page in PdfReader(file).pages for letter in letters(page)]
        assert [letter for letter in found if not letter.is_seen()] == [], file.name
        sizes = Counter(round(letter.size, 1) for letter in found)
        assert {size for size, _ in sizes.most_common(2)} == {7.5, 9.5}, f"code and prose of {file.name}, in points"


def test_what_is_cut_off_is_found():
    writer = PdfWriter()
    page = writer.add_blank_page(100, 100)
    font = b"<< /Type /Font /Subtype /Type0 /DescendantFonts [<< /W [1 [500 500]] >>] >>"
    page[NameObject("/Resources")] = resources = read_object(BytesIO(b"<< /Font << /F1 " + font + b" >> >>"), None)
    resources["/Font"]["/F1"][NameObject("/ToUnicode")] = meaning = DecodedStreamObject()
    meaning.set_data(b"1 beginbfchar <0002> <0020> endbfchar")
    page[NameObject("/Contents")] = drawn = DecodedStreamObject()
    line = b"/F1 10 Tf q 10 0 30 100 re W n BT 1 0 0 1 %d 50 Tm <00010001> Tj ET Q BT 1 0 0 1 %d 50 Tm <0001> Tj ET"
    drawn.set_data(line % (30, 95))
    assert [(letter.start, letter.end) for letter in letters(page)] == [(30, 35), (35, 40), (95, 100)]
    assert all(letter.is_seen() for letter in letters(page))
    drawn.set_data(line % (33, 97))
    assert [letter.is_seen() for letter in letters(page)] == [True, False, False]
    drawn.set_data((line % (30, 95)).replace(b"<00010001>", b"<000100010002>"))
    assert all(letter.is_seen() for letter in letters(page)), "a blank hangs over the end of its line"


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
    file = handed_out / "pdf" / "A4" / f"course-{edition}.pdf"
    whole, numbers = texts(file), PdfReader(file).page_labels
    assert all(page.startswith(number) for page, number in zip(whole[1:], numbers[1:], strict=True))
    fronts, backs = (numbers.index("00-1" if len(numbers) > 100 else "06-1"), numbers.index("I-1"))
    contents, index = "\n".join(whole[1:fronts]), "\n".join(whole[backs:])
    for lesson in lessons_of(handed_out, "A4", edition):
        title = title_of_file(lesson)
        place = re.search(rf"{re.escape(title)}\s+(\S+)$", contents, re.M)
        assert place, title
        assert whole[numbers.index(place[1])].startswith(f"{place[1]}{title}")
    entries = re.findall(r"^([^\n\d]+) (\d\d-\d+)(?:, [-\d, ]+)?$", index, re.M)
    assert len(entries) > 12
    assert backs == len(whole) - 1, "the index has one page"
    for word, number in entries:
        page = numbers.index(number)
        near = " ".join(whole[page : page + 4]).lower()
        assert word.lower().split()[0] in near, (word, number)


@pytest.mark.parametrize("name", ["participant/06-content-safety.pdf", "course-teacher.pdf"])
def test_a_screen_reader_is_told_the_language_the_title_and_what_each_piece_is(handed_out: Path, name: str):
    reader = PdfReader(handed_out / "pdf" / "A4" / name)
    catalogue: Any = reader.root_object
    assert (catalogue["/Lang"], catalogue["/MarkInfo"]["/Marked"]) == ("en", True)
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
    titles = ("06 Content safety", "Azure AI Model Inference in Python: teacher's edition")
    assert title_of_file(handed_out / "pdf" / "A4" / name) in titles
    tags = list(tagged(catalogue["/StructTreeRoot"]))
    kinds = Counter(tag["/S"] for tag in tags)
    assert {"/H1", "/H2", "/H3", "/P", "/L", "/LI", "/Table", "/TR", "/TH", "/TD", "/Code"} <= kinds.keys()
    page = (handed_out / "complete" / "06-content-safety.html").read_text("utf-8")
    described = {html.unescape(text) for text in re.findall(r'<img[^>]* alt="([^"]+)"', page)}
    assert described
    assert described <= {tag.get("/Alt") for tag in tags}
    # Each piece of a page that is marked is under a tag.
    nums = catalogue["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    above = dict(zip(nums[::2], nums[1::2], strict=True))
    for page in reader.pages:
        drawn = page.get_contents()
        assert drawn is not None
        marked = len(re.findall(rb"/MCID", drawn.get_data()))
        under = above[page["/StructParents"]].get_object()
        assert marked == len([tag for tag in under if tag.get_object()])


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
        "ImageEmbeddingsClient(",
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
    part = book.Part(NOTEBOOKS / "01-basics.ipynb", Path("01-basics.pdf"), 20, tuple(headings))
    found = book.places([part])
    assert "01-4" in found["token"]
    assert set().union(*found.values()) == {"01-1", "01-4"}


def test_the_index_leads_first_to_the_lesson_of_the_glossary_and_never_to_a_summary():
    parts = []
    for path in (NOTEBOOKS / "01-basics.ipynb", NOTEBOOKS / "10-errors-and-limits.ipynb"):
        source = "\n\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
        titles = [book.plain(title_of(text)) for text in cut_at_headings(source) if title_of(text)]
        headings = tuple(book.Heading(2, title, page) for page, title in enumerate(titles))
        parts.append(book.Part(path, path.with_suffix(".pdf"), len(headings), headings))
    found = book.places(parts)
    assert [number[:2] for number in found["retry"]] == ["10", "01", "10"]
    assert {found[word][0][:2] for word in ("credential", "finish reason", "role")} == {"01"}
    summaries = {
        each.number(heading.page)
        for each in parts
        for heading in each.headings
        if heading.page == 0 or heading.title in book.SUMMARIES
    }
    assert len(summaries) == 8
    assert summaries.isdisjoint(set().union(*found.values()))


def test_a_link_leads_to_its_heading_on_a_page_and_on_paper_to_no_folder_of_the_machine_that_printed(handed_out: Path):
    assert [found for found in Site(handed_out).broken() if ": #" in found] == []
    assert "<a href=" in (handed_out / "complete" / "06-content-safety.html").read_text("utf-8")
    for file in handed_out.rglob("*.pdf"):
        links = [link.get_object() for page in PdfReader(file).pages for link in page.get("/Annots", [])]
        addresses = [str(link["/A"].get("/URI", "")) for link in links if "/A" in link]
        assert [address for address in addresses if not address.startswith("http")] == [], file.name
