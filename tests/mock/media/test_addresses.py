"""Pictures and sounds by address: the mock's own files, hosts that were allowed, and nothing else."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from helpers.mock.errors import ApiError
from helpers.mock.http import Request
from helpers.mock.media import addresses
from helpers.mock.media.addresses import Addresses
from helpers.mock.service import Service
from tests.support.caller import TOKENIZER
from tests.support.places import MEDIA

CHART = (MEDIA / "chart.png").read_bytes()
PHI = "Phi-3.5-vision-instruct"


class Host(BaseHTTPRequestHandler):
    """A host with one picture, a redirect to it, and a file that comes byte by byte."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # pyright: ignore[reportAttributeAccessIssue]
        self.send_response(302 if self.path == "/moved" else 404 if self.path == "/nothing" else 200)
        if self.path == "/moved":
            self.send_header("location", "/chart.png")
        self.end_headers()
        if self.path == "/chart.png":
            self.wfile.write(CHART)
        while self.path == "/drip" and not self.server.stop.wait(0.02):  # pyright: ignore[reportAttributeAccessIssue]
            try:
                self.wfile.write(b".")
                self.wfile.flush()
            except OSError:  # the mock has had enough
                return

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def host() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    server.asked, server.stop = [], threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.stop.set()
    server.shutdown()
    server.server_close()


def asked_for(url: str, *, hosts: tuple[str, ...] = ()) -> tuple[int, Any]:
    service = Service(tokenizer=TOKENIZER, hosts=hosts, media=MEDIA)
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}]
    body = {"model": PHI, "messages": [{"role": "user", "content": parts}]}
    headers = {"content-type": "application/json", "api-key": "mock-key"}
    query = {"api-version": "2024-05-01-preview"}
    response = service.handle(Request("POST", "/models/chat/completions", query, headers, json.dumps(body).encode()))
    return response.status, json.loads(response.body)


def test_nothing_is_fetched_unless_its_host_is_allowed(host):
    before = len(host.asked)
    status, body = asked_for(f"http://127.0.0.1:{host.server_port}/chart.png")
    assert status == 400
    assert "nothing is fetched" in body["error"]["message"]
    assert len(host.asked) == before


def test_a_picture_of_an_allowed_host_is_fetched(host):
    place = f"127.0.0.1:{host.server_port}"
    status, body = asked_for(f"http://{place}/chart.png", hosts=(place,))
    assert status == 200
    assert body["usage"]["prompt_tokens"] > 2000


def test_a_host_is_allowed_on_the_port_that_was_named_only(host):
    url = f"http://127.0.0.1:{host.server_port}/chart.png"
    before = len(host.asked)
    for allowed in ("127.0.0.1", "127.0.0.1:9", "localhost", f"localhost:{host.server_port}"):
        assert asked_for(url, hosts=(allowed,))[0] == 400
    assert len(host.asked) == before


def test_a_redirect_is_not_followed(host):
    place = f"127.0.0.1:{host.server_port}"
    before = host.asked.count("/chart.png")
    status, body = asked_for(f"http://{place}/moved", hosts=(place,))
    assert status == 400
    assert "302" in body["error"]["message"]
    assert host.asked.count("/chart.png") == before
    assert "404" in asked_for(f"http://{place}/nothing", hosts=(place,))[1]["error"]["message"]


def test_a_host_that_drips_is_given_up(host, monkeypatch):
    monkeypatch.setattr(addresses, "TIMEOUT", 0.3)
    place = f"127.0.0.1:{host.server_port}"
    status, body = asked_for(f"http://{place}/drip", hosts=(place,))
    assert status == 400
    assert "longer than 0.3 seconds" in body["error"]["message"]


def test_too_large_a_file_is_not_read_to_its_end(host, monkeypatch):
    monkeypatch.setattr(addresses, "MAX_BYTES", 1000)
    place = f"127.0.0.1:{host.server_port}"
    status, body = asked_for(f"http://{place}/chart.png", hosts=(place,))
    assert status == 400
    assert "1,000 bytes" in body["error"]["message"]


@pytest.mark.parametrize("host", ["", "http://example.com", "example.com/path", "a:b", "me@example.com", "a:99999"])
def test_a_host_that_is_none_is_refused_at_once(host):
    with pytest.raises(ValueError, match="is no host"):
        Addresses(hosts=[host])


@pytest.mark.parametrize("host", ["example.com", "EXAMPLE.com:443", "[::1]:8080"])
def test_hosts_are_compared_in_one_form(host):
    found = Addresses(hosts=[host], fetch=lambda url: b"x")
    url = {"[::1]:8080": "http://[::1]:8080/x"}.get(host, "https://example.com/x")
    assert found(url, "image", ()) == b"x"


def test_a_link_out_of_the_media_folder_is_no_file_of_it(tmp_path: Path):
    folder = tmp_path / "media"
    folder.mkdir()
    (folder / "own.png").write_bytes(CHART)
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.png").symlink_to(tmp_path / "secret.txt")
    found = Addresses(folder)
    assert found.file("own.png") == CHART
    with pytest.raises(ApiError) as refusal:
        found.file("link.png")
    assert "own.png" in refusal.value.message
    assert "link.png." not in refusal.value.message.split("There are:")[1]


def test_a_service_that_may_wait_says_so():
    assert not Service(tokenizer=TOKENIZER).waits
    assert Service(tokenizer=TOKENIZER, hosts=("example.com",)).waits
