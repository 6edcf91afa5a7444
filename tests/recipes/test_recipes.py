"""The recipes: all in the index, self-contained, short, and linked by the lessons that explain them.

That they print what `recipes/outputs.md` shows is held by tests/docs/test_pages.py, their types by tests/test_code.py.
"""

from __future__ import annotations

import ast
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from statistics import median

import nbformat
import pytest

from commands import recipes
from commands.recipes import running
from commands.refresh import NOTEBOOKS

FILES = sorted(recipes.RECIPES.glob("*.py"))
LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))
BROUGHT = {
    "azure",
    "openai",
    "pydantic",
    "pydantic_core",
    "opentelemetry",
    "pytest",
}  # what a recipe may ask its reader to install
MOST_LINES, USUAL_LINES = 80, 40
each_recipe = pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])


def imported(path: Path) -> set[str]:
    """The packages that a program imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add((node.module or ".").partition(".")[0])
    return found


def test_every_recipe_is_in_the_index_once():
    assert sorted(recipes.names()) == [path.stem for path in FILES]


def test_what_happens_around_a_recipe_is_told_of_recipes_that_there_are():
    assert set(recipes.stages()) <= set(recipes.names())


@each_recipe
def test_a_recipe_needs_no_more_than_it_may_ask_for(path: Path):
    assert imported(path) <= BROUGHT | sys.stdlib_module_names


@each_recipe
def test_a_recipe_is_short_and_its_first_line_says_what_and_when(path: Path):
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert re.fullmatch(r'"""[A-Z][^"]{10,}: [^"]{10,}\."""', text.splitlines()[0])


def test_most_recipes_fit_on_a_screen():
    assert median(len(path.read_text("utf-8").splitlines()) for path in FILES) <= USUAL_LINES


@pytest.mark.heavy
def test_the_recipe_that_is_a_test_passes():
    plugin = ("-p", "helpers.mock.pytest_plugin", "-p", "no:cacheprovider", "-p", "no:xdist", "-c", os.devnull)
    command = [sys.executable, "-m", "pytest", "-q", *plugin, "recipes/test_with_the_mock.py"]
    done = subprocess.run(command, cwd=recipes.ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_a_twin_is_of_the_other_package():
    for path in FILES:
        assert ("openai" in imported(path)) == (path.stem.endswith("_openai")), path.name


@pytest.mark.parametrize("path", LESSONS, ids=[path.stem for path in LESSONS])
def test_a_lesson_links_the_recipes_that_it_explains(path: Path):
    told = f"python3 tasks.py refresh --no-run {path.name[:2]} writes them"
    for cell in nbformat.read(path, as_version=4).cells:
        assert cell.source == recipes.with_recipes(cell.source, path.name[:2]), told


def test_links_are_written_once_and_at_the_end_of_one_cell():
    before = "## Take it with you\n\nA program."
    once = recipes.with_recipes(before, "10")
    assert "[retry_with_jitter](../recipes/retry_with_jitter.py)" in once
    assert once.startswith(before)
    assert recipes.with_recipes(once, "10") == once
    assert recipes.with_recipes("## Recap", "10") == "## Recap"


def test_a_recipe_that_should_log_something_and_does_not_is_found():
    with running.serve(tls=True) as served, pytest.raises(AssertionError, match="does not log 'a word'"):
        running.run("ask_a_question", recipes.Stage(says=["a word"]), served)


def test_recipes_that_are_named_are_run_and_print(capsys: pytest.CaptureFixture[str]):
    running.main(["confirm_before_a_tool_acts", "fall_back_to_another_model"])
    asked, fallen_back = capsys.readouterr().out.split("\n\n")
    assert "Allow it? [y/N] y\nOrder 4711 is cancelled." in asked
    assert fallen_back == "[gpt-4o: 429]\n3 kilometres are 3,000 metres. (mistral-large-2407)\n"


def test_calls_that_are_refused_in_an_asyncio_batch_are_made_again_and_answered():
    with running.serve(tls=True, unexpected="answer") as served:
        printed = running.run("many_questions_async_with_retries", recipes.Stage(fails=[429, 503]), served)
        assert Counter(each.status for each in served.requests) == {200: 8, 429: 1, 503: 1}
    assert "What is 18 * 18? 18 * 18 is 324." in printed
    assert "no answer" not in printed


@pytest.mark.parametrize("said", ["[1, 2]", "I cannot do that.", '{"passenger": "Okafor"}', "{passenger: Okafor}"])
def test_an_answer_without_usable_json_ends_the_recipe_with_an_error(said: str, monkeypatch: pytest.MonkeyPatch):
    with running.serve(tls=True) as served:
        monkeypatch.setattr(served, "reset", lambda: served.reply(said))
        with pytest.raises(SystemExit, match="No usable JSON in 3 attempts"):
            running.run("json_from_a_model_without_json_mode", recipes.Stage(), served)


@pytest.mark.parametrize("name", ["terminal_chat", "terminal_chat_openai", "terminal_chat_with_tools"])
def test_a_chat_outlives_a_refused_prompt_and_ends_where_its_input_ends(name: str):
    typed = ["My name is Ada.", "How to make a lethal bomb?", "What is my name?"]
    with running.serve(tls=True, unexpected="answer") as served:
        printed = running.run(name, recipes.Stage(typed=typed), served)
        assert [each.status for each in served.requests] == [200, 400, 200]
        assert "bomb" not in str(served.requests.last.messages)
    assert "[400: " in printed
    assert "Ada" in printed.rpartition("What is my name?")[2]


@pytest.mark.skipif(sys.platform == "win32", reason="no program can press Ctrl-C for another one there")
@pytest.mark.heavy
def test_ctrl_c_stops_a_stream_and_not_the_program():
    command = [sys.executable, str(recipes.path_of("stop_a_stream_early"))]
    with running.serve(tokens_per_second=2, unexpected="answer") as served:
        environment = {**os.environ, **served.environment, "NO_PROXY": "*"}
        # A shell has what it starts in the background ignore Ctrl-C, and these tests may have been started so.
        heeding = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, preexec_fn=heeding) as program:
            assert program.stdout
            begun = program.stdout.read(1)
            program.send_signal(signal.SIGINT)
            rest = program.communicate(timeout=30)[0].decode()
    assert program.returncode == 0
    assert begun
    assert re.fullmatch(r"[^.]*…\s+\d+ characters\s+", rest), rest


def test_a_recipe_runs_on_a_stage_and_leaves_nothing_behind():
    with running.serve(tls=True, unexpected="answer") as served:
        printed = running.run("retry_with_jitter", recipes.Stage(fails=[503, 429]), served)
        assert re.match(r"503, waiting 0.\d\d s\n429, waiting 1.\d\d s\nThere are about", printed)
        assert [each.status for each in served.requests] == [503, 429, 200]
        assert running.run("retry_with_jitter", recipes.Stage(), served).startswith("There are about")
