"""The site as it is built: its links, and its pages in a browser, wide and narrow, light and dark."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from commands.site.pages import plan
from tests.browser.lab import new_context
from tests.support.built import Site
from tests.support.places import ROOT
from tests.support.served import served

pytestmark = pytest.mark.slow

UNDER = "/somebody/course/"  # where a host may put it
KINDS = (
    "index.html",
    "search.html?q=jitter",
    "set-up.html",
    "CHANGELOG.html",
    "notebooks/00-start-here.html",
    "notebooks/03-parameters.html",
    "notebooks/08-audio.html",
    "recipes/index.html",
    "recipes/stream_an_answer.html",
    "docs/mock.html",
    "docs/support.html",
    "docs/teaching.html",
    "docs/glossary.html",
)


@pytest.fixture(scope="module")
def site(site_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site whose lessons believe that they can be run and printed, for the links."""
    target = tmp_path_factory.mktemp("site").joinpath(*UNDER.strip("/").split("/"))
    handouts = tmp_path_factory.mktemp("handouts")
    (handouts / "index.html").write_text("<!doctype html><title>Handouts</title>", "utf-8")
    (handouts / "slides").mkdir()
    (handouts / "slides" / "05-tools.html").write_text("<!doctype html><title>05 Tools</title>", "utf-8")
    runs = target / "run" / "notebooks" / "index.html"
    runs.parent.mkdir(parents=True)
    runs.write_text("<!doctype html><title>JupyterLite</title>", "utf-8")
    command = [str(site_python), "-m", "commands.site", "pages", "--target", str(target)]
    command += ["--handouts", str(handouts)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return Site(target)


@pytest.fixture(scope="module")
def address(site: Site) -> Iterator[str]:
    """Where it is served, by a plain server of files."""
    root = site.root.parents[UNDER.count("/") - 2]
    with served(root) as address:
        yield address + UNDER


@pytest.fixture(scope="module")
def page(browser: Browser, asked_elsewhere: list[str]) -> Iterator[Page]:
    context = new_context(browser, asked_elsewhere)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


def test_every_page_is_there_and_its_markdown(site: Site):
    for each in plan.pages():
        assert (site.root / f"{each.name}.md").is_file()
        html = (site.root / f"{each.name}.html").read_text("utf-8")
        assert '<meta name="description" content="' in html
        assert f'<link rel="alternate" type="text/markdown" href="{each.name.rpartition("/")[2]}.md">' in html
    assert len(site.pages) == len(list(plan.pages())) + 4, "the first page, the search, and two of the handouts"


def test_every_link_leads_somewhere_under_any_path_of_a_host(site: Site):
    assert len([link for page in site.pages.values() for link in page.links]) > 5000
    assert list(site.broken()) == []


def test_no_page_and_no_style_loads_anything_from_another_host(site: Site):
    assert list(site.elsewhere()) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [480, 1280])
@pytest.mark.parametrize("name", KINDS)
def test_a_page_is_for_everybody(name: str, width: int, scheme: str, page: Page, address: str):
    page.emulate_media(color_scheme=scheme)  # pyright: ignore[reportArgumentType]
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address + name)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    found = Axe().run(page).response["violations"]
    serious = [(one["id"], node["html"]) for one in found for node in one["nodes"] if one["impact"] in SERIOUS]
    assert serious == []


SERIOUS = ("serious", "critical")


def test_the_contents_of_a_page_stand_beside_it_where_there_is_room(page: Page, address: str):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{address}notebooks/02-streaming.html")
    link = page.locator(".toc-drawer").get_by_role("link", name="A loop to keep")
    expect(link).to_be_in_viewport()
    link.click()
    expect(page.get_by_role("heading", name="A loop to keep")).to_be_in_viewport()
    assert page.url.endswith("#a-loop-to-keep")


def test_what_the_keyboard_reaches_can_be_seen(page: Page, address: str):
    page.set_viewport_size({"width": 480, "height": 900})
    page.goto(f"{address}notebooks/02-streaming.html")
    for place in (".sidebar-drawer a[href*='03-parameters']", ".toc-drawer a[href='#a-loop-to-keep']"):
        expect(page.locator(place)).not_to_be_in_viewport()
        page.locator(place).focus()
        expect(page.locator(place)).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(
    ("asked", "found"), [("jitter", "10 Errors and limits"), ("429", "10 Errors and limits"), ("tool call", "05 Tools")]
)
def test_a_search_finds_a_lesson_by_a_word_or_a_number_in_it(asked: str, found: str, page: Page, address: str):
    page.goto(address)
    page.get_by_role("textbox", name="Search").fill(asked)
    page.keyboard.press("Enter")
    expect(page.locator("#search-results li").filter(has_text=found).first).to_be_visible()


def test_code_is_copied_by_a_button_and_an_output_has_none(page: Page, address: str):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{address}notebooks/02-streaming.html")
    cell = page.locator(".cell", has_text="if update.choices:").first
    expect(cell.locator(".cell_output .copybtn")).to_have_count(0)
    cell.hover()
    cell.locator(".cell_input .copybtn").click()
    assert page.evaluate("navigator.clipboard.readText()").startswith("stream = client.complete(")


def test_a_lesson_leads_on_and_back_and_to_where_it_runs(page: Page, address: str):
    page.goto(address)
    page.get_by_role("link", name="Run lesson 00 here").click()
    assert page.url == f"{address}run/notebooks/index.html?path=00-start-here.ipynb"
    page.goto(f"{address}notebooks/00-start-here.html")
    page.locator(".next-page").click()
    assert page.url.endswith("/notebooks/01-basics.html")
    page.locator(".prev-page").click()
    assert page.url.endswith("/notebooks/00-start-here.html")
    page.get_by_role("link", name="Run this lesson here").click()
    assert page.url == f"{address}run/notebooks/index.html?path=00-start-here.ipynb"


def test_dark_and_light_can_be_chosen(page: Page, address: str):
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(address)
    ground = "getComputedStyle(document.body).backgroundColor"
    seen = {page.evaluate(ground)}
    for _ in range(2):
        page.locator(".theme-toggle-content button").click()
        seen.add(page.evaluate(ground))
    assert len(seen) == 2
    page.evaluate("localStorage.clear()")


def test_what_is_folded_stays_folded(site: Site):
    html = (site.root / "notebooks" / "02-streaming.html").read_text("utf-8")
    assert "<summary>POST /chat/completions → 200" in html
    assert not re.search(r"<details[^>]* open", html)
