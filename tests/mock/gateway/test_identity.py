"""Who is let in: keys, tokens by route, role and tenant, and the classes of azure-identity up to an https endpoint."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import ssl
import stat
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import jwt
import psutil
import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.ai.inference.models import ChatRequestMessage, UserMessage
from azure.core.credentials import AzureKeyCredential, TokenCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import (
    ClientSecretCredential,
    CredentialUnavailableError,
    DefaultAzureCredential,
    EnvironmentCredential,
    ManagedIdentityCredential,
)
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential
from azure.identity.aio import DefaultAzureCredential as AsyncDefaultAzureCredential
from azure.identity.aio import EnvironmentCredential as AsyncEnvironmentCredential
from azure.identity.aio import ManagedIdentityCredential as AsyncManagedIdentityCredential

from helpers.mock.errors import ApiError, refusals, render
from helpers.mock.gateway.identity import (
    AUDIENCES,
    CLIENTS,
    IDENTITY_PATH,
    SYSTEM_ASSIGNED,
    TENANT,
    Identity,
    Issuer,
    credentials,
)
from helpers.mock.gateway.routes import ROUTES, find
from helpers.mock.http import Request, Response
from helpers.mock.jsonio import dumps, loads
from helpers.mock.transports import server as listening
from helpers.mock.transports.server import MockServer, own_addresses
from helpers.mock.transports.tls import authority

KEY = "the-right-key"
SECRET = "identity-secret"
RESOURCE = "https://cognitiveservices.azure.com"
SCOPE = f"{RESOURCE}/.default"
MESSAGES: list[ChatRequestMessage] = [UserMessage("Hello")]
TOKEN_PATH = f"/{TENANT}/oauth2/v2.0/token"


class Door:
    """A service that only asks who is there, and answers with the name."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer

    def handle(self, request: Request) -> Response:
        try:
            answered = self.issuer.handle(request)
            if answered is not None:
                return answered
            target = find(request.path)
            audiences = AUDIENCES[target.route.kind if target else "models"]
            caller = credentials(request, keys={"key": KEY}, issuer=self.issuer, audiences=audiences)
        except ApiError as refusal:
            return render(refusal)
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": caller.name}}
        return Response(200, {"content-type": "application/json"}, dumps({"id": "1", "choices": [choice]}))


