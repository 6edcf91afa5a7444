"""`connect`: which endpoint it chooses, what it sets, what it says, and which key goes where."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers.endpoint import Endpoint
from tests.support.programs import Programs, programs

pytestmark = pytest.mark.heavy

NAMES = (
    "AZURE_INFERENCE_ENDPOINT",
    "AZURE_INFERENCE_CREDENTIAL",
    "AZURE_INFERENCE_MODEL",
    "AZURE_INFERENCE_VISION_MODEL",
    "AZURE_INFERENCE_AUDIO_MODEL",
    "AZURE_INFERENCE_EMBEDDING_MODEL",
    "AZURE_INFERENCE_API_VERSION",
    "AZUREAI_ENDPOINT_URL",
    "AZUREAI_ENDPOINT_KEY",
)
OWN = "https://mine.services.ai.azure.com/models"


Run = Callable[..., list[str]]


@pytest.fixture(scope="module")
def python() -> Iterator[Programs]:
    with programs(
        "helpers.endpoint", "helpers.mock.service", "helpers.mock.transports.server", "azure.ai.inference", "requests"
    ) as started:
        yield started


@pytest.fixture
def run(python: Programs, tmp_path: Path) -> Run:
    """Runs code in a process of its own, in an empty folder, with these variables and no others of ours, and gives the
    lines that it prints."""

    def run(code: str, **environment: str) -> list[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE", "IDENTITY"))}
        done = python.run(f"import os, json\nfrom helpers import connect\n{code}", tmp_path, {**clean, **environment})
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


SHOW = "print(json.dumps([os.environ.get(n) for n in ('AZURE_INFERENCE_ENDPOINT', 'AZURE_INFERENCE_CREDENTIAL')]))"


def test_without_anything_it_is_the_mock_and_the_sdks_client_works(run: Run):
    code = """
here = connect()
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
client = ChatCompletionsClient(os.environ["AZURE_INFERENCE_ENDPOINT"],
                               AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]), model="mistral-large-2407")
print(client.complete(messages=[{"role": "user", "content": "What is 6 * 7?"}]).choices[0].message.content)
print(here.is_mock, here.has_key, here.model("m"))
"""
    said, answer, state = run(code, HTTPS_PROXY="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9")
    assert said == "Endpoint: the bundled mock (offline, free, the same answers for everybody)"
    assert "42" in answer
    assert state == "True True m"


def test_calling_it_again_changes_nothing(run: Run):
    lines = run(f"connect(); {SHOW}; connect(); {SHOW}; connect(os.environ['AZURE_INFERENCE_ENDPOINT']); {SHOW}")
    assert len(set(lines[0::2])) == len(set(lines[1::2])) == 1


def test_the_environment_names_the_endpoint(run: Run):
    said, shown = run(f"connect(); {SHOW}", AZURE_INFERENCE_ENDPOINT=OWN, AZURE_INFERENCE_CREDENTIAL="k1")
    assert said == "Endpoint: mine.services.ai.azure.com, with your key"
    assert json.loads(shown) == [OWN, "k1"]


def test_the_older_names_are_honoured(run: Run):
    _, shown = run(f"connect(); {SHOW}", AZUREAI_ENDPOINT_URL=OWN, AZUREAI_ENDPOINT_KEY="k2")
    assert json.loads(shown) == [OWN, "k2"]


def test_an_injected_endpoint_takes_the_key_of_the_environment(run: Run):
    _, shown = run(f"connect({OWN!r}); {SHOW}", AZURE_INFERENCE_CREDENTIAL="k3")
    assert json.loads(shown) == [OWN, "k3"]


@pytest.mark.parametrize(
    "environment",
    [
        {"AZURE_INFERENCE_ENDPOINT": "https://other.example/models", "AZURE_INFERENCE_CREDENTIAL": "k"},
        {"AZUREAI_ENDPOINT_URL": "https://other.example/models", "AZUREAI_ENDPOINT_KEY": "k"},
    ],
)
def test_a_key_meant_for_one_endpoint_is_never_sent_to_another(run: Run, environment):
    said, shown = run(f"connect({OWN!r}); {SHOW}", **environment)
    assert json.loads(shown) == [OWN, None]
    assert "DefaultAzureCredential()" in said


def test_the_key_of_another_pair_is_not_taken(run: Run):
    said, shown = run(f"connect(); {SHOW}", AZURE_INFERENCE_ENDPOINT=OWN, AZUREAI_ENDPOINT_KEY="k")
    assert json.loads(shown) == [OWN, None]
    assert "DefaultAzureCredential()" in said


def test_a_key_without_an_endpoint_does_not_reach_the_mock(run: Run):
    _, shown = run(f"connect(); {SHOW}", AZURE_INFERENCE_CREDENTIAL="secret")
    assert json.loads(shown)[1] != "secret"


def test_own_models_and_version_only_on_ones_own_endpoint(run: Run):
    chosen = {
        "AZURE_INFERENCE_MODEL": "chat",
        "AZURE_INFERENCE_VISION_MODEL": "eyes",
        "AZURE_INFERENCE_AUDIO_MODEL": "ears",
        "AZURE_INFERENCE_EMBEDDING_MODEL": "map",
        "AZURE_INFERENCE_API_VERSION": "v",
    }
    code = (
        "print(here.model('a'), here.vision_model('b'), here.audio_model('c'), here.embedding_model('e'), "
        "here.api_version('d'))"
    )
    assert run(f"here = connect()\n{code}", **chosen)[1] == "a b c e d"
    assert run(f"here = connect({OWN!r})\n{code}", **chosen)[1] == "chat eyes ears map v"


@pytest.mark.parametrize(
    ("url", "base_url"),
    [
        ("https://mine.services.ai.azure.com/models", "https://mine.services.ai.azure.com/openai/v1"),
        ("https://mine.services.ai.azure.com/models/", "https://mine.services.ai.azure.com/openai/v1"),
        ("https://mine.openai.azure.com/openai/deployments/chat", "https://mine.openai.azure.com/openai/v1"),
        ("http://127.0.0.1:4000", "http://127.0.0.1:4000"),
        ("http://127.0.0.1:1234/v1/", "http://127.0.0.1:1234/v1"),
    ],
)
def test_the_address_for_the_openai_package_follows_from_the_endpoint(url, base_url):
    assert Endpoint(url, is_mock=False, has_key=True).openai_base_url() == base_url
    assert Endpoint(url, is_mock=False, has_key=True).openai_base_url("https://other/v1/") == "https://other/v1"


def test_an_endpoint_that_is_no_url_is_said_so_and_where_it_is_from(run: Run):
    code = """
