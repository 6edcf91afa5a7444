"""The checks of lesson 01, basics."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from azure.core.exceptions import ServiceRequestError

from .kinds import as_list, called, code, expect_function, expect_reply, expect_type, given, role_of
from .registry import exercise, expect
from .trial import Trial

FEW = 20  # completion tokens, in exercise 1.1


@exercise(
    "1.1",
    "Short, and whole",
    first="The model decides how long its answer is. How do you let it know that you want a short one?",
    second="Say it in words, in a message before the question or in the question itself.",
)
def _(concise: Any) -> str:
    expect_reply(concise)
    choice, spent = concise.choices[0], concise.usage.completion_tokens
    expect(
        choice.finish_reason != "length",
        "Short, but not whole: the finish reason is `length`. A limit cuts an answer, it does not make it brief.",
        "Leave `max_tokens` out, and ask for a short answer in words.",
    )
    said = choice.message.content or ""
    expect(
        re.search(r"\d|thousand", said),
        f"“{said[:60]}” does not say how many languages there are.",
        "Did you ask `question`?",
    )
    expect(
        spent <= FEW,
        f"Whole, but not short: it took {spent} completion tokens, and {FEW} are allowed.",
        'A message such as `SystemMessage("Answer in ...")` before the question can ask for less, and so can the '
        "question.",
    )
    return f"Right: the finish reason is `stop`, after {spent} completion tokens."


@exercise(
    "1.2",
    "A conversation from a file",
    takes="instruction, pairs, text",
    first="One dict for each text, with a role and a content. Which role comes first, and which two take turns?",
    second="Begin with the system message, go through the pairs, and end with the new question.",
)
def _(conversation: Any) -> str:
    expect_function(conversation, lists=True)
    pairs = [("Hello?", "Hello!"), ("And you?", "Well.")]
    before = copy.deepcopy(pairs)
    apart = "A message holds one text. Take a pair apart in the loop: `for asked, answered in pairs:`."
    told = called(conversation, "Be brief.", pairs, "Good.", more=apart, lists=True)
    given(told)
    expect_type(told, list | tuple, "a list")
    expect(
        not any(isinstance(item, list | tuple) for item in told),
        "There is a list in the list. The messages should stand in it one by one.",
        "`append` adds one message; `messages += [asked, answered]` adds the two of a turn.",
    )
    expect(
        all(isinstance(item, Mapping) and {"role", "content"} <= set(item) for item in told),
        "Each message needs a role and a content.",
        'A dict, `{"role": "user", "content": text}`, or one of the SDK\'s classes, `UserMessage(text)`.',
    )
    roles = [role_of(item) for item in told]
    texts = [_text(item["content"]) for item in told]
    expect(
        roles[:1] in (["system"], ["developer"]),
        f"The system text comes first, and here the first role is {code((roles or ['missing'])[0])}.",
        "Begin the list with a system message that holds `instruction`.",
    )
    expect(
        texts[-1] == "Good.",
        "The new question is missing, or it is not the last message.",
        "After the last pair, add a user message that holds `text`.",
    )
    expect(roles[-1] == "user", f"The new question is asked by the user; here its role is {code(roles[-1])}.")
    expect(
        len(told) == 6,
        f"Two pairs, a system text and a question make 6 messages; these are {len(told)}.",
        "Each pair makes two messages, what was asked and what was answered.",
    )
    expect(
        roles[1:5] == ["user", "assistant"] * 2,
        f"After the system text, user and assistant take turns; here the roles are {', '.join(roles[1:5])}.",
        "The first text of a pair is the user's, the second the assistant's.",
    )
    expect(texts[:1] == ["Be brief."], f"The system text is “Be brief.”, and the first message says {code(texts[0])}.")
    expect(
        texts[1:5] == ["Hello?", "Hello!", "And you?", "Well."],
        "The texts of the pairs are not where they belong.",
        "Take a pair apart in the loop: `for asked, answered in pairs:`.",
    )
    expect(
        pairs == before,
        "It changes the list of pairs that it was given.",
        "Read the pairs with a `for` loop; `pop` and `append` on `pairs` would be seen by whoever called you.",
    )
    alone = called(conversation, "Be brief.", [], "Good.", when="When nothing was said before,", lists=True)
    expect(
        len(alone) < 8,
        "Called a second time, it still has the first conversation.",
        "Make a new list in the body: a list that is a default value is made once, for all calls.",
    )
    expect(len(alone) == 2, "A conversation that has just begun is a system text and a question, and nothing else.")
    return as_list("Right: this is all that a model ever knows of a conversation.", conversation)


def _text(content: Any) -> Any:
    """The text of a message, also of one whose content is a list of text items; anything else as it is."""
    items = isinstance(content, list) and all(isinstance(item, Mapping) and "text" in item for item in content)
    return "".join(item["text"] for item in content) if items else content


_NAMES = ("credential", "address", "model", "patience", "request", "network")
_CODE = "An error that says nothing under `error` has `None` in `error.error`: ask before you read its `code`."


@exercise(
    "1.3",
    "Whose fault is it?",
    takes="error",
    first="Look at `status_code` first. A 400 is several things: what does `error.error.code` say of each?",
    second="Two questions lead to the word: is there a status at all, and if it is a 400, what is the code?",
)
def _(culprit: Any) -> str:
    expect_function(culprit)
    trial = Trial()
    told = called(culprit, trial.error("401"))
    given(told)
    expect(told in _NAMES, f"It returns {code(told)}; the words are {', '.join(_NAMES)}.")
    _blames(culprit, trial.error("401"), "credential", "A 401 is about who you are.")
    silent: Any = trial.error("401")
    silent.error = None  # as when a token is meant for somebody else
    _blames(culprit, silent, "credential", "A token for somebody else is a 401 without a code.", _CODE)
    _blames(culprit, trial.error("429"), "patience", "A 429 says: not now.")
    _blames(
        culprit,
        trial.error("", model="mistral-huge"),
        "model",
        "The address was right, the name was not known.",
        "This 400 has a code of its own, `unknown_model`.",
    )
    _blames(
        culprit,
        Trial(model=None).error(""),
        "model",
        "Nobody said which model is meant.",
        "It is a 400, and its code is `no_model_name`.",
    )
    _blames(
        culprit,
        Trial(path="").error(""),
        "address",
        "Nothing is there.",
        "That is what a 404 says, whatever its code.",
    )
    refused = trial.error("", model="gpt-4o", temperature=9)
    _blames(
        culprit,
        refused,
        "request",
        "Not every 400 is about the model.",
        "Two codes are, and no other.",
    )
    _blames(culprit, trial.error("", temperature=9), "request", "The model refused one of the arguments.")
    _blames(
        culprit,
        ServiceRequestError("The connection was refused."),
        "network",
        "No answer came at all, so this error has no status.",
        '`getattr(error, "status_code", None)` gives `None` for it: every error can be asked that way.',
    )
    return "Right: six causes, and your program can tell them apart."


def _blames(culprit: Any, error: Exception, right: str, hint: str, more: str = "") -> None:
    said = str(error).splitlines()[0]
    told = called(culprit, error, when=f"{hint} At “{said}”", more=more)
    expect(told == right, f"For “{said}” it returns {code(told)}. {hint}", more)
