"""The mock's own addresses: its health, what it received, the room, the lessons' media, the issuer's tokens."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Mapping
from typing import Protocol

from .api.catalogue import Catalogue
from .errors import ApiError, render
from .gateway.identity import KEY_NAME, Issuer, Participant, credentials
from .gateway.routes import check_method
from .http import Request, Response
from .media.addresses import MEDIA, Addresses
from .room import door as room
from .scripted.journal import Journal


class Keeper(Protocol):
    """What of the service its own addresses show and set back."""

    addresses: Addresses
    catalogue: Catalogue
    door: room.Door
    issuer: Issuer
    journal: Journal
    keys: Mapping[str, str]
    participants: Mapping[str, Participant]

    def reset(self) -> None: ...


def answer(service: Keeper, request: Request) -> Response | None:
    """The answer of one of the mock's own addresses; None for any other."""
    try:
        if (token := service.issuer.handle(request, service.participants)) is not None:
            return token
        if request.path.rstrip("/") == room.PATH:
            return room.answer(service, request)
        found = ("GET", _media) if MEDIA in request.path else _OWN.get(request.path.rstrip("/"))
        if found is None:
            return None
        method, handler = found
        check_method(request, method)
        return handler(service, request)
    except ApiError as error:
        return render(error)


def _health(service: Keeper, request: Request) -> Response:
    models = service.catalogue.names
    return Response.json({"status": "ok", "mock": "Azure AI Model Inference API", "models": models})


def _requests(service: Keeper, request: Request) -> Response:
    who = _visitor(service, request)
    return service.journal.render(request, None if who == KEY_NAME else who)


def _reset(service: Keeper, request: Request) -> Response:
    if _visitor(service, request) != KEY_NAME:
        raise ApiError("owner_only")
    service.reset()
    return Response.json({"status": "reset"})


def _media(service: Keeper, request: Request) -> Response:
    name = request.path.split(MEDIA, 1)[1]
    data = service.addresses.file(name)
    return Response(200, {"content-type": mimetypes.guess_type(name)[0] or "application/octet-stream"}, data)


def _visitor(service: Keeper, request: Request) -> str:
    """The caller's name. Raises ApiError 401."""
    return credentials(request, keys=service.keys, issuer=service.issuer).name


_OWN: Mapping[str, tuple[str, Callable[[Keeper, Request], Response]]] = {
    "": ("GET", _health),
    "/_mock": ("GET", _health),
    "/_mock/health": ("GET", _health),
    "/_mock/requests": ("GET", _requests),
    "/_mock/reset": ("POST", _reset),
}
"""Path -> method and what answers."""
