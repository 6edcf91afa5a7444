"""The checks of lesson 03, parameters."""

from __future__ import annotations

from decimal import Decimal
from math import exp, isclose, log
from numbers import Real
from typing import Any

from azure.ai.inference.models import ChatCompletions

from .kinds import a_kind, called, code, expect_function, expect_reply, expect_type, given
from .registry import exercise, expect
from .trial import Trial

_SECOND = -2.5  # the log probability of the second token in exercise 3.3
_RIVAL = 0.45  # how likely the likeliest token is there, where another was written


@exercise(
    "3.1",
    "End before a word",
    first="Which parameter ends an answer before a text of your choice? It takes a list.",
    second="`stop=[...]` with the one word that must not be in the answer; ask `question` as the lesson did.",
)
def _(before: Any, whole: Any) -> str:
    expect_reply(before)
    expect(isinstance(whole, ChatCompletions), "`whole` is no longer what it was: run the cell above that makes it.")
    choice = before.choices[0]
    text = choice.message.content or ""
    expect(
        choice.finish_reason != "length",
        "`max_tokens` ended this answer: the finish reason is `length`.",
        "It counts tokens and knows no words. `stop` looks at what is written.",
    )
    expect(
        not (before.usage and whole.usage) or before.usage.prompt_tokens == whole.usage.prompt_tokens,
        "This prompt has a different number of tokens from that of `whole`. Did you ask `question`?",
        "`messages=question`, with the system text that is in it.",
    )
    expect(
        "languages" not in text.lower(),
        "The word languages is still in it.",
        "Does the list hold the word as it is written? Capital and small letters are different here.",
    )
    expect(
        text.strip(),
        "Nothing is left: the stop sequence is what the answer begins with.",
        "One word is enough, the one before which it should end.",
    )
    all_of_it = whole.choices[0].message.content or ""
    rest = all_of_it.removeprefix(text).split()[:1] if all_of_it.startswith(text) else []
    expect(
        not rest or rest[0].startswith("languages"),
        f"It ends before “{(rest or [''])[0]}”, and that is earlier than before “languages”.",
        "The first stop sequence that is met ends the answer. Is there another one in the list?",
    )
    return "Right: it ends before the word, and the finish reason is `stop`, as if the model had finished."


@exercise(
    "3.2",
    "The same surprise twice",
    first="Ask twice, with the same settings. Which setting brings variety, and which one fixes the dice?",
    second="A `temperature` above 0, and a `seed`. If the text is the one that temperature 0 gives, try another seed.",
)
def _(twice: Any) -> str:
    pair = "`twice = (one, other)`, where each is what a call of `complete` returned."
    expect(
        not isinstance(twice, ChatCompletions),
        "That is one reply, and this should be a pair: the same seed has to hold for two calls.",
        pair,
    )
    expect(
        isinstance(twice, tuple | list) and len(twice) == 2,
        "This should be a pair: two replies in parentheses, with a comma between them.",
        pair,
    )
    expect(
        all(isinstance(reply, ChatCompletions) for reply in twice),
        "Both should be replies, as `complete()` returns them, not their texts.",
        pair,
    )
    one, two = (reply.choices[0].message.content or "" for reply in twice)
    expect(twice[0] is not twice[1], "This is one reply, twice.", "Call `complete` two times, with the same settings.")
    expect(
        one == two,
        "Two different texts: the dice were thrown anew.",
        "Give both calls the same `seed`, and keep everything else the same too.",
    )
    expect(
        twice[0].choices[0].finish_reason != "length",
        "Both were cut off: the finish reason is `length`.",
        "Leave `max_tokens` out.",
    )
    expect(
        ". " not in one,
        "This is more than one sentence. Did you ask `short`?",
        "`messages=short`: its system text asks for one sentence.",
    )
    expect(
        one != "There are about 7,000 languages in the world today.",
        "The same, but no surprise: this is what temperature 0 says.",
        "Without `temperature` the mock takes the likeliest words. Set it to 1, and try a few seeds.",
    )
    return "Right: a text off the beaten track, and you can get it again."


