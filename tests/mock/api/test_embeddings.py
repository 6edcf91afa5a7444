"""Embeddings as the routes answer them: shapes, costs, limits of each model, refusals, scripted vectors."""

from __future__ import annotations

import base64
import json
import struct
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from helpers.mock.api.embeddings import PICTURE_TOKENS
from helpers.mock.http import Request
from helpers.mock.model.writing.byte_pairs import byte_pairs
from helpers.mock.model.writing.tokens import Tokenizer
from helpers.mock.scripted.replies import Embedding, Error

OPENAI, COHERE = "text-embedding-3-small", "Cohere-embed-v3-english"
ROUTES = ("/models", f"/serverless/{OPENAI}", f"/openai/deployments/{OPENAI}", "/openai/v1")


@pytest.fixture
def post(service):
    def send(path: str, body: Any, status: int = 200, **headers: str) -> Any:
        sent = {"content-type": "application/json", "api-key": "mock-key", **headers}
        query = {"api-version": "2024-05-01-preview"}
        response = service.handle(Request("POST", path, query, sent, json.dumps(body).encode()))
        assert response.status == status, response.body
        plain = response.headers["content-type"].startswith("text/plain")
        return response.body.decode() if plain else json.loads(response.body)

    return send


def data_url(colour: str = "navy", size: tuple[int, int] = (32, 32)) -> str:
    data = BytesIO()
    Image.new("RGB", size, colour).save(data, "PNG")
    return f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"


@pytest.mark.parametrize("route", ROUTES)
def test_every_input_gets_a_vector_and_the_tokens_are_counted(post, route):
    body = post(f"{route}/embeddings", {"model": OPENAI, "input": ["a red fox", "the sea at night"]})
    assert (body["object"], body["model"]) == ("list", OPENAI)
    assert [item["index"] for item in body["data"]] == [0, 1]
    assert all(item["object"] == "embedding" and len(item["embedding"]) == 1536 for item in body["data"])
    counted = sum(byte_pairs("cl100k_base").count(text) for text in ("a red fox", "the sea at night"))
    assert body["usage"] == {"prompt_tokens": counted, "total_tokens": counted}
    assert "id" not in body  # recorded 2025-02, text-embedding-3-small


def test_one_text_may_stand_alone(post):
    alone = post("/models/embeddings", {"model": OPENAI, "input": "a red fox"})
    listed = post("/models/embeddings", {"model": OPENAI, "input": ["a red fox"]})
    assert alone["data"] == listed["data"]


def test_fewer_dimensions_where_the_model_has_them(post):
    body = post("/models/embeddings", {"model": OPENAI, "input": "x", "dimensions": 8})
    assert len(body["data"][0]["embedding"]) == 8
    refusal = post("/models/embeddings", {"model": COHERE, "input": "x", "dimensions": 8}, 422)
    assert refusal["detail"] == {"loc": ["body", "dimensions"], "input": 8}
    post("/models/embeddings", {"model": COHERE, "input": "x", "dimensions": 1024})
    post("/models/embeddings", {"model": OPENAI, "input": "x", "dimensions": 1537}, 400)
    post("/openai/v1/embeddings", {"model": OPENAI, "input": "x", "dimensions": 1537}, 400)
    older = post("/models/embeddings", {"model": "text-embedding-ada-002", "input": "x", "dimensions": 8}, 400)
    assert older["error"]["message"] == "This model does not support specifying dimensions."


def test_base64_holds_the_same_numbers_as_float(post):
    asked = {"model": OPENAI, "input": "a red fox", "dimensions": 16}
    floats = post("/models/embeddings", asked)["data"][0]["embedding"]
    packed = post("/models/embeddings", {**asked, "encoding_format": "base64"})["data"][0]["embedding"]
    assert struct.unpack("<16f", base64.b64decode(packed)) == pytest.approx(floats, abs=1e-6)


@pytest.mark.parametrize(
    ("encoding", "length", "low", "high"),
    [("int8", 1024, -128, 127), ("uint8", 1024, 0, 255), ("binary", 128, -128, 127), ("ubinary", 128, 0, 255)],
)
def test_the_small_formats(post, encoding, length, low, high):
    body = {"model": COHERE, "input": ["a red fox"], "encoding_format": encoding}
    numbers = post("/models/embeddings", body)["data"][0]["embedding"]
    assert len(numbers) == length
    assert all(isinstance(number, int) and low <= number <= high for number in numbers)
    error = post("/models/embeddings", {**body, "model": OPENAI}, 400)["error"]
    words = f"Invalid value for 'encoding_format' = {encoding}. Supported values: ['float', 'base64']."
    assert error == {"message": words, "type": "invalid_request_error", "param": None, "code": None}


