"""The checks of lesson 01, basics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from azure.ai.inference.models import ChatCompletions
from azure.core.exceptions import ServiceRequestError

from .core import exercise, expect
from .trial import Trial

FEW = 20  # completion tokens, in exercise 1.1


@exercise(
    "1.1",
    "Short, and whole",
    first="Who decides how a question is answered? Put one more message before the question.",
    second='SystemMessage("Answer in one sentence.") asks for little; max_tokens only cuts.',
)
def _(concise: Any) -> str:
    expect(not isinstance(concise, str), "That is the text. Wanted is the reply, as complete() returns it.")
    expect(isinstance(concise, ChatCompletions), f"Wanted is a reply; this is of type {type(concise).__name__}.")
    choice, spent = concise.choices[0], concise.usage.completion_tokens
    expect(
        choice.finish_reason != "length",
        "Short, but not whole: the finish reason is length. A limit cuts an answer, it does not make it brief.",
    )
    expect(spent <= FEW, f"Whole, but not short: it took {spent} completion tokens, and {FEW} are allowed.")
    return f"Right: {spent} completion tokens, and the finish reason is stop. You asked for a short answer."


@exercise(
    "1.2",
    "A conversation from a file",
    first="One dict for each text, with a role and a content. Which role comes first, and which two take turns?",
    second="Start with the system dict; for each pair add a user and an assistant dict; end with the new question.",
)
def _(conversation: Any) -> str:
    expect(callable(conversation), "Wanted is the function itself: pass its name, without calling it.")
    told = conversation("Be brief.", [("Hello?", "Hello!"), ("And you?", "Well.")], "Good.")
    expect(told is not None, "The function returns nothing: it needs a return.")
    expect(isinstance(told, list), f"Wanted is a list, and this returns {type(told).__name__}.")
    expect(
        all(isinstance(item, Mapping) and {"role", "content"} <= set(item) for item in told),
        "Each message needs a role and a content: a dict, or one of the SDK's classes.",
    )
    roles = [str(getattr(item["role"], "value", item["role"])) for item in told]
    texts = [item["content"] for item in told]
    expect(roles[:1] == ["system"], f"The system text comes first, and this list begins with {roles[:1]}.")
    expect(texts[-1:] == ["Good."], "The new question is missing, or it is not the last message.")
    expect(roles[-1] == "user", f"The new question is asked by the user; here its role is {roles[-1]}.")
    expect(len(told) == 6, f"Two pairs, a system text and a question make 6 messages; these are {len(told)}.")
    expect(
        roles[1:5] == ["user", "assistant"] * 2,
        f"After the system text user and assistant take turns; here it goes {', '.join(roles[1:5])}.",
    )
    expect(texts[1:5] == ["Hello?", "Hello!", "And you?", "Well."], "The texts of the pairs are not where they belong.")
    alone = conversation("Be brief.", [], "Good.")
    expect(len(alone) == 2, "A conversation that has just begun is a system text and a question, and nothing else.")
    return "Right: this is all that a model ever knows of a conversation."


@exercise(
    "1.3",
    "Whose fault is it?",
    first="Look at status_code first. A 404 is two things: what does error.error.code say of each?",
    second='A service without an answer leaves no status: getattr(error, "status_code", None) is None.',
)
def _(culprit: Any) -> str:
    expect(callable(culprit), "Wanted is the function itself: pass its name, without calling it.")
    trial = Trial()
    told = culprit(trial.error("401"))
    expect(told is not None, "The function returns nothing: it needs a return.")
    names = ("credential", "address", "model", "patience", "network")
    expect(told in names, f"It returns {told!r}; wanted is one of {', '.join(names)}.")
    _blames(culprit, trial.error("401"), "credential", "A 401 is about who you are.")
    _blames(culprit, trial.error("429"), "patience", "A 429 says: not now.")
    _blames(culprit, trial.error("", model="mistral-huge"), "model", "The address was right, the name was not known.")
    _blames(culprit, Trial(model=None).error(""), "model", "Nobody said which model is meant: a 400 of its own code.")
    _blames(culprit, Trial(path="").error(""), "address", "Nothing is there. The code tells the two 404s apart.")
    _blames(
        culprit,
        ServiceRequestError("The connection was refused."),
        "network",
        "No answer at all: this error has no status.",
    )
    return "Right: five causes, and your program can tell them apart."


def _blames(culprit: Any, error: Exception, right: str, hint: str) -> None:
    said = str(error).splitlines()[0]
    try:
        told = culprit(error)
    except (AttributeError, TypeError) as stumbled:
        expect(False, f"At the error “{said}” it stops with {type(stumbled).__name__}: {stumbled}. {hint}")
        raise
    expect(told == right, f"For “{said}” it returns {told!r}. {hint}")
