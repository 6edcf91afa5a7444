"""JupyterHub as rooms/jupyterhub configures it: three sign in, each runs lesson 01 and has a progress of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websocket import WebSocket, create_connection

from commands.setup.course import set_up_hub
from commands.setup.steps import SetUpError
from tests.support.ending import WITH_US
from tests.support.places import ROOT

pytestmark = pytest.mark.slow

OWN = "the-teachers-own-key"
PEOPLE = {"anna": "a-key-for-anna", "ben": "a-key-for-ben", "Zoe-1": "a-key-for-zoe"}
PATIENCE = 120  # seconds
LESSON = "notebooks/01-basics.ipynb"
SOLUTION = """
concise = client.complete(messages=[SystemMessage("Answer in five words."), question])
check("1.1", concise)
"""


def free_ports() -> Generator[int]:
    """Ports that are free, and so are those behind them."""
    with ExitStack() as held:
        while True:
            port = held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
            with suppress(OSError):
                held.enter_context(socket.create_server(("127.0.0.1", port + 1)))
                yield port


@dataclass(frozen=True)
class Hub:
    """A hub at work: its address, the mock's, and where its state is."""

    url: str
    mock: str
    state: Path


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("hub")
    try:
        python = set_up_hub()
    except SetUpError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    (folder / "keys.toml").write_text("".join(f'[{name}]\nkey = "{key}"\n' for name, key in PEOPLE.items()), "utf-8")
    ports = free_ports()
    front, inner, api, mock = islice(ports, 4)
    ports.close()
    settings = {
        "MOCK_KEY": OWN,
        "ROOM_KEYS": str(folder / "keys.toml"),
        "ROOM_STATE": str(folder / "state"),
        "ROOM_BIND": f"http://127.0.0.1:{front}",
        "ROOM_MOCK_PORT": str(mock),
    }
    command = [str(python), "-m", "jupyterhub", "--config", str(ROOT / "rooms" / "jupyterhub" / "jupyterhub_config.py")]
    command += [f"--JupyterHub.hub_port={inner}", f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{api}"]
    said = folder / "said.txt"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE_", "COURSE_"))}
    with said.open("w") as out:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**environment, **settings},
            stdout=out,
            stderr=out,
            start_new_session=True,
            **WITH_US,
        )
    here = Hub(f"http://127.0.0.1:{front}", f"http://127.0.0.1:{mock}", folder / "state")
    try:
        wait_for(lambda: answers(f"{here.url}/hub/health") and answers(f"{here.mock}/_mock/health"), process, said)
        yield here
        text = said.read_text("utf-8")
        assert [key for key in (OWN, *PEOPLE.values()) if key in text] == []
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def wait_for(ready: Any, process: subprocess.Popen[bytes], said: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not ready():
        assert process.poll() is None, said.read_text("utf-8")[-3000:]
        assert time.monotonic() < until, said.read_text("utf-8")[-3000:]
        time.sleep(0.2)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


@dataclass
class Person:
    """Somebody with a browser: what they type and click, as requests."""

    hub: Hub
    name: str
    browser: httpx.Client

    @classmethod
    def signed_in(cls, hub: Hub, name: str, key: str) -> Person:
        browser = httpx.Client(trust_env=False, follow_redirects=True, timeout=PATIENCE)
        browser.get(f"{hub.url}/hub/login").raise_for_status()
        form = {"username": name, "password": key, "_xsrf": browser.cookies.get("_xsrf", path="/hub/")}
        there = browser.post(f"{hub.url}/hub/login", data=form)
        return cls(hub, name, browser) if there.is_success else cls(hub, "", browser)

    def enter(self) -> None:
        """Wait for the own server, as the page with the progress bar does."""
        self.browser.get(f"{self.hub.url}/hub/spawn")
        until = time.monotonic() + PATIENCE
        while f"/user/{self.name}/lab" not in self.browser.get(f"{self.hub.url}/hub/spawn").url.path:
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.3)

    def api(self, method: str, where: str, **body: Any) -> httpx.Response:
        headers = {"X-XSRFToken": self.browser.cookies.get("_xsrf", path=f"/user/{self.name}/") or ""}
        url = f"{self.hub.url}/user/{self.name}/api/{where}"
        return self.browser.request(method, url, json=body or None, headers=headers)

    def kernel(self) -> Kernel:
        made = self.api("POST", "kernels", name="python3", path=LESSON)
        assert made.status_code == 201, made.text
        url = f"{self.hub.url}/user/{self.name}/api/kernels/{made.json()['id']}/channels"
        header = {"Cookie": self.browser.build_request("GET", url).headers["cookie"]}
        return Kernel(create_connection(url.replace("http", "ws", 1), header=header, timeout=PATIENCE))


