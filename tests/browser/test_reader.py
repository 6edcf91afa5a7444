"""What a reader does in a lesson, in a real JupyterLab: plays with the panel, solves an exercise."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Callable, Iterator

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.lab import LESSONS, Lab, Lesson

pytestmark = pytest.mark.heavy

expect.set_options(timeout=20_000)  # milliseconds, on a machine with much else to do
Opener = Callable[[str], Lesson]


@pytest.fixture(scope="module")
def opened(lab: Lab, page: Page) -> Iterator[Opener]:
    """Opens a lesson by its number and runs all its cells; one that is open already is left as it is."""
    current: list[Lesson] = []

    def open_(number: str) -> Lesson:
        name = next(path.name for path in LESSONS if path.name.startswith(number))
        if current and current[0].name == name:
            return current[0]
        if current:
            current.pop().close()
        current.append(Lesson.open(lab, page, name))
        current[0].run_all()
        return current[0]

    yield open_
    if current:
        current[0].close()


def solution(lesson: Lesson, number: int) -> str:
    """The solution that is folded under an exercise."""
    cell = next(cell for cell in lesson.cells()[number:] if "solution" in cell["metadata"].get("tags", []))
    found = re.search(r"```python\n(.*?)\n```", cell["source"], re.DOTALL)
    assert found
    return found[1]


def test_what_is_printed_wraps_between_words(opened: Opener):
    """JupyterLab's own style breaks it anywhere; the set-up of the environment brings another."""
    lesson = opened("01")
    printed = lesson.cell(lesson.find("print(response.choices[0].message.content)")).locator(
        ".jp-OutputArea-output pre"
    )
    assert printed.first.evaluate("pre => getComputedStyle(pre).wordBreak") == "normal"


def test_an_exercise_counts_when_its_cell_is_run_on_its_own_and_only_then(opened: Opener):
    lesson = opened("03")
    exercise, summary = lesson.find('check("3.1"'), lesson.find('progress("03")')
    lesson.type_into(exercise, solution(lesson, exercise))

    lesson.run_all()
    said = lesson.cell(exercise).locator(".jp-OutputArea")
    expect(said).to_contain_text("✓ Exercise 3.1")
    expect(said).to_contain_text("Run this cell on its own to have it counted.")
    expect(lesson.cell(summary)).to_contain_text("0 of 4 solved")
    assert lesson.lab.solved() == []

    said = lesson.run(exercise).locator(".jp-OutputArea")
    expect(said).to_contain_text("✓ Exercise 3.1")
    expect(said).not_to_contain_text("to have it counted")
    assert lesson.lab.solved() == ["3.1"]
    expect(lesson.run(summary)).to_contain_text("1 of 4 solved")


def test_a_wrong_answer_gets_its_hint_and_is_not_counted(opened: Opener):
    lesson = opened("03")
    exercise, before = lesson.find('check("3.2"'), lesson.lab.solved()
    stub = lesson.cells()[exercise]["source"]
    expect(lesson.run(exercise).locator(".jp-OutputArea")).to_contain_text("○ Exercise 3.2")
    lesson.type_into(exercise, re.sub(r"= \.\.\.", "= 'no answer'", stub))
    expect(lesson.run(exercise).locator(".jp-OutputArea")).to_contain_text("↻ Exercise 3.2")
    assert lesson.lab.solved() == before


def test_a_slider_is_found_and_moved_by_keyboard_and_the_result_follows(opened: Opener):
    lesson = opened("03")
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


def test_a_turn_of_the_chat_is_sent_with_enter(opened: Opener):
    panel = opened("01").panel()
    message = panel.get_by_label("your message")
    message.fill("What is the capital of France?")
    message.press("Enter")
    conversation = panel.get_by_role("log", name="conversation")
    expect(conversation).to_contain_text("What is the capital of France?")
    expect(conversation).to_contain_text("Paris")
    expect(panel).to_contain_text("turn 2")
    expect(message).to_have_value("")


def test_a_schema_is_checked_while_it_is_written(opened: Opener):
    panel = opened("04").panel()
    schema = panel.get_by_label("schema", exact=True)
    schema.fill('{"type": "object", "properties": {"guests": {"type": "int"}}}')
    expect(panel.get_by_role("status")).to_contain_text("int")
    schema.press_sequentially(",")
    expect(panel.get_by_role("status")).to_contain_text("this is not JSON")


def test_a_picture_is_uploaded_and_asked_about(opened: Opener):
    lesson = opened("07")
    panel, out = lesson.panel(), io.BytesIO()
    Image.new("RGB", (120, 60), "teal").save(out, "PNG")
    upload(lesson, "upload a picture", "mine.png", "image/png", out.getvalue())
    expect(panel.get_by_alt_text(re.compile(r"^mine\.png, 120 × 60 pixels"))).to_be_visible()
    panel.get_by_role("button", name="Ask").press("Enter")
    expect(panel).to_contain_text("Answer")


def test_a_sound_is_uploaded_and_heard(opened: Opener):
    lesson, out = opened("08"), io.BytesIO()
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
