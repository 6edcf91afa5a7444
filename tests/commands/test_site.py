"""`tasks.py site`, without a build: which pages there are, what is taken out of them, and where their links lead."""

from __future__ import annotations

import re
from pathlib import Path
from posixpath import dirname, normpath

import nbformat
import pytest

from commands import recipes
from commands.site import __main__ as site
from commands.site import pages
from commands.site.pages import front, markdown, plan
from commands.site.pages.sources import Sources, slug
from tests.support.built import Site
from tests.support.places import ROOT

PAGES = {page.name: page for page in plan.pages()}
LESSONS = [page for page in PAGES.values() if page.is_lesson]
FILES = {page.file for page in PAGES.values()}


@pytest.fixture(scope="module")
def sources() -> Sources:
    return Sources()


def links(text: str) -> list[tuple[str, str]]:
    """The addresses and anchors that a page links to and that are no other host's, code left out."""
    prose = re.sub(r"```.*?```|`[^`\n]+`", "", text, flags=re.S)
    return re.findall(r"(?<!!)\[[^\]]+\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", prose)


# Which pages


def test_every_lesson_recipe_and_doc_has_its_page_in_the_contents_list():
    listed = [page.source for chapter in plan.chapters() for page in chapter.pages]
    below = [page.source for page in plan.recipe_pages()]
    twins = [recipes.path_of(name) for name in recipes.names() if recipes.path_of(name) not in below]
    assert len(set(listed + below)) == len(listed + below) == len(PAGES)
    assert set((ROOT / "notebooks").glob("*.ipynb")) <= set(listed)
    assert {*(ROOT / "docs").glob("*.md"), *(ROOT / "recipes").glob("*.md"), *ROOT.glob("*.md")} == {
        page for page in listed if page.suffix == ".md"
    }
    assert set((ROOT / "recipes").glob("*.py")) == {*below, *twins}
    names = front.page(Sources())
    assert all(
        f"\n{page.name}\n" in names or f"<{page.name}>" in names for page in PAGES.values() if not page.is_recipe
    )


def test_a_recipe_is_called_what_people_would_write():
    titles = {page.source.stem: page.title for page in plan.recipe_pages()}
    assert titles["rag_answer_from_notes"] == "RAG answer from notes"
    assert titles["move_to_openai"] == "Move to OpenAI"
    assert titles["list_the_models_openai"] == "List the models (OpenAI)"
    assert len(set(titles.values())) == len(titles)


def test_the_first_page_shows_an_answer_and_every_lesson_and_runs_one_if_it_can(sources: Sources):
    page = front.page(sources)
    assert "client.complete(" in page
    assert "11 prompt + 66 completion" in page
    cards = dict(re.findall(r'<li><a href="(notebooks/[\w-]+)\.html">.*?<small>(\d+) minutes', page))
    assert list(cards) == [lesson.name for lesson in LESSONS]
    assert all(int(minutes) >= 10 for minutes in cards.values())
    assert front.LEAD.startswith({13: "Thirteen lessons"}[len(LESSONS)])
    assert "Run lesson 00" not in page
    assert 'href="run/notebooks/index.html?path=00-start-here.ipynb">Run lesson 00' in front.page(
        Sources(runs=pages.RUN)
    )
    assert set(front.DOORS) <= set(PAGES)


# What is in them


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda page: page.name[10:])
def test_a_lesson_to_read_has_its_outputs_and_nothing_that_wants_a_kernel(lesson: plan.Page, sources: Sources):
    book, before = sources.lesson(lesson), nbformat.read(lesson.source, as_version=4)
    assert "widgets" not in book.metadata
    assert not [cell for cell in book.cells if cell.source.startswith("progress(")]
    shown = [cell for cell in book.cells if cell.cell_type == "code"]
    assert [len(cell.outputs) for cell in shown] == [
        len(cell.outputs) for cell in before.cells if cell.cell_type == "code" and "progress(" not in cell.source[:9]
    ]
    for cell in shown:
        hidden = "remove-input" in cell.metadata.get("tags", [])
        assert hidden == cell.source.startswith("predict("), "a prediction shows its question, and not the call"
        assert all("text" in each or "text/plain" in each.data for each in cell.outputs), "what Markdown will say"
        assert not [each for each in cell.outputs if ".ipynb" in each.get("data", {}).get("text/html", "")]
    assert "Run this lesson" not in book.cells[0].source
    run = Sources(runs=pages.RUN).lesson(lesson).cells[0].source
    assert (
        f'<a class="first" href="../run/notebooks/index.html?path={lesson.source.name}">Run this lesson here</a>' in run
    )


