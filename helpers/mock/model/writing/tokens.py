"""Tokens: the tokenizer, the chat frame of the prompt, and the bytes behind each token.

mistral-large-2407's tokenizer is version 3 of Mistral's SentencePiece models, here as mistral-common has it.
For that model every count is the model's own (the tests compare with mistral-common's `encode_chat_completion`); for
all others it is an estimate by the same tokenizer, and their cards say so. Nothing is downloaded: opening the file
takes a few hundredths of a second.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import chain, groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from ...data import FOLDER
from ...jsonio import too_deep
from ...messages import SYSTEM, Message

MODEL_FILE = FOLDER / "tokenizer" / "mistral_instruct_tokenizer_240323.model.v3"
LONGEST = 25  # bytes of the longest token in that file
BOS, EOS = 1, 2
INST, END_INST = 3, 4
TOOL_CALLS = 5
AVAILABLE_TOOLS, END_AVAILABLE_TOOLS = 6, 7
TOOL_RESULTS, END_TOOL_RESULTS = 8, 9
SPACE = "\u2581"  # SentencePiece writes a space as this character

_KNOWN_WORDS, _KNOWN_LENGTH = 20_000, 64  # how many words are kept with their ids, and how long they may be
_NEW_WORDS = 200  # new words of a text up to which they are looked up one by one: more take longer than the text


_Known = TypeVar("_Known")


class Row(NamedTuple):
    """The tokens of a text and the text that each adds (a character counts where its last byte stands)."""

    ids: tuple[int, ...]
    pieces: tuple[str, ...]

    def part(self, which: slice) -> Row:
        return Row(self.ids[which], self.pieces[which])


class Tokenizer:
    """Text to token ids and back. One instance serves all requests; it holds no state of a request."""

    def __init__(self, model_file: Path | None = None) -> None:
        self._file = model_file or MODEL_FILE
        self._ids = _Words(self._made_ids)
        self._pieces = _Words(self._made_pieces)
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
        if SPACE in text:  # a space to the tokenizer, and none to `words`
            return len(self.encode(text))
        cut = words(text)
        if not cut:
            return 0
        cut[0] = f"^{cut[0]}"
        if len(cut) > _NEW_WORDS and len(set(cut).difference(self._ids)) > _NEW_WORDS:
            return len(self.encode(text))
        return sum(map(len, map(self._ids.__getitem__, cut)))

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


class _Words(dict[str, _Known]):
    """What `made` tells of the words met lately, as every tokenizer of this kind keeps them.

    A word is kept as `words` cuts it; with "^" before it, as the first of a turn: only that one has no space before
    it, and then the tokenizer brings its own.
    """

    def __init__(self, made: Callable[[str], _Known]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, word: str) -> _Known:
        known = self._made(word)
        if len(word) <= _KNOWN_LENGTH:
            if len(self) >= _KNOWN_WORDS:
                self.clear()
            self[word] = known
        return known


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


def prompt_tokens(
    tokenizer: Tokenizer,
    messages: Sequence[Message],
    tools: Sequence[dict[str, Any]] = (),
    *,
    glue: str = "\n\n",
) -> int:
    """How many tokens the text of a conversation costs as a prompt, frame included.

    `tools` have the wire format. Pictures and sounds are not counted here. The frame is version 3 of Mistral's instruct
    format: the system text opens the last user turn, the tools stand before it, and consecutive turns of one role are
    one turn. `glue` stands between system text and user text: an empty line there, one line break in the estimates for
    other models, which fits their published figures.
    """
    turns = list(_turns(messages))
    system = "\n\n".join([message.text for message in messages if message.role in SYSTEM and message.text])
    last_user = max((i for i, (role, _) in enumerate(turns) if role == "user"), default=-1)
    count = 1  # BOS
    for index, (role, content) in enumerate(turns):
        if role == "user":
            if index == last_user:
                count += _tools_cost(tokenizer, tools)
                content = f"{system}{glue}{content}" if system else content
            count += 2 + tokenizer.count(content)
        elif role in ("tool", "calls"):  # a tool's answer stands between two marks, calls between one and EOS
            count += 2 + tokenizer.count(content)
        else:
            count += 1 + tokenizer.count(content.rstrip(" "))
    return count


def _tools_cost(tokenizer: Tokenizer, tools: Sequence[dict[str, Any]]) -> int:
    if not tools:
        return 0
    described = [
        {
            "type": "function",
            "function": {
                "name": tool["function"]["name"],
                "description": tool["function"].get("description") or "",
                "parameters": tool["function"].get("parameters") or {},
            },
        }
        for tool in tools
    ]
    return 2 + len(tokenizer.encode(json.dumps(described, ensure_ascii=False)))


def _turns(messages: Sequence[Message]) -> Iterable[tuple[str, str]]:
    """(role, text) of each turn as the frame has them; `calls` is an assistant's turn that only calls tools."""
    seen = False
    for role, alike in groupby(messages, attrgetter("role")):
        if role == "tool":
            turns = [("tool", _tool_result(message)) for message in alike]
        elif role in ("user", "assistant"):
            turns = [_turn(role, list(alike))]
        else:
            continue
        if not seen and turns[0][0] != "user":
            yield "user", ""
        seen = True
        yield from turns
    if not seen:
        yield "user", ""


def _turn(role: str, messages: Sequence[Message]) -> tuple[str, str]:
    calls = [call for message in messages for call in message.calls]
    if not calls:
        return role, "\n\n".join([message.text for message in messages if message.text])
    written = []
    for call in calls:
        entry = {"name": call.name, "arguments": _json_or_text(call.arguments)}
        if call.id and call.id != "null":
            entry["id"] = call.id
        written.append(entry)
    return "calls", json.dumps(written, ensure_ascii=False)


def _tool_result(message: Message) -> str:
    return json.dumps({"content": _json_or_text(message.text), "call_id": message.call_id}, ensure_ascii=False)


def _json_or_text(text: str) -> Any:
    """Arguments and results are written into the prompt as JSON where they are JSON; an empty text is {}."""
    if not text:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if too_deep(value) else value
