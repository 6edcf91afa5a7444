"""What a check makes of an answer: the untouched stub, a mistake, an error in the reader's code, and a right one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from helpers.display import Rich
from helpers.exercises import checking
from helpers.exercises.checking import check, untouched
from helpers.exercises.kinds import result_of
from helpers.exercises.registry import Check, expect
from tests.helpers.exercises.conftest import FIRST, NUMBER, SECOND


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, register: Callable[[Check], None]) -> Callable[..., Rich]:
    """What `check` shows for an answer, when this is the check."""

    def tell(answer: Any, look: Check = lambda _: "Right: so it is.") -> Rich:
        shown: list[Rich] = []
        monkeypatch.setattr(checking, "present", shown.append)
        register(look)
        check(NUMBER, answer)
        (one,) = shown
        return one

    return tell


def dots(answer): ...


def passed(answer):
    pass


def described(answer: str, *, strict: bool = True):
    """What it is to do."""


async def awaited(answer): ...


async def awaited_and_described(answer: str):
    """What it is to do."""


@pytest.mark.parametrize("stub", [dots, passed, described, awaited, awaited_and_described, lambda: ...])
def test_a_function_with_an_empty_body_is_a_stub(stub: Any):
    assert untouched(stub)


def gives_the_answer_back(answer):
    return answer


def gives_its_own_docstring(answer):
    """The same."""
    return "The same."


def gives_nothing_after_work(answer):
    answer.append(1)


async def gives_later(answer):
    return await answer


def yields(answer):
    yield


@pytest.mark.parametrize(
    "written",
    [
        gives_the_answer_back,
        gives_its_own_docstring,
        gives_nothing_after_work,
        gives_later,
        yields,
        len,
        str,
        lambda: 1,
    ],
)
def test_a_function_that_does_something_is_an_answer(written: Any):
    assert not untouched(written)


@pytest.mark.parametrize(
    "stub", [..., [...], ("a", ...), {"a": {"b": [1, (2, ...)]}}, {...}, [dots], {"run": passed}, [[], {}, {"a": ...}]]
)
def test_dots_at_any_depth_are_a_stub(stub: Any):
    assert untouched(stub)


@pytest.mark.parametrize("answer", [None, 0, "", "...", [], {}, {"a": [1, 2]}, ("a", None), object()])
def test_anything_else_is_an_answer(answer: Any):
    assert not untouched(answer)


def test_the_stub_gets_the_first_hint_and_the_check_does_not_look_at_it(told: Callable[..., Rich]):
    def never(_: Any) -> str:
        raise AssertionError("nothing was written yet")

    shown = told(..., never)
    assert shown.text == f"○ Exercise {NUMBER}, Tags & <signs>\n{FIRST}"
    assert SECOND not in shown.text


def test_a_mistake_gets_its_own_hint_and_the_second_one_folded_under_it(told: Callable[..., Rich]):
    def look(answer: Any) -> str:
        expect(isinstance(answer, str), "Wanted is a <str>.")
        return "never"

    shown = told(3, look)
    assert shown.text.splitlines() == [
        f"↻ Exercise {NUMBER}, Tags & <signs>",
        "Wanted is a <str>.",
        f"Another hint: {SECOND}",
    ]
    assert "<details><summary>Another hint</summary>" in shown.html


def test_a_right_answer_gets_the_reason_and_no_more_hints(told: Callable[..., Rich]):
    shown = told("yes")
    assert shown.text == f"✓ Exercise {NUMBER}, Tags & <signs>\nRight: so it is."
    assert "<details>" not in shown.html


def test_what_is_shown_is_escaped_announced_and_told_apart_without_colour(told: Callable[..., Rich]):
    html = told(...).html
    assert "Tags &amp; &lt;signs&gt;" in html
    assert "What to look at &lt;first&gt;." in html
    assert "<signs>" not in html
    assert 'role="status"' in html
    assert "○" in html


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("no <b>\nand more lines"), "Your code stopped with ValueError: no <b>"),
        (NotImplementedError(), "Your code stopped with NotImplementedError"),
        (KeyError("name"), "Your code stopped with KeyError: 'name'"),
        (SystemExit(1), "Your code stopped with SystemExit: 1"),
        (asyncio.CancelledError(), "Your code stopped with CancelledError"),
        (AssertionError("\n  assert 1 == 2"), "Your code stopped with AssertionError: assert 1 == 2"),
    ],
)
def test_an_error_in_the_readers_code_is_a_hint(told: Callable[..., Rich], error: BaseException, said: str):
    def answer() -> str:
        raise error

    shown = told(answer, lambda answer: answer())
    assert shown.text.splitlines() == [
        f"↻ Exercise {NUMBER}, Tags & <signs>",
        said,
        f"Another hint: {SECOND}",
    ]
    assert "<b>" not in shown.html


def test_a_function_that_calls_itself_without_end_is_a_hint(told: Callable[..., Rich]):
    def answer() -> str:
        return answer()

    assert "Your code stopped with RecursionError" in told(answer, lambda answer: answer()).text


def test_an_interrupt_by_the_reader_interrupts(told: Callable[..., Rich]):
    def answer() -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        told(answer, lambda answer: answer())


def test_outside_a_notebook_the_text_is_printed(capsys: pytest.CaptureFixture[str], register: Any):
    register(lambda _: "Right.")
    check(NUMBER, "yes")
    assert capsys.readouterr().out == f"✓ Exercise {NUMBER}, Tags & <signs>\nRight.\n"


def test_an_unknown_number_names_those_that_there_are():
    with pytest.raises(LookupError, match=r"no exercise '3\.99' in this lesson; there are 3\.1, 3\.2, 3\.3"):
        check("3.99", "yes")


async def test_a_check_can_run_a_coroutine_function_of_the_readers(told: Callable[..., Rich]):
    async def answer() -> str:
        return "Right: awaited."

    assert "Right: awaited." in told(answer, lambda answer: result_of(answer())).text