class Clock:
    """A clock that is set by hand, in unix seconds."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(Door(Issuer(SECRET)), tls=True) as running:
        yield running


@pytest.fixture
def trusting(server: MockServer, monkeypatch: pytest.MonkeyPatch) -> MockServer:
    """An environment without a credential, in which the mock's certificate is trusted."""
    names = [name for name in os.environ if name.startswith(("AZURE_", "MSI_", "IDENTITY_"))]
    for name in [*names, *(name for name in os.environ if name.lower().endswith("_proxy"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.authority.bundle_file))
    return server


@pytest.fixture
def entra(trusting: MockServer, monkeypatch: pytest.MonkeyPatch) -> MockServer:
    """The environment of App Service, in which `DefaultAzureCredential()` finds a managed identity."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", trusting.identity_endpoint)
    monkeypatch.setenv("IDENTITY_HEADER", SECRET)
    return trusting


@pytest.fixture
def application(trusting: MockServer, monkeypatch: pytest.MonkeyPatch) -> MockServer:
    """The environment of a program that signs in as an application."""
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", trusting.https_url)
    monkeypatch.setenv("AZURE_TENANT_ID", TENANT)
    monkeypatch.setenv("AZURE_CLIENT_ID", "app-with-role")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", SECRET)
    return trusting


def caller(
    headers: dict[str, str],
    issuer: Issuer | None = None,
    keys: dict[str, str] | None = None,
    audiences: tuple[str, ...] = AUDIENCES["models"],
) -> Identity:
    request = Request("POST", "/", headers=headers)
    return credentials(request, keys=keys or {"key": KEY}, issuer=issuer or Issuer(), audiences=audiences)


def refused(
    headers: dict[str, str],
    issuer: Issuer | None = None,
    keys: dict[str, str] | None = None,
    audiences: tuple[str, ...] = AUDIENCES["models"],
) -> ApiError:
    with pytest.raises(ApiError) as caught:
        caller(headers, issuer, keys, audiences)
    return caught.value


def bearer(issuer: Issuer, client: str = SYSTEM_ASSIGNED, resource: str = RESOURCE) -> dict[str, str]:
    return {"authorization": f"Bearer {issuer.issue(resource, client).value}"}


# Keys


@pytest.mark.parametrize(
    "headers",
    [
        {"api-key": KEY},
        {"authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer   {KEY}"},
        {"api-key": KEY, "authorization": "Bearer something else"},
        {"api-key": KEY, "authorization": "Basic something else"},
        {"api-key": "something else", "authorization": f"Bearer {KEY}"},
    ],
)
def test_the_key_in_either_header_is_enough(headers):
    assert caller(headers) == Identity("key", "key")


def test_a_caller_has_the_name_that_goes_with_the_key():
    keys = {"key": KEY, **{f"participant-{number}": f"key of {number}" for number in range(200)}}
    assert caller({"api-key": "key of 7"}, keys=keys).name == "participant-7"
    assert caller({"authorization": "Bearer key of 199"}, keys=keys).name == "participant-199"
    assert refused({"api-key": "key of 200"}, keys=keys).kind == "unauthorized_key"


def test_a_token_is_enough_beside_a_wrong_key():
    issuer = Issuer()
    assert caller({"api-key": "wrong", **bearer(issuer)}, issuer).kind == "token"


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({}, "unauthorized_missing"),
        ({"api-key": ""}, "unauthorized_missing"),
        ({"api-key": "wrong"}, "unauthorized_key"),
        ({"api-key": "wrong", "authorization": "Bearer wrong"}, "unauthorized_token"),  # recorded 2024-09
        ({"authorization": "Bearer wrong"}, "unauthorized_token"),
        ({"authorization": "Bearer a.b.c"}, "unauthorized_token"),
        ({"authorization": f"Basic {KEY}"}, "unauthorized_token"),
        ({"api-key": KEY + "x"}, "unauthorized_key"),
        ({"api-key": KEY[:-1]}, "unauthorized_key"),
        ({"api-key": "schlüssel\ud800"}, "unauthorized_key"),
        ({"api-key": "x" * 1_000_000}, "unauthorized_key"),
    ],
)
def test_anything_else_is_refused_by_its_kind(headers, kind):
    assert refused(headers).kind == kind


def test_an_empty_key_lets_nobody_in():
    assert refused({"authorization": "Bearer "}, keys={"key": ""}).kind == "unauthorized_token"
    assert refused({}, keys={"key": ""}).kind == "unauthorized_missing"


@pytest.mark.parametrize("wire", ["utf-8", "latin-1"])
def test_a_key_beyond_ascii_is_taken_in_both_encodings(wire):
    key = "schlüssel"
    assert caller({"api-key": key.encode(wire).decode("latin-1")}, keys={"key": key}).kind == "key"


def test_a_refusal_does_not_repeat_the_key():
    refusal = refused({"api-key": "my-secret", "authorization": "Bearer my-secret"})
    assert b"my-secret" not in render(refusal).read()


def test_a_wrong_key_raises_in_the_sdk_with_the_services_words(server):
    with (
        ChatCompletionsClient(server.url, AzureKeyCredential("wrong")) as client,
        pytest.raises(ClientAuthenticationError, match=r"Unauthorized\. Access token is missing") as caught,
    ):
        client.complete(messages=MESSAGES)  # which sends the key in both headers
    assert caught.value.error is not None
    assert caught.value.error.code is None


# Tokens


def test_every_kind_of_route_has_its_audiences():
    assert AUDIENCES.keys() == {route.kind for route in ROUTES}


@pytest.mark.parametrize("suffix", ["", "/", "/.default", "//.default"])
@pytest.mark.parametrize(("kind", "audiences"), AUDIENCES.items())
def test_a_token_for_a_routes_audience_is_as_good_as_the_key(kind, audiences, suffix):
    issuer = Issuer()
    for audience in audiences:
        headers = bearer(issuer, resource=audience + suffix)
        assert caller(headers, issuer, audiences=AUDIENCES[kind]) == Identity("token", "managed-identity")


@pytest.mark.parametrize(
    ("kind", "resource"),
    [
        ("models", "https://ml.azure.com"),  # the SDK's default scope, the classic mistake
        ("openai", "https://ml.azure.com"),
        ("openai", "https://ai.azure.com"),
        ("v1", "https://ml.azure.com"),
        ("serverless", "https://ai.azure.com"),
        ("serverless", "https://management.azure.com"),
    ],
)
def test_a_token_for_another_audience_is_refused(kind, resource):
    issuer = Issuer()
    refusal = refused(bearer(issuer, resource=resource), issuer, audiences=AUDIENCES[kind])
    assert refusal.status == 401
    assert loads(render(refusal).read()) == {
        "statusCode": 401,
        "message": "Unauthorized. Access token is missing, invalid, audience is incorrect "
        "(https://cognitiveservices.azure.com), or have expired.",
    }


def test_a_token_says_who_issued_it_to_whom_and_for_how_long():
    token = Issuer(lifetime=600).issue(SCOPE, "app-with-role", now=1000)
    claims = jwt.decode(token.value, options={"verify_signature": False})
    assert claims == {
        "aud": RESOURCE,
        "iss": f"https://mock.invalid/{TENANT}/",
        "iat": 1000,
        "nbf": 1000,
        "exp": 1600,
        "appid": "app-with-role",
        "sub": "app-with-role",
        "tid": TENANT,
    }
    assert token.expires_on == 1600


def test_a_token_is_good_until_the_second_in_which_it_expires():
    clock = Clock(1000)
    issuer = Issuer(lifetime=600, clock=clock)
    headers = bearer(issuer)
    clock.now = 1599.9
    assert caller(headers, issuer).kind == "token"
    clock.now = 1600
    assert refused(headers, issuer).kind == "unauthorized_token"


def test_a_token_without_the_role_is_refused_with_the_services_words():
    issuer = Issuer()
    refusal = refused(bearer(issuer, "app-without-role"), issuer)
    assert (refusal.kind, refusal.status) == ("missing_role", 401)
    assert loads(render(refusal).read()) == {
        "error": {"code": "PermissionDenied", "message": "Principal does not have access to API/Operation."}
    }


def test_a_wrong_audience_comes_before_a_missing_role():
    issuer = Issuer()
    headers = bearer(issuer, "app-without-role", "https://management.azure.com")
    assert refused(headers, issuer).kind == "unauthorized_token"


def test_a_token_of_another_tenant_is_refused_with_the_services_words():
    issuer = Issuer()
    refusal = refused(bearer(issuer, "app-of-another-tenant"), issuer)
    assert (refusal.kind, refusal.status) == ("wrong_tenant", 400)
    assert refusal.message == "Token tenant another-tenant does not match resource tenant."


def test_a_token_of_another_issuer_is_refused():
    assert refused(bearer(Issuer()), Issuer()).kind == "unauthorized_token"


def b64(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(header: object, payload: object = None, signature: bytes = b"x" * 32) -> Callable[[str], str]:
    """A token with this header, and the genuine one's claims unless told otherwise."""
    return lambda token: f"{b64(header)}.{token.split('.')[1] if payload is None else b64(payload)}.{b64(signature)}"


FORGERIES: dict[str, Callable[[str], str]] = {
    "no algorithm": forged({"alg": "none"}, signature=b""),
    "no algorithm, in capitals": forged({"alg": "NONE", "typ": "JWT"}, signature=b""),
    "another algorithm": forged({"alg": "RS256"}),
    "a list of algorithms": forged({"alg": ["HS256"]}),
    "a header that is no object": forged([]),
    "a header that is no JSON": forged(b"\xff{"),
    "a header nested deeply": forged(b"[" * 12_000),
    "an unencoded payload": forged({"alg": "HS256", "b64": False, "crit": ["b64"]}),
    "a key id that is no text": forged({"alg": "HS256", "kid": 5}),
    "changed claims": forged({"alg": "HS256", "typ": "JWT"}, {"aud": RESOURCE, "exp": 9e9, "appid": "app-with-role"}),
    "a changed signature": lambda token: token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB"),
    "no signature": lambda token: token.rpartition(".")[0] + ".",
    "two parts": lambda token: token.rpartition(".")[0],
    "four parts": lambda token: token + ".x",
    "only dots": lambda token: "..",
    "no base64": lambda token: "%%.%%.%%",
    "beyond ASCII": lambda token: "é.é.é",
    "a lone surrogate": lambda token: "\ud800.a.b",
    "NUL": lambda token: "\0.\0.\0",
    "a megabyte": lambda token: token + "A" * 1_000_000,
    "a megabyte of dots": lambda token: "." * 1_000_000,
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_or_broken_token_is_refused(forge):
    issuer = Issuer()
    genuine = issuer.issue(RESOURCE).value
    assert refused({"authorization": f"Bearer {forge(genuine)}"}, issuer).kind == "unauthorized_token"


def test_a_token_longer_than_any_header_is_not_looked_at():
    issuer = Issuer()
    resource = "https://" + "x" * 20_000
    token = issuer.issue(resource).value
    assert issuer.read(token, audiences=[resource]) is None


def test_routes_without_an_audience_of_their_own_take_any_of_the_services():
    issuer = Issuer()
    for audience in {audience for audiences in AUDIENCES.values() for audience in audiences}:
        request = Request("GET", "/_mock/requests", headers=bearer(issuer, resource=audience))
        assert credentials(request, keys={}, issuer=issuer).kind == "token"


# The managed-identity endpoint


def identity_request(
    *, header: str = SECRET, version: str = "2019-08-01", resource: str = RESOURCE, **more: str
) -> Request:
    query = {"api-version": version, "resource": resource, **more}
    return Request("GET", IDENTITY_PATH, query, {"x-identity-header": header})


def test_the_identity_endpoint_answers_as_app_service_does():
    issuer = Issuer(SECRET, lifetime=600, clock=Clock(1000))
    response = issuer.handle(identity_request())
    assert response is not None
    assert (response.status, response.headers["cache-control"]) == (200, "no-store")
    body = loads(response.read())
    token = body.pop("access_token")
    assert body == {
        "client_id": "managed-identity",
        "expires_on": "1600",
        "resource": RESOURCE,
        "token_type": "Bearer",
    }
    assert issuer.read(token, audiences=[RESOURCE]) == CLIENTS["managed-identity"]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_id_asks_for_a_user_assigned_identity(client):
    issuer = Issuer(SECRET, clock=Clock(2_000_000))
    body = loads(issuer.managed_identity(identity_request(client_id=client)).read())
    assert jwt.decode(body["access_token"], options={"verify_signature": False})["appid"] == client
    assert (int(body["expires_on"]) <= 2_000_000) is CLIENTS[client].expired


@pytest.mark.parametrize(
    ("changes", "status", "named"),
    [
        ({"header": "other"}, 401, "IDENTITY_HEADER"),
        ({"header": ""}, 401, "IDENTITY_HEADER"),
        ({"version": "2017-09-01"}, 400, "2019-08-01"),
        ({"version": ""}, 400, "2019-08-01"),
        ({"resource": ""}, 400, "resource"),
        ({"client_id": "nobody"}, 400, "No User Assigned"),
        ({"client_id": ""}, 400, "No User Assigned"),
        ({"mi_res_id": "/subscriptions/1"}, 400, "No User Assigned"),
        ({"client_id": "app-with-role", "principal_id": "app-with-role"}, 400, "No User Assigned"),
    ],
)
def test_the_identity_endpoint_says_what_is_wrong(changes, status, named):
    with pytest.raises(ApiError, match=named) as caught:
        Issuer(SECRET).managed_identity(identity_request(**changes))
    assert caught.value.status == status


def test_a_made_up_secret_is_another_each_time():
    assert Issuer().secret != Issuer().secret


# The tenant's token endpoint


def token_request(tenant: str = TENANT, **changes: str | None) -> Request:
    form = {
        "grant_type": "client_credentials",
        "client_id": "app-with-role",
        "client_secret": SECRET,
        "scope": SCOPE,
        **changes,
    }
    body = urlencode({name: value for name, value in form.items() if value is not None}).encode()
    return Request("POST", f"/{tenant}/oauth2/v2.0/token", body=body)


def answer(request: Request, issuer: Issuer) -> tuple[int, dict[str, object]]:
    response = issuer.handle(request)
    assert response is not None
    return response.status, loads(response.read())


def test_an_application_gets_a_token_for_its_secret():
    issuer = Issuer(SECRET, lifetime=3600)
    status, body = answer(token_request(), issuer)
    token = str(body.pop("access_token"))
    assert (status, body) == (200, {"token_type": "Bearer", "expires_in": 3600, "ext_expires_in": 3600})
    assert issuer.read(token, audiences=[RESOURCE]) == CLIENTS["app-with-role"]


@pytest.mark.parametrize(
    ("changes", "status", "error", "number"),
    [
        ({"client_secret": "my-secret"}, 401, "invalid_client", 7000215),
        ({"client_secret": None}, 401, "invalid_client", 7000216),
        ({"client_id": "nobody"}, 400, "unauthorized_client", 700016),
        ({"client_id": None}, 400, "invalid_request", 900144),
        ({"grant_type": None}, 400, "invalid_request", 900144),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"scope": None}, 400, "invalid_request", 900144),
        ({"scope": RESOURCE}, 400, "invalid_scope", 1002012),
        ({"scope": f"{SCOPE} {SCOPE}"}, 400, "invalid_scope", 1002012),
        ({"scope": "https://nowhere.example/.default"}, 400, "invalid_resource", 500011),
        ({"tenant": "nowhere"}, 400, "invalid_tenant", 90002),
    ],
)
def test_the_token_endpoint_refuses_as_entra_id_does(changes, status, error, number):
    issuer = Issuer(SECRET, clock=Clock(0))
    given, body = answer(token_request(**changes), issuer)
    assert (given, body["error"], body["error_codes"]) == (status, error, [number])
    described = str(body["error_description"])
    assert described.startswith(f"AADSTS{number}: ")
    assert described.endswith("Timestamp: 1970-01-01 00:00:00Z")
    assert "my-secret" not in described
    assert body["error_uri"] == f"https://login.microsoftonline.com/error?code={number}"


