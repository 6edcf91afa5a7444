"""The drawings: those that lessons show can be read, and what each concludes follows from its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import nbformat
import pytest

from helpers import drawings
from helpers.drawings.sequence import Step, sequence
from helpers.drawings.svg import Canvas
from tests.helpers.drawings.layout import faults
from tests.support.places import NOTEBOOKS

SOURCE = re.compile(r'<img alt="([^"]+)" src="data:image/svg\+xml,([^"]+)"')


def shown() -> Iterator[tuple[str, str, str]]:
    """(lesson, text alternative, SVG) of each drawing in the outputs of the lessons."""
    for lesson in sorted(NOTEBOOKS.glob("*.ipynb")):
        for cell in nbformat.read(lesson, as_version=4).cells:
            for output in cell.get("outputs", []):
                for says, source in SOURCE.findall(output.get("data", {}).get("text/html", "")):
                    yield lesson.stem, unescape(says), unquote(source)


SHOWN = list(shown())


@pytest.mark.parametrize(("says", "svg"), [row[1:] for row in SHOWN], ids=[f"{row[0]}: {row[1][:40]}" for row in SHOWN])
def test_a_drawing_in_a_lesson_can_be_read(says: str, svg: str):
    assert faults(svg) == []
    assert len(says.split()) > 8, "a sentence that states the conclusion"


@pytest.mark.parametrize("name", [name for name in dir(drawings) if name.islower()])
def test_each_drawing_is_documented_and_shown_in_a_lesson(name: str):
    assert getattr(drawings, name).__doc__
    sources = "".join(path.read_text("utf-8") for path in NOTEBOOKS.glob("*.ipynb"))
    assert re.search(rf"\b{name}\(", sources)


def test_a_sequence_has_a_step_under_the_other_and_an_arrow_for_what_is_said_to_somebody_else():
    canvas = Canvas()
    steps = [
        Step("your program", "the model", "a question, and a list of the tools that there are for it", "sent"),
        Step("the model", "your program", "call `get_weather`, please", "written"),
        Step("your program", "your program", "runs `get_weather`"),
    ]
    sequence(canvas, ["your program", "the model"], steps)
    svg = canvas.drawing("The loop", "The model asks, the program obeys.").svg
    assert faults(svg) == []
    assert svg.count("<polygon") == 2
    assert svg.index("a question,") < svg.index("call ") < svg.index("runs ")


# Whole against streamed


@pytest.mark.parametrize(("waited", "first", "ended"), [(0.26, 0.04, 0.26), (2.15, 0.5, 2.15), (9.0, 8.5, 9.4)])
def test_whole_against_streamed_tells_the_times_it_was_given(waited: float, first: float, ended: float):
    drawing = drawings.whole_against_streamed(waited, first, ended)
    assert f"first word is there after {first:.2f} s and all of it after {ended:.2f} s" in drawing.text
    assert f"empty for {waited:.2f} s" in drawing.text
    assert faults(drawing.svg) == []


# A retry's waits


def test_retries_tell_how_many_come_in_the_fullest_tenth_of_a_second():
    alike = [[(0.0, 503), (0.0, 503), (1.6, 503), (4.8, 200)]] * 20
    apart = [[(0.0, 503), (0.5 + row / 10, 503), (1 + row / 10, 503), (4 + row / 5, 200)] for row in range(20)]
    drawing = drawings.retry_waves(alike, apart)
    assert drawing.text.startswith("20 callers meet a 503")
    assert "20 attempts after the first" in drawing.text
    assert "at most 2 do" in drawing.text
    assert drawing.svg.count('fill="url(#dots)"') == 2 * 20 + 1, "those that were answered, and what the mark means"
    assert drawing.svg.count("<rect") == 1 + 2 * 20 * 4 + 2 + 2  # ground, attempts, what the marks mean, patterns
    assert faults(drawing.svg) == []


# From a question to an answer


@pytest.mark.parametrize("k", [1, 3])
def test_a_question_leads_to_the_nearest_note_and_to_the_answer(k: int):
    notes = ["Bread is in the kitchen.", "Dogs are welcome if they stay off the beds and the sofa.", "Cars are parked."]
    drawing = drawings.question_to_answer(
        "My puppy?", [0.25] * 16, [0.01, 0.34, 0.12], notes, "They are welcome [1].", k
    )
    assert "becomes 16 numbers" in drawing.text
    assert "with 0.34, is the note “Dogs are welcome" in drawing.text
    assert f"The {k} nearest go into the prompt" in drawing.text
    assert drawing.text.endswith("the answer is “They are welcome [1].”")
    assert ("0.12" in drawing.svg, "0.01" in drawing.svg) == (k > 1, k > 2)


# The list of messages


def reply(prompt: int | None) -> SimpleNamespace:
    return SimpleNamespace(usage=prompt and SimpleNamespace(prompt_tokens=prompt))


def conversation(turns: int) -> list[dict[str, str]]:
    return [{"role": role} for role in ["system", *["user", "assistant"] * turns]]


def test_the_list_is_drawn_as_it_was_sent_at_each_turn():
    drawing = drawings.the_list_grows(conversation(3), [reply(19), reply(96), reply(149)])
    assert "2 messages and 19 prompt tokens, then 4 messages and 96 prompt tokens, then 6 messages" in drawing.text
    rows = re.findall(r"<tspan>(system|user|assistant)</tspan>", drawing.svg)
    assert rows.count("system") == 3
    assert rows.count("user") == 1 + 2 + 3
    assert rows.count("assistant") == 0 + 1 + 2 + 3, "those that are sent again, and an answer to each turn"


@pytest.mark.parametrize("turns", [1, 2, 5, 9])
def test_of_a_longer_conversation_the_last_turns_are_drawn(turns: int):
    drawing = drawings.the_list_grows(conversation(turns), [reply(10 * turn) for turn in range(1, turns + 1)])
    assert faults(drawing.svg) == []
    assert f"{2 * turns} messages and {10 * turns} prompt tokens." in drawing.text
    assert drawing.svg.count(">turn ") == min(turns, 3)


def test_an_endpoint_that_counts_no_tokens_has_its_messages_counted():
    drawing = drawings.the_list_grows(conversation(2), [reply(None), reply(None)])
    assert "2 messages, then 4 messages." in drawing.text
    assert faults(drawing.svg) == []


# Where a call goes


@pytest.mark.parametrize("usage", [SimpleNamespace(prompt_tokens=11, completion_tokens=66), None])
@pytest.mark.parametrize(
    ("is_mock", "who", "other"), [(True, "the mock", "An endpoint of yours"), (False, "your endpoint", "The mock")]
)
def test_it_says_who_has_answered_and_who_would(is_mock: bool, who: str, other: str, usage: Any):
    drawing = drawings.where_a_call_goes(is_mock, usage)
    assert f"here {who} answers it." in drawing.text
    assert f"{other} would be sent the same request" in drawing.text
    assert ("11 tokens go in and 66 tokens come back" in drawing.text) == (usage is not None)
    assert faults(drawing.svg) == []


# Clients and routes


def test_a_client_that_is_refused_is_told_and_drawn_as_such():
    answered = {
        "OpenAI": ("/openai/v1/chat/completions", 200),
        "OpenAI, old address": ("/models/chat/completions", 404),
        "ChatCompletionsClient": ("/models/chat/completions?api-version=2024-05-01-preview", 200),
    }
    drawing = drawings.clients_and_routes(answered)
    assert "OpenAI asks /openai/v1 without an api-version and gets 200." in drawing.text
    assert "OpenAI, old address asks /models without an api-version and gets 404." in drawing.text
    assert "ChatCompletionsClient asks /models with an api-version and gets 200." in drawing.text
    assert drawing.svg.count("#b3261e") == 1  # the border of what was refused
    assert faults(drawing.svg) == []
