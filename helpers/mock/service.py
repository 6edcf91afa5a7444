"""The service: a request in, a response or a stream of events out. No sockets, no event loop.

The way of a request: route -> identity -> faults -> the operation (`chat`, `embed`: parse and check, model card,
limits, filter in, answer, shape, filter out, render). Both shells (asgi.py, transport.py) call `Service.handle`.

Deterministic: the same requests in the same order to a fresh service give the same bodies, ids and `created` included.
"""

from __future__ import annotations

import mimetypes
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from .api.catalogue import Card, Catalogue, bundled
from .api.chat import CREATED, complete
from .clock import Clock
from .errors import ApiError
from .errors import render as refuse
from .gateway.faults import Faults, Pace
from .gateway.identity import AUDIENCES, DEFAULT_KEY, KEY_NAME, Issuer, Participant, callers, credentials
from .gateway.limits import Limits
from .gateway.routes import API_VERSIONS, Operation, Target, find
from .http import Request, Response
from .jsonio import dumps, loads
from .media.addresses import MEDIA, Addresses
from .model.writing.tokens import Tokenizer
from .scripted.journal import Journal
from .scripted.received import Received
from .scripted.scripts import Scripts

_REMEMBERED = 10_000  # different requests whose repetitions are counted


@dataclass(slots=True)
class Service:
    """One mock of the service: its keys, its models, and the little that it remembers between requests.

    `key` is the one that is let in, besides those of the `participants`; `issuer` makes and checks tokens. `media` is a
    folder whose files answer at ``/_mock/media/NAME`` and can be named as picture or sound addresses, `hosts` are those
    from which such addresses may be fetched (none). `pace` slows every answer down. `clock` is the time by which
    `limits` count and tokens expire. `scripts` are answers that tests have laid down, `journal` holds the requests.
    """

    key: str = field(default=DEFAULT_KEY, repr=False)
    media: Path | None = None
    hosts: Collection[str] = ()
    clock: Clock = field(default_factory=Clock)
    issuer: Issuer = None  # pyright: ignore[reportAssignmentType]  # made in __post_init__, on this clock
    limits: Limits = None  # pyright: ignore[reportAssignmentType]
    catalogue: Catalogue = field(default_factory=bundled)
    pace: Pace = field(default_factory=Pace)
    tokenizer: Tokenizer = field(default_factory=Tokenizer)
    faults: Faults = field(default_factory=Faults)
    scripts: Scripts = field(default_factory=Scripts)
    journal: Journal = field(default_factory=Journal)
    participants: Mapping[str, Participant] = field(default_factory=dict)
    keys: Mapping[str, str] = field(init=False, repr=False)
    addresses: Addresses = field(init=False)
    _repetitions: OrderedDict[tuple[str, str], int] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.keys = callers(self.key, self.participants)
        self.addresses = Addresses(self.media, self.hosts)
        self.issuer = self.issuer or Issuer(clock=self.clock)
        self.limits = self.limits or Limits(self.clock)

    def handle(self, request: Request) -> Response:
        """Answer one request. Never raises for anything that a request can hold."""
        target = find(request.path)
        if target is None and (own := self._own(request)):
            return own
        received = self.journal.open(request)
        try:
            if target is None:
                raise ApiError("not_found")
            response = self._operate(request, target, received)
        except ApiError as error:
            response = refuse(error, openai=target is not None and target.route.openai)
        except Exception:  # a fault of the mock's own, which the shell answers: it is noted like any other 500
            self.journal.close(received, Response(500))
            raise
        call = request.headers.get("x-ms-client-request-id")
        if call and call.isprintable() and len(call) <= 200:
            response.headers.setdefault("x-ms-client-request-id", call)
        return self.journal.close(received, response)

    @property
    def waits(self) -> bool:
        """Whether an answer may wait for somebody else: a host from which a picture is fetched."""
        return bool(self.addresses.hosts)

    def reset(self) -> None:
        """Forget every request and all that tests have laid down: what follows is answered as by a fresh mock."""
        with self._lock:
            self._repetitions.clear()
        for part in (self.faults, self.limits, self.scripts, self.journal):
            part.reset()

    # --- what the operations ask of the service ---

    def body(self, request: Request) -> Any:
        """The JSON of a request's body. Raises ApiError 415 for another Content-Type, 400 for what is no JSON."""
        kind = request.headers.get("content-type", "")
        if kind != "application/json" and kind.split(";")[0].strip().lower() != "application/json":
            raise ApiError("unsupported_media_type", given=kind)
        try:
            return loads(request.body)
        except ValueError as error:
            raise ApiError("body_not_json", reason=str(error)) from None

    def card(self, target: Target, request: Request, model: str | None) -> Card:
        """The card of the model that a request is for: the address names it, else the body or a header.

        Raises ApiError: 400 without a name, 404 for a name that is not there, 400 for an older `api-version` than the
        model needs.
        """
        if target.deployment is not None:
            card = self._deployed(target)
        else:
            name = model or request.headers.get("x-ms-model-mesh-model-name")
            if not name:
                raise ApiError("no_model", loc=("body", "model"))
            card = self.catalogue.find(name)
            if card is None:
                raise ApiError("unknown_model", loc=("body", "model"), given=name)
        versioned = target.route.versions != "none" and target.route.kind != "serverless"
        if card.since and versioned and request.query.get("api-version", "")[:10] < card.since[:10]:
            raise ApiError("model_version", given=card.name, since=card.since)
        return card

    def not_offered(self, target: Target, card: Card, operation: str) -> ApiError:
        """The refusal of an operation that the model has not: a serverless endpoint has no such route."""
        if target.route.kind == "serverless":
            return ApiError("method_not_allowed", headers={"allow": ""})
        return ApiError("operation_not_supported", loc=("body", "model"), operation=operation, given=card.name)

    def admit(
        self,
        received: Received,
        request: Request,
        target: Target,
        card: Card,
        *,
        prompt_tokens: int,
        max_tokens: int | None = 0,
        choices: int = 1,
    ) -> dict[str, str]:
        """Count a request against its limits; gives the headers that tell what is left. Raises ApiError 429."""
        return self.limits.admit(
            received.caller or "",
            card.name,
            prompt_tokens=prompt_tokens,
            max_tokens=max_tokens,
            choices=choices,
            kind=target.route.kind,
            operation=target.operation,
            api_version=request.query.get("api-version", ""),
        )

    def repetition(self, received: Received, digest: str) -> int:
        """How often this caller has made this request, this time included."""
        caller = received.caller or ""
        with self._lock:  # the shells hand large requests to threads of their own
            count = self._repetitions.pop((caller, digest), 0) + 1
            self._repetitions[(caller, digest)] = count
            if len(self._repetitions) > _REMEMBERED:
                self._repetitions.popitem(last=False)
        return count

    # --- the API ---

    def _operate(self, request: Request, target: Target, received: Received) -> Response:
        _allow(request, target.method)
        audiences = AUDIENCES[target.route.kind]
        received.caller = credentials(request, keys=self.keys, issuer=self.issuer, audiences=audiences).name
        fault = self.faults.of(request)
        if fault and fault.failure:
            return fault.failure
        _check_version(request, target)
        response = _OPERATIONS[target.operation](self, request, target, received)
        return fault.disturb(response) if fault else response

    def _deployed(self, target: Target) -> Card:
        card = self.catalogue.find(target.deployment or "")
        if card is None:
            raise ApiError("deployment_not_found" if target.route.openai else "endpoint_not_found")
        return card

    def _info(self, request: Request, target: Target, received: Received) -> Response:
        card = self._deployed(target)
        # The document's enum says "embeddings"; recorded answers of the service, for texts and pictures, do not.
        kind = "chat-completion" if card.chat else "embedding"
        return _json({"model_name": card.name, "model_type": kind, "model_provider_name": card.provider})

    def _model_list(self, request: Request, target: Target, received: Received) -> Response:
        return _json({"object": "list", "data": [_listed(card) for card in self.catalogue.cards]})

    def _model(self, request: Request, target: Target, received: Received) -> Response:
        card = self.catalogue.find(target.item or "")
        if card is None:
            raise ApiError("model_not_listed", loc=("model",), given=target.item)
        return _json(_listed(card))

    # --- the mock's own addresses ---

    def _own(self, request: Request) -> Response | None:
        """The answer of one of the mock's own addresses; None for any other."""
        path = request.path
        try:
            if (answered := self.issuer.handle(request, self.participants)) is not None:
                return answered
        except ApiError as error:
            return refuse(error)
        handler = Service._media if MEDIA in path else _OWN.get(path.rstrip("/"))
        if handler is None:
            return None
        try:
            _allow(request, "POST" if path.startswith("/_mock/reset") else "GET")
            return handler(self, request)
        except ApiError as error:
            return refuse(error)

    def _health(self, request: Request) -> Response:
        models = [card.name for card in self.catalogue.cards]
        return _json({"status": "ok", "mock": "Azure AI Model Inference API", "models": models})

    def _requests(self, request: Request) -> Response:
        who = self._visitor(request)
        return self.journal.render(request, None if who == KEY_NAME else who)

    def _reset(self, request: Request) -> Response:
        if self._visitor(request) != KEY_NAME:
            raise ApiError("owner_only")
        self.reset()
        return _json({"status": "reset"})

    def _visitor(self, request: Request) -> str:
        return credentials(request, keys=self.keys, issuer=self.issuer).name

    def _media(self, request: Request) -> Response:
        name = request.path.split(MEDIA, 1)[1]
        data = self.addresses.file(name)
        return Response(200, {"content-type": mimetypes.guess_type(name)[0] or "application/octet-stream"}, data)


