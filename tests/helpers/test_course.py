"""The map of the course is what the lessons say of themselves."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from helpers import course
from helpers.course import LESSONS, Lesson, course_map, lesson_needs, lessons
from helpers.display import Rich


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Rich:
    """The map."""
    seen: list[Rich] = []
    monkeypatch.setattr(course, "present", seen.append)
    course_map()
    (one,) = seen
    return one


def opening(name: str) -> str:
    return nbformat.read(LESSONS / f"{name}.ipynb", as_version=4).cells[0].source


def test_each_notebook_of_a_lesson_is_in_it_in_reading_order():
    assert [one.name for one in lessons()] == sorted(path.stem for path in LESSONS.glob("*.ipynb"))


@pytest.mark.parametrize("one", lessons(), ids=lambda one: one.name)
def test_it_says_what_the_lesson_says_in_its_first_cell(one: Lesson):
    first = opening(one.name)
    assert first.startswith(f"# {one.title}\n")
    assert f"**Time:** {one.minutes} minutes" in first
    assert one.minutes >= 5
    words = re.sub(r"[*`_]", "", " ".join(first.split()))
    assert one.afterwards in words
    assert not one.afterwards.startswith("After")
    assert not one.afterwards.endswith(".")
    assert all(f"({before}.ipynb)" in first for before in one.before)


def test_what_comes_before_a_lesson_comes_before_it():
    names = [one.name for one in lessons()]
    for place, one in enumerate(lessons()):
        assert set(one.before) <= set(names[:place]), one.name
    assert [one.name for one in lessons() if not one.before] == ["00-start-here"]


def test_the_caption_adds_up(shown: Rich):
    count, hours, *rest = map(int, re.findall(r"\d+", shown.text.splitlines()[0]))
    minutes = sum(rest)  # none where it is hours exactly
    assert count == len(lessons())
    assert 60 * hours + minutes == sum(one.minutes for one in lessons())
    assert minutes < 60


def test_each_lesson_is_linked_once_to_a_file_that_exists(shown: Rich):
    links = re.findall(r'<a href="([^"]+)">([^<]+)</a>', shown.html)
    assert links == [(f"{one.name}.ipynb", one.title) for one in lessons()]
    assert all((LESSONS / target).exists() for target, _ in links)


def test_the_rows_have_minutes_and_what_comes_before(shown: Rich):
    rows = shown.text.splitlines()[2:]
    for one, row in zip(lessons(), rows, strict=True):
        cells = re.split(r" {2,}", row)
        assert cells[0] == one.title
        assert cells[2] == str(one.minutes)
        assert cells[3:] == ([", ".join(before[:2] for before in one.before)] if one.before else [])


def lesson_file(folder: Path, name: str, first: str) -> None:
    nbformat.write(v4.new_notebook(cells=[v4.new_markdown_cell(first)]), folder / f"{name}.ipynb")


def test_signs_in_a_title_are_escaped_and_a_lesson_without_minutes_counts_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    lesson_file(
        tmp_path, "01-tags", "# 01 Tags & <signs>\n\nAfter this lesson, you write `<b>`.\n\n**Before:** nothing"
    )
    lesson_file(
        tmp_path,
        "02-more",
        "# 02 More\n\nAfter this lesson you go\non.\n\n"
        "**Time:** 130 minutes · **Before:** [01](01-tags.ipynb), [set-up](../README.md)",
    )
    (tmp_path / "notes.ipynb").write_text("no lesson")
    assert lessons(tmp_path) == [
        Lesson("01-tags", "01 Tags & <signs>", "you write <b>", 0, ()),
        Lesson("02-more", "02 More", "you go on", 130, ("01-tags",)),
    ]
    seen: list[Rich] = []
    monkeypatch.setattr(course, "present", seen.append)
    monkeypatch.setattr(course, "lessons", lambda: lessons(tmp_path))
    course_map()
    assert seen[0].text.startswith("2 lessons, 2 hours 10 minutes")
    assert '<a href="01-tags.ipynb">01 Tags &amp; &lt;signs&gt;</a>' in seen[0].html
    assert "<b>" not in seen[0].html


def test_what_a_lesson_asks_of_a_model_is_what_its_cells_are_tagged_with(monkeypatch: pytest.MonkeyPatch):
    seen: list[Rich] = []
    monkeypatch.setattr(course, "present", seen.append)
    lesson_needs()
    rows = {row[:2]: row for row in seen[0].text.splitlines()[2:]}
    assert list(rows) == [one.name[:2] for one in lessons()]
    assert "function calling" in rows["05"]
    assert "pictures" in rows["07"]
    assert "pictures" not in rows["05"]
    for one in lessons():
        cells = nbformat.read(LESSONS / f"{one.name}.ipynb", as_version=4).cells
        alone = sum("mock" in cell.metadata.get("tags", []) for cell in cells)
        assert rows[one.name[:2]].endswith(f" {alone}") == bool(alone)


def test_every_need_that_a_lesson_has_can_be_told():
    tags = {
        tag.removeprefix("needs-")
        for path in LESSONS.glob("*.ipynb")
        for cell in nbformat.read(path, as_version=4).cells
        for tag in cell.metadata.get("tags", [])
        if tag.startswith("needs-")
    }
    assert tags - set(course._NEEDS) <= {"model", "usage", "info", "entra"}, "these cells name the mock's own"
