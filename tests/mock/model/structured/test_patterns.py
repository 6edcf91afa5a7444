"""Patterns match as `re.search` does, in bounded time, and can be satisfied."""

import re
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.mock.model.reading.effort import ExhaustedError, bounded
from helpers.mock.model.structured.patterns import compiled, matches, strings

_ATOMS = st.sampled_from(
    ["a", "b", ".", r"\d", r"\w", r"\s", "[a-c]", "[^ab]", "[A-Z0-9_]", r"\.", "-", "é", r"\b", "^", "$"]
)
PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: "(" + "|".join(parts) + ")"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{2,}", "*?"])).map(
            lambda p: f"(?:{p[0]}){p[1]}"
        ),
    ),
    max_leaves=6,
)


@given(PATTERNS, st.text(alphabet="abcAZ09_-. é\n", max_size=8))
def test_matching_agrees_with_the_standard_library(pattern: str, text: str) -> None:
    assert matches(pattern, text) == bool(re.search(pattern, text))


@given(PATTERNS, st.integers(0, 6), st.integers(0, 6))
def test_made_strings_match_and_have_the_length(pattern: str, shortest: int, more: int) -> None:
    for text in islice(strings([pattern], shortest, shortest + more), 5):
        assert re.search(pattern, text)
        assert shortest <= len(text) <= shortest + more


@pytest.mark.parametrize(
    ("pattern", "first"),
    [
        (r"^[A-Z]{3}$", "AAA"),
        (r"^\d{4}-\d{2}$", "0000-00"),
        (r"^[a-z0-9]+(?:-[a-z0-9]+)*$", "a"),
        (r"^(?:red|green)$", "red"),
        (r"^é+ł$", "éł"),
    ],
)
def test_the_shortest_string_comes_first(pattern: str, first: str) -> None:
    assert next(strings([pattern])) == first


def test_several_patterns_are_satisfied_together() -> None:
    text = next(strings(["^[a-z]+$", "b", "zz$"], 6, 20))
    assert re.fullmatch("[a-z]+", text)
    assert "b" in text
    assert text.endswith("zz")
    assert list(islice(strings(["^a$", "^b$"]), 1)) == []


@pytest.mark.parametrize(
    "pattern", ["(a|a)*b", "(a+)+$", "(.*)*x", pytest.param("(a?){50}a{50}b", marks=pytest.mark.heavy)]
)
def test_catastrophic_patterns_are_matched_in_linear_time(pattern: str) -> None:
    # A backtracking matcher would need longer than the age of the universe here.
    assert matches(pattern, "a" * 2_000) == (pattern == "(a+)+$")


@pytest.mark.parametrize(
    "pattern",
    ["(?=a)", r"(a)\1", "(?i)a", "(", "x" * 1001, r"\p{L}", "(" * 900 + ")" * 900],
)
def test_other_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        compiled(pattern)


@pytest.mark.parametrize("text", ["Passw0rd", "password", "PASSWORD1", "P4", "Aa345678", ""])
@pytest.mark.parametrize(
    "pattern", [r"^(?=.*[A-Z])(?=.*\d).{8,}$", r"^(?=[a-zA-Z(]*\d)a", r"^(?=P)(?=.*[)\d])", r"^(?=a|P)."]
)
def test_look_ahead_at_the_beginning_is_a_second_pattern(pattern: str, text: str) -> None:
    assert matches(pattern, text) == bool(re.search(pattern, text))


@pytest.mark.parametrize("pattern", [r"^(?=a)b|c", r"a(?=b)", r"^(?!a)b", r"(?<=a)b", r"(a)\1"])
def test_other_look_around_and_back_references_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="the pattern"):
        compiled(pattern)


def test_a_string_for_look_ahead_meets_all_of_it() -> None:
    made = next(strings([r"^(?=.*[A-Z])(?=.*\d).{8,}$"]))
    assert re.search(r"^(?=.*[A-Z])(?=.*\d).{8,}$", made)


def test_a_pattern_may_take_only_so_many_steps() -> None:
    with pytest.raises(ExhaustedError), bounded(100_000):
        matches("(a?){1000}a{1000}", "a" * 2000)
    with bounded(100_000):
        assert matches("^(a+)+$", "a" * 2000)


def test_what_javascript_spells_otherwise() -> None:
    assert matches(r"(?<year>\d{4})", "in 2026")
    assert matches(r"^[\w-\.]+$", "a.b-c")
