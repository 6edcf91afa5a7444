"""Which tool a request asks for.

A tool is chosen by what the request has in common with its name, its description and its parameters, so tools that
nobody has foreseen work as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from ..reading.facts import facts
from ..reading.forms import of_form
from ..reading.lexicon import meaning
from ..reading.vocabulary import split_words, stems_of, vocabulary, with_synonyms, words_of
from .parts import MOST_PARTS, QUOTATION, cuts
from .tool import Tool
from .words import bare_text, heard, operations, use_of_request

_CLEAR = 3.0  # from this score on a request asks for a tool: one word of its name, or three of its description
_MEANING = 6.0  # of a score: where a tool and a request mean the same
_CLOSE = 6.0  # of two scores
FEW, SHORT = 8, 300  # tools, and characters of a request, up to which each is tried
_SEQUENCE = re.compile(r"\b(?:then|after that|afterwards)\b", re.IGNORECASE)
_SEARCH = re.compile(
    r"(?:search|look(?:ing)? for|show me|find|(?:do you|have you|are there any)\b|i['’]?m looking for)\b", re.IGNORECASE
)
_LISTING = re.compile(r"(?:which|what|all)\s+(?:[^\W\d_]+\s+){0,2}?([^\W\d_]+(?<!s)s)\b", re.IGNORECASE)
_PRONOUN = re.compile(
    r"\b(?:it(?!['’]|\s+(?:rain|snow|be|is|will)\b)|that one|them|the result|the first|the cheapest|the best)\b",
    re.IGNORECASE,
)
_ABOUT_A_TOOL = re.compile(
    r"\W*(?:please\s+)?(?:what|how|which|explain|describe|tell me (?:about|what|how))\b[^.?!\n]{1,120}[.?!\s]*$",
    re.IGNORECASE,
)
_USE_OF_A_TOOL = re.compile(
    r"(?:\s+(?:tools?|functions?))?(?:\s+(?:do|does|is|work|works|mean|means|for|take|takes|need|needs|return|returns|"
    r"expect|expects|accept|accepts|used|good))*$",
    re.IGNORECASE,
)


def is_about_tools(names: Iterable[str], text: str) -> bool:
    """Whether a request asks what a tool is or does, rather than for what it gives: "What does get_weather do?"."""
    if not _ABOUT_A_TOOL.match(text):
        return False
    words = re.sub(r"[^\w-]+", " ", text).strip()
    end = _USE_OF_A_TOOL.search(words)
    named = words[: end.start()] if end else words
    return named.endswith(tuple(f" {name}" for name in names if not name.islower() or "_" in name)) or bool(
        end and re.match(r"(?i)\s*(?:tool|function)\b", end[0])
    )


# How well a tool fits


def clearly_asked(tools: Mapping[str, Tool], text: str) -> Tool | None:
    """The tool that fits a request best, if it fits: a question does not ask for what only acts."""
    tool = best(tools, text)
    clear = score(tool, text) + min(_alike(tool, text), 0.0) + 2.0 * nearness(tool, text) >= _CLEAR
    return tool if clear else None


def best(tools: Mapping[str, Tool], text: str) -> Tool:
    """The tool that fits a request best: of those that fit about alike, the one that takes what the request names."""
    fits = {tool.name: fit(tool, text) for tool in tools.values()}
    most = max(fits.values())
    close = [tool for tool in tools.values() if fits[tool.name] > most - _CLOSE]
    if len(close) == 1 or len(close) > FEW or len(text) > SHORT:
        return max(close, key=lambda tool: fits[tool.name])
    return max(close, key=lambda tool: fits[tool.name] + tool.met(text))


def fit(tool: Tool, text: str) -> float:
    """How well a tool fits a request, beside others: by the words of both, what the verb says, and what they mean."""
    return score(tool, text) + _alike(tool, text) + _MEANING * nearness(tool, text)


def nearness(tool: Tool, text: str) -> float:
    """How near a tool and a request are in meaning, 0 to 1: as the mock's own embeddings have it."""
    said = _meant(text)
    return sum(weight * said.get(name, 0.0) for name, weight in tool.meaning.items())


@lru_cache(maxsize=64)
def _meant(text: str) -> dict[str, float]:
    return meaning(words_of(text))


def _alike(tool: Tool, text: str) -> float:
    """What it counts that a tool tells or acts, as a request asks to be told something or for it to be done."""
    use, listing = use_of_request(text), "list" in split_words(tool.name) and _LISTING.match(bare_text(text))
    points = 0.75 if use and use == tool.use else -2.5 if use and tool.use and not operations(text) else 0.0
    return points + (2.0 if listing and with_synonyms(stems_of(listing[1])) & tool.named else 0.0)


