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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import islice

from .tokens import EOS, Tokenizer, words

BANNED = -100
FLOOR = 30.0  # how far, in logits, every token that the plan does not hold lies below those it does
MAX_FIGURES = 300_000  # written tokens of a request, each with its top log probabilities, that can be told at once
UNLIKELY = -9999.0  # the service's figure for a log probability too small to tell
DEFAULT_TEMPERATURE = 0.7  # OpenAPI document, ChatCompletionsOptions.temperature

# How often a listed synonym is taken in place of the word; the word itself keeps the rest.
SYNONYM_SHARE = 0.12
SYNONYMS: dict[str, tuple[str, ...]] = {
    "about": ("around", "roughly"),
    "around": ("about", "across"),
    "many": ("numerous", "countless"),
    "big": ("large", "great"),
    "large": ("big", "great"),
    "small": ("little", "tiny"),
    "some": ("several", "certain"),
    "important": ("essential", "vital"),
    "new": ("fresh", "recent"),
    "often": ("frequently", "commonly"),
    "shows": ("displays", "presents"),
    "use": ("employ", "apply"),
    "help": ("assist", "support"),
    "good": ("fine", "sound"),
    "likely": ("probably", "possibly"),
    "begins": ("starts", "opens"),
    "however": ("still", "yet"),
    "also": ("likewise", "too"),
}


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
    `opening` are control tokens that stand before the text ([TOOL_CALLS]).
    """

    parts: tuple[str | Choice, ...]
    fixed: bool = False
    opening: tuple[int, ...] = ()

    def plain(self) -> str:
        """The wording that is most likely at every place."""
        return "".join(part if isinstance(part, str) else part.wordings[0] for part in self.parts)


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Step:
    """One written token: the text it adds (a character counts where its last byte stands), its log probability, the
    likeliest tokens at its place."""

    token: int
    text: str
    logprob: float
    top: tuple[tuple[int, float], ...] = ()


@dataclass(slots=True)
class Generation:
    """What was written: its steps, why it ended ("stop" or "length") and what it took of `Sampling.figures`."""

    steps: list[Step]
    finish_reason: str
    figures: int = 0

    @property
    def text(self) -> str:
        return "".join(step.text for step in self.steps)


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
    draw = random.Random(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big"))
    plan = _Plan(tokenizer, text, {t for t, bias in sampling.logit_bias.items() if bias <= BANNED})
    favoured = {} if text.fixed else {t: bias for t, bias in sampling.logit_bias.items() if bias > 0}
    cost = 1 + sampling.top_logprobs + len(favoured) // 3
    seen: Counter[int] = Counter()
    written: list[tuple[int, float, tuple[tuple[int, float], ...]]] = []
    places = plan.start()
    for token in text.opening[: sampling.limit]:
        written.append((token, 0.0, ()))
    finish = "length"
    while True:
        here = plan.next_tokens(places)
        chances = _chances(here, seen, sampling, temperature, favoured)
        if len(written) >= sampling.limit:
            if _likeliest(chances) == EOS:
                finish = "stop"
            break
        token = _likeliest(chances) if temperature == 0 else _draw(chances, draw)
        if token == EOS:
            finish = "stop"
            break
        if cost * len(written) > sampling.figures:
            raise TooMuchError
        top = _top(chances, sampling.top_logprobs, tokenizer) if sampling.top_logprobs else ()
        written.append((token, chances[token], top))
        seen[token] += 1
        # A token from outside the plan (a forced one) is written, and the plan goes on where it was.
        places = here.get(token, places)
    steps, finish = _cut(_steps(tokenizer, written), finish, sampling.stop)
    return Generation(steps, finish, cost * len(written))


# --- the plan: which tokens can come next -----------------------------------------------------------------------------

_Place = tuple[float, int, int, int]  # weight, slot, variant, tokens of it already written


class _Plan:
    """The answer as slots (a word, or a choice with what is glued to it) of weighted token rows."""

    def __init__(self, tokenizer: Tokenizer, text: Text, banned: set[int]) -> None:
        self.banned, self.fixed = banned, text.fixed
        self.slots: list[list[tuple[float, tuple[int, ...]]]] = []
        for index, wordings in enumerate(_slots(text)):
            self.slots.append([(weight, _ids(tokenizer, wording, index == 0)) for wording, weight in wordings])

    def start(self) -> list[_Place]:
        return list(self._enter(1.0, 0))

    def next_tokens(self, places: list[_Place]) -> dict[int, list[_Place]]:
        """Each token that may come next, with the places it leads to; EOS behind the last slot."""
        following: dict[int, list[_Place]] = {}
        for weight, slot, variant, done in places:
            if slot == len(self.slots):
                following.setdefault(EOS, []).append((weight, slot, 0, 0))
                continue
            ids = self.slots[slot][variant][1]
            place: list[_Place] = [(weight, slot, variant, done + 1)]
            if done + 1 == len(ids):
                place = list(self._enter(weight, slot + 1))
            following.setdefault(ids[done], []).extend(place)
        if EOS in following and EOS in self.banned and not self.fixed:
            # The end is forbidden: begin again rather than fall silent, unless every word is forbidden as well.
            again = self.start()
            if again != [(1.0, len(self.slots), 0, 0)]:
                del following[EOS]
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
    others = SYNONYMS.get(core.lower(), ())
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


def _steps(tokenizer: Tokenizer, written: Sequence[tuple[int, float, tuple[tuple[int, float], ...]]]) -> list[Step]:
    steps: list[Step] = []
    pending = b""
    begun = False
    for token, logprob, top in written:
        data = tokenizer.bytes_of(token)
        if data and not begun:
            data, begun = data.removeprefix(b" "), True
        pending += data
        text, pending = _whole_characters(pending)
        steps.append(Step(token, text, logprob, top))
    return steps


def _whole_characters(data: bytes) -> tuple[str, bytes]:
    """The characters that are complete, and the bytes of one that is not yet."""
    try:
        return data.decode(), b""
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return data[: error.start].decode(), data[error.start :]
        return data.decode(errors="replace"), b""


def _cut(steps: list[Step], finish: str, stop: tuple[str, ...]) -> tuple[list[Step], str]:
    """End the text before the first stop sequence; tokens that add nothing to what is left are not counted."""
    text = "".join(step.text for step in steps)
    found = [position for sequence in stop if (position := text.find(sequence)) >= 0]
    if not found:
        return steps, finish
    return cut_text(steps, min(found)), "stop"


def cut_text(steps: list[Step], end: int) -> list[Step]:
    """The steps whose text begins before position `end`, the last one shortened to it."""
    kept: list[Step] = []
    position = 0
    for step in steps:
        if position >= end:
            break
        piece = step.text[: end - position]
        kept.append(Step(step.token, piece, step.logprob, step.top))
        position += len(step.text)
    return kept
