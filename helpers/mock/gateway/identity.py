"""Who is calling: a key in either header, or a token of the mock's own Entra ID.

`Issuer` gives tokens in the two ways that azure-identity asks for them, offline and with its classes as they are:

* as the managed-identity endpoint of App Service, found through IDENTITY_ENDPOINT and IDENTITY_HEADER:
  ``ManagedIdentityCredential()``, ``DefaultAzureCredential()``, with ``client_id=`` for a user-assigned identity
* as a tenant's OAuth 2.0 endpoints, found through ``authority=`` or AZURE_AUTHORITY_HOST, which must be https:
  ``ClientSecretCredential(TENANT, "app-with-role", issuer.secret, authority=..., disable_instance_discovery=True)``,
  and ``EnvironmentCredential`` with the same values in AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET

Which identity a client asks for decides what becomes of its tokens: `CLIENTS` has one for each failure worth seeing.
Azure's client ids are GUIDs; these are words, so that a program says what it wants to see.

In a workshop each participant's key is as good a secret as the issuer's own, in both ways. The token is then theirs:
what is done with it is done under their name.
"""

from __future__ import annotations

import hmac
import re
import secrets
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl

from ..errors import ApiError, refusals
from ..http import Request, Response
from .routes import Kind

DEFAULT_KEY = "mock-key"
"""The key everybody knows: good for the loopback, refused for any other address."""

KEY_NAME = "key"
"""The caller's name that goes with the mock's own key."""

_COGNITIVE, _ML, _AI = "https://cognitiveservices.azure.com", "https://ml.azure.com", "https://ai.azure.com"

AUDIENCES: Mapping[Kind, tuple[str, ...]] = {
    # A Foundry resource: the OpenAPI document 2024-05-01-preview, OAuth2Auth. The SDK's own default, ml.azure.com, is
    # turned away, which is the mistake of azure-sdk-for-python#40260 and #40351.
    "models": (_COGNITIVE,),
    # Serverless endpoints: Microsoft's reference pages and the document's older versions; the newer one has the other.
    "serverless": (_ML, _COGNITIVE),
    # Azure OpenAI: Microsoft's pages, and the text of its own 401.
    "openai": (_COGNITIVE,),
    # The successor: Microsoft's migration guide, ai.azure.com since 03/2026 and cognitiveservices before.
    "v1": (_AI, _COGNITIVE),
}
"""For whom a token may be made out, by the kind of route."""

ANY_AUDIENCE = (_COGNITIVE, _ML, _AI)
"""For whom it may be made out at the mock's own routes."""

RESOURCES = frozenset(
    {_COGNITIVE, _ML, _AI, "https://management.azure.com", "https://graph.microsoft.com", "https://vault.azure.net"}
)
"""What the tenant has: the resources for which the token endpoint makes tokens."""

IDENTITY_PATH = "/msi/token"
"""Where `IDENTITY_ENDPOINT` points to."""

TENANT = "mock-tenant"
"""The tenant of the mock's resource, and the only one that its authority knows."""


@dataclass(frozen=True, slots=True)
class Client:
    """An identity that can ask for tokens, named as callers are (journal, limits).

    `has_role` says whether it was given the role *Cognitive Services User* on the resource, `expired` that its tokens
    are past their time when they are given out, `tenant` where it lives, `participant` for whose key the token was
    given.
    """

    id: str
    has_role: bool = True
    expired: bool = False
    tenant: str = TENANT
    participant: str | None = None

    @property
    def caller(self) -> str:
        """The name under which its requests are counted and noted."""
        return self.participant or self.id


SYSTEM_ASSIGNED = "managed-identity"
"""The managed identity for which no client id is given."""

CLIENTS: Mapping[str, Client] = {
    client.id: client
    for client in (
        Client(SYSTEM_ASSIGNED),
        Client("app-with-role"),
        Client("app-without-role", has_role=False),
        Client("app-with-expired-token", expired=True),
        Client("app-of-another-tenant", tenant="another-tenant"),
    )
}
"""The identities by client id, each good as a managed identity and as an application with the issuer's secret."""


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody of a workshop with a key of their own. None means: no limit of their own, the mock's apply."""

    name: str
    key: str = field(repr=False)
    tokens_per_minute: int | None = None
    requests_per_minute: int | None = None


