"""The code as its tools see it: lint, format, types, which room imports which, and the spelling of all that is read."""

from __future__ import annotations

import pytest

from commands import check


@pytest.mark.heavy
@pytest.mark.parametrize("tool", check.TOOLS)
def test_the_tools_are_content(tool: str):
    assert not check.TOOLS[tool]()


def test_a_misspelling_would_be_found(tmp_path):
    wrong = "rec" + "ieve"  # in one piece it would be found here
    (tmp_path / "page.md").write_text(f"Did you {wrong} a reply?", "utf-8")
    assert f"{wrong} ==> receive" in check.complaints("-m", "codespell_lib", tmp_path)