def test_what_can_be_printed_is_linked_where_it_was_made(tmp_path: Path, sources: Sources):
    for name in ("pdf/A4/participant/05-tools.pdf", "slides/05-tools.html"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    printed = Sources(handouts=tmp_path)
    row = printed.ways(PAGES["notebooks/05-tools"])
    assert '<a href="../handouts/pdf/A4/participant/05-tools.pdf">PDF, A4</a>' in row
    assert '<a href="../handouts/slides/05-tools.html">Slides</a>' in row
    assert "Letter" not in row
    assert "PDF" not in sources.ways(PAGES["notebooks/05-tools"]) + printed.ways(LESSONS[4])
    assert '<a href="handouts/index.html">Handouts</a>' in front.page(printed)
    assert "handouts/index.html" not in front.page(sources)


@pytest.mark.parametrize("name", [page.name for page in plan.recipe_pages()][::6])
def test_a_recipe_shows_its_program_what_that_prints_and_its_twin(name: str, sources: Sources):
    page = sources.recipe(PAGES[name])
    for file in (PAGES[name].source, recipes.path_of(PAGES[name].source.stem + recipes.TWIN)):
        if file.exists():
            assert file.read_text("utf-8").rstrip() in page
            printed = re.search(rf"^## \[{file.stem}\].*?\n\n(```.*?```)$", outputs(), re.M | re.S)
            assert printed is None or printed[1] in page
    assert ("## With the OpenAI package" in page) == recipes.path_of(PAGES[name].source.stem + recipes.TWIN).exists()
    assert "](../notebooks/" in page


def outputs() -> str:
    return (ROOT / "recipes" / "outputs.md").read_text("utf-8")


# Where their links lead


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.source.suffix == ".md"])
def test_a_link_between_files_of_the_project_is_one_between_pages_and_headings(name: str, sources: Sources):
    _all_lead_somewhere(PAGES[name], sources.text(PAGES[name]), FILES)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda page: page.name[10:])
def test_a_link_of_a_lesson_too_and_in_its_markdown(lesson: plan.Page, sources: Sources):
    cells = [cell.source for cell in sources.cells(lesson) if cell.cell_type == "markdown"]
    _all_lead_somewhere(lesson, "\n\n".join(cells), FILES)
    _all_lead_somewhere(lesson, markdown.markdown(lesson, sources), {f"{name}.md" for name in PAGES})


def _all_lead_somewhere(page: plan.Page, text: str, files: set[str]) -> None:
    headings = {slug(heading) for heading in re.findall(r"^#+ (.*)", text, re.M)}
    for path, anchor in links(text):
        if path:
            assert normpath(f"{dirname(page.name)}/{path}".lstrip("/")) in files, path
        else:
            assert anchor in headings, anchor


def test_what_has_no_page_becomes_plain_text_or_a_link_into_the_repository(sources: Sources):
    page, text = PAGES["docs/mock"], "[rows](../helpers/mock/data/models.toml), [a room](../helpers/mock)"
    assert sources.linked(text, page) == "rows, a room"
    known = Sources(repository="https://host.invalid/it").linked(text, page)
    assert known == (
        "[rows](https://host.invalid/it/blob/HEAD/helpers/mock/data/models.toml), "
        "[a room](https://host.invalid/it/tree/HEAD/helpers/mock)"
    )


@pytest.mark.parametrize(
    ("written", "linked"),
    [
        ("[x](01-basics.ipynb#Who-is-speaking?)", "[x](01-basics.ipynb#who-is-speaking)"),
        ("[x](#RuntimeError:-asyncio.run()-cannot-be-called)", "[x](#runtimeerror-asynciorun-cannot-be-called)"),
        ("[x](../recipes/README.md)", "[x](../recipes/index.md)"),
        ("[x](../recipes/stream_an_answer_openai.py)", "[x](../recipes/stream_an_answer.md#with-the-openai-package)"),
        ("[x](../README.md#your-own-endpoint)", "[x](../set-up.md#your-own-endpoint)"),
        ("[x](https://host.invalid/a.md)", "[x](https://host.invalid/a.md)"),
        ("`[x](nowhere.md)` and ```\n[x](nowhere.md)\n```", "`[x](nowhere.md)` and ```\n[x](nowhere.md)\n```"),
    ],
)
def test_a_link_leads_to_where_its_file_went(written: str, linked: str, sources: Sources):
    assert sources.linked(written, LESSONS[1]) == linked


