"""What an answer has to be before a check can look into it, with a hint for each thing that it may be instead; and what
the reader's own functions give."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable, Coroutine, Mapping
from types import UnionType
from typing import Any, TypeVar

from azure.ai.inference.models import ChatCompletions, StreamingChatCompletions

from ..answers import plain
from .registry import expect

T = TypeVar("T")
PATIENCE = 10  # seconds, for a coroutine of the reader's
_REPLY = "Wanted is the reply, as complete() returns it."


def expect_reply(answer: Any) -> None:
    """Ends the check with a hint that fits unless this is a `ChatCompletions`."""
    if inspect.iscoroutine(answer):
        answer.close()  # it is not going to be awaited, and Python would complain of that
        expect(False, f"That is a coroutine: an asynchronous call wants await before it. {_REPLY}")
    expect(answer is not None, f"There is nothing in it: show() and print() return nothing. {_REPLY}")
    expect(not isinstance(answer, str), f"That is text. {_REPLY}")
    expect(not isinstance(answer, list | tuple), f"That is a {type(answer).__name__}. Wanted is one reply, alone.")
    expect(
        not isinstance(answer, StreamingChatCompletions), "That is a stream. Without stream=True you get a whole reply."
    )
    expect(not inspect.isroutine(answer), f"That is a function, and nobody calls it. {_REPLY}")
    role = answer.get("role") if isinstance(answer, Mapping) else None
    expect(role != "user", f"That is what you send. Hand it to client.complete(messages=[...]). {_REPLY}")
    expect(isinstance(answer, ChatCompletions), f"That is of type {type(answer).__name__}. {_REPLY}")


def expect_function(answer: Any) -> None:
    """Ends the check with a hint that fits unless this can be called and returns its result at once."""
    expect(callable(answer), "Wanted is the function itself: pass its name, without calling it.")
    expect(not isinstance(answer, type), "That is a class. Wanted is a function, which begins with def.")
    expect(
        not inspect.iscoroutinefunction(answer) and not inspect.isasyncgenfunction(answer),
        "This function is async: a call of it gives a coroutine, and no result. Write def alone.",
    )
    expect(
        not inspect.isgeneratorfunction(answer),
        "There is a yield in this function: a call of it gives a generator. Collect the parts, and return them.",
    )


def expect_type(value: Any, wanted: type | UnionType, named: str) -> None:
    """Ends the check unless what a function of the reader's returns is of that type."""
    expect(isinstance(value, wanted), f"Wanted is {named}, and this returns {type(value).__name__}.")


def called(function: Callable[..., Any], *arguments: Any, when: str) -> Any:
    """What the reader's function returns; whatever it raises is told as a hint that says when."""
    try:
        return function(*arguments)
    except Exception as error:
        said = (str(error).strip().splitlines() or [""])[0]
        expect(False, f"{when} it stops with {type(error).__name__}: {said}".rstrip(": "))
        raise


def result_of(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine of the reader's returns or raises. For checks: they are plain, and a notebook's loop is busy.

    Raises TimeoutError for one that has not ended after ten seconds: it waits for what never comes.
    """
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


def given(value: Any, wanted: str = "the function") -> None:
    """Ends the check unless there is a value: a function that prints is not one that returns."""
    expect(value is not None, f"{wanted[0].upper()}{wanted[1:]} returns nothing: it needs a return.")


def role_of(message: Mapping[str, Any]) -> str:
    """The role of a message, of one of the SDK's or of a dictionary."""
    return str(plain(message.get("role")))
