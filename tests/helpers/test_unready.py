"""What a kernel of the course says below the `NameError` of a cell that was run before those under "Set-up"."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from commands.setup.course import KERNEL_SETTINGS
from helpers import unready


@pytest.fixture
def shell() -> InteractiveShell:
    shell = InteractiveShell(colors="nocolor")
    unready.load_ipython_extension(shell)
    return shell


def test_the_kernels_of_the_course_load_it():
    assert 'c.IPKernelApp.extensions = ["helpers.unready"]' in KERNEL_SETTINGS


@pytest.mark.parametrize(
    ("cell", "name"), [('answer = ...\ncheck("1.1", answer)', "check"), ("client.close()", "client")]
)
def test_a_name_that_set_up_makes_is_told_with_where_it_comes_from(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str, name: str
):
    shell.run_cell(cell)
    said = capsys.readouterr().out
    assert f"NameError: name '{name}' is not defined" in said
    assert said.splitlines()[-1].startswith(f'`{name}` comes from the cells under "Set-up"')


@pytest.mark.parametrize("cell", ["nobody_makes_this", "1 / 0", "check = print\ncheck()"])
def test_nothing_is_said_of_anything_else(shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str):
    shell.run_cell(cell)
    assert "Set-up" not in capsys.readouterr().out
