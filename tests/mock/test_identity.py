"""Who is let in, and the token path of `DefaultAzureCredential()` from the environment to an https endpoint."""

from __future__ import annotations

import http.client
import os
import ssl
import stat
from collections.abc import Iterator

import jwt
import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential
from azure.identity.aio import DefaultAzureCredential as AsyncDefaultAzureCredential

from helpers.mock.errors import ApiError, render
from helpers.mock.http import Request, Response
from helpers.mock.identity import AUDIENCES, IDENTITY_PATH, Identity, Issuer, credentials
from helpers.mock.jsonio import dumps, loads
from helpers.mock.server import MockServer
from helpers.mock.tls import authority

KEY = "the-right-key"
RESOURCE = "https://cognitiveservices.azure.com"
MESSAGES = [{"role": "user", "content": "Hello"}]


class Door:
    """A service that only asks who is there, and answers with the name."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer

    def handle(self, request: Request) -> Response:
        try:
            if request.path == IDENTITY_PATH:
                return self.issuer.managed_identity(request)
            caller = credentials(request, keys=[KEY], issuer=self.issuer)
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
    with MockServer(Door(Issuer("identity-secret")), tls=True) as running:
        yield running


@pytest.fixture
def entra(server: MockServer, monkeypatch: pytest.MonkeyPatch) -> MockServer:
    """The environment in which `DefaultAzureCredential()` finds the mock, and in which its certificate is trusted."""
    for name in [name for name in os.environ if name.startswith(("AZURE_", "MSI_")) or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("IDENTITY_ENDPOINT", server.identity_endpoint)
    monkeypatch.setenv("IDENTITY_HEADER", "identity-secret")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.authority.bundle_file))
    return server


def caller(headers: dict[str, str], issuer: Issuer | None = None, keys: tuple[str, ...] = (KEY,)) -> Identity:
    return credentials(Request("POST", "/", headers=headers), keys=keys, issuer=issuer or Issuer())


def refused(headers: dict[str, str], issuer: Issuer | None = None, keys: tuple[str, ...] = (KEY,)) -> ApiError:
    with pytest.raises(ApiError) as caught:
        caller(headers, issuer, keys)
    return caught.value


# Keys


@pytest.mark.parametrize(
    "headers",
    [
        {"api-key": KEY},
        {"authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer   {KEY}"},
        {"api-key": KEY, "authorization": "Bearer something else"},
        {"api-key": "something else", "authorization": f"Bearer {KEY}"},
    ],
)
def test_the_key_in_either_header_is_enough(headers):
    assert caller(headers) == Identity("key", "key-0")


def test_each_of_several_keys_has_a_name_of_its_own():
    assert caller({"api-key": "second"}, keys=("first", "second")).name == "key-1"


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({}, "unauthorized_missing"),
        ({"api-key": ""}, "unauthorized_missing"),
        ({"api-key": "wrong"}, "unauthorized_key"),
        ({"api-key": "wrong", "authorization": "Bearer wrong"}, "unauthorized_key"),
        ({"authorization": "Bearer wrong"}, "unauthorized_token"),
        ({"authorization": "Bearer a.b.c"}, "unauthorized_token"),
        ({"authorization": f"Basic {KEY}"}, "unauthorized_token"),
        ({"api-key": KEY + "x"}, "unauthorized_key"),
        ({"api-key": KEY[:-1]}, "unauthorized_key"),
        ({"api-key": "schlüssel\ud800"}, "unauthorized_key"),
    ],
)
def test_anything_else_is_refused_by_its_kind(headers, kind):
    assert refused(headers).kind == kind


def test_an_empty_key_lets_nobody_in():
    assert refused({"authorization": "Bearer "}, keys=("",)).kind == "unauthorized_token"
    assert refused({}, keys=("",)).kind == "unauthorized_missing"


@pytest.mark.parametrize("wire", ["utf-8", "latin-1"])
def test_a_key_beyond_ascii_is_taken_in_both_encodings(wire):
    key = "schlüssel"
    assert caller({"api-key": key.encode(wire).decode("latin-1")}, keys=(key,)).kind == "key"


def test_a_refusal_does_not_repeat_the_key():
    refusal = refused({"api-key": "my-secret", "authorization": "Bearer my-secret"})
    assert b"my-secret" not in render(refusal).read()


def test_a_wrong_key_raises_in_the_sdk_with_the_services_words(server):
    with (
        ChatCompletionsClient(server.url, AzureKeyCredential("wrong")) as client,
        pytest.raises(ClientAuthenticationError, match="invalid subscription key or wrong API endpoint") as caught,
    ):
        client.complete(messages=MESSAGES)
    assert caught.value.error is not None
    assert caught.value.error.code == "401"


# Tokens


@pytest.mark.parametrize("suffix", ["", "/", "/.default"])
@pytest.mark.parametrize("resource", AUDIENCES)
def test_a_token_for_either_audience_is_as_good_as_the_key(resource, suffix):
    issuer = Issuer()
    token = issuer.issue(resource + suffix)
    assert caller({"authorization": f"Bearer {token.value}"}, issuer) == Identity("token", "managed-identity")


def test_a_token_says_who_issued_it_to_whom_and_for_how_long():
    token = Issuer(lifetime=600).issue(RESOURCE + "/.default", now=1000)
    claims = jwt.decode(token.value, options={"verify_signature": False})
    assert (claims["aud"], claims["iat"], claims["exp"]) == (RESOURCE, 1000, 1600)
    assert claims["roles"] == ["Cognitive Services User"]
    assert claims["iss"]
    assert token.expires_on == 1600


def test_a_token_is_good_until_the_second_in_which_it_expires():
    issuer = Issuer(lifetime=600)
    token = issuer.issue(RESOURCE, now=1000).value
    assert issuer.check(token, now=1599.9)
    assert not issuer.check(token, now=1600)


def test_an_expired_token_is_refused():
    clock = Clock(1000)
    issuer = Issuer(lifetime=600, clock=clock)
    headers = {"authorization": f"Bearer {issuer.issue(RESOURCE).value}"}
    assert caller(headers, issuer).kind == "token"
    clock.now = 1600
    assert refused(headers, issuer).kind == "unauthorized_token"


def test_a_token_for_another_resource_is_refused():
    issuer = Issuer()
    headers = {"authorization": f"Bearer {issuer.issue('https://management.azure.com').value}"}
    assert refused(headers, issuer).kind == "unauthorized_token"


def test_a_route_can_narrow_the_audience():
    issuer = Issuer()
    request = Request(
        "POST", "/", headers={"authorization": f"Bearer {issuer.issue('https://ml.azure.com/.default').value}"}
    )
    with pytest.raises(ApiError, match="audience is incorrect"):
        credentials(request, keys=[KEY], issuer=issuer, audiences=[RESOURCE])


def test_a_token_of_another_issuer_is_refused():
    headers = {"authorization": f"Bearer {Issuer().issue(RESOURCE).value}"}
    assert refused(headers, Issuer()).kind == "unauthorized_token"


def test_a_token_without_a_signature_is_refused():
    issuer = Issuer()
    claims = jwt.decode(issuer.issue(RESOURCE).value, options={"verify_signature": False})
    assert not issuer.check(jwt.encode(claims, None, algorithm="none"))


# The managed-identity endpoint


def identity_request(*, header: str = "s", version: str = "2019-08-01", resource: str = RESOURCE) -> Request:
    query = {"api-version": version, "resource": resource}
    return Request("GET", IDENTITY_PATH, query, {"x-identity-header": header})


def test_the_identity_endpoint_answers_as_app_service_does():
    issuer = Issuer("s", lifetime=600, clock=Clock(1000))
    response = issuer.managed_identity(identity_request())
    body = loads(response.read())
    assert response.status == 200
    assert {name: body[name] for name in ("expires_on", "resource", "token_type")} == {
        "expires_on": "1600",
        "resource": RESOURCE,
        "token_type": "Bearer",
    }
    assert issuer.check(body["access_token"])


@pytest.mark.parametrize(
    ("changes", "status", "named"),
    [
        ({"header": "other"}, 401, "IDENTITY_HEADER"),
        ({"header": ""}, 401, "IDENTITY_HEADER"),
        ({"version": "2017-09-01"}, 400, "2019-08-01"),
        ({"version": ""}, 400, "2019-08-01"),
        ({"resource": ""}, 400, "resource"),
    ],
)
def test_the_identity_endpoint_says_what_is_wrong(changes, status, named):
    with pytest.raises(ApiError, match=named) as caught:
        Issuer("s").managed_identity(identity_request(**changes))
    assert caught.value.status == status


def test_the_identity_endpoint_is_read_only():
    with pytest.raises(ApiError) as caught:
        Issuer("s").managed_identity(Request("POST", IDENTITY_PATH))
    assert caught.value.status == 405


def test_a_made_up_secret_is_another_each_time():
    assert Issuer().secret != Issuer().secret


# The whole way, with azure-identity


@pytest.mark.parametrize("credential", [DefaultAzureCredential, ManagedIdentityCredential])
@pytest.mark.parametrize("scopes", [None, [RESOURCE + "/.default"]], ids=["default scope", "resource scope"])
def test_a_credential_from_the_environment_opens_the_https_endpoint(entra, credential, scopes):
    options = {} if scopes is None else {"credential_scopes": scopes}
    with ChatCompletionsClient(f"{entra.https_url}/models", credential(), **options) as client:
        assert client.complete(messages=MESSAGES).choices[0].message.content == "managed-identity"


async def test_the_asynchronous_credential_opens_it_too(entra):
    async with (
        AsyncDefaultAzureCredential() as credential,
        AsyncChatCompletionsClient(
            entra.https_url, credential, connection_verify=str(entra.authority.ca_file)
        ) as client,
    ):
        reply = await client.complete(messages=MESSAGES)
    assert reply.choices[0].message.content == "managed-identity"


def test_the_identity_endpoint_is_found_over_https_too(entra, monkeypatch):
    monkeypatch.setenv("IDENTITY_ENDPOINT", entra.https_url + IDENTITY_PATH)
    assert DefaultAzureCredential().get_token(RESOURCE + "/.default").token


def test_a_wrong_identity_header_fails_the_credential(entra, monkeypatch):
    monkeypatch.setenv("IDENTITY_HEADER", "wrong")
    with pytest.raises(ClientAuthenticationError):
        ManagedIdentityCredential().get_token(RESOURCE + "/.default")


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


def ssl_get(url: str, ca_file: str) -> int:
    """The status of a request without credentials."""
    context = ssl.create_default_context(cafile=ca_file)
    connection = http.client.HTTPSConnection(url.removeprefix("https://"), context=context, timeout=10)
    try:
        connection.request("POST", "/models/chat/completions", b"{}")
        return connection.getresponse().status
    finally:
        connection.close()
