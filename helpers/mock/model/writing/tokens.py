"""Tokens: from text to ids and back, and the bytes behind each token.

`Tokenizer` is version 3 of Mistral's SentencePiece models, mistral-large-2407's own, here as mistral-common has it;
`byte_pairs` has those of OpenAI's models. For all other models it is an estimate by the first, and their cards say so.
Nothing is downloaded: opening the file takes a few hundredths of a second.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from ...data import FOLDER
from ...text import Words

MODEL_FILE = FOLDER / "tokenizer" / "mistral_instruct_tokenizer_240323.model.v3"
LONGEST = 25  # bytes of the longest token in that file
BOS, EOS = 1, 2
INST, END_INST = 3, 4
TOOL_CALLS = 5
AVAILABLE_TOOLS, END_AVAILABLE_TOOLS = 6, 7
TOOL_RESULTS, END_TOOL_RESULTS = 8, 9
SPACE = "\u2581"  # SentencePiece writes a space as this character

_NEW_WORDS = 200  # new words of a text up to which they are looked up one by one: more take longer than the text


_BLANK = ("", " ")
_NUMBER = re.compile(r"(?<![0-9_])[0-9]{2,}")  # behind "_" it may belong to a token such as [REFERENCE_DOC_12]
_MARK = 2**40  # what a marked word counts besides its tokens


class Row(NamedTuple):
    """The tokens of a text and the text that each adds (a character counts where its last byte stands)."""

    ids: tuple[int, ...]
    pieces: tuple[str, ...]

    def part(self, which: slice) -> Row:
        return Row(self.ids[which], self.pieces[which])


class Tokenizer:
    """Text to token ids and back. One instance serves all requests; it holds no state of a request."""

    end = EOS
    """The token that ends an answer."""

    leads = True
    """Whether the first token of a turn brings a blank that is not in its text."""

    def opening(self, calls: int) -> tuple[int, ...]:
        """The control tokens that stand before so many tool calls."""
        return (TOOL_CALLS,) if calls else ()

    def __init__(self, model_file: Path | None = None, *, watched: Callable[[str], bool] = bool) -> None:
        """`watched` marks words, which hold no blank: `read` tells whether a text has one. Left out, all are marked."""
        self._file = model_file or MODEL_FILE
        # As `words` cuts them; with "^" before it, as the first of a turn: only that one has no space before it, and
        # then the tokenizer brings its own.
        self._ids = Words(self._made_ids)
        self._pieces = Words(self._made_pieces)
        self._watched = watched
        self._read = Words(self._made_count)
        self._bytes: dict[int, bytes] = {}

    @cached_property
    def _processor(self) -> Any:
        from sentencepiece import SentencePieceProcessor

        return SentencePieceProcessor(model_file=str(self._file))

    @cached_property
    def size(self) -> int:
        """How many tokens there are; ids run from 0 to `size` - 1."""
        return self._processor.vocab_size()

    @cached_property
    def longest(self) -> int:
        """The bytes of the longest token: a text has at least a token for each so many."""
        if self._file == MODEL_FILE:
            return LONGEST  # reading all tokens takes longer than everything else of a first answer
        return max(map(len, map(self.bytes_of, range(self.size))))

    def encode(self, text: str) -> list[int]:
        """The token ids of a text that stands at the beginning of a turn; empty for an empty text."""
        return self._processor.encode(text) if text else []

    def encode_word(self, word: str) -> tuple[int, ...]:
        """The ids of a word inside a text, given with the spaces before it (" world").

        No token of this tokenizer reaches from a word across the space that follows it, so the ids of a text are
        those of its words, as `words` cuts them, in a row.
        """
        return self._ids[word]

    def row(self, text: str) -> Row:
        """The tokens of a text that stands at the beginning of a turn, each with the text it adds."""
        cut = words(text)
        if not cut:
            return Row((), ())
        cut[0] = f"^{cut[0]}"
        ids = chain.from_iterable(map(self._ids.__getitem__, cut))
        pieces = chain.from_iterable(map(self._pieces.__getitem__, cut))
        return Row(tuple(ids), tuple(pieces))

    def count(self, text: str) -> int:
        """How many tokens a text has that stands at the beginning of a turn."""
        return self.read(text)[0]

    def read(self, text: str) -> tuple[int, bool]:
        """The same, and whether a word of the text is marked: told in one pass, or said of what is not read so."""
        if SPACE in text or "  " in text or text[:1] in _BLANK or text[-1] == " ":
            # The first is a space to the tokenizer, and none to `words`; of the others runs of blanks are words.
            return len(self.encode(text)) if SPACE in text else self._count_words(words(text)), True
        cut = text.split(" ")  # in a fraction of the time of `words`: first in a text or inside, a word counts alike
        if len(cut) > _NEW_WORDS and len(set(cut).difference(self._read)) > _NEW_WORDS:
            return len(self.encode(text)), True
        marks, count = divmod(sum(map(self._read.__getitem__, cut)), _MARK)
        return count, marks > 0

    def bytes_of(self, token: int) -> bytes:
        """The UTF-8 bytes a token adds to a text; a token may be a part of a character. Control tokens add none."""
        data = self._bytes.get(token)
        if data is None:
            data = self._bytes[token] = self._made(token)
        return data

    def text_of(self, tokens: Sequence[int]) -> str:
        """The text of a whole turn, without the blank that the first token brings; broken characters are left out."""
        data = b"".join(map(self.bytes_of, tokens))
        return data.removeprefix(b" ").decode("utf-8", errors="ignore")

    def _count_words(self, cut: list[str]) -> int:
        """How many tokens a text has of which runs of blanks are words as well."""
        if not cut:
            return 0
        cut[0] = f"^{cut[0]}"
        if len(cut) > _NEW_WORDS and len(set(cut).difference(self._ids)) > _NEW_WORDS:
            return len(self.encode("".join(cut)[1:]))
        return sum(map(len, map(self._ids.__getitem__, cut)))

    def _made_count(self, word: str) -> int:
        """How many tokens a word has, and its mark. Each digit is a token: numbers, of which every text has others, are
        counted by their length."""
        short = _NUMBER.sub("0", word)
        if short != word:
            return self._read[short] + len(word) - len(short)
        return len(self.encode(word)) + _MARK * self._watched(word)

    def _made_ids(self, word: str) -> tuple[int, ...]:
        if word.startswith("^"):
            return tuple(self.encode(word[1:]))
        # The processor puts one blank before whatever it encodes; a word of blanks alone needs something to stand
        # behind.
        return tuple(self.encode(word[1:]) if word.strip(" ") else self.encode("x" + word)[1:])

    def _made_pieces(self, word: str) -> tuple[str, ...]:
        return tuple(texts(map(self.bytes_of, self._ids[word]), begun=not word.startswith("^")))

    def _made(self, token: int) -> bytes:
        processor = self._processor
        piece = processor.id_to_piece(token)
        if processor.is_byte(token):
            return bytes([int(piece[3:5], 16)])
        if processor.is_control(token) or processor.is_unknown(token):
            return b""
        return piece.replace(SPACE, " ").encode()


def texts(tokens: Iterable[bytes], *, begun: bool = True) -> Iterable[str]:
    """The text that each token adds, given its bytes: those of a broken character stand where it is complete.

    Not `begun`, the blank is left out that the first token of a turn brings.
    """
    pending = b""
    for data in tokens:
        if data and not begun:
            data, begun = data.removeprefix(b" "), True
        pending += data
        text, pending = _whole_characters(pending)
        yield text


def _whole_characters(data: bytes) -> tuple[str, bytes]:
    """The characters that are complete, and the bytes of one that is not yet."""
    try:
        return data.decode(), b""
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return data[: error.start].decode(), data[error.start :]
        return data.decode(errors="replace"), b""


def words(text: str) -> list[str]:
    """A text cut before each run of spaces: "two  words" -> ["two", "  words"]. Joined they are the text again."""
    if "  " in text or "\0" in text:
        return _WORD.findall(text)
    cut = text.replace(" ", "\0 ").split("\0")  # the same in a fraction of the time
    return cut if cut[0] else cut[1:]


_WORD = re.compile(r" *[^ ]+|^ +$| +$")
