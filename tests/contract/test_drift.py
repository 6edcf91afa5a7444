"""The contract against the API's own document and against the SDK: what deviates has a row that says why.

The official document is not part of the project. Name a copy of it in MODEL_INFERENCE_OPENAPI to compare with it:
Azure/azure-rest-api-specs, specification/ai/data-plane/ModelInference/preview/2024-05-01-preview/openapi.json.
"""

from __future__ import annotations

import json
import os
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient, ImageEmbeddingsClient, models

from tests.contract import differences, drift
from tests.contract.contract import document

VARIABLE = "MODEL_INFERENCE_OPENAPI"
SCHEMAS = document()["components"]["schemas"]
CALLS = {
    "ChatCompletionsOptions": ChatCompletionsClient.complete,
    "EmbeddingsOptions": EmbeddingsClient.embed,
    "ImageEmbeddingsOptions": ImageEmbeddingsClient.embed,
}


def accounted_for(deviations: list[str], source: str) -> None:
    """Every deviation has its row, and every pattern of a row its deviation."""
    patterns = [
        pattern for row in differences.rows() for pattern in row.get("covers", ()) if pattern.startswith(f"{source}: ")
    ]
    names = [drift.name_of(deviation) for deviation in deviations]
    unexplained = [
        deviation
        for deviation, name in zip(deviations, names, strict=True)
        if not any(fnmatchcase(name, pattern) for pattern in patterns)
    ]
    assert unexplained == []
    assert [pattern for pattern in patterns if not any(fnmatchcase(name, pattern) for name in names)] == []


@pytest.fixture
def official() -> dict:
    path = os.environ.get(VARIABLE)
    if not path:
        pytest.skip(f"{VARIABLE} names no copy of the API's OpenAPI document, which is not part of this project")
    return json.loads(Path(path).read_text("utf-8"))


def test_what_deviates_from_the_document_is_in_the_table(official):
    accounted_for(drift.from_document(SCHEMAS, official["definitions"]), "document")


def test_every_operation_of_the_document_is_on_the_routes_that_have_it(official):
    ours = {path.split("}", 1)[-1].removeprefix("/models") for path in document()["paths"]}
    assert set(official["paths"]) <= ours


def test_what_deviates_from_the_sdk_is_in_the_table():
    accounted_for(drift.from_sdk(SCHEMAS, models, CALLS), "sdk")


def test_the_comparison_sees_a_deviation():
    theirs = {"A": {"properties": {"x": {"type": "integer"}, "gone": {}}, "required": ["x"]}, "B": {"enum": ["p", "q"]}}
    ours = {"A": {"properties": {"x": {"type": ["string", "null"]}, "new": {}}}, "B": {"enum": ["p", "r"]}}
    assert sorted(map(drift.name_of, drift.from_document(ours, theirs))) == [
        "document: absent A.gone",
        "document: absent value B=q",
        "document: added A.new",
        "document: added value B=r",
        "document: null A.x",
        "document: required A.x",
        "document: type A.x",
    ]


def test_each_difference_says_who_does_what_and_why():
    for row in differences.rows():
        assert {"place", "document", "sdk", "recorded", "mock", "source"} <= row.keys()
        assert row["mock"] not in ("", "-")
        assert row["source"] not in ("", "-")
