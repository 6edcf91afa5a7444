"""The one generator: an answer is written token by token, and everything that is told about it comes from those tokens.

An answer is planned as `Text`: words in a row, some with alternatives, each alternative with a weight. From the plan
follows, at every position, a probability for each next token; logit bias and penalties shift it, temperature and
top_p shape it, and a token is drawn. `max_tokens`, `stop`, log probabilities, chunks and usage all read the same row of
tokens, so they cannot disagree.

Rules and their sources: ranges and meaning of the parameters from the OpenAPI document 2024-05-01-preview,
ChatCompletionsOptions; `logit_bias`, `logprobs`, `top_logprobs` and `n` as Microsoft's Phi-3.5-vision page describes
them (bias is added to the logits before sampling; -100 bans and 100 forces).
"""

from __future__ import annotations

import hashlib
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from heapq import nsmallest
from itertools import islice
from typing import NamedTuple, overload

from ...data import table
from .tokens import SPACE, Row, Tokenizer, texts, words

BANNED = -100
FLOOR = 30.0  # how far, in logits, every token that the plan does not hold lies below those it does
MAX_FIGURES = 300_000  # written tokens of a request, each with its top log probabilities, that can be told at once
UNLIKELY = -9999.0  # the service's figure for a log probability too small to tell
DEFAULT_TEMPERATURE = 0.7  # OpenAPI document, ChatCompletionsOptions.temperature

# How often a listed synonym is taken in place of the word; the word itself keeps the rest.
SYNONYM_SHARE = 0.12


@cache
def synonyms() -> dict[str, tuple[str, ...]]:
    """What may stand for a word where an answer is drawn."""
    return {word: tuple(others.split()) for word, others in table("words.toml")["rewordings"].items()}


@dataclass(frozen=True, slots=True)
class Choice:
    """A place in an answer that can be worded in several ways, the most natural first.

    Without `weights` each wording is half as likely as the one before it.
    """

    wordings: tuple[str, ...]
    weights: tuple[float, ...] = ()

    def weighted(self) -> list[tuple[str, float]]:
        weights = self.weights or tuple(2.0**-i for i in range(len(self.wordings)))
        return list(zip(self.wordings, weights, strict=True))


@dataclass(frozen=True, slots=True)
class Text:
    """A planned answer: strings and choices in a row.

    `fixed` says that a grammar holds it (JSON, tool calls): the sampler may then neither reword nor leave out a word.
    `opening` are control tokens that stand before the text ([TOOL_CALLS]). What follows from the plan alone, its
    tokens and its likeliest wording, is worked out when it is first wanted and stays with it (`_Compiled`).
    """

    parts: tuple[str | Choice, ...]
    fixed: bool = False
    opening: tuple[int, ...] = ()
    _compiled: list[_Compiled] = field(default_factory=list, init=False, repr=False, compare=False)

    def plain(self) -> str:
        """The wording that is most likely at every place."""
        return "".join([part if isinstance(part, str) else part.wordings[0] for part in self.parts])


@dataclass(slots=True)  # not frozen: there is one for each request, and frozen ones are made in twice the time
class Sampling:
    """The knobs of one request. `temperature` None means: not given. `limit` is the most tokens that may be written.

    `figures` bounds the work: each token costs one, one for each of its top log probabilities, and a third for each
    token that `logit_bias` favours.
    """

    temperature: float | None = None
    top_p: float = 1.0
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    logit_bias: dict[int, float] = field(default_factory=dict)
    stop: tuple[str, ...] = ()
    limit: int = 4096
    top_logprobs: int = 0
    figures: int = MAX_FIGURES


class Step(NamedTuple):
    """One written token: the text it adds (a character counts where its last byte stands), its log probability, the
    likeliest tokens at its place."""

    token: int
    text: str
    logprob: float
    top: tuple[tuple[int, float], ...] = ()


_Told = tuple[float, tuple[tuple[int, float], ...]]  # what is told of a token: its log probability, the likeliest


