"""How an upstream is named: on the command line, in tests, for the lessons; and where its key is seen by nobody."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from openai import OpenAI

from helpers.mock.testing import in_process
from tests.mock.test_command import ask, command, failing, running
from tests.mock.upstream.conftest import KEY
from tests.support.places import ROOT
from tests.support.scripted_upstream import ScriptedUpstream, stream

pytest_plugins = ["helpers.mock.pytest_plugin"]

CONNECT = """
from helpers import connect
from openai import OpenAI
here = connect()
client = OpenAI(base_url=here.openai_base_url(), api_key="mock-key")
print(client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello"}]).choices[0])
print(here, repr(here), here.written_by)
"""


@pytest.mark.heavy
def test_the_command_names_who_writes_and_not_the_key(address: str, upstream: ScriptedUpstream):
    options = ("--upstream", address, "--upstream-model", "small", "--upstream-max-tokens", "20")
    with running(*options, MODEL_INFERENCE_UPSTREAM_KEY=KEY) as (process, line):
        assert process.stdout
        said = process.stdout.readline()
        assert (
            said == f"What it answers is written by small at {address.removeprefix('http://').removesuffix('/v1')}.\n"
        )
        upstream.send(*stream("Good ", "morning."))
        assert ask(f"{line.split()[4]}", "mock-key") == "Good morning."
        process.kill()
        out, err = process.communicate()
    assert KEY not in line + said + out + err
    (asked,) = upstream.asked
    assert (asked.headers["authorization"], asked.body["max_tokens"]) == (f"Bearer {KEY}", 20)


@pytest.mark.heavy
def test_what_cannot_be_is_said_before_anything_starts():
    code, _, err = failing("--upstream", "localhost:11434")
    assert (code, "it must be a URL such as http://127.0.0.1:11434/v1" in err) == (2, True)
    code, _, err = failing("--upstream", "http://127.0.0.1:11434/v1/chat/completions")
    assert (code, "leave out /chat/completions after '/v1'" in err) == (2, True)
    code, _, err = failing("--upstream-model", "small")
    assert (code, "need --upstream" in err) == (2, True)
    with command("--help") as process:
        assert "MODEL_INFERENCE_UPSTREAM_KEY" in process.communicate()[0]


@pytest.mark.heavy
def test_the_lessons_find_it_by_a_variable_and_say_so(address: str, upstream: ScriptedUpstream):
    variables = {"MODEL_INFERENCE_UPSTREAM": address, "MODEL_INFERENCE_UPSTREAM_MODEL": "small"}
    done = subprocess.run(
        [sys.executable, "-c", CONNECT],
        cwd=ROOT,
        env={**os.environ, **variables, "MODEL_INFERENCE_UPSTREAM_KEY": KEY},
        capture_output=True,
        text=True,
        timeout=60,
    )
    place = address.removeprefix("http://").removesuffix("/v1")
    first, answer, *_ = done.stdout.splitlines()
    assert first == f"Endpoint: the bundled mock, whose answers are written by small at {place}"
    assert "content='Fine.'" in answer
    assert upstream.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in done.stdout + done.stderr
    assert done.stderr == ""


def test_a_test_names_it_by_options(address: str, upstream: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MODEL_INFERENCE_UPSTREAM_KEY", KEY)
    mock = in_process(upstream=address, upstream_model="small", upstream_timeout=5, upstream_max_tokens=7)
    assert mock.service.upstream
    assert KEY not in repr(mock.service)
    for options in ({"upstream_timeout": 0}, {"upstream_max_tokens": 0}):
        with pytest.raises(ValueError, match=next(iter(options))):
            in_process(upstream=address, **options)  # pyright: ignore[reportArgumentType]


def test_the_fixture_takes_it_too(make_inference_mock, address: str, upstream: ScriptedUpstream):
    mock = make_inference_mock(upstream=address, upstream_model="small")
    client = OpenAI(base_url=mock.openai_base_url, api_key=mock.key)
    answer = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello"}])
    assert answer.choices[0].message.content == "Fine."
    mock.reply("Scripted.")
    answer = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello"}])
    assert (answer.choices[0].message.content, len(upstream.asked)) == ("Scripted.", 1)
