"""Every parameter acts, and what is told of an answer comes from one row of tokens."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.mock.model.writing.generate import Choice, Sampling, Text, _compiled, _walk, synonyms, write
from helpers.mock.model.writing.tokens import EOS, Tokenizer

TOKENIZER = Tokenizer()
PLAIN = Text(
    (
        Choice(("There are", "Linguists count", "People speak")),
        " ",
        Choice(("about", "around", "roughly")),
        " 7,000 languages in the ",
        Choice(("world", "whole world")),
        ". Some of them are spoken by many people, and some by a few 😀 only: Łódź, 東京.",
    )
)
SLOTS = tuple(part for _ in range(6) for part in ("The sea is ", Choice(("blue", "wide", "calm", "deep")), ". "))
SEA = Text(SLOTS)


def run(text: Text = PLAIN, seed: str = "seed", **knobs):
    return write(TOKENIZER, text, Sampling(**knobs), seed=seed)


def token_of(word: str) -> int:
    (token,) = TOKENIZER.encode(word)
    return token


def test_without_a_temperature_the_likeliest_wording_is_written():
    assert run().text == PLAIN.plain()
    assert run().finish_reason == "stop"


def test_the_tokens_are_those_of_the_written_text():
    for number in range(50):
        written = run(seed=str(number), temperature=1.0)
        assert [step.token for step in written.steps] == TOKENIZER.encode(written.text)


@given(limit=st.integers(0, 80))
@settings(deadline=None, max_examples=60)
def test_max_tokens_cuts_at_exactly_that_token(limit):
    whole = run()
    cut = run(limit=limit)
    assert cut.steps == whole.steps[:limit]
    assert cut.finish_reason == ("length" if limit < len(whole.steps) else "stop")


@given(start=st.integers(0, 100), length=st.integers(1, 12))
@settings(deadline=None, max_examples=80)
def test_a_stop_sequence_ends_the_answer_before_it(start, length):
    whole = run().text
    sequence = whole[start : start + length]
    if not sequence:
        return
    cut = run(stop=(sequence,))
    assert cut.text == whole[: whole.index(sequence)]
    assert cut.finish_reason == "stop"
    assert len(cut.steps) <= len(run().steps)


def test_the_first_of_several_stop_sequences_wins():
    assert run(stop=("Some", "languages")).text == "There are about 7,000 "


def test_a_stop_sequence_behind_the_cut_of_max_tokens_does_not_count():
    assert run(limit=3, stop=("languages",)).finish_reason == "length"


def test_temperature_zero_repeats_and_one_varies():
    assert len({run(seed=str(n), temperature=0.0).text for n in range(20)}) == 1
    assert len({run(seed=str(n), temperature=1.0).text for n in range(60)}) > 10


def test_a_lower_temperature_stays_closer_to_the_likeliest_wording():
    def likeliest(temperature: float) -> int:
        return sum(run(seed=str(n), temperature=temperature).text.startswith("There are about") for n in range(200))

    assert likeliest(0.2) > likeliest(0.7) > likeliest(1.0)


def test_the_same_seed_draws_the_same_text():
    assert run(seed="7", temperature=1.0) == run(seed="7", temperature=1.0)


def test_top_p_keeps_the_likeliest_tokens_only():
    texts = [run(seed=str(n), temperature=1.0, top_p=0.5).text for n in range(60)]
    assert all(text.startswith("There are about") for text in texts)
    assert {run(seed=str(n), temperature=1.0, top_p=0.8).text.split()[0] for n in range(60)} == {"There", "Linguists"}


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_sampled_frequencies_agree_with_the_log_probabilities(temperature):
    draws = 3000
    firsts = [run(seed=str(n), temperature=temperature, limit=1, top_logprobs=3).steps[0] for n in range(draws)]
    shown = dict(firsts[0].top)
    assert all(dict(step.top) == shown for step in firsts)
    assert math.fsum(map(math.exp, shown.values())) == pytest.approx(1.0)
    counted = Counter(step.token for step in firsts)
    for token, logprob in shown.items():
        share = math.exp(logprob)
        spread = math.sqrt(share * (1 - share) / draws)
        assert counted[token] / draws == pytest.approx(share, abs=5 * spread)


def test_the_written_token_has_the_log_probability_that_is_shown_for_it():
    for number in range(20):
        for step in run(seed=str(number), temperature=1.0, top_logprobs=5).steps:
            assert dict(step.top)[step.token] == step.logprob
            assert len(step.top) == 5


@pytest.mark.parametrize("penalty", ["presence_penalty", "frequency_penalty"])
def test_penalties_lead_to_other_words(penalty):
    assert len(set(run(SEA, temperature=0.0).text.split())) < len(
        set(run(SEA, temperature=0.0, **{penalty: 2.0}).text.split())
    )


def test_a_frequency_penalty_grows_with_each_repetition_and_a_presence_penalty_does_not():
    def adjectives(**knobs: float) -> Counter[str]:
        sentences = run(SEA, temperature=0.0, **knobs).text.split(". ")
        return Counter(sentence.split()[-1].strip(".") for sentence in sentences if sentence)

    assert max(adjectives(frequency_penalty=1.0).values()) < max(adjectives(presence_penalty=0.5).values())


def test_a_negative_penalty_makes_words_come_again():
    varied = [len(set(run(SEA, seed=str(n), temperature=1.0).text.split())) for n in range(40)]
    repeated = [len(set(run(SEA, seed=str(n), temperature=1.0, presence_penalty=-2.0).text.split())) for n in range(40)]
    assert sum(repeated) < sum(varied)


def test_minus_100_bans_a_token():
    banned = token_of("about")
    for number in range(30):
        written = run(seed=str(number), temperature=1.0, logit_bias={banned: -100})
        assert banned not in [step.token for step in written.steps]
        assert "about" not in written.text


def test_a_banned_word_without_another_wording_is_left_out():
    written = run(logit_bias={token_of("languages"): -100})
    assert written.text == PLAIN.plain().replace(" languages", "")


def test_100_forces_a_token_until_max_tokens():
    written = run(logit_bias={token_of("fish"): 100}, limit=5)
    assert (written.text, written.finish_reason) == ("fish fish fish fish fish", "length")


def test_a_small_bias_shifts_the_choice():
    assert run(logit_bias={token_of("around"): 5}).text.startswith("There are around")


def test_the_end_can_be_forced_and_forbidden():
    assert run(logit_bias={EOS: 100}).steps == []
    endless = run(logit_bias={EOS: -100}, limit=200)
    assert (len(endless.steps), endless.finish_reason) == (200, "length")


def test_a_grammar_holds_against_bias_and_penalties():
    answer = Text(('{"a": "about about about", "b": 1}',), fixed=True)
    bias = {token_of("about"): -100, token_of("fish"): 100}
    assert run(answer, logit_bias=bias, frequency_penalty=2.0, temperature=1.0).text == answer.plain()


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60))
@settings(deadline=None, max_examples=150)
def test_any_text_comes_back_as_planned(sample):
    written = run(Text((sample,), fixed=True))
    # Characters that the tokenizer itself folds (its normalisation) are its own business.
    assert written.text == TOKENIZER.text_of(TOKENIZER.encode(sample))


def test_with_every_token_banned_nothing_is_written():
    banned = Sampling(logit_bias=dict.fromkeys(range(TOKENIZER.size), -100.0), limit=50)
    assert write(TOKENIZER, Text(("Some words.",)), banned, seed="s").steps == []


def test_a_ban_of_the_end_does_not_break_what_a_grammar_holds():
    sampling = Sampling(logit_bias={EOS: -100.0}, limit=50)
    written = write(TOKENIZER, Text(('{"a": 1}',), fixed=True), sampling, seed="s")
    assert (written.text, written.finish_reason) == ('{"a": 1}', "stop")


def test_penalties_also_weigh_on_a_favoured_token():
    red = TOKENIZER.encode("Red")[0]
    favoured = {"logit_bias": {red: 31.0}, "limit": 40, "temperature": 0.0}
    free = write(TOKENIZER, Text(("Blue",)), Sampling(**favoured), seed="s")
    held = write(TOKENIZER, Text(("Blue",)), Sampling(**favoured, frequency_penalty=0.5), seed="s")
    assert [step.token for step in free.steps] == [red] * 40
    assert 0 < [step.token for step in held.steps].count(red) < 5


PARTS = st.lists(
    st.one_of(
        st.sampled_from(["the sea", " is ", "", "  ", " about it, ", "many", "\n", " 東京 "]),
        st.lists(st.sampled_from(["the very", "the", " blue", "wide sky", "", "a", "ab"]), min_size=1, max_size=3).map(
            lambda wordings: Choice(tuple(wordings))
        ),
    ),
    min_size=1,
    max_size=7,
)


@given(parts=PARTS, limit=st.integers(0, 25))
@settings(deadline=None, max_examples=300)
def test_the_likeliest_wording_is_told_without_walking_as_the_walk_writes_it(parts, limit):
    text = Text(tuple(parts))
    walked, finish, _ = _walk(_compiled(TOKENIZER, text), Sampling(limit=limit), 0.0, "")
    written = run(text, limit=limit)
    assert [(step.token, step.logprob, step.top) for step in written.steps] == walked
    assert written.finish_reason == finish


def test_no_synonym_goes_on_where_its_word_ends():
    pairs = [(word, other) for word, others in synonyms().items() for other in others]
    assert not [pair for pair in pairs if pair[0].startswith(pair[1]) or pair[1].startswith(pair[0])]
