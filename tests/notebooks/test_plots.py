"""The plots of the lessons show what is true: their bars, lines and shades against calls that the tests make.

In the lesson's kernel `figure` also tells what was drawn. What is compared is the drawn data, never the picture; each
number of the alt text is computed here again from what was drawn.
"""

from __future__ import annotations

import ast
import io
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import exp
from typing import Any

import nbformat
import numpy as np
import pytest
import soundfile
from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient
from azure.core.credentials import AzureKeyCredential
from nbformat import NotebookNode
from PIL import Image

from helpers import data_url, media_path
from helpers.mock import in_process
from tests.support.lessons import LESSONS, NOTEBOOKS
from tests.support.readings import PLOTS, Reading

pytestmark = pytest.mark.heavy

PLOTTED = ["03-parameters", "07-images", "08-audio", "09-embeddings", "11-in-production"]


@dataclass(frozen=True)
class Bar:
    """A bar: its lower left corner, width and height in units of the axes, and whether it is hatched."""

    x: float
    y: float
    width: float
    height: float
    hatched: bool

    @property
    def right(self) -> float:
        return self.x + self.width


@dataclass(frozen=True)
class Line:
    """A line, or a single mark: its places."""

    x: list[float]
    y: list[float]


@dataclass(frozen=True)
class Drawn:
    """A figure as data. `bars` and `lines` come by their labels; `spans` are shaded stripes from x to x; `shades` is
    the table behind a heat map; `xlabels` and `ylabels` stand at the ticks, `words` in the plot."""

    alt: str
    bars: dict[str, list[Bar]]
    lines: dict[str, Line]
    spans: list[tuple[float, float]]
    shades: list[list[float]]
    xlabels: list[str]
    ylabels: list[str]
    words: list[str]

    @property
    def numbers(self) -> list[float]:
        """The numbers of the alt text, in its order."""
        found = re.findall(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", self.alt)
        return [float(number.replace(",", "")) for number in found]


@cache
def book(name: str) -> NotebookNode:
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def drawn(lesson: Reading) -> Drawn:
    """What the lesson plots, from its first run."""
    found = dict(lesson.drawn)
    found["bars"] = {label: [Bar(*bar) for bar in bars] for label, bars in found["bars"].items()}
    found["lines"] = {label: Line(*line) for label, line in found["lines"].items()}
    return Drawn(**found)


def of(*names: str) -> pytest.MarkDecorator:
    """The lessons that a test is about."""
    return pytest.mark.parametrize("lesson", names, indirect=True)


def parameter(name: str, wanted: str) -> Any:
    """What a lesson assigns to a name, in whichever cell."""
    for cell in book(name).cells:
        for statement in ast.parse(cell.source).body if cell.cell_type == "code" and "await" not in cell.source else []:
            if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == wanted:
                return ast.literal_eval(statement.value)
    raise LookupError(f"{name} assigns nothing to {wanted}")


def ask(name: str, content: Any, **options: Any) -> Any:
    """A call of the test's own, to a mock of its own, with the lesson's model."""
    mock = in_process()
    model = parameter(name, "model")
    with ChatCompletionsClient(
        mock.endpoint, AzureKeyCredential(mock.key), model=model, transport=mock.transport()
    ) as client:
        return client.complete(messages=[{"role": "user", "content": content}], **options)


def test_each_plot_of_the_lessons_is_looked_at_here():
    plotted = [
        path.stem
        for path in LESSONS
        if any(cell.cell_type == "code" and PLOTS.search(cell.source) for cell in book(path.stem).cells)
    ]
    assert plotted == PLOTTED


@of(*PLOTTED)
def test_the_committed_alt_text_is_the_one_of_a_fresh_run(lesson: Reading):
    pages = [output.data["text/plain"] for cell in lesson.plots for output in cell.outputs]
    assert pages == [drawn(lesson).alt]


@of("03-parameters")
def test_bars_of_probability_are_what_logprobs_tell_and_a_hundred_draws_give(lesson: Reading):
    plot = drawn(lesson)
    question = "Name a colour. Answer in one word."
    extras = {"logprobs": True, "top_logprobs": 4}
    reply = ask("03-parameters", question, temperature=1, seed=1, model_extras=extras)
    listed = reply.choices[0]["logprobs"]["content"][0]["top_logprobs"]
    hundred = ask("03-parameters", question, temperature=1, seed=5, model_extras={"n": 100})
    drawn_words = Counter(choice.message.content for choice in hundred.choices)

    told_bars, drawn_bars = plot.bars["told by logprobs"], plot.bars["drawn"]
    assert plot.ylabels == [top["token"] for top in listed]
    assert [bar.width for bar in told_bars] == pytest.approx([exp(top["logprob"]) for top in listed])
    assert sum(bar.width for bar in told_bars) == pytest.approx(1, abs=1e-3)
    assert [bar.width for bar in drawn_bars] == pytest.approx([drawn_words[word] / 100 for word in plot.ylabels])
    assert sum(bar.width for bar in drawn_bars) == pytest.approx(1)
    assert all(bar.hatched for bar in drawn_bars)
    assert not any(bar.hatched for bar in told_bars), "two kinds, told apart without colour"
    shares = [round(100 * bar.width) for pair in zip(told_bars, drawn_bars, strict=True) for bar in pair]
    assert plot.numbers == [100, *shares]


@of("07-images")
def test_the_stairs_of_a_pictures_cost_are_what_the_mock_counts(lesson: Reading):
    plot = drawn(lesson)
    curve = max(plot.lines.values(), key=lambda line: len(line.x))
    marks = [line for line in plot.lines.values() if line is not curve]
    without = ask("07-images", "Look.").usage.prompt_tokens
    for place in range(0, len(curve.x), len(curve.x) // 12):
        assert picture_tokens(curve.x[place]) - without == curve.y[place], curve.x[place]
    for mark in marks:
        (ratio,), (tokens,) = mark.x, mark.y
        near = sorted(range(len(curve.x)), key=lambda place: abs(curve.x[place] - ratio))[:2]
        assert tokens in [curve.y[place] for place in near]
    assert len(marks) == len(plot.words)
    assert plot.numbers == [min(curve.y), max(curve.y)]


def picture_tokens(ratio: float) -> int:
    """What the mock counts for a white picture of that shape, beside "Look."; 400 pixels on its short side."""
    buffer = io.BytesIO()
    Image.new("L", (round(ratio * 400), 400), 255).save(buffer, "PNG")
    picture = {"type": "image_url", "image_url": {"url": data_url(buffer.getvalue())}}
    return ask("07-images", [{"type": "text", "text": "Look."}, picture]).usage.prompt_tokens


@of("08-audio")
def test_the_waveform_is_the_sound_and_the_stripes_are_its_tokens(lesson: Reading):
    plot = drawn(lesson)
    (line,) = plot.lines.values()
    samples, rate = soundfile.read(media_path("hello_how_are_you.wav"))
    every = round(len(samples) / len(line.y))
    assert line.y == pytest.approx(samples[::every], abs=1e-4)
    assert (line.x[0], line.x[-1]) == (0, pytest.approx(len(samples) / rate))

    loud = [x for x, y in zip(line.x, line.y, strict=True) if abs(y) > 0.1]
    pauses = [(before, after) for before, after in pairwise(loud) if after - before > 0.2]
    assert len(pauses) == 1, "two bursts of speech"
    assert line.x[-1] - loud[-1] > 0.2, "silence after"

    starts, ends = zip(*plot.spans, strict=True)
    assert np.subtract(ends, starts) == pytest.approx(0.08)
    assert np.diff(starts) == pytest.approx(0.16)
    data = data_url(media_path("hello_how_are_you.wav")).partition(",")[2]
    sound = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    text = {"type": "text", "text": "Listen."}
    both, only = (ask("08-audio", content).usage.prompt_tokens for content in ([text, sound], "Listen."))
    tokens = both - only
    assert len(starts) == (tokens + 1) // 2, "every second stripe is shaded"
    assert plot.numbers == [tokens, 80]


@of("09-embeddings")
def test_the_heat_map_is_the_cosine_of_each_question_and_note(lesson: Reading):
    plot = drawn(lesson)
    notes = {
        note[: len(label) - 1] + "…": note for label in plot.xlabels for note in parameter("09-embeddings", "notes")
    }
    shown = np.array(plot.shades)
    mock, model = in_process(), parameter("09-embeddings", "model")
    with EmbeddingsClient(
        mock.endpoint, AzureKeyCredential(mock.key), model=model, transport=mock.transport()
    ) as client:
        texts = [*plot.ylabels, *(notes[label] for label in plot.xlabels)]
        vectors = np.array([item.embedding for item in client.embed(input=texts).data])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    similarity = vectors @ vectors.T
    assert np.diagonal(similarity) == pytest.approx(1)
    count = len(plot.ylabels)
    assert shown == pytest.approx(similarity[:count, count:], abs=1e-6)

    own, others = shown.diagonal(), shown[~np.eye(count, dtype=bool)]
    assert (shown.argmax(axis=1) == range(count)).all(), "each question is nearest its own note"
    assert [float(word) for word in plot.words] == pytest.approx(shown.flatten(), abs=0.00501)
    assert plot.numbers == [count, *(round(value, 2) for value in (own.min(), own.max(), others.max()))]


@of("11-in-production")
def test_the_waterfall_has_calls_side_by_side_within_the_limit_and_requests_inside_them(lesson: Reading):
    plot = drawn(lesson)
    rows = [(label, bar) for label, (bar,) in zip(plot.ylabels, plot.bars.values(), strict=True)]
    (batch,) = [bar for label, bar in rows if label.strip() == "batch"]
    calls = [bar for label, bar in rows if label.strip() == "chat"]
    posts = [bar for label, bar in rows if label.strip().startswith("POST")]
    assert len(rows) == 1 + len(calls) + len(posts)
    assert batch.x == 0
    assert batch.right >= max(bar.right for bar in calls)
    assert all(bar.width > 0 for _, bar in rows)

    at_once = max(sum(other.x <= bar.x < other.right for other in calls) for bar in calls)
    parent = batch
    for label, bar in rows:
        parent = bar if bar in calls else parent
        if bar in posts:
            assert parent.x <= bar.x <= bar.right <= parent.right, label
    failed = [bar for label, bar in rows if bar.hatched]
    assert all(bar in posts for bar in failed)
    assert [label.strip() for label, bar in rows if bar.hatched] == ["POST 503"]
    assert at_once <= 3
    assert plot.numbers == [len(calls), at_once, len(posts), len(failed)]
