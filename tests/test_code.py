"""The code as its tools see it: lint, format, types, which room imports which, and the spelling of all that is read."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from commands import check
from tests.support.places import ROOT


def rooms(house: Path, holding: str) -> set[str]:
    return {path.parent.relative_to(house).as_posix() for path in house.rglob(holding)}


@pytest.mark.parametrize("house", ["helpers", "helpers/mock"])
def test_tests_lie_in_the_rooms_of_what_they_test(house: str):
    tests = rooms(ROOT / "tests" / house.removeprefix("helpers/"), "test_*.py")
    assert tests <= rooms(ROOT / house, "__init__.py")


@pytest.mark.parametrize("stub", sorted((ROOT / "helpers").rglob("__init__.pyi")), ids=lambda stub: stub.parent.name)
def test_no_public_name_is_that_of_a_module_beside_it_which_would_hide_it_once_imported(stub: Path):
    public = {name.asname or name.name for node in ast.walk(ast.parse(stub.read_text("utf-8")))
              if isinstance(node, ast.ImportFrom) for name in node.names}  # fmt: skip
    assert not public & {beside.stem for beside in stub.parent.iterdir()}


# The types of all files take a tenth of the whole suite's time, and `tasks.py check` looks at them before each commit.
@pytest.mark.heavy
@pytest.mark.parametrize(
    "tool", [pytest.param(tool, marks=[pytest.mark.slow] if tool == "types" else []) for tool in check.TOOLS]
)
def test_the_tools_are_content(tool: str):
    assert not check.TOOLS[tool]()


def test_a_misspelling_would_be_found(tmp_path):
    wrong = "rec" + "ieve"  # in one piece it would be found here
    (tmp_path / "page.md").write_text(f"Did you {wrong} a reply?", "utf-8")
    assert f"{wrong} ==> receive" in check.complaints("-m", "codespell_lib", tmp_path)