class Steps(Sequence[Step]):
    """What was written, token by token. `pieces` are the texts alone, `text` is all of them together.

    Most answers are asked for nothing but their text and their length: `row` (their tokens) and `told` may be functions
    that work them out. With such a `row`, `text` and `count` say what is known of it.
    """

    __slots__ = ("_count", "_row", "_text", "_told")

    def __init__(
        self,
        row: Row | Callable[[], Row],
        told: Sequence[_Told] | Callable[[], Sequence[_Told]],
        *,
        text: str | None = None,
        count: int | None = None,
    ) -> None:
        self._row, self._told, self._text, self._count = row, told, text, count

    @property
    def tokens(self) -> Sequence[int]:
        return self._whole_row().ids

    @property
    def pieces(self) -> Sequence[str]:
        return self._whole_row().pieces

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = "".join(self.pieces)
        return self._text

    def __len__(self) -> int:
        return len(self.tokens) if self._count is None else self._count

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> Steps: ...
    def __getitem__(self, index: int | slice) -> Step | Steps:
        if isinstance(index, slice):
            return Steps(self._whole_row().part(index), self._all_told()[index])
        return Step(self.tokens[index], self.pieces[index], *self._all_told()[index])

    def __iter__(self) -> Iterator[Step]:
        for token, piece, told in zip(self.tokens, self.pieces, self._all_told(), strict=False):
            yield Step(token, piece, *told)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def cut(self, count: int, last: str) -> Steps:
        """The first `count` steps, the last of them with another text."""
        row = self._whole_row()
        pieces = (*row.pieces[: count - 1], last) if count else ()
        return Steps(Row(row.ids[:count], pieces), self._told)

    def _whole_row(self) -> Row:
        if callable(self._row):
            self._row = self._row()
        return self._row

    def _all_told(self) -> Sequence[_Told]:
        if callable(self._told):
            self._told = self._told()
        if len(self._told) > len(self.tokens):
            self._told = self._told[: len(self.tokens)]
        return self._told


@dataclass(slots=True)
class Generation:
    """What was written: its steps, why it ended ("stop" or "length"), what it took of `Sampling.figures`, and whether a
    word of it may be marked (`Tokenizer.read`)."""

    steps: Steps
    finish_reason: str
    figures: int = 0
    marked: bool = True

    @property
    def text(self) -> str:
        return self.steps.text


class TooMuchError(ValueError):
    """An answer takes more than `Sampling.figures`."""


def write(tokenizer: Tokenizer, text: Text, sampling: Sampling, *, seed: str, first: bool = True) -> Generation:
    """Write one answer. The same arguments give the same answer on every machine.

    `first` says that this is choice 0: where no temperature is given it takes the likeliest token at every place;
    the other choices of an `n` are drawn at the API's default of 0.7. Without a draw (temperature 0) the log
    probabilities are those at temperature 1, otherwise those of the distribution drawn from.
    Raises TooMuchError.
    """
    temperature = sampling.temperature
    if temperature is None:
        temperature = 0.0 if first else DEFAULT_TEMPERATURE
    compiled = _compiled(tokenizer, text)
    shifted = temperature or sampling.frequency_penalty or sampling.presence_penalty
    if not (sampling.logit_bias or sampling.top_logprobs or (shifted and not compiled.certain)):
        return _likeliest_wording(compiled, sampling)
    written, finish, cost = _walk(compiled, sampling, temperature, seed)
    tokens = tuple([token for token, *_ in written])
    row = Row(tokens, tuple(texts(map(tokenizer.bytes_of, tokens), begun=not tokenizer.leads)))
    steps, finish = _cut(Steps(row, [(logprob, top) for _, logprob, top in written]), finish, sampling.stop)
    return Generation(steps, finish, cost * len(written))


def _likeliest_wording(compiled: _Compiled, sampling: Sampling) -> Generation:
    """What `_walk` writes where nothing is drawn and nothing shifts the plan, without walking."""
    whole, count, marked = compiled.wording
    finish = "length" if count > sampling.limit else "stop"
    count = min(count, sampling.limit)
    # Each token costs one, and the last of them is written when those before it are paid.
    if count > max(len(compiled.text.opening), sampling.figures + 1):
        raise TooMuchError

    def told() -> Sequence[_Told]:
        if compiled.certain:
            return [(0.0, ())] * count
        return [(logprob, top) for _, logprob, top in _walk(compiled, sampling, 0.0, "")[0]]

    if finish == "stop":
        steps = Steps(lambda: compiled.greedy, told, text=whole, count=count)
    else:
        steps = Steps(compiled.greedy.part(slice(count)), told)
    if sampling.stop:
        steps, finish = _cut(steps, finish, sampling.stop)
    return Generation(steps, finish, count, marked)


_Written = tuple[int, float, tuple[tuple[int, float], ...]]  # token, log probability, the likeliest at its place


