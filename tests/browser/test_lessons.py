"""Every lesson in a real JupyterLab: it runs, and its panel is there for every reader, by keyboard and by ear too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.lab import DARK, LESSONS, LIGHT, Lab, Lesson
from tests.support.places import ROOT

pytestmark = pytest.mark.heavy

FOCUSABLE = "[tabindex='0'], [contenteditable=true], input:not([type=file]), select, textarea, button, summary, a"
# A key that changes what such a control stands at, and the one that does where it is already at its end.
KEYS = {
    "[role=slider]": ("ArrowRight", "ArrowLeft"),
    "select": ("ArrowDown", "ArrowUp"),
    "input[type=checkbox]": ("Space", "Space"),
    "input[type=number]": ("ArrowUp", "ArrowDown"),
}
STATE = "e => e.getAttribute('aria-valuenow') ?? (e.type === 'checkbox' ? String(e.checked) : e.value)"


@pytest.fixture(scope="module", params=LESSONS, ids=lambda path: path.stem)
def lesson(request: pytest.FixtureRequest, lab: Lab, page: Page) -> Iterator[Lesson]:
    """A lesson after all its cells were run; before that it was opened and saved, as JupyterLab does by itself."""
    path: Path = request.param
    page.set_viewport_size({"width": 1280, "height": 900})
    lesson = Lesson.open(lab, page, path.name)
    lesson.command("docmanager:save")
    lesson.run_all()
    yield lesson
    lesson.close()


def test_opening_it_changes_nothing_in_the_file(lesson: Lesson):
    assert (lesson.lab.lessons / lesson.name).read_bytes() == (ROOT / "notebooks" / lesson.name).read_bytes()


def test_every_cell_runs(lesson: Lesson):
    outputs = [output for cell in lesson.cells() for output in cell.get("outputs", [])]
    assert [output for output in outputs if output["output_type"] == "error"] == []
    counts = [cell["execution_count"] for cell in lesson.cells() if cell["cell_type"] == "code"]
    assert counts == list(range(1, len(counts) + 1))


def test_running_all_cells_counts_no_exercise(lesson: Lesson):
    assert lesson.lab.solved() == []


def test_the_panel_is_alive(lesson: Lesson):
    panel = lesson.panel()
    expect(panel).to_be_visible()
    expect(panel.locator("[role=status]").first).not_to_be_empty()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_panel_has_names_roles_and_contrast(lesson: Lesson, theme: str):
    lesson.theme(theme)
    lesson.panel().evaluate("panel => { panel.id = 'panel-under-test'; }")
    found = Axe().run(lesson.page, "#panel-under-test").response["violations"]
    lesson.theme(LIGHT)
    assert [
        (one["id"], node["html"], node["failureSummary"])
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ] == []


def test_the_panel_is_worked_by_keyboard_alone(lesson: Lesson):
    panel, page = lesson.panel(), lesson.page
    stops = panel.locator(FOCUSABLE).filter(visible=True).count()
    panel.locator(FOCUSABLE).filter(visible=True).first.focus()
    here, count = lesson.active(), len(lesson.cells())
    worked = 0
    for _ in range(stops + 20):  # the player of a sound has stops of its own
        if not panel.evaluate("panel => panel.contains(document.activeElement)"):
            break
        worked += _work(page)
        assert (lesson.active(), len(lesson.cells())) == (here, count), (
            "a key pressed in the panel reached the notebook"
        )
        page.keyboard.press("Tab")
    else:
        pytest.fail("Tab does not lead out of the panel.")
    controls = panel.locator(", ".join(KEYS)).filter(visible=True).count()
    assert worked >= controls, f"{worked} of {controls} controls could be reached and changed"


def _work(page: Page) -> int:
    """Changes the control that has the focus by key; 1 when it changed."""
    control = page.evaluate_handle("document.activeElement").as_element()
    assert control
    for kind, keys in KEYS.items():
        if control.evaluate("(element, kind) => element.matches(kind)", kind):
            before = control.evaluate(STATE)
            for key in keys:
                page.keyboard.press(key)
                if control.evaluate(STATE) != before:
                    return 1
            pytest.fail(f"{' and '.join(keys)} do not change {control.evaluate('e => e.outerHTML')[:300]}")
    return 0


def test_the_panel_fits_a_narrow_window(lesson: Lesson):
    lesson.page.set_viewport_size({"width": 480, "height": 900})
    panel = lesson.panel()
    room = lesson.page.locator(".jp-Notebook").evaluate("e => e.getBoundingClientRect().right")
    wide = panel.evaluate(
        "panel => [panel, ...panel.querySelectorAll('*')].filter(e => getComputedStyle(e).visibility !== 'hidden')"
        ".map(e => e.getBoundingClientRect()).filter(box => box.width)"
        ".reduce((most, box) => Math.max(most, box.right), 0)"
    )
    lesson.page.set_viewport_size({"width": 1280, "height": 900})
    assert wide <= room
