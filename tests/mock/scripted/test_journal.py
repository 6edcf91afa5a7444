"""The journal: what is noted of a request, what is never shown of it, and how much of it is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.mock.errors import ApiError
from helpers.mock.http import Event, Request, Response
from helpers.mock.masking import MASK
from helpers.mock.scripted.journal import Journal
from helpers.mock.scripted.received import Received
from helpers.mock.service import Service
from tests.support.caller import Caller

CHAT = "/models/chat/completions"
QUESTION = {"model": "gpt-4o", "messages": [{"role": "user", "content": "How many bridges?"}]}
VIEW = Request("GET", "/_mock/requests")


def request(body: Any = QUESTION, path: str = CHAT, query: dict[str, str] | None = None, **headers: str) -> Request:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request("POST", path, {"api-version": "2024-05-01-preview", **(query or {})}, names, content)


def noted(journal: Journal, incoming: Request, response: Response | None = None, *, parsed: bool = False) -> Received:
    received = journal.open(incoming)
    if parsed:
        received.parsed = json.loads(incoming.body)
    journal.close(received, response or Response(200))
    return received


def shown(journal: Journal, who: str | None = None, **query: str) -> dict[str, Any]:
    response = journal.render(Request("GET", "/_mock/requests", query), who)
    assert (response.status, response.headers["cache-control"]) == (200, "no-store")
    return json.loads(response.body)


# --- what a note holds ---


def test_a_note_is_pleasant_to_ask() -> None:
    body = {
        "model": "gpt-4o",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Hi."},
            {"role": "user", "content": [{"type": "text", "text": "How many"}, {"type": "text", "text": "bridges?"}]},
        ],
        "tools": [{"type": "function", "function": {"name": "count"}}],
        "response_format": {"type": "json_object"},
        "stream": True,
    }
    received = noted(Journal(), request(body, content_type="application/json"))
    assert received.json == body
    assert received.messages == body["messages"]
    assert received.last_user_text == "How many\n\nbridges?"
    assert (received.system_text, received.turns, received.tools) == ("Be brief.", 2, ["count"])
    assert (received.response_format, received.stream) == ("json_object", True)
    assert (received.route, received.operation, received.model) == ("models", "chat", "gpt-4o")
    assert received.headers["Content-Type"] == "application/json"
    assert "CONTENT-TYPE" in received.headers
    assert received.headers.get("Accept", "none") == "none"
    assert (received.method, received.path, received.query) == ("POST", CHAT, {"api-version": "2024-05-01-preview"})


def test_the_deployment_of_the_address_comes_first() -> None:
    received = noted(Journal(), request(path="/openai/deployments/mine/chat/completions"))
    assert (received.route, received.deployment, received.model) == ("openai", "mine", "mine")
    received.card = "gpt-4o-2024"
    assert (received.deployment, received.model) == ("mine", "gpt-4o-2024")


def test_the_answer_is_noted() -> None:
    journal = Journal()
    noted(journal, request(), Response(400)).error = "content_filter"
    good = noted(journal, request(), Response(200))
    good.finish_reasons, good.usage, good.caller = ("stop",), {"total_tokens": 9}, "ada"
    refusal, answer = shown(journal)["requests"]
    assert (refusal["number"], refusal["status"], refusal["error"]) == (1, 400, "content_filter")
    assert (answer["number"], answer["status"], answer["error"]) == (2, 200, None)
    assert (answer["finish_reasons"], answer["usage"], answer["caller"]) == (["stop"], {"total_tokens": 9}, "ada")
    assert answer["json"] == QUESTION


def test_a_request_is_one_line_in_a_failure_message() -> None:
    received = noted(Journal(), request(), Response(400))
    received.error = "content_filter"
    assert repr(received) == '#1 chat on gpt-4o, 1 turn, "How many bridges?" -> 400 content_filter'
    assert repr(noted(Journal(), request(b"", path="/nowhere"), Response(404))) == "#1 POST /nowhere -> 404"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(["messages", "content", "role", "tools", "function", "name", "input", "tool_calls", "stream"])
VALUES = st.sampled_from([None, 1, "user", "tool", "text", [], {}, [1], [{}], [{"content": [1, {"type": "text"}]}]])
MEMBERS = st.dictionaries(NAMES, VALUES, max_size=4)
BODIES = st.dictionaries(NAMES, VALUES | MEMBERS | st.lists(MEMBERS, max_size=3), max_size=5)


@given(BODIES | VALUES | st.binary(max_size=50))
def test_a_note_can_be_read_whatever_was_sent(body: Any) -> None:
    journal = Journal()
    received = noted(journal, request(body))
    assert isinstance(repr(received), str)
    assert isinstance(received.last_user_text + received.asked + received.system_text, str)
    assert shown(journal)["requests"][0]["number"] == 1


# --- streams ---


def pieces(count: int) -> Iterator[Event]:
    return (Event(b"data: {}\n\n") for _ in range(count))


def test_the_pieces_of_a_stream_are_counted_as_they_go_out() -> None:
    journal = Journal()
    received = journal.open(request())
    response = journal.close(received, Response(200, events=pieces(3)))
    assert response.events is not None
    assert (received.streamed, received.chunks) == (True, 0)
    next(response.events)
    assert received.chunks == 0  # handed to the shell; nobody knows yet that it went out
    next(response.events)
    assert received.chunks == 1
    assert response.read()
    assert (received.chunks, received.left) == (3, False)


@pytest.mark.parametrize("read", [0, 1, 2])
def test_a_client_that_leaves_is_noted_and_the_answer_is_closed(read: int) -> None:
    closed: list[bool] = []

    def events() -> Iterator[Event]:
        try:
            yield from pieces(5)
        finally:
            closed.append(True)

    journal = Journal()
    received = journal.open(request())
    watched = journal.close(received, Response(200, events=events())).events
    assert watched is not None
    for _ in range(read):
        next(watched)
    watched.close()  # pyright: ignore[reportAttributeAccessIssue]  # what both shells do when the client leaves
    assert (received.left, received.chunks) == (True, max(0, read - 1))
    assert closed or not read  # a generator that never ran has nothing to close


def test_closing_after_the_end_is_not_leaving() -> None:
    journal = Journal()
    received = journal.open(request())
    response = journal.close(received, Response(200, events=pieces(2)))
    response.read()
    response.events.close()  # pyright: ignore[reportAttributeAccessIssue, reportOptionalMemberAccess]
    assert (received.left, received.chunks) == (False, 2)


# --- secrets ---

SECRET = st.text(
    st.characters(codec="ascii", categories=("L", "N"), include_characters="-_+/="), min_size=8, max_size=60
)
CREDENTIALS = st.sampled_from(
    [
        ("header", "api-key", "{}"),
        ("header", "authorization", "Bearer {}"),
        ("header", "authorization", "{}"),
        ("header", "x-identity-header", "{}"),
        ("header", "ocp-apim-subscription-key", "{}"),
        ("header", "cookie", "theme=dark; session={}"),
        ("header", "proxy-authorization", "Basic {}"),
        ("query", "api-key", "{}"),
        ("query", "sig", "{}"),
        ("query", "access_token", "{}"),
    ]
)
# What a note holds by itself: a secret made of such a word is found in it, and is none.
WORDS = json.dumps(
    ["api-version=2024-05-01-preview", "theme=dark; session=", Received.__slots__, CHAT, "/openai/deployments"]
)


def parts(value: Any) -> Iterator[str]:
    """All strings and numbers of a value, keys included, as text."""
    if isinstance(value, dict):
        yield from map(str, value)
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from parts(item)
    else:
        yield str(value)


@given(SECRET, CREDENTIALS, st.text(max_size=2_000), st.sampled_from([0, 400, 4_000, 2**16]), st.booleans())
def test_no_secret_of_a_request_is_ever_shown(
    secret: str, credential: tuple[str, str, str], around: str, cap: int, parsed: bool
) -> None:
    place, name, form = credential
    held = {name: form.format(secret)}
    text = f"{around}{secret}{around}"
    body = {"messages": [{"role": "user", "content": text}], "n": text, secret: [secret, {"a": f"x{secret}"}]}
    incoming = Request(
        "POST",
        f"/openai/deployments/{secret}/chat/completions",
        held if place == "query" else {"q": secret},
        {"x-other": f"see {secret}", **(held if place == "header" else {})},
        json.dumps(body).encode(),
    )
    journal = Journal(cap=cap)
    received = noted(journal, incoming, parsed=parsed)
    if secret not in f"{WORDS}{around}{around}":
        assert not [part for part in parts(shown(journal)) if secret in part]
        assert secret not in repr(received)
        assert secret not in str(received.headers) + str(received.query)


def test_secrets_are_masked_and_the_rest_is_not() -> None:
    received = noted(
        Journal(),
        request(
            query={"code": "x", "trace": "0af7651916cd43dd8448eb211c80319c", "q": "short"},
            api_key="k",
            authorization="Bearer abc",
            x_ms_client_request_id="9f2d0a50-1111-2222-3333-444455556666",
            x_mock_tokens_per_second="20",
        ),
    )
    assert dict(received.headers) == {
        "api-key": MASK,
        "authorization": f"Bearer {MASK}",
        "x-ms-client-request-id": "9f2d0a50-1111-2222-3333-444455556666",
        "x-mock-tokens-per-second": "20",
    }
    assert received.query == {"api-version": "2024-05-01-preview", "code": MASK, "trace": MASK, "q": "short"}


def test_a_token_in_the_text_is_masked_whoever_sent_it() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"
    journal = Journal()
    noted(journal, request({"messages": [{"role": "user", "content": f"Decode {token}"}]}))
    assert shown(journal)["requests"][0]["json"]["messages"][0]["content"] == f"Decode {MASK}"


def test_a_key_beyond_ascii_is_masked_as_utf_8_too() -> None:
    journal = Journal()
    sent = "schlüssel-für-alle"
    noted(journal, request({"input": sent}, api_key=sent.encode().decode("latin-1")))
    assert shown(journal)["requests"][0]["json"] == {"input": MASK}


@pytest.mark.parametrize("parsed", [False, True])
@pytest.mark.parametrize("before", range(70, 130, 5))
def test_a_cut_never_leaves_half_a_secret(before: int, parsed: bool) -> None:
    secret = "s3cr3t-" * 6
    text = "a" * before + secret + "b" * 2_000
    journal = Journal(cap=240)
    received = noted(journal, request(text, api_key=secret), parsed=parsed)
    assert received.body.startswith(b'"aaaaaaaaaa')
    assert b"s3c" not in received.body


# --- bounds ---


def test_a_data_url_is_cut_and_its_length_told() -> None:
    url = "data:image/png;base64," + "A" * 1_000_000
    body = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}
    journal = Journal()
    received = noted(journal, request(body), parsed=True)
    cut = shown(journal)["requests"][0]["json"]["messages"][0]["content"][0]["image_url"]["url"]
    assert cut == f"{url[:100]}… (1,000,022 characters)"
    assert received.json["messages"][0]["content"][0]["image_url"]["url"] == cut
    assert len(received.body) < 1_000


def test_a_body_within_the_cap_is_kept_exactly_for_assertions() -> None:
    body = {"input": "x" * 30_000}
    journal = Journal()
    assert noted(journal, request(body)).json == body
    assert shown(journal)["requests"][0]["json"]["input"].endswith("… (30,000 characters)")


@settings(max_examples=50)
@given(JSON, st.integers(1, 40), st.sampled_from([0, 1_000, 20_000]), st.booleans())
def test_a_note_is_bounded_whatever_was_sent(value: Any, exponent: int, cap: int, parsed: bool) -> None:
    body = {"first": "kept", "values": [value] * min(2**exponent, 5_000), "text": "\x01" * 50_000}
    journal = Journal(cap=cap)
    received = noted(journal, request(body, x_long="h" * 100_000), parsed=parsed)
    assert len(received.body) + sum(map(len, received.headers.values())) <= cap + 2_000
    assert len(json.dumps(shown(journal)["requests"][0], ensure_ascii=False).encode()) <= 2 * cap + 4_000


def test_a_deep_body_is_bounded() -> None:
    body: Any = ["x" * 900]
    for _ in range(190):
        body = [body, "y" * 900]
    journal = Journal(cap=5_000)
    noted(journal, request(body), parsed=True)
    assert len(journal.render(VIEW).body) < 12_000


def test_the_oldest_are_forgotten_first() -> None:
    journal = Journal(size=3)
    for _ in range(5):
        noted(journal, request())
    view = shown(journal)
    assert [note["number"] for note in view["requests"]] == [3, 4, 5]
    assert view["forgotten"] == 2


@given(st.lists(st.integers(0, 3_000), max_size=60))
def test_memory_is_bounded(sizes: list[int]) -> None:
    journal = Journal(size=40, cap=2_000, memory=10_000)
    kept: list[Received] = []
    for size in sizes:
        noted(journal, request(b"x" * size))
        kept = journal.entries()
        assert len(kept) <= 40
        assert sum(len(note.body) + len(note.path) for note in kept) <= 10_000
    assert not sizes or kept[-1].number == len(sizes)


def test_a_request_on_its_way_is_seen_and_may_be_forgotten_before_its_answer() -> None:
    journal = Journal(size=1)
    first = journal.open(request())
    assert shown(journal)["requests"][0]["status"] is None
    noted(journal, request())
    journal.close(first, Response(200, events=pieces(1))).read()
    assert [note.number for note in journal.entries()] == [2]
    assert first.status == 200


def test_nothing_is_kept_when_it_is_off() -> None:
    journal = Journal(enabled=False)
    assert noted(journal, request()).last_user_text == "How many bridges?"  # scripted answers still see it
    assert shown(journal) == {"enabled": False, "found": 0, "requests": [], "forgotten": 0, "callers": []}


def test_reset_begins_anew() -> None:
    journal = Journal()
    pending = journal.open(request())
    noted(journal, request())
    journal.reset()
    journal.close(pending, Response(200))
    assert journal.entries() == []
    assert noted(journal, request()).number == 1


def test_many_threads_lose_nothing() -> None:
    from concurrent.futures import ThreadPoolExecutor

    journal = Journal()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: noted(journal, request()), range(400)))
    assert [note.number for note in journal.entries()] == list(range(1, 401))


# --- the routes ---


def test_the_service_notes_requests_of_the_api_and_answers_about_them(service: Service, ask: Caller) -> None:
    ask("What is 2 + 2?")
    ask("What is 2 + 2?", temperature=9, status=422)
    chunks = ask.stream("What is 2 + 2?")
    ask.send(QUESTION, api_key="wrong-key-of-somebody")
    response = service.handle(Request("GET", "/_mock/requests", {}, {"api-key": "mock-key"}))
    first, refused, streamed, stranger = json.loads(response.body)["requests"]
    assert (first["status"], first["finish_reasons"], first["caller"]) == (200, ["stop"], streamed["caller"])
    assert first["caller"]
    assert first["usage"]["total_tokens"] > 0
    assert (refused["status"], refused["error"]) == (422, "Invalid input")
    assert (streamed["streamed"], streamed["chunks"]) == (True, len(chunks) + 1)  # and [DONE]
    assert (stranger["status"], stranger["caller"]) == (401, None)
    assert b"mock-key" not in response.body
    assert b"wrong-key" not in response.body
    assert service.handle(VIEW).status == 401
    service.handle(Request("POST", "/_mock/reset", {}, {"api-key": "mock-key"}))
    assert service.journal.entries() == []


def test_a_caller_sees_their_own_requests_only() -> None:
    journal = Journal()
    for name in ("ada", None, "bob", "ada"):
        noted(journal, request()).caller = name
    view = shown(journal, who="ada")
    assert [note["number"] for note in view["requests"]] == [1, 4]
    assert view["found"] == 2
    assert "forgotten" not in view
    assert shown(journal)["found"] == 4


def test_the_view_can_be_narrowed() -> None:
    journal = Journal()
    for path in (CHAT, "/models/embeddings", CHAT):
        noted(journal, request(path=path))
    assert [note["number"] for note in shown(journal, last="1")["requests"]] == [3]
    assert [note["number"] for note in shown(journal, path="embed")["requests"]] == [2]
    assert shown(journal, last="0")["requests"] == []
    with pytest.raises(ApiError, match="write how many requests to show"):
        shown(journal, last="-1")


def test_whoever_asks_for_what_the_route_cannot_tell_is_told_what_it_can() -> None:
    with pytest.raises(ApiError, match=r"query's user is 'ada': there are only last, path and caller") as caught:
        shown(Journal(), user="ada")
    assert caught.value.status == 400


def busy() -> Journal:
    """Ada asks three times, the second time too much; bob once; somebody without a key once. Two notes are kept."""
    journal = Journal(size=2)
    for name, status in (("ada", 200), ("ada", 429), (None, 401), ("bob", 422), ("ada", 200)):
        received = journal.open(request())
        received.caller = name
        journal.close(received, Response(status))
    return journal


def test_the_owner_sees_how_busy_each_caller_has_been_beyond_the_notes_that_are_kept() -> None:
    journal = busy()
    assert shown(journal, last="0")["callers"] == [
        {"caller": "ada", "requests": 3, "refused": 1, "last_status": 200},
        {"caller": None, "requests": 1, "refused": 1, "last_status": 401},
        {"caller": "bob", "requests": 1, "refused": 1, "last_status": 422},
    ]
    journal.reset()
    assert shown(journal)["callers"] == []


def test_the_owner_can_ask_for_one_caller() -> None:
    view = shown(busy(), caller="bob")
    assert [(note["number"], note["caller"]) for note in view["requests"]] == [(4, "bob")]
    assert view["found"] == 1
    assert [tally["caller"] for tally in view["callers"]] == ["ada", None, "bob"]


def test_a_participant_can_ask_for_nobody_else_and_sees_no_counts() -> None:
    journal = busy()
    assert shown(journal, who="ada", caller="ada") == shown(journal, who="ada")
    assert "callers" not in shown(journal, who="ada")
    with pytest.raises(ApiError, match="not that of a participant") as caught:
        shown(journal, who="ada", caller="bob")
    assert caught.value.status == 403
