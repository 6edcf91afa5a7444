"""What every twin of a request says, made from the request as it was recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isinf
from typing import Any

from ..layout import pretty
from ..masking import VARIES, File, Mask, Parts, course_files

# A whole number beyond this is another one in JavaScript.
_EXACT = 2**53


@dataclass(frozen=True)
class Recipe:
    """What every twin of a request says.

    `headers` are those that matter, with names in lower case; `text` is the body, JSON laid out, and empty without one;
    `saved` says that the body has to be read from `request.json`; `streamed` that the answer is shown as it comes.
    `mask` finds the words in a text of the body; `notes` are what a reader has to know.
    """

    method: str
    url: Parts
    headers: Mapping[str, Parts]
    text: str
    saved: bool
    streamed: bool
    mask: Mask
    notes: tuple[str, ...]

    @classmethod
    def of(cls, method: str, url: str, headers: Mapping[str, str], body: bytes, streamed: bool) -> Recipe:
        """The recipe for a request as it was sent (header names in lower case)."""
        mask, text = Mask.of(url, headers), pretty(body)
        files = course_files(text)
        found = {data: File(path) for data, path in files.items() if path}
        saved = len(found) < len(files) or "\ufffd" in text
        notes = list(mask.notes)
        if saved:
            notes.append('first, in Python: helpers.wire.last().save_body("request.json")')
        elif any(file.path.startswith("media/") for file in found.values()):
            notes.append("run in the folder of the lessons")
        needed = {
            name: mask.header(name, value)
            for name, value in headers.items()
            if not ((name == "authorization" and "api-key" in headers) or name == "accept" or VARIES.fullmatch(name))
        }
        words = replace(mask, words={**mask.words, **found})
        return cls(method, mask.parts(url), needed, text, saved, streamed, words, tuple(notes))

    @property
    def value(self) -> Any:
        """The body as a JSON value. Raises ValueError when it has none that Python and JavaScript both can write."""
        return json.loads(self.text, parse_int=_whole, parse_float=_finite, parse_constant=_refuse)


def _whole(text: str) -> int:
    number = int(text)
    return number if abs(number) <= _EXACT else _refuse(text)


def _finite(text: str) -> float:
    number = float(text)
    return _refuse(text) if isinf(number) else number


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} cannot be written in every language")
