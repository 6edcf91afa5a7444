"""What a check makes of an answer: the untouched stub, a mistake, an error in the reader's code, and a right one."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from helpers.display import Rich
from helpers.exercises import checking, registry
from helpers.exercises.checking import check, untouched
from helpers.exercises.kinds import called, code, expect_function, result_of
from helpers.exercises.registry import Check, Exercise, exercise, exercises, expect, refuse
from tests.helpers.exercises.conftest import FIRST, NUMBER, SECOND


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, register: Callable[[Check], None]) -> Callable[..., Rich]:
    """What `check` shows for an answer, when this is the check."""

    def tell(answer: Any, look: Check = lambda _: "Right: so it is.") -> Rich:
        shown: list[Rich] = []
        monkeypatch.setattr(checking, "present", shown.append)
        registry._registered.pop(NUMBER, None)
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


def test_a_mistake_gets_its_own_hint_and_a_second_one_folded_under_it(told: Callable[..., Rich]):
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


def test_a_mistake_may_have_a_second_hint_of_its_own(told: Callable[..., Rich]):
    def look(answer: Any) -> str:
        expect(isinstance(answer, str), "This should be a text.", "`str(...)` makes one.")
        return refuse("Too short.")

    assert told(3, look).text.endswith("\nAnother hint: `str(...)` makes one.")
    assert told("3", look).text.endswith(f"\nAnother hint: {SECOND}")


def test_code_is_set_as_code(told: Callable[..., Rich]):
    def look(answer: Any) -> str:
        return refuse(f"`a < b`, and it says {code(answer)}.", "Try `x`.")

    shown = told("a ` b", look)
    assert "`a < b`, and it says ``'a ` b'``." in shown.text
    assert "<code>a &lt; b</code>, and it says <code>&#x27;a ` b&#x27;</code>." in shown.html
    assert "<code>x</code>" in shown.html


def test_a_long_value_is_told_without_its_middle():
    assert code("x" * 30) == "`'" + "x" * 30 + "'`"
    assert len(code("x" * 3000)) < 110
    assert "\n" not in code(np.eye(5))


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
        (ValueError("no <b>\nand more lines"), "Your code stops with ValueError: no <b>"),
        (NotImplementedError(), "Your code stops with NotImplementedError"),
        (KeyError("name"), "Your code stops with KeyError: 'name'"),
        (SystemExit(1), "Your code stops with SystemExit: 1"),
        (asyncio.CancelledError(), "Your code stops with CancelledError"),
        (AssertionError("\n  assert 1 == 2"), "Your code stops with AssertionError: assert 1 == 2"),
    ],
)
def test_an_error_in_the_readers_code_is_a_hint(told: Callable[..., Rich], error: BaseException, said: str):
    def answer() -> str:
        raise error

    shown = told(answer, lambda answer: answer())
    assert shown.text.splitlines() == [
        f"↻ Exercise {NUMBER}, Tags & <signs>",
        said,
        "It happens at `raise error`",
        f"Another hint: {SECOND}",
    ]
    assert "<b>" not in shown.html


def test_a_function_that_calls_itself_without_end_is_a_hint(told: Callable[..., Rich]):
    def answer() -> str:
        return answer()

    assert "Your code stops with RecursionError" in told(answer, lambda answer: answer()).text


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


# The line with check


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Rich]:
    cards: list[Rich] = []
    monkeypatch.setattr(checking, "present", cards.append)
    return cards


@pytest.mark.parametrize("item", exercises(), ids=lambda item: item.number)
def test_a_line_that_was_changed_is_told_how_to_be_put_back(shown: list[Rich], item: Exercise):
    answer = "anything" if len(item.names) == 1 else ("anything",) * len(item.names)
    check(float(item.number), answer)
    check(item.number)
    check(item.number, answer, answer)
    if len(item.names) > 1:
        check(item.number, "anything")
        check(item.number, *answer)
        check(item.number, (*answer, "more"))
        check(item.number, ...)
    for card in shown:
        assert card.text.startswith(f"↻ Exercise {item.number}, ")
        assert f"Put the line back as it was: `{item.line}`." in card.text
        assert "Another hint: Ctrl+Z" in card.text
    assert item.line in ast.unparse(ast.parse(item.line)).replace("'", '"')


@pytest.mark.parametrize("first", [[], ["anything"], [None, 3], [["1.1"]], ["Le train part.", 3], [99.9, "anything"]])
def test_without_a_number_nobody_knows_which_exercise_it_is(shown: list[Rich], first: list[Any]):
    check(*first)
    (card,) = shown
    assert card.text.startswith("↻ Which exercise?\n`check` wants its number first, in quotes: `check(")


def test_several_things_are_handed_to_the_check_one_by_one(shown: list[Rich], register: Callable[[Check], None]):
    register(lambda text, response: f"Right: {text} and {response}.")
    check(NUMBER, ("this", "that"))
    check(NUMBER, (..., "that"))
    assert [card.text.splitlines()[-1] for card in shown] == ["Right: this and that.", FIRST]


# The reader's own names


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        ("Read `call.function`.", "Read `request.function`."),
        ("`tools[call]` or `call`", "`table[request]` or `request`"),
        ("The call and the tools are words here.", "The call and the tools are words here."),
        ("`one.call` is `recall`, `calls` and `'call'`.", "`one.call` is `recall`, `calls` and `'call'`."),
        ("`f(call=call)`, `call == tools`", "`f(call=request)`, `request == table`"),
        ("`for one in tools:` but `call:image`", "`for one in table:` but `call:image`"),
        ('`f"{call}"`', '`f"{request}"`'),
    ],
)
def test_code_in_hints_has_the_readers_own_names(shown: list[Rich], register: Any, hint: str, said: str):
    exercise("3.92", "Own names", takes="call, tools", first="", second="`call`")(lambda safely: refuse(hint))

    def safely(request, table):
        return request

    check("3.92", safely)
    assert shown[0].text.splitlines()[1:] == [said, "Another hint: `request`"]
    check("3.92", "no function")
    assert shown[1].text.splitlines()[1:] == [hint, "Another hint: `call`"]


# What the reader's functions give


def test_where_a_list_is_wanted_a_generator_will_do(told: Callable[..., Rich]):
    def answer():
        yield 1

    def look(answer: Any) -> str:
        expect_function(answer, lists=True)
        return f"Right: {called(answer, lists=True)}"

    assert "Right: [1]" in told(answer, look).text
    assert "There is a `yield` in this function" in told(answer, lambda answer: expect_function(answer) or "").text


def test_an_error_says_when_and_where(told: Callable[..., Rich]):
    def answer(number: int) -> float:
        return 1 / number

    shown = told(answer, lambda answer: called(answer, 0, when="For nothing", more="Ask first."))
    assert shown.text.splitlines()[1:] == [
        "For nothing your code stops with ZeroDivisionError: division by zero",
        "It happens at `return 1 / number`",
        "Another hint: Ask first.",
    ]
