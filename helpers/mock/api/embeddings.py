"""Embeddings of texts and pictures: from a checked caller and a body to vectors and what they cost.

parse and check -> model card -> limits -> vectors (`embeddings`) -> the answer. Shapes: EmbeddingsOptions,
ImageEmbeddingsOptions and EmbeddingsResult of the OpenAPI document 2024-05-01-preview.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import ApiError
from ..gateway.routes import Target
from ..http import Request, Response
from ..jsonio import dumps
from ..model.vectors.vectors import embed_picture, embed_text, encode
from ..model.writing.tokens import Tokenizer
from .attachments import MAX_PIXELS, read_picture
from .capabilities import passed_extras
from .catalogue import Card, Embedding
from .parameters import EmbeddingsOptions, ImageEmbeddingsOptions, OpenAIEmbeddingsOptions, known_extras, parse

if TYPE_CHECKING:
    from ..model.vectors.vectors import Vector
    from ..scripted.received import Received
    from ..service import Service

PICTURE_TOKENS = 256
"""What a picture costs to embed. The mock's own figure: no source tells Cohere's."""

_Options = TypeVar("_Options", EmbeddingsOptions, OpenAIEmbeddingsOptions, ImageEmbeddingsOptions)


def embed_texts(service: Service, request: Request, target: Target, received: Received) -> Response:
    """Answer a request for text embeddings. Raises ApiError for everything that the service refuses."""
    if target.route.openai:
        options, card, model = _checked(service, request, target, received, OpenAIEmbeddingsOptions)
    else:
        options, card, model = _checked(service, request, target, received, EmbeddingsOptions)
    texts = [_text(item) for item in _inputs(options.input)]
    _check_batch(model, len(texts))
    counts = [_tokens(service.tokenizer, model, text, place) for place, text in enumerate(texts)]
    headers = service.admit(received, request, target, card, prompt_tokens=sum(counts))
    reply = service.scripts.take(received)
    if reply and reply.error:
        return reply.error.response(received)
    wanted = options.dimensions or model.dimensions
    kept = [_beginning(service.tokenizer, model, text) for text in texts]
    if reply and reply.vector:
        vectors = _scripted(reply.vector, len(texts))
    else:
        vectors = [embed_text(text, dimensions=wanted, input_type=options.input_type or "text") for text in kept]
    return _answer(service, request, received, card, options, vectors, sum(counts), headers)


def embed_pictures(service: Service, request: Request, target: Target, received: Received) -> Response:
    """Answer a request for image embeddings. Raises ApiError for everything that the service refuses."""
    options, card, model = _checked(service, request, target, received, ImageEmbeddingsOptions)
    if not model.pictures:
        raise service.not_offered(target, card, "image embeddings")
    _check_batch(model, len(options.input))
    wanted, cost, pixels = options.dimensions or model.dimensions, 0, 0
    seen: list[tuple[bytes, str | None]] = []
    for place, item in enumerate(options.input):
        loc = ("body", "input", place, "image")
        data, picture = read_picture(item.image, service.addresses, loc)
        pixels += picture.width * picture.height
        if pixels > MAX_PIXELS:
            together = f"{pixels:,} pixels together with those before it"
            raise ApiError("image_too_large", loc=loc, actual=together, limit=f"{MAX_PIXELS:,}")
        cost += PICTURE_TOKENS
        if item.text:
            cost += _tokens(service.tokenizer, model, item.text, place)
        seen.append((data, item.text))
    headers = service.admit(received, request, target, card, prompt_tokens=cost)
    reply = service.scripts.take(received)
    if reply and reply.error:
        return reply.error.response(received)
    if reply and reply.vector:
        vectors = _scripted(reply.vector, len(seen))
    else:
        vectors = [embed_picture(data, text=text, dimensions=wanted) for data, text in seen]
    return _answer(service, request, received, card, options, vectors, cost, headers)


def _checked(
    service: Service, request: Request, target: Target, received: Received, kind: type[_Options]
) -> tuple[_Options, Card, Embedding]:
    """The options, the card and what it can embed; refuses what the model does not take."""
    received.parsed = service.body(request)
    options = parse(received.parsed, kind)
    card = service.card(target, request, options.model)
    received.card = card.name
    model = card.embedding
    if model is None:
        raise service.not_offered(target, card, "embeddings")
    if target.route.openai:
        known_extras({"user", *card.extras}, options.model_extra or {}, service.tokenizer.size)
    else:
        mode = request.headers.get("extra-parameters", "error").lower()
        passed_extras(mode, card, options.model_extra or {}, service.tokenizer.size)
    if options.encoding_format and options.encoding_format not in model.formats:
        raise _unsupported("encoding_format", options.encoding_format)
    if options.input_type and options.input_type not in model.input_types:
        raise _unsupported("input_type", options.input_type)
    wanted = options.dimensions or model.dimensions
    if wanted > model.dimensions or (wanted < model.dimensions and not model.shorter):
        raise _unsupported("dimensions", wanted)
    return options, card, model


def _answer(
    service: Service,
    request: Request,
    received: Received,
    card: Card,
    options: EmbeddingsOptions | OpenAIEmbeddingsOptions | ImageEmbeddingsOptions,
    vectors: Sequence[Vector],
    cost: int,
    headers: dict[str, str],
) -> Response:
    digest = hashlib.sha256(dumps([card.name, request.path]) + request.body).hexdigest()
    encoding = options.encoding_format or "float"
    received.usage = {"prompt_tokens": cost, "total_tokens": cost}
    body = {
        "id": f"embd-{digest[:24]}-{service.repetition(received, digest)}",
        "object": "list",
        "data": [
            {"index": place, "object": "embedding", "embedding": encode(vector, encoding)}
            for place, vector in enumerate(vectors)
        ],
        "model": card.name,
        "usage": received.usage,
    }
    return Response(200, {"content-type": "application/json", **headers}, dumps(body))


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


def _unsupported(name: str, given: Any) -> ApiError:
    return ApiError("parameter_not_supported", loc=("body", name), given=given)