for endpoint in ("mine.services.ai.azure.com/models", "ftp://x", "https://", None):
    try:
        connect(endpoint)
    except ValueError as error:
        print(error)
"""
    *given, named = run(code, AZUREAI_ENDPOINT_URL="chat")
    assert len(given) == 3
    assert all(said.endswith("must be a URL such as https://NAME.services.ai.azure.com/models.") for said in given)
    assert named.startswith("The endpoint is 'chat'; it must be a URL such as https://")
    assert named.endswith("The variable AZUREAI_ENDPOINT_URL says so; without it the lesson has the mock.")


def test_entra_makes_the_default_credential_work_over_https(run: Run):
    code = """
plain = connect()
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
by_key = ChatCompletionsClient(os.environ["AZURE_INFERENCE_ENDPOINT"],
                               AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]), model="mistral-large-2407")
connect(entra=True)
from azure.identity import DefaultAzureCredential
client = ChatCompletionsClient(endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"], credential=DefaultAzureCredential(),
                               credential_scopes=["https://cognitiveservices.azure.com/.default"],
                               model="mistral-large-2407")
for each in (client, by_key):
    print(each.complete(messages=[{"role": "user", "content": "What is 6 * 7?"}]).choices[0].message.content)
print(os.environ["AZURE_INFERENCE_ENDPOINT"].split(":")[0])
"""
    lines = run(code)
    assert "42" in lines[2]
    assert "42" in lines[3]
    assert lines[4] == "https"


def test_after_entra_a_call_without_it_names_the_http_address_again(run: Run):
    lines = run(f"connect(); {SHOW}; connect(entra=True); {SHOW}; connect(); {SHOW}")
    first, signed, last = (json.loads(line)[0] for line in lines[1::2])
    assert signed.startswith("https://")
    assert last == first
    assert run(f"connect(entra=True); connect(); {SHOW}")[-1].startswith('["http://')


PROXIES = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9") | {"ALL_PROXY": "socks5://127.0.0.1:9"}


def test_a_proxy_reaches_no_client_of_the_mock(run: Run):
    code = """
here = connect()
import asyncio, requests
from azure.ai.inference.aio import ChatCompletionsClient as OldAsync
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from openai import AsyncOpenAI, OpenAI
url, key = os.environ["AZURE_INFERENCE_ENDPOINT"], os.environ["AZURE_INFERENCE_CREDENTIAL"]
asked = {"messages": [{"role": "user", "content": "What is 6 * 7?"}], "model": "gpt-4o"}
for url in (url, url.replace("127.0.0.1", "localhost")):
    base = url.replace("/models", "/openai/v1")
    said = [ChatCompletionsClient(url, AzureKeyCredential(key)).complete(**asked)]
    said.append(OpenAI(base_url=base, api_key=key).chat.completions.create(**asked))
    async def both():
        async with OldAsync(url, AzureKeyCredential(key)) as old, AsyncOpenAI(base_url=base, api_key=key) as new:
            return [await old.complete(**asked), await new.chat.completions.create(**asked)]
    said += asyncio.run(both())
    print(*(reply.choices[0].message.content for reply in said), sep="; ")
    requests.get(base + "/models", headers={"api-key": key}, timeout=9).raise_for_status()
"""
    lower = {name.lower(): value for name, value in PROXIES.items()}
    for line in run(code, **PROXIES, **lower)[1:]:
        assert line.count("42") == 4


@pytest.mark.parametrize(
    ("before", "after"),
    [("", "127.0.0.1,localhost"), ("a.example", "a.example,127.0.0.1,localhost"), ("*", "*,127.0.0.1,localhost")],
)
def test_an_endpoint_of_yours_goes_through_the_proxy_that_is_named_also_after_the_mock(run: Run, before, after):
    code = f"connect(); connect({OWN!r}); print(os.environ['NO_PROXY'], os.environ['no_proxy'])"
    assert run(code, NO_PROXY=before, no_proxy=before)[-1] == f"{after} {after}"
