"""The checks of lesson 08, audio."""

from __future__ import annotations

import wave
from numbers import Real
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from azure.ai.inference.models import ChatCompletions

from .kinds import expect_function, expect_type, given
from .registry import exercise, expect


@exercise(
    "8.1",
    "When does the train leave, in French?",
    first="The function ask, from above, takes a sound and a wish. Which of the two sounds is it, and which wish?",
    second="A wish such as “Please translate this audio snippet to ...”; the text of a reply is in choices[0].message.",
)
def _(french: Any) -> str:
    expect(not isinstance(french, ChatCompletions), "That is the whole reply. Wanted is its text.")
    expect(isinstance(french, str), f"Wanted is a text, and this is of type {type(french).__name__}.")
    said = french.lower()
    expect("bonjour" not in said and "hello" not in said, "That is the other clip. Wanted is what `train` says.")
    expect("leaves at nine" not in said, "That is what is spoken, in English. The wish has to ask for a translation.")
    expect("hambourg" in said, f"Is that French? It says: {french}")
    return "Right: from English speech to a French text in one call."


@exercise(
    "8.2",
    "The price before the call",
    first="How long is it, and how many steps of 80 milliseconds are begun in that time? Both functions are above.",
    second="The seconds are frames through frame rate, whatever the channels. ceil rounds up to the step begun.",
)
def _(cost: Any) -> str:
    expect_function(cost)
    told = _cost_of(cost, seconds=1.0, rate=16_000)
    given(told)
    expect_type(told, Real, "a number")
    expect(told != 1.0, "Those are the seconds. How many tokens are they?")
    expect(told != 12.5, "12.5 tokens for a second: tokens are whole, and a step that was begun counts.")
    expect(told != 12, "12 tokens for a second: a step that was begun counts, so round up.")
    expect(
        told == 13, f"For one second of sound it returns {told}; the rule says 13, and nothing has to be sent for it."
    )
    told = _cost_of(cost, seconds=1.0, rate=8_000)
    expect(told == 13, f"At 8,000 frames a second, one second costs {told}. The rate stands in the file.")
    told = _cost_of(cost, seconds=1.0, rate=16_000, channels=2)
    expect(
        told == 13, f"With two channels, one second costs {told}. Count frames: a frame has a sample of each channel."
    )
    told = _cost_of(cost, seconds=2.0, rate=16_000)
    expect(
        told == 25, f"Two seconds are 25 steps and no part of another one; it returns {told}. ceil adds no whole step."
    )
    told = _cost_of(cost, seconds=60.04, rate=1_000)
    expect(told == 751, f"For 60.04 seconds it returns {told}; the rule says 751.")
    return "Right: the price is known before anything is sent."


@exercise(
    "8.3",
    "Nothing for silence",
    first="Find the first sample that is loud and the last one; what lies between them stays as it is.",
    second="np.flatnonzero(np.abs(samples) >= least) lists the loud places. Then a slice, the last of them included.",
)
def _(trim: Any) -> str:
    expect_function(trim)
    told = _trimmed(trim, [0, 3, 0, 600, -700, 0, 0, 800, 2, 0])
    expect(told != [600, -700, 800], "The pauses between the words are gone as well. Cut at both ends only.")
    expect(told != [600, -700, 0, 0], "The last loud sample is missing: a slice ends before its second number.")
    wanted = [600, -700, 0, 0, 800]
    expect(told == wanted, f"Of 0, 3, 0, 600, -700, 0, 0, 800, 2, 0 wanted is {wanted}, and it returns {told}.")
    told = _trimmed(trim, [0, -900, 0, 900, -900, 0])
    expect(
        told == [-900, 0, 900, -900],
        f"Loud samples are negative as often as positive: of 0, -900, 0, 900, -900, 0 it returns {told}.",
    )
    expect(_trimmed(trim, [500, 0, 700]) == [500, 0, 700], "A sample of exactly `least` is loud, and stays.")
    told = _trimmed(trim, [0, 3, 0, -4, 1], least=2)
    expect(told == [3, 0, -4], f"With least=2, of 0, 3, 0, -4, 1 it returns {told}. What is loud, `least` says.")
    try:
        told = _trimmed(
            trim, [0, 1, -2], nothing="When all is silence it returns None; wanted is an array without samples."
        )
    except (IndexError, ValueError) as error:
        expect(False, f"When everything is silence it stops with {type(error).__name__}. Wanted are no samples then.")
    expect(told == [], f"When everything is silence, nothing should be left, and it returns {told}.")
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
        return cost(path)


def _trimmed(
    trim: Any, samples: list[int], least: int = 500, nothing: str = "The function returns nothing: it needs a return."
) -> list[int]:
    told = trim(np.array(samples, "<i2"), least)
    expect(told is not None, nothing)
    try:
        return [int(sample) for sample in told]
    except (TypeError, ValueError):
        expect(False, f"Wanted are samples, those that are left; this returns {type(told).__name__}.")
        raise
