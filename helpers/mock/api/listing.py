"""What there is to call: the list of models, each by its name, and the model behind a serverless endpoint.

Shapes: ModelInfo of the OpenAPI document 2024-05-01-preview; the lists of Azure OpenAI's `/openai/v1/models`.
"""

from __future__ import annotations

from typing import Any

from ..clock import CREATED
from ..errors import ApiError
from ..http import Response
from ..ids import uuid
from .call import Call
from .card import Card


def info(call: Call) -> Response:
    """Answer ``GET /info``. Raises ApiError 404 for an endpoint that is not there."""
    card = call.deployed()
    # The document's enum says "embeddings"; recorded answers of the service, for texts and pictures, do not.
    kind = "chat-completion" if card.chat else "embedding"
    known = {"model_name": card.name, "model_type": kind, "model_provider_name": card.provider}
    served = {"served_model_name": card.name, "served_model_type": kind}  # recorded 2025-01
    return Response.json({**known, **served}, headers={"x-request-id": uuid(f"info/{card.name}")})


def models(call: Call) -> Response:
    """Answer ``GET /models``."""
    return Response.json({"object": "list", "data": [_listed(card) for card in call.service.catalogue.cards]})


def model(call: Call) -> Response:
    """Answer ``GET /models/NAME``. Raises ApiError 404 for a name that is not there."""
    card = call.service.catalogue.find(call.target.item or "")
    if card is None:
        raise ApiError("model_not_listed", loc=("model",), given=call.target.item)
    return Response.json(_listed(card))


def _listed(card: Card) -> dict[str, Any]:
    return {"id": card.name, "object": "model", "created": CREATED, "owned_by": card.provider}