def test_a_refusal_names_the_call_by_the_id_that_it_came_with():
    call = "0d7cb4a1-5b6a-4a51-9f0b-0c6b4ad3a0a5"
    issuer = Issuer(SECRET)
    asked = token_request(scope=RESOURCE)
    _, body = answer(Request("POST", TOKEN_PATH, headers={"client-request-id": call}, body=asked.body), issuer)
    assert body["correlation_id"] == call
    _, body = answer(Request("POST", TOKEN_PATH, headers={"client-request-id": "\r\n" * 18}, body=asked.body), issuer)
    assert body["correlation_id"] == "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize("body", [b"", b"\xff\xfe&&==%zz", b"a=b;c=d", b"{}", b"&" * 60_000, b"scope=" * 10_000])
def test_a_form_that_cannot_be_read_lacks_its_first_field(body):
    status, told = answer(Request("POST", TOKEN_PATH, body=body), Issuer(SECRET))
    assert status == 400
    assert "'grant_type'" in str(told["error_description"])


def test_a_form_larger_than_any_is_not_read():
    with pytest.raises(ApiError) as caught:
        Issuer(SECRET).handle(Request("POST", TOKEN_PATH, body=b"x" * 65_537))
    assert caught.value.status == 413


@pytest.mark.parametrize(("method", "path"), [("POST", IDENTITY_PATH), ("GET", TOKEN_PATH), ("PUT", TOKEN_PATH)])
def test_another_method_is_405(method, path):
    with pytest.raises(ApiError) as caught:
        Issuer(SECRET).handle(Request(method, path))
    assert (caught.value.status, bool(caught.value.headers["allow"])) == (405, True)


