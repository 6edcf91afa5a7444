"""Regular expressions in both directions: does a string match, and which string would?

The tree that the standard library's parser makes of a pattern is walked by partial derivatives (Antimirov, 1996): what
may follow after one more character, on all paths at once. So matching takes time proportional to the text whatever the
pattern, and "(a+)+$" cannot hang the mock; the same steps, taken breadth first over representative characters, make
strings that match several patterns together.

Accepted: what Python's `re` reads, and ECMAScript's spelling of named groups and hyphens; look-ahead at the beginning
(`^(?=.*[A-Z])(?=.*[0-9]).{8,}$`) is so many patterns that hold together. Refused with ValueError: other look-around,
back-references, flags, and patterns longer than 1,000 characters. Linear in the text is not yet short: each step comes
out of the supply of `effort`.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from itertools import count, islice, product
from typing import Any

from ..reading.effort import spend

_LONGEST_PATTERN = 1_000
_BROAD = 200  # texts of one length that are gone on with
_LETTER = 10  # steps that one more letter takes
_WORD_CHARACTER = re.compile(r"\w")
# In the order of preference for made-up strings.
_ALPHABET = "aA0bB1cC2dD3 -_.,@/:+#" + "".join(map(chr, range(33, 127))) + "é\t\n"

_Term = tuple[tuple[str, Any], ...]  # operators of the parser with their arguments, in a row; () is a match
_States = frozenset[_Term]  # what may follow, on each path
_MATCHED: _States = frozenset([()])
_BEGINNING = (("AT", "AT_BEGINNING"),)


class Pattern:
    """A pattern with the meaning of `re.search`."""

    def __init__(self, term: _Term) -> None:
        self.term = term
        self.start: _States = frozenset([term])
        self._anywhere = frozenset[_Term]() if term[:1] == _BEGINNING else self.start

    def matches(self, text: str) -> bool:
        """Whether the pattern is found anywhere in the text; linear in its length."""
        states, before = self.start, ""
        for index, character in enumerate(text):
            states = self.step(states, before, character, last=index == len(text) - 1)
            if states == _MATCHED:
                return True
            before = character
        return self.accepts(states, before)

    def step(self, states: _States, before: str, character: str, *, last: bool = False) -> _States:
        """What may follow after one more character; empty when no match can."""
        if states == _MATCHED:
            return states
        following = set(self._anywhere)
        for term in states:
            if _may_end(term, before, character, last):
                return _MATCHED
            following |= _after(term, before, character, last)
        spend(len(following))
        return frozenset(following)

    def accepts(self, states: _States, before: str) -> bool:
        """Whether the text may end here."""
        return any(_may_end(term, before, "", False) for term in states)


def _after(term: _Term, before: str, character: str, last: bool) -> set[_Term]:
    """What may follow a character with which a match of the term begins."""
    found: set[_Term] = set()
    for place, (operator, argument) in enumerate(term):
        spend(1)
        rest = term[place + 1 :]
        match operator:
            case "BRANCH":
                found |= {left + rest for option in argument for left in _after(option, before, character, last)}
            case "REPEAT":
                least, most, body = argument
                again = ((operator, (max(least - 1, 0), most - 1, body)),) if most > 1 else ()
                found |= {left + again + rest for left in _after(body, before, character, last) if most}
            case "ONE" if _is_one(argument, character):
                found.add(rest)
        if not _may_end((term[place],), before, character, last):
            break
    return found


def _may_end(term: _Term, before: str, after: str, last: bool) -> bool:
    """Whether a term matches nothing at all between two characters, "" for none; `last`: the second ends the text."""
    for operator, argument in term:
        match operator:
            case "BRANCH":
                fits = any(_may_end(option, before, after, last) for option in argument)
            case "REPEAT":
                fits = not argument[0] or _may_end(argument[2], before, after, last)
            case _:
                fits = operator == "AT" and _holds(argument, before, after, last)
        spend(1)
        if not fits:
            return False
    return True


def _holds(place: str, before: str, after: str, last: bool) -> bool:
    match place:
        case "AT_BEGINNING" | "AT_BEGINNING_STRING":
            return not before
        case "AT_END":
            return not after or (last and after == "\n")
        case "AT_END_STRING":
            return not after
    edge = bool(_WORD_CHARACTER.match(before)) != bool(_WORD_CHARACTER.match(after))
    return edge == (place == "AT_BOUNDARY")


@lru_cache(maxsize=16_384)
def _is_one(members: tuple[tuple[str, Any], ...], character: str) -> bool:
    """Whether a character is one of a class, whose members are as the parser has them."""
    negated = members[:1] == (("NEGATE", None),)
    return any(_is_member(kind, value, character) for kind, value in members[negated:]) != negated


def _is_member(kind: str, value: Any, character: str) -> bool:
    if kind != "CATEGORY":
        return value[0] <= ord(character) <= value[-1]
    category = {
        "DIGIT": character.isdecimal(),
        "SPACE": character.isspace(),
        "WORD": character.isalnum() or character == "_",
    }
    return category[value.removeprefix("CATEGORY_").removeprefix("NOT_")] != ("_NOT_" in value)


# Making strings


def strings(sources: Iterable[str], shortest: int = 0, longest: int | None = None, turn: int = 0) -> Iterator[str]:
    """Strings that match every pattern, with a length within the bounds: shortest first, then in a fixed order.

    Each `turn` takes other characters where the patterns leave a choice. Where no string matches and nothing bounds the
    length, only `effort` ends the search.
    """
    patterns = [pattern for source in sources for pattern in compiled(source)]
    letters = _representatives(patterns, turn)
    # Two texts that lead to the same states and end in the same kind of character have the same future.
    layer: dict[tuple[tuple[_States, ...], bool], str] = {(tuple(pattern.start for pattern in patterns), True): ""}
    for length in count():
        for (states, _), text in layer.items() if length >= shortest else ():
            if all(pattern.accepts(own, text[-1:]) for pattern, own in zip(patterns, states, strict=True)):
                yield text
        if length == longest or not layer:
            return
        following: dict[tuple[tuple[_States, ...], bool], str] = {}
        for ((states, _), text), letter in product(layer.items(), letters):
            spend(_LETTER)
            after = tuple(p.step(own, text[-1:], letter) for p, own in zip(patterns, states, strict=True))
            if all(after):
                following.setdefault((after, _WORD_CHARACTER.match(letter) is None), text + letter)
        layer = dict(islice(following.items(), _BROAD))


def _representatives(patterns: Sequence[Pattern], turn: int) -> list[str]:
    """A character for each way the patterns can tell characters apart."""
    classes = dict.fromkeys(members for pattern in patterns for members in _classes(pattern.term))
    named = (chr(code) for members in classes for kind, value in members if kind == "CODES" for code in value)
    alike: dict[tuple[bool, ...], list[str]] = {}
    for character in (*_ALPHABET, *named):
        told = (*(_is_one(members, character) for members in classes), _WORD_CHARACTER.match(character) is None)
        alike.setdefault(told, []).append(character)
    return [group[turn % len(group)] for group in alike.values()]


def _classes(term: _Term) -> Iterator[tuple[tuple[str, Any], ...]]:
    for operator, argument in term:
        if operator == "ONE":
            yield argument
        elif operator != "AT":
            for inner in argument if operator == "BRANCH" else argument[2:]:
                yield from _classes(inner)


# Reading


@lru_cache(maxsize=512)
def compiled(source: str) -> tuple[Pattern, ...]:
    """The pattern, and those that its look-ahead asks for. Raises ValueError outside the accepted subset."""
    if len(source) > _LONGEST_PATTERN:
        raise ValueError(f"the pattern is longer than {_LONGEST_PATTERN} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # The standard library's own parser: private by name, and the only one that reads what `re` reads.
            tree = import_module("re._parser").parse(_as_python(source))
        if tree.state.flags & ~re.UNICODE:
            raise ValueError("the pattern sets flags")
        own, ahead = list(tree), []
        while [str(operator) for operator, _ in own[:2]] == ["AT", "ASSERT"] and own[1][1][0] > 0:
            ahead.append([own[0], *own.pop(1)[1][1]])
        return tuple(Pattern(_term(items)) for items in (own, *ahead))
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"the pattern cannot be read: {error}") from None


def matches(source: str, text: str) -> bool:
    """Whether a pattern is found anywhere in a text."""
    return all(pattern.matches(text) for pattern in compiled(source))


def _as_python(source: str) -> str:
    """A pattern of ECMAScript's spelling in Python's: (?<name>…) and a hyphen behind a class inside brackets."""
    source = re.sub(r"(?<!\\)\(\?<(?=[A-Za-z_])", "(?P<", source)
    return re.sub(r"(\[[^\]]*?\\[dswDSW])-(?=[^\]])", r"\1\\-", source)


def _term(items: Any) -> _Term:
    """What the parser has read as plain tuples: groups opened, and each character as a class."""
    found: list[tuple[str, Any]] = []
    for operator, argument in items:
        match name := str(operator):
            case "SUBPATTERN":
                _, added, removed, inner = argument
                if added or removed:
                    raise ValueError("the pattern sets flags")
                found += _term(inner)
            case "BRANCH":
                found.append((name, tuple(map(_term, argument[1]))))
            case "MAX_REPEAT" | "MIN_REPEAT":
                least, most, inner = argument
                found.append(("REPEAT", (least, float("inf") if str(most) == "MAXREPEAT" else most, _term(inner))))
            case "AT":
                found.append((name, str(argument)))
            case "IN":
                found.append(("ONE", tuple(_member(str(kind), value) for kind, value in argument)))
            case "LITERAL":
                found.append(("ONE", (_member(name, argument),)))
            case "NOT_LITERAL" | "ANY":
                found.append(("ONE", (("NEGATE", None), _member("LITERAL", argument or ord("\n")))))
            case _:
                raise ValueError(f"the pattern uses {name.lower().replace('_', ' ')}")
    return tuple(found)


def _member(kind: str, value: Any) -> tuple[str, Any]:
    """A member of a class: a CATEGORY by its name, or the first and the last of its CODES."""
    if kind in {"LITERAL", "RANGE"}:
        return "CODES", (value,) if kind == "LITERAL" else value
    return kind, None if value is None else str(value)
