"""The teacher's guide keeps its word: the minutes add up, what it names is there, and what it tells you to do works."""

from __future__ import annotations

import asyncio
import os
import re
import ssl
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import httpx
import nbformat
import pytest

from commands.minutes import MINUTES_AN_EXERCISE, minutes
from tests.support.lessons import LESSONS
from tests.support.places import NOTEBOOKS, ROOT
from tests.support.plans import GUIDE, Row, plans

TEXT = GUIDE.read_text("utf-8")
LABELS = ["Say", "Curious", "They stumble", "Give", "When late"]
PEOPLE = 200


@dataclass(frozen=True)
class Lesson:
    """What the guide says of a lesson, held against the lesson."""

    title: str
    minutes: int
    headings: tuple[str, ...]


def read(path: Path) -> Lesson:
    text = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown")
    time = re.search(r"\*\*Time:\*\* (\d+) minutes", text)
    title, *headings = re.findall(r"^#{1,3} (.*)$", text, re.M)
    assert time, path.stem
    return Lesson(title, int(time[1]), tuple(headings))


COURSE = {path.name: read(path) for path in LESSONS}


def lessons_in(text: str) -> list[Lesson]:
    """The lessons that a text links to."""
    return [COURSE[name] for name in re.findall(r"\]\(\.\./notebooks/([\w-]+\.ipynb)\)", text)]


def missing(text: str) -> list[str]:
    """The sections and exercises that a text names, and that none of the lessons it links to has."""
    headings = [heading for lesson in lessons_in(text) for heading in lesson.headings]
    named = [name.rstrip(".,") for name in re.findall(r'"([^"]+)"', text)]
    for numbers in re.findall(r"exercises? ([\d. and]+\d)", text):
        named += [f"Exercise {number}:" for number in re.findall(r"\d+\.\d+", numbers)]
    return [name for name in named if not any(heading.startswith(name) for heading in headings)]


def shortest(row: Row) -> float:
    """The minutes that the row takes somebody who reads, runs and solves it alone."""
    lesson = nbformat.read(NOTEBOOKS / f"{row.lessons[0]}.ipynb", as_version=4)
    return minutes(row.cells(lesson)) + MINUTES_AN_EXERCISE * len(row.exercises)


def section(title: str, text: str = TEXT) -> str:
    """What stands under a heading of any level, up to the next one of the same."""
    found = re.search(rf"^(#+) {re.escape(title)}$\n(.*?)(?=^\1 |\Z)", text, re.M | re.S)
    assert found, title
    return found[2]


PLANS = plans()


# --- the plans --------------------------------------------------------------------------------------------------------


def test_there_are_three_plans():
    assert len(PLANS) == 3


@pytest.mark.parametrize("plan", PLANS)
def test_the_minutes_of_a_plan_add_up(plan: str):
    promised = re.search(r"(\d+) minutes", plan)
    assert promised
    assert sum(row.minutes for row in PLANS[plan]) == int(promised[1])


@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_names_what_there_is_and_leaves_a_quarter_of_its_minutes_for_talk(plan: str):
    assert "each row of a plan leaves a quarter of its minutes or more" in TEXT
    for row in PLANS[plan]:
        lessons = lessons_in(row.material)
        assert missing(row.material) == [], row.purpose
        if row.material.endswith(": all"):
            assert [row.minutes] == [lesson.minutes for lesson in lessons], row.purpose
        elif len(lessons) == 1:
            assert row.minutes < lessons[0].minutes, row.purpose
            assert row.minutes * 3 / 4 >= shortest(row), row.purpose


# --- the lessons ------------------------------------------------------------------------------------------------------


def test_every_lesson_has_its_paragraph_in_the_order_of_the_course():
    told = re.findall(r"^### \[(.*)\]\(\.\./notebooks/(.*)\)$", section("What do I say where?"), re.M)
    assert told == [(lesson.title, name) for name, lesson in COURSE.items()]


def test_no_day_is_long_enough_for_all_lessons():
    longest = max(sum(row.minutes for row in plan) for plan in PLANS.values())
    assert sum(lesson.minutes for lesson in COURSE.values()) > longest
    assert "All lessons together take more than a day" in TEXT


@pytest.mark.parametrize("name", COURSE)
def test_what_is_said_of_a_lesson_can_be_found_in_it(name: str):
    lesson = COURSE[name]
    text = section(f"[{lesson.title}](../notebooks/{name})")
    assert re.findall(r"^\* \*\*(.*?)\*\*: ", text, re.M) == LABELS
    linked = f"[{lesson.title}](../notebooks/{name}) "
    for line in text.splitlines():
        if re.match(r"\* \*\*(Curious|Give|When late)\*\*", line):
            assert missing(linked + line) == [], line


# --- the page ---------------------------------------------------------------------------------------------------------


def anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def test_the_contents_are_the_sections_in_their_order():
    sections = [(title, anchor(title)) for title in re.findall(r"^## (.*)$", TEXT, re.M)]
    assert re.findall(r"^\* \[(.*)\]\(#(.*)\)$", TEXT.split("\n## ")[0], re.M) == sections


