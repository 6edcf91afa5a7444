"""The lessons in a real JupyterLab: each runs, and its panel is there for every reader, by keyboard and by ear too.

Then what a reader does in some of them: plays with the panel, solves an exercise.
"""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.lab import DARK, LESSONS, LIGHT, Lab, Lesson
from tests.support.places import ROOT

pytestmark = pytest.mark.heavy

expect.set_options(timeout=20_000)  # milliseconds, on a machine with much else to do

FOCUSABLE = "[tabindex='0'], [contenteditable=true], input:not([type=file]), select, textarea, button, summary, a"
# A key that changes what such a control stands at, and the one that does where it is already at its end.
KEYS = {
    "[role=slider]": ("ArrowRight", "ArrowLeft"),
    "select": ("ArrowDown", "ArrowUp"),
    "input[type=checkbox]": ("Space", "Space"),
    "input[type=number]": ("ArrowUp", "ArrowDown"),
}
STATE = "e => e.getAttribute('aria-valuenow') ?? (e.type === 'checkbox' ? String(e.checked) : e.value)"


@pytest.fixture(scope="module", params=[(path.stem, ()) for path in LESSONS], ids=[path.stem for path in LESSONS])
def lesson(request: pytest.FixtureRequest, lab: Lab, page: Page) -> Iterator[Lesson]:
    """A lesson after all its cells were run, or those with these beginnings; before that it was opened and saved, as
    JupyterLab does by itself."""
    name, cells = request.param
    page.set_viewport_size({"width": 1280, "height": 900})
    lesson = Lesson.open(lab, page, f"{name}.ipynb")
    lesson.command("docmanager:save")
    if cells:
        lesson.command("notebook:clear-all-cell-outputs")
        for cell in cells:
            lesson.run(lesson.find(cell))
    else:
        lesson.run_all()
    yield lesson
    lesson.close()


def of(name: str, *cells: str) -> pytest.MarkDecorator:
    """The one lesson that a test is about, and which cells it needs to have been run where it does not need all."""
    return pytest.mark.parametrize("lesson", [(name, cells)], ids=[name], indirect=True)


def test_opening_it_changes_nothing_in_the_file(lesson: Lesson):
    assert (lesson.lab.lessons / lesson.name).read_bytes() == (ROOT / "notebooks" / lesson.name).read_bytes()


def test_every_cell_runs(lesson: Lesson):
    outputs = [output for cell in lesson.cells() for output in cell.get("outputs", [])]
    assert [output for output in outputs if output["output_type"] == "error"] == []
    counts = [cell["execution_count"] for cell in lesson.cells() if cell["cell_type"] == "code"]
    assert counts == list(range(1, len(counts) + 1))


def test_running_all_cells_counts_no_exercise(lesson: Lesson):
    assert lesson.solved() == []


def test_the_panel_is_alive(lesson: Lesson):
    panel = lesson.panel()
    expect(panel).to_be_visible()
    expect(panel.locator("[role=status]").first).not_to_be_empty()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_panel_has_names_roles_and_contrast(lesson: Lesson, theme: str):
    lesson.theme(theme)
    found = faults(lesson.page, lesson.panel())
    lesson.theme(LIGHT)
    assert found == []


