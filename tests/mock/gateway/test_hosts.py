"""Who refuses is seen in the headers: each host has its own, and a model's refusal those of the model beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpers.mock.http import Request, Response
from helpers.mock.service import Service
from tests.contract.ways import GPT, KEY, MISTRAL, TEXTS, chat, request

NAMED = {"x-ms-client-request-id": "mine"}
TAKEN = {"content-type", "retry-after"}  # of which others tell
ID = "apim-request-id"


def headers(response: Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name not in TAKEN}


def refused(service: Service, asked: Request, status: int) -> dict[str, str]:
    """The headers of a refusal, the ids of the gateway as "id"."""
    response = service.handle(asked)
    assert response.status == status, response.read()
    told = headers(response)
    return told | {name: "id" for name in (ID, "x-request-id") if name in told}


def without_key(asked: Request) -> Request:
    return replace(asked, headers={name: value for name, value in asked.headers.items() if name != "api-key"})


# --- the host refuses ---


@pytest.mark.parametrize("path", ["/openai/deployments/gpt-4o/info", "/openai/v1/info", "/openai/nowhere"])
def test_where_azure_openai_has_nothing_only_an_id_is_told(service, path):
    # recorded 2025-02
    assert refused(service, Request("GET", path, {"api-version": "2024-10-21"}, KEY), 404) == {ID: "id"}


def test_a_wrong_key_alone_is_answered_without_the_callers_id_a_wrong_token_with_it(service):
    # recorded 2024-09 and 2025-03
    asked = without_key(request("openai", "chat/completions", chat(), headers=NAMED))
    key = replace(asked, headers={**asked.headers, "api-key": "wrong"})
    token = replace(asked, headers={**asked.headers, "authorization": "Bearer wrong"})
    both = replace(asked, headers={**key.headers, **token.headers})
    assert refused(service, key, 401) == {ID: "id"}
    assert refused(service, token, 401) == refused(service, both, 401) == {ID: "id", **NAMED}


def test_a_serverless_endpoint_gives_its_reason(service):
    # recorded 2025-01
    asked = without_key(request("serverless", "chat/completions", chat(), headers=NAMED))
    assert refused(service, asked, 401) == {"x-ms-error-reason": "Invalid JWT."}


def test_an_unknown_deployment_is_refused_in_its_region(service):
    # recorded 2023-12
    asked = request("openai", "chat/completions", chat(), "gpt-9")
    assert refused(service, asked, 404) == {ID: "id", "x-ms-region": "East US"}


@pytest.mark.parametrize(("model", "code"), [("gpt-9", "unknown_model"), (None, "no_model_name")])
def test_a_resource_tells_its_code_in_a_header(service, model, code):
    # recorded 2025-03 of an unknown model
    asked = request("models", "chat/completions", chat(), model, headers=NAMED)
    assert refused(service, asked, 400) == {"x-ms-error-code": code}
    assert service.handle(asked).headers["content-type"] == "application/json; charset=utf-8"


# --- the model refuses ---

REASON = {"ms-azureml-model-error-reason": "model_error"}
LEFT = {"x-ratelimit-remaining-requests", "x-ratelimit-remaining-tokens"}


@pytest.mark.parametrize("way", ["openai", "v1"])
def test_a_model_of_azure_openai_has_the_headers_of_its_answers_and_a_reason(service, way):
    # recorded 2024-07
    told = refused(service, request(way, "chat/completions", chat(response_format="foo"), headers=NAMED), 400)
    assert told.keys() >= LEFT
    assert {name: value for name, value in told.items() if name not in LEFT} == {
        ID: "id",
        "x-request-id": "id",
        "x-ms-region": "East US",
        "x-ms-rai-invoked": "true",
        **REASON,
        "ms-azureml-model-error-statuscode": "400",
        **NAMED,
    }


@pytest.mark.parametrize(("model", "open_to"), [("gpt-4", "*"), ("gpt-35-turbo", "*"), ("gpt-4o", None)])
@pytest.mark.parametrize("stream", [False, True])
def test_completions_of_older_models_are_open_to_browsers(service, model, open_to, stream):
    # recorded 2024-02 to 2025-11
    response = service.handle(request("v1", "chat/completions", chat(model=model, stream=stream)))
    assert (response.status, response.headers.get("access-control-allow-origin")) == (200, open_to)


def test_embeddings_are_not_filtered_and_open_to_browsers(service):
    # recorded 2024-03 to 2025-01
    told = refused(service, request("openai", "embeddings", {"input": []}, TEXTS), 400)
    assert told["access-control-allow-origin"] == "*"
    assert "x-ms-rai-invoked" not in told


def test_a_model_behind_a_serverless_endpoint_says_that_it_was_the_model(service):
    # recorded 2025-01
    told = refused(service, request("serverless", "chat/completions", chat(foo=1), MISTRAL, headers=NAMED), 422)
    assert told == {
        **REASON,
        "ms-azureml-model-error-statuscode": "422",
        "x-request-id": "id",
        **NAMED,
    }
    told = refused(service, request("serverless", "embeddings", {"input": "Hi"}, MISTRAL), 404)
    assert told == {**REASON, "ms-azureml-model-error-statuscode": "404", "x-request-id": "id"}


@pytest.mark.parametrize("way", ["serverless", "openai", "v1"])
def test_no_code_stands_in_a_header_elsewhere(service, way):
    for asked in (
        request(way, "chat/completions", chat(top_p=9), GPT),
        request(way, "chat/completions", chat(top_p=9), MISTRAL),
        request(way, "chat/completions", chat(), "gpt-9"),
        without_key(request(way, "chat/completions", chat())),
        request(way, "chat/completions", b"no JSON"),
    ):
        response = service.handle(asked)
        assert response.status >= 400
        assert "x-ms-error-code" not in response.headers