def test_every_link_of_the_guide_leads_somewhere():
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        path, _, place = target.partition("#")
        page = (GUIDE.parent / unquote(path)).resolve() if path else GUIDE
        assert page.exists(), target
        if place:
            assert place in {anchor(title) for title in re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.M)}, target


# --- what it tells you to do ------------------------------------------------------------------------------------------


def blocks(language: str) -> list[str]:
    """The blocks of code that are meant to be run here; those that say why they are not are left out."""
    found = re.findall(r"(<!-- not run: .+? -->\n)?^```(\w+)\n(.*?)^```$", TEXT, re.M | re.S)
    return [code for reason, kind, code in found if kind == language and not reason]


def command(code: str) -> list[str]:
    return [sys.executable, *code.split()[1:]] if code.startswith(".venv/bin/python ") else code.split()


def test_each_command_of_the_guide_is_run_here():
    assert [code.split(" > ")[0].split()[-2:] for code in blocks("sh")] == [["--new-keys", "40"], ["make", "handouts"]]
    assert len(blocks("python")) == 1
    assert re.search(r"^handouts: ; @\$\(PYTHON\) tasks\.py handouts", (ROOT / "Makefile").read_text("utf-8"), re.M)


def test_the_command_for_keys_makes_so_many_without_limits():
    code, _, file = blocks("sh")[0].partition(" > ")
    done = subprocess.run(command(code), cwd=ROOT, capture_output=True, text=True, check=True)
    entries = tomllib.loads(done.stdout)
    assert file.strip() == "keys.toml"
    assert [set(entry) for entry in entries.values()] == [{"key"}] * 40
    assert len({entry["key"] for entry in entries.values()}) == 40


def test_progress_is_forgotten_as_the_guide_says(tmp_path: Path):
    for number in ("3.1", "4.1"):
        (tmp_path / number).touch()
    variables = {**os.environ, "COURSE_PROGRESS": str(tmp_path)}
    subprocess.run([sys.executable, "-c", blocks("python")[0]], cwd=ROOT, env=variables, check=True)
    assert [file.name for file in tmp_path.iterdir()] == ["4.1"]


@contextmanager
def room_mock(folder: Path) -> Iterator[tuple[str, str]]:
    """A mock for a room of PEOPLE, as the manual starts it, on loopback: its addresses for http and for https."""
    mock = [sys.executable, "-m", "helpers.mock"]
    keys = subprocess.run([*mock, "--new-keys", str(PEOPLE)], cwd=ROOT, capture_output=True, text=True, check=True)
    (folder / "keys.toml").write_text(keys.stdout, "utf-8")
    options = ["--port", "0", "--tls", "--tls-port", "0", "--tls-dir", str(folder / "tls")]
    started = [*mock, *options, "--keys", str(folder / "keys.toml"), "--media", str(ROOT / "notebooks" / "media")]
    environment = {**os.environ, "MOCK_KEY": "the-teachers-own-key"}
    with subprocess.Popen(started, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            http, https = re.findall(r"https?://[^/]+(?=/models)", process.stdout.readline() if process.stdout else "")
            yield http, https
        finally:
            process.terminate()


@pytest.mark.heavy
def test_a_room_of_200_gets_its_answers_and_each_is_counted_for_the_one_who_sent_it(tmp_path: Path):
    async def participant(key: str, name: str) -> list[int]:
        """A whole answer and a stream, over one connection."""
        statuses = []
        async with httpx.AsyncClient(verify=context, timeout=60, trust_env=False) as client:
            for stream in (False, True):
                body = {"model": "gpt-4o", "messages": [{"role": "user", "content": name}], "stream": stream}
                answer = await client.post(address, json=body, headers={"api-key": key})
                statuses.append(answer.status_code)
                assert name in answer.text or stream
        return statuses

    async def room() -> list[list[int]]:
        return await asyncio.gather(*(participant(entry["key"], name) for name, entry in keys.items()))

    with room_mock(tmp_path) as (http, https):
        keys = tomllib.loads((tmp_path / "keys.toml").read_text("utf-8"))
        context = ssl.create_default_context(cafile=str(tmp_path / "tls" / "bundle.pem"))
        address = f"{https}/models/chat/completions?api-version=2024-05-01-preview"
        health = httpx.get(f"{https}/_mock/health", verify=context, trust_env=False)  # as a participant tries it
        statuses = asyncio.run(room())
        url, teacher = f"{http}/_mock/requests?last=0", {"api-key": "the-teachers-own-key"}
        callers = httpx.get(url, headers=teacher, trust_env=False).json()["callers"]
    assert health.status_code == 200
    assert statuses == [[200, 200]] * PEOPLE
    assert {one["caller"]: one["requests"] for one in callers} == dict.fromkeys(keys, 2)
    assert f"with {PEOPLE} keys" in section("One mock for the room, or one each?")
