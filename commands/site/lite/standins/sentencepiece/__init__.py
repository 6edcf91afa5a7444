"""A reader of SentencePiece BPE models in plain Python: what the course needs of the package of this name.

Only models of type BPE with byte fallback and an identity normaliser are read (Mistral's are). Tokens are found as the
C++ library finds them: the neighbours whose union has the highest score are joined first, the leftmost of equals.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import Any

NORMAL, UNKNOWN, CONTROL, USER, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
SPACE = "\u2581"


class SentencePieceProcessor:
    def __init__(self, model_file: str | None = None, model_proto: bytes | None = None) -> None:
        if model_proto is None:
            model_proto = Path(model_file or "").read_bytes()
        self._pieces, self._scores, self._types = [], [], []
        for number, value in _fields(model_proto):
            if number == 1:
                piece, score, kind = "", 0.0, NORMAL
                for field, inner in _fields(value):
                    if field == 1:
                        piece = inner.decode()
                    elif field == 2:
                        (score,) = struct.unpack("<f", inner)
                    elif field == 3:
                        kind = inner
                self._pieces.append(piece)
                self._scores.append(score)
                self._types.append(kind)
        normal = {piece: at for at, piece in enumerate(self._pieces) if self._types[at] in (NORMAL, USER, UNUSED)}
        self._ids = normal
        self._bytes = {int(self._pieces[at][3:5], 16): at for at, kind in enumerate(self._types) if kind == BYTE}
        self._rank = {piece: -self._scores[at] for piece, at in normal.items() if self._types[at] != USER}
        user = sorted((self._pieces[at] for at, kind in enumerate(self._types) if kind == USER), key=len, reverse=True)
        self._symbols = re.compile("|".join([*map(re.escape, user), "."]), re.DOTALL)
        self._known: dict[str, tuple[int, ...]] = {}

    def vocab_size(self) -> int:
        return len(self._pieces)

    def id_to_piece(self, token: int) -> str:
        return self._pieces[token]

    def piece_to_id(self, piece: str) -> int:
        return self._pieces.index(piece)

    def is_byte(self, token: int) -> bool:
        return self._types[token] == BYTE

    def is_control(self, token: int) -> bool:
        return self._types[token] == CONTROL

    def is_unknown(self, token: int) -> bool:
        return self._types[token] == UNKNOWN

    def encode(self, text: str) -> list[int]:
        if not text:
            return []
        text = SPACE + text.replace(" ", SPACE)
        ids: list[int] = []
        # No token of these models has a space behind another character: each word can be taken by itself.
        start = 0
        known = self._known
        for end in _cuts(text):
            word = text[start:end]
            start = end
            found = known.get(word)
            if found is None:
                found = known[word] = tuple(self._word(word))
            ids += found
        return ids

    def _word(self, word: str) -> list[int]:
        rank = self._rank
        parts = self._symbols.findall(word)
        size = len(parts)
        after, before = list(range(1, size + 1)), list(range(-1, size - 1))
        heap = []
        for at in range(size - 1):
            joined = parts[at] + parts[at + 1]
            if joined in rank:
                heap.append((rank[joined], at, len(joined)))
        heapify(heap)
        alive = [True] * size
        while heap:
            _, at, length = heappop(heap)
            right = after[at] if alive[at] else size
            if right >= size or len(parts[at]) + len(parts[right]) != length or not alive[at]:
                continue
            joined = parts[at] + parts[right]
            if joined not in rank:
                continue
            parts[at] = joined
            alive[right] = False
            after[at] = after[right]
            if after[right] < size:
                before[after[right]] = at
                new = joined + parts[after[right]]
                if new in rank:
                    heappush(heap, (rank[new], at, len(new)))
            if before[at] >= 0:
                new = parts[before[at]] + joined
                if new in rank:
                    heappush(heap, (rank[new], before[at], len(new)))
        ids: list[int] = []
        for at in range(size):
            if alive[at]:
                token = self._ids.get(parts[at])
                if token is None:
                    ids += [self._bytes[byte] for byte in parts[at].encode()]
                else:
                    ids.append(token)
        return ids


def _cuts(text: str) -> Iterator[int]:
    """Where words end: before each run of spaces that follows another character."""
    at = text.find(SPACE, 1)
    while at >= 0:
        if text[at - 1] != SPACE:
            yield at
        at = text.find(SPACE, at + 1)
    yield len(text)


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """The fields of a protobuf message, as (number, value)."""
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = _varint(data, at)
        elif kind == 2:
            length, at = _varint(data, at)
            value, at = data[at : at + length], at + length
        elif kind == 5:
            value, at = data[at : at + 4], at + 4
        elif kind == 1:
            value, at = data[at : at + 8], at + 8
        else:
            raise ValueError("no SentencePiece model")
        yield number, value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
