"""How well embeddings find: a small task in retrieval.toml, of documents and questions that were written for them."""

from __future__ import annotations

import re
import tomllib
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from helpers.mock.model.reading import lexicon
from helpers.mock.model.vectors.vectors import embed_text
from tests.support.places import ROOT

FILE = ROOT / "tests" / "support" / "retrieval.toml"
RETRIEVAL = tomllib.loads(FILE.read_text("utf-8"))
SETS = ("tuning", "held_out", "seen", "blind")


def hashed(text: str) -> np.ndarray:
    """The plain way without meaning: every word is a signed place of the vector."""
    vector = np.zeros(1536)
    for word in re.findall(r"\w+", text.lower()):
        place = zlib.crc32(word.encode())
        vector[place % 1536] += 1 if place >> 31 else -1
    return vector / (np.linalg.norm(vector) or 1)


def weighed_words(text: str) -> np.ndarray:
    """The better way without meaning: stems, and everyday words count less."""
    vector = np.zeros(1536)
    for name, weight in lexicon.features(text).items():
        if name.startswith("word:"):
            place = zlib.crc32(name.encode())
            vector[place % 1536] += weight if place >> 31 else -weight
    return vector / (np.linalg.norm(vector) or 1)


def figures(which: str, document: Callable[[str], Any], query: Callable[[str], Any]) -> tuple[float, float, float]:
    """Recall among the first and the first three, and the mean reciprocal rank."""
    names = list(RETRIEVAL["documents"])
    vectors = np.stack([document(text) for text in RETRIEVAL["documents"].values()])
    ranks = []
    for row in RETRIEVAL[which]:
        scores = vectors @ query(row["query"])
        ranks.append(1 + int(np.sum(scores > scores[names.index(row["answer"])])))
    count = len(ranks)
    return (
        sum(rank == 1 for rank in ranks) / count,
        sum(rank <= 3 for rank in ranks) / count,
        sum(1 / rank for rank in ranks) / count,
    )


@cache
def embedding(dimensions: int, input_type: str = "text") -> Callable[[str], np.ndarray]:
    return cache(lambda text: embed_text(text, dimensions=dimensions, input_type=input_type))
