"""The checks of lesson 09, embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np
from azure.ai.inference.models import ChatCompletions, EmbeddingsResult

from .kinds import a_kind, called, code, expect_function, given
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
        expect(told in texts, f"{code(told)} is not one of the texts that it was given.")
        expect(told == odd, f"Of {', '.join(map(code, texts))} it picks {code(told)}.", smallest)
    return "Right: nothing was told about the topics, and still the stranger stands out."


@exercise(
    "9.2",
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
        expect(all(i != j for i, j in pairs), "A text is nearest to itself, and that is not a double.", inner)
        expect(all(i < j for i, j in pairs), "Each pair comes twice. Keep the one with the smaller place first.", inner)
        turned = sorted((i - 1, j - 1) if i else (j - 1, len(texts) - 1) for i, j in wanted)  # as the items come
        said = f"Of {code(texts)} at least {score} near are {code(wanted)}, and it returns {code(sorted(pairs))}."
        by_index = "The items may come in any order: sort them by their `index`, as `embed` of this lesson does."
        expect(not wanted or sorted(pairs) != turned, said, by_index)
        expect(sorted(pairs) == wanted, said, "Near enough is what reaches the score, the score itself included: `>=`.")
    return "Right: every pair once, and one call, however many texts there are."


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
    expect(_places(best, vector, matrix, 1, 0.5) == [1], "Asked for one place, it returns more of them, or none.")
    empty = "A list may be empty: then the loop over it does nothing, and nobody has to ask for `None`."
    told = called(best, -vector, matrix[1:3], 3, 0.5, when="Where no row is near enough", lists=True)
    expect(
        told is not None and len(told) == 0,
        f"Where no row is near enough, it returns {code(told)}, not an empty list.",
        empty,
    )
    return "Right: the nearest first, none that is far away, and none wins by its length."


@exercise(
    "9.4",
    "Answer from the notes",
    takes="client, chat, question, notes, k",
    first="Three steps: vectors for the question and all notes, the `k` nearest into the system message, one call.",
    second="`enumerate(nearest, 1)` numbers the notes from 1 on; the lesson's `prompt` shows the form of a line.",
)
def _(answer: Any) -> str:
    expect_function(answer)
    rows = {"Who?": (1.0, 0.0), "far": (0.0, 1.0), "near": (0.8, 0.6), "nearest": (0.96, 0.28), "off": (-1.0, 0.0)}
    notes = ["far", "near", "off", "nearest"]
    for k, wanted in ((2, ["nearest", "near"]), (1, ["nearest"]), (3, ["nearest", "near", "far"])):
        client, chat = _Client(rows), _Chat()
        told = called(answer, client, chat, "Who?", list(notes), k)
        expect(
            client.calls > 0,
            "It never asks the `client` that it is given for vectors.",
            "`client.embed(input=[question, *notes])` gets all of them; the lesson's `embed` asks another client.",
        )
        batch = "Question and notes may share one call: `[question, *notes]`."
        expect(client.calls <= 2, f"It asks for vectors {client.calls} times. All notes go into one call.", batch)
        expect(chat.sent, "It never asks the chat model.", "`chat.complete(messages=[...])` does.")
        expect(len(chat.sent) == 1, f"It asks the chat model {len(chat.sent)} times; once is enough.")
        _prompted(chat.sent[0], notes, wanted)
        given(told)
        whole = not isinstance(told, str) and hasattr(told, "choices")
        expect(
            not whole,
            "That is the whole reply, and it should be its text.",
            "`.choices[0].message.content` leads to it.",
        )
        expect(
            told == SAID, f"The model said {code(SAID)}, and the function returns {code(told)}.", "Return it as it is."
        )
    return "Right: found, numbered, answered. That is all there is to RAG; the rest is good notes."


SAID = "They say so [1]."


class _Chat:
    """As much of a `ChatCompletionsClient` as the exercise needs: it keeps the messages, and always says the same."""

    def __init__(self) -> None:
        self.sent: list[list[Any]] = []

    def complete(self, body: Any = None, *, messages: Any = None, **_: Any) -> ChatCompletions:
        self.sent.append(list(messages if body is None else body["messages"]))
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": SAID}}
        return ChatCompletions({"choices": [choice], "model": "exercise"})


def _prompted(messages: list[Any], notes: list[str], wanted: list[str]) -> None:
    """Ends the check unless the messages hold these notes, numbered in this order, and the question."""
    said = {str(message["role"]): str(message["content"]) for message in messages}
    system, user = said.get("system", ""), said.get("user", "")
    expect("Who?" in user, "The question is not in the user message.", "`UserMessage(question)` comes second.")
    expect(
        system, "There is no system message.", "`SystemMessage(...)` comes first: the rules, and under them the notes."
    )
    lines = [line.strip() for line in system.splitlines()]
    marked = [line for line in lines if line.startswith("[") and line.endswith(tuple(notes))]
    bare = [line for line in lines if line in notes]
    number = '`f"[{number}] {note}"` in a loop over `enumerate(nearest, 1)`.'
    expect(marked or bare, "No note stands on a line of its own in the system message.", number)
    expect(marked, "The notes have no numbers, so the model cannot cite them.", number)
    glued = [line for line in lines if line not in marked and line.endswith(tuple(f"] {note}" for note in notes))]
    expect(
        not glued,
        f"A line is {code(''.join(glued[:1]))}. Each note should begin a line of its own.",
        'A line break is missing before the first note: `"\\n".join([RULES, *numbered])` puts one there.',
    )
    found = [line.partition("] ")[2] for line in marked]
    count = f"With k={len(wanted)} the prompt holds {len(found)} of the notes."
    expect(len(found) == len(wanted), count, "`[:k]` keeps the first of what was sorted.")
    turned = "`sorted` puts the smallest first; the nearest has the largest `@`: sort by its negative."
    expect(
        found == wanted,
        f"With k={len(wanted)} these notes should go in: {', '.join(wanted)}; yours are {', '.join(found)}.",
        turned,
    )
    numbers = [line.partition("]")[0].strip("[") for line in marked]
    places = [str(place) for place in range(1, len(wanted) + 1)]
    expect(numbers == places, f"The numbers are {', '.join(numbers)}, and should be {', '.join(places)}.", number)


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
