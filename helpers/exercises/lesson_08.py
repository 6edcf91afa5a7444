"""The checks of lesson 08, audio."""

from __future__ import annotations

import wave
from numbers import Real
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from .kinds import a_kind, called, code, expect_function, expect_text, expect_type, given
from .registry import exercise, expect, refuse


@exercise(
    "8.1",
    "When does the train leave, in French?",
    first="`ask`, from the set-up, takes a sound and a task. Which of the two sounds is it, and what do you ask for?",
    second="Ask it to “translate this audio snippet to ...”; the text of a reply is in `choices[0].message`.",
)
def _(french: Any) -> str:
    expect_text(french, "`.choices[0].message.content` after the call leads to it.")
    said = french.lower()
    expect(
        "bonjour" not in said and "hello" not in said,
        "That is the other clip. This is about what `train` says.",
        "`ask(train, ...)`: the sound comes first.",
    )
    expect(
        "leaves at nine" not in said,
        "That is what is spoken, in English.",
        "The task is the second argument of `ask`. Without one it asks for a transcript.",
    )
    expect("hambourg" in said, f"Is that French? It says: {french[:120]}", "The task names the language, in English.")
    return "Right: from English speech to a French text in one call."


@exercise(
    "8.2",
    "The price before the call",
    takes="path",
    first="How long is it, and how many steps of 80 milliseconds are begun in that time? Both functions are above.",
    second="Frames divided by the frame rate are seconds, whatever the channels. One step more, and they are tokens.",
)
def _(cost: Any) -> str:
    expect_function(cost)
    told = _cost_of(cost, seconds=1.0, rate=16_000)
    given(told)
    expect_type(told, Real, "a number")
    begun = "`sound_tokens(...)` from above does it: `ceil` rounds up to the step that was begun."
    expect(told != 1.0, "Those are the seconds. How many tokens are they?", begun)
    expect(told != 12.5, "12.5 tokens for a second: tokens are whole, and a step that has begun counts.", begun)
    expect(told != 12, "12 tokens for a second: a step that has begun counts, so round up.", begun)
    expect(
        told == 13,
        f"For one second of sound it returns {code(told)}; the rule says 13, and nothing has to be sent for it.",
        "`seconds_of(path)` from above opens the file; `sound_tokens` knows the rule.",
    )
    told = _cost_of(cost, seconds=1.0, rate=8_000)
    expect(
        told == 13,
        f"At 8,000 frames a second, one second costs {code(told)}.",
        "The file says its rate: `clip.getframerate()`.",
    )
    told = _cost_of(cost, seconds=1.0, rate=16_000, channels=2)
    expect(
        told == 13,
        f"With two channels, one second costs {code(told)}.",
        "Count frames, not bytes or samples: a frame has a sample of each channel.",
    )
    told = _cost_of(cost, seconds=2.0, rate=16_000)
    expect(
        told == 25,
        f"Two seconds are 25 steps and no part of another one; it returns {code(told)}.",
        "`+ 1` always adds a step. `ceil` adds one only where one has begun.",
    )
    told = _cost_of(cost, seconds=60.04, rate=1_000)
    expect(told == 751, f"For 60.04 seconds it returns {code(told)}; the rule says 751.", begun)
    return "Right: the price is known before anything is sent."


@exercise(
    "8.3",
    "Nothing for silence",
    takes="samples, least",
    first="Find the first sample that is loud and the last one; what lies between them stays as it is.",
    second="`np.flatnonzero(...)` lists the places where something is true. Of the loud ones, two are needed.",
)
def _(trim: Any) -> str:
    expect_function(trim)
    first = [0, 3, 0, 600, -700, 0, 0, 800, 2, 0]
    told = _trimmed(trim, first)
    expect(
        told != [600, -700, 800],
        "The pauses between the words are gone as well. Cut at both ends only.",
        "A slice from the first loud place to the last keeps what lies between: `samples[start:end]`.",
    )
    last = "A slice ends before its second number: add 1 to the last loud place."
    expect(told != [600, -700, 0, 0], "The last loud sample is missing.", last)
    wanted = [600, -700, 0, 0, 800]
    expect(told == wanted, f"{code(wanted)} should be left of {code(first)}, and it returns {code(told)}.", last)
    told = _trimmed(trim, [0, -900, 0, 900, -900, 0])
    expect(
        told == [-900, 0, 900, -900],
        f"Of {code([0, -900, 0, 900, -900, 0])} it returns {code(told)}.",
        "Loud samples are negative as often as positive: `np.abs(samples)` is their distance from zero.",
    )
    expect(
        _trimmed(trim, [500, 0, 700]) == [500, 0, 700],
        "A sample of exactly `least` is loud, and stays.",
        "At least is `>=`, not `>`.",
    )
    told = _trimmed(trim, [0, 3, 0, -4, 1], least=2)
    expect(
        told == [3, 0, -4],
        f"With 2 for `least`, of {code([0, 3, 0, -4, 1])} it returns {code(told)}.",
        "The parameter says what is loud, not a number in the body.",
    )
    empty = "`samples[:0]` is an array without samples. Ask first whether there is any loud place."
    try:
        told = _trimmed(trim, [0, 1, -2], silent=True, more=empty)
    except (IndexError, ValueError) as error:
        refuse(f"When there is only silence it stops with {type(error).__name__}. Nothing should be left then.", empty)
    expect(told == [], f"When there is only silence, nothing should be left, and it returns {code(told)}.", empty)
    return "Right: the ends are off, the pauses stay, and silence is worth nothing."


def _cost_of(cost: Any, *, seconds: float, rate: int, channels: int = 1) -> Any:
    """What the reader's function says of a WAV file of silence."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "silence.wav"
        with wave.open(str(path), "wb") as out:
            out.setnchannels(channels)
            out.setsampwidth(2)
            out.setframerate(rate)
            out.writeframes(bytes(2 * channels * round(seconds * rate)))
        more = "`wave.open(str(path))`: the path comes as a `Path`, and `wave` wants a string."
        return called(cost, path, when="For a WAV file", more=more)


def _trimmed(trim: Any, samples: list[int], least: int = 500, silent: bool = False, more: str = "") -> list[int]:
    told = trim(np.array(samples, "<i2"), least)
    if silent:
        expect(
            told is not None,
            "When there is only silence it returns `None`, and should return an array without samples.",
            more,
        )
    given(told)
    try:
        return [int(sample) for sample in told]
    except (TypeError, ValueError):
        refuse(f"It should return the samples that are left, and it returns {a_kind(told)}.")
