"""The checks of lesson 03, parameters."""

from __future__ import annotations

from decimal import Decimal
from math import exp, isclose, log
from numbers import Real
from typing import Any

from azure.ai.inference.models import ChatCompletions

from .kinds import called, expect_function, expect_reply, expect_type, given
from .registry import exercise, expect
from .trial import Trial

_SECOND = -2.5  # the log probability of the second token in exercise 3.3
_RIVAL = 0.45  # how likely the likeliest token is there, where another was written


@exercise(
    "3.1",
    "End before a word",
    first="The parameter that ends an answer before a text of your choice is stop, and it takes a list.",
    second="stop=[...] with the one word that must not be in the answer; ask the list question as the lesson did.",
)
def _(told: Any) -> str:
    before, whole = told
    expect_reply(before)
    choice = before.choices[0]
    text = choice.message.content or ""
    expect(
        choice.finish_reason != "length",
        "max_tokens ended this answer: the finish reason is length. It would end anywhere, not at a word.",
    )
    expect(
        "languages" not in text.lower(), "The word languages is still in it: does the list hold it as it is written?"
    )
    expect(text.strip(), "Nothing is left: the stop sequence comes at the very start of the answer.")
    expect(
        not (before.usage and whole.usage) or before.usage.prompt_tokens == whole.usage.prompt_tokens,
        "This prompt has another number of tokens than that of whole. Was it question that you asked?",
    )
    all_of_it = whole.choices[0].message.content or ""
    rest = all_of_it.removeprefix(text).split()[:1] if all_of_it.startswith(text) else []
    expect(
        not rest or rest[0].startswith("languages"),
        f"It ends before “{(rest or [''])[0]}”, and that is earlier than before languages.",
    )
    return "Right: it ends before the word, and the finish reason is stop, as if the model had finished."


@exercise(
    "3.2",
    "The same surprise twice",
    first="Ask twice, with the same settings. Which setting brings variety, and which one fixes the dice?",
    second="temperature=1 with a seed. If the text is the one that temperature 0 gives, try another seed.",
)
def _(twice: Any) -> str:
    expect(
        not isinstance(twice, ChatCompletions),
        "Wanted is a pair, and this is one reply. Ask twice: the same seed has to hold for two calls.",
    )
    expect(isinstance(twice, tuple | list) and len(twice) == 2, "Wanted is a pair: two replies in a tuple.")
    expect(
        all(isinstance(reply, ChatCompletions) for reply in twice),
        "Both should be replies, as complete() returns them, not their texts.",
    )
    one, two = (reply.choices[0].message.content or "" for reply in twice)
    expect(twice[0] is not twice[1], "This is one reply, twice. Ask two times.")
    expect(one == two, "Two different texts: the dice were thrown anew. Give both calls the same seed.")
    expect(twice[0].choices[0].finish_reason != "length", "Both were cut off by max_tokens: leave it out.")
    expect(". " not in one, "This is more than one sentence. Was it short that you asked?")
    expect(
        one != "There are about 7,000 languages in the world today.",
        "The same, but no surprise: this is what temperature 0 says. Another seed, or a higher temperature?",
    )
    return "Right: a text off the beaten track, and you can get it again."


@exercise(
    "3.3",
    "How sure is it?",
    first="The path is reply.choices[0], then logprobs, content, the first position, logprob.",
    second="Read it like a dictionary, and remember what math.exp makes of a logarithm.",
)
def _(probability: Any) -> str:
    expect_function(probability)
    for share in (0.4, 0.08, 1.0):
        told = called(
            probability, _sure(share), when="For a reply with logprobs, which the SDK reads like a dictionary only,"
        )
        given(told)
        expect(isinstance(told, Real | Decimal), f"Wanted is one number, and this returns a {type(told).__name__}.")
        told = float(told)
        mistakes = {
            "That is the logarithm. A probability lies between 0 and 1.": log(share),
            "That is in percent. Wanted is a number between 0 and 1.": 100 * share,
            "That is the last token's probability. Wanted is the first one's.": exp(_SECOND),
            "That is the whole answer's probability. Wanted is that of its first token.": share * exp(_SECOND),
            "That is how likely the likeliest token was, and it is not the one that was written.": _RIVAL,
            "The base of these logarithms is e, as in math.exp, and not 10.": 10 ** log(share),
        }
        for hint, wrong in mistakes.items():
            expect(isclose(wrong, share) or not isclose(told, wrong, abs_tol=1e-9), hint)
        expect(isclose(told, share, rel_tol=1e-6), f"For a token with the probability {share} it returns {told}.")
    return "Right: that is how sure the model was of its first token."


@exercise(
    "3.4",
    "Take out what was refused",
    first="Read error.response.json(): where does each of the two bodies name the parameter?",
    second="The last part of each loc is the name. detail is a list of such items or one of them.",
)
def _(accepted: Any) -> str:
    expect_function(accepted)
    trial = Trial()
    refusals = {  # what the service says of these settings, and what it does not want
        "a list of items": ({"temperature": 5, "seed": 7}, {"temperature"}, {}),
        "two items": (
            {"temperature": 5, "presence_penalty": "0.1", "seed": 7},
            {"temperature", "presence_penalty"},
            {},
        ),
        "one object": ({"seed": 7, "max_tokens": 12}, {"seed"}, {"model": "Phi-3-vision-128k-Instruct"}),
    }
    for shape, (settings, unwanted, more) in refusals.items():
        before = dict(settings)
        wanted = {name: value for name, value in settings.items() if name not in unwanted}
        kept = called(accepted, before, trial.error("", **settings, **more), when=f"With {shape} under detail")
        given(kept)
        expect(before == settings, "It changes the settings it was given. Return a new dictionary instead.")
        expect_type(kept, dict, "a dictionary")
        expect(
            kept != settings,
            f"With {shape} under detail nothing was taken out. The name is the last part of loc; the first is “body”.",
        )
        expect(kept == wanted, f"With {shape} under detail it keeps {kept}; wanted is {wanted}.")
    return "Right: whatever the shape of the 422, what was refused is out and the rest stays."


def _sure(share: float) -> ChatCompletions:
    """A completion whose first token had that probability."""
    first = {"token": "Blue", "logprob": log(share)}
    rival = {"token": "Green", "logprob": log(_RIVAL)}
    first["top_logprobs"] = [rival, dict(first)] if share < _RIVAL else [dict(first)]
    after = {"token": ".", "logprob": _SECOND, "top_logprobs": [{"token": ".", "logprob": _SECOND}]}
    message = {"role": "assistant", "content": "Blue."}
    choice = {"index": 0, "finish_reason": "stop", "message": message, "logprobs": {"content": [first, after]}}
    return ChatCompletions({"id": "exercise", "model": "exercise", "choices": [choice]})