def score(tool: Tool, text: str) -> float:
    """How much a request has in common with a tool: 3 for a word of its name, 1 for any other."""
    told = heard(text)
    said = told.said | (told.stems & tool.named)
    kin = told.kin | said
    # Words of one group of synonyms count once: "calendar" asks for a calendar_event no more than for an event.
    named = tool.named & said
    reached = with_synonyms(named)
    for word in sorted((tool.named & kin) - reached):
        named = named | {word}
        reached |= with_synonyms({word})
    described = tool.described - tool.named
    points = 3.0 * len(named) + 1.0 * len(described & said)
    points += 0.5 * len(described & (kin - said)) + 1.0 * len(tool.parameters & said)
    points += 1.0 * len(tool.named & said) + (0.5 if tool.named <= said else 0.0)
    found = facts(text)
    points += sum(3.0 for kind in ("path", "channel") if kind in tool.kinds and of_form(kind, found))
    if tool.kinds == {"query"} and _SEARCH.match(bare_text(text)):
        points += 3.0
    if {"origin", "destination"} <= tool.ends and found.with_role("origin") and found.with_role("destination"):
        points += 2.0
    return points + (1.0 if tool.measures & told.units else 0.0)


# What each tool is asked for


class Asked(NamedTuple):
    """The words of a request that ask for a tool; a sequel continues what was asked for before it."""

    tool: Tool
    words: str
    is_sequel: bool = False


def asked_for(tools: Mapping[str, Tool], request: str) -> list[Asked]:
    """The request cut into what each tool is asked for."""
    # What followed without a tool of its own may say which tool was meant: "the weather in Oslo, over the next 5 days".
    asked = [
        Asked(asked_by_itself(tools, words) or tool, words, is_sequel)
        for tool, words, is_sequel in _groups(tools, request)
        if tool is not None
    ]
    if not asked:
        whole = clearly_asked(tools, request)
        return [Asked(whole, request)] if whole else []
    # One tool whose words are spread over the request is asked once, with all of them.
    return asked if len(asked) > 1 else [Asked(asked[0].tool, request)]


def asked_by_itself(tools: Mapping[str, Tool], text: str) -> Tool | None:
    """The tool that a text asks for by itself: a quotation is content, and nothing in it asks for a tool."""
    return clearly_asked(tools, QUOTATION.sub(" ", text))


def _groups(tools: Mapping[str, Tool], request: str) -> list[tuple[Tool | None, str, bool]]:
    """The parts of a request, those without a tool of their own together with what they follow: as `Asked`."""
    places = cuts(request)
    places = places if len(places) < MOST_PARTS else [*places[: MOST_PARTS // 2], *places[-MOST_PARTS // 2 :]]
    groups: list[tuple[Tool | None, str, bool]] = []
    owned: dict[str, Tool | None] = {}
    for (before, start), (end, _) in pairwise([(0, 0), *places, (len(request), len(request))]):
        words = request[start:end]
        if words not in owned:
            owned[words] = asked_by_itself(tools, words) if re.search(r"[^\W_]", words) else None
        tool = owned[words]
        if not groups:
            groups.append((tool, words, False))
            continue
        last, said, is_sequel = groups[-1]
        tool = tool if tool and _stands(tool, words, last) else None
        if tool and last:
            groups.append((tool, words, _continues(tool, request[before:start], words)))
        else:
            groups[-1] = (last or tool, said + request[before:end], is_sequel)
    return groups


def _stands(tool: Tool, words: str, last: Tool | None) -> bool:
    """Whether words stand by themselves: with a verb or what only their tool is about, and for the tool of the words
    before them, once more, with an order, a place or all that it needs."""
    if tool is not last:
        spoken = vocabulary().act | vocabulary().tell
        own = tool.named - (last.named | last.described if last else frozenset())
        return not (spoken.isdisjoint(words_of(words)) and own.isdisjoint(stems_of(words)))
    first = words_of(words)[:1] if re.match(r"[^\W\d_]+", words) else ()
    return (
        not vocabulary().act.isdisjoint(first)
        or tool.is_met_by(words)
        or any(not re.search(r"\d", place.name) for place in facts(words).places)
    )


def _continues(tool: Tool, joint: str, words: str) -> bool:
    """Whether words need the answer to what stands before them: "then …", "… and book it"."""
    return bool(_SEQUENCE.search(joint) or (_PRONOUN.search(words) and tool.named & with_synonyms(stems_of(words))))
