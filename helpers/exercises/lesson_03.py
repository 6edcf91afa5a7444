"""The checks of lesson 03, parameters."""

from __future__ import annotations

from math import isclose, log
from typing import Any

from azure.ai.inference.models import ChatCompletions

from .core import exercise, expect


@exercise(
    "3.1",
    "End before a word",
    first="The parameter that ends an answer before a text of your choice is stop, and it takes a list.",
    second="stop=[...] with the one word that must not be in the answer; ask the list question as the lesson did.",
)
def _(before: Any) -> str:
    expect(not isinstance(before, str), "That is a text. Wanted is the reply, as complete() returns it.")
    expect(isinstance(before, ChatCompletions), f"Wanted is a reply; this is of type {type(before).__name__}.")
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
    return "Right: it ends before the word, and the finish reason is stop, as if the model had finished."


@exercise(
    "3.2",
    "The same surprise twice",
    first="Ask twice, with the same settings. Which setting brings variety, and which one fixes the dice?",
    second="temperature=1 with a seed. If the text is the one that temperature 0 gives, try another seed.",
)
def _(twice: Any) -> str:
    expect(isinstance(twice, tuple | list) and len(twice) == 2, "Wanted is a pair: two replies in a tuple.")
    expect(
        all(isinstance(reply, ChatCompletions) for reply in twice),
        "Both should be replies, as complete() returns them, not their texts.",
    )
    one, two = (reply.choices[0].message.content for reply in twice)
    expect(twice[0] is not twice[1], "This is one reply, twice. Ask two times.")
    expect(one == two, "Two different texts: the dice were thrown anew. Give both calls the same seed.")
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
    expect(callable(probability), "Wanted is the function itself: pass its name, without calling it.")
    for share in (0.5, 0.08, 1.0):
        told = probability(_sure(share))
        expect(told is not None, "The function returns nothing: it needs a return.")
        expect(isinstance(told, float | int), f"Wanted is a number, and this returns a {type(told).__name__}.")
        expect(
            not isclose(told, log(share), abs_tol=1e-9) or share == 1.0,
            "That is the logarithm. A probability lies between 0 and 1.",
        )
        expect(not isclose(told, 100 * share), "That is in percent. Wanted is a number between 0 and 1.")
        expect(isclose(told, share, rel_tol=1e-6), f"For a token with the probability {share} it returns {told}.")
    return "Right: that is how sure the model was of its first token."


@exercise(
    "3.4",
    "Take out what was refused",
    first="Read error.response.json(): where does each of the two bodies name the parameter?",
    second="The last part of each loc is the name. detail is a list of such items or one of them.",
)
def _(accepted: Any) -> str:
    expect(callable(accepted), "Wanted is the function itself: pass its name, without calling it.")
    settings = {"temperature": 5, "seed": 7, "max_tokens": 12}
    bodies = {
        "a list of items": {"detail": [{"loc": ["body", "temperature"], "msg": "too much", "input": 5}]},
        "two items": {"detail": [{"loc": ["body", "temperature"], "input": 5}, {"loc": ["body", "seed"], "input": 7}]},
        "one object": {"code": "parameter_not_supported", "detail": {"loc": ["body", "seed"], "input": 7}},
    }
    for shape, body in bodies.items():
        before = dict(settings)
        detail = body["detail"] if isinstance(body["detail"], list) else [body["detail"]]
        wanted = {name: settings[name] for name in settings if name not in [item["loc"][-1] for item in detail]}
        try:
            kept = accepted(before, _Refusal(body))
        except (TypeError, AttributeError, KeyError, IndexError) as error:
            expect(False, f"With {shape} under detail it stops: {type(error).__name__}: {error}")
            raise
        expect(before == settings, "It changes the settings it was given. Return a new dictionary instead.")
        expect(isinstance(kept, dict), f"Wanted is a dictionary, and this returns {type(kept).__name__}.")
        expect(kept == wanted, f"With {shape} under detail it keeps {kept}; wanted is {wanted}.")
    return "Right: whatever the shape of the 422, what was refused is out and the rest stays."


class _Refusal:
    """As much of an `HttpResponseError` as the exercise reads."""

    status_code = 422

    def __init__(self, body: dict[str, Any]) -> None:
        self.response, self.body = self, body

    def json(self) -> dict[str, Any]:
        return self.body


def _sure(share: float) -> ChatCompletions:
    """A completion whose first token had that probability."""
    first = {"token": "Blue", "logprob": log(share), "top_logprobs": []}
    after = {"token": ".", "logprob": -2.5, "top_logprobs": []}
    message = {"role": "assistant", "content": "Blue."}
    choice = {"index": 0, "finish_reason": "stop", "message": message, "logprobs": {"content": [first, after]}}
    return ChatCompletions({"id": "exercise", "model": "exercise", "choices": [choice]})