_NOBODY: Mapping[str, Participant] = {}
_ISSUER = "https://mock.invalid/"
_API_VERSION = "2019-08-01"
_LATE = 300  # seconds by which an expired token is late
_LONGEST = 16_384  # characters of a token that are looked at: what gateways take of a header, and 10 times a real token
_FORM = 65_536  # bytes of a token request's form
_NAMES = {"client_id", "principal_id", "object_id", "mi_res_id", "msi_res_id"}  # how an identity can be named
_TENANT_PATH = (  # compiled when first used: most runs never ask for a token
    r"/(?P<tenant>[-0-9A-Za-z.]{1,100})/"
    r"(?P<endpoint>oauth2/v2\.0/token|v2\.0/\.well-known/openid-configuration|discovery/v2\.0/keys)"
)
_NO_TRACE = "00000000-0000-0000-0000-000000000000"  # nothing is traced, and equal requests have equal answers


@dataclass(frozen=True, slots=True)
class Token:
    """An access token: a compact JWT, the unix second at which it expires, and the resource it is made out to."""

    value: str
    expires_on: int
    resource: str


class Identity(NamedTuple):
    """An accepted caller. `name` (KEY_NAME, a participant, a client id) tells callers apart and is no secret."""

    kind: Literal["key", "token"]
    name: str