def test_the_kind_of_input_where_the_model_knows_it(post):
    body = {"input": ["a red fox"], "input_type": "query"}
    post("/models/embeddings", {**body, "model": COHERE})
    post("/models/embeddings", {**body, "model": OPENAI}, 400)
    error = post("/models/embeddings", {"input": ["x"], "input_type": "poem", "model": COHERE}, 422)["error"]
    assert (error["code"], error["status"], error["message"]) == ("Invalid input", 422, "invalid input error")
    expected = "'text', 'query' or 'document'"
    assert error["details"] == [
        {
            "type": "enum",
            "loc": ["body", "input_type"],
            "msg": f"Input should be {expected}",
            "input": "poem",
            "ctx": {"expected": expected},
        }
    ]


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"input": []}, 400, "'$.input' is invalid."),
        ({"input": [""]}, 400, "'$.input' is invalid."),
        ({"input": None}, 400, "'$.input' is invalid."),
        ({"input": [{}]}, 400, "'$.input' is invalid."),
        ({"input": ["x"] * 2049}, 400, "Expected an array with maximum length 2048"),
        ({"input": "word " * 9000}, 400, "however you requested"),
        ({"encoding_format": "hex"}, 400, "base64"),
        ({"dimensions": 0}, 400, "Expected a value >= 1, but got 0 instead."),
        ({"made_up": 1}, 400, "Unrecognized request argument supplied: made_up"),
        ({"model": COHERE, "input": []}, 422, "at least 1"),
        ({"model": COHERE, "input": [""]}, 422, "at least 1 character"),
        ({"model": COHERE, "input": None}, 422, "valid list"),
        ({"model": COHERE, "input": [3]}, 422, "valid string"),
        ({"model": COHERE, "input": ["x"] * 97}, 422, "96"),
        ({"model": COHERE, "encoding_format": "hex"}, 422, "hex"),
        ({"model": None}, 400, "No model specified"),
        ({"model": "gpt-4o"}, 400, "embeddings operation does not work"),
    ],
)
def test_what_is_refused(post, change, status, words):
    refusal = post("/models/embeddings", {"model": OPENAI, "input": "x", **change}, status)
    assert words in json.dumps(refusal)


def test_a_chat_model_has_no_such_route_of_its_own(post):
    # Recorded 2025-01 of mistral-large-2411: a text, not JSON
    assert post("/serverless/gpt-4o/embeddings", {"input": "x"}, 404) == "NOT FOUND"
    assert post(f"/serverless/{OPENAI}/images/embeddings", {"input": [{"image": data_url()}]}, 404) == "NOT FOUND"


def test_a_model_that_truncates_reads_the_beginning_and_says_what_it_read(post):
    long, longer = "fox " * 600, "fox " * 600 + "sea " * 600
    first, second = (post("/models/embeddings", {"model": COHERE, "input": [text]}) for text in (long, longer))
    assert first["usage"]["prompt_tokens"] == 512
    assert first["data"] == second["data"]


def test_token_ids_are_inputs_of_openais_models_only(post):
    one = post("/openai/v1/embeddings", {"model": OPENAI, "input": [5, 6, 7]})
    two = post("/openai/v1/embeddings", {"model": OPENAI, "input": [[5, 6, 7], [8]]})
    assert one["data"][0] == two["data"][0]
    assert len(two["data"]) == 2
    post("/models/embeddings", {"model": OPENAI, "input": [5, 6, 7]})
    post("/models/embeddings", {"model": COHERE, "input": [5, 6, 7]}, 422)


def test_extra_parameters_pass_as_in_a_chat(post):
    body = {"model": COHERE, "input": "x", "user": "anna"}
    post("/models/embeddings", body, 422)
    post("/models/embeddings", body, 422, **{"extra-parameters": "error"})
    post("/models/embeddings", body, 422, **{"extra-parameters": "pass-through"})
    post("/models/embeddings", body, **{"extra-parameters": "drop"})
    for path in ("/models/embeddings", "/openai/v1/embeddings"):
        post(path, {**body, "model": OPENAI})


def test_a_picture_gets_a_vector_and_costs_what_the_mock_says(post):
    body = post("/models/images/embeddings", {"model": COHERE, "input": [{"image": data_url()}]})
    assert len(body["data"][0]["embedding"]) == 1024
    assert body["usage"]["prompt_tokens"] == PICTURE_TOKENS
    both = post("/models/images/embeddings", {"model": COHERE, "input": [{"image": data_url(), "text": "a red fox"}]})
    assert both["usage"]["prompt_tokens"] == PICTURE_TOKENS + len(Tokenizer().encode("a red fox"))
    assert both["data"] != body["data"]


def test_a_picture_may_be_one_of_the_mocks_own_media(post):
    post("/models/images/embeddings", {"model": COHERE, "input": [{"image": "/_mock/media/chart.png"}]})


@pytest.mark.parametrize(
    ("image", "status"),
    [("https://example.com/x.png", 400), ("data:image/png;base64,AAAA", 400), ("nothing", 400), (3, 422)],
)
def test_a_picture_that_is_none_is_refused(post, image, status):
    post("/models/images/embeddings", {"model": COHERE, "input": [{"image": image}]}, status)


def test_the_same_request_again_has_the_same_content_under_another_id(post):
    first, second = (post("/models/embeddings", {"model": COHERE, "input": "x"}) for _ in range(2))
    assert first["data"] == second["data"]
    assert first["id"] != second["id"]


def test_vectors_and_errors_can_be_scripted(service, post):
    service.scripts.reply(Embedding([1, 0]), when="fox")
    service.scripts.reply(Error(429), when="sea")
    vectors = post("/models/embeddings", {"model": OPENAI, "input": "a red fox"})
    assert vectors["data"][0]["embedding"] == [1.0, 0.0]
    post("/models/embeddings", {"model": OPENAI, "input": "the sea"}, 429)


def test_limits_count_embeddings(post, service):
    service.limits = type(service.limits)(service.clock, tokens_per_minute=10)
    post("/models/embeddings", {"model": OPENAI, "input": "one two"})
    post("/models/embeddings", {"model": OPENAI, "input": "one two three four five six seven eight nine"}, 429)