def _embed_texts(service: Service, request: Request, target: Target, received: Received) -> Response:
    from .api.embeddings import embed_texts  # here, since most runs embed nothing

    return embed_texts(service, request, target, received)


def _embed_pictures(service: Service, request: Request, target: Target, received: Received) -> Response:
    from .api.embeddings import embed_pictures

    return embed_pictures(service, request, target, received)


_OPERATIONS: Mapping[Operation, Callable[[Service, Request, Target, Received], Response]] = {
    "chat": complete,
    "embeddings": _embed_texts,
    "image_embeddings": _embed_pictures,
    "info": Service._info,
    "model_list": Service._model_list,
    "model": Service._model,
}


_OWN: Mapping[str, Callable[[Service, Request], Response]] = {
    "": Service._health,
    "/_mock": Service._health,
    "/_mock/health": Service._health,
    "/_mock/requests": Service._requests,
    "/_mock/reset": Service._reset,
}


def _allow(request: Request, method: str) -> None:
    if request.method != method and (request.method, method) != ("HEAD", "GET"):
        raise ApiError("method_not_allowed", headers={"allow": method})


def _check_version(request: Request, target: Target) -> None:
    """`/models` knows its versions; the others take any but need one, except /info (recorded) and /openai/v1."""
    if target.route.versions == "none" or target.operation == "info":
        return
    version = request.query.get("api-version", "")
    if not version or (target.route.versions == "known" and version not in API_VERSIONS):
        raise ApiError("not_found")


def _json(value: Any) -> Response:
    return Response(200, {"content-type": "application/json"}, dumps(value))


def _listed(card: Card) -> dict[str, Any]:
    return {"id": card.name, "object": "model", "created": CREATED, "owned_by": card.provider}
