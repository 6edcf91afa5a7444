"""Regular expressions in both directions: does a string match, and which string would?

A pattern becomes a small program that is run on all its paths at once, so matching takes time proportional to the text
whatever the pattern; "(a+)+$" cannot hang the mock. The same program, walked breadth first over representative
characters, yields strings that match several patterns together.

Accepted: literals, classes, groups (named as in Python or in ECMAScript), alternatives, repeats, `^`, `$`, `\\b`, and
look-ahead at the beginning of the text (`^(?=.*[A-Z])(?=.*[0-9]).{8,}$`), which is so many patterns that hold together.
Refused with ValueError: what Python's `re` does not read (so `\\p{L}` too), other look-around, back-references, inline
flags, patterns longer than 1,000 characters, and repeats that unroll to more than 5,000 steps. Linear in the text is
not yet short: inside `bounded` a pattern that needs too many steps ends in TooHardError.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib import import_module
from itertools import islice
from typing import Any

_LONGEST_PATTERN, _LONGEST_PROGRAM = 1_000, 5_000
_SEARCH_STEPS, _SEARCH_WORK = 20_000, 300_000  # texts tried, and steps of programs taken for them
_WORD_CHARACTER = re.compile(r"\w")
# In the order of preference for made-up strings.
_ALPHABET = "aA0bB1cC2dD3 -_.,@/:+#" + "".join(map(chr, range(33, 127))) + "é\t\n"

_work_left: ContextVar[list[int] | None] = ContextVar("_work_left", default=None)


class TooHardError(Exception):
    """A pattern took more steps than `bounded` allows."""


@contextmanager
def bounded(steps: int) -> Iterator[None]:
    """Allow so many steps of programs to all the patterns that are matched inside, then TooHardError."""
    token = _work_left.set([steps])
    try:
        yield
    finally:
        _work_left.reset(token)


def _spend(steps: int) -> None:
    left = _work_left.get()
    if left is not None:
        left[0] -= steps
        if left[0] < 0:
            raise TooHardError


_Step = tuple[Any, ...]
_States = frozenset[int]


class Pattern:
    """A compiled pattern with the meaning of `re.search`, together with those that its look-ahead asks for."""

    def __init__(self, source: str) -> None:
        own, *others = _conjuncts(_as_python(source))
        self.others = tuple(Pattern(other) for other in others)
        self.program, self.literals = _program(own)
        self._restart: tuple[int, ...] = (
            () if self.program[0][0] == "assert" and "BEGINNING" in self.program[0][1] else (0,)
        )

    def matches(self, text: str) -> bool:
        """Whether the pattern is found anywhere in the text; linear in its length."""
        return all(pattern._found(text) for pattern in (self, *self.others))

    def _found(self, text: str) -> bool:
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
        _spend(len(seen))
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
    given = [compiled(source) for source in sources]
    patterns = [pattern for one in given for pattern in (one, *one.others)]
    letters = _representatives(patterns, variety)
    layer: dict[tuple[Any, ...], str] = {(*(pattern.start() for pattern in patterns), ""): ""}
    steps = work = 0
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
                after = tuple(
                    p.step(states, text[-1:] or None, letter) for p, states in zip(patterns, key, strict=False)
                )
                work += 4 + 2 * sum(map(len, after))
                if steps > _SEARCH_STEPS or work > _SEARCH_WORK:
                    return
                if not all(after):
                    continue
                # Two texts that lead to the same states and end in the same kind of character have the same future.
                following.setdefault((*after, _kind(letter), *([text, letter] if variety > 1 else [])), text + letter)
        layer = dict(islice(following.items(), 200))
        length += 1


def _as_python(source: str) -> str:
    """A pattern of ECMAScript's spelling in Python's: (?<name>…) and a hyphen behind a class inside brackets."""
    source = re.sub(r"(?<!\\)\(\?<(?=[A-Za-z_])", "(?P<", source)
    return re.sub(r"(\[[^\]]*?\\[dswDSW])-(?=[^\]])", r"\1\\-", source)


def _conjuncts(source: str) -> list[str]:
    """The pattern without the look-aheads at its beginning, and these as patterns: ^(?=a)b is ^b and ^a."""
    others: list[str] = []
    while source.startswith("^(?="):
        end = _closing(source, 1)
        if end is None or _closing(f"({source})", 0, alternatives=True) is not None:
            break
        others.append(f"^(?:{source[4:end]})")
        source = f"^{source[end + 1 :]}"
    return [source, *others]


def _closing(source: str, start: int, *, alternatives: bool = False) -> int | None:
    """The place of the bracket that closes the one at `start`, or of the first alternative directly inside it."""
    depth, place, inside = 0, start, False
    while place < len(source):
        sign = source[place]
        if sign == "\\":
            place += 1
        elif inside:
            inside = sign != "]"
        elif sign == "[":
            inside = True
            place += source[place + 1 : place + 2] == "]"
        elif sign in "()":
            depth += 1 if sign == "(" else -1
            if not depth:
                return None if alternatives else place
        elif sign == "|" and depth == 1 and alternatives:
            return place
        place += 1
    return None


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
    """The program of a pattern, and the characters that the pattern itself names."""
    tree = _parsed(source)
    compiler = _Compiler()
    try:
        compiler.sequence(tree)
    except RecursionError:
        raise ValueError("the pattern is nested too deeply") from None
    compiler.emit("match")
    return compiler.program, "".join(compiler.literals)


def _parsed(source: str) -> Any:
    if len(source) > _LONGEST_PATTERN:
        raise ValueError(f"the pattern is longer than {_LONGEST_PATTERN} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # The standard library's own parser: private by name, and the only one that reads what `re` reads.
            tree = import_module("re._parser").parse(source)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"the pattern cannot be read: {error}") from None
    if tree.state.flags & ~re.UNICODE:
        raise ValueError("the pattern sets flags")
    return tree


class _Compiler:
    """Turns what the standard library's parser has read into steps, each operator by its own method."""

    def __init__(self) -> None:
        self.program: list[_Step] = []
        self.literals: list[str] = []

    def sequence(self, items: Any) -> None:
        for operator, argument in items:
            compile_one = _OPERATORS.get(str(operator))
            if compile_one is None:
                raise ValueError(f"the pattern uses {str(operator).lower().replace('_', ' ')}")
            compile_one(self, argument)

    def emit(self, *step: Any) -> int:
        if len(self.program) >= _LONGEST_PROGRAM:
            raise ValueError("the pattern repeats too much")
        self.program.append(step)
        return len(self.program) - 1

    def literal(self, code: int) -> None:
        self.literals.append(chr(code))
        self.emit("char", _test("LITERAL", code))

    def not_literal(self, code: int) -> None:
        self.literals.append(chr(code))
        self.emit("char", _test("NOT_LITERAL", code))

    def anything(self, _: None) -> None:
        self.emit("char", _test("NOT_LITERAL", ord("\n")))

    def members(self, listed: Any) -> None:
        members = tuple((str(kind), value) for kind, value in listed)
        for kind, value in members:
            if kind in {"LITERAL", "RANGE"}:
                self.literals += map(chr, (value,) if kind == "LITERAL" else value)
        self.emit("char", _test("IN", members))

    def group(self, argument: Any) -> None:
        _, added, removed, items = argument
        if added or removed:
            raise ValueError("the pattern sets flags")
        self.sequence(items)

    def position(self, where: Any) -> None:
        self.emit("assert", str(where))

    def branch(self, argument: Any) -> None:
        *others, last = argument[1]
        exits: list[int] = []
        for option in others:
            entry = self.emit("split")
            self.sequence(option)
            exits.append(self.emit("split"))
            self.program[entry] = ("split", entry + 1, len(self.program))
        self.sequence(last)
        for place in exits:
            self.program[place] = ("split", len(self.program))

    def repeat(self, argument: Any) -> None:
        least, most, items = argument
        for _ in range(least):
            size = len(self.program)
            self.sequence(items)
            if len(self.program) == size:  # an empty body repeats for nothing
                return
        if str(most) == "MAXREPEAT":
            entry = self.emit("split")
            self.sequence(items)
            self.emit("split", entry)
            self.program[entry] = ("split", entry + 1, len(self.program))
            return
        entries: list[int] = []
        for _ in range(most - least):
            size = len(self.program)
            entries.append(self.emit("split"))
            self.sequence(items)
            if len(self.program) == size + 1:
                break
        for place in entries:
            self.program[place] = ("split", place + 1, len(self.program))


# The operators of `re`'s parser; what is not among them is refused.
_OPERATORS: dict[str, Callable[[_Compiler, Any], None]] = {
    "LITERAL": _Compiler.literal,
    "NOT_LITERAL": _Compiler.not_literal,
    "ANY": _Compiler.anything,
    "IN": _Compiler.members,
    "SUBPATTERN": _Compiler.group,
    "AT": _Compiler.position,
    "BRANCH": _Compiler.branch,
    "MAX_REPEAT": _Compiler.repeat,
    "MIN_REPEAT": _Compiler.repeat,
}


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
