"""Who is calling: the key in either header, or a token of the mock's own issuer.

The issuer answers as the managed-identity endpoint of App Service does, so that `DefaultAzureCredential()` finds it
through the variables IDENTITY_ENDPOINT and IDENTITY_HEADER, offline and unchanged.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from .errors import ApiError
from .http import Request, Response
from .jsonio import dumps

DEFAULT_KEY = "mock-key"
"""The key everybody knows: good for the loopback, refused for any other address."""

AUDIENCES = ("https://ml.azure.com", "https://cognitiveservices.azure.com")
"""For whom a token may be made out: the SDK's default scope, and the one of Foundry and Azure OpenAI resources."""

IDENTITY_PATH = "/msi/token"
"""Where `IDENTITY_ENDPOINT` points to."""

_ISSUER, _SUBJECT, _ROLE = "https://mock.invalid/", "managed-identity", "Cognitive Services User"
_API_VERSION = "2019-08-01"


@dataclass(frozen=True, slots=True)
class Token:
    """An access token: a compact JWT, the unix second at which it expires, and the resource it is made out to."""

    value: str
    expires_on: int
    resource: str


@dataclass(frozen=True, slots=True)
class Identity:
    """An accepted caller. `name` ("key-0", "managed-identity") tells callers apart and gives no secret away."""

    kind: Literal["key", "token"]
    name: str


class Issuer:
    """Makes and checks the mock's tokens, signed with a key that lives and dies with this object.

    `secret` is what IDENTITY_HEADER must hold (made up when not given), `lifetime` the seconds a token lives (a day,
    as on App Service), `clock` the source of unix time.
    """

    def __init__(
        self, secret: str | None = None, *, lifetime: int = 86_400, clock: Callable[[], float] = time.time
    ) -> None:
        self.secret = secrets.token_urlsafe(24) if secret is None else secret
        self.lifetime = lifetime
        self.clock = clock
        self._signing_key = secrets.token_bytes(32)

    def issue(self, resource: str, *, now: float | None = None) -> Token:
        """A token for `resource` (an audience such as ``https://ml.azure.com``, ``/.default`` allowed)."""
        import jwt  # here, since most runs never see a token and the import takes longer than all the rest

        issued = int(self.clock() if now is None else now)
        expires = issued + self.lifetime
        claims = {
            "aud": _audience(resource),
            "iss": _ISSUER,
            "iat": issued,
            "exp": expires,
            "sub": _SUBJECT,
            "roles": [_ROLE],
        }
        return Token(jwt.encode(claims, self._signing_key, algorithm="HS256"), expires, resource)

    def check(self, token: str, *, audiences: Iterable[str] = AUDIENCES, now: float | None = None) -> bool:
        """Whether `token` is this issuer's own, made out to one of `audiences`, and has not expired."""
        import jwt

        # Time and audience are judged below: by the given clock, and with or without a slash at the end.
        options = {"require": ["aud", "iss", "iat", "exp"], "verify_aud": False}
        options |= {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
        try:
            claims = jwt.decode(token, self._signing_key, algorithms=["HS256"], issuer=_ISSUER, options=options)  # pyright: ignore[reportArgumentType]
        except (jwt.InvalidTokenError, ValueError):
            return False
        right_audience = claims["aud"] in {_audience(audience) for audience in audiences}
        return right_audience and (self.clock() if now is None else now) < claims["exp"]

    def managed_identity(self, request: Request) -> Response:
        """Answer ``GET /msi/token?api-version=2019-08-01&resource=...`` (App Service managed identity).

        Raises ApiError: 401 when X-IDENTITY-HEADER is not `secret`, 400 without a resource or for another
        api-version, 405 for another method.
        """
        if request.method != "GET":
            raise ApiError("method_not_allowed", headers={"allow": "GET"})
        if not _same(request.headers.get("x-identity-header", ""), self.secret):
            raise ApiError("identity_header")
        version, resource = request.query.get("api-version", ""), request.query.get("resource", "")
        if version != _API_VERSION:
            raise ApiError("identity_version", loc=("query", "api-version"), given=version)
        if not resource:
            raise ApiError("identity_resource", loc=("query", "resource"), given=resource)
        token = self.issue(resource)
        body = {
            "access_token": token.value,
            "expires_on": str(token.expires_on),
            "resource": token.resource,
            "token_type": "Bearer",
        }
        return Response(200, {"content-type": "application/json", "cache-control": "no-store"}, dumps(body))


def credentials(
    request: Request, *, keys: Iterable[str], issuer: Issuer, audiences: Iterable[str] = AUDIENCES
) -> Identity:
    """Accept a caller by the header ``api-key``, by ``Authorization: Bearer <key>`` or by a token of `issuer`.

    One right credential is enough, whatever the other header holds. Raises ApiError (401): "unauthorized_missing"
    with no credential at all, "unauthorized_key" when an api-key was wrong, "unauthorized_token" otherwise.
    """
    api_key = request.headers.get("api-key", "").strip()
    scheme, _, bearer = request.headers.get("authorization", "").strip().partition(" ")
    bearer = bearer.strip() if scheme.lower() == "bearer" else ""
    found = [f"key-{index}" for index, key in enumerate(keys) if _same(api_key, key) | _same(bearer, key)]
    if found:
        return Identity("key", found[0])
    if bearer and issuer.check(bearer, audiences=audiences):
        return Identity("token", _SUBJECT)
    if api_key:
        raise ApiError("unauthorized_key")
    raise ApiError("unauthorized_token" if scheme else "unauthorized_missing")


def _same(given: str, expected: str) -> bool:
    """Equal, found out in a time that tells nothing about where they differ; the empty string equals nothing.

    A shell reads headers as Latin-1, while clients send a key beyond ASCII as Latin-1 or as UTF-8: both are taken.
    """
    wanted = expected.encode()
    same = hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted)
    with suppress(UnicodeEncodeError):
        same |= hmac.compare_digest(given.encode("latin-1"), wanted)
    return same and bool(wanted)


def _audience(resource: str) -> str:
    return resource.strip().removesuffix("/.default").rstrip("/").lower()
