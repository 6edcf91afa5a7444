"""The checks of lesson 01, basics."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from azure.core.exceptions import ServiceRequestError

from .kinds import called, expect_function, expect_reply, expect_type, given, role_of
from .registry import exercise, expect
from .trial import Trial

FEW = 20  # completion tokens, in exercise 1.1


@exercise(
    "1.1",
    "Short, and whole",
    first="Who decides how a question is answered? Put one more message before the question.",
    second='SystemMessage("Answer in one sentence.") asks for little; max_tokens only cuts.',
)
def _(concise: Any) -> str:
    expect_reply(concise)
    choice, spent = concise.choices[0], concise.usage.completion_tokens
    expect(
        choice.finish_reason != "length",
        "Short, but not whole: the finish reason is length. A limit cuts an answer, it does not make it brief.",
    )
    expect(
        spent <= FEW,
        f"Whole, but not short: it took {spent} completion tokens, and {FEW} are allowed. A wish for a short answer "
        "belongs in a system message.",
    )
    said = choice.message.content or ""
    expect(
        re.search(r"\d|thousand", said),
        f"Short, but “{said}” does not say how many languages there are. Was it question that you asked?",
    )
    return f"Right: the finish reason is stop, after {spent} completion tokens."


@exercise(
    "1.2",
    "A conversation from a file",
    first="One dict for each text, with a role and a content. Which role comes first, and which two take turns?",
    second="Start with the system dict; for each pair add a user and an assistant dict; end with the new question.",
)
def _(conversation: Any) -> str:
    expect_function(conversation)
    pairs = [("Hello?", "Hello!"), ("And you?", "Well.")]
    before = copy.deepcopy(pairs)
    told = conversation("Be brief.", pairs, "Good.")
    given(told)
    expect_type(told, list | tuple, "a list")
    expect(
        all(isinstance(item, Mapping) and {"role", "content"} <= set(item) for item in told),
        "Each message needs a role and a content: a dict, or one of the SDK's classes.",
    )
    roles = [role_of(item) for item in told]
    texts = [_text(item["content"]) for item in told]
    expect(
        roles[:1] in (["system"], ["developer"]),
        f"The system text comes first, and here the first role is {(roles or ['missing'])[0]}.",
    )
    expect(texts[-1] == "Good.", "The new question is missing, or it is not the last message.")
    expect(roles[-1] == "user", f"The new question is asked by the user; here its role is {roles[-1]}.")
    expect(len(told) == 6, f"Two pairs, a system text and a question make 6 messages; these are {len(told)}.")
    expect(
        roles[1:5] == ["user", "assistant"] * 2,
        f"After the system text user and assistant take turns; here it goes {', '.join(roles[1:5])}.",
    )
    expect(texts[:1] == ["Be brief."], f"The system text is “Be brief.”, and the first message says “{texts[0]}”.")
    expect(texts[1:5] == ["Hello?", "Hello!", "And you?", "Well."], "The texts of the pairs are not where they belong.")
    expect(pairs == before, "It changes the list of pairs that it was given. Read the pairs, and leave them there.")
    alone = conversation("Be brief.", [], "Good.")
    expect(len(alone) < 8, "Called again, it still has the first conversation. Make a new list in each call.")
    expect(len(alone) == 2, "A conversation that has just begun is a system text and a question, and nothing else.")
    return "Right: this is all that a model ever knows of a conversation."


def _text(content: Any) -> Any:
    """The text of a message, also of one whose content is a list of text items."""
    return "".join(item["text"] for item in content) if isinstance(content, list) else content


@exercise(
    "1.3",
    "Whose fault is it?",
    first="Look at status_code first. A 404 is two things: what does error.error.code say of each?",
    second='A service without an answer leaves no status: getattr(error, "status_code", None) is None.',
)
def _(culprit: Any) -> str:
    expect_function(culprit)
    trial = Trial()
    told = culprit(trial.error("401"))
    given(told)
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
    told = called(culprit, error, when=f"{hint} At “{said}”")
    expect(told == right, f"For “{said}” it returns {told!r}. {hint}")
