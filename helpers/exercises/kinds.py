"""What an answer has to be before a check can look into it, with a hint for each thing that it may be instead."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from azure.ai.inference.models import ChatCompletions, StreamingChatCompletions

from .core import expect

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


def called(function: Callable[..., Any], *arguments: Any, when: str) -> Any:
    """What the reader's function returns; whatever it raises is told as a hint that says when."""
    try:
        return function(*arguments)
    except Exception as error:
        said = (str(error).strip().splitlines() or [""])[0]
        expect(False, f"{when} it stops with {type(error).__name__}: {said}".rstrip(": "))
        raise


def given(value: Any, wanted: str = "the function") -> None:
    """Ends the check unless there is a value: a function that prints is not one that returns."""
    expect(value is not None, f"{wanted[0].upper()}{wanted[1:]} returns nothing: it needs a return.")