class Issuer:
    """Makes and reads the mock's tokens, signed with a key that lives and dies with this object.

    `secret` is what IDENTITY_HEADER must hold and the client secret of every application (made up when not given,
    beside the participants' keys that `handle` is given),
    `lifetime` the seconds a token lives (a day, as a managed identity's on App Service), `clock` the source of unix
    time.
    """

    def __init__(
        self, secret: str | None = None, *, lifetime: int = 86_400, clock: Callable[[], float] = time.time
    ) -> None:
        self.secret = secrets.token_urlsafe(24) if secret is None else secret
        self.lifetime = lifetime
        self.clock = clock
        self._signing_key = secrets.token_bytes(32)

    def handle(self, request: Request, participants: Mapping[str, Participant] = _NOBODY) -> Response | None:
        """Answer a request to one of the issuer's own addresses; None for every other address.

        Those are IDENTITY_PATH and, for any tenant, ``/{tenant}/v2.0/.well-known/openid-configuration``,
        ``/{tenant}/oauth2/v2.0/token`` and ``/{tenant}/discovery/v2.0/keys``. No route of the API ends like them.
        The keys of the `participants` (by name) are secrets as good as `secret`, for tokens of their own.
        What Entra ID itself would refuse is answered in its own form; ApiError for the rest, as everywhere.
        """
        if request.path == IDENTITY_PATH:
            return self.managed_identity(request, participants)
        found = re.fullmatch(_TENANT_PATH, request.path)
        if found is None:
            return None
        try:
            if found["tenant"] != TENANT:
                raise ApiError("entra_tenant", given=found["tenant"])
            if found["endpoint"] == "oauth2/v2.0/token":
                return self._token_endpoint(request, participants)
        except ApiError as error:
            if refusals()[error.kind]["shape"] != "oauth":
                raise
            return self._refusal(error, request)
        _only(request, "GET")
        return _json({"keys": []} if found["endpoint"] == "discovery/v2.0/keys" else _metadata(request.origin))

    def issue(
        self, resource: str, client: str = SYSTEM_ASSIGNED, *, participant: str | None = None, now: float | None = None
    ) -> Token:
        """A token for `resource` (an audience such as ``https://ml.azure.com``, ``/.default`` allowed).

        `client` is one of CLIENTS; KeyError for another. `participant` is the name of whom it belongs to.
        """
        import jwt  # here, since most runs never see a token and the import takes longer than all the rest

        asking = CLIENTS[client]
        issued = int(self.clock() if now is None else now)
        if asking.expired:
            issued -= self.lifetime + _LATE
        expires = issued + self.lifetime
        # No role is written into it: Azure keeps role assignments with the resource, and so does `credentials`.
        claims = {
            "aud": _audience(resource),
            "iss": f"{_ISSUER}{asking.tenant}/",
            "iat": issued,
            "nbf": issued,
            "exp": expires,
            "appid": asking.id,
            "sub": asking.id,
            "tid": asking.tenant,
        }
        if participant is not None:
            claims["name"] = participant
        return Token(jwt.encode(claims, self._signing_key, algorithm="HS256"), expires, resource)

    def read(self, token: str, *, audiences: Collection[str], now: float | None = None) -> Client | None:
        """Whose token this is, if it is this issuer's own, made out to one of `audiences`, and has not expired."""
        if len(token) > _LONGEST or token.count(".") != 2:
            return None  # also spares a wrong key the import
        import jwt

        # Time and audience are judged below: by the given clock, and with or without a slash at the end.
        options = {"require": ["aud", "iss", "exp", "appid"], "verify_aud": False, "verify_iss": False}
        options |= {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
        try:
            claims = jwt.decode(token, self._signing_key, algorithms=["HS256"], options=options)  # pyright: ignore[reportArgumentType]
        except (jwt.InvalidTokenError, ValueError, RecursionError):  # not all versions make one error of the three
            return None
        if claims["aud"] not in {_audience(audience) for audience in audiences}:
            return None
        if (self.clock() if now is None else now) >= claims["exp"]:
            return None
        client = CLIENTS[claims["appid"]]
        return replace(client, participant=claims["name"]) if "name" in claims else client

    def managed_identity(self, request: Request, participants: Mapping[str, Participant] = _NOBODY) -> Response:
        """Answer ``GET /msi/token?api-version=2019-08-01&resource=...`` (App Service managed identity).

        ``client_id=`` asks for one of CLIENTS. Any resource has tokens here, RESOURCES or not.
        Raises ApiError: 401 when X-IDENTITY-HEADER is neither `secret` nor a participant's key, 400 without a resource,
        for another api-version or for an identity that is not there, 405 for another method.
        """
        _only(request, "GET")
        holders = self._holders(request.headers.get("x-identity-header", ""), participants)
        if not holders:
            raise ApiError("identity_header")
        version, resource = request.query.get("api-version", ""), request.query.get("resource", "")
        if version != _API_VERSION:
            raise ApiError("identity_version", loc=("query", "api-version"), given=version)
        if not resource:
            raise ApiError("identity_resource", loc=("query", "resource"), given=resource)
        named = [request.query[name] for name in _NAMES & request.query.keys()] or [SYSTEM_ASSIGNED]
        if len(named) > 1 or named[0] not in CLIENTS:
            raise ApiError("identity_unknown", loc=("query", "client_id"), given=named[0])
        token = self.issue(resource, named[0], participant=holders[0])
        body = {
            "access_token": token.value,
            "client_id": named[0],
            "expires_on": str(token.expires_on),
            "resource": token.resource,
            "token_type": "Bearer",
        }
        return _json(body)

    def _holders(self, given: str, participants: Mapping[str, Participant]) -> list[str | None]:
        """Whose secret was given: a participant's name, None for the mock's own; nobody for a wrong one."""
        own: list[str | None] = [None] if _same(given, self.secret) else []
        return own + [name for name, participant in participants.items() if _same(given, participant.key)]

    def _token_endpoint(self, request: Request, participants: Mapping[str, Participant]) -> Response:
        """``POST /{tenant}/oauth2/v2.0/token`` with grant_type=client_credentials (RFC 6749, 4.4)."""
        _only(request, "POST")
        if len(request.body) > _FORM:
            raise ApiError("body_too_large", limit=_FORM)
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        for name in ("grant_type", "client_id", "scope"):
            if not form.get(name):
                raise ApiError("entra_parameter", name=name)
        if form["grant_type"] != "client_credentials":
            raise ApiError("entra_grant", given=form["grant_type"])
        if form["client_id"] not in CLIENTS:
            raise ApiError("entra_application", given=form["client_id"], name=TENANT)
        if not form.get("client_secret"):
            raise ApiError("entra_no_secret")
        holders = self._holders(form["client_secret"], participants)
        if not holders:
            raise ApiError("entra_secret", given=form["client_id"])
        scope = form["scope"]
        if not scope.endswith("/.default") or " " in scope:
            raise ApiError("entra_scope", given=scope)
        if _audience(scope) not in RESOURCES:
            raise ApiError("entra_resource", given=scope.removesuffix("/.default"), name=TENANT)
        token = self.issue(scope, form["client_id"], participant=holders[0])
        left = max(0, token.expires_on - int(self.clock()))
        body = {"token_type": "Bearer", "expires_in": left, "ext_expires_in": left, "access_token": token.value}
        return _json(body)

    def _refusal(self, error: ApiError, request: Request) -> Response:
        """A refusal as Entra ID writes it (RFC 6749, 5.2, and its own additions)."""
        number = refusals()[error.kind]["number"]
        asked = request.headers.get("client-request-id", "")
        call = asked if re.fullmatch(r"[0-9A-Fa-f-]{36}", asked) else _NO_TRACE
        when = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(self.clock()))
        described = f"AADSTS{number}: {error.message} Trace ID: {_NO_TRACE} Correlation ID: {call} Timestamp: {when}"
        body = {
            "error": error.code,
            "error_description": described,
            "error_codes": [number],
            "timestamp": when,
            "trace_id": _NO_TRACE,
            "correlation_id": call,
            "error_uri": f"https://login.microsoftonline.com/error?code={number}",
        }
        return _json(body, error.status)


