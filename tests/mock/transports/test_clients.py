"""The OpenAI client on the mock, unchanged: what programs really do with it, sync and async, on both of its routes.

The clients of azure-ai-inference are at work in most other tests.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from helpers.mock import Error, Mock, ToolCall

pytest_plugins = ["helpers.mock.pytest_plugin"]

QUESTION: list[Any] = [{"role": "user", "content": "How many metres is 3 km?"}]
ANSWER = "3 kilometres are 3,000 metres."
VERSION = "2024-10-21"


class City(BaseModel):
    name: str
    population: int


class GetWeather(BaseModel):
    """The weather in a city."""

    city: str


def v1(mock: Mock, **options: Any) -> Any:
    return openai.OpenAI(base_url=mock.openai_base_url, api_key=mock.key, **options)


def azure(mock: Mock, **options: Any) -> Any:
    return openai.AzureOpenAI(azure_endpoint=mock.url, api_key=mock.key, api_version=VERSION, **options)


def deployment(mock: Mock, **options: Any) -> Any:
    return azure(mock, azure_deployment="gpt-4o", **options)


both = pytest.mark.parametrize("connect", [v1, azure])


@pytest.fixture
def client(inference_mock: Mock, connect: Callable[[Mock], Any]) -> Any:
    with connect(inference_mock) as made:
        yield made


@pytest.mark.parametrize("connect", [v1, azure, deployment])
def test_a_completion(client: Any):
    answer = client.chat.completions.create(model="gpt-4o", messages=QUESTION)
    assert answer.choices[0].message.content == ANSWER
    assert answer.model == "gpt-4o-2024-11-20"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


@both
def test_a_stream_adds_up_and_ends_with_its_usage(client: Any):
    options = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = list(client.chat.completions.create(model="gpt-4o", messages=QUESTION, **options))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == ANSWER
    assert chunks[-1].usage.completion_tokens > 0


@both
def test_the_helper_for_streams_puts_the_answer_together(client: Any):
    with client.chat.completions.stream(model="gpt-4o", messages=QUESTION) as stream:
        kinds = {event.type for event in stream}
        assert stream.get_final_completion().choices[0].message.content == ANSWER
    assert {"chunk", "content.delta", "content.done"} <= kinds


@both
def test_parse_gives_an_object_of_the_class(client: Any):
    messages = [{"role": "user", "content": "Oslo has 700,000 inhabitants."}]
    answer = client.chat.completions.parse(model="gpt-4o", messages=messages, response_format=City)
    assert answer.choices[0].message.parsed == City(name="Oslo", population=700_000)


@both
def test_tools_are_called_with_parsed_arguments_also_in_a_stream(client: Any):
    tools = [openai.pydantic_function_tool(GetWeather)]
    messages = [{"role": "user", "content": "How is the weather in Oslo and in Rome?"}]
    whole = client.chat.completions.parse(model="gpt-4o", messages=messages, tools=tools)
    with client.chat.completions.stream(model="gpt-4o", messages=messages, tools=tools) as stream:
        streamed = stream.get_final_completion()
    for answer in (whole, streamed):
        calls = answer.choices[0].message.tool_calls
        assert [call.function.parsed_arguments for call in calls] == [GetWeather(city="Oslo"), GetWeather(city="Rome")]
        assert answer.choices[0].finish_reason == "tool_calls"


@both
def test_embeddings_come_as_base64_unless_told_otherwise(client: Any, inference_mock: Mock):
    packed = client.embeddings.create(model="text-embedding-3-small", input=["a cat", "a dog"])
    plain = client.embeddings.create(model="text-embedding-3-small", input=["a cat", "a dog"], encoding_format="float")
    assert inference_mock.requests[0].json["encoding_format"] == "base64"
    assert [len(item.embedding) for item in packed.data] == [1536, 1536]
    for one, other in zip(packed.data, plain.data, strict=True):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-6)


@pytest.mark.parametrize("connect", [v1])
def test_models_are_listed_and_found(client: Any):
    assert {"gpt-4o", "text-embedding-3-small"} <= {model.id for model in client.models.list()}
    assert client.models.retrieve("gpt-4o").id == "gpt-4o"


@both
def test_retries_wait_as_they_are_told_and_succeed(client: Any, inference_mock: Mock, monkeypatch: pytest.MonkeyPatch):
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    inference_mock.replies(Error(429, retry_after=7), Error(500), "fine")
    answer = client.chat.completions.create(model="gpt-4o", messages=QUESTION)
    assert answer.choices[0].message.content == "fine"
    assert [request.status for request in inference_mock.requests] == [429, 500, 200]
    assert 7 in waits


@both
def test_a_fault_counts_the_attempts_of_this_client(client: Any, inference_mock: Mock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    client.chat.completions.create(model="gpt-4o", messages=QUESTION, extra_headers={"x-mock-fault": "503*2"})
    assert [request.status for request in inference_mock.requests] == [503, 503, 200]


@pytest.mark.parametrize(
    ("connect", "options", "kind"),
    [
        (v1, {"model": "gpt-4o", "temperature": 9}, "BadRequestError"),
        (v1, {"model": "no-such-model"}, "NotFoundError"),
        (azure, {"model": "gpt-4o", "n": 0}, "BadRequestError"),
        (azure, {"model": "no-such-deployment"}, "NotFoundError"),
    ],
)
def test_refusals_are_the_exceptions_that_programs_catch(client: Any, options: dict[str, Any], kind: str):
    with pytest.raises(getattr(openai, kind)):
        client.chat.completions.create(messages=QUESTION, **options)


@both
def test_a_wrong_key_is_an_authentication_error(connect: Callable[..., Any], inference_mock: Mock):
    wrong = connect(inference_mock).with_options(api_key="wrong-key")
    with pytest.raises(openai.AuthenticationError):
        wrong.chat.completions.create(model="gpt-4o", messages=QUESTION)


def test_clients_without_arguments_find_the_mock_in_the_environment(inference_mock_env: Mock):
    for made in (openai.OpenAI(), openai.AzureOpenAI()):
        assert made.chat.completions.create(model="gpt-4o", messages=QUESTION).choices[0].message.content == ANSWER
    assert os.environ["OPENAI_API_KEY"] == inference_mock_env.key


def test_a_token_of_the_mocks_issuer_is_as_good_as_the_key(inference_mock: Mock):
    issuer = inference_mock.service.issuer
    made = openai.AzureOpenAI(
        azure_endpoint=inference_mock.url,
        api_version=VERSION,
        azure_ad_token_provider=lambda: issuer.issue("https://cognitiveservices.azure.com").value,
    )
    assert made.chat.completions.create(model="gpt-4o", messages=QUESTION).choices


async def test_the_asyncio_clients_do_the_same(inference_mock: Mock):
    inference_mock.reply(ToolCall("GetWeather", city="Oslo"), when="weather")
    inference_mock.reply("words")
    tools = [openai.pydantic_function_tool(GetWeather)]
    weather: Any = [{"role": "user", "content": "How is the weather?"}]
    async with (
        openai.AsyncOpenAI(base_url=inference_mock.openai_base_url, api_key=inference_mock.key) as first,
        openai.AsyncAzureOpenAI(
            azure_endpoint=inference_mock.url, api_key=inference_mock.key, api_version=VERSION
        ) as second,
    ):
        for made in (first, second):
            stream = await made.chat.completions.create(model="gpt-4o", messages=QUESTION, stream=True)
            text = [chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]
            assert "".join(text) == "words"
            asked = (made.chat.completions.parse(model="gpt-4o", messages=weather, tools=tools) for _ in range(5))
            for answer in await asyncio.gather(*asked):
                (call,) = answer.choices[0].message.tool_calls
                assert call.function.parsed_arguments == GetWeather(city="Oslo")
