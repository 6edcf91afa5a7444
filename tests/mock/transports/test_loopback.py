"""The mock with no port: every client's own connections, up to the socket, end in this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
import requests
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError, ServiceResponseError

from helpers.mock.gateway.identity import DEFAULT_KEY
from helpers.mock.service import Service
from helpers.mock.testing import serve
from helpers.mock.transports.httpx2 import AsyncTransport, Transport
from helpers.mock.transports.loopback import Loopback, service_at

PLAIN, SECURE = "http://127.0.0.1:8008", "https://127.0.0.1:8009"
FREE = "http://127.0.0.1:1"  # where nobody listens, whatever else this machine runs
HELLO: Any = [{"role": "user", "content": "How many languages are in the world?"}]
KEY = {"api-key": DEFAULT_KEY}


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def mock(service: Service) -> Iterator[Loopback]:
    with Loopback(service, PLAIN) as mock:
        yield mock


def sdk(url: str, **options: Any) -> ChatCompletionsClient:
    return ChatCompletionsClient(f"{url}/models", AzureKeyCredential(DEFAULT_KEY), model="gpt-4o", **options)


def test_nothing_listens_and_requests_gets_its_answer(mock: Loopback):
    body = {"model": "gpt-4o", "messages": HELLO}
    with requests.Session() as session:
        session.trust_env = False
        for _ in range(3):  # over one connection, which is kept
            answer = session.post(
                f"{mock.url}/models/chat/completions?api-version=2024-05-01-preview", json=body, headers=KEY
            )
            assert answer.status_code == 200
            assert "7,000" in answer.json()["choices"][0]["message"]["content"]
    with pytest.raises(requests.ConnectionError):
        requests.get("http://127.0.0.1:9/", timeout=2)


def test_the_sdk_completes_streams_and_is_refused_as_over_a_socket(mock: Loopback):
    with sdk(mock.url) as client:
        whole = client.complete(messages=[UserMessage("Hello")])
        streamed = client.complete(messages=[UserMessage("Hello")], stream=True)
        text = "".join(choice.delta.content or "" for update in streamed for choice in update.choices)
        assert text == whole.choices[0].message.content
    with (
        pytest.raises(ClientAuthenticationError),
        ChatCompletionsClient(f"{mock.url}/models", AzureKeyCredential("")) as client,
    ):
        client.complete(messages=[UserMessage("Hello")])


def test_https_to_the_address_is_taken_without_a_certificate(service: Service):
    with Loopback(service, SECURE), sdk(SECURE) as client:
        assert client.complete(messages=[UserMessage("Hello")]).choices


def test_a_fault_is_the_clients_own_error(mock: Loopback):
    with sdk(mock.url, retry_total=0) as client:
        with pytest.raises(ServiceResponseError):
            client.complete(messages=[UserMessage("Hello")], headers={"x-mock-fault": "drop"})
        with pytest.raises(ServiceResponseError):
            client.complete(messages=[UserMessage("Hello")], headers={"x-mock-ttft": "5"}, read_timeout=0.01)


def test_when_it_is_closed_the_address_refuses_again_and_everything_is_as_before(service: Service):
    import socket

    before = socket.create_connection
    with Loopback(service, FREE):
        assert service_at(f"{FREE}/models") is service
        with pytest.raises(RuntimeError, match="open already"):
            Loopback(service, FREE).open()
    assert socket.create_connection is before
    with pytest.raises(ServiceRequestError), sdk(FREE, retry_total=0) as client:
        client.complete(messages=[UserMessage("Hello")])


def test_the_openai_package_takes_the_transport(service: Service):
    with openai.OpenAI(
        base_url=f"{PLAIN}/openai/v1", api_key=DEFAULT_KEY, http_client=httpx2.Client(transport=Transport(service))
    ) as client:
        answer = client.chat.completions.create(model="gpt-4o", messages=HELLO)
        assert "7,000" in (answer.choices[0].message.content or "")
        chunks = list(client.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True))
        assert len(chunks) > 10
        with pytest.raises(openai.NotFoundError):
            client.chat.completions.create(model="no-such-model", messages=HELLO)


@pytest.mark.parametrize("key", ["key\n", "key "])
def test_a_header_that_no_socket_would_be_given_is_refused_in_the_same_words(service: Service, key: str):
    with serve() as server:
        causes = []
        for url, http in (
            (server.openai_base_url, None),
            (f"{PLAIN}/openai/v1", httpx2.Client(transport=Transport(service))),
        ):
            with openai.OpenAI(base_url=url, api_key=key, http_client=http, max_retries=0) as client:
                with pytest.raises(openai.APIConnectionError) as refused:
                    client.models.list()
                causes.append((type(refused.value.__cause__), str(refused.value.__cause__)))
    assert causes[0] == causes[1]


def test_so_does_its_asyncio_half_and_waits_overlap(service: Service):
    async def ask() -> list[str]:
        http = httpx2.AsyncClient(transport=AsyncTransport(service))
        async with openai.AsyncOpenAI(base_url=f"{PLAIN}/openai/v1", api_key=DEFAULT_KEY, http_client=http) as client:
            calls = [client.chat.completions.create(model="gpt-4o", messages=HELLO) for _ in range(5)]
            return [answer.choices[0].message.content or "" for answer in await asyncio.gather(*calls)]

    assert len(set(asyncio.run(ask()))) == 1


def test_a_body_in_chunks_and_a_length_of_its_own_are_read(mock: Loopback):
    body = json.dumps({"model": "gpt-4o", "messages": HELLO}).encode()

    def pieces() -> Iterator[bytes]:
        yield body[:10]
        yield body[10:]

    with requests.Session() as session:
        session.trust_env = False
        headers = {**KEY, "content-type": "application/json"}
        answer = session.post(
            f"{mock.url}/models/chat/completions?api-version=2024-05-01-preview", data=pieces(), headers=headers
        )
    assert answer.status_code == 200
