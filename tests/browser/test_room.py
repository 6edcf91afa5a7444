"""The page of a shared mock in a browser: with and without a script, by two widths and two schemes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from helpers.mock.gateway.identity import Participant
from helpers.mock.room.door import PATH
from helpers.mock.service import Service
from helpers.mock.transports.server import MockServer
from tests.support.caller import TOKENIZER, Caller

pytestmark = pytest.mark.heavy

OWN, LONG = "the-owners-own-key", "a-name-that-is-as-long-as-a-name-can-be-which-is-64-characters-xx"[:64]
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture
def service() -> Service:
    people = {name: Participant(name, f"key-of-{name}") for name in (LONG, "ben")}
    service = Service(key=OWN, participants=people, tokenizer=TOKENIZER)
    Caller(service).send({"model": EVIL, "messages": [{"role": "user", "content": EVIL}]}, api_key="key-of-ben")
    return service


@pytest.fixture
def address(service: Service) -> Iterator[str]:
    with MockServer(service) as server:
        yield server.url + PATH


def sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("The mock's own key").fill(OWN)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("table", name="Who is here")).to_be_visible()


def faults(page: Page) -> list[str]:
    return [one["id"] for one in Axe().run(page).response["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(browser: Browser, address: str, scheme):
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(address)
    assert faults(page) == []
    sign_in(page, address)
    for width in (1280, 480):
        page.set_viewport_size({"width": width, "height": 800})
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_it_renews_itself_and_says_when_the_mock_is_gone(browser: Browser, service: Service):
    context = browser.new_context()
    page = context.new_page()
    said, asked = [], []
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.clock.install()
    with MockServer(service) as server:
        address = server.url + PATH
        sign_in(page, address)
        assert [cookie.get("httpOnly") for cookie in context.cookies()] == [True]
        assert page.evaluate("document.cookie") == ""
        people = page.get_by_role("table", name="Who is here")
        expect(people).to_contain_text("not seen yet")
        Caller(service)("Hello", headers={"api-key": f"key-of-{LONG}"})
        page.clock.run_for(5_000)
        expect(people).not_to_contain_text("not seen yet")
        page.get_by_role("button", name="Live").click()  # held
        before = len(asked)
        page.clock.run_for(20_000)
        assert len(asked) == before
        page.get_by_role("button", name="Live").click()
    page.clock.run_for(5_000)
    expect(page.get_by_role("status")).to_have_text("The mock does not answer.")
    assert {url for url in asked if url != "data:,"} == {address}
    assert said == []
    context.close()


def test_it_needs_no_script(browser: Browser, address: str, service: Service):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, address)
    expect(page.get_by_role("button", name="Live")).to_be_hidden()
    expect(page.get_by_role("list", name="What was refused last")).to_contain_text(EVIL)
    Caller(service)("Hello", headers={"api-key": f"key-of-{LONG}"})
    page.get_by_role("link", name="Refresh").click()
    expect(page.get_by_role("table", name="Who is here")).not_to_contain_text("not seen yet")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("The mock's own key")).to_be_visible()
    page.goto(address)
    expect(page.get_by_role("button", name="Open")).to_be_visible()
    context.close()
