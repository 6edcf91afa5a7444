"""Vectors for texts and pictures that mean something, without a model: near things get near vectors.

A text becomes weighted features (`lexicon`): topics, concepts, words. A picture becomes the words for what can be
measured in it, and its look on a coarse grid. Each feature has a direction of its own, drawn from a hash of its name,
and a vector is the sum of its features' directions. So nothing is learnt, stored or downloaded, the directions of two
different features are almost at a right angle, and the same input gives the same vector everywhere and always.

numpy and Pillow are imported when the first vector is made, so that starting the mock stays fast.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from ...media.pictures import Picture, colour_name, known_pictures
from ..reading import lexicon

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    Vector = NDArray[np.float64]

# Where what lies, so that a shortened vector, as text-embedding-3 offers, keeps the coarse meaning and loses the fine:
# the topics in the first dimensions, the concepts in those after them, each kind with directions at exact right angles
# (rows of a Hadamard matrix); words and everything else thinly spread over all. Longer vectors repeat this for the
# meaning.
_TOPICS, _CONCEPTS = 64, 512
_WIDTH = 1536  # a multiple of 8 and of _STRATUM

# The direction of a word has one dimension in each of these, which is quicker to add than all and as exact.
_STRATUM = 48

# Weights are counted in whole units of this: whole numbers have the same sum in any order and on any machine.
_UNIT = 2.0**-16
_AT_ONCE = 2048  # features that are added in one step, which bounds the memory

# Lengths of what is added to the features of the content, which have 1.
_EXACT = 0.03  # upper case, punctuation, spaces: only a trace, but two different texts never get the same vector
_INPUT_TYPE = 0.15
_LOOK = 0.8  # of a picture; the words for what was measured, and the caller's text, have 1 each

_CELLS = 6  # along each side of the grid on which the look of a picture is measured


def embed_text(text: str, *, dimensions: int, input_type: str = "text") -> Vector:
    """The vector of a text: `dimensions` numbers of length 1 together, the beginning of every longer one, scaled.

    Good for trying out retrieval, grouping and the search for duplicates without a model: the same topic in other
    words, inflections and synonyms stay near (cosine about 0.2 to 0.9), unrelated texts are near 0. It knows some 5,000
    everyday English words and what they have to do with each other; all other words, and other languages, are found by
    their spelling alone. It does not see who did what to whom, hardly a denial, and no fine shades. How often it finds
    the right document is measured in `tests/mock/model/vectors/test_vectors.py`.

    `input_type` is text, query or document. As Cohere's models put a special token before a query or a document, these
    two move the vector a little: query and document of the same text have a cosine of 0.98. This is of no use for the
    ranking and does no harm to it. Raises ValueError for another type or fewer than one dimension.
    Source: 2024-05-01-preview, EmbeddingsOptions and EmbeddingInputType.
    """
    if input_type not in ("text", "query", "document"):
        raise ValueError(f"{input_type!r} is no input type: it is text, query or document")
    bag = lexicon.features(text)
    if input_type != "text":
        bag[f"input_type:{input_type}"] = _INPUT_TYPE
    return _vector(bag, dimensions, exact=text.encode("utf-8", "surrogatepass"))


class Look(NamedTuple):
    """What a picture brings to its vector: its features, and the bytes that tell it from any other."""

    features: dict[str, float]
    exact: bytes


def look_at(data: bytes, frame: Image.Image) -> Look:
    """Look at a picture: `frame` is what `pictures.decoded` makes of `data`.

    What is measured becomes words: the main colours, bright or dark, landscape or portrait, drawing or photograph; the
    course's own pictures bring what they show. Beside the words stands the look, a grid of colours and contours.
    """
    said = _measured(frame)
    known = Picture.of(frame).name
    if known is not None:
        shows = lexicon.features(known_pictures()[known]["shows"])
        said = lexicon.scaled({name: said.get(name, 0.0) + shows.get(name, 0.0) for name in said | shows})
    return Look(said | lexicon.scaled(_cells(frame), _LOOK), data)


def embed_picture(look: Look, *, text: str | None = None, dimensions: int) -> Vector:
    """The vector of a picture, and of the `text` that comes with it, in one space with `embed_text`.

    "A red picture" is nearer to a red picture than to a blue one. What a picture shows is not seen: "a cat" is no
    nearer to a photograph of a cat than to one of a car, unless `text` says so. Among pictures the look counts too:
    resized, recompressed and slightly cropped copies have a cosine above 0.9. Source: 2024-05-01-preview,
    ImageEmbeddingInput.
    """
    bag = look.features
    if text:
        added = lexicon.features(text)
        bag = {name: bag.get(name, 0.0) + added.get(name, 0.0) for name in bag | added}
    return _vector(lexicon.scaled(bag), dimensions, exact=look.exact + (text or "").encode("utf-8", "surrogatepass"))


def encode(vector: Vector, encoding_format: str = "float") -> list[float] | list[int] | str:
    """A vector as an answer carries it. Raises ValueError for an unknown format.

    float: numbers. base64: little-endian float32, one after another. int8: whole numbers from -128 to 127, uint8: the
    same plus 128; the scale is 127 for 8 / sqrt(dimensions), the same for every vector so that they can be compared.
    ubinary: a bit for each dimension, 1 where it is positive, eight to a number from 0 to 255 with the first dimension
    in the highest bit, the last number filled up with zeros; binary: the same minus 128. Source: 2024-05-01-preview,
    EmbeddingEncodingFormat, and for ranges and lengths Cohere's reference of Embed. Neither gives the scale of int8 or
    the order of the bits: the scale is our own, the order that of numpy.packbits and of others who serve this format
    (sentence-transformers, vLLM).
    """
    import numpy as np

    if encoding_format == "float":
        return vector.tolist()
    if encoding_format == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")
    if encoding_format in ("int8", "uint8"):
        levels = np.clip(np.rint(vector * (127 * math.sqrt(len(vector)) / 8)), -128, 127).astype(int)
        return (levels + 128 if encoding_format == "uint8" else levels).tolist()
    if encoding_format in ("binary", "ubinary"):
        packed = np.packbits(vector > 0).astype(int)
        return (packed - 128 if encoding_format == "binary" else packed).tolist()
    raise ValueError(f"{encoding_format!r} is no format: it is base64, binary, float, int8, ubinary or uint8")


def _vector(bag: Mapping[str, float], dimensions: int, *, exact: bytes) -> Vector:
    """The sum of the features' directions, cut to `dimensions`, of length 1, rounded to nine decimals."""
    import numpy as np

    if dimensions < 1:
        raise ValueError(f"a vector has one dimension or more, not {dimensions}")
    width = -(-dimensions // _WIDTH) * _WIDTH
    meant: dict[str, dict[int, int]] = {"topic": {}, "concept": {}}
    units: dict[str, int] = {}
    for name, weight in bag.items():
        place = _places().get(name)
        if place is None:
            units[name] = round(weight / _UNIT)
        else:
            meant[name.partition(":")[0]][place] = round(weight / _UNIT)
    total = _signs(exact, width).astype(float) * (_EXACT / math.sqrt(_WIDTH))
    start = 0
    for rows, size in zip(meant.values(), (_TOPICS, _CONCEPTS), strict=True):
        if rows:
            summed = np.fromiter(rows.values(), "f4", len(rows)) @ _hadamard(size)[list(rows)]
            total.reshape(-1, _WIDTH)[:, start : start + size] += summed * (_UNIT / math.sqrt(size))
        start += size
    for first in range(0, len(units), _AT_ONCE):
        names = list(islice(units, first, first + _AT_ONCE))
        drawn = b"".join([_draw(name, width // _STRATUM) for name in names])
        choice = np.frombuffer(drawn, np.uint8).reshape(len(names), -1).astype(np.intp) * (2 * _STRATUM) >> 8
        signed = ((choice & 1) * 2 - 1) * np.array([[units[name]] for name in names], float)
        places = (choice >> 1) + np.arange(0, width, _STRATUM)
        total += np.bincount(places.ravel(), signed.ravel(), width) * (_UNIT / math.sqrt(_WIDTH // _STRATUM))
    total = total[:dimensions]
    length = math.sqrt(np.sum(total * total))
    if length < 1e-9:  # in few dimensions, opposite directions may leave nothing
        total, length = _signs(exact, width)[:dimensions].astype(float), math.sqrt(dimensions)
    return np.round(total / length, 9) + 0.0  # + 0.0 makes 0.0 of -0.0


@lru_cache(maxsize=32_768)
def _draw(name: str, size: int) -> bytes:
    """Bytes that are as good as random and always the same for a name; more of them begin with fewer of them."""
    return hashlib.shake_128(name.encode("utf-8", "surrogatepass")).digest(size)


def _signs(name: bytes, width: int) -> NDArray[np.int8]:
    """As many signs, 1 or -1, drawn for a name."""
    import numpy as np

    bits = np.unpackbits(np.frombuffer(hashlib.shake_128(name).digest(width // 8), np.uint8))
    return bits.astype(np.int8) * 2 - 1


@cache
def _places() -> dict[str, int]:
    """The row of each topic among the topics, and of each concept among the concepts."""
    names = lexicon.meanings()
    kinds = ([name for name in names if name.startswith(kind)] for kind in ("topic:", "concept:"))
    return {name: place for kind in kinds for place, name in enumerate(kind)}


@cache
def _hadamard(size: int) -> NDArray[np.float32]:
    """Rows of 1 and -1 at right angles to each other, their columns shuffled so that beginnings of rows differ too."""
    import numpy as np

    columns = np.argsort(np.frombuffer(_draw(f"columns:{size}", 4 * size), "<u4"), kind="stable")
    parity = np.bitwise_count(np.arange(size)[:, None] & columns) & 1
    return (1 - 2 * parity.astype(np.int8)).astype(np.float32)


def _measured(image: Image.Image) -> dict[str, float]:
    """The features of the words for what is measured in a picture."""
    import numpy as np
    from PIL import Image

    small = np.asarray(image.resize((64, 64), Image.Resampling.NEAREST)) >> 4 << 4 | 8  # 16 levels a channel
    shades, counts = np.unique(small.reshape(-1, 3), axis=0, return_counts=True)
    colours: dict[str, float] = {}
    for shade, count in zip(shades.tolist(), counts.tolist(), strict=True):
        name = colour_name(*shade)
        colours[name] = colours.get(name, 0.0) + count / 4096
    brightness = float(small.mean())
    words = {name: math.sqrt(share) for name, share in colours.items() if share >= 0.02}
    words["bright" if brightness > 170 else "dark" if brightness < 85 else "colour"] = 0.3
    flat = np.sort(counts)[-12:].sum() >= 0.8 * 4096
    words["drawing" if flat else "photograph"] = 0.4
    words["picture"] = 0.4
    width, height = image.size
    words["square" if width == height else "landscape" if width > height else "portrait"] = 0.2
    together: dict[str, float] = {}
    for word, weight in words.items():
        for name, share in lexicon.features(word).items():
            together[name] = together.get(name, 0.0) + weight * share
    return lexicon.scaled(together)


def _cells(image: Image.Image) -> dict[str, float]:
    """The look of a picture: in each cell of a grid its colour, and how strong its upright and level contours are."""
    import numpy as np
    from PIL import Image

    side = _CELLS * 8
    pixels = np.asarray(image.resize((side, side), Image.Resampling.BOX), dtype=float) / 255 - 0.5
    light = pixels.mean(axis=2)
    across, down = (
        np.abs(np.diff(light, axis=1, append=light[:, -1:])),
        np.abs(np.diff(light, axis=0, append=light[-1:])),
    )
    layers = np.dstack([light, pixels[..., 0] - light, pixels[..., 2] - light, 2 * across, 2 * down])
    cells = layers.reshape(_CELLS, 8, _CELLS, 8, -1).mean(axis=(1, 3))
    return {f"look:{place}": float(value) for place, value in enumerate(cells.ravel())}