@dataclass
class Kernel:
    """A kernel that is spoken to as a front end does."""

    socket: WebSocket

    def run(self, code: str) -> tuple[str, str]:
        """What a cell printed, and the name of its error."""
        number = uuid4().hex
        header = {"msg_id": number, "msg_type": "execute_request", "username": "", "session": "s", "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": True, "stop_on_error": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        self.socket.send(json.dumps(message))
        printed, error = "", ""
        while True:
            told = json.loads(self.socket.recv())
            if told["parent_header"].get("msg_id") != number:
                continue
            content = told["content"]
            printed += content.get("text", "") if told["msg_type"] == "stream" else ""
            printed += str(content.get("data", {}).get("text/plain", ""))
            error = content["ename"] if told["msg_type"] == "error" else error
            if told["msg_type"] == "status" and content["execution_state"] == "idle":
                return printed, error


@pytest.fixture(scope="module")
def people(hub: Hub) -> list[Person]:
    entered = [Person.signed_in(hub, name, key) for name, key in PEOPLE.items()]
    for person in entered:
        person.enter()
    return entered


def test_each_runs_lesson_01_with_their_own_key(hub: Hub, people: list[Person]):
    for person in people:
        book = person.api("GET", f"contents/{LESSON}").json()["content"]
        kernel = person.kernel()
        for cell in book["cells"]:
            if cell["cell_type"] != "code":
                continue
            expected = [out["ename"] for out in cell["outputs"] if out["output_type"] == "error"]
            _, error = kernel.run(cell["source"])
            assert error in (expected or [""]), (cell["source"], error)
        kernel.socket.close()
    page = httpx.get(f"{hub.mock}/_mock/room", headers={"api-key": OWN}, trust_env=False).text
    for name in PEOPLE:
        assert re.search(rf"<td>{name}</td><td><b>active</b>", page), name


def test_progress_is_each_ones_own(people: list[Person]):
    anna, ben, _ = people
    for person, solve in ((anna, True), (ben, False)):
        kernel = person.kernel()
        book = person.api("GET", f"contents/{LESSON}").json()["content"]
        for cell in book["cells"]:
            if cell["cell_type"] == "code":
                kernel.run(cell["source"])
        time.sleep(1)  # a hand, and not "Run All", runs the next cell
        if solve:
            kernel.run(SOLUTION)
        kernel.run("from helpers.exercises.progress import solved")
        printed, _ = kernel.run("print(sorted(solved()))")
        assert ("1.1" in printed) == solve
        kernel.socket.close()


def test_nobody_comes_in_with_another_name_or_key(hub: Hub):
    for name, key in (("anna", PEOPLE["ben"]), ("nobody", PEOPLE["anna"]), ("anna", OWN), ("ANNA", PEOPLE["anna"])):
        assert Person.signed_in(hub, name, key).name == ""


def test_a_participant_reaches_no_other_ones_server(people: list[Person]):
    anna, ben, _ = people
    there = anna.browser.get(f"{anna.hub.url}/user/{ben.name}/api/contents")
    assert there.status_code in (403, 404)


def test_the_teachers_key_is_not_in_a_participants_environment(people: list[Person]):
    kernel = people[0].kernel()
    printed, _ = kernel.run("import os; print(sorted(os.environ.values()))")
    kernel.socket.close()
    assert PEOPLE["anna"] in printed
    assert [key for key in (OWN, PEOPLE["ben"]) if key in printed] == []
