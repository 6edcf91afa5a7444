"""The browser edition, built and served as files: its lessons run in the page, with the outputs that are committed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.browser.lab import LESSONS, Lab, Lesson, new_context
from tests.support.outputs import shown
from tests.support.places import ROOT
from tests.support.served import served

pytestmark = pytest.mark.heavy

UNDER = "/somebody/course/run"  # where a host may put it
MEGABYTES = 60  # that a reader's first lesson may fetch
PATIENCE = 240_000  # milliseconds, for a whole lesson on a busy machine
DIFFERENT = tomllib.loads(Path(__file__).with_name("edition_differs.toml").read_text("utf-8"))["cell"]


@pytest.fixture(scope="module")
def edition(
    request: pytest.FixtureRequest, site_python: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the edition, served by a plain server from a folder below its root, beside pages to read.

    Its modules are compiled as they are for readers, unless one test alone would have to wait for that.
    """
    folder = tmp_path_factory.mktemp("edition")
    site = (folder / UNDER.strip("/")).parent
    site.mkdir(parents=True)
    (site / "searchindex.js").touch()
    (site / "set-up.html").write_text("<!doctype html><title>Set-up</title>", "utf-8")
    command = [str(site_python), "-m", "commands.site", "lite", "--target", str(site)]
    if sum(item.path == request.path for item in request.session.items) == 1:
        command.append("--no-compile")
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with served(folder) as address:
        yield address + UNDER


@pytest.fixture
def page(browser: Browser, asked_elsewhere: list[str]) -> Iterator[Page]:
    context = new_context(browser, asked_elsewhere)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def opened(edition: str, page: Page, name: str) -> Lesson:
    """A lesson in the page, with its kernel."""
    page.goto(f"{edition}/notebooks/index.html?path={name}", wait_until="domcontentloaded")
    page.wait_for_function(
        """name => { const lesson = window.jupyterapp?.shell.currentWidget;
        return lesson?.context?.path === name && lesson.sessionContext.session?.kernel?.status === "idle"; }""",
        arg=name,
    )
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    return Lesson(Lab(edition, "", Path(), Path()), page, name)


def said_by(lesson: Lesson, code: str) -> str:
    """What code prints in the lesson's kernel, or the last line of its error."""
    number = lesson.find("connect(")
    lesson.type_into(number, code)
    lesson.run(number)
    outputs = lesson.cells()[number]["outputs"]
    return "".join(output.get("text") or output.get("evalue", "") for output in outputs)


def fetched(address: str) -> bytes:
    with urlopen(address) as answer:
        return answer.read()


def test_it_is_built_with_every_lesson_and_each_wheel_that_its_lock_names(edition: str):
    listed = json.loads(fetched(f"{edition}/api/contents/all.json"))["content"]
    assert {path.name for path in LESSONS} <= {item["name"] for item in listed}
    for path in LESSONS:
        assert json.loads(fetched(f"{edition}/files/{path.name}"))["cells"]
    packages = json.loads(fetched(f"{edition}/static/pyodide/pyodide-lock.json"))["packages"]
    assert {"azure-ai-inference", "openai", "ipywidgets", "pyodide-kernel"} <= set(packages)
    for package in packages.values():
        wheel = fetched(f"{edition}/static/pyodide/{package['file_name']}")
        assert hashlib.sha256(wheel).hexdigest() == package["sha256"], package["file_name"]


@pytest.mark.slow
@pytest.mark.parametrize("name", [path.stem for path in LESSONS])
def test_a_lesson_runs_in_the_page_with_its_committed_outputs(
    edition: str, page: Page, asked_elsewhere: list[str], name: str
):
    sizes: list[int] = []

    def count(response: Response) -> None:
        sizes.append(int(response.headers.get("content-length", 0)))

    page.on("response", count)
    lesson = opened(edition, page, f"{name}.ipynb")
    lesson.run_all()
    page.remove_listener("response", count)
    committed = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4).cells
    different = [cell["code"] for cell in DIFFERENT if cell["lesson"] == name]
    for mine, theirs in zip(lesson.cells(), committed, strict=True):
        if mine["cell_type"] == "code":
            same, expected = shown(mine) == shown(theirs), not any(code in theirs.source for code in different)
            assert same == expected, f"{theirs.source}\n{shown(mine)}\n{shown(theirs)}"
            assert not any(output["output_type"] == "error" for output in mine["outputs"])
    assert asked_elsewhere == []
    assert 5 < sum(sizes) / 2**20 < MEGABYTES