def test_the_tenants_metadata_point_to_where_it_was_asked():
    issuer = Issuer(SECRET)
    request = Request("GET", f"/{TENANT}/v2.0/.well-known/openid-configuration", origin="https://127.0.0.1:9")
    status, told = answer(request, issuer)
    assert (status, told["token_endpoint"]) == (200, f"https://127.0.0.1:9{TOKEN_PATH}")
    keys = str(told["jwks_uri"]).removeprefix("https://127.0.0.1:9")
    assert answer(Request("GET", keys), issuer) == (200, {"keys": []})


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/models/chat/completions",
        "/serverless/oauth2/chat/completions",
        "/serverless/v2.0/info",
        "/openai/deployments/token/embeddings",
        "/openai/v1/models/token",
        "/_mock/requests",
        "/msi/token/",
        f"//{TENANT}/oauth2/v2.0/token",
        f"/{TENANT}/oauth2/v2.0/token\n",
        f"/{TENANT}/oauth2/v2.0/authorize",
    ],
)
def test_every_other_address_is_left_to_the_api(path):
    assert Issuer().handle(Request("GET", path)) is None


def test_no_address_of_the_api_is_the_issuers():
    for prefix in ("/models", "/serverless", "/serverless/m", "/openai", "/openai/v1", "/openai/deployments/d", "/x"):
        for rest in ("oauth2/v2.0/token", "v2.0/.well-known/openid-configuration", "discovery/v2.0/keys"):
            assert find(f"{prefix}/{rest}") is None