# For assistants


def test_the_markdown_of_a_lesson_has_its_code_and_says_what_came_of_it(sources: Sources):
    text = markdown.markdown(PAGES["notebooks/02-streaming"], sources)
    assert text.startswith("# 02 Streaming\n")
    assert "```python\nstream = client.complete(messages=messages, stream=True)\n" in text
    assert "```text\nthe first word after 0.50 s, the end after 1.80 s\n```" in text
    assert "A line of time. Streamed, the first word is there after 0.50 s" in text, "a drawing says what it shows"
    assert "data:image" not in text
    assert "predict(" not in text


def test_a_fence_is_longer_than_those_inside_it():
    assert markdown.fenced("```\nx\n```", "text") == "````text\n```\nx\n```\n````"


def test_the_list_for_assistants_has_every_page_with_a_line_about_it():
    text = markdown.listed("https://host.invalid/course/")
    rows = re.findall(r"^- \[.+\]\(https://host\.invalid/course/(\S+)\.md\): \S.{15,}$", text, re.M)
    assert sorted(rows) == sorted(PAGES)
    assert text.startswith(f"# {front.TITLE}\n\n> Thirteen lessons")
    assert f"\n- [02 Streaming](notebooks/02-streaming.md): {front.abouts()['02-streaming']}\n" in markdown.listed("")


# The command


def test_parts_can_be_built_alone_and_an_unknown_one_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    built = []
    parts = {name: lambda options, name=name: built.append((name, options.target)) for name in ("one", "two")}
    monkeypatch.setattr(site, "PARTS", parts)
    assert site.main(["two", "--target", str(tmp_path)]) == 0
    assert site.main(["--target", str(tmp_path)]) == 0
    assert built == [("two", tmp_path), ("one", tmp_path), ("two", tmp_path)]
    with pytest.raises(SystemExit):
        site.main(["three"])
    assert "there is no part 'three', only one, two" in capsys.readouterr().err


def test_a_new_build_takes_away_old_pages_and_leaves_the_edition_that_runs(tmp_path: Path):
    for name in ("old.html", "notebooks/old.html", "run/notebooks/index.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    pages.empty(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        "run/notebooks/index.html"
    ]


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path):
    assert pages.is_free(tmp_path / "new")
    (tmp_path / "run").mkdir()
    assert pages.is_free(tmp_path)
    mine = tmp_path / "mine.txt"
    mine.touch()
    with pytest.raises(SystemExit, match="has something else in it"):
        site.main(["pages", "--target", str(tmp_path)])
    assert mine.exists()
    for name in ("llms.txt", "searchindex.js"):
        (tmp_path / name).touch()
    assert pages.is_free(tmp_path)


# What a built site is looked through with


def test_a_broken_link_and_what_another_host_would_be_asked_for_are_found(tmp_path: Path):
    (tmp_path / "a.html").write_text(
        '<h1 id="top">A</h1> <a href="#top">up</a> <a href="b.html#there">b</a> <a href="https://host.invalid/">out</a>'
        '<a href="#nowhere">x</a> <a href="b.html#nowhere">x</a> <a href="c.html">x</a> <a href="/b.html">x</a>'
        '<script src="//host.invalid/x.js"></script> <link rel="stylesheet" href="https://host.invalid/x.css">'
        '<link rel="canonical" href="https://host.invalid/a.html"> <img src="data:image/png;base64,AA==">',
        "utf-8",
    )
    (tmp_path / "b.html").write_text('<h1 id="there">B</h1>', "utf-8")
    (tmp_path / "a.css").write_text('@import "https://host.invalid/y.css"; a { background: url(b.html) }', "utf-8")
    site = Site(tmp_path)
    broken = ["#nowhere", "b.html#nowhere", "c.html", "/b.html"]
    assert [found for found in site.broken() if "//host" not in found] == [f"a.html: {each}" for each in broken]
    assert list(site.elsewhere()) == [
        "a.html: //host.invalid/x.js",
        "a.html: https://host.invalid/x.css",
        "a.css: https://host.invalid/y.css",
    ]
