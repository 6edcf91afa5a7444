"""The checks of lesson 09, embeddings."""

from __future__ import annotations

import base64
import struct
from typing import Any

import numpy as np
from azure.ai.inference.models import EmbeddingsResult

from .kinds import a_kind, called, code, expect_function, expect_type, given
from .registry import exercise, expect, refuse


@exercise(
    "9.1",
    "The odd one out",
    takes="texts",
    first="Embed all the texts, then see how near each is to the others: one matrix times itself, turned on its side.",
    second="In `vectors @ vectors.T` each row says how near one text is to all of them. Sum up the rows, and choose.",
)
def _(odd_one_out: Any) -> str:
    expect_function(odd_one_out)
    smallest = "The odd one has the least in common with the others: of the sums, take the smallest, with `argmin`."
    for texts, odd in (
        (["my kitten sleeps", "the cat purrs", "a tax return", "two cats play"], "a tax return"),
        (["The train is late.", "Where is the railway station?", "Knead it.", "A ticket for the train"], "Knead it."),
        (["violin", "a doctor in the hospital", "the nurse", "patients and medicine", "the surgeon"], "violin"),
    ):
        told = called(odd_one_out, list(texts), when=f"For {code(texts)}")
        given(told)
        expect(
            isinstance(told, str),
            f"It should return the text itself, and it returns {a_kind(told)}.",
            "`argmin` gives a place. `texts[place]` is the text there.",
        )
        expect(told in texts, f"{code(told)} is none of the texts that it was given.")
        expect(told == odd, f"Of {', '.join(map(code, texts))} it picks {code(told)}.", smallest)
    return "Right: nothing was told about the topics, and still the stranger stands out."


@exercise(
    "9.2",
    "Numbers out of a text",
    takes="text",
    first="Two steps: from base64 to bytes, and from bytes to numbers of four bytes each.",
    second="The lesson does both under `encoding_format`, and names the type of the numbers.",
)
def _(decode: Any) -> str:
    expect_function(decode)
    four = '`np.frombuffer(data, "<f4")`: little-endian, floating point, four bytes a number.'
    for wanted in ([0.5, -0.25, 0.125], [1.0], [0.0, -1.0] * 8):
        packed = base64.b64encode(struct.pack(f"<{len(wanted)}f", *wanted)).decode()
        try:
            told = decode(packed)
        except ValueError as error:
            expect("element size" not in str(error), "It takes eight bytes for a number, and there are four.", four)
            raise
        given(told)
        expect(
            not isinstance(told, bytes),
            "Those are the bytes. The numbers in them are still to be read.",
            "`np.frombuffer` reads numbers out of bytes, if you tell it their type.",
        )
        expect_type(told, np.ndarray, "a numpy array", "`np.array(...)` makes one of a list.")
        size, count = len(wanted), len(told)
        expect(count != 4 * size, f"{count} numbers from {4 * size} bytes: a number has four bytes, not one.", four)
        expect(count == size, f"{count} numbers came out, and {size} went in: how many bytes has each?", four)
        expect(
            np.array_equal(told, wanted),
            f"{told[0]!s} came out, and {wanted[0]} went in. Four bytes, but of which kind?",
            four,
        )
    return "Right: four bytes a number, the smallest byte first, and nothing is lost."


@exercise(
    "9.3",
    "The best, or none",
    takes="vector, matrix, k, least",
    first="Compute the cosine with each row, sort, keep `k`, and then drop what is below `least`.",
    second="All cosines at once: `matrix @ vector`, divided by the length of each row and by that of the vector.",
)
def _(best: Any) -> str:
    expect_function(best, lists=True)
    matrix = np.array([[0.0, 3.0], [0.5, 0.0], [4.0, 3.0], [-1.0, 0.0]])  # cosines with (2, 0): 0, 1, 0.8, -1
    vector = np.array([2.0, 0.0])
    lengths = (
        "`np.linalg.norm(matrix, axis=1)` has the lengths of the rows, `np.linalg.norm(vector)` that of the vector."
    )
    sort = "`np.argsort(-scores)` gives places, the largest score first."
    drop = "After sorting, keep a place only if `scores[place] >= least`."
    told = _places(best, vector, matrix, 2, -2.0)
    expect(told != [3, 0], "The farthest come first.", sort)
    expect(told != [2, 1], "These rows are not of length 1, and the long ones win. Divide by both lengths.", lengths)
    expect(
        len(told) == 2,
        f"For two places and nothing to leave out, it returns {len(told)}.",
        "`[:k]` keeps the first of what was sorted.",
    )
    expect(told == [1, 2], f"The nearest two rows are 1 and 2, in this order; it returns {code(told)}.", sort)
    told = _places(best, vector, matrix, 4, 0.5)
    expect(told == [1, 2], f"From 0.5 on, only the rows 1 and 2 are near enough; it returns {code(told)}.", drop)
    told = _places(best, vector, matrix, 4, 0.9)
    expect(
        told == [1],
        f"From 0.9 on, only row 1 is near enough; it returns {code(told)}.",
        f"The vector has a length as well. {lengths}",
    )
    told = _places(best, vector, matrix, 4, 0.0)
    expect(
        told == [1, 2, 0],
        f"From 0 on, it returns {code(told)}, and row 0 is missing.",
        "Its cosine is 0, which is not below 0: `>=`, not `>`.",
    )
    expect(_places(best, vector, matrix, 1, 0.5) == [1], "Asked for one place, it returns another number of them.")
    empty = "A list may be empty: then the loop over it does nothing, and nobody has to ask for `None`."
    told = called(best, -vector, matrix[1:3], 3, 0.5, when="Where no row is near enough", lists=True)
    expect(
        told is not None and len(told) == 0,
        f"Where no row is near enough, it returns {code(told)}, not an empty list.",
        empty,
    )
    return "Right: the nearest first, none that is far away, and no one wins by length."


