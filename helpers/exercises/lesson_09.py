"""The checks of lesson 09, embeddings."""

from __future__ import annotations

import base64
import struct
from typing import Any

import numpy as np

from .kinds import expect_function, expect_type, given
from .registry import exercise, expect


@exercise(
    "9.1",
    "The odd one out",
    first="Embed all the texts, then see how near each is to the others: one matrix times itself, turned on its side.",
    second="Sum up each row of vectors @ vectors.T. The text with the smallest sum has the least in common.",
)
def _(odd_one_out: Any) -> str:
    expect_function(odd_one_out)
    for texts, odd in (
        (["my kitten sleeps", "the cat purrs", "a tax return", "two cats play"], "a tax return"),
        (["The train is late.", "Where is the railway station?", "Knead it.", "A ticket for the train"], "Knead it."),
        (["violin", "a doctor in the hospital", "the nurse", "patients and medicine", "the surgeon"], "violin"),
    ):
        told = odd_one_out(list(texts))
        given(told)
        expect(
            isinstance(told, str),
            f"Wanted is the text itself, and this returns {type(told).__name__}: texts[...] at that place.",
        )
        expect(told in texts, f"{told!r} is none of the texts it was given.")
        expect(
            told == odd,
            f"Of {', '.join(map(repr, texts))} it picks {told!r}. "
            "Is it the smallest sum that you take, over all the texts?",
        )
    return "Right: nothing was told about the topics, and still the stranger stands out."


@exercise(
    "9.2",
    "Numbers out of a text",
    first="Two steps: from base64 to bytes, and from bytes to numbers of four bytes each.",
    second="base64.b64decode, and then np.frombuffer with the type that the lesson names, '<f4'.",
)
def _(decode: Any) -> str:
    expect_function(decode)
    for wanted in ([0.5, -0.25, 0.125], [1.0], [0.0, -1.0] * 8):
        packed = base64.b64encode(struct.pack(f"<{len(wanted)}f", *wanted)).decode()
        try:
            told = decode(packed)
        except ValueError as error:
            expect("element size" not in str(error), "Without a type, np.frombuffer takes eight bytes for a number.")
            raise
        given(told)
        expect(not isinstance(told, bytes), "Those are the bytes. The numbers in them are still to be read.")
        expect_type(told, np.ndarray, "a numpy array")
        size, count = len(wanted), len(told)
        expect(count != 4 * size, f"{count} numbers from {4 * size} bytes: a number has four bytes, not one.")
        expect(count == size, f"{count} numbers came out, and {size} went in: how many bytes has each?")
        expect(
            np.array_equal(told, wanted),
            f"{told[0]!s} came out, {wanted[0]} went in. Four bytes, but of which kind? Little-endian, floating point.",
        )
    return "Right: four bytes a number, the smallest byte first, and nothing is lost."


@exercise(
    "9.3",
    "The best, or none",
    first="Compute the cosine with each row, sort, keep k, and then drop what is below least.",
    second="Divide matrix @ vector by both lengths: np.linalg.norm, axis=1 for the rows. Sort: np.argsort(-scores).",
)
def _(best: Any) -> str:
    expect_function(best)
    matrix = np.array([[0.0, 3.0], [0.5, 0.0], [4.0, 3.0], [-1.0, 0.0]])  # cosines with (2, 0): 0, 1, 0.8, -1
    vector = np.array([2.0, 0.0])
    told = _places(best(vector, matrix, 2, -2.0))
    expect(told != [3, 0], "The farthest come first: sort the other way round.")
    expect(told != [2, 1], "Here the rows are not of length 1, and the long ones win. Divide by both lengths.")
    expect(len(told) == 2, f"With k=2 and nothing to leave out, it returns {len(told)} places.")
    expect(told == [1, 2], f"The nearest two rows are 1 and 2, in this order; it returns {told}.")
    told = _places(best(vector, matrix, 4, 0.5))
    expect(told == [1, 2], f"With least=0.5 only the rows 1 and 2 are near enough; it returns {told}.")
    told = _places(best(vector, matrix, 4, 0.9))
    expect(
        told == [1], f"With least=0.9 only row 1 is near enough; it returns {told}. The vector has a length as well."
    )
    told = _places(best(vector, matrix, 4, 0.0))
    expect(
        told == [1, 2, 0], f"With least=0 it returns {told}. Row 0 has a cosine of 0, which is not below it, and stays."
    )
    expect(_places(best(vector, matrix, 1, 0.5)) == [1], "With k=1 there should be one place at most.")
    told = best(-vector, matrix[1:3], 3, 0.5)
    expect(
        told is not None and _places(told) == [], f"Where no row is near enough, wanted is an empty list, not {told}."
    )
    return "Right: the nearest first, none that is far away, and no one wins by length."