def callers(own: str, participants: Mapping[str, Participant]) -> dict[str, str]:
    """Every key that is let in by its caller's name: `own` under KEY_NAME, then those of the participants."""
    return {KEY_NAME: own, **{name: participant.key for name, participant in participants.items()}}


def credentials(
    request: Request, *, keys: Mapping[str, str], issuer: Issuer, audiences: Collection[str] = ANY_AUDIENCE
) -> Identity:
    """Accept a caller by the header ``api-key``, by ``Authorization: Bearer <key>`` or by a token of `issuer`.

    `keys` maps a caller's name to its key, `audiences` is the route's entry of AUDIENCES. One right credential is
    enough, whatever the other header holds; of two right keys the one of `keys` that comes first gives the name.

    Raises ApiError. 401: "unauthorized_missing" with no credential at all, "unauthorized_key" when an api-key alone
    was wrong, "unauthorized_token" otherwise: of a wrong key in both headers, as this SDK sends it, the Bearer token is
    judged (recorded 2024-09). "missing_role" and "wrong_tenant" for a token that is good, but not here.
    """
    api_key = request.headers.get("api-key", "").strip()
    scheme = bearer = ""
    if "authorization" in request.headers:
        scheme, _, bearer = request.headers["authorization"].strip().partition(" ")
        bearer = bearer.strip() if scheme.lower() == "bearer" else ""
    given = {api_key, bearer}  # most clients send one key in both headers
    found = [name for name, key in keys.items() for value in given if value and _same(value, key)]
    if found:
        return Identity("key", found[0])
    client = issuer.read(bearer, audiences=audiences) if bearer else None
    if client is not None:
        if client.tenant != TENANT:
            raise ApiError("wrong_tenant", given=client.tenant)
        if not client.has_role:
            raise ApiError("missing_role")
        return Identity("token", client.caller)
    if scheme:
        raise ApiError("unauthorized_token")
    raise ApiError("unauthorized_key" if api_key else "unauthorized_missing")


def _same(given: str, expected: str) -> bool:
    """Equal, found out in a time that tells nothing about where they differ; the empty string equals nothing.

    A shell reads headers as Latin-1, while clients send a key beyond ASCII as Latin-1 or as UTF-8: both are taken.
    """
    if given.isascii() and expected.isascii():
        return hmac.compare_digest(given, expected) and bool(expected)
    wanted = expected.encode()
    same = hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted)
    with suppress(UnicodeEncodeError):
        same |= hmac.compare_digest(given.encode("latin-1"), wanted)
    return same and bool(wanted)


def _audience(resource: str) -> str:
    return resource.strip().removesuffix("/.default").rstrip("/").lower()


def _only(request: Request, method: str) -> None:
    if request.method != method:
        raise ApiError("method_not_allowed", headers={"allow": method})


def _json(body: object, status: int = 200) -> Response:
    return Response.json(body, status, {"cache-control": "no-store"})


def _metadata(origin: str) -> dict[str, object]:
    """The tenant's OpenID Connect metadata. A client takes its tokens as opaque: no key for reading them is given."""
    base = f"{origin or _ISSUER.rstrip('/')}/{TENANT}"
    return {
        "issuer": f"{_ISSUER}{TENANT}/",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": ["token"],
        "subject_types_supported": ["pairwise"],
    }