@pytest.mark.slow
def test_a_slider_is_moved_by_keyboard_and_an_exercise_that_is_solved_is_so_after_a_reload(edition: str, page: Page):
    lesson = opened(edition, page, "03-parameters.ipynb")
    lesson.run_all()
    panel = lesson.panel()
    before = panel.inner_text()
    panel.locator("[role=slider]").first.focus()
    page.keyboard.press("End")
    expect(panel).not_to_have_text(before)

    exercise = lesson.find('check("3.1"')
    solution = next(
        cell["source"] for cell in lesson.cells()[exercise:] if "solution" in cell["metadata"].get("tags", [])
    )
    lesson.type_into(exercise, solution.split("```python\n")[1].split("```")[0])
    expect(lesson.run(exercise)).to_contain_text("✓")
    lesson.command("docmanager:save")  # else the browser asks before it leaves the page

    lesson = opened(edition, page, "03-parameters.ipynb")
    lesson.command("notebook:clear-all-cell-outputs")
    for number, cell in enumerate(lesson.cells()):
        if cell["cell_type"] == "code" and ("connect(" in cell["source"] or cell["source"].startswith("endpoint")):
            lesson.run(number)
    expect(lesson.run(lesson.find('progress("03")'))).to_contain_text("1 of 4 solved")


@pytest.mark.slow
@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_a_link_of_a_lesson_shows_what_it_names(edition: str, page: Page, by: str):
    lesson = opened(edition, page, "06-content-safety.ipynb")

    def follow(name: str) -> Page:
        lesson.cell(next(n for n, cell in enumerate(lesson.cells()) if f"[{name}](" in cell["source"]))
        link = page.get_by_role("link", name=name, exact=True).first
        with page.expect_popup() as found:
            if by == "mouse":
                link.click()
            else:
                link.press("Enter")
        return found.value

    heading = follow("lesson 05").get_by_role("heading", name="A person says yes")
    expect(heading).to_be_in_viewport(timeout=PATIENCE)
    patterns = follow("short list of patterns")
    expect(patterns.locator(".cm-content")).to_contain_text("severity", timeout=PATIENCE)
    lesson = opened(edition, page, "00-start-here.ipynb")
    assert follow("README").url == edition.removesuffix("run") + "set-up.html"


@pytest.mark.slow
def test_what_a_page_has_not_is_said_in_a_sentence(edition: str, page: Page):
    lesson = opened(edition, page, "00-start-here.ipynb")
    lesson.run_all()
    own = "from helpers import connect\nconnect('https://name.services.ai.azure.com/models')"
    assert "reaches the mock inside it and no endpoint of yours" in said_by(lesson, own)
    thread = "import threading\nthreading.Thread(target=print).start()  # connect("
    assert "starts no threads" in said_by(lesson, thread)
    assert "starts no other program" in said_by(lesson, "import subprocess\nsubprocess.run(['ls'])  # connect(")
    nobody = "import requests\nrequests.get('http://127.0.0.1:9/')  # connect("
    assert "Connection refused" in said_by(lesson, nobody)


@pytest.mark.slow
def test_a_lesson_has_a_narrow_window_to_itself(edition: str, page: Page):
    page.set_viewport_size({"width": 480, "height": 900})
    lesson = opened(edition, page, "01-basics.ipynb")
    box = lesson.cell(0).bounding_box()
    assert box is not None
    assert box["width"] > 440
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"


@pytest.mark.slow
def test_python_that_does_not_end_is_restarted(edition: str, page: Page):
    lesson = opened(edition, page, "00-start-here.ipynb")
    lesson.type_into(lesson.find("connect("), "while True: pass  # connect(")
    page.keyboard.press("Shift+Enter")
    page.get_by_role("button", name="Interrupt the kernel").click()
    said = page.get_by_role("alert")
    expect(said).to_contain_text("A page cannot interrupt Python.", timeout=PATIENCE)
    said.get_by_role("button", name="Restart").click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    page.wait_for_function("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'")
    lesson.command("notebook:clear-all-cell-outputs")
    assert "the bundled mock" in said_by(lesson, "from helpers import connect\nhere = connect()")


@pytest.mark.slow
def test_a_browser_that_keeps_nothing_is_told_so(edition: str, page: Page):
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('refused'); } })")
    page.goto(f"{edition}/notebooks/index.html?path=00-start-here.ipynb", wait_until="commit")
    expect(page.get_by_role("alert")).to_contain_text("refuses to keep anything for this page", timeout=PATIENCE)
    expect(page.locator("body")).not_to_contain_text("Error")