@exercise(
    "9.4",
    "Said twice",
    takes="client, texts, score",
    first="One call for all texts, one product of the vectors with themselves, and then the pairs above the score.",
    second="Two loops find the pairs, one in the other. Where does the inner one begin, if no pair is to come twice?",
)
def _(doubles: Any) -> str:
    expect_function(doubles, lists=True)
    rows = {"red": (1.0, 0.0), "rose": (0.8, 0.6), "crimson": (0.96, 0.28), "blue": (0.0, -1.0), "green": (-0.6, 0.8)}
    inner = "`for i in range(len(texts))`, and inside `for j in range(i + 1, len(texts))`."
    for texts, score, wanted in (
        (["red", "blue", "rose", "crimson"], 0.9, [(0, 3), (2, 3)]),
        (["green", "red", "blue"], 0.9, []),
        (["blue", "red", "green", "red"], 1.0, [(1, 3)]),
    ):
        client = _Client(rows)
        told = called(doubles, client, list(texts), score, lists=True)
        given(told)
        expect(
            client.calls > 0,
            "It never asks the client that it is given.",
            "`client` is a parameter here: the check hands in a client of its own.",
        )
        expect(
            client.calls == 1,
            f"It calls the endpoint {client.calls} times. All texts go into one call.",
            "`client.embed(input=texts)` takes the whole list, before any loop.",
        )
        pairs = _pairs(told)
        expect(all(i != j for i, j in pairs), "A text is nearest to itself, and that is no double.", inner)
        expect(all(i < j for i, j in pairs), "Each pair comes twice. Keep the one with the smaller place first.", inner)
        turned = sorted((i - 1, j - 1) if i else (j - 1, len(texts) - 1) for i, j in wanted)  # as the items come
        said = f"Of {code(texts)} at least {score} near are {code(wanted)}, and it returns {code(sorted(pairs))}."
        by_index = "The items may come in any order: sort them by their `index`, as `embed` of this lesson does."
        expect(not wanted or sorted(pairs) != turned, said, by_index)
        expect(sorted(pairs) == wanted, said, "Near enough is what reaches the score, the score itself included: `>=`.")
    return "Right: every pair once, and one call, however many texts there are."


def _pairs(told: Any) -> list[tuple[int, int]]:
    try:
        return [(int(i), int(j)) for i, j in told]
    except (TypeError, ValueError):
        refuse(
            f"It should return pairs of places such as `[(0, 3)]`, and it returns {code(told)}.",
            "A place is the number of a text in its list, not the text.",
        )


def _places(best: Any, *arguments: Any) -> list[int]:
    told = called(best, *arguments, lists=True)
    given(told)
    try:
        return [int(place) for place in told]
    except (TypeError, ValueError):
        refuse(f"It should return a list of places such as `[1, 2]`, and it returns {code(told)}.")


class _Client:
    """As much of an `EmbeddingsClient` as the exercise needs: it counts calls, and answers in an order of its own."""

    def __init__(self, rows: dict[str, tuple[float, float]]) -> None:
        self.rows, self.calls = rows, 0

    def embed(self, *, input: list[str], **_: Any) -> EmbeddingsResult:
        self.calls += 1
        items = [{"index": place, "embedding": list(self.rows[text])} for place, text in enumerate(input)]
        return EmbeddingsResult({"data": items[1:] + items[:1], "model": "exercise"})