@exercise(
    "3.3",
    "How sure is it?",
    takes="reply",
    first="Go from `reply.choices[0]` to `logprobs`, `content` and the first position, and there to `logprob`.",
    second="The last step is arithmetic: what does `math.exp` make of a logarithm?",
)
def _(probability: Any) -> str:
    expect_function(probability)
    keys = 'The SDK has no attributes for these: `reply.choices[0]["logprobs"]`, and on with square brackets.'
    for share in (0.4, 0.08, 1.0):
        when = "For a reply with `logprobs`, which can be read like a dictionary only,"
        told = called(probability, _sure(share), when=when, more=keys)
        given(told)
        expect(isinstance(told, Real | Decimal), f"This should be one number, and it returns {a_kind(told)}.", keys)
        told = float(told)
        for wrong, hint, more in (
            (log(share), "That is the logarithm. A probability lies between 0 and 1.", "`exp(...)` undoes it."),
            (100 * share, "That is in percent. It should be a number between 0 and 1.", "Leave out the factor 100."),
            (exp(_SECOND), "That is the last token's probability, not the first one's.", "`content[0]`, not `[-1]`."),
            (
                share * exp(_SECOND),
                "That is the whole answer's probability, and its first token's was asked for.",
                "One position is enough: `content[0]`.",
            ),
            (
                _RIVAL,
                "That is how likely the likeliest token was, and another one was written.",
                "`top_logprobs` lists the candidates. The position itself has the `logprob` of what was written.",
            ),
            (10 ** log(share), "These logarithms are natural: their base is e, not 10.", "`math.exp` has that base."),
        ):
            expect(isclose(wrong, share) or not isclose(told, wrong, abs_tol=1e-9), hint, more)
        expect(isclose(told, share, rel_tol=1e-6), f"For a token with the probability {share} it returns {told}.")
    return "Right: that is how sure the model was of its first token."


@exercise(
    "3.4",
    "Take out what was refused",
    takes="call, error",
    first="Read `error.response.json()`: where does each of the bodies name the parameter?",
    second="Two steps: which names were refused, and then a dictionary of all the others.",
)
def _(accepted: Any) -> str:
    expect_function(accepted)
    trial = Trial()
    forms = "`refused(error)` reads them all: a `param`, one object under `detail`, a list, or a list as text."
    wrong = {"temperature": 5, "presence_penalty": "0.1", "seed": 7}
    refusals = {  # how the service says no: the settings, what it does not want, the model, and what may help
        "a list as text in the message": ({"temperature": 5, "seed": 7}, {"temperature"}, "mistral-large-2407", forms),
        "two items in the list": (
            wrong,
            {"temperature", "presence_penalty"},
            "mistral-large-2407",
            "Go through all the items: there is one for each wrong value.",
        ),
        "one object under `detail`": ({"seed": 7, "max_tokens": 12}, {"seed"}, "Phi-3-vision-128k-Instruct", forms),
        "a `param`": ({"temperature": 5, "seed": 7}, {"temperature"}, "gpt-4o", forms),
    }
    for shape, (settings, unwanted, model, more) in refusals.items():
        before = dict(settings)
        wanted = {name: value for name, value in settings.items() if name not in unwanted}
        error = trial.error("", **settings, model=model)
        kept = called(accepted, before, error, when=f"With {shape}", more=more)
        given(kept)
        expect(
            before == settings,
            "It changes the settings that it was given. Return a new dictionary instead.",
            "`{name: value for name, value in call.items() if ...}` makes a new one.",
        )
        expect_type(kept, dict, "a dictionary")
        expect(
            kept != settings,
            f"With {shape} nothing was taken out.",
            "`refused` gives the bare names. In a `loc` the name comes last, after where it is: in the `body`.",
        )
        expect(kept == wanted, f"With {shape} it keeps {code(kept)}, and should keep {code(wanted)}.", more)
    return "Right: whatever the shape of the refusal, what was refused is out and the rest stays."


def _sure(share: float) -> ChatCompletions:
    """A completion whose first token had that probability."""
    first = {"token": "Blue", "logprob": log(share)}
    rival = {"token": "Green", "logprob": log(_RIVAL)}
    first["top_logprobs"] = [rival, dict(first)] if share < _RIVAL else [dict(first)]
    after = {"token": ".", "logprob": _SECOND, "top_logprobs": [{"token": ".", "logprob": _SECOND}]}
    message = {"role": "assistant", "content": "Blue."}
    choice = {"index": 0, "finish_reason": "stop", "message": message, "logprobs": {"content": [first, after]}}
    return ChatCompletions({"id": "exercise", "model": "exercise", "choices": [choice]})
