"""The page of a shared mock: who sees it, what it tells, and that nobody's text becomes markup there."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import quote

import pytest

from helpers.mock.clock import Clock
from helpers.mock.gateway.identity import Participant
from helpers.mock.http import Request, Response
from helpers.mock.room.door import PATH
from helpers.mock.scripted.journal import Journal
from helpers.mock.service import Service
from tests.support.caller import MISTRAL, TOKENIZER, Caller

OWN, ANNAS = "the-owners-own-key", "a-key-for-anna"
EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'&"


@pytest.fixture
def clock() -> Clock:
    return Clock(1_000_000)


@pytest.fixture
def service(clock: Clock) -> Service:
    people = {"anna": Participant("anna", ANNAS), "ben": Participant("ben", "a-key-for-ben")}
    return Service(key=OWN, participants=people, tokenizer=TOKENIZER, journal=Journal(clock=clock))


def get(service: Service, **headers: str) -> Response:
    return service.handle(Request("GET", PATH, headers={name.replace("_", "-"): v for name, v in headers.items()}))


def post(service: Service, form: str, origin: str = "http://127.0.0.1:8008", **headers: str) -> Response:
    return service.handle(Request("POST", PATH, headers=headers, body=form.encode(), origin=origin))


def cookie(response: Response) -> str:
    return response.headers["set-cookie"].partition(";")[0]


def page(service: Service) -> str:
    response = get(service, api_key=OWN)
    assert response.status == 200
    return response.body.decode()


def text(html: str) -> str:
    """What a reader sees, in one line."""
    body = html.partition("<body>")[2].partition("<script>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def ask(service: Service, key: str, question: str = "Hello", **headers: str) -> Response:
    body = {"model": MISTRAL, "messages": [{"role": "user", "content": question}]}
    return Caller(service).send(body, api_key=key, **headers)


# --- who sees it ---


def test_a_browser_comes_in_by_a_form_and_a_cookie_that_is_not_the_key(service: Service):
    before = get(service)
    assert (before.status, "anna" in before.body.decode()) == (401, False)
    let_in = post(service, f"key={OWN}")
    assert (let_in.status, let_in.headers["location"]) == (303, PATH)
    given = let_in.headers["set-cookie"]
    assert OWN not in given
    assert {"HttpOnly", "SameSite=Strict", f"Path={PATH}"} <= set(given.split("; "))
    assert "Secure" not in given
    assert "anna" in text(get(service, cookie=f"other=1; {cookie(let_in)}").body.decode())


def test_over_https_the_cookie_stays_there(service: Service):
    assert post(service, f"key={OWN}", "https://room").headers["set-cookie"].endswith("; Secure")


def test_the_cookie_opens_nothing_else(service: Service):
    ticket = cookie(post(service, f"key={OWN}"))
    for method, path in (("GET", "/_mock/requests"), ("POST", "/_mock/reset"), ("GET", "/openai/v1/models")):
        assert service.handle(Request(method, path, headers={"cookie": ticket})).status == 401


@pytest.mark.parametrize("form", [f"key={ANNAS}", "key=guess", "key=", "", "key=%ff%00\n", f"other={OWN}"])
def test_other_keys_are_told_off_without_being_repeated(service: Service, form: str):
    refused = post(service, form)
    assert (refused.status, "set-cookie" in refused.headers) == (403, False)
    assert "anna" not in refused.body.decode()
    assert "guess" not in refused.body.decode()


def test_participants_never_see_it(service: Service):
    ask(service, ANNAS)
    for headers in ({"api_key": ANNAS}, {"authorization": f"Bearer {ANNAS}"}):
        refused = get(service, **headers)
        assert refused.status == 403
        assert json.loads(refused.body)["error"]["code"] == "Forbidden"
    token = service.issuer.issue("https://ml.azure.com", participant="anna").value
    assert get(service, authorization=f"Bearer {token}").status == 403
    for ticket in ("mock-room=", "mock-room=guess", f"mock-room={ANNAS}", f"mock-room={OWN}", 'mock-room="', "=;,"):
        refused = get(service, cookie=ticket)
        assert (refused.status, "<table" in refused.body.decode()) == (401, False)


def test_signing_out_ends_it_for_every_browser(service: Service):
    ticket = cookie(post(service, f"key={OWN}"))
    post(service, "leave=yes")  # from anywhere, without the ticket: nothing happens
    assert get(service, cookie=ticket).status == 200
    assert "Max-Age=0" in post(service, "leave=yes", cookie=ticket).headers["set-cookie"]
    assert get(service, cookie=ticket).status == 401


def test_a_form_of_another_site_signs_nobody_out(service: Service):
    held = cookie(post(service, f"key={OWN}"))
    assert "set-cookie" not in post(service, "leave=yes").headers  # SameSite: it comes without the cookie
    assert get(service, cookie=held).status == 200


@pytest.mark.parametrize("others", ['a={"x":1}', "list[0]=1", "a name=3", "\xff=\xff", "mock-room=of-another-port"])
def test_cookies_of_other_programs_on_the_host_keep_nobody_out(service: Service, others: str):
    held = cookie(post(service, f"key={OWN}"))
    assert get(service, cookie=f"{others}; {held}; {others}").status == 200
    assert get(service, cookie=others).status == 401


def test_a_reset_leaves_the_browser_in(service: Service):
    ticket = cookie(post(service, f"key={OWN}"))
    service.reset()
    assert get(service, cookie=ticket).status == 200


def test_it_takes_two_methods(service: Service):
    refused = service.handle(Request("DELETE", PATH))
    assert (refused.status, refused.headers["allow"]) == (405, "GET, POST")


# --- what it tells ---


def test_it_tells_who_is_active_who_was_and_who_is_missing(service: Service, clock: Clock):
    ask(service, ANNAS)
    assert "1 of 2 in the last 5 minutes" in text(page(service))
    assert "anna active 1 1 0 200 ben not seen yet 0 0 0" in text(page(service))
    clock.advance(600)
    assert "anna quiet for 10 min 0 1 0 200" in text(page(service))
    assert "0 of 2 in the last 5 minutes" in text(page(service))


def test_it_tells_the_load_of_the_last_minute_and_of_all(service: Service, clock: Clock):
    for _ in range(3):
        ask(service, ANNAS)
    clock.advance(70)
    ask(service, ANNAS, extra_parameters="nonsense")
    ask(service, "nobodys-key")
    shown = text(page(service))
    assert "Load 2 requests in the last minute" in shown
    assert "In all 5 requests in 70 s, 1 refused" in shown
    assert "no valid key active 1 1 1 401" in shown


def test_what_is_under_way_counts_until_its_last_event(service: Service):
    body = {"model": MISTRAL, "messages": [{"role": "user", "content": "Hello"}], "stream": True}
    events = Caller(service).send(body, api_key=ANNAS).events
    assert events is not None
    assert "Under way 1" in text(page(service))
    list(events)
    assert "Under way 0" in text(page(service))
    left = Caller(service).send(body, api_key=ANNAS).events
    assert left is not None
    service.reset()
    assert "Under way 1" in text(page(service))
    left.close()  # pyright: ignore[reportAttributeAccessIssue]
    assert "Under way 0" in text(page(service))


def test_the_last_failures_outlive_the_journals_notes(clock: Clock):
    service = Service(key=OWN, tokenizer=TOKENIZER, journal=Journal(1, clock=clock))
    Caller(service).send({"model": "gpt-99", "messages": [{"role": "user", "content": "Who?"}]}, api_key=OWN)
    clock.advance(5)
    for _ in range(3):
        ask(service, OWN)
    assert "5 s ago the mock's own key #1 chat on gpt-99" in text(page(service))


def test_only_so_many_failures_are_kept_and_the_newest_comes_first(service: Service):
    for number in range(50):
        ask(service, "nobodys-key", f"Question {number}.")
    shown = text(page(service))
    assert "Question 49." in shown
    assert "Question 29." not in shown
    assert shown.index("Question 49.") < shown.index("Question 30.")
    assert "-> 401 " in shown
    assert "401 401" not in shown


def test_a_large_refused_request_is_kept_small(service: Service):
    ask(service, "nobodys-key", "word " * 100_000)
    (failure,) = service.journal.picture().failures
    assert len(failure.note._request.body) <= service.journal.cap


def test_without_a_journal_it_says_so():
    service = Service(key=OWN, tokenizer=TOKENIZER, journal=Journal(enabled=False))
    ask(service, "nobodys-key")
    assert "nothing is counted" in text(page(service))
    assert service.journal.picture().failures == ()


# --- what it keeps to itself ---


def test_nobodys_text_becomes_markup(service: Service):
    sent = {"model": EVIL, "messages": [{"role": "user", "content": EVIL}], "tools": [{"function": {"name": EVIL}}]}
    Caller(service).send(sent, api_key=ANNAS, user_agent=EVIL)
    service.handle(Request("GET", f"/{EVIL}", {EVIL: EVIL}, {"user-agent": EVIL, "api-key": ANNAS}))
    html = page(service)
    assert html.count("<script>") == 1  # our own
    assert "<img" not in html
    assert EVIL.partition(">")[0] in text(html)  # it is shown, as text


def test_no_key_is_in_the_page_nor_in_the_journal_nor_on_the_terminal(service: Service, capsys):
    wrong = "sk-somebody-elses-secret-1234567890"
    post(service, f"key={quote(wrong)}")
    ask(service, wrong, f"My key is {wrong}. Why does it not work?")
    ask(service, ANNAS, f"And mine, {ANNAS}?", extra_parameters="nonsense")
    told = json.dumps([note.told() for note in service.journal.entries()])
    printed = capsys.readouterr()
    for shown in (page(service), told, printed.out, printed.err):
        assert [key for key in (OWN, ANNAS, wrong, "a-key-for-ben") if key in shown] == []
    assert PATH not in told


def test_a_key_in_the_wrong_place_is_not_shown(service: Service):
    body = {"model": ANNAS, "messages": [{"role": "user", "content": f"I am {OWN}"}]}
    assert Caller(service).send(body, api_key=ANNAS).status == 400
    service.handle(Request("GET", f"/models/{ANNAS}", headers={"api-key": ANNAS}))
    seen = page(service)
    assert [key for key in (OWN, ANNAS) if key in seen] == []
    assert "GET /models/***" in text(seen)


def test_the_policy_allows_this_pages_own_style_and_script_and_nothing_else(service: Service):
    for response in (get(service), get(service, api_key=OWN), post(service, "key=guess")):
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["cache-control"] == "no-store"
        assert re.findall(r"(?:https?:)?//\S+", response.body.decode().replace("// Every", "")) == []