def _walk(compiled: _Compiled, sampling: Sampling, temperature: float, seed: str) -> tuple[list[_Written], str, int]:
    """Write token by token: what was written, why it ended, and what each token cost."""
    text, tokenizer = compiled.text, compiled.tokenizer
    draw = random.Random(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big"))
    plan = _Plan(compiled, {t for t, bias in sampling.logit_bias.items() if bias <= BANNED})
    favoured = {} if text.fixed else {t: bias for t, bias in sampling.logit_bias.items() if bias > 0}
    plain = not sampling.logit_bias
    cost = 1 + sampling.top_logprobs + len(favoured) // 3
    seen: Counter[int] = Counter()
    places = plan.start()
    written: list[_Written] = [(token, 0.0, ()) for token in text.opening[: sampling.limit]]
    finish = "length"
    while True:
        if plain and len(places) == 1:  # most places hold one word only
            token, places = plan.next_token(places[0])
            chances = {token: 0.0}
            if len(written) < sampling.limit and temperature:
                draw.random()  # one for each token, whether there is a choice or not
        else:
            here = plan.next_tokens(places)
            chances = _chances(here, seen, sampling, temperature, favoured)
            token = _likeliest(chances)
            if len(written) < sampling.limit:
                token = _draw(chances, draw) if temperature else token
                # A token from outside the plan (a forced one) is written, and the plan goes on where it was.
                places = here.get(token, places)
        if token == plan.end:
            finish = "stop"
        if token == plan.end or len(written) >= sampling.limit:
            return written, finish, cost
        if cost * len(written) > sampling.figures:
            raise TooMuchError
        top = _top(chances, sampling.top_logprobs, tokenizer) if sampling.top_logprobs else ()
        written.append((token, chances[token], top))
        seen[token] += 1


# --- what follows from a plan alone -----------------------------------------------------------------------------------

_Slot = list[tuple[float, tuple[int, ...]]]  # the wordings at one place: how likely each is, and its tokens


class _Compiled:
    """A plan in tokens: its slots, and the row that is written where nothing is drawn."""

    def __init__(self, tokenizer: Tokenizer, text: Text) -> None:
        self.tokenizer, self.text = tokenizer, text

    @property
    def certain(self) -> bool:
        """Whether there is one wording only: a grammar holds it, and it leaves no choice."""
        return self.text.fixed and all(isinstance(part, str) for part in self.text.parts)

    @cached_property
    def slots(self) -> list[_Slot]:
        return [
            [(weight, _ids(self.tokenizer, wording, index == 0)) for wording, weight in wordings]
            for index, wordings in enumerate(_slots(self.text))
        ]

    @cached_property
    def wording(self) -> tuple[str, int, bool]:
        """The text of `greedy`, the number of its tokens and whether a word is marked (`Tokenizer.read`): without the
        row itself where that can be done."""
        plain = self.text.plain()
        # The tokens give every text back as it was but for the sign that stands for a space in them.
        if SPACE not in plain and _first_wording_wins(self.text.parts):
            count, marked = self.tokenizer.read(plain)
            return plain, len(self.text.opening) + count, marked
        return "".join(self.greedy.pieces), len(self.greedy.ids), True

    @cached_property
    def greedy(self) -> Row:
        """The likeliest token at every place, from the first to the end."""
        opening = self.text.opening
        if _first_wording_wins(self.text.parts):
            row = self.tokenizer.row(self.text.plain())
            return Row((*opening, *row.ids), ("",) * len(opening) + row.pieces) if opening else row
        endless = Sampling(limit=2**31, figures=2**31)
        ids = tuple(token for token, *_ in _walk(self, endless, 0.0, "")[0])
        return Row(ids, tuple(texts(map(self.tokenizer.bytes_of, ids), begun=not self.tokenizer.leads)))


def _compiled(tokenizer: Tokenizer, text: Text) -> _Compiled:
    kept = text._compiled
    if not kept or kept[0].tokenizer is not tokenizer:
        kept[:] = [_Compiled(tokenizer, text)]
    return kept[0]


def _first_wording_wins(parts: Sequence[str | Choice]) -> bool:
    """Whether taking the likeliest token at every place writes the first wording at every place.

    Said only where it is plain to see: each slot holds one choice at most, its first wording outweighs all others
    together, and none of them goes on where it ends. (No synonym is ever as likely as its word.)
    """
    chosen = False  # whether the slot has its choice already
    behind = ""  # the part before
    for part in parts:
        if isinstance(part, str):
            if behind.endswith(" ") and part.startswith(" "):
                return False  # two runs of spaces that are cut apart
            chosen, behind = chosen and " " not in part, part or behind
            continue
        best, *others = part.wordings
        if chosen or not best:
            return False
        if part.weights or len(others) > 1:  # of two without weights, the first is twice as likely
            weights = part.weights or _WEIGHTS[: len(part.wordings)]
            if len(weights) != len(part.wordings) or not weights[0] > 1.001 * sum(weights[1:]):
                return False
        for other in others:
            if not other or (other[0] == best[0] and (other.startswith(best) or best.startswith(other))):
                return False
        chosen, behind = True, best
    return True


_WEIGHTS = tuple(2.0**-number for number in range(24))


# --- the plan: which tokens can come next -----------------------------------------------------------------------------

_Place = tuple[float, int, int, int]  # weight, slot, variant, tokens of it already written


class _Plan:
    """The answer as slots (a word, or a choice with what is glued to it) of weighted token rows."""

    def __init__(self, compiled: _Compiled, banned: set[int]) -> None:
        self.banned, self.fixed = banned, compiled.text.fixed
        self.slots, self.end = compiled.slots, compiled.tokenizer.end

    def start(self) -> list[_Place]:
        return list(self._enter(1.0, 0))

    def next_token(self, place: _Place) -> tuple[int, list[_Place]]:
        """The one token that may come next and the places it leads to, where there is one place and no ban."""
        weight, slot, variant, done = place
        if slot == len(self.slots):
            return self.end, [place]
        ids = self.slots[slot][variant][1]
        done += 1
        if done < len(ids):
            return ids[done - 1], [(weight, slot, variant, done)]
        return ids[-1], list(self._enter(weight, slot + 1))

    def next_tokens(self, places: list[_Place]) -> dict[int, list[_Place]]:
        """Each token that may come next, with the places it leads to; the end behind the last slot."""
        following: dict[int, list[_Place]] = {}
        end = self.end
        for weight, slot, variant, done in places:
            if slot == len(self.slots):
                following.setdefault(end, []).append((weight, slot, 0, 0))
                continue
            ids = self.slots[slot][variant][1]
            place: list[_Place] = [(weight, slot, variant, done + 1)]
            if done + 1 == len(ids):
                place = list(self._enter(weight, slot + 1))
            following.setdefault(ids[done], []).extend(place)
        if end in following and end in self.banned and not self.fixed:
            # The end is forbidden: begin again rather than fall silent, unless every word is forbidden as well.
            again = self.start()
            if again != [(1.0, len(self.slots), 0, 0)]:
                del following[end]
                return following or self.next_tokens(again)
        return following

    def _enter(self, weight: float, slot: int) -> Iterator[_Place]:
        # Words that hold a banned token are reworded or, where there is no other wording, left out.
        while slot < len(self.slots):
            allowed = [
                (share, variant)
                for variant, (share, ids) in enumerate(self.slots[slot])
                if ids and (self.fixed or self.banned.isdisjoint(ids))
            ]
            if allowed:
                total = sum(share for share, _ in allowed)
                yield from ((weight * share / total, slot, variant, 0) for share, variant in allowed)
                return
            slot += 1
        yield (weight, slot, 0, 0)


def _slots(text: Text) -> Iterator[list[tuple[str, float]]]:
    """Cut a text at its spaces; a choice and what is glued to it on either side is one slot."""
    current: list[tuple[str, float]] = []
    for part in text.parts:
        if isinstance(part, Choice):
            current = [(head + tail, a * b) for head, a in current or [("", 1.0)] for tail, b in part.weighted()]
            continue
        for number, word in enumerate(words(part)):
            if current and (number > 0 or word.startswith(" ")):
                yield _reworded(current, text.fixed)
                current = []
            current = [(head + word, weight) for head, weight in current or [("", 1.0)]]
    if current:
        yield _reworded(current, text.fixed)


def _reworded(wordings: list[tuple[str, float]], fixed: bool) -> list[tuple[str, float]]:
    if fixed or len(wordings) > 1:
        return wordings
    word = wordings[0][0]
    core = word.strip(" \n.,;:!?()\"'")
    others = synonyms().get(core.lower(), ())
    if not others:
        return wordings
    cased = [other.capitalize() if core[0].isupper() else other for other in others]
    share = SYNONYM_SHARE / len(cased)
    return [(word, 1 - SYNONYM_SHARE), *((word.replace(core, other), share) for other in cased)]


def _ids(tokenizer: Tokenizer, wording: str, first: bool) -> tuple[int, ...]:
    ids: list[int] = []
    for number, word in enumerate(words(wording)):
        # Only the very first word of an answer has no space before it, and then the tokenizer brings its own.
        ids += tokenizer.encode(word) if first and number == 0 else tokenizer.encode_word(word)
    return tuple(ids)


# --- the dice ---------------------------------------------------------------------------------------------------------


def _chances(
    here: dict[int, list[_Place]],
    seen: Counter[int],
    sampling: Sampling,
    temperature: float,
    favoured: dict[int, float],
) -> dict[int, float]:
    """Log probability of each token that can be drawn here, after bias, penalties, temperature and top_p.

    `favoured` are the tokens that a bias above 0 lets in although the plan does not hold them here.
    """
    if len(here) == 1 and not sampling.logit_bias:
        return dict.fromkeys(here, 0.0)  # most places hold one word only
    total = sum(weight for places in here.values() for weight, *_ in places)
    logits = {token: math.log(sum(w for w, *_ in places) / total) for token, places in here.items()}
    for token in logits:
        logits[token] -= _penalty(seen[token], sampling)
    if sampling.logit_bias:
        floor = min(logits.values()) - FLOOR
        for token in logits:
            logits[token] += sampling.logit_bias.get(token, 0.0)
        for token, bias in favoured.items():
            if token not in here:
                logits[token] = floor + bias - _penalty(seen[token], sampling)
    heat = temperature or 1.0
    peak = max(logits.values())
    scaled = {token: (logit - peak) / heat for token, logit in logits.items()}
    norm = math.log(math.fsum(math.exp(value) for value in scaled.values()))
    chances = {token: value - norm for token, value in scaled.items()}
    return _nucleus(chances, sampling.top_p) if temperature and sampling.top_p < 1 else chances


def _penalty(times: int, sampling: Sampling) -> float:
    return sampling.presence_penalty + sampling.frequency_penalty * times if times else 0.0


def _nucleus(chances: dict[int, float], top_p: float) -> dict[int, float]:
    """The likeliest tokens that together reach `top_p`, at least one, with their shares made whole again."""
    kept: dict[int, float] = {}
    mass = 0.0
    for token, logprob in sorted(chances.items(), key=lambda item: (-item[1], item[0])):
        kept[token] = logprob
        mass += math.exp(logprob)
        if mass >= top_p:
            break
    return {token: logprob - math.log(mass) for token, logprob in kept.items()}


def _likeliest(chances: dict[int, float]) -> int:
    return min(chances, key=lambda token: (-chances[token], token))


def _draw(chances: dict[int, float], draw: random.Random) -> int:
    ranked = sorted(chances.items(), key=lambda item: (-item[1], item[0]))
    point = draw.random()
    for token, logprob in ranked:
        point -= math.exp(logprob)
        if point < 0:
            return token
    return ranked[0][0]


_EVERYDAY = ("the", "a", "and", "of", "to", "in", "is", "it", "for", "that", "on", "as", "with", "by", "at", "or")


def _top(chances: dict[int, float], count: int, tokenizer: Tokenizer) -> tuple[tuple[int, float], ...]:
    """The `count` likeliest tokens; where the plan holds fewer, everyday words fill up at the unlikely figure."""
    ranked = nsmallest(count, chances.items(), key=lambda item: (-item[1], item[0]))
    fill = (word for word in (tokenizer.encode_word(f" {word}") for word in _EVERYDAY) if word[0] not in chances)
    return (*ranked, *((word[0], UNLIKELY) for word in islice(fill, count - len(ranked))))


# --- from tokens to text ----------------------------------------------------------------------------------------------


def _cut(steps: Steps, finish: str, stop: tuple[str, ...]) -> tuple[Steps, str]:
    """End the text before the first stop sequence; tokens that add nothing to what is left are not counted."""
    if not stop:
        return steps, finish
    text = steps.text
    found = [position for sequence in stop if (position := text.find(sequence)) >= 0]
    if not found:
        return steps, finish
    return cut_text(steps, min(found)), "stop"


def cut_text(steps: Steps, end: int) -> Steps:
    """The steps whose text begins before position `end`, the last one shortened to it."""
    position, last = 0, ""
    for count, piece in enumerate(steps.pieces):
        if position >= end:
            return steps.cut(count, last)
        last = piece[: end - position]
        position += len(piece)
    return steps.cut(len(steps), last)