def test_the_rows_of_entra_id_are_numbered():
    rows = {kind: row for kind, row in refusals().items() if row["shape"] == "oauth"}
    assert rows
    assert all(isinstance(row["number"], int) for row in rows.values())


# The whole way, with azure-identity


def ask(server: MockServer, credential: TokenCredential, scope: str | None = SCOPE, path: str = "models") -> str:
    options: dict[str, Any] = {} if scope is None else {"credential_scopes": [scope]}
    with ChatCompletionsClient(f"{server.https_url}/{path}", credential, **options) as client:
        return client.complete(messages=MESSAGES).choices[0].message.content


@pytest.mark.parametrize("credential", [DefaultAzureCredential, ManagedIdentityCredential])
def test_a_credential_from_the_environment_opens_the_https_endpoint(entra, credential):
    assert ask(entra, credential()) == "managed-identity"


def test_the_sdks_default_scope_opens_a_serverless_endpoint_and_no_resource(entra):
    with ManagedIdentityCredential() as credential:
        assert ask(entra, credential, scope=None, path="serverless/Phi-4") == "managed-identity"
        with pytest.raises(ClientAuthenticationError, match=r"audience is incorrect \(https://cognitiveservices"):
            ask(entra, credential, scope=None)


@pytest.mark.parametrize(
    ("client", "error", "said"),
    [
        ("app-without-role", HttpResponseError, r"\(PermissionDenied\) Principal does not have access"),
        ("app-with-expired-token", ClientAuthenticationError, "or have expired"),
        ("app-of-another-tenant", HttpResponseError, "does not match resource tenant"),
        ("nobody", CredentialUnavailableError, "No User Assigned"),
    ],
)
def test_a_user_assigned_identity_shows_what_it_is_for(entra, client, error, said):
    with pytest.raises(error, match=said):
        ask(entra, ManagedIdentityCredential(client_id=client))


