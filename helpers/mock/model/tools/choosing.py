"""Which tool a request asks for.

A tool is chosen by what the request has in common with its name, its description and its parameters, so tools that
nobody has foreseen work as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from ..reading.facts import facts
from ..reading.forms import of_form
from ..reading.lexicon import meaning
from ..reading.vocabulary import OPPOSITES, split_words, stem, stems_of, vocabulary, with_synonyms, words_of
from .parts import MOST_PARTS, QUOTATION, cuts
from .tool import Tool
from .words import bare_text, bare_words, heard, openings, operations, use_of_request

_CLEAR = 3.0  # from this score on a request asks for a tool: one word of its name, or three of its description
_MEANING = 6.0  # of a score: where a tool and a request mean the same
_CLOSE = 6.0  # of two scores
FEW, SHORT = 8, 300  # tools, and characters of a request, up to which each is tried
_TELLING = ("channel", "path", "phone", "repository")  # kinds that the form of a word tells
_STATEMENT = re.compile(r"\b(?:SELECT\b.+\bFROM|INSERT INTO|UPDATE\b.+\bSET|DELETE FROM)\b", re.DOTALL)
_SEARCH = re.compile(
    r"(?:search|google|look(?:ing)? (?:up|for)|show me|find(?: me)?|do you (?:have|sell)|i['’]?m looking for)\b",
    re.IGNORECASE,
)
_LISTING = re.compile(r"(?:which|what|all)\s+(?:[^\W\d_]+\s+){0,2}?([^\W\d_]+(?<!s)s)\b", re.IGNORECASE)
_SEQUENCE = re.compile(r"\b(?:then|after that|afterwards)\b", re.IGNORECASE)
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
    use = use_of_request(text)
    points = 0.75 if use and use == tool.use else -2.0 if use and tool.use and not operations(text) else 0.0
    spoken, named = words_of(text), split_words(tool.name)
    same, opening = vocabulary().same_work, openings(text)
    if tool.verb in same and opening & same[tool.verb]:
        points += 1.5
    elif tool.use == "act" and tool.verb in same and opening & same.keys():  # it does something else
        points -= 1.0
    if "list" in named and (several := _LISTING.match(bare_text(text))):
        points += 2.0 if with_synonyms(stems_of(several[1])) & tool.named else 0.0
    for pair in OPPOSITES:  # "off" asks for nothing that turns on
        ours, theirs = {*pair}.intersection(named), {*pair}.intersection(spoken)
        points += 0.0 if len(ours) != 1 or not theirs else 1.0 if ours <= theirs else -3.0
    return points


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
    return points + _form(tool, text)


def _form(tool: Tool, text: str) -> float:
    """What the form of the words says: a path for a tool that takes one, SQL for one that runs it, two ends, a unit."""
    found = facts(text)
    points = sum(1.5 for kind in _TELLING if kind in tool.kinds and of_form(kind, found))
    if "query" in tool.kinds and len(tool.required) == 1:
        sql = "sql" in tool.described | tool.named
        points += 3.0 if sql and _STATEMENT.search(text) else 3.0 if not sql and _SEARCH.match(bare_text(text)) else 0.0
    opening = next(iter(bare_words(text)), "")
    if tool.use != "tell" and opening not in vocabulary().tell and stem(opening) in tool.named | tool.described:
        points += 1.5  # "Walk to …", to a tool that walks
    if {"origin", "destination"} <= tool.ends and found.with_role("origin") and found.with_role("destination"):
        points += 2.0
    return points + (1.0 if tool.measures & heard(text).units else 0.0)


# What each tool is asked for


class Asked(NamedTuple):
    """The words of a request that ask for a tool; a sequel continues what was asked for before it."""

    tool: Tool
    words: str
    is_sequel: bool = False


@dataclass(slots=True)
class _Group:
    """Parts of a request that belong together: from where to where, and for which tool, if for one."""

    tool: Tool | None
    start: int
    end: int
    is_sequel: bool = False


def asked_for(tools: Mapping[str, Tool], request: str) -> list[Asked]:
    """The request cut into what each tool is asked for."""
    groups = [(group, request[group.start : group.end]) for group in _groups(tools, request)]
    # What followed without a tool of its own may say which tool was meant: "the weather in Oslo, over the next 5 days".
    asked = [
        Asked(asked_by_itself(tools, words) or group.tool, words, group.is_sequel)
        for group, words in groups
        if group.tool is not None
    ]
    if not asked:
        whole = clearly_asked(tools, request)
        return [Asked(whole, request)] if whole else []
    # One tool whose words are spread over the request is asked once, with all of them.
    return asked if len(asked) > 1 else [Asked(asked[0].tool, request)]


def asked_by_itself(tools: Mapping[str, Tool], text: str) -> Tool | None:
    """The tool that a text asks for by itself: a quotation is content, and nothing in it asks for a tool."""
    return clearly_asked(tools, QUOTATION.sub(" ", text))


def _groups(tools: Mapping[str, Tool], request: str) -> list[_Group]:
    """The parts of a request, those without a tool of their own together with what they follow."""
    places = cuts(request)
    places = places if len(places) < MOST_PARTS else [*places[: MOST_PARTS // 2], *places[-MOST_PARTS // 2 :]]
    edges = [(0, 0), *places, (len(request), len(request))]
    groups: list[_Group] = []
    owned: dict[str, Tool | None] = {}
    for (before, start), (end, _) in pairwise(edges):
        words = request[start:end]
        if words not in owned:
            owned[words] = asked_by_itself(tools, words) if re.search(r"[^\W_]", words) else None
        tool = owned[words]
        if not groups:
            groups.append(_Group(tool, start, end))
        elif tool is None or not _stands(tool, words, groups[-1].tool):
            groups[-1].end = end
        elif groups[-1].tool is None:
            groups[-1].tool, groups[-1].end = tool, end
        else:
            groups.append(_Group(tool, start, end, _continues(tool, request[before:start], words)))
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
