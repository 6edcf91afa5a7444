"""One JupyterLab and one browser for the tests of a file: started when the first test wants them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.lab import BROWSERS, Lab, find_browser, new_context, running_browser, running_lab


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The installed browser; without one, a skip that says so (on CI a failure)."""
    if path := find_browser():
        return path
    message = f"no browser for the lessons: install Debian's chromium, or Chrome (looked for {', '.join(BROWSERS)})"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def lab(browser_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab with its own copy of the lessons."""
    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="module")
def browser(browser_path: str) -> Iterator[Browser]:
    """The browser. It ends with the file: its event loop must not be there when other files use one."""
    with sync_playwright() as playwright, running_browser(playwright, browser_path) as browser:
        yield browser


@pytest.fixture(scope="module")
def asked_elsewhere() -> list[str]:
    """The addresses on other machines that a page asked for."""
    return []


@pytest.fixture(scope="module")
def page(lab: Lab, browser: Browser, asked_elsewhere: list[str]) -> Iterator[Page]:
    """The page in which JupyterLab is open."""
    context = new_context(browser, asked_elsewhere)
    yield context.new_page()
    context.close()


@pytest.fixture(autouse=True)
def _nothing_is_asked_of_other_machines(asked_elsewhere: list[str]) -> Iterator[None]:
    asked_elsewhere.clear()
    yield
    assert asked_elsewhere == []