def test_the_environment_can_name_the_identity(entra, monkeypatch):
    monkeypatch.setenv("AZURE_CLIENT_ID", "app-with-role")
    assert ask(entra, DefaultAzureCredential()) == "app-with-role"


def test_an_application_opens_it_by_its_secret(trusting):
    credential = ClientSecretCredential(
        TENANT, "app-with-role", SECRET, authority=trusting.https_url, disable_instance_discovery=True
    )
    assert ask(trusting, credential) == "app-with-role"


@pytest.mark.parametrize("credential", [EnvironmentCredential, DefaultAzureCredential])
def test_an_application_in_the_environment_opens_it(application, credential):
    assert ask(application, credential(disable_instance_discovery=True)) == "app-with-role"


@pytest.mark.parametrize(
    ("tenant", "client", "secret", "said"),
    [
        (TENANT, "app-with-role", "wrong", "AADSTS7000215"),
        (TENANT, "nobody", SECRET, "AADSTS700016"),
        ("nowhere", "app-with-role", SECRET, "Unable to get authority configuration"),
    ],
)
def test_a_wrong_application_fails_the_credential(trusting, tenant, client, secret, said):
    credential = ClientSecretCredential(
        tenant, client, secret, authority=trusting.https_url, disable_instance_discovery=True
    )
    with pytest.raises(ClientAuthenticationError, match=said):
        credential.get_token(SCOPE)


