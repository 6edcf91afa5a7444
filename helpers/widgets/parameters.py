"""The panel of lesson 03: one question answered twice, steadily and with your settings, and where chance came in."""

from __future__ import annotations

from html import escape
from math import exp
from typing import Any

from azure.ai.inference.models import UserMessage
from ipywidgets import FloatSlider, IntSlider, Text

from ..answers import plain
from ..display import Rich, bars, prose, side_by_side, stacked, words
from .panel import Panel

LISTED = 5  # likeliest tokens in the bars
SURE = 0.995  # a token more probable than this had no rival
# The probabilities that are told at temperature 0 are those before the choice, which leaves nothing to chance.
_ALWAYS = "At temperature 0 the likeliest token is always written: none could have been another."


def parameter_panel(client: Any, question: str = "Name a colour. Answer in one word.") -> Panel:
    """Sliders for `temperature`, `top_p`, `max_tokens` and `seed`; beside the answer that they give the one at
    temperature 0, and under both the probabilities at the first token that could have been another.

    `client`: a `ChatCompletionsClient` whose model gives log probabilities; without them the bars are left out.
    """
    controls = {
        "temperature": FloatSlider(1.0, min=0, max=1, step=0.1, description="temperature", continuous_update=False),
        "top_p": FloatSlider(1.0, min=0.1, max=1, step=0.05, description="top_p", continuous_update=False),
        "max_tokens": IntSlider(40, min=1, max=80, description="max_tokens", continuous_update=False),
        "seed": IntSlider(1, min=1, max=20, description="seed", continuous_update=False),
    }
    asked = Text(question, description="question", continuous_update=False)

    def ask(**settings: Any) -> Any:
        extras = {"logprobs": True, "top_logprobs": LISTED}
        reply = client.complete(messages=[UserMessage(asked.value)], **settings, model_extras=extras)
        return reply.choices[0]

    def result() -> Rich:
        settings = {name: control.value for name, control in controls.items()}
        yours, steady = ask(**settings), ask(temperature=0, max_tokens=settings["max_tokens"])
        answers = side_by_side(_answer("temperature 0", steady), _answer("your settings", yours))
        return stacked(answers, *(_first_choice(yours) if settings["temperature"] else [words(_ALWAYS)]))

    return Panel("The same question, steadily and by chance", [asked, *controls.values()], result)


def _answer(title: str, choice: Any) -> Rich:
    text, head = choice.message.content or "", f"{title} · {plain(choice.finish_reason)}"
    return Rich(f"[{head}]\n{text}", f"<small>{escape(head)}</small>{prose(text)}")


def _first_choice(choice: Any) -> list[Rich]:
    """The bars at the first position where there was one, if the endpoint tells."""
    written = (choice.get("logprobs") or {}).get("content") or []
    for number, position in enumerate(written, 1):
        listed = [(top["token"], exp(top["logprob"])) for top in position["top_logprobs"]]
        likely = [(token, share) for token, share in listed if share > 1 - SURE]
        if len(likely) > 1:
            rows = [
                (repr(token), share, f"{share:.0%}" + (" ← written" if token == position["token"] else ""))
                for token, share in likely
            ]
            return [bars(f"Token {number} could have been another", rows)]
    said = "With these settings no token could have been another." if written else "The endpoint sent no logprobs."
    return [words(said)]
