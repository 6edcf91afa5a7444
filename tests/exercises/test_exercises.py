"""Every exercise of every lesson, tried in that lesson's kernel.

The stub gets the first hint, the solution passes and so do other right answers, and typical wrong ones get the hint
that is meant for them.

`tests/exercises/lesson_NN.toml` holds the other answers: for each exercise `right`, a list of code, and `wrong`, a list
of [code, a piece of the hint] or [code, a piece of the hint, a piece of the second one]. The code takes the place of
the stub, up to its line with `check(`.
"""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from helpers.exercises.registry import Exercise, exercises
from tests.support.lessons import LESSONS
from tests.support.readings import Reading

pytestmark = pytest.mark.heavy

ANSWERS = Path(__file__).parent
CHECK = re.compile(r"""^check\(\s*["'](\d+\.\d+)["']""", re.MULTILINE)
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)


@dataclass
class Exercises:
    """A lesson's exercises as they stand in the notebook."""

    path: Path

    @property
    def number(self) -> str:
        return self.path.stem[:2]

    @cached_property
    def book(self) -> NotebookNode:
        return nbformat.read(self.path, as_version=4)

    @cached_property
    def stubs(self) -> dict[str, str]:
        cells = [cell.source for cell in self.book.cells if "exercise" in cell.metadata.get("tags", [])]
        return {found[1]: source for source in cells if (found := CHECK.search(source))}

    @cached_property
    def solutions(self) -> dict[str, str]:
        cells = [cell.source for cell in self.book.cells if "solution" in cell.metadata.get("tags", [])]
        codes = [found[1] for source in cells if (found := CODE.search(source))]
        return {found[1]: code for code in codes if (found := CHECK.search(code))}

    @cached_property
    def registered(self) -> dict[str, Exercise]:
        return {item.number: item for item in exercises(self.number)}

    @cached_property
    def answers(self) -> dict[str, Any]:
        return tomllib.loads((ANSWERS / f"lesson_{self.number}.toml").read_text("utf-8"))

    def replaced(self, number: str, code: str) -> str:
        """The stub's cell with this code in place of what the reader is to write."""
        stub = self.stubs[number]
        return code.strip("\n") + "\n\n" + stub[CHECK.search(stub).start() :]  # pyright: ignore[reportOptionalMemberAccess]


each_lesson = pytest.mark.parametrize("given", [Exercises(path) for path in LESSONS], ids=lambda one: one.path.stem)


@each_lesson
def test_each_exercise_has_a_stub_a_check_a_solution_and_answers_to_try(given: Exercises):
    assert len(given.stubs) >= 3
    assert list(given.stubs) == list(given.registered) == list(given.solutions) == list(given.answers)
    titles = [line for cell in given.book.cells if cell.cell_type == "markdown" for line in cell.source.splitlines()]
    for number, item in given.registered.items():
        assert f"### Exercise {number}: {item.title}" in titles
        assert given.answers[number]["right"], "another right answer"
        assert len(given.answers[number]["wrong"]) >= 2, "two typical wrong answers"
        hints = [tuple(hints) for _, *hints in given.answers[number]["wrong"]]
        assert len(set(hints)) == len(hints), "each mistake has a hint of its own"


@each_lesson
def test_the_registered_names_are_those_of_the_stub(given: Exercises):
    for number, item in given.registered.items():
        tree = ast.parse(given.stubs[number])
        assert ast.unparse(tree.body[-1]) == ast.unparse(ast.parse(item.line))
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        assert [argument.arg for node in functions for argument in node.args.args] == list(item.takes)


def test_each_answer_gets_what_is_meant_for_it(lesson: Reading):
    def said_of(code: str) -> str:
        return lesson.run(code, store_history=False).shown

    given = Exercises(lesson.path)
    lesson.names()
    for number, item in given.registered.items():
        # The solution last of the right ones: later exercises may go on from it.
        right = [given.replaced(number, code) for code in given.answers[number]["right"]]
        wrong = [(given.replaced(number, code), hints) for code, *hints in given.answers[number]["wrong"]]
        said = said_of(given.stubs[number])
        assert f"○ Exercise {number}" in said, said
        assert item.first in said
        seconds = set()
        for code, hints in wrong:
            said = said_of(code)
            assert f"↻ Exercise {number}" in said, f"{code}\n-> {said}"
            shown = said.split("\nAnother hint: ")
            assert len(shown) == 2, f"{code}\n-> {said}"
            assert all(hint in part for hint, part in zip(hints, shown, strict=False)), f"{code}\n-> {said}"
            assert said.count("`") % 2 == 0, f"{code}\n-> {said}"
            seconds.add(shown[1])
        assert len(seconds) > 1, "the second hint, too, depends on the mistake"
        for code in [*right, given.solutions[number]]:
            said = said_of(code)
            assert f"✓ Exercise {number}" in said, f"{code}\n-> {said}"


@each_lesson
def test_a_solution_replaces_the_whole_stub(given: Exercises):
    for number, code in given.solutions.items():
        check = CHECK.search(given.stubs[number])
        assert check is not None
        assert code.rstrip("\n").endswith(given.stubs[number][check.start() :].rstrip("\n"))
