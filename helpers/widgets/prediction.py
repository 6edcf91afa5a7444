"""Predict, then run: a question to which the reader commits an answer before the cell that shows it."""

from __future__ import annotations

from html import escape

from ipywidgets import HTML, Layout, RadioButtons

from ..display import Rich, details, marked, stacked
from ..exercises.predicting import Question, question
from .panel import FRAME, Panel

# The choices are sentences: where ipywidgets gives each of them one line, they take as many as they need.
_WRAP = """<style>
.course-panel .widget-radio-box label {
  display: flex; height: auto; line-height: 1.4; padding: 0.2em 0; white-space: normal
}
.course-panel .widget-radio-box input { order: -1; flex: none; margin: 0.2em 0.6em 0 0 }
</style>"""
_FIRST = "Choose, commit, and then run the next cell."
_TOLD = "What comes instead, and why"


def predict(number: str) -> Panel:
    """Asks the reader what the next cell will show, before it is run: the last line of a cell of its own.

        predict("1.a")

    Question and choices come from `helpers/exercises/predictions/NN.toml`; `helpers/exercises/predicting.py` says how
    they are written. What is chosen is answered with a word of its own, and why the right one is right lies folded
    below. On paper it is the question with boxes to tick, and no answer. Nothing is noted or counted.

    Raises LookupError when there is no prediction of that number.
    """
    return Prediction(question(number))


class Prediction(Panel):
    """The panel of one question. Its still is for paper, which has no second chance."""

    def __init__(self, asked: Question) -> None:
        self.asked = asked
        self.choice = RadioButtons(
            options=[choice.says for choice in asked.choices], value=None, layout=Layout(width="100%")
        )
        said = HTML(f'{_WRAP}<div class="jp-RenderedHTMLCommon">{marked(asked.question)}</div>')
        said.layout.width = "100%"
        super().__init__("Predict, then run", [said, self.choice], self.answer, button="Commit")

    def answer(self) -> Rich:
        """What there is to say about the choice."""
        if self.choice.index is None:
            return _rich(_FIRST)
        word, why = self.asked.choices[self.choice.index].word, self.asked.why
        if not word:
            return _rich(f"✓ So it is. {why}")
        told = f"{self.asked.right.says}\n{why}"
        return stacked(_rich(f"↻ {word}"), Rich(f"{_TOLD}: {told}", details(_TOLD, marked(told))))

    @property
    def still(self) -> Rich:
        """The question with boxes to tick, and no answer."""
        choices = [choice.says for choice in self.asked.choices]
        boxes = "".join(f"<li style=\"list-style: '☐  '\">{escape(choice)}</li>" for choice in choices)
        html = (
            f'<figure style="margin: 0; {FRAME}"><figcaption><strong>{self.title}</strong></figcaption>'
            f"{marked(self.asked.question)}<ul>{boxes}</ul></figure>"
        )
        return Rich("\n".join([f"[{self.title}]", self.asked.question, *(f"☐ {choice}" for choice in choices)]), html)


def _rich(text: str) -> Rich:
    return Rich(text, marked(text))