async def test_the_asynchronous_credentials_open_it_too(application, monkeypatch):
    ca_file = str(application.authority.ca_file)

    async def ask(credential) -> str:
        async with (
            credential,
            AsyncChatCompletionsClient(
                application.https_url, credential, credential_scopes=[SCOPE], connection_verify=ca_file
            ) as client,
        ):
            return (await client.complete(messages=MESSAGES)).choices[0].message.content

    secret = AsyncClientSecretCredential(
        TENANT, "app-with-role", SECRET, authority=application.https_url, connection_verify=ca_file
    )
    assert await ask(secret) == "app-with-role"
    assert await ask(AsyncEnvironmentCredential(connection_verify=ca_file)) == "app-with-role"
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_AUTHORITY_HOST"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("IDENTITY_ENDPOINT", application.identity_endpoint)
    monkeypatch.setenv("IDENTITY_HEADER", SECRET)
    assert await ask(AsyncDefaultAzureCredential()) == "managed-identity"
    with pytest.raises(HttpResponseError, match="Principal does not have access"):
        await ask(AsyncManagedIdentityCredential(client_id="app-without-role"))


def test_the_identity_endpoint_is_found_over_https_too(entra, monkeypatch):
    monkeypatch.setenv("IDENTITY_ENDPOINT", entra.https_url + IDENTITY_PATH)
    assert DefaultAzureCredential().get_token(SCOPE).token


def test_a_wrong_identity_header_fails_the_credential(entra, monkeypatch):
    monkeypatch.setenv("IDENTITY_HEADER", "wrong")
    with pytest.raises(ClientAuthenticationError):
        ManagedIdentityCredential().get_token(SCOPE)


# The certificate authority


def test_a_kept_authority_is_the_same_the_next_time(tmp_path):
    folder = tmp_path / "deep" / "tls"
    first = authority(folder).ca_file.read_bytes()
    again = authority(folder)
    assert again.ca_file.read_bytes() == first
    assert again.bundle_file.read_bytes().endswith(first)
    assert again.bundle_file.read_bytes().count(b"BEGIN CERTIFICATE") > 50


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_the_kept_key_is_readable_by_its_owner_only(tmp_path):
    authority(tmp_path)
    assert stat.S_IMODE((tmp_path / "ca-key.pem").stat().st_mode) == 0o600


def test_half_an_authority_is_refused(tmp_path):
    authority(tmp_path)
    (tmp_path / "ca-key.pem").unlink()
    with pytest.raises(ValueError, match="only one of"):
        authority(tmp_path)


def test_two_authorities_do_not_trust_each_other(server):
    other = authority()
    assert other.ca_file.read_bytes() != server.authority.ca_file.read_bytes()
    with pytest.raises(ssl.SSLCertVerificationError, match=r"(?i)certificate.verify.failed"):
        ssl_get(server.https_url, str(other.ca_file))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_certificate_names_this_machine(server, host):
    url = server.https_url.replace("127.0.0.1", host)
    assert ssl_get(url, str(server.authority.ca_file)) == 401


def subjects(server: MockServer) -> set[str]:
    """The names in the certificate that the server shows."""
    context = ssl.create_default_context(cafile=str(server.authority.ca_file))
    host, _, port = server.https_url.removeprefix("https://").rpartition(":")
    with (
        socket.create_connection((host, int(port)), timeout=10) as sock,
        context.wrap_socket(sock, server_hostname=host) as secured,
    ):
        return {str(name) for _, name in (secured.getpeercert() or {})["subjectAltName"]}  # pyright: ignore[reportGeneralTypeIssues]


