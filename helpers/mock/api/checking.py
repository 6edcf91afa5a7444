"""From a call to a checked request: its body parsed, its model's card found, and refused what either does not allow."""

from __future__ import annotations

from typing import Any

from ..errors import ApiError
from ..gateway.faults import pace
from ..messages import read_messages
from .asked import ChatRequest, EmbeddingsRequest
from .call import Call
from .families import FAMILIES


def check_chat(call: Call) -> ChatRequest:
    """A request for a chat completion. Raises ApiError for everything in it that the service refuses."""
    card = call.card()
    if not card.chat:
        raise call.not_offered(card, "chatCompletion")
    family, speed = FAMILIES[card.family], pace(call.request.headers, call.service.pace)
    body, options, extras = family.read_chat(card, call.body(), call.extras_mode, lambda: call.tokenizer(card).size)
    by_schema = options.response_format and options.response_format.type == "json_schema"
    if by_schema and call.older_than(card.json_schema_since):
        raise ApiError("json_schema_version", since=card.json_schema_since)
    messages = call.note.said = read_messages(body["messages"])
    family.check_chat(card, options, body, messages)
    return ChatRequest(body, messages, options, extras, card, call.tokenizer(card), speed)


def check_embeddings(call: Call, *, pictures: bool = False) -> EmbeddingsRequest[Any]:
    """A request for embeddings of texts or `pictures`. Raises ApiError for everything that the service refuses."""
    card = call.card()
    model = card.embedding
    if model is None or (pictures and not model.pictures):
        raise call.not_offered(card, "image embeddings" if model else "embeddings")
    options = FAMILIES[card.family].read_embeddings(card, model, call.body(), call.extras_mode, pictures=pictures)
    return EmbeddingsRequest(options, card, model)
