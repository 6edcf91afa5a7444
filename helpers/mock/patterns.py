"""Regular expressions in both directions: does a string match, and which string would?

A pattern becomes a small program that is run on all its paths at once, so matching takes time proportional to the text
whatever the pattern; "(a+)+$" cannot hang the mock. The same program, walked breadth first over representative
characters, yields strings that match several patterns together.

Accepted: literals, classes, groups, alternatives, repeats, `^`, `$`, `\\b`. Refused with ValueError: what Python's `re`
does not read (so `\\p{L}` too), look-around, back-references, inline flags, patterns longer than 1,000 characters, and
repeats that unroll to more than 5,000 steps.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from itertools import islice
from typing import Any

_LONGEST_PATTERN, _LONGEST_PROGRAM, _SEARCH_STEPS = 1_000, 5_000, 20_000
_WORD_CHARACTER = re.compile(r"\w")
# In the order of preference for made-up strings.
_ALPHABET = "aA0bB1cC2dD3 -_.,@/:+#" + "".join(map(chr, range(33, 127))) + "é\t\n"

_Step = tuple[Any, ...]
_States = frozenset[int]


class Pattern:
    """A compiled pattern with the meaning of `re.search`."""

    def __init__(self, source: str) -> None:
        self.program, self.literals = _program(source)
        self._restart: tuple[int, ...] = (
            () if self.program[0][0] == "assert" and "BEGINNING" in self.program[0][1] else (0,)
        )

    def matches(self, text: str) -> bool:
        """Whether the pattern is found anywhere in the text; linear in its length."""
        states, before = self.start(), None
        for index, character in enumerate(text):
            states = self.step(states, before, character, last=index == len(text) - 1)
            if self.done(states):
                return True
            before = character
        return self.accepts(states, before)

    def start(self) -> _States:
        return frozenset({0})

    def done(self, states: _States) -> bool:
        """Whether a match has been found already, whatever follows."""
        return -1 in states

    def step(self, states: _States, before: str | None, character: str, *, last: bool = False) -> _States:
        """The states after one more character; empty when no match can follow."""
        if -1 in states:
            return states
        following: set[int] = set(self._restart)
        for place in self._closure(states, before, character, last and character == "\n"):
            operation = self.program[place]
            if operation[0] == "match":
                return frozenset({-1})
            if operation[0] == "char" and operation[1](character):
                following.add(place + 1)
        return frozenset(following)

    def accepts(self, states: _States, before: str | None) -> bool:
        """Whether the text may end here."""
        return -1 in states or any(self.program[place][0] == "match" for place in self._closure(states, before, None))

    def _closure(self, states: _States, before: str | None, after: str | None, at_end: bool = False) -> set[int]:
        seen: set[int] = set()
        stack = list(states)
        while stack:
            place = stack.pop()
            if place in seen:
                continue
            seen.add(place)
            operation = self.program[place]
            if operation[0] == "split":
                stack += operation[1:]
            elif operation[0] == "assert" and _holds(operation[1], before, after, at_end):
                stack.append(place + 1)
        return seen


@lru_cache(maxsize=512)
def compiled(source: str) -> Pattern:
    """The pattern, compiled once. Raises ValueError for a pattern outside the accepted subset."""
    return Pattern(source)


def strings(sources: Sequence[str], shortest: int = 0, longest: int | None = None, variety: int = 1) -> Iterator[str]:
    """Strings that match every pattern, with a length within the bounds: shortest first, then in a fixed order.

    `variety` is how many characters stand for each class of characters; more of them give more strings of a length.
    The search is bounded; it ends early when the patterns are too hard to satisfy together.
    """
    patterns = [compiled(source) for source in sources]
    letters = _representatives(patterns, variety)
    layer: dict[tuple[Any, ...], str] = {(*(pattern.start() for pattern in patterns), ""): ""}
    steps = 0
    length = 0
    while layer:
        if length >= shortest:
            for key, text in layer.items():
                if all(
                    pattern.accepts(states, text[-1:] or None) for pattern, states in zip(patterns, key, strict=False)
                ):
                    yield text
        if length == longest:
            return
        following: dict[tuple[Any, ...], str] = {}
        for key, text in layer.items():
            for letter in letters:
                steps += 1
                if steps > _SEARCH_STEPS:
                    return
                after = tuple(
                    p.step(states, text[-1:] or None, letter) for p, states in zip(patterns, key, strict=False)
                )
                if not all(after):
                    continue
                # Two texts that lead to the same states and end in the same kind of character have the same future.
                following.setdefault((*after, _kind(letter), *([text, letter] if variety > 1 else [])), text + letter)
        layer = dict(islice(following.items(), 200))
        length += 1


def _kind(letter: str) -> str:
    return "a" if _WORD_CHARACTER.match(letter) else " "


def _representatives(patterns: Sequence[Pattern], variety: int) -> list[str]:
    """So many characters for each way the patterns can tell characters apart."""
    tests = [operation[1] for pattern in patterns for operation in pattern.program if operation[0] == "char"]
    tests = list(dict.fromkeys(tests))
    literals = "".join(dict.fromkeys("".join(pattern.literals for pattern in patterns)))
    chosen: dict[tuple[bool, ...], dict[str, None]] = {}
    for character in _ALPHABET + literals:
        group = chosen.setdefault((*(test(character) for test in tests), _kind(character) == "a"), {})
        if len(group) < variety:
            group[character] = None
    return [character for group in chosen.values() for character in group]


def _holds(kind: str, before: str | None, after: str | None, at_end: bool) -> bool:
    if kind in {"AT_BEGINNING", "AT_BEGINNING_STRING"}:
        return before is None
    if kind == "AT_END":
        return after is None or at_end
    if kind == "AT_END_STRING":
        return after is None
    edge = bool(before and _WORD_CHARACTER.match(before)) != bool(after and _WORD_CHARACTER.match(after))
    return edge == (kind == "AT_BOUNDARY")


def _program(source: str) -> tuple[list[_Step], str]:
    if len(source) > _LONGEST_PATTERN:
        raise ValueError(f"the pattern is longer than {_LONGEST_PATTERN} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # The standard library's own parser: private by name, and the only one that reads what `re` reads.
            tree: Any = import_module("re._parser").parse(source)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"the pattern cannot be read: {error}") from None
    if tree.state.flags & ~re.UNICODE:
        raise ValueError("the pattern sets flags")
    program: list[_Step] = []
    literals: list[str] = []

    def emit(*step: Any) -> int:
        if len(program) >= _LONGEST_PROGRAM:
            raise ValueError("the pattern repeats too much")
        program.append(step)
        return len(program) - 1

    def character(test: Callable[[str], bool]) -> None:
        emit("char", test)

    def sequence(items: Any) -> None:
        for operator, argument in items:
            one(str(operator), argument)

    def one(operator: str, argument: Any) -> None:
        match operator:
            case "LITERAL":
                literals.append(chr(argument))
                character(_test("LITERAL", argument))
            case "NOT_LITERAL":
                literals.append(chr(argument))
                character(_test("NOT_LITERAL", argument))
            case "ANY":
                character(_test("NOT_LITERAL", 10))
            case "IN":
                for kind, value in argument:
                    if str(kind) in {"LITERAL", "RANGE"}:
                        ends = (value,) if isinstance(value, int) else value
                        literals.extend(chr(end) for end in ends)
                character(_test("IN", tuple((str(kind), value) for kind, value in argument)))
            case "SUBPATTERN":
                if argument[1] or argument[2]:
                    raise ValueError("the pattern sets flags")
                sequence(argument[3])
            case "AT":
                emit("assert", str(argument))
            case "BRANCH":
                branch(list(argument[1]))
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                if operator == "POSSESSIVE_REPEAT":
                    raise ValueError("the pattern uses a possessive repeat")
                repeat(*argument)
            case _:
                raise ValueError(f"the pattern uses {operator.lower().replace('_', ' ')}")

    def branch(options: list[Any]) -> None:
        exits: list[int] = []
        for position, option in enumerate(options):
            entry = emit("split") if position < len(options) - 1 else None
            sequence(option)
            if entry is not None:
                exits.append(emit("split"))
                program[entry] = ("split", entry + 1, len(program))
        for place in exits:
            program[place] = ("split", len(program))

    def repeat(least: int, most: Any, items: Any) -> None:
        for _ in range(least):
            size = len(program)
            sequence(items)
            if len(program) == size:  # an empty body repeats for nothing
                return
        if str(most) == "MAXREPEAT":
            entry = emit("split")
            sequence(items)
            emit("split", entry)
            program[entry] = ("split", entry + 1, len(program))
            return
        entries: list[int] = []
        for _ in range(most - least):
            size = len(program)
            entries.append(emit("split"))
            sequence(items)
            if len(program) == size + 1:
                break
        for place in entries:
            program[place] = ("split", place + 1, len(program))

    try:
        sequence(tree)
    except RecursionError:
        raise ValueError("the pattern is nested too deeply") from None
    emit("match")
    return program, "".join(literals)


@lru_cache(maxsize=4096)
def _test(operator: str, argument: Any) -> Callable[[str], bool]:
    """A predicate on one character; equal arguments give the same object."""
    if operator == "LITERAL":
        return lambda character: ord(character) == argument
    if operator == "NOT_LITERAL":
        return lambda character: ord(character) != argument
    negated = argument[0][0] == "NEGATE"
    members = argument[1:] if negated else argument

    def member(character: str) -> bool:
        code = ord(character)
        for kind, value in members:
            if kind == "LITERAL" and code == value:
                return True
            if kind == "RANGE" and value[0] <= code <= value[1]:
                return True
            if kind == "CATEGORY" and _category(str(value), character):
                return True
        return False

    return (lambda character: not member(character)) if negated else member


def _category(name: str, character: str) -> bool:
    inside = {
        "DIGIT": character.isdecimal(),
        "SPACE": character.isspace(),
        "WORD": character.isalnum() or character == "_",
    }[name.removeprefix("CATEGORY_").removeprefix("NOT_")]
    return inside != ("_NOT_" in name)
