"""What an answer has to be before a check can look into it, with a hint for each thing that it may be instead; and what
the reader's own functions give."""

from __future__ import annotations

import asyncio
import inspect
import linecache
import threading
import traceback
from collections.abc import Callable, Coroutine, Mapping
from types import UnionType
from typing import Any, TypeVar

from azure.ai.inference.models import ChatCompletions, StreamingChatCompletions

from .. import page
from ..answers import plain
from ..display import inline
from .registry import expect, refuse

T = TypeVar("T")
PATIENCE = 10  # seconds, for a coroutine of the reader's
_ROOM = 100  # characters of a value in a hint
_REPLY = "This should be the reply itself, as `complete()` returns it."
_RETURN = "A function that ends without `return` gives back `None`; what it prints is seen and not kept."


def expect_reply(answer: Any) -> None:
    """Ends the check with a hint that fits unless this is a `ChatCompletions`."""
    if inspect.iscoroutine(answer):
        answer.close()  # it is not going to be awaited, and Python would complain of that
        refuse("That is a coroutine: an asynchronous call needs `await` in front of it.", _REPLY)
    expect(
        answer is not None,
        "There is nothing in it: `show()` and `print()` display things and return nothing.",
        "Keep the reply first, with a line that begins with the name and `=`; show it in the next line.",
    )
    expect(
        not isinstance(answer, str),
        f"That is text. {_REPLY}",
        "Leave off what comes after the call: no `.choices[0].message.content`, no `str()`.",
    )
    expect(
        not isinstance(answer, list | tuple),
        f"That is {a_kind(answer)}. One reply, on its own, is enough.",
        "A comma at the end of a line makes a tuple, and square brackets make a list.",
    )
    expect(
        not isinstance(answer, StreamingChatCompletions),
        "That is a stream. Without `stream=True` you get the whole reply at once.",
        "A stream is a series of updates to loop over; lesson 02 is about them.",
    )
    expect(
        not inspect.isroutine(answer),
        "That is a function, and nobody has called it yet.",
        "Parentheses call it: `client.complete(messages=[...])`.",
    )
    role = answer.get("role") if isinstance(answer, Mapping) else None
    expect(
        role != "user",
        "That is what you send, not what comes back.",
        "Hand it over: `client.complete(messages=[...])` returns the reply.",
    )
    expect(isinstance(answer, ChatCompletions), f"That is {a_kind(answer)}. {_REPLY}")


def expect_text(answer: Any, where: str) -> None:
    """Ends the check with a hint that fits unless this is a text; `where` says where it is to be found."""
    expect(
        answer is not None,
        "There is nothing in it: `show()` and `print()` display a text and return nothing.",
        "The line needs no function around it: what it says after `=` is what you keep.",
    )
    expect(not isinstance(answer, ChatCompletions), "That is the whole reply, and this should be its text.", where)
    expect(isinstance(answer, str), f"This should be the text, a `str`, and it is {a_kind(answer)}.", where)


def expect_function(answer: Any, *, lists: bool = False) -> None:
    """Ends the check with a hint that fits unless this can be called and gives its result at once.

    `lists`: that is a list, and a generator of its items will do.
    """
    expect(
        callable(answer),
        f"This should be the function itself, and it is {a_kind(answer)}.",
        "Hand `check` the name alone: with parentheses after it you hand over what the function returns.",
    )
    expect(not isinstance(answer, type), "That is a class. A function begins with `def`.")
    expect(
        not inspect.iscoroutinefunction(answer) and not inspect.isasyncgenfunction(answer),
        "This function is `async`: calling it gives a coroutine and no result yet.",
        "Nothing in it has to wait, so `def` alone will do.",
    )
    expect(
        lists or not inspect.isgeneratorfunction(answer),
        "There is a `yield` in this function: calling it gives a generator and no result yet.",
        "Collect the parts, and `return` what they make.",
    )


def expect_type(value: Any, wanted: type | UnionType, named: str, more: str = "") -> None:
    """Ends the check unless what a function of the reader's returns is of that type."""
    expect(isinstance(value, wanted), f"The function should return {named}, and it returns {a_kind(value)}.", more)


def called(function: Callable[..., Any], *arguments: Any, when: str = "", more: str = "", lists: bool = False) -> Any:
    """What the reader's function returns; whatever it raises is told as a hint that says when.

    `lists`: a list of it where it returns a generator.
    """
    try:
        told = function(*arguments)
        return list(told) if lists and inspect.isgenerator(told) else told
    except Exception as error:
        refuse(stopped(f"{when} your code stops" if when else "Your code stops", error, function), more)


def stopped(said: str, error: BaseException, function: Any) -> str:
    """A sentence about an error in the reader's function, and the line of the function where it came up."""
    about = (str(error).strip().splitlines() or [""])[0]
    message = f"{said} with {type(error).__name__}: {about}".rstrip(": ")
    steps = [step for step in traceback.extract_tb(error.__traceback__) if step.filename == _file(function)]
    return f"{message}\nIt happens at {inline(steps[-1].line)}" if steps and steps[-1].line else message


def source_of(function: Any) -> str:
    """The text of the cell in which the reader wrote the function; empty where it is not known."""
    return "".join(linecache.getlines(_file(function)))


def _file(function: Any) -> str:
    return getattr(getattr(function, "__code__", None), "co_filename", "")


def result_of(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine of the reader's returns or raises. For checks: they are plain, and a notebook's loop is busy.

    Raises TimeoutError for one that has not ended after ten seconds: it waits for what never comes.
    """
    if page.HERE:
        return page.waited_for(coroutine, PATIENCE)
    outcome: dict[str, Any] = {}

    def work() -> None:
        try:
            outcome["value"] = asyncio.run(coroutine)
        except BaseException as error:  # handed to the thread that waits
            outcome["error"] = error

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if thread.is_alive():
        raise TimeoutError(f"it had not ended after {PATIENCE} seconds; does something in it wait for itself?")
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]


def given(value: Any, when: str = "") -> None:
    """Ends the check unless there is a value: a function that prints is not one that returns."""
    who = f"{when} the function" if when else "The function"
    expect(value is not None, f"{who} returns nothing.", _RETURN)


def as_list(praise: str, function: Any) -> str:
    """The praise, and for a generator of messages what is to be done with it."""
    make = f"list({function.__name__}(...))"
    return f"{praise} (`messages=` takes a list: `{make}`.)" if inspect.isgeneratorfunction(function) else praise


def a_kind(value: Any) -> str:
    """What sort of thing a value is, such as "an `int`"."""
    if value is None:
        return "`None`"
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} `{name}`"


def code(value: Any) -> str:
    """A value as it stands in code, to be put into a hint; without its middle when it is long."""
    text = " ".join(map(str.strip, repr(value).splitlines()))
    return inline(text if len(text) <= _ROOM else f"{text[: _ROOM - 21]} … {text[-18:]}")


def role_of(message: Mapping[str, Any]) -> str:
    """The role of a message, of one of the SDK's or of a dictionary."""
    return str(plain(message.get("role")))
