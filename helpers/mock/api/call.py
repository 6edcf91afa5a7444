"""A call of an operation: the request with what its address means, and what every operation asks about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import ApiError
from ..gateway.counts import Counts
from ..gateway.faults import Pace, failing, phrase
from ..gateway.limits import Limits
from ..gateway.routes import Target
from ..http import Request, client_request_id
from ..jsonio import loads
from ..media.addresses import Addresses
from ..model.writing.tokens import Tokenizer
from ..scripted.received import Received
from ..scripted.scripts import Scripts
from ..upstream.pieces import UpstreamError
from .answer import Costs, Sent
from .card import Card
from .catalogue import Catalogue
from .engine import Engine


class Resources(Protocol):
    """What an operation needs of the service."""

    addresses: Addresses
    catalogue: Catalogue
    engine: Engine
    limits: Limits
    pace: Pace
    repetitions: Counts
    scripts: Scripts
    tokenizer: Tokenizer


@dataclass(slots=True)
class Call:
    """A request for an operation of the API, by a caller who is known; `note` is the journal's."""

    service: Resources
    request: Request
    target: Target
    note: Received

    @property
    def aoai(self) -> bool:
        """Whether the route is Azure OpenAI's."""
        return self.target.route.host == "aoai"

    @property
    def extras_mode(self) -> str:
        """What becomes of parameters that the API does not know; Azure OpenAI's host overlooks the header."""
        return "pass-through" if self.aoai else self.request.headers.get("extra-parameters", "error").lower()

    def body(self) -> Any:
        """The JSON of the body. Raises ApiError 415 for another type or an encoding, 400 for what is no JSON."""
        if self.note.parsed is not None:
            return self.note.parsed
        headers = self.request.headers
        kind = headers.get("content-type", "")
        if kind != "application/json" and kind.split(";")[0].strip().lower() != "application/json":
            raise ApiError("unsupported_media_type", given=kind)
        if (encoding := headers.get("content-encoding", "identity")).lower() != "identity":
            raise ApiError("unsupported_content_encoding", given=encoding)
        try:
            self.note.parsed = loads(self.request.body)
        except ValueError as error:
            reason = str(error).replace("str is", "the text is")  # which is how orjson says it
            raise ApiError("body_not_json", reason=reason) from None
        return self.note.parsed

    def card(self) -> Card:
        """The card of the model that is called: the address names it, else the body (`model`) or a header.

        Raises ApiError: 404 for an address that names nobody, before the body is looked at (recorded 2023-12); 400
        without a name, and for an older `api-version` than the model needs; for a name that is not there 400, on Azure
        OpenAI 404.
        """
        card = self._named() if self.target.deployment is None else self.deployed()
        self.note.card = card.name
        if self.older_than(card.since):
            raise ApiError("model_version", given=card.name, since=card.since)
        return card

    def older_than(self, version: str) -> bool:
        """Whether the request's api-version is older, on a route on which that says something."""
        route = self.target.route
        versioned = bool(version) and route.versions not in ("none", "any")
        return versioned and self.request.query.get("api-version", "")[:10] < version[:10]

    def deployed(self) -> Card:
        """The card of the deployment in the address. Raises ApiError 404."""
        card = self.service.catalogue.find(self.target.deployment or "")
        if card is None:
            raise ApiError("deployment_not_found" if self.aoai else "endpoint_not_found")
        return card

    def _named(self) -> Card:
        body = self.body()
        if not isinstance(body, dict):
            raise ApiError("body_not_object", loc=("body",), given=body)
        name = body.get("model")
        name = name if name and isinstance(name, str) else self.request.headers.get("x-ms-model-mesh-model-name")
        if not name:
            raise ApiError("no_model", loc=("body", "model"))
        card = self.service.catalogue.find(name)
        if card is None:
            raise ApiError("unknown_model", loc=("body", "model"), given=name)
        return card

    def tokenizer(self, card: Card) -> Tokenizer:
        """What counts and writes the tokens of a model."""
        if card.tokenizer == "mistral-v3":
            return self.service.tokenizer
        from ..model.writing.byte_pairs import byte_pairs  # here, since most runs ask no model that has it

        return byte_pairs(f"{card.tokenizer}_base")

    def not_offered(self, card: Card, operation: str) -> ApiError:
        """The refusal of an operation that the model has not: a serverless endpoint has no such route."""
        if self.target.route.kind == "serverless":
            return ApiError("not_offered")
        return ApiError("operation_not_supported", loc=("body", "model"), operation=operation, given=card.name)

    def bad_gateway(self, error: UpstreamError) -> ApiError:
        """What the service says when the model behind it fails; the journal notes why."""
        self.note.upstream = str(error)
        if error.status == 429:
            version = self.request.query.get("api-version", "")
            told = failing(429, error.wait or 1, self.target.route.kind, self.target.operation, version)
        else:
            reason = str(error).rstrip(".")
            told = ApiError("upstream_failed", status=error.status, phrase=phrase(error.status), reason=reason)
        if error.wait or error.status == 429:
            told.headers["retry-after"] = str(error.wait or 1)
        return told

    def admit(self, card: Card, *, prompt_tokens: int, max_tokens: int | None = 0, choices: int = 1) -> dict[str, str]:
        """Count the call against the limits; gives the headers that tell what is left. Raises ApiError 429."""
        return self.service.limits.admit(
            self.note.caller or "",
            card.name,
            prompt_tokens=prompt_tokens,
            max_tokens=max_tokens,
            choices=choices,
            kind=self.target.route.kind,
            operation=self.target.operation,
            api_version=self.request.query.get("api-version", ""),
        )

    def sent(
        self,
        seed: str,
        costs: Costs,
        quota: dict[str, str],
        *,
        chat: bool = True,
        streamed: bool = False,
        cross_origin: bool = False,
    ) -> Sent:
        """What the headers of the call's answer are made of."""
        return Sent(
            seed,
            costs,
            quota,
            resource=self.target.route.kind == "models",
            deployment=self.target.deployment if self.aoai else None,
            client_request_id=client_request_id(self.request),
            chat=chat,
            streamed=streamed,
            cross_origin=cross_origin,
        )

    def repetition(self, digest: str) -> int:
        """How often this caller has made this request, this time included."""
        return self.service.repetitions((self.note.caller or "", digest))
