"""A refusal as an answer: told by whoever refuses, the host or the model, in the form and with the headers of each."""

from __future__ import annotations

from hashlib import sha256
from typing import Protocol

from ..errors import ApiError, render
from ..gateway.hosts import Host, host_of, refuse
from ..gateway.limits import Limits
from ..gateway.routes import Target
from ..http import Request, Response, client_request_id
from ..scripted.received import Received
from .answer import Costs, Sent
from .catalogue import Catalogue
from .families import FAMILIES

_SPOKEN_BY: dict[Host | None, str] = {"aoai": "openai"}
"""Whose words are told where no model is known yet."""
_LOOKED_AT = 2**16  # bytes of a body


class Refusing(Protocol):
    """What a refusal needs of the service."""

    catalogue: Catalogue
    limits: Limits


def refused(service: Refusing, request: Request, target: Target | None, note: Received, error: ApiError) -> Response:
    """The answer for a refusal; notes what kind it was."""
    host, named = host_of(request.path), client_request_id(request)
    seed = _seed(request, error)
    if error.by == "host":
        response, note.error = refuse(error, host, seed=seed, client_request_id=named)
        return response
    if error.by == "mock" or target is None:
        response, note.error = render(error), error.code
        if named:
            response.headers["x-ms-client-request-id"] = named
        return response
    card = service.catalogue.find(note.card or "")
    family = FAMILIES[card.family if card else _SPOKEN_BY.get(host, "other")]
    told = family.refusal(error)
    sent = Sent(
        seed,
        Costs(0),
        service.limits.left(note.caller or "", card.name if card else ""),
        resource=host == "resource",
        client_request_id=named,
        chat=target.operation == "chat",
        cross_origin=target.operation != "chat",
    )
    note.error = told.code
    return told.response({**family.refusal_headers(sent, told.status), **error.headers})


def _seed(request: Request, error: ApiError) -> str:
    """What request ids are derived from: of a large body its beginning and its length are enough."""
    made = f"{error.kind} {request.path} {len(request.body)} ".encode("utf-8", "replace")
    return sha256(made + request.body[:_LOOKED_AT]).hexdigest()