@exercise(
    "9.4",
    "Said twice",
    first="One call for all texts, one product of the vectors with themselves, and then the pairs above the score.",
    second="Two loops, for i and for j from i + 1 on: so no pair comes twice, and no text is its own double.",
)
def _(doubles: Any) -> str:
    expect_function(doubles)
    rows = {"red": (1.0, 0.0), "rose": (0.8, 0.6), "crimson": (0.96, 0.28), "blue": (0.0, -1.0), "green": (-0.6, 0.8)}
    for texts, score, wanted in (
        (["red", "blue", "rose", "crimson"], 0.9, [(0, 3), (2, 3)]),
        (["green", "red", "blue"], 0.9, []),
        (["blue", "red", "green", "red"], 1.0, [(1, 3)]),
    ):
        client = _Client(rows)
        told = doubles(client, list(texts), score)
        given(told)
        expect(client.calls > 0, "It never calls embed() of the client that it is given.")
        expect(client.calls == 1, f"It calls the endpoint {client.calls} times. All texts go into one call.")
        pairs = _pairs(told)
        expect(all(i != j for i, j in pairs), "A text is nearest to itself, and no double: leave (i, i) out.")
        expect(all(i < j for i, j in pairs), "Each pair once, with the smaller place first: (0, 3) and not (3, 0) too.")
        turned = sorted((i - 1, j - 1) if i else (j - 1, len(texts) - 1) for i, j in wanted)  # as the items come
        said = f"Of {texts} at least {score} near are {wanted}, and it returns {sorted(pairs)}."
        expect(not wanted or sorted(pairs) != turned, f"{said} The items may come in any order: sort them by index.")
        expect(sorted(pairs) == wanted, f"{said} Near enough is what reaches the score, the score itself included.")
    return "Right: every pair once, and one call, however many texts there are."


def _pairs(told: Any) -> list[tuple[int, int]]:
    try:
        return [(int(i), int(j)) for i, j in told]
    except (TypeError, ValueError):
        expect(False, f"Wanted is a list of pairs of places such as [(0, 3)], and this returns {told!r}.")
        raise


def _places(told: Any) -> list[int]:
    given(told)
    try:
        return [int(place) for place in told]
    except (TypeError, ValueError):
        expect(False, f"Wanted is a list of places such as [1, 2], and this returns {told!r}.")
        raise


class _Item:
    def __init__(self, index: int, embedding: list[float]) -> None:
        self.index, self.embedding = index, embedding


class _Answer:
    def __init__(self, data: list[_Item]) -> None:
        self.data = data


class _Client:
    """As much of an `EmbeddingsClient` as the exercise needs: it counts calls, and answers in an order of its own."""

    def __init__(self, rows: dict[str, tuple[float, float]]) -> None:
        self.rows, self.calls = rows, 0

    def embed(self, *, input: list[str], **_: Any) -> _Answer:
        self.calls += 1
        items = [_Item(place, list(self.rows[text])) for place, text in enumerate(input)]
        return _Answer(items[1:] + items[:1])
