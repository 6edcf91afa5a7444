"""The keys file of a workshop: what is read, what is refused and how that is said, and files made for a class."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import jwt
import pytest

from helpers.mock import in_process
from helpers.mock.gateway.identity import (
    AUDIENCES,
    CLIENTS,
    DEFAULT_KEY,
    IDENTITY_PATH,
    TENANT,
    Identity,
    Issuer,
    Participant,
    callers,
    credentials,
)
from helpers.mock.gateway.keys import new_keys, read_keys
from helpers.mock.http import Request
from helpers.mock.jsonio import dumps, loads
from helpers.mock.service import Service

SECRET = "s3cret-of-anna"


@pytest.fixture
def keys_file(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "keys.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def complaint(path: Path, own: str = DEFAULT_KEY) -> str:
    with pytest.raises(ValueError, match=r"keys\.toml") as caught:
        read_keys(path, own=own)
    return str(caught.value)


def test_an_entry_has_a_key_and_limits_of_its_own(keys_file):
    path = keys_file(f'[anna]\nkey = "{SECRET}"\ntokens_per_minute = 20000\nrequests_per_minute = 60\n')
    assert read_keys(path) == {"anna": Participant("anna", SECRET, 20_000, 60)}


def test_limits_are_optional_and_names_are_people_s(keys_file):
    path = keys_file('["zoë"]\nkey = "a"\n["bo.b@example.org"]\nkey = "b"\nrequests_per_minute = 1\n')
    assert list(read_keys(path).values()) == [
        Participant("zoë", "a"),
        Participant("bo.b@example.org", "b", requests_per_minute=1),
    ]


def test_a_file_saved_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "keys.toml"
    path.write_text('[anna]\nkey = "a"\n', encoding="utf-8-sig")
    assert list(read_keys(path)) == ["anna"]


def test_a_participant_does_not_show_the_key(keys_file):
    participants = read_keys(keys_file(f'[anna]\nkey = "{SECRET}"\n'))
    assert SECRET not in repr(participants)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names nobody"),
        ("[anna\n", "not valid TOML"),
        ('[zoë]\nkey = "a"\n', 'in quotes: ["zoë"]'),
        ('anna = "s3cret-of-anna"\n', "[anna]: an entry is a table"),
        ("[anna]\n", "[anna]: key: it is missing"),
        ("[anna]\nkey = 5\n", "[anna]: key: it must be text"),
        ('[anna]\nkey = ""\n', "[anna]: key: it must be text"),
        ('[anna]\nkey = "s3cret-of-anna "\n', "[anna]: key: it must be text"),
        ('[anna]\nkey = "s3cret-of-ännä"\n', "[anna]: key: it must be text"),
        ('[anna]\nkey = "a"\ntokens = 5\n', "[anna]: tokens: there is no such field"),
        ('[anna.b]\nkey = "a"\n', 'in quotes: ["anna.b"]'),
        ('[anna]\nkey = "a"\ntokens_per_minute = 0\n', "[anna]: tokens_per_minute: it must be above 0"),
        ('[anna]\nkey = "a"\ntokens_per_minute = true\n', "tokens_per_minute: it must be a whole number, not a bool"),
        ('[anna]\nkey = "a"\nrequests_per_minute = 1.5\n', "requests_per_minute: it must be a whole number"),
        ('[anna]\nkey = "a"\nrequests_per_minute = "s3cret-of-anna"\n', "requests_per_minute: it must be a whole"),
        ('[anna]\nkey = "s3cret-of-anna"\n[bob]\nkey = "s3cret-of-anna"\n', "[bob]: key: [anna] has the same"),
        ('[bob]\nkey = "mock-key"\n', "[bob]: key: the mock itself has the same"),
        ('["an na"]\nkey = "a"\n', "['an na']: a name has 1 to 64 letters"),
        ('["an\\nna"]\nkey = "a"\n', "['an\\nna']: a name has"),
        ('[""]\nkey = "a"\n', "['']: a name has"),
        ('[key]\nkey = "a"\n', "[key]: this is the name of a caller of the mock's own"),
        ('[app-with-role]\nkey = "a"\n', "[app-with-role]: this is the name"),
        ("x = " + "[" * 3000, "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_by_entry_and_field_and_shows_no_key(keys_file, text, said):
    told = complaint(keys_file(text))
    assert said in told
    assert "s3cret" not in told
    assert "\n" not in told


def test_the_mock_s_own_key_is_nobody_else_s(keys_file):
    told = complaint(keys_file(f'[anna]\nkey = "{SECRET}"\n'), own=SECRET)
    assert "[anna]: key: the mock itself has the same" in told
    assert SECRET not in told


def test_a_key_does_not_show_in_what_caused_the_error(keys_file):
    with pytest.raises(ValueError, match="not valid TOML") as caught:
        read_keys(keys_file(f'[anna]\nkey = "{SECRET}"\n['))
    assert caught.value.__suppress_context__


def test_what_windows_powershell_writes_into_a_file_is_read(tmp_path):
    (tmp_path / "keys.toml").write_bytes(f'[anna]\r\nkey = "{SECRET}"\r\n'.encode("utf-16"))
    assert list(read_keys(tmp_path / "keys.toml")) == ["anna"]


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "keys.toml").write_bytes(b'[anna]\nkey = "\xff\xfe"\n')
    assert "not UTF-8" in complaint(tmp_path / "keys.toml")


def test_a_missing_file_is_the_operating_system_s_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_keys(tmp_path / "keys.toml")


# Files for a class


def test_made_keys_are_read_back_each_another(keys_file):
    participants = read_keys(keys_file(new_keys(30, tokens_per_minute=20_000)))
    assert list(participants)[:2] == ["participant-01", "participant-02"]
    assert len({participant.key for participant in participants.values()}) == 30
    assert {(p.tokens_per_minute, p.requests_per_minute) for p in participants.values()} == {(20_000, None)}
    assert all(len(participant.key) == 32 for participant in participants.values())


def test_names_sort_as_they_count_and_take_a_prefix(keys_file):
    participants = read_keys(keys_file(new_keys(100, requests_per_minute=5, prefix="zoë.group")))
    assert list(participants) == sorted(participants)
    assert next(iter(participants)) == "zoë.group-001"


def test_the_made_file_warns_of_itself():
    text = new_keys(1)
    assert text.startswith("# ")
    assert list(tomllib.loads(text)) == ["participant-01"]


@pytest.mark.parametrize(
    "wrong", [{"count": 0}, {"count": 1001}, {"count": 1, "tokens_per_minute": 0}, {"count": 1, "prefix": "a\n["}]
)
def test_nonsense_makes_no_file(wrong):
    with pytest.raises(ValueError, match=r"from 1 to|above 0|a name has"):
        new_keys(**wrong)


# At the door


def test_each_participant_is_let_in_by_name_beside_the_mock_s_own_key(keys_file):
    participants = read_keys(keys_file(f'[anna]\nkey = "{SECRET}"\n[bob]\nkey = "b"\n'))
    keys = callers("own-key", participants)

    def who(key: str) -> Identity:
        request = Request("POST", "/", headers={"api-key": key})
        return credentials(request, keys=keys, issuer=Issuer(), audiences=AUDIENCES["models"])

    assert [who(key).name for key in (SECRET, "b", "own-key")] == ["anna", "bob", "key"]
    assert not keys.keys() & CLIENTS.keys()


# Tokens for a participant's key

RESOURCE = "https://cognitiveservices.azure.com"


def by_managed_identity(key: str, **query: str) -> Request:
    query = {"api-version": "2019-08-01", "resource": RESOURCE, **query}
    return Request("GET", IDENTITY_PATH, query, {"x-identity-header": key})


def by_application(key: str) -> Request:
    form = {"grant_type": "client_credentials", "client_id": "app-with-role", "client_secret": key}
    body = urlencode({**form, "scope": f"{RESOURCE}/.default"}).encode()
    return Request("POST", f"/{TENANT}/oauth2/v2.0/token", body=body)


@pytest.fixture
def workshop(keys_file) -> Service:
    path = keys_file(f'[anna]\nkey = "{SECRET}"\nrequests_per_minute = 6\n[bob]\nkey = "b"\n')
    return in_process(key="own-key", keys=path).service


def signed_in(service: Service, request: Request) -> dict[str, str]:
    """The header of a caller with the token that the request is answered with."""
    response = service.handle(request)
    assert response.status == 200, response.body
    return {"authorization": f"Bearer {loads(response.body)['access_token']}"}


def chat(service: Service, headers: dict[str, str]) -> int:
    body = dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]})
    headers = {"content-type": "application/json", **headers}
    query = {"api-version": "2024-05-01-preview"}
    return service.handle(Request("POST", "/models/chat/completions", query, headers, body)).status


@pytest.mark.parametrize("ask_for_a_token", [by_managed_identity, by_application])
def test_a_token_for_a_participant_s_key_is_that_participant_s(workshop, ask_for_a_token):
    headers = signed_in(workshop, ask_for_a_token(SECRET))
    claims = jwt.decode(headers["authorization"].removeprefix("Bearer "), options={"verify_signature": False})
    assert claims["name"] == "anna"
    asked = Request("POST", "/", headers=headers)
    assert credentials(asked, keys=workshop.keys, issuer=workshop.issuer) == Identity("token", "anna")


@pytest.mark.parametrize("ask_for_a_token", [by_managed_identity, by_application])
def test_the_mock_s_own_key_still_gives_tokens_of_nobody_in_particular(workshop, ask_for_a_token):
    asked = Request("POST", "/", headers=signed_in(workshop, ask_for_a_token("own-key")))
    assert credentials(asked, keys=workshop.keys, issuer=workshop.issuer).name in CLIENTS


@pytest.mark.parametrize("ask_for_a_token", [by_managed_identity, by_application])
@pytest.mark.parametrize("key", ["", "c", "anna", SECRET[:-1]])
def test_another_key_gives_no_token(workshop, ask_for_a_token, key):
    response = workshop.handle(ask_for_a_token(key))
    assert response.status == 401
    assert b"access_token" not in response.body


def test_key_and_token_share_a_participant_s_limits_journal_and_rights(workshop):
    token = signed_in(workshop, by_managed_identity(SECRET))
    assert [chat(workshop, {"api-key": SECRET}), chat(workshop, token)] == [200, 429]
    assert chat(workshop, signed_in(workshop, by_managed_identity("b"))) == 200
    view = loads(workshop.handle(Request("GET", "/_mock/requests", headers=token)).body)
    assert [(note["caller"], note["status"]) for note in view["requests"]] == [("anna", 200), ("anna", 429)]
    assert workshop.handle(Request("POST", "/_mock/reset", headers=token)).status == 403


def test_a_participant_s_identity_can_lack_the_role_like_any_other(workshop):
    token = signed_in(workshop, by_managed_identity(SECRET, client_id="app-without-role"))
    assert chat(workshop, token) == 401
