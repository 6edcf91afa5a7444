"""`tasks.py check`: a line for each check, with its seconds, and complaints in full."""

from __future__ import annotations

import re

import pytest

from commands import check


def test_each_check_is_told_with_its_seconds_and_complaints_in_full(capsys: pytest.CaptureFixture[str]):
    assert not check.run([("lint", lambda: ""), ("types", lambda: "this\nand that")])
    lines = sorted(capsys.readouterr().out.splitlines())
    assert re.fullmatch(r"lint +0\.0 s  content", lines[1])
    assert lines[0] == "and that"
    assert lines[2] == "this"
    assert re.fullmatch(r"types +0\.0 s  complaints:", lines[3])


@pytest.mark.parametrize(("said", "code"), [("", 0), ("something", 1)])
def test_the_exit_code_says_whether_anything_is_left(said: str, code: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(check, "TOOLS", {"lint": lambda: ""})
    monkeypatch.setattr(check, "TESTS", {"mock": lambda: said})
    assert check.main([]) == code


def test_what_a_program_says_counts_only_when_it_fails():
    assert check.complaints("-c", "print('hello')") == ""
    assert check.complaints("-c", "print('hello'); raise SystemExit(1)") == "hello"
    assert check.complaints("-c", "raise SystemExit(3)") == "exit code 3"
