"""What the twins in Python and in JavaScript share: names for what is not literal, and how texts are quoted."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from ..layout import Layout, said
from ..masking import File, Parts, Variable, Word
from .recipe import Recipe


class Program(ABC):
    """A program in the making. A variable or a file gets its name in the code when it is first met."""

    style: ClassVar[dict[str, Any]]

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.layout = Layout(self.key, self.leaf, last=",", **self.style)
        self._names: dict[Word, str] = {}

    @abstractmethod
    def program(self) -> str: ...

    @abstractmethod
    def identifier(self, words: list[str]) -> str: ...

    @abstractmethod
    def template(self, parts: Parts) -> str:
        """Code for a text that has names in it."""

    @abstractmethod
    def key(self, name: str) -> str: ...

    def leaf(self, value: Any) -> str:
        """Code for anything that is neither a dict nor a list. A text comes as `str`, or as a tuple of its parts."""
        if isinstance(value, str):
            return self.text(self.recipe.mask.parts(value))
        return self.text(list(value)) if isinstance(value, tuple) else said(value)

    def text(self, parts: Parts) -> str:
        """Code for a text."""
        literal = [part for part in parts if isinstance(part, str)]
        if len(literal) == len(parts):
            return quoted("".join(literal))
        return self.template(parts) if len(parts) > 1 else self.name(parts[0])

    def name(self, part: str | Word) -> str:
        """The name of a word; a text is returned as it is."""
        if isinstance(part, str):
            return part
        if part not in self._names:
            told = part.role if isinstance(part, Variable) else Path(part.path).name
            words = re.findall("[a-z0-9]+", told.lower())
            if isinstance(part, File) and (len(words) < 2 or words[0][0].isdigit()):
                words = ["file", *words]
            name = self.identifier(words)
            while name in self._names.values():
                name += "_"
            self._names[part] = name
        return self._names[part]

    def named(self, kind: type[Word]) -> list[tuple[str, Any]]:
        """Name and word of all variables or of all files met so far, in that order."""
        return [(name, word) for word, name in self._names.items() if isinstance(word, kind)]

    def headers(self, without: Iterable[str] = ()) -> dict[str, tuple[str | Word, ...]]:
        """The headers as the layout takes them."""
        return {name: tuple(value) for name, value in self.recipe.headers.items() if name not in without}


def joined(notes: list[str], blocks: list[list[str]]) -> str:
    """A program of notes and of blocks of lines; empty blocks leave no gap."""
    return "\n".join([*notes, "\n\n".join("\n".join(block) for block in blocks if block)])


def bare(text: str) -> str:
    """The text between quotation marks: the escapes of JSON mean the same in Python and in JavaScript."""
    return said(text)[1:-1].replace('\\"', '"')


def quoted(text: str) -> str:
    """The text as Python and JavaScript both write it, in the quotation marks that need fewer escapes."""
    if text.count('"') <= text.count("'"):
        return said(text)
    single = bare(text).replace("'", "\\'")
    return f"'{single}'"
