"""The content filter, drawn: what each prompt meets on its way is what the handler told of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pytest

from helpers.drawings import filter_before_and_after
from tests.helpers.drawings.layout import faults


class Outcome(NamedTuple):
    kind: str
    why: Mapping[str, str]


ANSWERED = Outcome("answer", {})
CUT = Outcome("answer cut", {"violence": "medium"})
REFUSED = Outcome("prompt refused", {"violence": "high"})


def test_it_says_where_each_prompt_got_to_and_what_was_found():
    told = filter_before_and_after({"Azure?": ANSWERED, "A tale": CUT, "A bomb": REFUSED}).text
    assert told == (
        "“Azure?” passes both filters and is answered. "
        "“A tale” reaches the model, and the filter behind it cuts the answer (violence: medium). "
        "“A bomb” is stopped by the filter before the model, which never sees it (violence: high)."
    )


@pytest.mark.parametrize(
    ("outcome", "arrows", "seen"),
    [(ANSWERED, 4, "writes"), (CUT, 4, "cuts it"), (REFUSED, 1, "never sees it")],
    ids=["answered", "cut", "refused"],
)
def test_the_arrows_end_where_the_prompt_does(outcome: Outcome, arrows: int, seen: str):
    drawn = filter_before_and_after({"What's Azure?": outcome}).svg
    assert drawn.count("<polygon") == arrows
    assert seen in drawn


@pytest.mark.parametrize("kind", ["answer cut", "prompt refused"])
@pytest.mark.parametrize("why", [{"jailbreak": "detected"}, {"violence": "high", "self_harm": "medium"}, {}])
def test_it_can_be_read_whatever_was_found(kind: str, why: dict[str, str]):
    long = "Chopping tomatoes and cutting them into cubes or wedges are great ways to practice your knife skills."
    assert faults(filter_before_and_after({"Hi": Outcome(kind, why), long: Outcome(kind, why)}).svg) == []
