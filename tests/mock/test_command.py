"""`python -m helpers.mock`: a process of its own, its one line, its errors, its end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, ServiceResponseTimeoutError
from azure.identity import DefaultAzureCredential

import helpers.mock
from helpers.mock.transports.server import own_addresses

pytestmark = pytest.mark.heavy

ROOT = Path(helpers.mock.__file__).parents[2]
MESSAGES = [{"role": "user", "content": "Hello"}]
MODEL = "mistral-large-2407"

needs_signals = pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without a signal")


def command(*arguments: str, **variables: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name != "MOCK_KEY"} | variables
    return subprocess.Popen(
        [sys.executable, "-m", "helpers.mock", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def running(*arguments: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its ready line; killed when the test has not ended it."""
    with command("--port", "0", *arguments, **variables) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.stderr and process.stderr.read()
            yield process, line
        finally:
            process.kill()


def failing(*arguments: str, **variables: str) -> tuple[int, str, str]:
    with command(*arguments, **variables) as process:
        out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def address(line: str, scheme: str = "http") -> str:
    found = re.search(rf"{scheme}://[\w.\[\]:]+/models", line)
    assert found, line
    return found[0]


def ask(endpoint: str, key: str, **options: Any) -> str:
    with ChatCompletionsClient(endpoint, AzureKeyCredential(key), model=MODEL, **options) as client:
        return client.complete(messages=MESSAGES).choices[0].message.content


@needs_signals
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_it_says_where_it_is_answers_and_ends_cleanly(number):
    with running() as (process, line):
        assert line.count("\n") == 1
        assert "key: mock-key" in line
        assert ask(address(line), "mock-key")
        process.send_signal(number)
        out, err = process.communicate(timeout=2)
    assert (process.returncode, out, err) == (0, "", "")


def test_a_key_of_ones_own_replaces_the_default_and_is_never_printed():
    with running("--key", "my-own-key") as (process, line):
        assert "my-own-key" not in line
        assert ask(address(line), "my-own-key")
        with pytest.raises(ClientAuthenticationError):
            ask(address(line), "mock-key")
        process.kill()
        out, err = process.communicate(timeout=10)
    assert "my-own-key" not in out + err


def test_the_key_can_come_from_the_environment_and_the_option_wins():
    with running(MOCK_KEY="from-the-environment") as (_, line):
        assert ask(address(line), "from-the-environment")
    with running("--key", "from-the-option", MOCK_KEY="from-the-environment") as (_, line):
        assert ask(address(line), "from-the-option")


def test_with_tls_the_line_holds_all_that_a_keyless_client_needs(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith(("AZURE_", "MSI_")) or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with running("--tls", "--tls-dir", str(tmp_path)) as (_, line):
        assert line.count("\n") == 1
        ca_file = re.search(r"CA file: (.+?) \|", line)
        endpoint = re.search(r"IDENTITY_ENDPOINT=(\S+)", line)
        assert ca_file
        assert endpoint
        assert Path(ca_file[1]) == tmp_path / "ca.pem"
        monkeypatch.setenv("IDENTITY_ENDPOINT", endpoint[1])
        monkeypatch.setenv("IDENTITY_HEADER", "mock-key")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca_file[1])
        scopes = ["https://cognitiveservices.azure.com/.default"]
        with ChatCompletionsClient(
            address(line, "https"), DefaultAzureCredential(), credential_scopes=scopes, model=MODEL
        ) as client:
            assert client.complete(messages=MESSAGES).choices[0].message.content
        assert ask(address(line, "http"), "mock-key")


@needs_signals
def test_it_leaves_no_certificates_behind(tmp_path):
    with running("--tls", TMPDIR=str(tmp_path)) as (process, _):
        assert list(tmp_path.glob("*/ca.pem"))
        process.terminate()
        process.wait(timeout=5)
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_one_line_and_exit_code_1():
    with socket.create_server(("127.0.0.1", 0)) as busy:
        code, out, err = failing("--port", str(busy.getsockname()[1]))
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "in use" in err


def test_half_a_certificate_folder_is_one_line_and_exit_code_1(tmp_path):
    (tmp_path / "ca.pem").write_text("")
    code, _, err = failing("--port", "0", "--tls", "--tls-dir", str(tmp_path))
    assert code == 1
    assert err.count("\n") == 1
    assert "only one of" in err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--host", "0.0.0.0"], "set MOCK_KEY"),
        (["--host", "0.0.0.0", "--key", "mock-key"], "set MOCK_KEY"),
        (["--host", "::"], "set MOCK_KEY"),
        (["--host", "example.invalid"], "set MOCK_KEY"),
        (["--key", " "], "must not be empty"),
        (["--tls-dir", "."], "need --tls"),
        (["--tls-name", "desk.example"], "need --tls"),
        (["--tls", "--tls-name", "https://desk"], "neither a host name nor an address"),
        (["--tls", "--tls-name", "*.example"], "neither a host name nor an address"),
        (["--port", "70000"], "70000"),
        (["--port", "http"], "--port"),
        (["--media", "no/such/folder"], "not a folder"),
        (["--ttft", "-1"], "-1"),
        (["--tokens-per-second", "0"], "not above 0"),
    ],
)
def test_a_wrong_option_says_so_and_exits_with_2(arguments, named):
    code, out, err = failing(*arguments)
    assert (code, out) == (2, "")
    assert named in err.splitlines()[-1]


def test_other_addresses_are_open_to_a_key_of_ones_own():
    with running("--host", "0.0.0.0", "--key", "my-own-key") as (_, line):
        assert urlsplit(address(line)).hostname == (*own_addresses(), "127.0.0.1")[0]
        assert ask(address(line), "my-own-key")


def test_what_the_line_says_can_be_used_from_other_machines(tmp_path):
    arguments = ("--host", "0.0.0.0", "--key", "my-own-key", "--tls", "--tls-dir", str(tmp_path))
    with running(*arguments) as (_, line):
        own = (*own_addresses(), "127.0.0.1")[0]
        assert ask(address(line, "https"), "my-own-key", connection_verify=str(tmp_path / "ca.pem"))
        assert [urlsplit(url).hostname for url in re.findall(r"https?://\S+", line)] == [own, own, own]
        assert re.search(rf"IDENTITY_ENDPOINT=https://{own}:\d+/msi/token", line)  # a secret goes there
    with running(*arguments, "--tls-name", "desk.example", "--tls-name", "10.9.8.7") as (_, line):
        assert {urlsplit(url).hostname for url in re.findall(r"https?://\S+", line)} == {"desk.example"}


def test_pace_is_taken_from_the_options():
    with running("--ttft", "0.2") as (_, line), pytest.raises(ServiceResponseTimeoutError):
        ask(address(line), "mock-key", read_timeout=0.1)


def test_starting_it_loads_neither_the_notebook_nor_the_sdk():
    program = (
        "import sys; import helpers.mock.__main__, helpers.mock.transports.server, helpers.mock.transports.tls, "
        "helpers.mock.service, helpers.mock.gateway.identity; helpers.mock.service.Service();"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'IPython', 'ipywidgets', 'azure'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_public_names_are_loaded_when_first_used():
    program = (
        "import sys, helpers.mock as mock; before = 'helpers.mock.http' in sys.modules; mock.Request;"
        "print(before, 'helpers.mock.http' in sys.modules, set(mock.__all__) <= set(dir(mock)))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("False True True\n", "")


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        helpers.mock.Nothing  # noqa: B018