def test_a_server_for_everybody_is_called_by_this_machines_own_addresses(monkeypatch):
    monkeypatch.setattr("helpers.mock.transports.server.own_addresses", lambda family: ("192.168.1.5", "10.0.0.7"))
    with MockServer(Door(Issuer()), host="0.0.0.0", tls=True) as server:
        assert {"127.0.0.1", "localhost", "192.168.1.5", "10.0.0.7"} < subjects(server)
        assert [url.rpartition(":")[0] for url in server.shared_urls] == ["http://192.168.1.5", "https://192.168.1.5"]
        assert server.url.startswith("http://127.0.0.1:")


def test_a_server_for_this_machine_names_no_other_address():
    with MockServer(Door(Issuer()), tls=True) as server:
        assert {"127.0.0.1", "localhost"} < subjects(server) <= {"127.0.0.1", "localhost", "0:0:0:0:0:0:0:1"}
        assert server.shared_urls == (server.url, server.https_url)


def test_further_names_are_given_and_the_first_is_how_others_call_it(monkeypatch):
    monkeypatch.setattr("helpers.mock.transports.server.own_addresses", lambda family: ("192.168.1.5",))
    with MockServer(Door(Issuer()), host="0.0.0.0", tls=True, names=["desk.example", "10.9.8.7"]) as server:
        assert {"desk.example", "10.9.8.7", "192.168.1.5"} < subjects(server)
        assert server.shared_urls[1].startswith("https://desk.example:")


def test_a_machine_without_a_network_is_called_by_the_loopback(monkeypatch):
    monkeypatch.setattr("helpers.mock.transports.server.own_addresses", lambda family: ())
    with MockServer(Door(Issuer()), host="0.0.0.0", tls=True) as server:
        assert server.shared_urls == (server.url, server.https_url)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the machine's name resolves to its addresses")
def test_a_net_without_a_way_out_has_addresses_too(monkeypatch):
    def nowhere(*_: object) -> None:
        raise OSError("Network is unreachable")

    monkeypatch.setattr("socket.getaddrinfo", nowhere)
    monkeypatch.setitem(listening._OUTSIDE, socket.AF_INET, "255.255.255.255")  # which a plain socket may not call
    told = [a.address for each in psutil.net_if_addrs().values() for a in each if a.family == socket.AF_INET]
    assert set(own_addresses()) == {address for address in told if not address.startswith("127.")}


def test_own_addresses_are_those_that_other_machines_can_use(monkeypatch):
    found = ["127.0.1.1", "192.168.1.5", "192.168.1.5", "10.0.0.7"]
    looked_up = [(socket.AF_INET, None, 0, "", (address, 0)) for address in found]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_: looked_up)
    assert own_addresses()[-2:] == ("192.168.1.5", "10.0.0.7")
    assert "127.0.1.1" not in own_addresses()
    local = [(socket.AF_INET6, None, 0, "", (address, 0, 0, 0)) for address in ("::1", "fe80::1%eth0", "fd00::5")]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_: local)
    assert own_addresses(socket.AF_INET6)[-1] == "fd00::5"
    assert not {"::1", "fe80::1%eth0"} & set(own_addresses(socket.AF_INET6))


def test_a_name_that_no_certificate_can_hold_is_refused_before_anybody_listens():
    server = MockServer(Door(Issuer()), tls=True, names=["ab--cd.example"])
    with pytest.raises(ValueError, match=r"made out to ab--cd\.example"):
        server.start()
    assert not server.running


def ssl_get(url: str, ca_file: str) -> int:
    """The status of a request without credentials."""
    context = ssl.create_default_context(cafile=ca_file)
    connection = http.client.HTTPSConnection(url.removeprefix("https://"), context=context, timeout=10)
    try:
        connection.request("POST", "/models/chat/completions", b"{}")
        return connection.getresponse().status
    finally:
        connection.close()