def faults(page: Page, panel: Locator) -> list[tuple[str, str, str]]:
    """What axe finds wrong with a panel, if it is serious."""
    panel.evaluate("panel => { panel.id = 'panel-under-test'; }")
    found = Axe().run(page, "#panel-under-test").response["violations"]
    panel.evaluate("panel => { panel.removeAttribute('id'); }")
    return [
        (one["id"], node["html"], node["failureSummary"])
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@of("03-parameters")
def test_a_prediction_is_committed_by_keyboard_and_answered(lesson: Lesson):
    page = lesson.page
    panel = lesson.cell(lesson.find('predict("3.a")')).locator(".course-panel[role=group]").first
    panel.wait_for()
    assert faults(page, panel) == []
    panel.locator("input[type=radio]").first.focus()
    page.keyboard.press("Space")
    while page.evaluate("document.activeElement.matches('input[type=radio]')"):  # each of them is a stop of its own
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(panel.locator("[role=status]")).to_contain_text("↻")
    panel.locator("summary").click()
    expect(panel.locator("details")).to_contain_text("Blue, and no other")
    assert faults(page, panel) == []


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


# What a reader does


def solution(lesson: Lesson, number: int) -> str:
    """The solution that is folded under an exercise."""
    cell = next(cell for cell in lesson.cells()[number:] if "solution" in cell["metadata"].get("tags", []))
    found = re.search(r"```python\n(.*?)\n```", cell["source"], re.DOTALL)
    assert found
    return found[1]


@of("01-basics")
def test_what_is_printed_wraps_between_words(lesson: Lesson):
    """JupyterLab's own style breaks it anywhere; the set-up of the environment brings another."""
    printed = lesson.cell(lesson.find("print(response.choices[0].message.content)")).locator(
        ".jp-OutputArea-output pre"
    )
    assert printed.first.evaluate("pre => getComputedStyle(pre).wordBreak") == "normal"


@of("01-basics")
def test_code_wraps_where_the_window_is_narrow(lesson: Lesson):
    """JupyterLab's own choice is to scroll each cell sideways."""
    code = lesson.page.locator(".jp-CodeCell .cm-content").first
    assert "cm-lineWrapping" in (code.get_attribute("class") or "")


@of("03-parameters")
def test_an_exercise_counts_when_its_cell_is_run_on_its_own_and_only_then(lesson: Lesson):
    exercise, summary = lesson.find('check("3.1"'), lesson.find('progress("03")')
    lesson.type_into(exercise, solution(lesson, exercise))

    lesson.run_all()
    said = lesson.cell(exercise).locator(".jp-OutputArea")
    expect(said).to_contain_text("✓ Exercise 3.1")
    expect(said).to_contain_text("Run this cell on its own to have it counted.")
    expect(lesson.cell(summary)).to_contain_text("0 of 4 solved")
    assert lesson.solved() == []

    said = lesson.run(exercise).locator(".jp-OutputArea")
    expect(said).to_contain_text("✓ Exercise 3.1")
    expect(said).not_to_contain_text("to have it counted")
    assert lesson.solved() == ["3.1"]
    expect(lesson.run(summary)).to_contain_text("1 of 4 solved")


@of("03-parameters")
def test_a_wrong_answer_gets_its_hint_and_is_not_counted(lesson: Lesson):
    exercise, before = lesson.find('check("3.2"'), lesson.solved()
    stub = lesson.cells()[exercise]["source"]
    expect(lesson.run(exercise).locator(".jp-OutputArea")).to_contain_text("○ Exercise 3.2")
    lesson.type_into(exercise, re.sub(r"= \.\.\.", "= 'no answer'", stub))
    expect(lesson.run(exercise).locator(".jp-OutputArea")).to_contain_text("↻ Exercise 3.2")
    assert lesson.solved() == before


@of("03-parameters")
def test_a_slider_is_found_and_moved_by_keyboard_and_the_result_follows(lesson: Lesson):
    panel, page = lesson.panel(), lesson.page
    result = panel.get_by_role("status")
    before = result.inner_text()
    lesson.enter(lesson.find("_panel(", after="## Play"))
    page.keyboard.press("Escape")
    slider = panel.get_by_role("slider", name="temperature")
    for _ in range(30):
        if slider.evaluate("slider => slider === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0.0")
    expect(result).not_to_have_text(before, use_inner_text=True)
    expect(result.get_by_role("table")).to_have_count(0)  # no bars: at temperature 0 there is no choice


@of("01-basics")
def test_a_turn_of_the_chat_is_sent_with_enter(lesson: Lesson):
    panel = lesson.panel()
    message = panel.get_by_label("your message")
    message.fill("What is the capital of France?")
    message.press("Enter")
    conversation = panel.get_by_role("log", name="conversation")
    expect(conversation).to_contain_text("What is the capital of France?")
    expect(conversation).to_contain_text("Paris")
    expect(panel).to_contain_text("turn 2")
    expect(message).to_have_value("")


@of("04-json-mode")
def test_a_schema_is_checked_while_it_is_written(lesson: Lesson):
    panel = lesson.panel()
    schema = panel.get_by_label("schema", exact=True)
    schema.fill('{"type": "object", "properties": {"guests": {"type": "int"}}}')
    expect(panel.get_by_role("status")).to_contain_text("int")
    schema.press_sequentially(",")
    expect(panel.get_by_role("status")).to_contain_text("this is not JSON")


@of("07-images", "endpoint = ", "connect(", "_panel(")
def test_a_picture_is_uploaded_and_asked_about(lesson: Lesson):
    panel, out = lesson.panel(), io.BytesIO()
    Image.new("RGB", (120, 60), "teal").save(out, "PNG")
    upload(lesson, "upload a picture", "mine.png", "image/png", out.getvalue())
    expect(panel.get_by_alt_text(re.compile(r"^mine\.png, 120 × 60 pixels"))).to_be_visible()
    panel.get_by_role("button", name="Ask").press("Enter")
    expect(panel).to_contain_text("Answer")


@of("08-audio")
def test_a_sound_is_uploaded_and_heard(lesson: Lesson):
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\x00\x20\x00\xe0" * 2000)
    upload(lesson, "upload a WAV or MP3 file", "mine.wav", "audio/wav", out.getvalue())
    panel = lesson.panel()
    expect(panel.get_by_alt_text(re.compile(r"^Waveform of mine\.wav, 0\.50 seconds"))).to_be_visible()
    expect(panel.locator("audio")).to_be_visible()


def upload(lesson: Lesson, button: str, name: str, kind: str, content: bytes) -> None:
    """Presses a button by key and chooses a file in the window that opens."""
    with lesson.page.expect_file_chooser() as chosen:
        lesson.panel().get_by_role("button", name=button).press("Enter")
    chosen.value.set_files([{"name": name, "mimeType": kind, "buffer": content}])
