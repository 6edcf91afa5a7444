"""Embeddings of texts and pictures: from a call to vectors and what they cost.

check -> limits -> scripted answer or vectors (`model.vectors`) -> the answer. Shapes: EmbeddingsOptions,
ImageEmbeddingsOptions and EmbeddingsResult of the OpenAPI document 2024-05-01-preview.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import ApiError
from ..http import Later, Response
from ..jsonio import dumps
from ..model.vectors.vectors import Look, embed_picture, embed_text, encode, look_at
from ..model.writing.tokens import Tokenizer
from ..upstream.exchange import Exchange
from ..upstream.pieces import UpstreamError
from .answer import Costs, Embedded
from .asked import EmbeddingsRequest
from .attachments import Frames
from .call import Call
from .card import Embedding
from .checking import check_embeddings
from .families import FAMILIES
from .parameters import ImageEmbeddingsOptions

if TYPE_CHECKING:
    from ..model.vectors.vectors import Vector

PICTURE_TOKENS = 1000
"""What a picture costs to embed, as recorded of Cohere's model (2025-03)."""


def embed_texts(call: Call) -> Response:
    """Answer a request for text embeddings. Raises ApiError for everything that the service refuses."""
    asked = check_embeddings(call)
    texts = [_text(item) for item in _inputs(asked.options.input)]
    _check_batch(asked.model, len(texts))
    tokenizer, model = call.tokenizer(asked.card), asked.model
    cost = sum([_tokens(tokenizer, model, text, place) for place, text in enumerate(texts)])

    def vectors() -> list[Vector]:
        kind = asked.options.input_type or "text"
        read = (_beginning(tokenizer, model, text) for text in texts)
        return [embed_text(text, dimensions=asked.dimensions, input_type=kind) for text in read]

    return _answered(call, asked, len(texts), cost, vectors, texts=texts)


def embed_pictures(call: Call) -> Response:
    """Answer a request for image embeddings. Raises ApiError for everything that the service refuses."""
    asked = check_embeddings(call, pictures=True)
    _check_batch(asked.model, len(asked.options.input))
    seen, cost = _pictures(call, asked)

    def vectors() -> list[Vector]:
        return [embed_picture(look, text=text, dimensions=asked.dimensions) for look, text in seen]

    return _answered(call, asked, len(seen), cost, vectors, pictures=len(seen))


def _answered(
    call: Call,
    asked: EmbeddingsRequest[Any],
    count: int,
    cost: int,
    vectors: Callable[[], list[Vector]],
    pictures: int = 0,
    texts: Sequence[str] = (),
) -> Response:
    """The answer for `count` inputs: what a test has laid down, what the engine says to `texts`, or the `vectors`."""
    quota = call.admit(asked.card, prompt_tokens=cost)
    reply = call.service.scripts.take(call.note)
    if reply and reply.error:
        raise reply.error.refusal(call.note)

    def answer(found: Sequence[Vector]) -> Response:
        digest = hashlib.sha256(dumps([asked.card.name, call.request.path]) + call.request.body).hexdigest()
        encoding = asked.options.encoding_format or "float"
        encoded = [encode(vector, encoding) for vector in found]
        answer = Embedded(f"{digest}/{call.repetition(digest)}", asked.card, encoded, Costs(cost), pictures)
        family = FAMILIES[asked.card.family]
        body = family.embeddings(answer)
        call.note.usage = body["usage"]
        sent = call.sent(answer.seed, answer.costs, quota, chat=False, cross_origin=True)
        return Response.json(body, headers=family.headers(sent))

    if reply and reply.vector:
        return answer(_scripted(reply.vector, count))
    source = call.service.engine.embed(asked, texts) if texts else None
    return answer(vectors()) if source is None else _from(source, call, count, answer)


def _from(source: Exchange[Any], call: Call, count: int, answer: Callable[[Sequence[Vector]], Response]) -> Response:
    """The answer with the vectors of another model, as soon as they are there."""

    def make() -> Response:
        if wait := source.ready():
            return Response(0, later=Later(wait, make, source.close))
        try:
            if source.fault:
                raise source.fault
            return answer(vectors_of(next(iter(source.take()), None), count, source.name))
        except UpstreamError as error:
            raise call.bad_gateway(error) from None

    return make()


def vectors_of(answer: Any, count: int, name: str) -> list[Vector]:
    """The vectors in an answer of OpenAI's API. Raises UpstreamError where there are not `count` of one length."""
    import numpy as np

    try:
        rows = sorted(answer["data"], key=lambda row: row["index"])
        vectors = [np.array(row["embedding"], float) for row in rows]
    except (KeyError, TypeError, ValueError):
        raise UpstreamError(f"{name}: it sent no embeddings") from None
    if len(vectors) != count or len({vector.shape for vector in vectors}) != 1 or not all(map(len, vectors)):
        raise UpstreamError(f"{name}: it sent {len(vectors)} vectors for {count} texts, or of several lengths")
    return vectors


def _pictures(
    call: Call, asked: EmbeddingsRequest[ImageEmbeddingsOptions]
) -> tuple[list[tuple[Look, str | None]], int]:
    """The pictures with their texts, and what they cost in tokens."""
    cost = 0
    frames = Frames(call.service.addresses)
    seen: list[tuple[Look, str | None]] = []
    for place, item in enumerate(asked.options.input):
        loc = ("body", "input", place, "image")
        look = look_at(*frames.read(item.image, loc))
        cost += PICTURE_TOKENS
        if item.text:
            cost += _tokens(call.tokenizer(asked.card), asked.model, item.text, place)
        seen.append((look, item.text))
    return seen, cost


def _scripted(vector: Sequence[float], count: int) -> list[Vector]:
    import numpy as np

    return [np.array(vector, float)] * count


def _inputs(given: Sequence[Any]) -> list[Any]:
    """One item for each input: a list of token ids is one input."""
    return [given] if isinstance(given[0], int) else list(given)


def _text(item: str | list[int]) -> str:
    # Token ids belong to a vocabulary that is not here: equal ids are equal words, and that is all that is known.
    return item if isinstance(item, str) else " ".join(f"token{number}" for number in item)


def _check_batch(model: Embedding, count: int) -> None:
    if count > model.batch:
        raise ApiError("too_many_inputs", loc=("body", "input"), given=count, limit=model.batch)


def _tokens(tokenizer: Tokenizer, model: Embedding, text: str, place: int) -> int:
    """What a text costs; refuses one that the model neither takes nor cuts."""
    limit, most = model.input_tokens, model.input_tokens * tokenizer.longest
    # What surely is too long need not be counted to the end.
    count = len(tokenizer.encode(text)) if len(text) <= most else f"more than {limit}"
    if isinstance(count, int) and count <= limit:
        return count
    if not model.truncates:
        raise ApiError("input_too_long", loc=("body", "input", place), given=count, limit=limit)
    return limit


def _beginning(tokenizer: Tokenizer, model: Embedding, text: str) -> str:
    """As much of a text as the model reads."""
    if not model.truncates or len(text) <= model.input_tokens:  # a token has one character at least
        return text
    kept = tokenizer.encode(text[: model.input_tokens * tokenizer.longest])[: model.input_tokens]
    return b"".join(tokenizer.bytes_of(token) for token in kept).decode(errors="ignore")
